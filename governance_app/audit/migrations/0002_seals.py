"""Seals: every event waits in a queue until it is in a seal; nobody can write either by hand."""

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SEALS = """
CREATE TABLE IF NOT EXISTS ledger.pending (event_id bigint PRIMARY KEY);

CREATE TABLE ledger.seal (
    n bigint PRIMARY KEY CHECK (n > 0),
    at timestamptz NOT NULL,
    events bigint NOT NULL CHECK (events > 0),
    root bytea NOT NULL,
    previous bytea NOT NULL,
    key text NOT NULL,
    hash bytea NOT NULL,
    signature bytea NOT NULL
);

CREATE TABLE ledger.member (
    event_id bigint PRIMARY KEY,
    seal bigint NOT NULL,
    leaf bytea NOT NULL
);
CREATE INDEX member_seal ON ledger.member (seal, event_id);

INSERT INTO ledger.pending SELECT id FROM ledger.event ON CONFLICT DO NOTHING;

CREATE OR REPLACE FUNCTION ledger.capture() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ledger AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - coalesce(TG_ARGV, '{}') END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - coalesce(TG_ARGV, '{}') END;
    subject jsonb := coalesce(new_row, old_row);
BEGIN
    WITH written AS (
        INSERT INTO ledger.event (actor, request, job, via, tbl, op, row, before, after)
        VALUES (
            nullif(current_setting('app.actor', true), '')::uuid,
            coalesce(current_setting('app.request', true), ''),
            coalesce(current_setting('app.job', true), ''),
            coalesce(nullif(current_setting('app.via', true), ''), 'unknown'),
            TG_TABLE_NAME, TG_OP, subject ->> 'id',
            CASE TG_OP WHEN 'UPDATE' THEN ledger.differing(old_row, new_row) ELSE old_row END,
            CASE TG_OP WHEN 'UPDATE' THEN ledger.differing(new_row, old_row) ELSE new_row END
        ) RETURNING id
    )
    INSERT INTO ledger.pending SELECT id FROM written;
    INSERT INTO public.audit_change (tbl, row, initiative)
    VALUES (
        TG_TABLE_NAME, (subject ->> 'id')::uuid,
        CASE TG_TABLE_NAME WHEN 'initiatives_initiative' THEN subject ->> 'id'
             ELSE subject ->> 'initiative_id' END::uuid
    );
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION ledger.note(
    who uuid, action text, about text, about_row text, words text, detail jsonb
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ledger AS $$
    WITH written AS (
        INSERT INTO ledger.event (actor, request, job, via, tbl, op, row, after, sentence)
        VALUES (
            who,
            coalesce(current_setting('app.request', true), ''),
            coalesce(current_setting('app.job', true), ''),
            coalesce(nullif(current_setting('app.via', true), ''), 'unknown'),
            about, action, about_row, detail, words
        ) RETURNING id
    )
    INSERT INTO ledger.pending SELECT id FROM written
$$;

-- The one way to a seal: it must follow the last one and take exactly what waited.
CREATE FUNCTION ledger.add_seal(
    number bigint, made_at timestamptz, tree_root bytea, before bytea, key_name text,
    digest bytea, signed bytea, ids bigint[], leaves bytea[]
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ledger AS $$
DECLARE
    last ledger.seal;
    taken bigint;
BEGIN
    LOCK TABLE ledger.seal IN SHARE ROW EXCLUSIVE MODE;
    SELECT * INTO last FROM ledger.seal ORDER BY n DESC LIMIT 1;
    IF number <> coalesce(last.n, 0) + 1 OR (last.n IS NOT NULL AND last.hash <> before) THEN
        RAISE EXCEPTION 'seal % does not follow seal %', number, coalesce(last.n, 0);
    END IF;
    IF cardinality(ids) <> cardinality(leaves) THEN
        RAISE EXCEPTION 'seal % names % events and % leaves', number, cardinality(ids),
            cardinality(leaves);
    END IF;
    DELETE FROM ledger.pending WHERE event_id = ANY (ids);
    GET DIAGNOSTICS taken = ROW_COUNT;
    IF taken <> cardinality(ids) THEN
        RAISE EXCEPTION 'seal % takes % events of which % wait', number, cardinality(ids), taken;
    END IF;
    INSERT INTO ledger.member (event_id, seal, leaf)
        SELECT id, number, leaf FROM unnest(ids, leaves) AS each (id, leaf);
    INSERT INTO ledger.seal (n, at, events, root, previous, key, hash, signature)
        VALUES (number, made_at, taken, tree_root, before, key_name, digest, signed);
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
"""

UNSEALED = """
DROP FUNCTION ledger.add_seal;
DROP TABLE ledger.member, ledger.seal;
"""

GRANTS = """
GRANT SELECT ON ledger.pending, ledger.member, ledger.seal TO {role};
GRANT EXECUTE ON FUNCTION ledger.add_seal TO {role};
"""


def grant_to_application(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the application's role read seals and add one."""
    connection = schema_editor.connection
    role = settings.DATABASE_APP_ROLE
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        if not role or role == cursor.fetchone()[0]:
            return
        cursor.execute(GRANTS.format(role=connection.ops.quote_name(role)))


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        # Backwards the queue stays: the functions go on filling it.
        migrations.RunSQL(SEALS, UNSEALED),
        migrations.RunPython(grant_to_application, migrations.RunPython.noop),
    ]
