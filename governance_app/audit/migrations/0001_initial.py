"""The ledger: a schema the application may read and may not write."""

from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

LEDGER = """
CREATE SCHEMA ledger;

CREATE TABLE ledger.event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    db_user text NOT NULL DEFAULT session_user,
    actor uuid,
    request text NOT NULL DEFAULT '',
    job text NOT NULL DEFAULT '',
    via text NOT NULL,
    tbl text NOT NULL,
    op text NOT NULL,
    row text NOT NULL DEFAULT '',
    before jsonb,
    after jsonb,
    sentence text NOT NULL DEFAULT ''
);
CREATE INDEX event_row ON ledger.event (row, id);
CREATE INDEX event_actor ON ledger.event (actor, id);

-- Differences only: a field that did not change says nothing.
CREATE FUNCTION ledger.differing(old jsonb, new jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(jsonb_object_agg(key, value), '{}')
    FROM jsonb_each(old) WHERE new -> key IS DISTINCT FROM value
$$;

CREATE FUNCTION ledger.capture() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ledger AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - coalesce(TG_ARGV, '{}') END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - coalesce(TG_ARGV, '{}') END;
    subject jsonb := coalesce(new_row, old_row);
BEGIN
    INSERT INTO ledger.event (actor, request, job, via, tbl, op, row, before, after)
    VALUES (
        nullif(current_setting('app.actor', true), '')::uuid,
        coalesce(current_setting('app.request', true), ''),
        coalesce(current_setting('app.job', true), ''),
        coalesce(nullif(current_setting('app.via', true), ''), 'unknown'),
        TG_TABLE_NAME, TG_OP, subject ->> 'id',
        CASE TG_OP WHEN 'UPDATE' THEN ledger.differing(old_row, new_row) ELSE old_row END,
        CASE TG_OP WHEN 'UPDATE' THEN ledger.differing(new_row, old_row) ELSE new_row END
    );
    INSERT INTO public.audit_change (tbl, row, initiative)
    VALUES (
        TG_TABLE_NAME, (subject ->> 'id')::uuid,
        CASE TG_TABLE_NAME WHEN 'initiatives_initiative' THEN subject ->> 'id'
             ELSE subject ->> 'initiative_id' END::uuid
    );
    RETURN NULL;
END $$;

CREATE FUNCTION ledger.refuse_truncate() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'TRUNCATE of the captured table % is refused', TG_TABLE_NAME;
END $$;

-- What a trigger cannot see: sign-ins, refusals, exports, reads of secrets.
CREATE FUNCTION ledger.note(
    who uuid, action text, about text, about_row text, words text, detail jsonb
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ledger AS $$
    INSERT INTO ledger.event (actor, request, job, via, tbl, op, row, after, sentence)
    VALUES (
        who,
        coalesce(current_setting('app.request', true), ''),
        coalesce(current_setting('app.job', true), ''),
        coalesce(nullif(current_setting('app.via', true), ''), 'unknown'),
        about, action, about_row, detail, words
    )
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
"""

GRANTS = """
GRANT USAGE ON SCHEMA public, ledger TO {role};
GRANT SELECT ON ledger.event TO {role};
GRANT EXECUTE ON FUNCTION ledger.note TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role};
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role};
"""


def grant_to_application(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the application's role work with the tables it does not own."""
    connection = schema_editor.connection
    role = settings.DATABASE_APP_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if not role or role == cursor.fetchone()[0]:
            return  # one role for both: `manage.py doctor` says that the trail is weaker
        cursor.execute(GRANTS.format(role=connection.ops.quote_name(role)))


class Migration(migrations.Migration):
    initial = True
    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("db_user", models.TextField()),
                ("actor", models.UUIDField(null=True)),
                ("request", models.TextField()),
                ("job", models.TextField()),
                ("via", models.TextField()),
                ("table", models.TextField(db_column="tbl")),
                ("op", models.TextField()),
                ("row", models.TextField()),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("sentence", models.TextField()),
            ],
            options={"db_table": 'ledger"."event', "managed": False},
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("table", models.TextField(db_column="tbl")),
                ("row", models.UUIDField(null=True)),
                ("initiative", models.UUIDField(null=True)),
            ],
            options={"db_table": "audit_change"},
        ),
        migrations.RunSQL(LEDGER, "DROP SCHEMA ledger CASCADE"),
        migrations.RunPython(grant_to_application, migrations.RunPython.noop),
    ]
