"""The library of ready KPIs, benchmarks, where freed time went, and cases laid out as sheets."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.books import selectors as books
from governance_app.domain import benefits as benefit_words
from governance_app.rollups import selectors as rollups
from governance_app.value import choices, selectors, services
from governance_app.value.models import Benchmark, Benefit, BusinessCase, KpiDefinition
from portfolio.api.once import HEADER, once
from portfolio.api.strict import AmountField, Door, StrictSerializer
from portfolio.api.v1.value import KpiSerializer, OfInitiative

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ReadyKpiSerializer(serializers.Serializer[Any]):
    """A KPI that can be taken from the library."""

    key = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    meaning = serializers.CharField()
    personas = serializers.ListField(child=serializers.CharField())


class AdoptSerializer(StrictSerializer):
    """Which ready KPI an initiative takes, and whom it touches."""

    initiative = serializers.CharField(max_length=20)
    key = serializers.CharField(max_length=60)
    population = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)


class BenchmarkSerializer(serializers.Serializer[Any]):
    """A figure of the company beside what the field aims at; null with its reason."""

    key = serializers.CharField()
    words = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    reason = serializers.CharField()
    low = AmountField()
    high = AmountField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    read_on = serializers.DateField(allow_null=True)
    percentiles = serializers.ListField(child=serializers.DictField())


class AimSerializer(StrictSerializer):
    """What the field aims at from a day on, and who said so; 0.25 is 25 %."""

    key = serializers.ChoiceField(choices=list(choices.BENCHMARKS))
    from_on = serializers.DateField()
    low = AmountField()
    high = AmountField(required=False, allow_null=True)
    source = serializers.CharField(max_length=500)  # type: ignore[assignment]
    read_on = serializers.DateField()


class DispositionsSerializer(StrictSerializer):
    """Where the freed time of a labour benefit went: share of it by use, together at most 1."""

    shares = serializers.DictField(child=AmountField())
    version = serializers.IntegerField(required=False)


class DisposedSerializer(serializers.Serializer[Any]):
    """Where freed time went, and the part of it that counts in the type of the benefit."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    dispositions = serializers.DictField(child=serializers.CharField())
    capture = AmountField(allow_null=True)
    version = serializers.IntegerField()


class SheetSerializer(serializers.Serializer[Any]):
    """A version of a case by period; rows that do not count are in no sum."""

    currency = serializers.CharField()
    span = serializers.CharField()
    scenario = serializers.CharField()
    periods = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.DictField())
    costs = serializers.ListField(child=serializers.CharField())
    benefits = serializers.ListField(child=serializers.CharField())
    net = serializers.ListField(child=serializers.CharField())
    running = serializers.ListField(child=serializers.CharField())


class KpiLibrary(OfInitiative):
    """Ready KPIs."""

    model = KpiDefinition
    asks = frozenset()
    serializer_class = ReadyKpiSerializer

    @extend_schema(
        operation_id="kpi_library", responses=ReadyKpiSerializer(many=True), filters=False
    )
    def list(self, request: Request) -> Response:
        """List the ready KPIs by name."""
        return Response(
            ReadyKpiSerializer(selectors.ready_kpis(viewer=self.viewer), many=True).data
        )

    @extend_schema(
        operation_id="kpi_adopt", request=AdoptSerializer, responses={201: KpiSerializer},
        parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def adopt(self, request: Request) -> Response:
        """Take a ready KPI into an initiative; what it is worth does not come with it."""
        asked = self.body(AdoptSerializer)
        row = self.named(asked.pop("initiative"))
        made = services.adopt_kpi(initiative=row, by=self.viewer, **asked)
        return Response(KpiSerializer(made).data, status=status.HTTP_201_CREATED)


class Benchmarks(Door):
    """The company beside the field."""

    model = Benchmark
    permission = "money.view"
    serializer_class = BenchmarkSerializer
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(
        operation_id="benchmarks", responses=BenchmarkSerializer(many=True), filters=False
    )
    def list(self, request: Request) -> Response:
        """Give each figure of the company with what the field aims at and own percentiles."""
        at = rollups.moment(now=timezone.now())
        aims = selectors.field_aims(viewer=self.viewer, on=at.on)
        standings = rollups.benchmark_standings(viewer=self.viewer, as_of=at)
        found = [
            {
                "key": key, "words": aims[key].words, "value": standings[key].figure.value,
                "reason": standings[key].figure.reason, "low": aims[key].low,
                "high": aims[key].high, "source": aims[key].source,
                "read_on": aims[key].read_on,
                "percentiles": [
                    {"name": each.name, "count": each.count, "p25": each.p25, "p50": each.p50,
                     "p75": each.p75}
                    for each in standings[key].spreads
                ],
            }
            for key in choices.BENCHMARKS
        ]  # fmt: skip
        return Response(BenchmarkSerializer(found, many=True).data)

    @extend_schema(
        operation_id="benchmark_set", request=AimSerializer, responses=AimSerializer,
        parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def set(self, request: Request) -> Response:
        """Set what the field aims at from a day on; earlier days keep what they had."""
        row = services.set_benchmark(by=self.viewer, **self.body(AimSerializer))
        return Response(AimSerializer(row).data)


class Dispositions(Door):
    """Where freed time went."""

    model = Benefit
    permission = "money.view"
    serializer_class = DisposedSerializer

    @extend_schema(
        operation_id="benefit_dispositions", request=DispositionsSerializer,
        responses=DisposedSerializer, parameters=[HEADER], filters=False,
        description=f"The uses are {', '.join(benefit_words.DISPOSITIONS)}.",
    )  # fmt: skip
    @once
    def set(self, request: Request, benefit_id: uuid.UUID) -> Response:
        """Say where the freed time of a labour benefit went."""
        asked = self.body(DispositionsSerializer)
        unknown = sorted(set(asked["shares"]) - set(benefit_words.DISPOSITIONS))
        if unknown:
            known = ", ".join(benefit_words.DISPOSITIONS)
            raise ValidationError(
                {"shares": [f"{unknown[0]} is no use of time; there are {known}."]}
            )
        row = selectors.benefit(benefit_id=benefit_id, viewer=self.viewer)
        if row is None:
            raise Http404
        done = services.set_dispositions(
            benefit=row, shares=asked["shares"], version=asked.get("version"), by=self.viewer
        )
        return Response(DisposedSerializer(done).data)


class CaseSheets(Door):
    """Cases as sheets."""

    model = BusinessCase
    permission = "money.view"
    asks = frozenset({"span", "scenario"})
    serializer_class = SheetSerializer

    @extend_schema(
        operation_id="value_case_sheet", responses=SheetSerializer, filters=False,
        parameters=[
            OpenApiParameter("span", OpenApiTypes.STR, enum=list(selectors.SPANS)),
            OpenApiParameter("scenario", OpenApiTypes.STR, enum=list(selectors.SCENARIOS)),
        ],
    )  # fmt: skip
    def read(self, request: Request, case_id: uuid.UUID) -> Response:
        """Lay a version out by month, quarter or fiscal year, in a scenario."""
        span = self._chosen("span", selectors.SPANS, "quarter")
        scenario = self._chosen("scenario", selectors.SCENARIOS, "likely")
        case = self._case(case_id)
        sheet = selectors.case_sheet(
            case=case, viewer=self.viewer, span=span, scenario=scenario,
            fiscal_start_month=books.fiscal_start_month(on=timezone.localdate()),
        )  # fmt: skip
        told = {
            "currency": case.currency, "span": span, "scenario": scenario,
            "periods": sheet.periods,
            "rows": [
                {"side": row.side, "category": row.category, "counts": row.counts,
                 "amounts": [None if each is None else f"{each:f}" for each in row.amounts],
                 "total": f"{row.total:f}"}
                for row in sheet.rows
            ],
            "costs": [f"{each or 0:f}" for each in sheet.costs.amounts],
            "benefits": [f"{each or 0:f}" for each in sheet.benefits.amounts],
            "net": [f"{each:f}" for each in sheet.net],
            "running": [f"{each:f}" for each in sheet.running],
        }  # fmt: skip
        return Response(SheetSerializer(told).data)

    @extend_schema(
        operation_id="value_case_workbook", filters=False,
        responses={(200, XLSX): OpenApiTypes.BINARY},
    )  # fmt: skip
    def workbook(self, request: Request, case_id: uuid.UUID) -> HttpResponse:
        """Download a version as a workbook with live formulas; it can be read back as a draft."""
        case = self._case(case_id)
        body = selectors.case_book(case=case, viewer=self.viewer)
        answer = HttpResponse(body, content_type=XLSX)
        name = f"{case.initiative.key}-case-{case.number}.xlsx"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    def _case(self, case_id: uuid.UUID) -> BusinessCase:
        row = selectors.case(case_id=case_id, viewer=self.viewer)
        if row is None:
            raise Http404
        return row

    def _chosen(self, name: str, known: Any, usual: str) -> str:
        said = self.request.query_params.get(name, usual)
        if said not in known:
            raise ValidationError({name: [f"It is one of {', '.join(known)}."]})
        return str(said)
