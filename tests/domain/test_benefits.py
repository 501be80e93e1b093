"""Guards on benefits and formulas of KPIs."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance_app.domain import benefits, formulas

MONTH = date(2026, 4, 1)
hours = st.decimals(0, 10_000, places=2)


class TestHours:
    @given(st.lists(hours, min_size=1, max_size=6), st.decimals(1, 20_000, places=2))
    def test_what_passes_is_never_above_the_share(
        self, freed: list[Decimal], paid: Decimal
    ) -> None:
        claims = [
            benefits.Freed(f"AI-{place}", "b", "Clerks", MONTH, each)
            for place, each in enumerate(freed)
        ]
        share = Decimal("0.4")
        found = benefits.too_many_hours(claims, paid={("Clerks", MONTH): paid}, share=share)
        assert bool(found) == (sum(freed) > share * paid)
        if found:
            assert found[0].by == tuple(claims)

    def test_a_population_without_paid_hours_is_not_judged(self) -> None:
        claim = benefits.Freed("AI-1", "b", "Clerks", MONTH, Decimal(10**6))
        assert benefits.too_many_hours([claim], paid={}, share=Decimal(1)) == []

    def test_the_conflict_names_everybody(self) -> None:
        claims = [
            benefits.Freed(key, "b", "Clerks", MONTH, Decimal(60)) for key in ("AI-2", "AI-1")
        ]
        paid = {("Clerks", MONTH): Decimal(200)}
        (found,) = benefits.too_many_hours(claims, paid=paid, share=Decimal("0.5"))
        assert found.in_words() == (
            "April 2026: AI-1, AI-2 free 120 h of Clerks, more than 50 % of the 200 h paid for."
        )

    @pytest.mark.parametrize("share", ["0", "1.1", "-1"])
    def test_a_share_that_is_none_is_refused(self, share: str) -> None:
        with pytest.raises(ValueError, match="above 0"):
            benefits.too_many_hours([], paid={}, share=Decimal(share))


shares = st.dictionaries(
    st.sampled_from(sorted(benefits.DISPOSITIONS)),
    st.decimals(0, Decimal("0.16"), places=4),
    max_size=6,
)


class TestWhereTheTimeWent:
    @given(st.decimals(0, 10**9, places=6), shares)
    def test_the_parts_sum_to_the_whole(self, worth: Decimal, split: dict[str, Decimal]) -> None:
        parts = benefits.split_by_disposition(worth, split)
        assert sum(parts.values()) == worth
        assert all(part >= 0 for part in parts.values())
        assert parts["hard"] + parts["avoided"] == worth * benefits.capture_of(split)

    def test_more_than_the_whole_is_refused(self) -> None:
        split = {"headcount": Decimal("0.6"), "quality": Decimal("0.5")}
        with pytest.raises(ValueError, match="at most 1"):
            benefits.split_by_disposition(Decimal(1), split)
        with pytest.raises(ValueError, match="one of headcount"):
            benefits.split_by_disposition(Decimal(1), {"leisure": Decimal("0.1")})


class TestTime:
    def test_a_rebased_benefit_is_baseline_after_a_year(self) -> None:
        assert benefits.counts_until(date(2030, 1, 1), MONTH) == date(2027, 3, 1)
        assert benefits.counts_until(date(2026, 6, 1), MONTH) == date(2026, 6, 1)
        assert benefits.counts_until(date(2030, 1, 1), None) == date(2030, 1, 1)

    def test_a_validation_holds_to_the_same_day(self) -> None:
        assert benefits.valid_until(date(2026, 1, 31), months=1) == date(2026, 2, 28)
        assert benefits.valid_until(date(2026, 1, 15), months=12) == date(2027, 1, 15)


class TestFormulas:
    def test_arithmetic_is_exact(self) -> None:
        values = {"solved": Decimal("0.1"), "all": Decimal("0.3")}
        assert formulas.value_of("solved + all", values).value == Decimal("0.4")
        assert formulas.value_of("-(all - solved) * 0.1", values).value == Decimal("-0.02")

    @pytest.mark.parametrize(
        "formula",
        ["", "a +", "a ** 9", "f(a)", "a.b", "'x'", "a if b else c", "a and b", "[a]", "1e999",
         "__import__('os')", "lambda: 0", "a; b", "True", "a" * 501, "(" * 400],
    )  # fmt: skip
    def test_anything_else_is_refused(self, formula: str) -> None:
        with pytest.raises(formulas.BadFormula):
            formulas.value_of(formula, {"a": Decimal(1), "b": Decimal(1), "c": Decimal(1)})

    def test_a_division_by_nothing_is_a_reason(self) -> None:
        found = formulas.value_of("a / (b - b)", {"a": Decimal(1), "b": Decimal(2)})
        assert found.reason == "b - b is 0, so nothing can be divided by it."

    def test_circles_are_refused_and_order_follows(self) -> None:
        with pytest.raises(formulas.BadFormula, match="made of itself: b, c, b"):
            formulas.refuse_circles({"a": "b + 1", "b": "c", "c": "b"})
        order = formulas.order_of({"rate": "good / every", "every": "good + bad", "good": "",
                                   "bad": ""})  # fmt: skip
        assert order.index("every") < order.index("rate")
        assert set(order) == {"rate", "every", "good", "bad"}
