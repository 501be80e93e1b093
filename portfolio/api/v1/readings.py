"""Readings pushed in: by a machine or a person, again and again without harm."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.domain.records import Reading
from governance_app.initiatives import selectors as initiatives
from governance_app.readings import selectors, services
from governance_app.readings.models import Series
from portfolio.api.once import HEADER, once
from portfolio.api.strict import AmountField, Door, StrictSerializer

MOST = 1000


class ReadingSerializer(StrictSerializer):
    """One value of one day."""

    period_on = serializers.DateField()
    value = AmountField()
    source_ref = serializers.CharField(required=False, allow_blank=True, max_length=500)


class PushSerializer(StrictSerializer):
    """Readings of one series of one initiative; the rest describes a series not met before."""

    initiative = serializers.SlugField(max_length=20, help_text="Its key, like AI-142.")
    series = serializers.CharField(max_length=300, help_text="Stable name within the initiative.")
    name = serializers.CharField(required=False, max_length=300)
    unit = serializers.CharField(required=False, allow_blank=True, max_length=50)
    cadence_days = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=3660
    )
    readings = serializers.ListField(child=ReadingSerializer(), min_length=1, max_length=MOST)


class OutcomeSerializer(serializers.Serializer[Any]):
    """What became of the readings; ``reasons`` of the refused ones."""

    series = serializers.UUIDField()
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    refused = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())


class SeriesSerializer(serializers.Serializer[Any]):
    """A quantity that is read again and again."""

    id = serializers.UUIDField(read_only=True)
    initiative = serializers.CharField(source="initiative.key", read_only=True)
    key = serializers.CharField(read_only=True)
    name = serializers.CharField(read_only=True)
    unit = serializers.CharField(read_only=True)
    cadence_days = serializers.IntegerField(read_only=True, allow_null=True)
    source = serializers.CharField(read_only=True)  # type: ignore[assignment]
    latest_on = serializers.DateField(read_only=True, allow_null=True)
    recorded_at = serializers.DateTimeField(read_only=True, allow_null=True)


class SeriesFilter(django_filters.FilterSet):
    """Narrow series to one initiative."""

    initiative = django_filters.CharFilter(field_name="initiative__key", lookup_expr="iexact")


class SeriesDoor(Door):
    """The series of the initiatives a viewer sees."""

    model = Series
    serializer_class = SeriesSerializer
    filterset_class = SeriesFilter

    def rows(self) -> QuerySet[Any]:
        """Give the series."""
        return selectors.all_series(viewer=self.viewer)

    @extend_schema(operation_id="series_list", responses=SeriesSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List series, newest first."""
        answer: Response = self.paged(self.get_queryset(), SeriesSerializer)
        return answer


class Readings(Door):
    """Readings come in; who may only push sees nothing but what became of them."""

    model = Series
    permission = "reading.push"
    serializer_class = PushSerializer

    @extend_schema(
        operation_id="readings_push",
        request=PushSerializer,
        responses=OutcomeSerializer,
        parameters=[HEADER],
    )
    @once
    def push(self, request: Request) -> Response:
        """
        Send readings of a series. What is known already changes nothing; another value for a
        day is a correction, and the former one stays readable.
        """
        asked = self.body(PushSerializer)
        initiative = initiatives.initiative(
            viewer=self.viewer, key=asked["initiative"], permission="reading.push"
        )
        if initiative is None:
            raise Http404
        series = services.open_series(
            initiative=initiative,
            key=asked["series"],
            name=asked.get("name") or asked["series"],
            unit=asked.get("unit", ""),
            cadence_days=asked.get("cadence_days"),
            source="push",
            by=self.viewer,
        )
        outcome = services.record(
            series=series,
            points=[
                Reading(each["period_on"], each["value"], each.get("source_ref", ""))
                for each in asked["readings"]
            ],
            by=self.viewer,
            source_ref="push",
        )
        return Response(
            {
                "series": str(series.pk),
                "new": outcome.new,
                "changed": outcome.changed,
                "unchanged": outcome.unchanged,
                "refused": outcome.refused,
                "reasons": list(outcome.reasons),
            }
        )
