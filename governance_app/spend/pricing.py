"""What a cost that no bill brings comes to: its tax, the part of that which comes back, days."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT
from governance_app.spend.coding import Coding
from governance_app.spend.models import DayRate, ManualCost, TaxRule, WorkedDays

SMALLEST = Decimal(1).scaleb(-18)


class MissingDayRate(Sentence):
    """Days were worked for which nobody set a rate."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A cost with its coding: ``gross`` holds the tax, ``recoverable`` is what of it comes back."""

    said: dict[str, str]
    currency: str
    gross: Decimal
    recoverable: Decimal

    @property
    def cost(self) -> Decimal:
        """What stays: recoverable tax is no cost."""
        return EXACT.subtract(self.gross, self.recoverable)


class Taxes:
    """What tax codes mean for the entities, from month to month."""

    def __init__(self) -> None:
        self._rules: dict[tuple[str, str], list[TaxRule]] = defaultdict(list)
        rules = TaxRule.objects.select_related("entity").order_by("from_month", "created_at", "pk")
        for rule in rules:
            self._rules[rule.entity.code, rule.code].append(rule)

    @property
    def comes_back(self) -> bool:
        """Tell whether any tax of anybody comes back."""
        return any(rule.recoverable for rules in self._rules.values() for rule in rules)

    def recoverable(self, entity: str, code: str, tax: Decimal, month: date) -> Decimal:
        """Give the part of a tax that comes back; without a rule none does."""
        rule = self._at(entity, code, month)
        return Decimal(0) if rule is None else exact(EXACT.multiply(tax, rule.recoverable))

    def on(self, entity: str, code: str, net: Decimal, month: date) -> Decimal:
        """Give the tax on a net amount; without a rule there is none."""
        rule = self._at(entity, code, month)
        return Decimal(0) if rule is None else exact(EXACT.multiply(net, rule.rate))

    def _at(self, entity: str, code: str, month: date) -> TaxRule | None:
        held = [rule for rule in self._rules.get((entity, code), ()) if rule.from_month <= month]
        return held[-1] if held else None


class DayRates:
    """What a day of each kind of person costs, from month to month."""

    def __init__(self) -> None:
        self._rates: dict[tuple[str, uuid.UUID | None], list[DayRate]] = defaultdict(list)
        for rate in DayRate.objects.order_by("from_month", "created_at", "pk"):
            self._rates[rate.persona.casefold(), rate.entity_id].append(rate)

    def at(self, persona: str, entity_id: uuid.UUID | None, month: date) -> DayRate | None:
        """Give the rate in force: the entity's own, else the one that holds for every entity."""
        for entity in dict.fromkeys((entity_id, None)):
            held = [
                rate
                for rate in self._rates.get((persona.casefold(), entity), ())
                if rate.from_month <= month
            ]
            if held:
                return held[-1]
        return None


class Pricing:
    """The coding, taxes and day rates in force, read once, and what costs come to by them."""

    def __init__(self, rules: Coding) -> None:
        self.rules = rules
        self.taxes = Taxes()
        self.day_rates = DayRates()

    def manual(self, cost: ManualCost) -> Priced:
        """Price a cost somebody typed in."""
        said = self.rules.of(
            {
                "source": "manual",
                "issuer": cost.vendor,
                "initiative": cost.initiative.key if cost.initiative else "",
                "category": cost.category,
                "charge category": "Purchase",
                "path": cost.node.path,
                "payer_path": cost.node.path,
            },
            cost.month,
        )
        if cost.entity is not None:
            said["entity"] = said["payer"] = cost.entity.code
        said["tax_code"] = cost.tax_code or said["tax_code"]
        return Priced(
            said,
            cost.currency,
            EXACT.add(cost.amount, cost.tax),
            self.taxes.recoverable(said["entity"], said["tax_code"], cost.tax, cost.month),
        )

    def days(self, worked: WorkedDays) -> Priced:
        """
        Price the days people of one kind worked.

        Raises:
            MissingDayRate: nobody set a rate for them.
        """
        rate = self.day_rates.at(worked.persona, worked.entity_id, worked.month)
        if rate is None:
            raise MissingDayRate(
                f"{worked.days.normalize():f} days of {worked.persona} were worked for "
                f"{worked.initiative.key} in {worked.month:%B %Y}, and no rate is set for them."
            )
        said = self.rules.of(
            {
                "source": "people",
                "service": worked.persona,
                "initiative": worked.initiative.key,
                "category": "people",
                "path": worked.initiative.node.path,
                "payer_path": worked.initiative.node.path,
            },
            worked.month,
        )
        if worked.entity is not None:
            said["entity"] = said["payer"] = worked.entity.code
        said["tax_code"] = rate.tax_code or said["tax_code"]
        entity, code, month = said["entity"], said["tax_code"], worked.month
        net = exact(EXACT.multiply(worked.days, rate.amount))
        tax = self.taxes.on(entity, code, net, month) if rate.tax_code else Decimal(0)
        return Priced(
            said,
            rate.currency,
            EXACT.add(net, tax),
            self.taxes.recoverable(entity, code, tax, month),
        )


def exact(amount: Decimal) -> Decimal:
    """Round half up to the smallest unit the ledger holds."""
    return amount.quantize(SMALLEST, rounding=ROUND_HALF_UP, context=EXACT)
