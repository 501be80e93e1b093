"""Budgets out of sheets, submitted rounds beside the statistical forecast, alerts raised once."""

import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest

from governance_app.books import services as books
from governance_app.books.selectors import MissingRate
from governance_app.domain import periods
from governance_app.domain.errors import Sentence
from governance_app.files.services import store
from governance_app.initiatives import services as initiatives
from governance_app.jobs.models import OutboxMessage
from governance_app.people.access import Refused
from governance_app.spend import selectors, services
from governance_app.spend.budget_sheet import BudgetRefused
from governance_app.spend.models import Budget, BudgetAlert, BudgetPlan, ForecastSubmission
from tests.factories import focus

pytestmark = pytest.mark.django_db
ON = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
JAN = dt.date(2026, 1, 1)


@pytest.fixture
def owner(person, unit):
    return person("business_owner", unit, name="Bea Owner")


@pytest.fixture
def target(unit, admin, owner):
    return initiatives.add(name="Assist", unit=unit, business_owner=owner, by=admin)


@pytest.fixture
def sheet(finance):
    """Load a sheet: ``sheet("Unit,Month,Amount\\n...")``."""

    def run(content, *, name="budget.csv", **options):
        content = content.encode() if isinstance(content, str) else content
        kept = store(content=content, name=name, by=finance)
        return services.import_budget(
            file=kept, file_name=name, name=options.pop("title", "Budget 2026"),
            fiscal_year=2026, on=ON, by=options.pop("by", finance), **options,
        )  # fmt: skip

    return run


@pytest.fixture
def spent(load, target, finance):
    """Let an initiative cost an amount in each month, from a first one on."""

    def run(amounts, first=JAN):
        services.add_rule(
            name="All", dimension="service", value="Inference", initiative=target, by=finance
        )
        lines = []
        for month, amount in zip(
            periods.month_range(first, dt.date(2026, 12, 1)), amounts, strict=False
        ):
            end = periods.add_months(month, 1)
            lines.append(
                focus.line(
                    BillingPeriodStart=f"{month}T00:00:00Z", BillingPeriodEnd=f"{end}T00:00:00Z",
                    ChargePeriodStart=f"{month}T00:00:00Z", ChargePeriodEnd=f"{end}T00:00:00Z",
                    BilledCost=str(amount), EffectiveCost=str(amount), ServiceName="Inference",
                )
            )  # fmt: skip
        load(focus.as_csv(lines))

    return run


def long(target, amount="100", months=12):
    rows = [f"{target.key},2026-{m:02d},run,{amount},USD" for m in range(1, months + 1)]
    return "Initiative,Month,Category,Amount,Currency\n" + "\n".join(rows) + "\n"


def test_a_sheet_with_a_row_per_month_becomes_a_version(sheet, target):
    made = sheet(long(target))
    assert (made.plan.number, made.plan.is_original, made.lines) == (1, True, 12)
    assert made.totals == {"USD": Decimal(1200)}
    assert made.plan.file is not None


def test_a_workbook_with_a_column_per_month_says_the_same(sheet, target, unit):
    book = openpyxl.Workbook()
    page = book.active
    page.append(["Unit or initiative", "Category", "Jan 2026", "2026-02", "Total"])
    page.append([target.key, "run", 100, 150.5, 250.5])
    page.append([unit.name, "people", 10, None, 10])
    content = io.BytesIO()
    book.save(content)
    made = sheet(content.getvalue(), name="budget.xlsx")
    rows = {
        (b.node_id, b.month.month, b.category): b.amount
        for b in Budget.objects.filter(plan=made.plan)
    }
    assert rows == {
        (target.node_id, 1, "run"): 100,
        (target.node_id, 2, "run"): Decimal("150.5"),
        (unit.pk, 1, "people"): 10,
    }


def test_a_dry_run_writes_nothing_and_the_same_budget_is_no_version(sheet, target, ledger_count):
    before = ledger_count()
    dry = sheet(long(target), dry_run=True)
    assert (dry.plan, dry.is_unchanged, BudgetPlan.objects.count()) == (None, False, 0)
    assert ledger_count() == before + 1  # the kept file
    sheet(long(target))
    before = ledger_count()
    again = sheet(long(target))
    assert (again.plan, again.is_unchanged, BudgetPlan.objects.count()) == (None, True, 1)
    assert ledger_count() == before
    revised = sheet(long(target, "110"), title="Revised")
    assert (revised.plan.number, revised.before) == (2, {"USD": Decimal(1200)})


@pytest.mark.parametrize(
    ("row", "where", "reason"),
    [
        (
            "AI-999,2026-01,run,1,USD",
            "row 3, column Initiative",
            "is no unit or initiative that you",
        ),
        ("{key},2026-13,run,1,USD", "row 3, column Month", "is no month"),
        (
            "{key},2027-01,run,1,USD",
            "row 3, column Month",
            "lies outside the year, Jan 2026 to Dec",
        ),
        ('{key},2026-02,run,"12,5x",USD', "row 3, column Amount", "“12,5x” is no number such as"),
        ('{key},2026-02,run,"12,5",USD', "row 3, column Amount", "“12,5” is no number such as"),
        ("{key},2026-02,run,-5,USD", "row 3, column Amount", "is negative"),
        ("{key},2026-02,run,5,DOLLAR", "row 3, column Currency", "is no currency code"),
        ("{key},2026-01,run,5,USD", "row 3, column Amount", "is the second budget of .* in row 2"),
    ],
)
def test_a_bad_cell_refuses_the_sheet_with_its_place(
    sheet, target, row, where, reason, ledger_count
):
    content = (
        f"Initiative,Month,Category,Amount,Currency\n{target.key},2026-01,run,1,USD\n"
        f"{row.format(key=target.key)}\n"
    )
    with pytest.raises(BudgetRefused, match=reason) as refused:
        sheet(content)
    assert where in refused.value.where
    assert BudgetPlan.objects.count() == 0


def test_every_bad_cell_is_counted_and_the_first_hundred_are_kept(sheet, target):
    rows = "\n".join(f"{target.key},2026-01,c{n},x,USD" for n in range(150))
    with pytest.raises(
        BudgetRefused, match=r"150 cells of budget\.csv cannot be counted"
    ) as refused:
        sheet(f"Initiative,Month,Category,Amount,Currency\n{rows}\n")
    assert len(refused.value.problems) == 100


def test_who_may_not_write_budgets_loads_none(sheet, target, person):
    with pytest.raises(Refused):
        sheet(long(target), by=person("executive"))
    assert BudgetPlan.objects.count() == 0


def test_versions_are_compared_place_by_place(sheet, target, finance):
    first, second = sheet(long(target)).plan, sheet(long(target, "90")).plan
    (one,) = selectors.compare_plans(viewer=finance, before=first, after=second)
    assert (one.node, one.before, one.after, one.change) == (target.node, 1200, 1080, -120)


def test_a_year_shows_budget_actual_and_forecasts_apart(sheet, target, finance, spent):
    spent([100] * 22, first=dt.date(2025, 1, 1))
    sheet(long(target, "90"))
    year = selectors.plan_year(viewer=finance, fiscal_year=2026, on=ON, node=target.node)
    by_month = {m.month.month: m for m in year.months}
    assert (year.through, year.spent, year.budget) == (dt.date(2026, 10, 1), 1000, 1080)
    assert (by_month[10].actual, by_month[10].expected) == (100, None)
    assert (by_month[11].actual, by_month[11].expected, by_month[11].low) == (None, 100, 100)
    assert (year.at_completion, year.low, year.high) == (1200, 1200, 1200)
    assert year.crossing.sentence == (
        "The budget of the year is passed in November 2026 "
        "(80 % band: November 2026 to November 2026)."
    )
    assert not year.submitted_at_completion.known
    assert selectors.plan_year(viewer=finance, fiscal_year=2026, on=ON).spent == 1000


def test_a_units_own_budget_holds_for_everything_below_it(sheet, target, unit, finance):
    sheet(
        f"Unit,Month,Amount\n{unit.name},2026-01,500\n{target.key},2026-01,100\n{target.key},2026-02,7\n"
    )
    year = selectors.plan_year(viewer=finance, fiscal_year=2026, on=ON, node=unit)
    assert [m.budget for m in year.months[:3]] == [500, 7, None]


def test_a_budget_in_another_currency_without_a_rate_is_an_error(sheet, target, finance):
    sheet(f"Initiative,Month,Amount,Currency\n{target.key},2026-03,5,EUR\n")
    with pytest.raises(MissingRate, match="No budget rate from EUR to USD for March 2026"):
        selectors.plan_year(viewer=finance, fiscal_year=2026, on=ON)


def test_a_round_is_submitted_locked_and_then_stays(
    sheet, target, finance, owner, spent, ledger_count
):
    spent([100] * 10)
    sheet(long(target))
    nov = dt.date(2026, 11, 1)
    opened = services.open_round(
        fiscal_year=2026, first_month=nov, due_on=dt.date(2026, 11, 25), by=finance, on=ON
    )
    assert opened.name == "10+2 2026"
    (owed,) = selectors.owed_in_round(viewer=finance, forecast_round=opened)
    assert (owed.key, owed.owner, owed.submission) == (target.key, owner, None)
    months = {nov: Decimal(120), dt.date(2026, 12, 1): Decimal(130)}
    with pytest.raises(Sentence, match="An amount for December 2026 is missing"):
        services.submit_forecast(
            forecast_round=opened, node=target.node, months={nov: Decimal(1)}, by=owner
        )
    services.submit_forecast(forecast_round=opened, node=target.node, months=months, by=owner)
    again = services.submit_forecast(
        forecast_round=opened, node=target.node, months=months | {nov: Decimal(125)}, by=owner
    )
    assert again.number == 2
    year = selectors.plan_year(viewer=finance, fiscal_year=2026, on=ON, node=target.node)
    assert year.submitted_at_completion.need() == 1000 + 125 + 130
    assert [m.submitted for m in year.months[9:]] == [None, 125, 130]
    services.lock_round(forecast_round=opened, by=finance, now=NOW)
    before = ledger_count()
    with pytest.raises(services.RoundLocked, match=r"10\+2 2026 is locked since 21 November 2026"):
        services.submit_forecast(forecast_round=opened, node=target.node, months=months, by=owner)
    assert (ledger_count(), ForecastSubmission.objects.count()) == (before, 2)


def test_only_who_answers_there_submits(target, finance, person, other_unit):
    opened = services.open_round(
        fiscal_year=2026, first_month=dt.date(2026, 12, 1), due_on=ON, by=finance, on=ON
    )
    stranger = person("business_owner", other_unit)
    with pytest.raises(Refused):
        services.submit_forecast(
            forecast_round=opened, node=target.node, by=stranger,
            months={dt.date(2026, 12, 1): Decimal(1)},
        )  # fmt: skip
    with pytest.raises(Refused):
        services.lock_round(forecast_round=opened, by=stranger, now=NOW)


def test_each_threshold_alerts_its_owner_once(sheet, target, finance, spent, admin, owner):
    spent([100] * 22, first=dt.date(2025, 1, 1))
    sheet(long(target, "100"))
    found = services.watch_budgets(by=admin, on=ON)
    said = [(a.kind, a.threshold_ratio) for a in found.alerts]
    assert said == [("actual", Decimal("0.5")), ("actual", Decimal("0.8")), ("forecast", 1)]
    assert found.alerts[0].sentence == (
        f"{target.key} Assist has spent 1,000 of 1,200 USD budgeted for 2026, 50 % or more, "
        "through October 2026."
    )
    letters = OutboxMessage.objects.filter(dedupe__startswith="budget:")
    assert {tuple(one.payload["to"]) for one in letters} == {(owner.email,)}
    assert letters.count() == 3
    assert services.watch_budgets(by=admin, on=ON).alerts == ()
    sheet(long(target, "95"), title="Revised")
    assert len(services.watch_budgets(by=admin, on=ON).alerts) == 3
    assert BudgetAlert.objects.count() == 6
    assert selectors.budget_alerts(viewer=finance).count() == 6


def test_thresholds_are_dated_settings_and_no_band_states_no_forecast(sheet, target, spent, admin):
    spent([10] * 3, first=dt.date(2026, 8, 1))
    sheet(long(target, "1"))
    books.set_value(key="budget_alert_ratios", value=[2.0], from_on=JAN, by=admin)
    found = services.watch_budgets(by=admin, on=ON)
    assert [(a.kind, a.threshold_ratio) for a in found.alerts] == [("actual", 2)]
    with pytest.raises(Sentence, match="write a list of shares"):
        books.set_value(key="budget_alert_ratios", value=["a"], from_on=JAN, by=admin)
