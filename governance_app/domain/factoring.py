"""
The factors of a benefit as its case planned them and as they turned out. METHOD section 5.

A case states steady factors whose product is money a month; its lines say how it ramps up. The
month's share of the best month scales the planned adoption (where the case names none: 1). The
minutes that a labour benefit saves are taken as hours, planned and actual alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from governance_app.domain.bridge import FACTORS
from governance_app.domain.cashflow import PRECISE
from governance_app.domain.money import EXACT

PLACES = Decimal(1).scaleb(-18)
_SHARES = ("acceptance", "capture")
_SIXTY = Decimal(60)


@dataclass(frozen=True, slots=True)
class Factors:
    """Planned and actual value of each factor that both know; empty where the walk has none."""

    planned: Mapping[str, Decimal]
    actual: Mapping[str, Decimal]


NONE = Factors({}, {})


def factors_of(
    steady: Mapping[str, Decimal],
    *,
    ramp: Decimal,
    inputs: Mapping[str, str],
    adoption: Decimal | None = None,
    effect_in_minutes: bool = False,
) -> Factors:
    """
    Put the factors of one month beside each other.

    Args:
        steady: factor -> what the case plans once it is in full use.
        ramp: promise of the month over the best month's, 0 to 1.
        inputs: what the measured amount was made of, as ``value`` keeps it.
        adoption: the share of people who used it in the month, where a KPI reads it.
        effect_in_minutes: the unit of the planned effect.

    Returns:
        empty when the case names no effect or price, or the benefit was not measured.

    >>> steady = {"volume": Decimal(1000), "unit_effect": Decimal(6), "price": Decimal(60)}
    >>> inputs = {"formula": "labour", "uses": "900", "minutes_saved": "6", "acceptance": "0.5",
    ...           "capture": "1", "hourly_rate": "60", "attribution": "1"}
    >>> found = factors_of(steady, ramp=Decimal(1), inputs=inputs, effect_in_minutes=True)
    >>> [f"{name} {found.planned[name]:.1f} {found.actual[name]:.1f}" for name in found.planned]
    ... # doctest: +NORMALIZE_WHITESPACE
    ['adoption 1.0 1.0', 'volume 1000.0 900.0', 'unit_effect 0.1 0.1', 'acceptance 1.0 0.5',
     'capture 1.0 1.0', 'price 60.0 60.0']
    """
    if "unit_effect" not in steady or "price" not in steady:
        return NONE
    planned = dict(steady)
    planned["adoption"] = EXACT.multiply(planned.get("adoption", Decimal(1)), ramp)
    if inputs.get("formula") == "labour":
        if effect_in_minutes:
            planned["unit_effect"] = PRECISE.divide(planned["unit_effect"], _SIXTY)
        actual = _labour(planned, inputs, adoption)
    elif inputs.get("formula") == "kpi":
        actual = _kpi(planned, inputs, adoption)
    else:
        return NONE
    if not actual:
        return NONE
    names = [name for name in FACTORS if name in planned and name in actual]
    return Factors(
        {name: planned[name].quantize(PLACES) for name in names},
        {name: actual[name].quantize(PLACES) for name in names},
    )


def _labour(
    planned: dict[str, Decimal], inputs: Mapping[str, str], adoption: Decimal | None
) -> dict[str, Decimal]:
    """Uses x hours x acceptance x capture x rate; what the plan does not name it took as whole."""
    if "volume" not in planned:
        return {}
    for name in _SHARES:
        planned.setdefault(name, Decimal(1))
    uses = Decimal(inputs["uses"])
    used = adoption if adoption else planned["adoption"]
    return {
        "adoption": used,
        "volume": PRECISE.divide(uses, used) if used else uses,
        "unit_effect": PRECISE.divide(Decimal(inputs["minutes_saved"]), _SIXTY),
        "acceptance": Decimal(inputs["acceptance"]),
        "capture": Decimal(inputs["capture"]),
        "price": EXACT.multiply(Decimal(inputs["hourly_rate"]), Decimal(inputs["attribution"])),
    }


def _kpi(
    planned: dict[str, Decimal], inputs: Mapping[str, str], adoption: Decimal | None
) -> dict[str, Decimal]:
    """
    Effect x price of a unit of effect; volume and shares of the plan are in that price.

    Where adoption is read, the effect of those who use it is the effect over their share.
    """
    price = planned["price"]
    for name in ("volume", *_SHARES):
        price = EXACT.multiply(price, planned.pop(name, Decimal(1)))
    planned["price"] = price
    sign = 1 if inputs["direction"] == "higher" else -1
    change = sign * EXACT.subtract(Decimal(inputs["actual"]), Decimal(inputs["counterfactual"]))
    used = adoption if adoption else planned["adoption"]
    return {
        "adoption": used,
        "unit_effect": PRECISE.divide(change, used) if used else change,
        "price": EXACT.multiply(Decimal(inputs["unit_value"]), Decimal(inputs["attribution"])),
    }
