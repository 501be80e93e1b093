"""Returns, and the reasons where there are none."""

from datetime import date
from decimal import Decimal

import numpy_financial
import pytest

from governance_app.domain import roi
from governance_app.domain.figures import Figure, Null
from governance_app.domain.periods import add_months

START = date(2024, 1, 1)


def months(costs: list[int], benefits: list[int]) -> list[roi.MonthFlow]:
    return [
        roi.MonthFlow(add_months(START, place), Decimal(cost), Decimal(benefit))
        for place, (cost, benefit) in enumerate(zip(costs, benefits, strict=True))
    ]


def test_the_roi_of_the_method() -> None:
    assert round(roi.roi(Decimal(2600), Decimal(2200)).need(), 6) == 0.181818


def test_three_years_of_months_agree_with_another_library() -> None:
    flows = months([5000] * 6 + [400] * 30, [0] * 6 + [1800] * 30)
    found = roi.returns(flows, annual_rate=Decimal("0.08"), go_live_month=date(2024, 7, 1))
    amounts = [-5000.0] * 6 + [1400.0] * 30
    monthly = 1.08 ** (1 / 12) - 1
    assert found.cost == 42000
    assert found.benefit == 54000
    assert found.net_benefit == 12000
    assert found.roi_ratio.need() == pytest.approx(12000 / 42000)
    assert float(found.npv.need()) == pytest.approx(numpy_financial.npv(monthly, amounts))
    assert found.irr_ratio.need() == pytest.approx((1 + numpy_financial.irr(amounts)) ** 12 - 1)
    assert found.payback_months.need() == pytest.approx(5 + 30000 / 1400)
    invested = sum(5000 / (1 + monthly) ** place for place in range(6))
    assert found.pi.need() == pytest.approx(1 + float(found.npv.need()) / invested)


def test_order_and_repetition_of_months_do_not_matter() -> None:
    flows = months([100, 0, 10], [0, 60, 90])
    halves = [roi.MonthFlow(f.month, f.cost / 2, f.benefit / 2) for f in flows]
    rate = Decimal("0.1")
    assert roi.returns(flows, annual_rate=rate) == roi.returns(
        [*reversed(halves), *halves], annual_rate=rate
    )


def test_sunk_flows_count_in_the_sum_and_not_in_what_is_discounted() -> None:
    flows = months([100, 0, 10], [0, 60, 90])
    to_go = roi.returns(flows, annual_rate=Decimal(0), valuation_month=add_months(START, 1))
    assert to_go.net_benefit == 40
    assert to_go.npv.need() == 140


def test_nothing_at_all_is_null_everywhere() -> None:
    found = roi.returns([], annual_rate=Decimal("0.1"))
    for figure in (found.roi_ratio, found.npv, found.irr_ratio, found.payback_months, found.bcr):
        assert figure.value is None
        assert figure.reason


def test_nulls_name_their_reason() -> None:
    assert "No cost" in roi.roi(Decimal(5), Decimal(0)).reason
    assert "window" in roi.benefit_cover(Decimal(5), Decimal(0)).reason
    assert "promised" in roi.realisation(Decimal(5), Decimal(0), months_reviewed=2).reason
    assert "outcomes" in roi.unit_cost(Decimal(5), Decimal(0)).reason
    assert "no volume" in roi.break_even_volume(Decimal(5), Decimal(2), Decimal(2)).reason
    assert "estimate" in roi.cost_at_completion(Decimal(5), None).reason
    assert "IT budget" in roi.ai_share_of_it_budget(Decimal(5), None).reason


def test_without_realisation_there_is_no_benefit_at_completion() -> None:
    nothing: Figure[float] = Null("Finance has not reviewed any month yet.")
    found = roi.benefit_at_completion(Decimal(1), Decimal(2), nothing)
    assert found.reason == "Finance has not reviewed any month yet."


def test_a_figure_has_a_value_or_a_reason_and_never_both() -> None:
    with pytest.raises(ValueError, match="either a value or the reason"):
        Figure(1.0, "because")
    with pytest.raises(ValueError, match="either a value or the reason"):
        Figure(None)


def test_nothing_is_paid_back_where_nothing_was_paid() -> None:
    found = roi.returns(
        [roi.MonthFlow(date(2026, 1, 1), Decimal(0), Decimal(300))], annual_rate=Decimal("0.1")
    )
    for figure in (found.roi_ratio, found.payback_months, found.discounted_payback_months):
        assert figure.value is None
        assert figure.reason.startswith("No cost is recorded yet")
