"""The doors of value: what each person sees and may do, and what a refusal leaves alone."""

import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook

from governance_app.domain.periods import add_months, month_of
from governance_app.domain.records import CaseLineRecord
from governance_app.initiatives import services as initiatives
from governance_app.rollups import services as rollups
from governance_app.value import selectors, services
from governance_app.value.models import BenefitMonth

pytestmark = pytest.mark.django_db

START = add_months(month_of(dt.date(2026, 1, 1)), 0)
LINES = "month,side,category,amount\n2026-01,cost,build,1000\n2026-02,benefit,hard,1500"
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def initiative(unit: Any, admin: Any) -> Any:
    return initiatives.add(name="Claims triage", unit=unit, by=admin, stage="pilot")


@pytest.fixture
def manager(person: Callable[..., Any], unit: Any) -> Any:
    return person("program_manager", unit)


@pytest.fixture
def finance(person: Callable[..., Any]) -> Any:
    return person("finance_partner")


@pytest.fixture
def kpi(initiative: Any, manager: Any) -> Any:
    return services.add_kpi(
        initiative=initiative,
        name="Handling time",
        unit="min",
        direction="lower",
        baseline=Decimal(20),
        baseline_month=dt.date(2025, 12, 1),
        target=Decimal(10),
        target_on=dt.date(2027, 12, 31),
        unit_value=Decimal(1000),
        currency="USD",
        by=manager,
    )


@pytest.fixture
def benefit(kpi: Any, initiative: Any, manager: Any) -> Any:
    return services.add_benefit(
        initiative=initiative,
        name="Faster handling",
        benefit_type="hard",
        value_type="operational_efficiency",
        starts_month=START,
        ends_month=dt.date(2026, 12, 1),
        currency="USD",
        kpi=kpi,
        by=manager,
    )


@pytest.fixture
def claimed(benefit: Any, manager: Any) -> Any:
    """Faster handling with 5,000 claimed for January."""
    services.claim(benefit=benefit, months={START: Decimal(5000)}, basis="a guess", by=manager)
    return benefit


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def at(initiative: Any, rest: str = "") -> str:
    return f"/initiatives/{initiative.key}/value/{rest}"


def month_of_benefit(benefit: Any, viewer: Any) -> Any:
    return selectors.benefit_months(benefit=benefit, viewer=viewer).get(month=START)


# --- the page Value -----------------------------------------------------------------------------


def test_the_page_says_what_to_do_when_nothing_is_promised(finance: Any) -> None:
    page = signed_in(finance).get("/value/").content.decode()
    assert "Nothing is promised yet" in page
    assert "Nothing waits for validation" in page


def test_the_page_is_closed_to_those_who_see_no_money(person: Any) -> None:
    answer = signed_in(person("contributor")).get("/value/")
    assert answer.status_code == 403
    assert "see money figures" in answer.content.decode()


def test_ladder_and_league_show_figures_with_passports_and_reasons(
    claimed: Any, initiative: Any, finance: Any, manager: Any, admin: Any
) -> None:
    services.validate(
        benefit=claimed, months={START: Decimal(4000)}, evidence_ref="GL 7", by=finance
    )
    rollups.absorb(now=timezone.now(), by=admin)
    page = signed_in(finance).get("/value/?span=all").content.decode()
    assert "$5.0k" in page and "$4.0k" in page
    assert "/passports/validated_to_date/portfolio/" in page
    assert f"/passports/validated_to_date/{initiative.key}/" in page
    assert "No business case has been approved yet." in page


def test_the_league_alone_comes_back_sorted(claimed: Any, finance: Any, admin: Any) -> None:
    rollups.absorb(now=timezone.now(), by=admin)
    answer = signed_in(finance).get(
        "/value/?sort=-claimed", headers={**FRAGMENT, "HX-Target": "league"}
    )
    text = answer.content.decode()
    assert text.lstrip().startswith('<section class="section" id="league"')
    assert 'aria-current="true"' in text


def test_a_manager_does_not_see_the_queue_of_finance(claimed: Any, manager: Any) -> None:
    page = signed_in(manager).get("/value/").content.decode()
    assert "Nothing waits for validation" in page
    assert "validate and bank benefits" in page


# --- signing ------------------------------------------------------------------------------------


def test_finance_validates_from_the_queue_with_a_file(
    claimed: Any, initiative: Any, finance: Any
) -> None:
    client = signed_in(finance)
    assert "Faster handling" in client.get("/value/").content.decode()
    answer = client.post(
        at(initiative, f"benefits/{claimed.pk}/sign/"),
        {
            "at": "queue",
            "action": "validate",
            "month": "2026-01",
            "amount-2026-01": "4,200",
            "evidence": SimpleUploadedFile("ledger.csv", b"account,amount\n1,4200\n"),
        },
        headers=FRAGMENT,
    )
    assert answer.status_code == 200
    assert "validated in 1 month" in answer["HX-Trigger"]
    month = month_of_benefit(claimed, finance)
    assert (month.validated, month.validator, month.evidence.name) == (4200, finance, "ledger.csv")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"action": "validate", "month": "2026-01", "amount-2026-01": "4200"}, "name the evidence"),
        (
            {"month": "2026-01", "amount-2026-01": "9000", "evidence_ref": "GL"},
            "more than was claimed",
        ),
        ({"action": "validate", "evidence_ref": "GL"}, "Choose at least one month."),
        (
            {"month": "2026-01", "amount-2026-01": "much", "evidence_ref": "GL"},
            "“much” is no number",
        ),
        ({"action": "reject", "month": "2026-01"}, "say why in a sentence"),
    ],
)
def test_a_refused_signature_changes_nothing_and_says_why(
    claimed: Any,
    initiative: Any,
    finance: Any,
    ledger_count: Callable[[], int],
    fields: dict[str, str],
    sentence: str,
) -> None:
    client = signed_in(finance)
    before = ledger_count()
    url = at(initiative, f"benefits/{claimed.pk}/sign/")
    for data, headers in (({"at": "queue"}, FRAGMENT), ({}, FRAGMENT), ({}, {})):
        answer = client.post(url, {**fields, **data}, headers=headers)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert ledger_count() == before
    assert month_of_benefit(claimed, finance).review == ""


def test_what_was_typed_into_a_refused_signature_stays(
    claimed: Any, initiative: Any, finance: Any
) -> None:
    answer = signed_in(finance).post(
        at(initiative, f"benefits/{claimed.pk}/sign/"),
        {"amount-2026-01": "4321", "evidence_ref": "GL 7", "action": "validate"},
        headers=FRAGMENT,
    )
    text = answer.content.decode()
    assert 'value="4321"' in text and 'value="GL 7"' in text
    assert 'value="2026-01" checked' not in text


def test_evidence_of_a_refused_signature_is_not_kept(
    claimed: Any, initiative: Any, finance: Any, ledger_count: Callable[[], int]
) -> None:
    client = signed_in(finance)
    before = ledger_count()
    answer = client.post(
        at(initiative, f"benefits/{claimed.pk}/sign/"),
        {
            "month": "2026-01",
            "amount-2026-01": "9000",
            "evidence": SimpleUploadedFile("proof.txt", b"much too much"),
        },
        headers=FRAGMENT,
    )
    assert answer.status_code == 422
    assert ledger_count() == before


def test_nobody_signs_what_they_claimed(
    benefit: Any, initiative: Any, unit: Any, person: Any, admin: Any
) -> None:
    from governance_app.people import services as people

    both = person("program_manager", unit)
    people.grant(user=both, role="finance_partner", node=unit, by=admin)
    services.claim(benefit=benefit, months={START: Decimal(10)}, by=both)
    client = signed_in(both)
    answer = client.post(
        at(initiative, f"benefits/{benefit.pk}/sign/"),
        {"month": "2026-01", "amount-2026-01": "10", "evidence_ref": "GL 7"},
        headers=FRAGMENT,
    )
    assert answer.status_code == 422
    assert "you claimed it, so somebody else reviews it" in answer.content.decode()


def test_a_manager_may_not_sign(claimed: Any, initiative: Any, manager: Any) -> None:
    client = signed_in(manager)
    answer = client.post(at(initiative, f"benefits/{claimed.pk}/sign/"), {"month": "2026-01"})
    assert answer.status_code == 403
    page = client.get(at(initiative)).content.decode()
    assert "Validate</button>" in page and "You may not validate and bank benefits" in page


def test_finance_banks_what_is_validated(claimed: Any, initiative: Any, finance: Any) -> None:
    services.validate(
        benefit=claimed, months={START: Decimal(4000)}, evidence_ref="GL 7", by=finance
    )
    client = signed_in(finance)
    assert "Bank" in client.get("/value/").content.decode()
    url = at(initiative, f"benefits/{claimed.pk}/bank/")
    data = {"at": "queue", "month": "2026-01", "amount-2026-01": "4000"}
    refused = client.post(url, {**data, "bank_ref": " "}, headers=FRAGMENT)
    assert refused.status_code == 422
    assert "name the budget line or the journal" in refused.content.decode()
    answer = client.post(url, {**data, "bank_ref": "Budget 2026 v2"})
    assert answer.status_code == 302
    month = month_of_benefit(claimed, finance)
    assert (month.banked, month.bank_ref) == (4000, "Budget 2026 v2")


# --- panels of an initiative --------------------------------------------------------------------


def test_an_initiative_out_of_sight_is_not_found(
    initiative: Any, other_unit: Any, person: Any
) -> None:
    client = signed_in(person("executive", other_unit))
    assert client.get(at(initiative)).status_code == 404
    assert client.get(at(initiative, "case/")).status_code == 404


def test_money_stays_hidden_from_those_who_may_not_see_it(
    claimed: Any, initiative: Any, unit: Any, person: Any
) -> None:
    page = signed_in(person("contributor", unit)).get(at(initiative)).content.decode()
    assert "Handling time" in page
    assert page.count("Money is not shown.") == 2
    assert "5.0k" not in page and "$1.0k" not in page


def test_a_contributor_records_a_reading_and_adds_no_kpi(
    kpi: Any, initiative: Any, unit: Any, person: Any
) -> None:
    client = signed_in(person("contributor", unit))
    page = client.get(at(initiative)).content.decode()
    assert "You may not write KPIs, business cases and benefits" in page
    today = timezone.localdate()
    answer = client.post(
        at(initiative, f"kpis/{kpi.pk}/readings/"),
        {"period_on": today.isoformat(), "value": "15"},
        headers=FRAGMENT,
    )
    assert answer.status_code == 200
    assert "+25%" in answer.content.decode()
    assert client.post(at(initiative, "kpis/add/"), {"name": "X"}).status_code == 403


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"period_on": "2026-01-20", "value": "fast"}, "“fast” is no number"),
        ({"period_on": "", "value": "15"}, "choose a day"),
        ({"period_on": "2026-13-20", "value": "15"}, "is no day"),
        ({"period_on": "2026-01-20", "value": "NaN"}, "is no number"),
    ],
)
def test_a_bad_reading_is_said_beside_its_form(
    kpi: Any,
    initiative: Any,
    manager: Any,
    ledger_count: Callable[[], int],
    fields: dict[str, str],
    sentence: str,
) -> None:
    client = signed_in(manager)
    before = ledger_count()
    answer = client.post(at(initiative, f"kpis/{kpi.pk}/readings/"), fields, headers=FRAGMENT)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert ledger_count() == before


def test_a_kpi_is_added_and_a_half_given_one_refused(initiative: Any, manager: Any) -> None:
    client = signed_in(manager)
    half = {"name": "Yield", "direction": "higher", "baseline": "80"}
    refused = client.post(at(initiative, "kpis/add/"), half, headers=FRAGMENT)
    assert refused.status_code == 422
    assert "both its value and the month" in refused.content.decode()
    assert 'value="80"' in refused.content.decode()
    answer = client.post(
        at(initiative, "kpis/add/"),
        {**half, "baseline_month": "2026-01", "unit": "%", "attribution": "50"},
    )
    assert answer.status_code == 302
    made = selectors.kpis(initiative=initiative, viewer=manager).get()
    assert (made.name, made.baseline, made.attribution) == ("Yield", 80, Decimal("0.5"))


def test_a_case_is_checked_without_writing_then_written_and_approved_by_another(
    initiative: Any, manager: Any, finance: Any, ledger_count: Callable[[], int]
) -> None:
    client = signed_in(manager)
    data = {"lines": LINES, "currency": "USD", "annual_rate": "10"}
    before = ledger_count()
    trial = client.post(at(initiative, "case/write/"), {**data, "action": "check"})
    assert "2 lines, no problem; nothing is written yet" in trial.content.decode()
    assert ledger_count() == before
    answer = client.post(
        at(initiative, "case/write/"), {**data, "action": "write"}, headers=FRAGMENT
    )
    assert answer.status_code == 200
    case = selectors.cases(initiative=initiative, viewer=manager).get()
    assert (case.total_cost, case.total_benefit, case.annual_rate) == (1000, 1500, Decimal("0.1"))
    page = client.get(at(initiative, "case/"), headers=FRAGMENT).content.decode()
    assert "+50%" in page
    assert "You may not approve business cases" in page
    approve = at(initiative, f"case/{case.pk}/approve/")
    assert client.post(approve).status_code == 403
    done = signed_in(finance).post(approve, {"version": case.version}, headers=FRAGMENT)
    assert "approved by" in done.content.decode()
    assert selectors.case_in_force(initiative=initiative, viewer=finance) == case


def test_an_author_does_not_approve_their_own_case(
    initiative: Any, person: Any, unit: Any, admin: Any, ledger_count: Callable[[], int]
) -> None:
    from governance_app.people import services as people

    both = person("program_manager", unit)
    people.grant(user=both, role="governance_board", node=unit, by=admin)
    lines = [CaseLineRecord("cost", "run", START, Decimal(5))]
    case = services.write_case(initiative=initiative, lines=lines, currency="USD", by=both)
    client = signed_in(both)
    page = client.get(at(initiative)).content.decode()
    assert "You wrote this version: somebody else approves it." in page
    before = ledger_count()
    answer = client.post(at(initiative, f"case/{case.pk}/approve/"), headers=FRAGMENT)
    assert answer.status_code == 422
    assert "somebody else approves it" in answer.content.decode()
    assert ledger_count() == before


def test_problems_of_a_case_name_row_and_column_and_write_nothing(
    initiative: Any, manager: Any, ledger_count: Callable[[], int]
) -> None:
    lines = (
        "Month;Side;Category;Amount\n2026-01;cost;rent;10\n2026-99;cost;run;10\n"
        "2026-03;gain;hard;10\n2026-04;benefit;hard;-5\n2026-05;cost;run;EUR 5\n2026-06;cost;run;1"
    )
    client = signed_in(manager)
    before = ledger_count()
    answer = client.post(
        at(initiative, "case/write/"),
        {"lines": lines, "currency": "USD", "action": "write"},
        headers=FRAGMENT,
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Nothing was written" in text
    assert "1 line can be read, 5 problems" in text
    assert "A cost is one of build, data, run" in text
    assert "This is in EUR; the case is in USD." in text
    assert "never below 0" in text
    assert ledger_count() == before


def test_a_workbook_is_read_and_kept_in_the_form(initiative: Any, manager: Any) -> None:
    book, content = Workbook(), io.BytesIO()
    sheet = book.active
    for row in (
        ["Month", "Side", "Category", "Amount"],
        [dt.date(2026, 1, 1), "Cost", "Build", 1000.5],
        [dt.date(2026, 2, 1), "Benefit", "Hard", 1500],
    ):
        sheet.append(row)
    book.save(content)
    upload = SimpleUploadedFile("case.xlsx", content.getvalue())
    answer = signed_in(manager).post(
        at(initiative, "case/write/"),
        {"file": upload, "currency": "USD", "action": "check"},
        headers=FRAGMENT,
    )
    text = answer.content.decode()
    assert "case.xlsx: 2 lines, no problem" in text
    assert "2026-01,cost,build,1000.5,yes," in text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"%PDF-1.7 not a table", "PDF"),
        (b"month,amount\n2026-01,5\n", "side, category is not among"),
        (b"", "choose a CSV or Excel file"),
    ],
)
def test_a_file_that_is_no_case_is_refused_with_a_sentence(
    initiative: Any, manager: Any, content: bytes, sentence: str
) -> None:
    upload = {"file": SimpleUploadedFile("case.csv", content)} if content else {}
    answer = signed_in(manager).post(
        at(initiative, "case/write/"), {**upload, "currency": "USD"}, headers=FRAGMENT
    )
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_benefit_is_added_claimed_and_measured(
    kpi: Any, initiative: Any, manager: Any, ledger_count: Callable[[], int]
) -> None:
    client = signed_in(manager)
    answer = client.post(
        at(initiative, "benefits/add/"),
        {
            "name": "Hours released",
            "benefit_type": "hard",
            "value_type": "operational_efficiency",
            "method": "before_after",
            "starts_month": "2026-01",
            "ends_month": "2026-12",
            "currency": "usd",
            "kpi": str(kpi.pk),
        },
        headers=FRAGMENT,
    )
    assert answer.status_code == 200
    made = selectors.benefits(initiative=initiative, viewer=manager).get()
    url = at(initiative, f"benefits/{made.pk}/claim/")
    before = ledger_count()
    outside = client.post(url, {"month": "2025-01", "amount": "5"}, headers=FRAGMENT)
    assert outside.status_code == 422
    assert "it runs from January 2026 to December 2026" in outside.content.decode()
    assert ledger_count() == before
    client.post(url, {"month": "2026-01", "amount": "2,500.50", "basis": "time study"})
    services.record_kpi_reading(
        kpi=kpi, period_on=dt.date(2026, 1, 20), value=Decimal(18), by=manager
    )
    client.post(at(initiative, f"benefits/{made.pk}/measure/"))
    month = month_of_benefit(made, manager)
    assert (month.claimed, month.measured) == (Decimal("2500.5"), 2000)


def test_a_kpi_of_another_initiative_is_not_found(
    kpi: Any, unit: Any, admin: Any, manager: Any
) -> None:
    other = initiatives.add(name="Fraud", unit=unit, by=admin)
    answer = signed_in(manager).post(
        at(other, f"kpis/{kpi.pk}/readings/"), {"period_on": "2026-01-20", "value": "1"}
    )
    assert answer.status_code == 404


def test_the_page_of_a_kpi_shows_proof_and_form(initiative: Any, kpi: Any, manager: Any) -> None:
    page = signed_in(manager).get(at(initiative, f"kpis/{kpi.pk}/")).content.decode()
    assert "Did it work" in page
    assert "Too few readings to tell an effect" in page
    assert 'name="formula"' in page


def test_a_stale_edit_of_a_kpi_shows_both_versions(initiative: Any, kpi: Any, manager: Any) -> None:
    url = at(initiative, f"kpis/{kpi.pk}/edit/")
    client = signed_in(manager)
    version = kpi.version
    services.edit_kpi(kpi=kpi, unit="seconds", by=manager)
    answer = client.post(url, {"unit": "hours", "version": str(version)})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "was changed by somebody else" in page
    assert "<td>hours</td><td>seconds</td>" in page
    kpi.refresh_from_db()
    assert kpi.unit == "seconds"
    assert client.post(url, {"unit": "hours", "version": str(kpi.version)}).status_code == 302
    kpi.refresh_from_db()
    assert kpi.unit == "hours"


def test_only_those_who_may_edit_value_edit_a_kpi(initiative: Any, kpi: Any, finance: Any) -> None:
    answer = signed_in(finance).post(at(initiative, f"kpis/{kpi.pk}/edit/"), {"unit": "hours"})
    assert answer.status_code == 403
    kpi.refresh_from_db()
    assert kpi.unit != "hours"


def test_a_benefit_is_owned_signed_ended_and_gets_evidence(
    benefit: Any, initiative: Any, manager: Any
) -> None:
    url, client = at(initiative, f"benefits/{benefit.pk}/keep/"), signed_in(manager)
    assert client.post(url, {"action": "own"}).status_code == 302
    assert client.post(url, {"action": "sign"}).status_code == 302
    benefit.refresh_from_db()
    assert benefit.signed_by == manager
    assert client.post(url, {"action": "end", "ends_month": "2026-06"}).status_code == 302
    file = SimpleUploadedFile("payroll.csv", b"hours")
    client.post(url, {"action": "file", "evidence": file, "sentence": "hours of the team"})
    benefit.refresh_from_db()
    assert (benefit.ends_month, benefit.signed_by) == (dt.date(2026, 6, 1), None)
    page = client.get(at(initiative, "benefits/")).content.decode()
    assert "payroll.csv: hours of the team" in page
    assert "who has not signed it" in page


def test_only_finance_rebases(benefit: Any, initiative: Any, manager: Any, finance: Any) -> None:
    url = at(initiative, f"benefits/{benefit.pk}/keep/")
    form = {"action": "rebase", "month": "2026-02", "budget_ref": "CC 4711"}
    assert signed_in(manager).post(url, form).status_code == 403
    benefit.refresh_from_db()
    assert benefit.rebased_month is None
    assert signed_in(finance).post(url, form).status_code == 302
    page = signed_in(finance).get(at(initiative, "benefits/")).content.decode()
    assert "CC 4711" in page


def test_a_labour_benefit_shows_its_formula(kpi: Any, initiative: Any, manager: Any) -> None:
    form = {
        "name": "Drafting", "benefit_type": "hard", "value_type": "operational_efficiency",
        "template": "labour_saved", "starts_month": "2026-01", "ends_month": "2026-12",
        "method": "time_study", "currency": "USD", "kpi": str(kpi.pk), "unit_value": "60",
        "minutes_saved": "6", "acceptance": "70", "capture": "50", "population": "Clerks",
    }  # fmt: skip
    client = signed_in(manager)
    assert client.post(at(initiative, "benefits/add/"), form).status_code == 302
    page = client.get(at(initiative, "benefits/")).content.decode()
    assert "uses × 6.0 min ÷ 60 × 70% accepted × 50% captured" in page


def test_a_conflict_is_shown_to_every_owner(
    benefit: Any, kpi: Any, initiative: Any, manager: Any
) -> None:
    benefit = services.edit_benefit(benefit=benefit, population="Clerks", by=manager)
    services.add_benefit(
        initiative=initiative, name="Again", benefit_type="soft",
        value_type="operational_efficiency", starts_month=START, ends_month=START,
        currency="USD", kpi=kpi, population="Clerks", attribution=Decimal("0.4"), by=manager,
    )  # fmt: skip
    page = signed_in(manager).get(at(initiative, "benefits/")).content.decode()
    assert page.count("together claim more than the whole") == 2


def test_a_stale_case_is_refused_with_both_versions(initiative: Any, manager: Any) -> None:
    url, client = at(initiative, "case/write/"), signed_in(manager)
    form = {"lines": LINES, "currency": "USD", "action": "write"}
    assert client.post(url, form).status_code == 302
    (draft,) = selectors.cases(initiative=initiative, viewer=manager)
    other = LINES.replace("1500", "1700")
    client.post(url, {**form, "lines": other, "version": str(draft.version)})
    mine = LINES.replace("1500", "1900")
    answer = client.post(url, {**form, "lines": mine, "version": str(draft.version)})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "was changed by somebody else" in page
    assert "benefit,hard,1700" in page and "benefit,hard,1900" in page
    draft.refresh_from_db()
    assert draft.total_benefit == 1700


def test_a_validation_that_ran_out_comes_back_to_finance(
    claimed: Any, finance: Any, admin: Any
) -> None:
    services.validate(
        benefit=claimed, months={START: Decimal(4000)}, evidence_ref="GL 7", by=finance
    )
    page = signed_in(finance).get("/value/").content.decode()
    assert "has run out" not in page
    BenefitMonth.objects.update(valid_until_on=START)
    page = signed_in(finance).get("/value/").content.decode()
    assert "The validation of 1 month has run out" in page
