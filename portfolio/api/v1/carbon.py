"""Carbon for programs: by initiative and month, what providers report, estimates, coefficients."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.initiatives import selectors as initiatives
from governance_app.rollups import selectors as rollups
from governance_app.spend import selectors as spend
from governance_app.value import selectors, services
from governance_app.value.models import CarbonMonth, GridIntensity
from portfolio.api.once import HEADER, once
from portfolio.api.strict import AmountField, Door, StrictSerializer

INITIATIVE = OpenApiParameter("initiative", OpenApiTypes.STR, description="Its key, like AI-142.")
FIRST = OpenApiParameter("first", OpenApiTypes.DATE, description="First month; else of the year.")
LAST = OpenApiParameter(
    "last", OpenApiTypes.DATE, description="Last month; else the last complete."
)
MOST_ROWS = 5000


class CarbonMonthSerializer(serializers.Serializer[Any]):
    """What an initiative emitted in a month; the reported figure where one stands."""

    initiative = serializers.CharField(source="initiative.key")
    month = serializers.DateField()
    basis = serializers.CharField()
    kg = AmountField()
    kwh = AmountField(allow_null=True)
    made_from = serializers.DictField()


class EmittedSerializer(StrictSerializer):
    """What one account emitted in a month; a blank account is the whole source."""

    account = serializers.CharField(allow_blank=True, default="", max_length=200)
    month = serializers.DateField()
    kg = AmountField(takes_numbers=True)


class CarbonReportSerializer(StrictSerializer):
    """A provider's report; a later one of the same account and month takes its place."""

    source = serializers.UUIDField(help_text="The source of bills it belongs to.")  # type: ignore[assignment]
    rows = EmittedSerializer(many=True)


class ReportedSerializer(serializers.Serializer[Any]):
    """How many accounts and months were taken."""

    taken = serializers.IntegerField()


class CarbonEstimateSerializer(StrictSerializer):
    """The energy of a month in a grid; labelled an estimate."""

    initiative = serializers.CharField(max_length=20)
    month = serializers.DateField()
    kwh = AmountField(takes_numbers=True)
    region = serializers.CharField(max_length=60)


class IntensitySerializer(StrictSerializer):
    """How much CO2e a kilowatt hour of a grid stands for in a year, and who says so."""

    region = serializers.CharField(max_length=60)
    year = serializers.IntegerField()
    kg_per_kwh = AmountField(takes_numbers=True)
    source = serializers.CharField(max_length=300)  # type: ignore[assignment]


class Carbon(Door):
    """Carbon by initiative and month."""

    model = CarbonMonth
    asks = frozenset({"initiative", "first", "last"})
    serializer_class = CarbonMonthSerializer
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(
        operation_id="carbon", responses=CarbonMonthSerializer(many=True), filters=False,
        parameters=[INITIATIVE, FIRST, LAST],
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """List what was emitted by initiative and month, the fiscal year to date by default."""
        window = rollups.moment(now=timezone.now()).window
        first = self._month("first") or window.year_first
        last = self._month("last") or window.through
        key = request.query_params.get("initiative", "")
        chosen = [self._initiative(key).pk] if key else None
        rows = selectors.carbon_months(
            viewer=self.viewer, first=first, last=last, initiatives=chosen
        )
        return Response(CarbonMonthSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="carbon_report", request=CarbonReportSerializer,
        responses={201: ReportedSerializer}, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def report(self, request: Request) -> Response:
        """Take what a provider reports and share it as the bills of those months are."""
        asked = self.body(CarbonReportSerializer)
        if len(asked["rows"]) > MOST_ROWS:
            raise ValidationError({"rows": [f"At most {MOST_ROWS:,} rows at once."]})
        source = spend.source(viewer=self.viewer, source_id=asked["source"])
        if source is None:
            raise ValidationError({"source": ["There is no such source that you may see."]})
        taken = services.report_carbon(
            source=source, by=self.viewer,
            rows=[
                services.Emitted(row["account"].strip(), row["month"], row["kg"])
                for row in asked["rows"]
            ],
        )  # fmt: skip
        return Response(ReportedSerializer({"taken": taken}).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="carbon_estimate", request=CarbonEstimateSerializer,
        responses={201: CarbonMonthSerializer}, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def estimate(self, request: Request) -> Response:
        """Estimate what an initiative emitted from the energy it used."""
        asked = self.body(CarbonEstimateSerializer)
        row = services.estimate_carbon(
            initiative=self._initiative(asked.pop("initiative")), by=self.viewer, **asked
        )
        return Response(CarbonMonthSerializer(row).data, status=status.HTTP_201_CREATED)

    def _initiative(self, key: str) -> Any:
        row = initiatives.initiative(viewer=self.viewer, key=key)
        if row is None:
            raise Http404
        return row

    def _month(self, name: str) -> dt.date | None:
        text = self.request.query_params.get(name, "")
        if not text:
            return None
        try:
            return dt.date.fromisoformat(text).replace(day=1)
        except ValueError as error:
            raise ValidationError({name: ["Write a day such as 2026-10-01."]}) from error


class Intensities(Door):
    """Coefficients of grids."""

    model = GridIntensity
    serializer_class = IntensitySerializer
    pagination_class = None  # type: ignore[assignment]

    def rows(self) -> QuerySet[Any]:
        """Give the coefficients by region, newest first."""
        return selectors.intensities(viewer=self.viewer)

    @extend_schema(
        operation_id="carbon_intensities", responses=IntensitySerializer(many=True), filters=False
    )
    def list(self, request: Request) -> Response:
        """List the coefficients of grids, each with its source."""
        return Response(IntensitySerializer(self.get_queryset(), many=True).data)

    @extend_schema(
        operation_id="carbon_intensity_set", request=IntensitySerializer,
        responses=IntensitySerializer, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def set(self, request: Request) -> Response:
        """Set the coefficient of a grid for a year; figures made before stay as they were made."""
        row = services.set_intensity(by=self.viewer, **self.body(IntensitySerializer))
        return Response(IntensitySerializer(row).data)
