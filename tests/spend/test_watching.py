"""Unusual days are found in loaded bills, once, and stay as people decided."""

import datetime as dt
from decimal import Decimal

import pytest

from governance_app.domain.errors import Sentence
from governance_app.jobs import services as jobs
from governance_app.jobs.tasks import run_inline
from governance_app.people.access import Refused
from governance_app.spend import selectors, services
from governance_app.spend.models import Anomaly, SpendDay
from governance_app.spend.selectors import SpendFilter
from governance_app.spend.services.sources import WATCH
from tests.factories import focus
from tests.spend.conftest import NOW

pytestmark = pytest.mark.django_db

SPIKE = dt.date(2026, 10, 20)  # a Tuesday


@pytest.fixture
def bills(load, finance):
    """Load July to October, a line a day: a fixed amount, a third of it at weekends."""

    def run(spike: str = "3100", at: dt.datetime = NOW):
        for month in range(7, 11):
            lines = []
            day = dt.date(2026, month, 1)
            while day.month == month:
                amount = "1000" if day.weekday() < 5 else "330"
                after = day + dt.timedelta(days=1)
                lines.append(
                    focus.line(
                        ServiceName="Azure OpenAI", SubAccountId="X", SubAccountName="X",
                        BilledCost="0", EffectiveCost=spike if day == SPIKE else amount,
                        ChargePeriodStart=f"{day}T00:00:00Z", ChargePeriodEnd=f"{after}T00:00:00Z",
                        BillingPeriodStart=f"2026-{month:02}-01T00:00:00Z",
                        BillingPeriodEnd=f"2026-{month + 1:02}-01T00:00:00Z",
                    )
                )  # fmt: skip
                day = after
            made = load(focus.as_csv(lines), f"{month}.csv", now=at)
            if made.delivery_id:
                services.archive(delivery_id=made.delivery_id, by=finance)

    return run


def watch(finance):
    services.keep_days(by=finance)
    found = services.watch(by=finance, on=dt.date(2026, 11, 2))
    return found.new, found.changed, found.gone


def test_a_known_anomaly_is_told_once_with_an_owner(bills, finance, person):
    bills()
    assert watch(finance) == (1, 0, 0)
    one = Anomaly.objects.get()
    assert (one.on, one.grain, one.owner, one.state) == (SPIKE, "day", finance, "open")
    assert one.sentence == "Azure OpenAI in account X cost 3.1 times its usual Tuesday: +2,100 USD"
    assert watch(finance) == (0, 0, 0)
    assert SpendDay.objects.count() == 123
    assert list(selectors.anomalies(viewer=person("contributor"))) == []


@pytest.mark.django_db(transaction=True)
def test_the_job_that_looks_every_six_hours_reads_what_came(bills, finance):
    bills()
    done = run_inline(jobs.receive(kind=WATCH, title="Look", payload={}, by=finance))
    assert (done.state, done.result["loads"], SpendDay.objects.count()) == ("done", 4, 123)
    again = run_inline(jobs.receive(kind=WATCH, title="Look", payload={}, by=finance))
    assert (again.state, again.result["loads"], again.result["new"]) == ("done", 0, 0)


def test_what_a_person_decided_stays_and_what_a_bill_took_away_is_gone(bills, finance):
    bills()
    watch(finance)
    one = Anomaly.objects.get()
    with pytest.raises(Sentence, match="Say what happened"):
        services.decide_anomaly(anomaly=one, state="explained", note=" ", by=finance)
    services.decide_anomaly(anomaly=one, state="explained", note="A backfill.", by=finance)
    assert watch(finance) == (0, 0, 0)
    one.refresh_from_db()
    assert (one.state, one.decided_by) == ("explained", finance)
    services.decide_anomaly(anomaly=one, state="open", note="Not so sure.", by=finance)
    bills("1000", NOW + dt.timedelta(days=1))
    assert watch(finance) == (0, 0, 1)
    one.refresh_from_db()
    assert one.state == "gone"


def test_somebody_else_may_answer_for_it_and_a_reader_may_not_say_so(bills, finance, person):
    bills()
    watch(finance)
    other = person("finance_partner")
    reader = person("executive")
    with pytest.raises(Refused):
        services.hand_anomaly(anomaly=Anomaly.objects.get(), owner=reader, by=reader)
    assert Anomaly.objects.get().owner == finance
    services.hand_anomaly(anomaly=Anomaly.objects.get(), owner=other, by=finance)
    assert watch(finance) == (0, 0, 0)
    assert Anomaly.objects.get().owner == other


def test_days_sum_to_the_month(bills, finance):
    bills()
    services.keep_days(by=finance)
    october = dt.date(2026, 10, 1)
    found = selectors.days(
        viewer=finance, by="service", chosen=SpendFilter(since=october, until=october)
    )
    (whole,) = selectors.totals(viewer=finance, chosen=SpendFilter(since=october, until=october))
    assert len(found) == 31
    assert sum(one.effective for one in found) == whole.effective


def test_unit_costs_are_of_the_same_lines(load, finance):
    lines = [
        focus.line(EffectiveCost="3", ConsumedUnit="1K tokens", ConsumedQuantity="2000"),
        focus.line(EffectiveCost="1", ConsumedUnit="Tokens", ConsumedQuantity="2000000"),
        focus.line(EffectiveCost="5", ConsumedUnit="Requests", ConsumedQuantity="10"),
        focus.line(EffectiveCost="9", ConsumedUnit="Hours", ConsumedQuantity="10"),
    ]
    load(focus.as_csv(lines))
    found = selectors.unit_costs(viewer=finance, chosen=SpendFilter())
    assert {one.what: one.unit_cost for one in found} == {"tokens": 1, "requests": Decimal("0.5")}


def test_suggestions_cover_what_is_unallocated(load, finance, unit, admin):
    from governance_app.initiatives import services as initiatives

    target = initiatives.add(name="Claims copilot", unit=unit, by=admin)
    services.add_rule(
        name="A", dimension="service", value="Inference", initiative=target, by=finance
    )
    lines = [
        focus.line(BilledCost="90", Tags=None),
        focus.line(BilledCost="62", ServiceName="B", Tags='{"team": "genai"}'),
        focus.line(BilledCost="38", ServiceName="C", SubAccountId="7",
                   SubAccountName="claims-copilot", Tags=None),
    ]  # fmt: skip
    load(focus.as_csv(lines))
    found = selectors.suggestions(viewer=finance)
    by_value = {(one.dimension, one.tag, one.value): one for one in found}
    team = by_value["tag", "team", "genai"]
    assert (team.amount, team.share, team.initiative) == (62, 0.62, "")
    named = by_value["account", "", "7"]
    assert (named.amount, named.initiative, named.why) == (38, target.key, "it says Claims copilot")
    assert by_value["account", "", "000000000042"].why == "it bears 100% of this account already"


def test_an_allocated_amount_explains_itself(load, finance, unit, admin):
    from governance_app.initiatives import services as initiatives
    from governance_app.spend import saying

    first, second = (initiatives.add(name=name, unit=unit, by=admin) for name in ("One", "Two"))
    services.add_pool(name="Platform", by=finance)
    for name, says in (
        ("In", {"conditions": [{"dimension": "service", "values": ["Inference"]}],
                "kind": "pool", "pool": "Platform"}),
        ("On", {"from_pool": "Platform", "kind": "fixed",
                "targets": [{"initiative": first.key, "share": "0.25"},
                            {"initiative": second.key, "share": "0.75"}]}),
    ):  # fmt: skip
        services.add_rule(name=name, says=saying.read(says, viewer=finance), by=finance)
    load(focus.as_csv([focus.line(BilledCost="8")]))
    (one,) = selectors.explained(viewer=finance, chosen=SpendFilter(initiative=first.key))
    assert (one.billed, one.share, one.rule, one.version) == (2, Decimal("0.25"), "In", 1)
    assert one.sentence == (
        f"In, version 1: all to the pool Platform, then 25 % to {first.key} by On, version 1"
    )


def test_the_days_of_a_split_sum_to_its_month(load, finance, unit, admin):
    from governance_app.initiatives import services as initiatives
    from governance_app.spend import saying

    parts = [initiatives.add(name=name, unit=unit, by=admin) for name in ("One", "Two", "Three")]
    says = {"conditions": [{"dimension": "service", "values": ["inference"]}], "kind": "even",
            "targets": [{"initiative": one.key} for one in parts]}  # fmt: skip
    services.add_rule(name="Even", says=saying.read(says, viewer=finance), by=finance)
    lines = [
        focus.line(
            BilledCost=amount, EffectiveCost="1",
            ChargePeriodStart=f"2026-10-{day:02}T00:00:00Z",
            ChargePeriodEnd=f"2026-10-{day + 1:02}T00:00:00Z",
        )
        for day, amount in ((3, "10"), (4, "-3.7"), (5, "0.000000000000000001"), (6, "0.01"))
    ]  # fmt: skip
    made = load(focus.as_csv(lines))
    services.archive(delivery_id=made.delivery_id, by=finance)
    days: dict[str, Decimal] = {}
    for one in selectors.borne_days(viewer=finance, by="initiative", chosen=SpendFilter()):
        days[one.code] = days.get(one.code, Decimal(0)) + one.billed
    frame = selectors.initiative_months(viewer=finance)
    assert days == {row.initiative: row.billed for row in frame.itertuples()}
    assert sum(days.values()) == Decimal("6.310000000000000001")
