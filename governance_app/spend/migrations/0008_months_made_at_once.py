from django.db import migrations

# Whether a month stands is read from the catalog itself: to_regclass answers from a cache that
# remembers, across the wait for the lock, that there was none.
MAKE_MONTH = """
CREATE OR REPLACE FUNCTION spend_make_month(month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text := 'spend_spendkeymonth_' || to_char(month, 'YYYY_MM');
BEGIN
    IF month <> date_trunc('month', month) OR extract(year FROM month) NOT BETWEEN 2000 AND 2199 THEN
        RAISE EXCEPTION 'no billing month: %', month;
    END IF;
    IF to_regclass('public.' || part) IS NOT NULL THEN
        RETURN;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('spend_make_month', 0));
    IF EXISTS (
        SELECT FROM pg_class WHERE relname = part AND relnamespace = 'public'::regnamespace
    ) THEN
        RETURN;
    END IF;
    EXECUTE format(
        'CREATE TABLE public.%I (LIKE public.spend_spendkeymonth INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
        part
    );
    EXECUTE format(
        'ALTER TABLE public.spend_spendkeymonth ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
        part, month, (month + interval '1 month')::date
    );
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [("spend", "0007_second_looks")]

    operations = [migrations.RunSQL(MAKE_MONTH, migrations.RunSQL.noop)]
