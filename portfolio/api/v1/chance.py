"""Uncertainty for programs: runs over a unit, drawn by a job, and one initiative at once."""

import uuid
from dataclasses import asdict
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

from governance_app.books import selectors as books
from governance_app.people import selectors as people
from governance_app.value import selectors, services
from governance_app.value.models import Simulation
from portfolio.api.once import HEADER, once
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import Door, StrictSerializer
from portfolio.api.v1.value import INITIATIVE, OfInitiative


class SwingSerializer(serializers.Serializer[Any]):
    """How far one driver moves the result, from its P10 to its P90, the others as likely."""

    driver = serializers.CharField()
    at_p10 = serializers.FloatField()
    at_p90 = serializers.FloatField()


class ChanceOutcomeSerializer(serializers.Serializer[Any]):
    """What could come of it; ``reason`` says why nothing was drawn."""

    reason = serializers.CharField(required=False)
    draws = serializers.IntegerField(required=False)
    seed = serializers.IntegerField(required=False)
    likely = serializers.FloatField(required=False)
    mean = serializers.FloatField(required=False)
    p10 = serializers.FloatField(required=False)
    p50 = serializers.FloatField(required=False)
    p90 = serializers.FloatField(required=False)
    loss_share = serializers.FloatField(required=False)
    tornado = SwingSerializer(many=True, required=False)


class SimulationSerializer(serializers.Serializer[Any]):
    """One run over a part of the portfolio; its seed repeats it."""

    id = serializers.UUIDField()
    unit = serializers.UUIDField(source="node_id")
    seed = serializers.IntegerField()
    draws = serializers.IntegerField()
    on = serializers.DateField()
    currency = serializers.CharField()
    outcome = serializers.SerializerMethodField()
    made_from = serializers.DictField()
    left_out = serializers.ListField(child=serializers.CharField())
    finished_at = serializers.DateTimeField(allow_null=True)
    job = serializers.SerializerMethodField()

    def get_outcome(self, run: Simulation) -> Any:
        """Give what was drawn; empty until the job is done."""
        return ChanceOutcomeSerializer(run.outcome).data if run.outcome else None

    def get_job(self, run: Simulation) -> str | None:
        """Give the job that draws it, right after it was asked for."""
        job = self.context.get("job")
        return str(job.pk) if job is not None else None


class AskSimulationSerializer(StrictSerializer):
    """What to draw; the same seed draws the same."""

    unit = serializers.UUIDField(required=False, help_text="The organisation by default.")
    seed = serializers.IntegerField(required=False, default=1, min_value=0)
    draws = serializers.IntegerField(required=False)


class Simulations(Door):
    """Runs of chance."""

    model = Simulation
    permission = "money.view"
    serializer_class = SimulationSerializer
    pagination_class = NewestFirst

    def rows(self) -> QuerySet[Any]:
        """Give the runs a viewer may see."""
        return selectors.simulations(viewer=self.viewer)

    @extend_schema(operation_id="simulations", responses=SimulationSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List the runs, newest first."""
        answer: Response = self.paged(self.get_queryset(), SimulationSerializer)
        return answer

    @extend_schema(
        operation_id="simulation_ask", request=AskSimulationSerializer,
        responses={202: SimulationSerializer}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def ask(self, request: Request) -> Response:
        """Let a job draw what everything below a unit may still be worth."""
        asked = self.body(AskSimulationSerializer)
        node = self._place(asked.pop("unit", None))
        made, job = services.ask_simulation(node=node, by=self.viewer, **asked)
        context = {**self.get_serializer_context(), "job": job}
        told = SimulationSerializer(made, context=context).data
        return Response(told, status=status.HTTP_202_ACCEPTED)

    @extend_schema(operation_id="simulation", responses=SimulationSerializer)
    def read(self, request: Request, simulation_id: uuid.UUID) -> Response:
        """Give one run with its outcome."""
        row = selectors.simulation(viewer=self.viewer, simulation_id=simulation_id)
        if row is None:
            raise Http404
        return Response(SimulationSerializer(row).data)

    def _place(self, unit: uuid.UUID | None) -> Any:
        root = people.organisation()
        if root is not None and unit in (None, root.pk):
            return root
        row = unit and people.units(viewer=self.viewer).filter(pk=unit).first()
        if not row:
            raise ValidationError({"unit": ["There is no such unit that you may see."]})
        return row


class Chances(OfInitiative):
    """Uncertainty of one initiative."""

    model = Simulation
    permission = "money.view"
    asks = frozenset({"initiative", "seed"})
    serializer_class = ChanceOutcomeSerializer

    @extend_schema(
        operation_id="value_chance", responses=ChanceOutcomeSerializer, filters=False,
        parameters=[INITIATIVE, OpenApiParameter("seed", OpenApiTypes.INT)],
    )  # fmt: skip
    def read(self, request: Request) -> Response:
        """Draw what going on with an initiative may be worth; the same seed draws the same."""
        seed = request.query_params.get("seed", "1")
        if not (seed.isdecimal() and len(seed) < 10):
            raise ValidationError({"seed": ["A seed is a whole number from 0 on."]})
        today = timezone.localdate()
        told = selectors.outcome_of(
            initiative=self.initiative(), viewer=self.viewer, on=today,
            currency=books.reporting_currency(on=today), seed=int(seed),
        )  # fmt: skip
        found = {"reason": told.reason} if told.value is None else asdict(told.value)
        return Response(ChanceOutcomeSerializer(found).data)
