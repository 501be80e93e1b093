"""A business case as a workbook and back, its assumptions, versions beside each other."""

import datetime as dt
import io
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest

from governance_app.domain.records import AssumptionRecord
from governance_app.value import selectors, services
from governance_app.value.case_book_reading import read_any
from governance_app.value.models import BusinessCase, CaseAssumption
from governance_app.value.services import CaseRefused

pytestmark = pytest.mark.django_db

VOLUME = AssumptionRecord(
    "Claims a month", Decimal(800), Decimal(1000), Decimal(1100), "claims", "volume",
    driver="Claims volume", evidence="Register of claims, 2025",
)  # fmt: skip


@pytest.fixture
def ranged(lines):
    """The lines with a range on every benefit and on the build."""
    return [
        replace(line, low=line.amount / 2, high=line.amount * 2)
        if line.side == "benefit"
        else replace(line, high=line.amount + 200)
        if line.category == "build"
        else line
        for line in lines
    ]


@pytest.fixture
def draft(initiative, ranged, manager):
    return services.write_case(
        initiative=initiative, lines=ranged, currency="USD", by=manager,
        rests_on=[replace(VOLUME, owner=manager.email.upper())],
        go_live_month=dt.date(2026, 2, 1), assumptions="Volumes stay.",
    )  # fmt: skip


def test_an_assumption_keeps_range_owner_and_evidence(draft, manager):
    row = selectors.assumptions(case=draft, viewer=manager).get()
    assert (row.low, row.likely, row.high) == (800, 1000, 1100)
    assert (row.owner, row.factor, row.driver) == (manager, "volume", "Claims volume")
    assert row.evidence == "Register of claims, 2025"


def test_rewriting_lines_keeps_assumptions_and_a_list_replaces_them(
    draft, initiative, lines, manager
):
    services.write_case(initiative=initiative, lines=lines, currency="USD", by=manager)
    assert draft.rests_on.count() == 1
    services.write_case(initiative=initiative, lines=lines, currency="USD", rests_on=[], by=manager)
    assert draft.rests_on.count() == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": " "}, "Assumption 1 needs a name"),
        ({"low": Decimal(2000)}, "low, likely and high do not rise"),
        ({"factor": "luck"}, "the factor is one of adoption"),
        ({"moves": "profit"}, "the side it moves is one of cost, benefit"),
        ({"owner": "nobody@example.com"}, "nobody has the address nobody@example.com"),
        ({"likely": Decimal("NaN")}, "are numbers"),
    ],
)
def test_an_assumption_that_cannot_be_is_named(
    initiative, lines, manager, ledger_count, change, words
):
    before = ledger_count()
    with pytest.raises(CaseRefused, match=words):
        services.write_case(
            initiative=initiative, lines=lines, currency="USD", by=manager,
            rests_on=[replace(VOLUME, **change)],
        )  # fmt: skip
    assert ledger_count() == before
    assert not BusinessCase.objects.exists()
    assert not CaseAssumption.objects.exists()


def test_a_range_must_hold_the_likely_amount(initiative, lines, manager):
    wrong = [replace(lines[0], low=lines[0].amount + 1), *lines[1:]]
    with pytest.raises(CaseRefused, match="Line 1: the low 1001 lies between 0 and the likely"):
        services.write_case(initiative=initiative, lines=wrong, currency="USD", by=manager)


def test_low_takes_benefits_low_and_costs_high_and_high_the_other_way(draft, manager):
    sheets = selectors.scenario_sheets(case=draft, viewer=manager)
    told = {name: (each.returns.cost, each.returns.benefit) for name, each in sheets.items()}
    assert told == {"low": (1800, 900), "likely": (1600, 1800), "high": (1600, 3600)}


def test_without_ranges_there_are_no_scenarios(initiative, lines, manager):
    plain = services.write_case(initiative=initiative, lines=lines, currency="USD", by=manager)
    assert selectors.scenario_sheets(case=plain, viewer=manager) == {}


def test_a_workbook_read_back_is_the_same_case(draft, initiative, ranged, manager):
    book = selectors.case_book(case=draft, viewer=manager)
    read = read_any(book, name="case.xlsx", currency="EUR")
    assert read.problems == ()
    by_place = sorted(read.lines, key=str)
    assert by_place == sorted(ranged, key=str)
    assert read.assumptions == (replace(VOLUME, owner=manager.email),)
    assert read.facts == {
        "currency": "USD", "annual_rate": "10", "valuation_month": "2026-01",
        "go_live_month": "2026-02", "assumptions": "Volumes stay.",
    }  # fmt: skip
    again = services.write_case(
        initiative=initiative, lines=read.lines, rests_on=read.assumptions, currency="USD",
        by=manager,
    )  # fmt: skip
    assert again.lines_sha256 == draft.lines_sha256


def test_a_workbook_holds_live_formulas_over_its_lines(draft, manager):
    book = openpyxl.load_workbook(io.BytesIO(selectors.case_book(case=draft, viewer=manager)))
    figures = {row[0].value: row[1].value for row in book["Returns"].iter_rows(min_row=2)}
    assert "NPV(" in figures["Net present value"]
    assert "IRR(" in figures["Internal rate of return, a year"]
    assert str(book["Months"]["C2"].value).startswith("=SUMIFS(")
    assert "Case!$B$11" in book["Lines"]["I2"].value


def test_what_cannot_be_read_is_named_by_sheet_row_and_reason(draft, manager):
    book = openpyxl.load_workbook(io.BytesIO(selectors.case_book(case=draft, viewer=manager)))
    book["Lines"]["E3"] = "a lot"
    book["Lines"]["B4"] = "gift"
    book["Assumptions"]["B2"] = 5000
    stream = io.BytesIO()
    book.save(stream)
    read = read_any(stream.getvalue(), name="case.xlsx", currency="USD")
    assert [(each.sheet, each.row, each.column) for each in read.problems] == [
        ("Lines", 3, "Amount"), ("Lines", 4, "Side"), ("Assumptions", 2, "Likely"),
    ]  # fmt: skip
    assert read.problems[1].sentence == "The side is cost or benefit."


FIGURES = {
    "Cost": "cost",
    "Benefit, hard": "benefit",
    "Net present value": "npv",
    "Internal rate of return, a year": "irr_ratio",
    "Payback, months": "payback_months",
    "Discounted payback, months": "discounted_payback_months",
    "Benefit-cost ratio": "bcr",
    "Profitability index": "pi",
}


@pytest.mark.parametrize("scenario", ["low", "likely", "high"])
def test_a_spreadsheet_counts_what_the_product_counts(draft, manager, tmp_path, scenario):
    """LibreOffice works the formulas out itself: the numbers we wrote beside them are gone."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed here, so its NPV and IRR cannot be asked.")
    book = openpyxl.load_workbook(io.BytesIO(selectors.case_book(case=draft, viewer=manager)))
    book["Case"]["B11"] = scenario
    bare = tmp_path / "case.xlsx"
    book.save(bare)  # writes formulas without what they came to
    kept = openpyxl.load_workbook(bare, data_only=True)
    assert kept["Returns"]["B7"].value is None
    subprocess.run(
        [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "told"),
         str(bare)],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    found = openpyxl.load_workbook(tmp_path / "told" / "case.xlsx", data_only=True)
    told = {row[0].value: row[1].value for row in found["Returns"].iter_rows()}
    ours = selectors.scenario_sheets(case=draft, viewer=manager)[scenario].returns
    for label, name in FIGURES.items():
        figure = getattr(ours, name)
        value = getattr(figure, "value", figure)
        if value is None:
            assert isinstance(told[label], str), label  # the words why there is none
        else:
            assert told[label] == pytest.approx(float(value), rel=1e-9), label


def test_versions_beside_each_other(draft, initiative, ranged, manager, finance):
    services.approve_case(case=draft, by=finance)
    second = services.rebaseline(case=BusinessCase.objects.get(pk=draft.pk), by=manager)
    assert (second.number, second.lines_sha256) == (2, draft.lines_sha256)
    services.write_case(
        initiative=initiative, lines=ranged[:-1], currency="USD", by=manager,
        rests_on=[replace(VOLUME, likely=Decimal(900))],
    )  # fmt: skip
    second.refresh_from_db()
    found = selectors.compare(one=second, other=draft, viewer=manager)
    assert (found.before.number, found.after.number) == (1, 2)
    changes = {(row.side, row.category): row.change for row in found.lines}
    assert changes == {("cost", "build"): 0, ("cost", "run"): 0, ("benefit", "hard"): -300}
    assert [(each.name, each.is_changed) for each in found.assumptions] == [
        ("Claims a month", True)
    ]
    assert selectors.original_case(case=second, viewer=manager) == draft


def test_a_rebaseline_needs_a_sentence_and_leaves_the_original(draft, manager, finance):
    services.approve_case(case=draft, by=finance)
    second = services.rebaseline(case=BusinessCase.objects.get(pk=draft.pk), by=manager)
    with pytest.raises(CaseRefused, match="say in a sentence why"):
        services.approve_case(case=second, by=finance)
    second.refresh_from_db()
    assert second.state == "draft"
    services.approve_case(case=second, by=finance, sentence="Two sites fewer.")
    draft.refresh_from_db()
    assert (draft.state, draft.lines.count()) == ("approved", 13)


def test_a_rebaseline_starts_from_a_promise_and_once(draft, manager, finance):
    with pytest.raises(CaseRefused, match="is a draft: change it as it stands"):
        services.rebaseline(case=draft, by=manager)
    services.approve_case(case=draft, by=finance)
    approved = BusinessCase.objects.get(pk=draft.pk)
    services.rebaseline(case=approved, by=manager)
    with pytest.raises(CaseRefused, match=r"A draft of .* stands already"):
        services.rebaseline(case=approved, by=manager)
    assert BusinessCase.objects.count() == 2
