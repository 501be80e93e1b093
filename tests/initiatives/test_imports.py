"""An inventory from upload to register: complete, repeatable, all or nothing."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from governance_app.domain.errors import Sentence
from governance_app.files.models import StoredFile
from governance_app.initiatives import selectors, services
from governance_app.initiatives.importing import mapping as mappings
from governance_app.initiatives.models import (
    ImportedRow,
    ImportMapping,
    Initiative,
    InventoryImport,
    StageDate,
    StageMove,
)
from governance_app.initiatives.selectors import imports as reading
from governance_app.initiatives.services import imports
from governance_app.jobs.tasks import run_inline
from governance_app.people.access import Refused
from governance_app.people.models import ScopeNode
from tests.factories.inventory import corporate, messy

pytestmark = pytest.mark.django_db


def take_in(content, under, by, name="inventory.csv", **how):
    inventory = imports.upload(content=content, name=name, under=under, by=by)
    imports.propose(inventory=inventory, by=by, **how)
    return inventory, imports.apply(inventory=inventory, by=by)


def test_every_row_arrives_with_its_stage_and_unit(organisation, admin):
    made = messy()
    inventory, report = take_in(made.csv(), organisation, admin)
    assert (report.rows, report.new, report.refused, report.set_aside) == (60, 60, 0, 3)
    stages = Counter(
        slug or "" for slug in Initiative.objects.values_list("stage__slug", flat=True)
    )
    assert stages == made.stages
    units = ScopeNode.objects.filter(kind="unit").select_related("parent")
    paths = {(u.name,) if u.parent == organisation else (u.parent.name, u.name) for u in units}
    assert paths == made.units
    assert inventory.state == "applied"


def test_nothing_is_lost(organisation, admin):
    made = messy()
    _inventory, report = take_in(made.csv(), organisation, admin)
    kept = {row.row_number: row.raw for row in ImportedRow.objects.all()}
    assert kept == dict(enumerate(made.rows, start=2))
    assert report.unmapped_columns == [
        "Date Retired", "If other, please explain.", "If other, please explain. (2)", "Contact",
    ]  # fmt: skip
    third = Initiative.objects.get(imported_row__row_number=4)
    assert third.extra["If other, please explain."] == "=1+1"
    assert reading.cells_of(viewer=admin, initiative=third)[0][0] == "Use Case Title"


def test_a_second_import_changes_nothing(organisation, admin, ledger_count):
    made = messy()
    take_in(made.csv(), organisation, admin)
    versions = dict(Initiative.objects.values_list("key", "version"))
    _inventory, report = take_in(made.csv(encoding="utf-8"), organisation, admin)
    assert (report.new, report.changed, report.unchanged) == (0, 0, 60)
    assert dict(Initiative.objects.values_list("key", "version")) == versions


def test_a_changed_row_changes_its_fields_and_leaves_edits_made_here(organisation, admin):
    made = messy()
    take_in(made.csv(), organisation, admin)
    row = Initiative.objects.get(imported_row__row_number=3)
    services.edit(initiative=row, by=admin, vendor="Northwind", purpose="Said better here.")
    made.rows[1][6] = "Retired"
    made.rows[1][3] = "Radar room"
    _inventory, report = take_in(made.csv(), organisation, admin)
    # The bureau is part of the key, so that row is another one now; its old self is missing.
    assert (report.new, report.changed, report.unchanged, report.missing) == (1, 0, 59, 1)
    made.rows[2][6] = "In production"
    _inventory, report = take_in(made.csv(), organisation, admin)
    assert (report.new, report.changed, report.unchanged) == (0, 1, 59)
    row = Initiative.objects.get(imported_row__row_number=4)
    assert row.stage.slug == "production"
    assert StageMove.objects.filter(initiative=row, to_stage__slug="production").exists()
    kept = Initiative.objects.get(key="AI-2")
    assert (kept.vendor, kept.purpose) == ("Northwind", "Said better here.")


def test_a_unit_that_changed_moves_the_initiative(organisation, admin):
    made = corporate(rows=5)
    take_in(made.csv(encoding="utf-8"), organisation, admin)
    made.rows[0][2], made.rows[0][3] = "Head office", ""
    _inventory, report = take_in(made.csv(encoding="utf-8"), organisation, admin)
    assert report.changed == 1
    row = Initiative.objects.select_related("node", "unit").get(reference="P-0001")
    assert row.unit.name == "Head office"
    assert row.node.path.startswith(row.unit.path)


def test_owners_are_people_here_and_strangers_are_set_aside(organisation, admin, person):
    ada = person("program_manager", name="ada")
    made = corporate()
    _inventory, report = take_in(made.csv(encoding="utf-8"), organisation, admin)
    strangers = sum(row[8] == "Nobody Known" for row in made.rows)
    assert report.set_aside == strangers
    assert "Nobody here has this name" in report.refusals[0]["reason"]
    assert Initiative.objects.filter(business_owner=ada).count() == 40 - strangers


def test_a_date_ahead_is_a_plan(organisation, admin):
    content = b"Name,Agency,Go-live date\nSort,Post,2999-01-01\n"
    with pytest.raises(Sentence):
        take_in(b"", organisation, admin)
    content = content.replace(b"2999", b"2099")
    take_in(content, organisation, admin)
    date = StageDate.objects.get()
    assert (date.actual_on, date.planned_on.year) == (None, 2099)
    assert not StageMove.objects.exists()


def test_a_dry_run_reports_and_changes_nothing(organisation, admin):
    inventory = imports.upload(
        content=messy().csv(), name="inventory.csv", under=organisation, by=admin
    )
    imports.propose(inventory=inventory, by=admin)
    report = imports.dry_run(inventory=inventory, by=admin)
    assert (report.rows, report.new) == (60, 60)
    assert Initiative.objects.count() == 0
    assert not ScopeNode.objects.filter(kind="unit").exists()
    assert inventory.report["new"] == 60


def test_a_saved_mapping_is_found_again_by_the_shape_of_the_file(organisation, admin):
    made = messy()
    inventory = imports.upload(content=made.csv(), name="a.csv", under=organisation, by=admin)
    found = imports.propose(inventory=inventory, by=admin).mapping
    corrected = mappings.InventoryMapping(
        name="Ministries",
        rules=tuple(rule for rule in found.rules if rule.field != "tags"),
        keys=found.keys,
        columns=found.columns,
    )
    imports.save_mapping(name="Ministries", mapping=corrected, by=admin, inventory=inventory)
    imports.apply(inventory=inventory, by=admin)
    again = imports.upload(content=made.csv(), name="b.csv", under=organisation, by=admin)
    proposal = imports.propose(inventory=again, by=admin)
    assert proposal.mapping.name == "Ministries"
    assert not proposal.mapping.rules_for("tags")
    assert ImportMapping.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_applying_twice_or_by_a_job_is_the_same(organisation, admin):
    inventory = imports.upload(
        content=messy().csv(), name="inventory.csv", under=organisation, by=admin
    )
    imports.propose(inventory=inventory, by=admin)
    job = imports.request_apply(inventory=inventory, by=admin)
    assert imports.request_apply(inventory=inventory, by=admin) == job
    done = run_inline(job)
    assert (done.state, done.result["new"]) == ("done", 60)
    inventory.refresh_from_db()
    assert imports.apply(inventory=inventory, by=admin).new == 60
    assert Initiative.objects.count() == 60


def test_a_refused_file_is_kept_with_its_reason(organisation, admin):
    inventory = imports.upload(content=b"%PDF-1.7", name="a.pdf", under=organisation, by=admin)
    with pytest.raises(Sentence, match="PDF document"):
        imports.propose(inventory=inventory, by=admin)
    imports.abandon(inventory=inventory, by=admin, sentence="This is a PDF document.")
    assert InventoryImport.objects.get().report["abandoned"] == "This is a PDF document."
    assert StoredFile.objects.count() == 1
    with pytest.raises(Sentence, match="upload the file again"):
        imports.apply(inventory=inventory, by=admin)


def test_refusals_download_as_harmless_csv(organisation, admin):
    content = b"Name,Agency,Date Initiated\nSort,Post,=CMD()\n,Law,2024-01-01\n" + b"".join(
        b"Rank %d,Post,2024-01-01\n" % number for number in range(8)
    )
    inventory, report = take_in(content, organisation, admin)
    assert (report.refused, report.set_aside) == (1, 1)
    rows = list(csv.reader(io.StringIO(reading.refusals_csv(viewer=admin, inventory=inventory))))
    assert rows[1][:3] == ["2", "Date Initiated", "'=CMD()"]
    assert (rows[2][0], rows[2][1], rows[2][4]) == ("3", "Name", "yes")


def test_who_may_import_and_where(unit, other_unit, organisation, person):
    manager = person("program_manager", unit)
    take_in(messy(rows=5).csv(), unit, manager)
    assert Initiative.objects.filter(node__path__startswith=unit.path).count() == 5
    with pytest.raises(Refused):
        imports.upload(content=b"x", name="a.csv", under=other_unit, by=manager)
    with pytest.raises(Refused):
        imports.upload(content=b"x", name="a.csv", under=unit, by=person("executive"))


def test_the_command_prints_the_figures_and_repeats_without_change(organisation, tmp_path, capsys):
    file = tmp_path / "inventory.csv"
    file.write_bytes(messy().csv())
    mapping = tmp_path / "mapping.json"

    def run(*arguments):
        with pytest.raises(SystemExit) as left:
            call_command("import_inventory", str(file), "--json", *arguments)
        return left.value.code, json.loads(capsys.readouterr().out)

    code, said = run("--dry-run", "--save-mapping", str(mapping))
    assert (code, said["new"], Initiative.objects.count()) == (0, 60, 0)
    code, said = run("--mapping", str(mapping))
    assert code == 0
    assert list(said) == ["rows", "new", "changed", "unchanged", "refused", "unmapped_columns"]
    assert (said["rows"], said["new"], said["refused"]) == (60, 60, 0)
    assert run()[1]["unchanged"] == 60
    assert run("--mapping", "inventory")[1]["unchanged"] == 60
    code, said = run("--mapping", "nowhere")
    assert code == 1 and "no saved mapping named nowhere" in said["error"]
    file.write_bytes(b'Name,Agency\nSort,"Post')
    code, said = run()
    assert (code, said["rows"]) == (1, 0)
    assert said["error"].startswith("inventory.csv, row 2: The file ends inside a quoted cell")
    assert Initiative.objects.count() == 60


def test_the_import_is_in_the_trail_and_in_the_history(organisation, admin):
    take_in(messy(rows=10).csv(), organisation, admin)
    row = Initiative.objects.get(key="AI-1")
    history = selectors.history(viewer=admin, initiative=row)
    assert history[0].detail == "Imported from inventory.csv, row 2."


@pytest.mark.django_db(transaction=True)
def test_killing_the_process_in_mid_import_leaves_nothing(organisation, admin, tmp_path):
    file = tmp_path / "inventory.csv"
    file.write_bytes(messy(rows=300, seed=3).csv())
    with transaction.atomic(), connection.cursor() as cursor:
        # The import writes initiatives and then waits here for its own rows.
        cursor.execute("LOCK TABLE initiatives_importedrow IN SHARE MODE")
        process = subprocess.Popen(
            [sys.executable, "manage.py", "import_inventory", str(file)],
            env=dict(os.environ),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 200
        waiting = 0
        while not waiting:
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
            cursor.execute(
                "SELECT count(*) FROM pg_locks"
                " WHERE relation = 'initiatives_importedrow'::regclass AND NOT granted"
            )
            waiting = cursor.fetchone()[0]
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert Initiative.objects.count() == 0
    assert not ScopeNode.objects.filter(kind="unit").exists()
    assert InventoryImport.objects.get().state == "open"
    take_in(file.read_bytes(), organisation, admin)
    assert Initiative.objects.count() == 300
