from django.db import migrations

#: Figures that stand were made of all types together: the next pass makes all of them anew.
MAKE_ANEW = """
    INSERT INTO audit_change (tbl, row)
    SELECT 'books_datedsetting', gen_random_uuid()
    WHERE EXISTS (SELECT 1 FROM rollups_initiativemonth)
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("rollups", "0002_benefit_types")]

    operations = [migrations.RunSQL(MAKE_ANEW, migrations.RunSQL.noop)]
