"""An installation that was loaded before pages read sums: migrated, it holds what services make."""

import os
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from portfolio.up.servers import Servers
from tests.rollups.conftest import OCT, SEP, World, world

__all__ = ["world"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
OLDER = "older_installation"
#: Tables of the framework, the trail, and those that did not exist then.
LEFT = ("django_", "auth_", "audit_", "spend_spendallotment", "spend_spendfacet", "spend_spendday")
SUMS = (
    "SELECT a.load_id, a.facet_id, a.billing_month, a.charge_month, a.currency, a.initiative_id,"
    " a.rule_version_id, a.billed, a.effective, a.contracted, a.list, a.consumed, a.gross_billed,"
    " a.gross_effective, a.contracted_gaps, a.list_gaps, a.lines, a.first_lines, a.parts"
    " FROM spend_spendallotment a ORDER BY 1, 2, 3, 4, 5, 6 NULLS FIRST, 7 NULLS FIRST"
)
FACETS = "SELECT * FROM spend_spendfacet ORDER BY id"
MONTHS = (
    "SELECT initiative_id, month, cost, effective, billed, manual, people FROM"
    " rollups_initiativemonth WHERE known_to IS NULL ORDER BY 1, 2"
)
BY_NOBODY = (
    "SELECT node_id, month, cost, effective FROM rollups_portfoliomonth"
    " WHERE known_to IS NULL AND part = 'unallocated' ORDER BY 1, 2"
)


@pytest.fixture
def older(servers: Servers) -> Iterator[str]:
    """A database of its own, migrated no further than an older release went."""
    servers.create_database(OLDER)
    try:
        manage(servers, "migrate", "-v0", "spend", "0003")
        manage(servers, "migrate", "-v0", "rollups", "0003")
        yield OLDER
    finally:
        servers.drop_database(OLDER)


def manage(servers: Servers, *arguments: str) -> None:
    """Run a command on the older installation, as its launcher does."""
    is_owner = arguments[0] == "migrate"
    url = servers.owner_url_for(OLDER) if is_owner else servers.app_url_for(OLDER)
    ran = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "DATABASE_APP_ROLE": "portfolio_app"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def super_url(servers: Servers, database: str) -> str:
    return servers.superuser_url.rpartition("/")[0] + f"/{database}"


def carry_over(servers: Servers) -> dict[str, int]:
    """Bring the rows of this test's database into the tables the older one has; gives counts."""
    columns = (
        "SELECT c.table_name, array_agg(c.column_name::text) FROM information_schema.columns c"
        " JOIN pg_class t ON t.relname = c.table_name AND NOT t.relispartition"
        " WHERE c.table_schema = 'public' AND c.is_generated = 'NEVER' AND t.relkind IN ('r', 'p')"
        " GROUP BY 1"
    )
    counts: dict[str, int] = {}
    here = super_url(servers, str(connection.settings_dict["NAME"]))
    with psycopg.connect(here) as source, psycopg.connect(super_url(servers, OLDER)) as target:
        target.execute("SET session_replication_role = replica")
        now = dict(source.execute(columns).fetchall())
        then = dict(target.execute(columns).fetchall())
        months = source.execute("SELECT DISTINCT billing_month FROM spend_spendkeymonth").fetchall()
        for (month,) in months:
            target.execute("SELECT spend_make_month(%s)", [month])
        for table, held in then.items():
            if table not in now or table.startswith(LEFT):
                continue
            shared = ", ".join(f'"{one}"' for one in held if one in now[table])
            target.execute(f'DELETE FROM "{table}"')  # type: ignore[arg-type]
            with (
                source.cursor().copy(f'COPY (SELECT {shared} FROM "{table}") TO STDOUT') as out,  # type: ignore[arg-type]
                target.cursor().copy(f'COPY "{table}" ({shared}) FROM STDIN') as into,  # type: ignore[arg-type]
            ):
                for piece in out:
                    into.write(piece)
            found = target.execute(f'SELECT count(*) FROM "{table}"').fetchone()  # type: ignore[arg-type]
            counts[table] = int(found[0]) if found else 0
    return counts


def rows(servers: Servers, database: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(super_url(servers, database)) as asked:
        return asked.execute(query).fetchall()  # type: ignore[arg-type]


def test_a_loaded_ledger_migrates_to_the_sums_that_services_make(
    world: World, servers: Servers, older: str
) -> None:
    claims, fraud = world.initiative(), world.initiative("Fraud signals")
    world.bill([(claims.key, SEP, "80.000000000000000001"), (fraud.key, SEP, "-3"), ("", SEP, "9")])
    world.bill([(claims.key, OCT, "100"), (fraud.key, OCT, "7.5"), ("", OCT, "0")])
    world.bill([(claims.key, OCT, "1.25")], currency="EUR", account="acc-2")
    world.bill([(claims.key, SEP, "81"), ("", SEP, "9")])  # restated: the first counts no more
    world.rate("EUR", OCT, "1.1")
    world.absorb()
    here = str(connection.settings_dict["NAME"])
    sums, facets = rows(servers, here, SUMS), rows(servers, here, FACETS)
    assert len(sums) > 4 and facets

    counts = carry_over(servers)
    assert counts["spend_spendkeymonth"] > 4 and counts["rollups_initiativemonth"] >= 3
    with psycopg.connect(super_url(servers, OLDER)) as asked:
        asked.execute("DELETE FROM audit_change")
        assert asked.execute("SELECT to_regclass('spend_spendallotment')").fetchone() == (None,)
    manage(servers, "migrate", "-v0")

    assert rows(servers, OLDER, FACETS) == facets
    assert rows(servers, OLDER, SUMS) == sums
    # Pages go on saying what they said until the figures are made anew, which was asked for.
    for _, _, cost, _, billed, _, _ in rows(servers, OLDER, MONTHS):
        assert cost == billed
    assert rows(servers, OLDER, "SELECT tbl FROM audit_change") != []
    manage(servers, "rollup")
    assert rows(servers, OLDER, MONTHS) == rows(servers, here, MONTHS)
    assert rows(servers, OLDER, BY_NOBODY) == rows(servers, here, BY_NOBODY)
    # And the next allocation finds nothing to mend.
    manage(servers, "allocate")
    assert rows(servers, OLDER, SUMS) == sums
    balance = rows(
        servers, OLDER,
        "SELECT sum(source_total - allocated - unallocated) FROM spend_allocationbalance",
    )  # fmt: skip
    assert balance == [(Decimal(0),)]
