from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain import variance

money = st.decimals(min_value=0, max_value=1_000_000, places=2)
quantity = st.decimals(min_value="0.01", max_value=10_000, places=2)


@given(money, money, money, quantity, quantity)
def test_the_parts_are_the_whole(budget, actual, constant, planned, metered):
    parts = variance.split(
        budget=budget, actual=actual, at_budget_rates=constant,
        budget_quantity=planned, actual_quantity=metered,
    )  # fmt: skip
    assert parts.price.need() + parts.volume.need() == parts.rest.need()
    assert parts.rest.need() + parts.fx.need() == actual - budget


def test_what_cannot_be_told_has_its_reason():
    def of(**known):
        return variance.split(
            **{
                "budget": Decimal(1), "actual": Decimal(2), "at_budget_rates": Decimal(2),
                "budget_quantity": Decimal(1), "actual_quantity": Decimal(1), **known,
            }
        )  # fmt: skip

    assert of(budget_quantity=None).price.reason == "The budget states no quantity."
    assert of(actual_quantity=None).volume.reason == (
        "Nothing was metered in the unit of the budget."
    )
    assert of(at_budget_rates=None).fx.reason == "The actuals have no budget rate."
    assert of(budget_quantity=None).fx.need() == 0
