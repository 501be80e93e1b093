"""Spend and benefit by month: of initiatives, of units, of all that a viewer may see."""

import datetime as dt
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.books import selectors as books
from governance_app.people import selectors as people
from governance_app.rollups import selectors
from governance_app.rollups.models import InitiativeMonth, PortfolioMonth
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import AmountField, Door

AS_OF = OpenApiParameter(
    "as_of", OpenApiTypes.DATE, description="Figures as they were known at the end of a day."
)
AMOUNTS = (
    "cost", "manual", "people", "accrued", "tax_back",
    "billed", "effective", "contracted", "list", "budget", "promised_cost", "promised",
    "claimed", "measured", "validated", "banked",
)  # fmt: skip


class NewestMonthFirst(NewestFirst):
    """Newest months first."""

    ordering = ("-month", "-id")


class AmountsSerializer(serializers.Serializer[Any]):
    """The figures of a month in one currency; null is unknown, with its reason, or nothing."""

    month = serializers.DateField()
    currency = serializers.CharField()
    cost = AmountField(
        allow_null=True, help_text="Actual: effective + manual + people + accrued + tax_back."
    )
    manual = AmountField(allow_null=True, help_text="Costs typed in.")
    people = AmountField(allow_null=True)
    accrued = AmountField(allow_null=True, help_text="Open accruals.")
    tax_back = AmountField(allow_null=True, help_text="Tax that comes back, below zero.")
    billed = AmountField(allow_null=True)
    effective = AmountField(allow_null=True)
    contracted = AmountField(allow_null=True)
    list = AmountField(allow_null=True)
    budget = AmountField(allow_null=True)
    promised_cost = AmountField(allow_null=True)
    promised = AmountField(allow_null=True)
    claimed = AmountField(allow_null=True)
    measured = AmountField(allow_null=True)
    validated = AmountField(allow_null=True)
    banked = AmountField(allow_null=True)


class InitiativeMonthSerializer(AmountsSerializer):
    """One month of one initiative."""

    initiative = serializers.CharField(source="initiative.key")
    unit = serializers.UUIDField(source="initiative.unit_id")
    is_reviewed = serializers.BooleanField(help_text="Finance has reviewed the month.")
    reasons = serializers.DictField(child=serializers.CharField())
    known_from = serializers.DateTimeField()


class UnitMonthSerializer(AmountsSerializer):
    """One month of a unit and everything below it, allocated or unallocated."""

    node = serializers.UUIDField(source="node_id")
    name = serializers.CharField(source="node.name")
    part = serializers.ChoiceField(choices=PortfolioMonth.Part.values)
    initiatives = serializers.IntegerField()
    left_out = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Figure -> initiatives that have something there which cannot be told.",
    )
    known_from = serializers.DateTimeField()


class TotalSerializer(AmountsSerializer):
    """One month of all that the viewer may see; spend is allocated and unallocated."""

    spend = AmountField(allow_null=True)
    unallocated = AmountField(allow_null=True)
    left_out = serializers.DictField(child=serializers.IntegerField())


class MonthFilter(django_filters.FilterSet):
    """Narrow months."""

    month = django_filters.DateFilter(help_text="First day of the month.")
    month_from = django_filters.DateFilter(field_name="month", lookup_expr="gte")
    month_to = django_filters.DateFilter(field_name="month", lookup_expr="lte")


class InitiativeMonthFilter(MonthFilter):
    """Narrow the months of initiatives."""

    initiative = django_filters.CharFilter(field_name="initiative__key", lookup_expr="iexact")
    unit = django_filters.UUIDFilter(method="within", label="A unit and everything below it.")

    def within(self, rows: QuerySet[Any], name: str, unit: Any) -> QuerySet[Any]:
        """Keep what stands in a unit or below it; an unknown unit holds nothing."""
        node = people.units(viewer=self.request.user).filter(pk=unit).first()
        return rows.filter(initiative__node__path__startswith=node.path) if node else rows.none()


class UnitMonthFilter(MonthFilter):
    """Narrow the months of units."""

    unit = django_filters.UUIDFilter(field_name="node_id")
    part = django_filters.ChoiceFilter(choices=PortfolioMonth.Part.choices)


class SpendDoor(Door):
    """Figures of money: who sees money nowhere is refused."""

    permission = "money.view"
    asks = frozenset({"as_of"})
    pagination_class = NewestMonthFirst

    def moment(self) -> selectors.Moment:
        """Give the moment asked for."""
        text = self.request.query_params.get("as_of", "")
        try:
            day = dt.date.fromisoformat(text) if text else None
        except ValueError:
            raise ValidationError({"as_of": ["Write the day like 2026-10-31."]}) from None
        return selectors.moment(now=timezone.now(), as_of=day)


class InitiativeMonths(SpendDoor):
    """Initiative x month."""

    model = InitiativeMonth
    serializer_class = InitiativeMonthSerializer
    filterset_class = InitiativeMonthFilter

    def rows(self) -> QuerySet[Any]:
        """Give the months of the initiatives whose money the viewer may see."""
        return selectors.initiative_rows(viewer=self.viewer, as_of=self.moment())

    @extend_schema(
        operation_id="spend_initiatives",
        responses=InitiativeMonthSerializer(many=True),
        parameters=[AS_OF],
    )
    def list(self, request: Request) -> Response:
        """List initiative x month, newest month first."""
        answer: Response = self.paged(self.get_queryset(), InitiativeMonthSerializer)
        return answer


class UnitMonths(SpendDoor):
    """Unit x month."""

    model = PortfolioMonth
    serializer_class = UnitMonthSerializer
    filterset_class = UnitMonthFilter

    def rows(self) -> QuerySet[Any]:
        """Give the months of the units whose money the viewer may see."""
        return selectors.unit_rows(viewer=self.viewer, as_of=self.moment())

    @extend_schema(
        operation_id="spend_units",
        responses=UnitMonthSerializer(many=True),
        parameters=[AS_OF],
    )
    def list(self, request: Request) -> Response:
        """List unit x month, newest month first."""
        answer: Response = self.paged(self.get_queryset(), UnitMonthSerializer)
        return answer


class Totals(SpendDoor):
    """Month totals of all that the viewer may see, or of one unit."""

    model = PortfolioMonth
    serializer_class = TotalSerializer
    pagination_class = None  # type: ignore[assignment]
    asks = frozenset({"as_of", "unit"})

    @extend_schema(
        operation_id="spend_months",
        responses=TotalSerializer(many=True),
        parameters=[AS_OF, OpenApiParameter("unit", OpenApiTypes.UUID)],
        filters=False,
    )
    def list(self, request: Request) -> Response:
        """List month totals, oldest first."""
        at = self.moment()
        currency = books.reporting_currency(on=at.on)
        rows = selectors.scope_rows(viewer=self.viewer, as_of=at, node=self._unit())
        return Response(
            [
                TotalSerializer(
                    {
                        "month": row.month,
                        "currency": currency,
                        **{name: row.amount(name) for name in AMOUNTS},
                        "spend": row.spend,
                        "unallocated": row.unallocated,
                        "left_out": row.left_out,
                    }
                ).data
                for row in rows
            ]
        )

    def _unit(self) -> Any:
        text = self.request.query_params.get("unit", "")
        if not text:
            return None
        wanted = serializers.UUIDField().run_validation(text)
        node = people.units(viewer=self.viewer).filter(pk=wanted).first()
        if node is None:
            raise Http404
        return node
