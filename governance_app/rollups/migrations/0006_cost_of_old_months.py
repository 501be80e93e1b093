from django.db import migrations

#: Pages as of an earlier day go on saying what they said then: cost was what bills charged.
AS_IT_WAS = "\n".join(
    f"""
    UPDATE {table} SET cost = billed,
        reasons = reasons || CASE WHEN reasons ? 'billed'
            THEN jsonb_build_object('cost', reasons->'billed') ELSE '{{}}' END;
    """
    for table in ("rollups_initiativemonth", "rollups_portfoliomonth")
)
LEFT_OUT = """
    UPDATE rollups_portfoliomonth
    SET left_out = left_out || jsonb_build_object('cost', left_out->'billed')
    WHERE left_out ? 'billed'
"""
#: What counts now is made anew by the next pass, with every part of the cost.
MAKE_ANEW = """
    INSERT INTO audit_change (tbl, row)
    SELECT 'books_datedsetting', gen_random_uuid()
    WHERE EXISTS (SELECT 1 FROM rollups_initiativemonth)
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("rollups", "0005_actual_cost")]

    operations = [
        migrations.RunSQL(AS_IT_WAS, migrations.RunSQL.noop),
        migrations.RunSQL(LEFT_OUT, migrations.RunSQL.noop),
        migrations.RunSQL(MAKE_ANEW, migrations.RunSQL.noop),
    ]
