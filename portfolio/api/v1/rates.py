"""Exchange rates by month and kind."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.books import selectors, services
from governance_app.books.models import Rate
from portfolio.api.once import HEADER, once
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import AmountField, Door, StrictSerializer

CODE = r"^[A-Z]{3}$"


class RateSerializer(serializers.Serializer[Any]):
    """What one unit of ``base`` is worth in ``quote``; of corrections the newest counts."""

    id = serializers.UUIDField()
    base = serializers.CharField()
    quote = serializers.CharField()
    month = serializers.DateField()
    kind = serializers.ChoiceField(choices=Rate.Kind.values)
    value = AmountField()
    source = serializers.CharField()  # type: ignore[assignment]
    created_at = serializers.DateTimeField()


class RateWriteSerializer(StrictSerializer):
    """A rate to be entered."""

    base = serializers.RegexField(CODE)
    quote = serializers.RegexField(CODE)
    month = serializers.DateField(help_text="Any day of the month.")
    kind = serializers.ChoiceField(choices=Rate.Kind.values)
    value = AmountField(min_value=0)

    def validate(self, attrs: Any) -> Any:
        """Refuse a rate between a currency and itself."""
        if attrs["base"] == attrs["quote"]:
            raise serializers.ValidationError({"quote": ["A rate is between two currencies."]})
        return attrs


class RatesWriteSerializer(StrictSerializer):
    """Rates to be entered together: all or none."""

    rates = RateWriteSerializer(many=True, allow_empty=False)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=200, help_text="Where they come from, as an auditor reads it."
    )


class RateFilter(django_filters.FilterSet):
    """Narrow rates."""

    base = django_filters.CharFilter(lookup_expr="iexact")
    quote = django_filters.CharFilter(lookup_expr="iexact")
    month = django_filters.DateFilter(help_text="First day of the month.")
    kind = django_filters.ChoiceFilter(choices=Rate.Kind.choices)


class Rates(Door):
    """Exchange rates."""

    model = Rate
    serializer_class = RateSerializer
    filterset_class = RateFilter
    pagination_class = NewestFirst

    def rows(self) -> QuerySet[Any]:
        """Give every rate, corrections beside what they correct."""
        return selectors.rates(viewer=self.viewer)

    @extend_schema(operation_id="rates_list", responses=RateSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List rates, newest first."""
        answer: Response = self.paged(self.get_queryset(), RateSerializer)
        return answer

    @extend_schema(
        operation_id="rates_enter", request=RatesWriteSerializer,
        responses={201: RateSerializer(many=True)}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def enter(self, request: Request) -> Response:
        """Enter rates; the same value again is left alone, another one is a correction."""
        body = self.body(RatesWriteSerializer)
        entered = services.enter_rates(
            rates=[
                (one["base"], one["quote"], one["month"].replace(day=1), one["kind"], one["value"])
                for one in body["rates"]
            ],
            source=body["source"],
            by=self.viewer,
        )
        return Response(RateSerializer(entered, many=True).data, status=201)
