"""The status that the facts propose."""

from datetime import date
from decimal import Decimal

from governance_app.domain.status import Facts, KpiFact, Limits, Status, propose

ON = date(2026, 11, 21)


def test_everything_in_order_is_on_track_and_says_why() -> None:
    facts = Facts(
        on=ON,
        planned_on=date(2026, 12, 31),
        milestone="Go-live",
        actual=Decimal(90),
        budget=Decimal(100),
        kpis=(KpiFact("Handling time", 0.55, 0.5),),
        time_box_ends_on=date(2027, 1, 1),
    )
    found = propose(facts)
    assert found.status is Status.ON_TRACK
    assert found.sentence == (
        "On track: Go-live is on time; spend is within budget; Handling time keeps to its path;"
        " it is inside its time box."
    )


def test_the_worst_fact_decides_and_good_news_is_left_out() -> None:
    facts = Facts(
        on=ON,
        planned_on=ON,
        actual=Decimal(50),
        budget=Decimal(100),
        forecast=Decimal(115),
        full_budget=Decimal(100),
    )
    assert propose(facts).sentence == "Off track: the forecast is 15 % over budget."


def test_a_missing_reading_is_a_risk_of_its_own() -> None:
    found = propose(Facts(on=ON, kpis=(KpiFact("Churn", None, 0.5),)))
    assert (found.status, found.reasons) == (Status.AT_RISK, ("Churn has no fresh reading",))


def test_behind_the_path_by_a_third_is_off_track() -> None:
    found = propose(Facts(on=ON, kpis=(KpiFact("Churn", 0.1, 0.5),)))
    assert found.sentence == "Off track: Churn is 10 % of the way, 50 % was due."


def test_a_pilot_past_its_time_box() -> None:
    found = propose(Facts(on=ON, time_box_ends_on=date(2026, 11, 20)))
    assert found.sentence == "At risk: it is 1 day past its time box."


def test_spend_without_a_budget_is_named() -> None:
    found = propose(Facts(on=ON, actual=Decimal(5), budget=Decimal(0)))
    assert found.sentence == "At risk: spend has no budget."


def test_limits_are_policy() -> None:
    facts = Facts(on=ON, planned_on=date(2026, 11, 11))
    assert propose(facts).status is Status.ON_TRACK
    assert propose(facts, Limits(slip_days=(5, 9))).status is Status.OFF_TRACK


def test_a_hair_below_the_baseline_is_no_minus_zero() -> None:
    found = propose(Facts(on=ON, kpis=(KpiFact("Handling time", -0.001, 0.5),)))
    assert found.sentence == "Off track: Handling time is 0 % of the way, 50 % was due."
