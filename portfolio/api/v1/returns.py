"""Returns and passports for programs: the figures of the pages, and where each comes from."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.domain.figures import Figure
from governance_app.initiatives import selectors as initiatives
from governance_app.people import selectors as people
from governance_app.rollups import selectors as rollups
from governance_app.rollups.models import InitiativeNow
from governance_app.rollups.selectors import passports
from governance_app.scenarios import passports as scenarios
from portfolio.api.strict import Door

AS_OF = OpenApiParameter("as_of", OpenApiTypes.DATE, description="As it was known that day.")
OF = [
    OpenApiParameter("initiative", OpenApiTypes.STR, description="Its key; a programme sums."),
    OpenApiParameter("unit", OpenApiTypes.UUID),
    OpenApiParameter("currency", OpenApiTypes.STR, description="Three letters, with rates."),
    AS_OF,
]
#: Name in the answer -> field of ``domain.roi.Returns``.
FIGURES = {
    "net_benefit": "net_benefit",
    "roi_ratio": "roi_ratio",
    "npv": "npv",
    "irr_ratio": "irr_ratio",
    "payback_months": "payback_months",
    "discounted_payback_months": "discounted_payback_months",
    "benefit_cost_ratio": "bcr",
    "profitability_index": "pi",
}


class FigureSerializer(serializers.Serializer[Any]):
    """A number as text, or null with the reason why there is none."""

    value = serializers.CharField(allow_null=True)
    reason = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField())


class CoverSerializer(serializers.Serializer[Any]):
    """Benefit over cost of one fiscal year to date; never an ROI."""

    year = serializers.CharField()
    first = serializers.DateField()
    last = serializers.DateField()
    cost = serializers.CharField()
    covers = serializers.DictField(child=FigureSerializer())


class ReturnsSerializer(serializers.Serializer[Any]):
    """Every return on every rung of one place: figure -> rung -> number or reason."""

    currency = serializers.CharField()
    through = serializers.DateField()
    annual_rate = serializers.CharField()
    initiatives = serializers.IntegerField()
    figures = serializers.DictField(child=serializers.DictField(child=FigureSerializer()))
    to_go = serializers.DictField(child=FigureSerializer())
    completion = serializers.DictField(child=FigureSerializer())
    unit = serializers.DictField(child=FigureSerializer())
    cover = CoverSerializer(many=True)
    left_out = serializers.ListField(child=serializers.CharField())


class PassportLineSerializer(serializers.Serializer[Any]):
    """One input or part; ``figure`` and ``subject`` open its own passport where it has one."""

    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField(allow_null=True)
    kind = serializers.CharField()
    currency = serializers.CharField()
    where = serializers.CharField()
    figure = serializers.CharField()
    subject = serializers.CharField()
    is_part = serializers.BooleanField()
    reason = serializers.CharField()


class PassportSerializer(serializers.Serializer[Any]):
    """Where one figure comes from; the parts of a total sum to it."""

    figure = serializers.CharField()
    subject = serializers.CharField()
    title = serializers.CharField()
    about = serializers.CharField()
    formula = serializers.CharField()
    value = serializers.CharField(allow_null=True)
    kind = serializers.CharField()
    currency = serializers.CharField()
    reason = serializers.CharField()
    is_total = serializers.BooleanField()
    parts_sum = serializers.CharField()
    lines = PassportLineSerializer(many=True)
    left_out = serializers.ListField(child=serializers.CharField())
    completeness = serializers.CharField()
    confidence = serializers.CharField()
    stale = serializers.CharField()
    warnings = serializers.ListField(child=serializers.CharField())
    known_from = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()


def plain(value: Any) -> str | None:
    """
    Write a number so that nothing is lost.

    >>> plain(Decimal("1500.000")), plain(0.25), plain(None)
    ('1500', '0.25', None)
    """
    if value is None:
        return None
    if isinstance(value, Decimal):
        return "0" if not value else f"{value.normalize():f}"
    return str(value)


def told(value: Any, reason: str = "") -> dict[str, Any]:
    """Give a figure, an amount or nothing as the answer writes it."""
    if isinstance(value, Figure):
        return {
            "value": plain(value.value), "reason": value.reason, "warnings": list(value.warnings),
        }  # fmt: skip
    return {"value": plain(value), "reason": reason if value is None else "", "warnings": []}


class AsOf(Door):
    """A door that may be asked as of a day."""

    model = InitiativeNow

    def moment(self) -> rollups.Moment:
        """Give the moment asked for, or refuse a day that is none."""
        text = self.request.query_params.get("as_of", "")
        try:
            day = dt.date.fromisoformat(text) if text else None
        except ValueError:
            raise ValidationError({"as_of": ["Write a day such as 2026-10-31."]}) from None
        return rollups.moment(now=timezone.now(), as_of=day)


class ReturnsDoor(AsOf):
    """Returns of an initiative, a programme, a unit, or everything."""

    permission = "money.view"
    asks = frozenset({"initiative", "unit", "currency", "as_of"})
    serializer_class = ReturnsSerializer

    @extend_schema(
        operation_id="value_returns", responses=ReturnsSerializer, parameters=OF, filters=False
    )
    def read(self, request: Request) -> Response:
        """Give every return on every rung, what is to go, completion and benefit cover."""
        asked, at = request.query_params, self.moment()
        initiative = node = None
        if "initiative" in asked:
            initiative = initiatives.initiative(viewer=self.viewer, key=asked["initiative"])
            if initiative is None:
                raise Http404
        if "unit" in asked:
            node = self._unit(asked["unit"])
        currency = asked.get("currency", "")
        if currency and currency not in rollups.currencies(on=at.on):
            raise ValidationError({"currency": ["No rate leads into this currency."]})
        found = rollups.returns_of(
            viewer=self.viewer, as_of=at, initiative=initiative, node=node, currency=currency
        )
        if found is None:
            raise Http404
        return Response(ReturnsSerializer(_answer(found)).data)

    def _unit(self, text: str) -> Any:
        try:
            wanted = uuid.UUID(text)
        except ValueError:
            raise ValidationError({"unit": ["Write the id of a unit."]}) from None
        node = people.units(viewer=self.viewer).filter(pk=wanted).first()
        if node is None:
            raise Http404
        return node


def _answer(found: rollups.Returns) -> dict[str, Any]:
    unit = found.unit
    return {
        "currency": found.currency,
        "through": found.through,
        "annual_rate": plain(found.annual_rate),
        "initiatives": found.initiatives,
        "figures": {
            name: {
                rung: told(getattr(found.rungs[rung], field))
                if rung in found.rungs
                else told(None, found.reasons[rung])
                for rung in rollups.RUNGS
            }
            for name, field in FIGURES.items()
        },
        "to_go": {name: told(figure) for name, figure in sorted(found.to_go.items())},
        "completion": {
            name: told(getattr(found.completion, name))
            for name in ("realisation", "cost", "benefit")
        },
        "unit": {}
        if unit is None
        else {name: told(getattr(unit, name)) for name in ("cost", "worth", "break_even")},
        "cover": [
            {
                "year": window.label,
                "first": window.first,
                "last": window.last,
                "cost": plain(window.cost),
                "covers": {rung: told(figure) for rung, figure in window.covers.items()},
            }
            for window in found.windows
        ],
        "left_out": list(found.problems),
    }


class Passports(AsOf):
    """Where figures come from."""

    asks = frozenset({"as_of"})
    serializer_class = PassportSerializer

    @extend_schema(
        operation_id="passport", responses=PassportSerializer, parameters=[AS_OF], filters=False
    )
    def read(self, request: Request, figure: str, subject: str) -> Response:
        """Give the formula of a figure, its inputs, where each came from, and what is left out."""
        try:
            is_of_scenario = scenarios.has_passport(figure=figure)
            opened = scenarios.passport if is_of_scenario else passports.passport
            paper = opened(figure=figure, subject=subject, viewer=self.viewer, as_of=self.moment())
        except passports.NoPassport as missing:
            raise Http404(str(missing)) from missing
        lines = [
            {
                "label": line.label, "value": plain(line.value), "kind": line.kind,
                "currency": line.currency, "where": line.where, "figure": line.figure,
                "subject": line.subject, "is_part": line.is_part, "reason": line.reason,
            }
            for line in paper.lines
        ]  # fmt: skip
        facts = {
            name: getattr(paper, name)
            for name in (
                "figure", "subject", "title", "about", "formula", "kind", "currency", "reason",
                "is_total", "left_out", "completeness", "confidence", "stale", "warnings",
                "known_from", "note",
            )
        }  # fmt: skip
        answer = {
            **facts, "value": plain(paper.value), "parts_sum": plain(paper.parts_sum),
            "lines": lines,
        }  # fmt: skip
        return Response(PassportSerializer(answer).data)
