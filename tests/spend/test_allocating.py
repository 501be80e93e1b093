"""Rules send keys to initiatives; what no rule sends stays visible; the sum never changes."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance_app.audit.models import Change
from governance_app.domain.errors import Sentence
from governance_app.people.access import Refused
from governance_app.spend import selectors, services
from governance_app.spend.models import AllocationBalance, KeyShare, RuleVersion
from governance_app.spend.selectors import SpendFilter
from tests.factories import focus
from tests.spend.conftest import NOW

pytestmark = pytest.mark.django_db

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def initiative(admin, unit):
    """Add an initiative to a unit."""
    from governance_app.initiatives import services as initiatives

    def add(name: str, place=None):
        return initiatives.add(name=name, unit=place or unit, by=admin)

    return add


def spend(viewer, **chosen):
    frame = selectors.initiative_months(viewer=viewer, chosen=SpendFilter(**chosen))
    return {(row.initiative, row.month.month): row.billed for row in frame.itertuples()}


def test_a_tag_that_is_the_key_of_an_initiative_finds_it(load, initiative, finance):
    first, second = initiative("One"), initiative("Two")
    services.add_rule(name="By tag", dimension="tag", tag="ai-initiative", by=finance)
    lines = [
        focus.line(Tags=f'{{"ai-initiative":"{first.key}"}}', BilledCost="5"),
        focus.line(Tags=f'{{"AI-Initiative":" {second.key.lower()} "}}', BilledCost="7"),
        focus.line(Tags='{"ai-initiative":"AI-99999"}', BilledCost="11"),
        focus.line(Tags=None, BilledCost="13"),
    ]
    imported = load(focus.as_csv(lines))
    assert spend(finance) == {(first.key, 10): 5, (second.key, 10): 7}
    assert imported.as_json()["allocated"] == {"USD": "12.00"}
    assert imported.as_json()["unallocated"] == {"USD": "24.00"}


def test_an_account_goes_to_an_initiative(load, initiative, finance):
    target = initiative("One")
    services.add_rule(
        name="Account", dimension="account", value="000000000042", initiative=target, by=finance
    )
    load(focus.as_csv([focus.line(BilledCost="5"), focus.line(SubAccountId="42")]))
    assert spend(finance) == {(target.key, 10): 5}


def test_the_first_rule_that_matches_wins_and_order_can_be_given(load, initiative, finance):
    first, second = initiative("One"), initiative("Two")
    for name, target, position in (("a", first, None), ("b", second, 1)):
        services.add_rule(
            name=name, dimension="service", value="inference", initiative=target, by=finance,
            position=position,
        )  # fmt: skip
    load(focus.as_csv([focus.line(BilledCost="5")]))
    assert spend(finance) == {(second.key, 10): 5}


def test_a_rule_written_later_takes_effect_when_allocated(load, initiative, finance):
    target = initiative("One")
    load(focus.as_csv([focus.line(BilledCost="5")]))
    services.add_rule(
        name="a", dimension="service", value="Inference", initiative=target, by=finance
    )
    Change.objects.all().delete()
    run = services.allocate(by=finance)
    assert (run.shares_added, run.shares_removed) == (1, 0)
    assert list(
        Change.objects.filter(table="spend_keyshare").values_list("initiative", flat=True)
    ) == [target.pk]
    assert spend(finance) == {(target.key, 10): 5}
    again = services.allocate(by=finance)
    assert (again.shares_added, again.shares_removed) == (0, 0)
    assert services.allocate(by=finance, only_if_needed=True) is None


def test_a_new_initiative_gets_what_was_tagged_for_it_before(load, initiative, finance):
    services.add_rule(name="By tag", dimension="tag", tag="ai-initiative", by=finance)
    first = initiative("One")
    number = int(first.key.split("-")[1]) + 1
    load(focus.as_csv([focus.line(Tags=f'{{"ai-initiative":"AI-{number}"}}', BilledCost="5")]))
    services.allocate(by=finance)
    assert spend(finance) == {}
    second = initiative("Two")
    assert services.allocate(by=finance, only_if_needed=True) is not None
    assert spend(finance) == {(second.key, 10): 5}


def test_a_rule_changes_from_a_charge_month_on(load, initiative, finance):
    first, second = initiative("One"), initiative("Two")
    version = services.add_rule(
        name="a", dimension="service", value="Inference", initiative=first, by=finance
    )
    services.change_rule(
        rule=version.rule, from_month=dt.date(2026, 10, 1), dimension="service",
        value="Inference", initiative=second, by=finance,
    )  # fmt: skip
    early = {"ChargePeriodStart": "2026-09-30", "ChargePeriodEnd": "2026-10-01"}
    load(focus.as_csv([focus.line(BilledCost="5", **early), focus.line(BilledCost="7")]))
    assert spend(finance) == {(first.key, 9): 5, (second.key, 10): 7}
    services.end_rule(rule=version.rule, until_month=dt.date(2026, 10, 1), by=finance)
    services.allocate(by=finance)
    assert spend(finance) == {(first.key, 9): 5}


def test_equal_stretches_are_one_share(load, initiative, finance):
    target, other = initiative("One"), initiative("Two")
    services.add_rule(
        name="a", dimension="service", value="Inference", initiative=target, by=finance
    )
    services.add_rule(
        name="b", dimension="service", value="Other", initiative=other, by=finance,
        from_month=dt.date(2026, 5, 1),
    )  # fmt: skip
    load(focus.as_csv([focus.line()]))
    assert KeyShare.objects.count() == 1


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"dimension": "colour", "value": "x"}, "cannot look at 'colour'; it looks at one of tag"),
        ({"dimension": "tag", "value": "x"}, "Name the tag"),
        ({"dimension": "service", "tag": "app", "value": "x"}, "only when it looks at a tag"),
        ({"dimension": "service", "value": " "}, "Say which value"),
        ({"dimension": "service", "value": "x", "from_month": dt.date(2026, 5, 2)}, "first of a"),
        ({"name": " ", "dimension": "service", "value": "x"}, "needs a name"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(initiative, finance, ledger_count, rule, sentence):
    target = initiative("One")
    before = ledger_count()
    with pytest.raises(Sentence, match=sentence):
        services.add_rule(**{"name": "r", "initiative": target, **rule}, by=finance)
    assert RuleVersion.objects.count() == 0
    assert ledger_count() == before


def test_who_may_not_write_rules_is_refused(initiative, person):
    target = initiative("One")
    with pytest.raises(Refused, match="allocation rules"):
        services.add_rule(
            name="r", dimension="service", value="x", initiative=target, by=person("executive")
        )


def test_only_what_the_viewer_may_see_is_summed(
    load, initiative, finance, person, unit, other_unit, admin
):
    mine, theirs = initiative("One", unit), initiative("Two", other_unit)
    services.add_rule(name="By tag", dimension="tag", tag="ai-initiative", by=finance)
    lines = [
        focus.line(Tags=f'{{"ai-initiative":"{mine.key}"}}', BilledCost="5"),
        focus.line(Tags=f'{{"ai-initiative":"{theirs.key}"}}', BilledCost="7"),
        focus.line(Tags=None, BilledCost="11"),
    ]
    load(focus.as_csv(lines))
    manager = person("program_manager", unit)
    assert spend(manager) == {(mine.key, 10): 5}
    assert [cell.billed for cell in selectors.totals(viewer=manager)] == [5]
    assert selectors.unallocated(viewer=manager) == []
    assert spend(person("contributor", unit)) == {}
    both = selectors.totals(viewer=finance)
    assert [(cell.is_allocated, cell.billed) for cell in both] == [(True, 12), (False, 11)]


def test_lines_of_an_initiative_come_from_the_archive(load, initiative, finance, person):
    target = initiative("One")
    services.add_rule(
        name="a", dimension="service", value="Inference", initiative=target, by=finance
    )
    imported = load(
        focus.as_csv(
            [
                focus.line(BilledCost="5", ChargeDescription="first"),
                focus.line(BilledCost="7", ChargeDescription="second"),
                focus.line(ServiceName="Storage"),
            ]
        )
    )
    waiting = selectors.lines_of_initiative(viewer=finance, key=target.key)
    assert (waiting.total, len(waiting), waiting.waiting) == (2, 0, 1)
    assert waiting[:10].empty
    services.archive(delivery_id=imported.delivery_id, by=finance)
    lines = selectors.lines_of_initiative(viewer=finance, key=target.key)
    read = lines[:10]
    assert (len(lines), sorted(read["ChargeDescription"])) == (2, ["first", "second"])
    assert sum(read["BilledCost"]) == Decimal(12)
    assert read["SubAccountId"].iloc[0] == "000000000042"
    assert selectors.lines_of_initiative(viewer=person("contributor"), key=target.key).total == 0


def test_pages_of_lines_are_the_newest_first_over_months_and_loads(load, initiative, finance):
    target = initiative("One")
    services.add_rule(
        name="a", dimension="service", value="Inference", initiative=target, by=finance
    )
    days = ("10-03", "10-21", "09-30", "10-07", "10-21")
    for account in ("1", "2"):
        lines = [
            focus.line(
                BillingAccountId=account, ResourceId=f"r-{number}",
                ChargePeriodStart=f"2026-{day}T0{number}:00:00Z",
                ChargePeriodEnd=f"2026-{day}T0{number + 1}:00:00Z",
                **({"ChargeClass": "Correction"} if day < "10" else {}),
            )
            for number, day in enumerate(days)
        ]  # fmt: skip
        services.archive(delivery_id=load(focus.as_csv(lines)).delivery_id, by=finance)
    found = selectors.lines_of_initiative(viewer=finance, key=target.key)
    assert (found.total, len(found), found.waiting) == (10, 10, 0)
    pages = [found[first : first + 3] for first in range(0, 12, 3)]
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    read = [str(start) for page in pages for start in page["ChargePeriodStart"]]
    assert read == sorted(read, reverse=True)
    assert sorted(read) == sorted(
        f"2026-{day} 0{number}:00:00+00:00" for number, day in [*enumerate(days)] * 2
    )
    september, october = dt.date(2026, 9, 1), dt.date(2026, 10, 1)
    for chosen, wanted in (
        (SpendFilter(since=october, until=october, dated="billing"), 10),
        (SpendFilter(since=september, until=september, dated="billing"), 0),
        (SpendFilter(since=september, until=september), 2),
        (SpendFilter(since=october, until=october), 8),
        (SpendFilter(search="r-4"), 2),
        (SpendFilter(since=september, until=september, search="r-4"), 0),
        (SpendFilter(dated="billing", since=october, search="r-2"), 2),
        (SpendFilter(search="Inference"), 10),
    ):
        narrowed = selectors.lines_of_initiative(viewer=finance, key=target.key, chosen=chosen)
        read = pd.concat([narrowed[first : first + 3] for first in range(0, 12, 3)])
        assert (narrowed.total, len(narrowed), len(read)) == (wanted, wanted, wanted), chosen
        if "r-" in chosen.search:
            assert set(read["ResourceId"]) <= {chosen.search}


def test_breakdown_by_any_dimension_sums_to_the_total(load, initiative, finance):
    target = initiative("One")
    services.add_rule(
        name="a", dimension="service", value="Inference", initiative=target, by=finance
    )
    lines = focus.messy_lines(150, seed=21)
    load(focus.as_csv(lines))
    for dimension in selectors.DIMENSIONS:
        cells = selectors.breakdown(viewer=finance, by=(dimension, "month"))
        sums: dict[str, Decimal] = {}
        for cell in cells:
            sums[cell.currency] = sums.get(cell.currency, Decimal(0)) + cell.billed
        assert sums == focus.billed(lines), dimension


def test_a_search_is_no_pattern(load, finance):
    load(focus.as_csv([focus.line(ResourceName="100%_done"), focus.line(ResourceName="other")]))
    found = selectors.totals(viewer=finance, chosen=SpendFilter(search="0%_d"))
    assert [cell.lines for cell in found] == [1]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10_000),
    rules=st.lists(
        st.tuples(
            st.sampled_from(["service", "account", "resource", "tag"]),
            st.sampled_from(["Inference", "000000000042", "res/00003", "ai-2", "AI-1"]),
            st.integers(1, 12),
        ),
        max_size=4,
        unique_by=lambda rule: rule[:2],
    ),
)
def test_whatever_the_rules_and_lines_the_parts_sum_to_the_bill(
    load, initiative, finance, seed, rules
):
    from django.db import transaction

    with transaction.atomic():
        target = initiative("One")
        for number, (dimension, value, month) in enumerate(rules):
            services.add_rule(
                name=f"r{number}", dimension=dimension, value=value,
                tag="ai-initiative" if dimension == "tag" else "", initiative=target,
                from_month=dt.date(2026, month, 1), by=finance,
            )  # fmt: skip
        lines = focus.messy_lines(60, seed=seed)
        imported = load(focus.as_csv(lines), now=NOW)
        for currency, billed in focus.billed(lines).items():
            assert imported.allocated[currency] + imported.unallocated[currency] == billed
        services.allocate(by=finance)
        for one in AllocationBalance.objects.filter(basis="billed"):
            assert one.source_total == focus.billed(lines)[one.currency]
        transaction.set_rollback(True)


def test_a_budget_is_written_whole_and_revised(initiative, finance, unit):
    from governance_app.spend.services.budgets import BudgetLine

    target = initiative("One")
    march = dt.date(2026, 3, 1)

    def plan(amount: str, name: str):
        lines = [
            BudgetLine(target.node, march, Decimal(amount), "USD"),
            BudgetLine(unit, march, Decimal("100"), "USD"),
        ]
        return services.set_budget(name=name, fiscal_year=2026, lines=lines, by=finance)

    assert plan("10", "Original").number == 1
    revised = plan("12.5", "Revised")
    assert (revised.number, revised.totals) == (2, {"USD": "112.5"})
    chosen = SpendFilter(initiative=target.key)
    assert selectors.budget_months(viewer=finance, chosen=chosen) == {
        (march, "USD"): Decimal("12.5")
    }
    with pytest.raises(Sentence, match="stands twice"):
        line = BudgetLine(unit, march, Decimal(1), "USD")
        services.set_budget(name="x", fiscal_year=2026, lines=[line, line], by=finance)
