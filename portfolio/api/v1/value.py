"""Value for programs: KPIs, benefits and their guards, the bridge from promise to bank."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from governance_app.rollups import selectors as rollups
from governance_app.value import selectors, services
from governance_app.value.models import Benefit, Kpi, PopulationHours
from portfolio.api.once import HEADER, once
from portfolio.api.strict import AmountField, Door, StrictSerializer

INITIATIVE = OpenApiParameter("initiative", OpenApiTypes.STR, description="Its key, like AI-142.")


class KpiSerializer(serializers.Serializer[Any]):
    """A KPI; ``key`` is its name in formulas."""

    id = serializers.UUIDField()
    initiative = serializers.CharField(source="initiative.key")
    name = serializers.CharField()
    key = serializers.SerializerMethodField()
    unit = serializers.CharField()
    direction = serializers.CharField()
    formula = serializers.CharField()
    baseline = AmountField(allow_null=True)
    baseline_month = serializers.DateField(allow_null=True)
    counterfactual = serializers.CharField()
    target = AmountField(allow_null=True)
    target_on = serializers.DateField(allow_null=True)
    target_band = AmountField(allow_null=True)
    series = serializers.UUIDField(source="series_id")
    version = serializers.IntegerField()

    def get_key(self, kpi: Kpi) -> str:
        """Give its name in formulas."""
        return selectors.key_of(kpi.name)


class ProvenEffectSerializer(serializers.Serializer[Any]):
    """What the readings say about the effect of an initiative on a KPI."""

    change_on = serializers.DateField(allow_null=True)
    method = serializers.CharField(allow_null=True)
    change = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    words = serializers.CharField()


class ConflictSerializer(serializers.Serializer[Any]):
    """Claims that cannot all be true; they block validation."""

    kind = serializers.CharField()
    month = serializers.DateField()
    population = serializers.CharField()
    sentence = serializers.CharField()
    remedy = serializers.CharField()
    initiatives = serializers.ListField(child=serializers.CharField())


class BenefitSerializer(serializers.Serializer[Any]):
    """One way in which an initiative pays, with whoever signed it and what stands in its way."""

    id = serializers.UUIDField()
    initiative = serializers.CharField(source="initiative.key")
    name = serializers.CharField()
    benefit_type = serializers.CharField()
    value_type = serializers.CharField()
    template = serializers.CharField()
    population = serializers.CharField()
    currency = serializers.CharField()
    starts_month = serializers.DateField()
    ends_month = serializers.DateField()
    counts_until = serializers.SerializerMethodField()
    rebased_month = serializers.DateField(allow_null=True)
    rebase_ref = serializers.CharField()
    owner = serializers.SerializerMethodField()
    signed_at = serializers.DateTimeField(allow_null=True)
    conflicts = serializers.SerializerMethodField()
    version = serializers.IntegerField()

    @extend_schema_field(serializers.DateField())
    def get_counts_until(self, benefit: Benefit) -> dt.date:
        """Give the last month in which it counts as new."""
        return selectors.counts_until(benefit=benefit)

    def get_owner(self, benefit: Benefit) -> str | None:
        """Give the address of its owner."""
        return benefit.owner.email if benefit.owner else None

    @extend_schema_field(ConflictSerializer(many=True))
    def get_conflicts(self, benefit: Benefit) -> Any:
        """Give what blocks its validation."""
        found = selectors.conflicts(
            benefit=benefit, viewer=self.context["viewer"], on=timezone.localdate()
        )
        return ConflictSerializer(found, many=True).data


class StepSerializer(serializers.Serializer[Any]):
    """One step of the bridge and the sum after it."""

    name = serializers.CharField()
    change = serializers.CharField()
    after = serializers.CharField()


class BridgeSerializer(serializers.Serializer[Any]):
    """From the promise to the bank: the steps sum exactly. Hard benefits only."""

    currency = serializers.CharField()
    through = serializers.DateField()
    promised = serializers.CharField()
    steps = StepSerializer(many=True)
    banked = serializers.CharField()
    problems = serializers.ListField(child=serializers.CharField())


class PaidHoursSerializer(StrictSerializer):
    """The hours paid for in a month to a population, from a month on."""

    population = serializers.CharField(max_length=300)
    from_month = serializers.DateField()
    paid_hours = serializers.DecimalField(max_digits=14, decimal_places=2)
    source = serializers.CharField(required=False, allow_blank=True, max_length=300)  # type: ignore[assignment]


class OfInitiative(Door):
    """What belongs to one initiative, named in the question."""

    asks = frozenset({"initiative"})
    pagination_class = None  # type: ignore[assignment]

    def initiative(self) -> Any:
        """Give the initiative asked for, or answer 404."""
        return self.named(self.request.query_params.get("initiative", ""))

    def named(self, key: str) -> Any:
        """Give the initiative of a key, or answer 404."""
        row = initiatives.initiative(viewer=self.viewer, key=key) if key else None
        if row is None:
            raise Http404
        return row


class Kpis(OfInitiative):
    """The KPIs of an initiative."""

    model = Kpi
    serializer_class = KpiSerializer

    def rows(self) -> QuerySet[Any]:
        """Give the KPIs by name."""
        return selectors.kpis(initiative=self.initiative(), viewer=self.viewer)

    @extend_schema(
        operation_id="value_kpis", responses=KpiSerializer(many=True), parameters=[INITIATIVE],
        filters=False,
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """List the KPIs of an initiative."""
        return Response(KpiSerializer(self.get_queryset(), many=True).data)


class Effects(Door):
    """The effect on one KPI."""

    model = Kpi
    serializer_class = ProvenEffectSerializer

    @extend_schema(operation_id="value_effect", responses=ProvenEffectSerializer)
    def read(self, request: Request, kpi_id: str) -> Response:
        """Tell whether a KPI moved because of its initiative, with the 95 % interval."""
        kpi = selectors.kpi(kpi_id=kpi_id, viewer=self.viewer)
        if kpi is None:
            raise Http404
        proof = selectors.proof_of(kpi=kpi, viewer=self.viewer)
        found = proof.effect.value
        return Response(
            ProvenEffectSerializer(
                {
                    "change_on": proof.change_on,
                    "method": str(found.method) if found else None,
                    "change": found.change if found else None,
                    "low": found.low if found else None,
                    "high": found.high if found else None,
                    "words": proof.words,
                }
            ).data
        )


class Benefits(OfInitiative):
    """The benefits of an initiative."""

    model = Benefit
    permission = "money.view"
    serializer_class = BenefitSerializer

    def rows(self) -> QuerySet[Any]:
        """Give the benefits by name."""
        return selectors.benefits(initiative=self.initiative(), viewer=self.viewer)

    @extend_schema(
        operation_id="value_benefits", responses=BenefitSerializer(many=True),
        parameters=[INITIATIVE], filters=False,
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """List the benefits of an initiative with what blocks their validation."""
        context = {**self.get_serializer_context(), "viewer": self.viewer}
        return Response(BenefitSerializer(self.get_queryset(), many=True, context=context).data)


class Bridges(OfInitiative):
    """The value bridge."""

    model = Benefit
    permission = "money.view"
    serializer_class = BridgeSerializer

    @extend_schema(
        operation_id="value_bridge", responses=BridgeSerializer, parameters=[INITIATIVE],
        filters=False,
    )  # fmt: skip
    def read(self, request: Request) -> Response:
        """Walk from promise to bank: for one initiative, or for all that the viewer may see."""
        has_key = "initiative" in request.query_params
        found = rollups.value_bridge(
            viewer=self.viewer,
            as_of=rollups.moment(now=timezone.now()),
            initiative=self.initiative() if has_key else None,
        )
        if found is None:
            access.require(self.viewer, "money.view", self.initiative() if has_key else None)
            raise Http404
        return Response(BridgeSerializer(found).data)


class PaidHours(Door):
    """Paid hours of populations."""

    model = PopulationHours
    permission = "value.validate"
    serializer_class = PaidHoursSerializer

    @extend_schema(
        operation_id="value_paid_hours", request=PaidHoursSerializer,
        responses=PaidHoursSerializer, parameters=[HEADER],
    )  # fmt: skip
    @once
    def set(self, request: Request) -> Response:
        """Set the hours paid for to a population from a month on."""
        asked = self.body(PaidHoursSerializer)
        row = services.set_paid_hours(
            population=asked["population"],
            from_month=asked["from_month"],
            paid_hours=asked["paid_hours"],
            source=asked.get("source", ""),
            by=self.viewer,
        )
        return Response(PaidHoursSerializer(row).data)
