"""Return on investment and its neighbours. METHOD section 4; ratios are decimals (0.25 is 25 %)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from governance_app.domain import cashflow
from governance_app.domain.figures import Figure, Null
from governance_app.domain.money import EXACT, exact_sum
from governance_app.domain.periods import months_between


def ratio(part: Decimal, whole: Decimal) -> float:
    """
    Divide two amounts of one currency.

    >>> ratio(Decimal(1), Decimal(4))
    0.25
    """
    return float(EXACT.divide(part, whole))


def net_benefit(benefit: Decimal, cost: Decimal) -> Decimal:
    """
    Give sum B - sum C, exactly.

    >>> net_benefit(Decimal(2600), Decimal(2200))
    Decimal('400')
    """
    return EXACT.subtract(benefit, cost)


def roi(benefit: Decimal, cost: Decimal) -> Figure[float]:
    """
    Give (sum B - sum C) / sum C, since inception or over the life cycle.

    Args:
        benefit: sum of the benefits on one rung.
        cost: total cost of ownership over the same time, positive; never the cloud bill alone.

    Returns:
        A ratio; null when the cost is 0.

    >>> round(roi(Decimal(2600), Decimal(2200)).need(), 6)
    0.181818
    """
    if cost == 0:
        return Null("No cost is recorded yet, so there is nothing to return on.")
    return Figure(ratio(net_benefit(benefit, cost), cost))


def benefit_cover(benefit: Decimal, cost: Decimal) -> Figure[float]:
    """
    Give sum B / sum C in one fiscal window, same initiatives, same months. Never call it ROI.

    >>> benefit_cover(Decimal(150), Decimal(100)).value
    1.5
    """
    if cost == 0:
        return Null("No cost falls into this window.")
    return Figure(ratio(benefit, cost))


def realisation(validated: Decimal, promised: Decimal, *, months_reviewed: int) -> Figure[float]:
    """
    Give validated / promised over the months that finance has reviewed.

    Args:
        validated: benefit that finance agreed to in those months.
        promised: benefit of the frozen business case in the same months.
        months_reviewed: how many months finance has reviewed.

    >>> realisation(Decimal(30), Decimal(40), months_reviewed=3).value
    0.75
    >>> realisation(Decimal(0), Decimal(40), months_reviewed=0).reason
    'Finance has not reviewed any month yet.'
    """
    if months_reviewed == 0:
        return Null("Finance has not reviewed any month yet.")
    if promised == 0:
        return Null("Nothing was promised for the months that finance has reviewed.")
    return Figure(ratio(validated, promised))


def unit_cost(cost: Decimal, outcomes: Decimal) -> Figure[Decimal]:
    """
    Give allocated cost per accepted outcome, as money.

    >>> unit_cost(Decimal(90), Decimal(120)).value
    Decimal('0.75')
    """
    if outcomes == 0:
        return Null("No accepted outcomes are recorded.")
    return Figure(cashflow.PRECISE.divide(cost, outcomes))


def break_even_volume(
    fixed: Decimal, unit_value: Decimal, unit_variable_cost: Decimal
) -> Figure[Decimal]:
    """
    Give the volume at which the margin pays the fixed cost: fixed / (value - variable cost).

    >>> break_even_volume(Decimal(1000), Decimal(5), Decimal(3)).value
    Decimal('500')
    """
    margin = EXACT.subtract(unit_value, unit_variable_cost)
    if margin <= 0:
        return Null("Each unit costs at least what it is worth, so no volume breaks even.")
    return Figure(cashflow.PRECISE.divide(fixed, margin))


def cost_at_completion(actual: Decimal, estimate_to_complete: Decimal | None) -> Figure[Decimal]:
    """
    Give actual cost plus the submitted estimate to complete.

    >>> cost_at_completion(Decimal(70), Decimal(30)).value
    Decimal('100')
    """
    if estimate_to_complete is None:
        return Null("No estimate to complete has been submitted.")
    return Figure(EXACT.add(actual, estimate_to_complete))


def benefit_at_completion(
    validated: Decimal, remaining_promise: Decimal, realised: Figure[float]
) -> Figure[Decimal]:
    """
    Give the benefit validated to date plus the remaining promise at the realisation so far.

    >>> benefit_at_completion(Decimal(30), Decimal(40), Figure(0.75)).value
    Decimal('60.00')
    """
    return realised.map(
        lambda share: EXACT.add(validated, EXACT.multiply(remaining_promise, Decimal(str(share))))
    )


def ai_share_of_it_budget(ai_spend: Decimal, it_budget: Decimal | None) -> Figure[float]:
    """
    Give AI spend / IT budget of the same period in the same currency.

    >>> ai_share_of_it_budget(Decimal(40), Decimal(100)).value
    0.4
    """
    if not it_budget:
        return Null("No IT budget is set for the period.")
    return Figure(ratio(ai_spend, it_budget))


def released_by_stop(unspent: Decimal, non_cancellable: Decimal, exit_cost: Decimal) -> Decimal:
    """
    Give the money that stopping sets free: unspent funding less commitments less exit cost.

    Returns:
        Money; negative when leaving costs more than it frees.

    >>> released_by_stop(Decimal(500), Decimal(120), Decimal(30))
    Decimal('350')
    """
    return EXACT.subtract(EXACT.subtract(unspent, non_cancellable), exit_cost)


def to_go(
    flows: Sequence["MonthFlow"],
    *,
    decision_month: date,
    annual_rate: Decimal,
    exit_cost: Decimal = Decimal(0),
    exit_month: date | None = None,
) -> "ToGo":
    """
    Value going on from a gate: avoidable flows of later months only, exit cost included.

    Args:
        flows: cost and benefit by month; those up to and with ``decision_month`` are sunk.
        decision_month: month of the decision, t = 0.
        exit_cost: what leaving will cost at the end, positive; it belongs to going on.
        exit_month: its month; by default the last month of the flows.

    >>> flows = [MonthFlow(date(2026, 1, 1), Decimal(900), Decimal(0)),
    ...          MonthFlow(date(2026, 2, 1), Decimal(0), Decimal(300))]
    >>> going = to_go(flows, decision_month=date(2026, 1, 1), annual_rate=Decimal(0))
    >>> going.sunk_cost, going.npv.value
    (Decimal('900'), Decimal('300'))
    """
    sunk = [flow for flow in flows if flow.month <= decision_month]
    ahead = [flow for flow in flows if flow.month > decision_month]
    last = exit_month or max((flow.month for flow in ahead), default=None)
    if exit_cost and last is not None:
        ahead.append(MonthFlow(last, exit_cost, Decimal(0)))
    worth: Figure[Decimal] = Null("No month lies ahead of the decision.")
    if ahead:
        last = max(flow.month for flow in ahead)
        net_flows = cashflow.net(
            cashflow.by_month(_sums(ahead, "benefit"), first=decision_month, last=last),
            cashflow.by_month(_sums(ahead, "cost"), first=decision_month, last=last),
        )
        worth = cashflow.npv(net_flows, cashflow.monthly_rate(annual_rate))
    return ToGo(
        sunk_cost=exact_sum(flow.cost for flow in sunk),
        sunk_benefit=exact_sum(flow.benefit for flow in sunk),
        cost=exact_sum(flow.cost for flow in ahead),
        benefit=exact_sum(flow.benefit for flow in ahead),
        npv=worth,
    )


@dataclass(frozen=True, slots=True)
class ToGo:
    """What a gate decides on: sums still to come, and what is sunk beside them, never inside."""

    sunk_cost: Decimal
    sunk_benefit: Decimal
    cost: Decimal
    benefit: Decimal
    npv: Figure[Decimal]


@dataclass(frozen=True, slots=True)
class MonthFlow:
    """
    Cost and benefit of one month in one currency, both positive when money goes that way.

    ``paid``: what was paid in the month, where that is told apart from its cost; else the cost.
    """

    month: date
    cost: Decimal
    benefit: Decimal
    paid: Decimal | None = None

    @property
    def cash(self) -> Decimal:
        """What went out in the month."""
        return self.cost if self.paid is None else self.paid


@dataclass(frozen=True, slots=True)
class Returns:
    """
    Every return of one series of months; money in the currency of the flows, unrounded.

    ``benefits`` and ``payments`` are the months from t = 0 on that were discounted and paid back.
    """

    valuation_month: date | None
    last_month: date | None
    annual_rate: Decimal
    cost: Decimal
    paid: Decimal
    benefit: Decimal
    net_benefit: Decimal
    roi_ratio: Figure[float]
    npv: Figure[Decimal]
    irr_ratio: Figure[float]
    payback_months: Figure[float]
    discounted_payback_months: Figure[float]
    bcr: Figure[float]
    pi: Figure[float]
    benefits: tuple[Decimal, ...] = ()
    payments: tuple[Decimal, ...] = ()
    go_live_month: date | None = None


def returns(
    flows: Sequence[MonthFlow],
    *,
    annual_rate: Decimal,
    valuation_month: date | None = None,
    go_live_month: date | None = None,
) -> Returns:
    """
    Work out the returns of monthly flows with one valuation date.

    ROI and net benefit hold the cost; what is discounted or paid back is cash: what was paid.

    Args:
        flows: cost and benefit by month; months may be missing, repeated and in any order.
        annual_rate: discount rate per year as a decimal (0.10 is 10 %).
        valuation_month: the month of t = 0; by default the first month with a flow. Flows
            before it are sunk: they count in cost, benefit and ROI and in nothing discounted.
        go_live_month: from here on costs are no longer investment; needed for PI.

    Returns:
        Sums are exact; every ratio is null with its reason where METHOD says so.

    >>> month = [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    >>> case = returns([MonthFlow(month[0], Decimal(100), Decimal(0)),
    ...                 MonthFlow(month[2], Decimal(0), Decimal(150))],
    ...                annual_rate=Decimal("0.10"))
    >>> case.roi_ratio.value, round(case.payback_months.need(), 4), round(case.npv.need(), 2)
    (0.5, 1.6667, Decimal('47.64'))

    A commitment paid at once and used over two months: the cost of the months is the same, the
    payment is not.

    >>> used = [MonthFlow(month[0], Decimal(50), Decimal(0), paid=Decimal(100)),
    ...         MonthFlow(month[1], Decimal(50), Decimal(150), paid=Decimal(0))]
    >>> bought = returns(used, annual_rate=Decimal("0.10"))
    >>> bought.roi_ratio.value, round(bought.payback_months.need(), 4), round(bought.npv.need(), 2)
    (0.5, 0.6667, Decimal('48.81'))
    """
    live = [flow for flow in flows if flow.cost or flow.benefit or flow.cash]
    cost = exact_sum(flow.cost for flow in live)
    paid = exact_sum(flow.cash for flow in live)
    benefit = exact_sum(flow.benefit for flow in live)
    months = [flow.month for flow in live]
    first = valuation_month or min(months, default=None)
    last = max(months, default=None)
    costs: list[Decimal] = []
    benefits: list[Decimal] = []
    if first is not None and last is not None:
        costs = cashflow.by_month(_sums(live, "cash"), first=first, last=last)
        benefits = cashflow.by_month(_sums(live, "benefit"), first=first, last=last)
    rate = cashflow.monthly_rate(annual_rate)
    flow_list = cashflow.net(benefits, costs)
    unpaid: Figure[float] = Null("No cost is recorded yet, so there is nothing to pay back.")
    pi: Figure[float] = Null("No go-live month is planned.")
    if go_live_month is not None and first is not None:
        go_live = months_between(first, go_live_month)
        pi = cashflow.profitability_index(flow_list, costs, rate, go_live=go_live)
    return Returns(
        valuation_month=first,
        last_month=last,
        annual_rate=annual_rate,
        cost=cost,
        paid=paid,
        benefit=benefit,
        net_benefit=net_benefit(benefit, cost),
        roi_ratio=roi(benefit, cost),
        npv=cashflow.npv(flow_list, rate),
        irr_ratio=cashflow.irr(flow_list, periods_per_year=12),
        payback_months=cashflow.payback(flow_list) if paid or not live else unpaid,
        discounted_payback_months=(
            cashflow.discounted_payback(flow_list, rate) if paid or not live else unpaid
        ),
        bcr=cashflow.bcr(benefits, costs, rate),
        pi=pi,
        benefits=tuple(benefits),
        payments=tuple(costs),
        go_live_month=go_live_month,
    )


def _sums(flows: Sequence[MonthFlow], side: str) -> dict[date, Decimal]:
    """Add up one side of the flows by month."""
    sums: dict[date, Decimal] = {}
    for flow in flows:
        amount: Decimal = getattr(flow, side)
        sums[flow.month] = EXACT.add(sums.get(flow.month, Decimal(0)), amount)
    return sums
