"""Splits, pools and drivers: the parts sum to the amount, and say how they came about."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance_app.domain.allocation import split_exact, to_units
from governance_app.domain.errors import Sentence
from governance_app.spend import saying, selectors, services
from governance_app.spend.models import (
    AllocationBalance,
    AllocationRun,
    KeyShare,
    Pool,
    RuleProposal,
    RuleVersion,
    SpendAllotment,
    SpendKeyMonth,
    SplitPart,
    SplitShare,
)
from governance_app.spend.selectors import SpendFilter
from tests.factories import focus
from tests.spend.conftest import NOW

pytestmark = pytest.mark.django_db

OCTOBER = dt.date(2026, 10, 1)


@pytest.fixture
def initiative(admin, unit):
    """Add an initiative to a unit."""
    from governance_app.initiatives import services as initiatives

    def add(name: str, place=None):
        return initiatives.add(name=name, unit=place or unit, by=admin)

    return add


@pytest.fixture
def rule(finance):
    """Add a rule: ``rule("Shared", "service", "Platform", kind="even", targets=[...])``."""

    def add(name, dimension="", value="", *, match="is", tag="", position=None, month=None, **says):
        if dimension:
            says["conditions"] = [
                {"dimension": dimension, "tag": tag, "match": match, "values": [value]},
                *says.pop("also", []),
            ]
        return services.add_rule(
            name=name, says=saying.read(says, viewer=finance), position=position, by=finance,
            **({"from_month": month} if month else {}),
        )  # fmt: skip

    return add


def spend(viewer, **chosen):
    frame = selectors.initiative_months(viewer=viewer, chosen=SpendFilter(**chosen))
    return {row.initiative: row.billed for row in frame.itertuples()}


def unallocated(viewer):
    return sum((cell.billed for cell in selectors.unallocated(viewer=viewer)), Decimal(0))


def goals(*pairs):
    return [{"initiative": one.key, **({"share": share} if share else {})} for one, share in pairs]


def test_an_even_split_gives_the_last_unit_to_the_first(load, initiative, rule, finance):
    a, b, c = (initiative(name) for name in "abc")
    rule("Shared", "service", "Inference", kind="even",
         targets=goals((a, ""), (b, ""), (c, "")))  # fmt: skip
    load(focus.as_csv([focus.line(BilledCost="10", EffectiveCost="-10")]))
    third = Decimal("3.333333333333333333")
    unit = Decimal("0.000000000000000001")
    assert spend(finance) == {a.key: third + unit, b.key: third, c.key: third}
    parts = SplitPart.objects.order_by("number")
    assert [part.effective for part in parts] == [-third - unit, -third, -third]
    assert unallocated(finance) == 0


def test_fixed_shares_split_every_cost_and_quantity(load, initiative, rule, finance):
    a, b = initiative("a"), initiative("b")
    rule("Shared", "account", "0000", match="starts with", kind="fixed",
         targets=goals((a, "0.7"), (b, "0.3")))  # fmt: skip
    load(focus.as_csv([focus.line(BilledCost="1", ListCost="0.1", ConsumedQuantity="10")]))
    assert spend(finance) == {a.key: Decimal("0.7"), b.key: Decimal("0.3")}
    frame = selectors.initiative_months(viewer=finance)
    assert list(frame["list"]) == [Decimal("0.07"), Decimal("0.03")]
    assert [part.consumed for part in SplitPart.objects.order_by("number")] == [7, 3]


def test_shares_that_do_not_sum_to_one_are_refused(initiative, rule, ledger_count):
    a, b = initiative("a"), initiative("b")
    before = ledger_count()
    with pytest.raises(Sentence, match=r"sum to 1\.1"):
        rule("Shared", "service", "x", kind="fixed", targets=goals((a, "0.7"), (b, "0.4")))
    assert RuleVersion.objects.count() == 0
    assert ledger_count() == before


def test_every_condition_must_hold(load, initiative, rule, finance):
    a = initiative("a")
    rule("Both", "service", "infer", match="contains", kind="direct", initiative=a.key,
         also=[{"dimension": "tag", "tag": "Team", "match": "is", "values": ["GenAI", "ml"]}],
         )  # fmt: skip
    load(
        focus.as_csv(
            [
                focus.line(BilledCost="1", Tags='{"team": " genai "}'),
                focus.line(BilledCost="2", Tags='{"team": "ops"}'),
                focus.line(BilledCost="4", Tags='{"TEAM": "ML"}', ServiceName="Storage"),
                focus.line(BilledCost="8", Tags='{"TEAM": "ML"}', ResourceId="b"),
            ]
        )
    )
    assert spend(finance) == {a.key: 9}


def test_synonyms_count_in_their_months(load, initiative, rule, finance):
    a = initiative("a")
    rule("Team", "tag", "genai", tag="team", kind="direct", initiative=a.key)
    early = {"ChargePeriodStart": "2026-09-30", "ChargePeriodEnd": "2026-10-01"}
    tags = {"Tags": '{"Squad": "Gen-AI"}'}
    load(focus.as_csv([focus.line(BilledCost="1", **tags, **early),
                       focus.line(BilledCost="2", **tags)]))  # fmt: skip
    services.allocate(by=finance)
    assert spend(finance) == {}
    services.add_synonym(written="squad", means="team", by=finance)
    services.add_synonym(
        tag="team", written="Gen-AI", means="genai", from_month=OCTOBER, by=finance
    )
    services.allocate(by=finance, is_full=False)
    assert spend(finance) == {a.key: 2}


def test_in_proportion_to_direct_cost(load, initiative, rule, finance):
    a, b = initiative("a"), initiative("b")
    for one, name in ((a, "Alpha"), (b, "Beta")):
        rule(name, "service", name, kind="direct", initiative=one.key)
    rule("Shared", "service", "Platform", kind="driver", driver="cost")
    bill = [
        focus.line(ServiceName="Alpha", BilledCost="3", EffectiveCost="30"),
        focus.line(ServiceName="Beta", BilledCost="3", EffectiveCost="10"),
        focus.line(ServiceName="Platform", BilledCost="100", EffectiveCost="100"),
    ]
    load(focus.as_csv(bill))
    assert spend(finance) == {a.key: 78, b.key: 28}
    # Another bill changes what is measured, so the first one's platform is cut anew.
    other = services.add_source(name="Other", owner=finance, by=finance)
    load(focus.as_csv([focus.line(ServiceName="Beta", BilledCost="0", EffectiveCost="20")]),
         source=other)  # fmt: skip
    assert spend(finance) == {a.key: 53, b.key: 53}
    steps = SplitShare.objects.get(initiative=a, charge_month=OCTOBER).steps
    assert (steps[0][0]["driver"], steps[0][0]["quantity"], steps[0][0]["of"]) == (
        "cost", "30.000000000000000000", "60.000000000000000000",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("when_zero", "expected"), [("even", (5, 5, 0)), ("unallocated", (0, 0, 10))]
)
def test_a_driver_nobody_used(load, initiative, rule, finance, when_zero, expected):
    a, b = initiative("a"), initiative("b")
    rule("Shared", "service", "Inference", kind="driver", driver="tokens", when_zero=when_zero,
         targets=goals((a, ""), (b, "")))  # fmt: skip
    load(focus.as_csv([focus.line(BilledCost="10")]))
    found = spend(finance)
    assert (found.get(a.key, 0), found.get(b.key, 0), unallocated(finance)) == expected


def test_tokens_come_from_readings_or_from_bill_lines(load, initiative, rule, finance, admin):
    from governance_app.domain.records import Reading
    from governance_app.readings import services as readings

    a, b = initiative("a"), initiative("b")
    series = readings.open_series(
        initiative=a, key="tokens", name="Tokens", unit="tokens", source="push", by=admin
    )
    readings.record(series=series, points=[Reading(dt.date(2026, 10, 9), Decimal(3_000_000), "")],
                    by=admin)  # fmt: skip
    rule("Direct", "service", "Chat", kind="direct", initiative=b.key)
    rule("Shared", "service", "Platform", kind="driver", driver="tokens")
    lines = [
        focus.line(
            ServiceName="Chat", BilledCost="0", ConsumedUnit="1M tokens", ConsumedQuantity="1"
        ),
        focus.line(ServiceName="Platform", BilledCost="8"),
    ]
    load(focus.as_csv(lines))
    assert spend(finance) == {a.key: 6, b.key: 2}


def test_pools_step_down_and_say_how(load, initiative, rule, finance):
    a, b = initiative("a"), initiative("b")
    for name in ("Platform", "Data"):
        services.add_pool(name=name, by=finance)
    rule("Into", "service", "Inference", kind="pool", pool="Platform")
    halves = [{"initiative": a.key, "share": "0.5"}, {"pool": "Data", "share": "0.5"}]
    rule("Platform on", from_pool="Platform", kind="fixed", targets=halves)
    load(focus.as_csv([focus.line(BilledCost="10")]))
    assert (spend(finance), unallocated(finance)) == ({a.key: 5}, 5)
    rule("Data on", from_pool="Data", kind="even", targets=goals((a, ""), (b, "")))
    services.allocate(by=finance, is_full=False)
    assert spend(finance) == {a.key: Decimal("7.5"), b.key: Decimal("2.5")}
    ways = SplitShare.objects.get(initiative=a).steps
    assert [len(way) for way in ways] == [2, 3]


def test_pools_take_another_order_unless_a_rule_would_pass_cost_back_up(rule, finance, initiative):
    for name in ("A", "B", "C"):
        services.add_pool(name=name, by=finance)
    rule("A on", from_pool="A", kind="pool", pool="B")
    moved = services.order_pools(names=["C", "A", "B"], by=finance)
    assert [(pool.name, pool.position) for pool in moved] == [("C", 1), ("A", 2), ("B", 3)]
    for wrong in (["B", "A", "C"], ["A", "B"], ["A", "B", "B"]):
        with pytest.raises(Sentence), transaction.atomic():
            services.order_pools(names=wrong, by=finance)
    standing = Pool.objects.order_by("position").values_list("name", flat=True)
    assert list(standing) == ["C", "A", "B"]


def test_a_spelling_that_ended_counts_in_earlier_months_only(load, initiative, rule, finance):
    a = initiative("A")
    rule("Team", "tag", "genai", tag="team", kind="direct", initiative=a.key)
    spelling = services.add_synonym(tag="team", written="gen-ai", means="genai", by=finance)
    lines = [
        focus.line(
            BilledCost=amount, EffectiveCost=amount, Tags='{"team": "gen-ai"}',
            ChargePeriodStart=f"2026-{month:02}-05T00:00:00Z",
            ChargePeriodEnd=f"2026-{month:02}-06T00:00:00Z",
        )
        for month, amount in ((9, "4"), (10, "6"))
    ]  # fmt: skip
    load(focus.as_csv(lines))
    assert unallocated(finance) == 0
    services.end_synonym(synonym=spelling, until_month=OCTOBER, by=finance)
    services.allocate(by=finance)
    assert unallocated(finance) == 6
    with pytest.raises(Sentence, match="first of a month"):
        services.end_synonym(synonym=spelling, until_month=dt.date(2026, 11, 2), by=finance)
    spelling.refresh_from_db()
    assert spelling.until_month == OCTOBER


def test_pools_in_a_circle_are_refused_with_both_rules(rule, finance, initiative):
    for name in ("A", "B"):
        services.add_pool(name=name, by=finance)
    rule("Down", from_pool="A", kind="pool", pool="B")
    with pytest.raises(Sentence, match=r"Down and Up|Up and Down"):
        rule("Up", from_pool="B", kind="pool", pool="A")
    with pytest.raises(Sentence, match="Twice and Down, version 1 would both pass on the pool A"):
        rule("Twice", from_pool="A", kind="direct", initiative=initiative("a").key)
    assert RuleVersion.objects.count() == 1


def test_versions_that_overlap_are_refused_with_both(rule, finance, initiative):
    a = initiative("a")
    version = rule("R", "service", "x", kind="direct", initiative=a.key, month=OCTOBER)
    with pytest.raises(Sentence, match=r"R, version 1 has said .* R, version 2 from May 2026"):
        services.change_rule(
            rule=version.rule, from_month=dt.date(2026, 5, 1),
            dimension="service", value="y", initiative=a, by=finance,
        )  # fmt: skip


def test_unused_commitments_stay_with_the_buyer(load, initiative, rule, finance):
    a, b, owner = initiative("a"), initiative("b"), initiative("owner")
    rule("Shared", "service", "Inference", kind="even", targets=goals((a, ""), (b, "")))
    rule("Account", "account", "000000000042", kind="direct", initiative=owner.key)
    unused = {"CommitmentDiscountId": "cd-1", "CommitmentDiscountStatus": "Unused"}
    load(focus.as_csv([focus.line(BilledCost="2"), focus.line(BilledCost="8", **unused)]))
    assert spend(finance) == {a.key: 1, b.key: 1, owner.key: 8}
    services.end_rule(
        rule=RuleVersion.objects.get(rule__name="Shared").rule, until_month=OCTOBER, by=finance
    )
    rule("Shared too", "service", "Inference", kind="even", takes_unused=True, position=1,
         targets=goals((a, ""), (b, "")), month=OCTOBER)  # fmt: skip
    services.allocate(by=finance, is_full=False)
    assert spend(finance) == {a.key: 5, b.key: 5}


def test_a_preview_is_exact_and_changes_nothing(load, initiative, finance, ledger_count):
    a, b, c = (initiative(name) for name in "abc")
    services.add_rule(name="A", dimension="service", value="Inference", initiative=a, by=finance)
    load(
        focus.as_csv(
            [focus.line(BilledCost="5"), focus.line(BilledCost="31.25", ServiceName="Other")]
        )
    )
    services.allocate(by=finance)
    before = ledger_count(), AllocationRun.objects.count()
    asked = {
        "name": "Other",
        "position": 1,
        "says": {
            "conditions": [{"dimension": "region", "match": "contains", "values": ["west"]}],
            "kind": "even",
            "targets": goals((b, ""), (c, "")),
        },
    }
    effect = services.preview_rule(action="add", asked=asked, by=finance)
    assert effect.sentence == (
        "This would move 36.25 USD from unallocated and 1 initiative to 2 initiatives."
    )
    half = Decimal("18.125")
    assert {one.key: one.billed for one in effect.moves} == {
        b.key: half, c.key: half, a.key: -5, "": Decimal("-31.25"),
    }  # fmt: skip
    assert (ledger_count(), AllocationRun.objects.count()) == before
    assert spend(finance) == {a.key: 5}
    services.propose_rule(action="add", asked=asked, by=finance)
    services.allocate(by=finance, is_full=False)
    assert spend(finance) == {b.key: half, c.key: half}


def test_four_eyes_are_two_people(load, initiative, finance, person, admin):
    from governance_app.books import services as books

    a = initiative("a")
    books.set_value(
        key="rules_four_eyes", value=True, from_on=dt.date(2020, 1, 1), source="Policy", by=admin
    )
    with pytest.raises(Sentence, match="four eyes"):
        services.add_rule(name="A", dimension="service", value="x", initiative=a, by=finance)
    load(focus.as_csv([focus.line(BilledCost="5")]))
    says = {"conditions": [{"dimension": "service", "values": ["inference"]}],
            "initiative": a.key}  # fmt: skip
    proposal = services.propose_rule(
        action="add", asked={"name": "A", "says": says}, by=finance, reason="As agreed"
    )
    assert proposal.effect["sentence"] == (
        "This would move 5.00 USD from unallocated to 1 initiative."
    )
    assert RuleVersion.objects.count() == 0
    with pytest.raises(Sentence, match="somebody else"):
        services.decide_proposal(proposal=proposal, is_approved=True, by=finance)
    services.decide_proposal(
        proposal=proposal, is_approved=True, by=person("finance_partner", name="Second")
    )
    assert RuleVersion.objects.count() == 1
    assert RuleProposal.objects.get().state == "applied"
    services.allocate(by=finance, is_full=False)
    assert spend(finance) == {a.key: 5}


def test_only_keys_a_change_may_touch_are_asked(load, initiative, rule, finance):
    a, b = initiative("a"), initiative("b")
    rule("All", "service", "Inference", kind="direct", initiative=a.key)
    load(focus.as_csv([focus.line(BilledCost="1", ResourceId=f"r{n}") for n in range(50)]))
    services.allocate(by=finance)
    rule("One", "resource", "R7", kind="direct", initiative=b.key, position=1)
    run = services.allocate(by=finance, is_full=False)
    assert (run.keys_touched, run.shares_added, run.shares_removed) == (1, 1, 1)
    assert spend(finance) == {a.key: 49, b.key: 1}
    services.move_rule(rule=RuleVersion.objects.get(rule__name="One").rule, position=2, by=finance)
    run = services.allocate(by=finance, is_full=False)
    assert (run.keys_touched, spend(finance)) == (1, {a.key: 50})


CONDITIONS = st.sampled_from(
    [
        ("service", "", "is", "inference"),
        ("service", "", "contains", "o"),
        ("account", "", "starts with", "0000"),
        ("resource", "", "is", "res/00003"),
        ("resource", "", "starts with", "res/0001"),
        ("tag", "ai-initiative", "is", "ai-2"),
        ("tag", "ai-initiative", "key", ""),
    ]
)
OUTCOMES = st.sampled_from(["direct", "even", "fixed", "cost", "tokens", "pool"])


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10_000),
    rules=st.lists(
        st.tuples(
            st.lists(CONDITIONS, min_size=1, max_size=2, unique=True),
            OUTCOMES,
            st.integers(1, 12),
            st.booleans(),
        ),
        max_size=5,
    ),
    passes=st.booleans(),
)
def test_whatever_the_rules_the_parts_sum_and_a_part_run_equals_a_full_one(
    load, initiative, finance, source, seed, rules, passes
):
    with transaction.atomic():
        a, b, c = (initiative(name) for name in "abc")
        services.add_pool(name="P", by=finance)
        if passes:
            passing = {"from_pool": "P", "kind": "driver", "driver": "cost", "when_zero": "even",
                       "targets": goals((a, ""), (c, ""))}  # fmt: skip
            services.add_rule(name="on", says=saying.read(passing, viewer=finance), by=finance)
        lines = focus.messy_lines(60, seed=seed)
        load(focus.as_csv(lines[:30]), now=NOW)
        services.allocate(by=finance)
        for number, (conditions, outcome, month, is_first) in enumerate(rules):
            takes_key = any(one[2] == "key" for one in conditions)
            says = {
                "conditions": [
                    {"dimension": d, "tag": t, "match": m, "values": [v] if v else []}
                    for d, t, m, v in conditions
                ],
                "kind": "direct" if takes_key or outcome == "direct"
                else "driver" if outcome in ("cost", "tokens") else outcome,
            }  # fmt: skip
            if says["kind"] == "direct" and not takes_key:
                says["initiative"] = a.key
            elif outcome == "fixed":
                says["targets"] = goals((a, "0.1234567"), (b, "0.8765433"))
            elif outcome == "even":
                says["targets"] = goals((a, ""), (b, ""), (c, ""))
            elif outcome == "pool":
                says["pool"] = "P"
            elif outcome in ("cost", "tokens"):
                says |= {"driver": outcome, "when_zero": "even" if number % 2 else "unallocated"}
            services.add_rule(
                name=f"r{number}", says=saying.read(says, viewer=finance),
                position=1 if is_first else None, from_month=dt.date(2026, month, 1), by=finance,
            )  # fmt: skip
            services.allocate(by=finance, is_full=False)
        imported = load(focus.as_csv(lines), now=NOW + dt.timedelta(hours=1))
        for currency, billed in focus.billed(lines).items():
            assert imported.billed[currency] == billed
        services.allocate(by=finance, is_full=False)
        after = _state()
        run = services.allocate(by=finance)
        assert (run.shares_added, run.shares_removed) == (0, 0)
        assert _state() == after
        for one in AllocationBalance.objects.filter(run=run, basis="billed"):
            assert one.source_total == focus.billed(lines)[one.currency]
        _check_parts()
        _check_sums(finance)
        transaction.set_rollback(True)


def _state():
    return sorted(
        SpendAllotment.objects.values_list(
            "facet_id", "charge_month", "currency", "initiative_id", "billed", "effective", "lines"
        ),
        key=str,
    )


def _check_parts():
    """Each split key-month is cut as the sum of paper says: largest remainder of whole units."""
    for cell in SpendKeyMonth.objects.filter(key__in=SplitPart.objects.values("key")):
        parts = SplitPart.objects.filter(
            key=cell.key_id, load=cell.load_id, charge_month=cell.charge_month,
            currency=cell.currency, invoice=cell.invoice, billing_month=cell.billing_month,
        ).order_by("number")  # fmt: skip
        if not parts:
            assert KeyShare.objects.filter(key=cell.key_id).exists() or True
            continue
        shares = SplitShare.objects.filter(
            rule_version=parts[0].rule_version_id, charge_month=cell.charge_month
        )
        weights = {one.position: int(one.weight) for one in shares.order_by("position")}
        for name in ("billed", "effective", "contracted", "list"):
            amount = getattr(cell, name)
            if amount is None:
                assert all(getattr(part, name) is None for part in parts)
                continue
            wanted = split_exact(to_units(amount), weights) if weights else {1: to_units(amount)}
            assert {part.number: to_units(getattr(part, name)) for part in parts} == wanted


def _check_sums(viewer):
    """What pages sum from kept sums is what the key-months and parts sum to."""
    kept = selectors.breakdown(viewer=viewer, by=("initiative", "month"))
    slow = selectors.breakdown(viewer=viewer, by=("initiative", "month"),
                               chosen=SpendFilter(search="e"))  # fmt: skip
    found = {(cell.codes, cell.currency): cell for cell in kept}
    for cell in slow:
        other = found[cell.codes, cell.currency]
        assert (cell.billed, cell.list, cell.lines) == (other.billed, other.list, other.lines)
