"""The 2,133 AI use cases of US federal agencies, as published: everything is accounted for."""

import csv
import datetime as dt
import re
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import transaction

from governance_app.audit.models import Event
from governance_app.initiatives.importing import mapping as mappings
from governance_app.initiatives.models import ImportedRow, Initiative, StageDate
from governance_app.initiatives.services import imports
from governance_app.people import services as people
from governance_app.people.models import ScopeNode

FILE = (
    Path(__file__).resolve().parents[3] / "shared/data/inventory/us-federal-ai-use-cases-2024.csv"
)
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(
        not FILE.exists(), reason="the real inventory lies beside the project, in shared/data"
    ),
]

#: What each of the eleven spellings means; blank and nothing else stays unknown.
STAGES = {
    "Operation and Maintenance": "production",
    "In production": "production",
    "In mission": "production",
    "Acquisition and/or Development": "assessment",
    "Initiated": "idea",
    "Planned": "idea",
    "Ideation": "idea",
    "Implementation and Assessment": "pilot",
    "Retired": "retired",
    "Research or  Administrative Action Complete": "retired",
    "": "",
}


def rows():
    with FILE.open(encoding="windows-1252", newline="") as stream:
        return list(csv.reader(stream))


@pytest.fixture(scope="module")
def applied(django_db_setup, django_db_blocker):
    """The file applied once for all tests here; rolled back after the last."""
    with django_db_blocker.unblock(), transaction.atomic():
        by = people.system_user("setup")
        root = people.found_organisation(name="Government", by=by)
        started = time.process_time()
        inventory = imports.upload(content=FILE, name=FILE.name, under=root, by=by)
        imports.propose(inventory=inventory, by=by, fiscal_start_month=10)
        report = imports.apply(inventory=inventory, by=by)
        yield inventory, report, time.process_time() - started
        transaction.set_rollback(True)


def test_every_row_is_accounted_for_in_time(applied):
    _inventory, report, seconds = applied
    assert (report.rows, report.new, report.changed, report.unchanged, report.refused) == (
        2133, 2133, 0, 0, 0,
    )  # fmt: skip
    assert Initiative.objects.count() == 2133
    # Processor seconds of this process; the database adds about a third. 20 s is the promise.
    assert seconds < 12


def test_forty_one_agencies_and_their_bureaus_are_units(applied):
    agencies = ScopeNode.objects.filter(parent=applied[0].under, kind="unit")
    assert agencies.count() == 41
    written = {row[2].strip() for row in rows()[1:]}
    assert set(agencies.values_list("code", flat=True)) == written
    bureaus = {
        (" ".join(row[1].split()), " ".join(row[3].split()))
        for row in rows()[1:]
        if row[3].strip() not in {"", "N/A"}
    }
    made = ScopeNode.objects.filter(parent__in=agencies, kind="unit")
    assert set(made.values_list("parent__name", "name")) == bureaus


def test_stages_are_right(applied):
    expected = Counter(STAGES[row[9].strip()] for row in rows()[1:])
    made = Counter(slug or "" for slug in Initiative.objects.values_list("stage__slug", flat=True))
    assert made == expected


def test_dates_are_right_and_none_is_in_the_wrong_century(applied):
    columns = {"idea": 11, "assessment": 12, "production": 13, "retired": 14}
    today = dt.date.today()
    for slug, column in columns.items():
        expected = Counter()
        for row in rows()[1:]:
            remarked = re.findall(r"\d{4}-\d\d-\d\d", row[column])
            try:
                if len(remarked) == 1:  # a date with a remark behind it
                    day = dt.date.fromisoformat(remarked[0])
                else:
                    day = dt.datetime.strptime(row[column].strip(), "%m/%d/%Y").date()
            except ValueError:
                continue
            if day.year > 1950 and day <= today:
                expected[day] += 1
        made = Counter(
            StageDate.objects.filter(
                stage__slug=slug, actual_precision="day", actual_on__isnull=False
            ).values_list("actual_on", flat=True)
        )
        assert made == expected, slug
    assert not StageDate.objects.filter(actual_on__year__lt=1950).exists()
    october = StageDate.objects.filter(actual_on=dt.date(2024, 10, 1), actual_precision="month")
    assert october.exists()


def test_what_could_not_be_read_is_reported_with_its_place(applied):
    _inventory, report, _seconds = applied
    assert report.set_aside == 173
    reasons = {(each["column"], each["value"]): each["reason"] for each in report.refusals}
    assert "not a date" in reasons["Date Initiated", "10/12023"]
    assert any("wrong century" in reason for reason in reasons.values())
    numbers = {each["row"] for each in report.refusals}
    assert min(numbers) >= 2 and max(numbers) <= 2134


def test_nothing_is_lost(applied):
    inventory, report, _seconds = applied
    table = rows()
    labels = mappings.from_json(inventory.mapping).columns
    assert len(labels) == len(table[0]) == 62
    kept = {each.row_number: each.raw for each in ImportedRow.objects.all()}
    for number, cells in enumerate(table[1:], start=2):
        written = [cell.replace("\r\n", "\n") for cell in cells]
        assert kept[number] == written
    mapped = {rule.column for rule in mappings.from_json(inventory.mapping).rules}
    assert set(report.unmapped_columns) == set(labels) - mapped
    first = Initiative.objects.get(imported_row__row_number=2)
    assert all(label in report.unmapped_columns for label in first.extra)


def test_a_second_import_changes_nothing(applied):
    first, by = applied[0], applied[0].started_by
    before = Event.objects.filter(table="initiatives_initiative").count()
    inventory = imports.upload(content=FILE, name=FILE.name, under=first.under, by=by)
    imports.propose(inventory=inventory, by=by, fiscal_start_month=10)
    report = imports.apply(inventory=inventory, by=by)
    assert (report.new, report.changed, report.unchanged, report.refused) == (0, 0, 2133, 0)
    assert Initiative.objects.count() == 2133
    assert Event.objects.filter(table="initiatives_initiative").count() == before
