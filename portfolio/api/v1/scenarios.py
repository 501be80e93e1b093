"""Funding scenarios for programs: asked, solved by a job, read, proposed."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.people import selectors as people
from governance_app.scenarios import selectors, services
from governance_app.scenarios.models import Proposal, Scenario
from portfolio.api.once import HEADER, once
from portfolio.api.strict import AmountField, Door, StrictSerializer


class ScenarioSerializer(serializers.Serializer[Any]):
    """One question of what to fund, and its answer once it is solved."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    unit = serializers.UUIDField(source="node_id")
    on = serializers.DateField()
    currency = serializers.CharField()
    budgets = serializers.DictField(child=serializers.CharField())
    people = serializers.DictField(child=serializers.CharField())
    risk_cap = AmountField(allow_null=True)
    state = serializers.CharField()
    sentence = serializers.CharField()
    result = serializers.DictField()
    job = serializers.UUIDField(source="job_id", allow_null=True)
    solved_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class QuestionSerializer(StrictSerializer):
    """A question: limits by fiscal year, initiatives by key."""

    name = serializers.CharField(max_length=200)
    unit = serializers.UUIDField(required=False, help_text="The organisation by default.")
    currency = serializers.CharField(max_length=3, required=False)
    budgets = serializers.DictField(child=AmountField(), default=dict)
    people = serializers.DictField(child=AmountField(), default=dict)
    risk_cap = AmountField(required=False, allow_null=True)
    must = serializers.ListField(child=serializers.CharField(), default=list)
    never = serializers.ListField(child=serializers.CharField(), default=list)
    either = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField()), default=list
    )
    keeps_dependencies = serializers.BooleanField(default=True)
    seconds = serializers.IntegerField(default=60)


class CandidateSerializer(serializers.Serializer[Any]):
    """One initiative in an answer."""

    initiative = serializers.CharField(source="initiative.key")
    is_funded = serializers.BooleanField()
    is_considered = serializers.BooleanField()
    value = AmountField(allow_null=True)
    worth = AmountField(allow_null=True)
    cost = AmountField(allow_null=True)
    reason = serializers.CharField()


class AppliedSerializer(StrictSerializer):
    """Why the answer is proposed to gates."""

    sentence = serializers.CharField(max_length=500)


class ProposedSerializer(serializers.Serializer[Any]):
    """How many proposals are new."""

    proposed = serializers.IntegerField()


class FundingProposalSerializer(serializers.Serializer[Any]):
    """What is proposed to the gate of an initiative; nothing changed by it."""

    id = serializers.UUIDField()
    scenario = serializers.UUIDField(source="scenario_id")
    initiative = serializers.CharField(source="initiative.key")
    action = serializers.CharField()
    sentence = serializers.CharField()
    amount = AmountField(allow_null=True)
    currency = serializers.CharField()
    proposed_by = serializers.CharField(source="proposed_by.email")


class TakenSerializer(serializers.Serializer[Any]):
    """The request at a gate that took a proposal up."""

    request = serializers.IntegerField(source="number")
    initiative = serializers.CharField(source="initiative.key")
    to_stage = serializers.CharField()
    proposal = serializers.CharField()
    state = serializers.CharField()


class HandedSerializer(serializers.Serializer[Any]):
    """The job that takes proposals to their gates; its result says what was left and why."""

    job = serializers.UUIDField()


class FundingProposals(Door):
    """Open proposals of scenarios."""

    model = Proposal
    permission = "money.view"
    serializer_class = FundingProposalSerializer
    asks = frozenset({"scenario"})
    pagination_class = None  # type: ignore[assignment]

    def rows(self) -> QuerySet[Any]:
        """Give the open proposals, of one scenario or all."""
        wanted = self.request.query_params.get("scenario", "")
        rows = selectors.proposals(viewer=self.viewer)
        return rows.filter(scenario=self._uuid(wanted)) if wanted else rows

    @extend_schema(
        operation_id="funding_proposals", responses=FundingProposalSerializer(many=True),
        parameters=[OpenApiParameter("scenario", OpenApiTypes.UUID)], filters=False,
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """List the open proposals by initiative."""
        return Response(FundingProposalSerializer(self.get_queryset(), many=True).data)

    @extend_schema(
        operation_id="funding_proposal_take", request=None, responses={201: TakenSerializer},
        parameters=[HEADER],
    )  # fmt: skip
    @once
    def take(self, request: Request, proposal_id: str) -> Response:
        """Begin a request at the gate for a proposal, or join the one that stands open."""
        row = selectors.proposal(viewer=self.viewer, proposal_id=proposal_id)
        if row is None:
            raise Http404
        asked = services.take_to_gate(proposal=row, by=self.viewer)
        return Response(TakenSerializer(asked).data, status=status.HTTP_201_CREATED)

    @staticmethod
    def _uuid(text: str) -> uuid.UUID:
        try:
            return uuid.UUID(text)
        except ValueError as error:
            raise ValidationError({"scenario": ["This is no id."]}) from error


class Scenarios(Door):
    """Scenarios."""

    model = Scenario
    permission = "money.view"
    serializer_class = ScenarioSerializer

    def rows(self) -> QuerySet[Any]:
        """Give the scenarios, newest first."""
        return selectors.scenarios(viewer=self.viewer)

    def _one(self, scenario_id: str) -> Scenario:
        found = selectors.scenario(viewer=self.viewer, scenario_id=scenario_id)
        if found is None:
            raise Http404
        return found

    @extend_schema(operation_id="scenarios", responses=ScenarioSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List the scenarios, newest first."""
        answer: Response = self.paged(self.get_queryset(), ScenarioSerializer)
        return answer

    @extend_schema(
        operation_id="scenario_add", request=QuestionSerializer,
        responses={201: ScenarioSerializer}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def add(self, request: Request) -> Response:
        """Ask what to fund."""
        asked = self.body(QuestionSerializer)
        wanted = asked.pop("unit", None)
        node = people.organisation()
        if wanted is not None:
            node = people.units(viewer=self.viewer).filter(pk=wanted).first() or (
                node if node is not None and node.pk == wanted else None
            )
        if node is None:
            raise ValidationError({"unit": ["There is no such unit that you may see."]})
        made = services.add_scenario(node=node, by=self.viewer, **asked)
        return Response(ScenarioSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="scenario", responses=ScenarioSerializer)
    def read(self, request: Request, scenario_id: str) -> Response:
        """Give one scenario with its answer."""
        return Response(ScenarioSerializer(self._one(scenario_id)).data)

    @extend_schema(
        operation_id="scenario_solve", request=None, responses={202: ScenarioSerializer},
        parameters=[HEADER],
    )  # fmt: skip
    @once
    def solve(self, request: Request, scenario_id: str) -> Response:
        """Let a job solve it; ``job`` is where its progress is read."""
        services.ask(scenario=self._one(scenario_id), by=self.viewer)
        told = ScenarioSerializer(self._one(scenario_id)).data
        return Response(told, status=status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="scenario_candidates", responses=CandidateSerializer(many=True),
        filters=False,
    )  # fmt: skip
    def candidates(self, request: Request, scenario_id: str) -> Response:
        """List every initiative of an answer, funded first."""
        rows = selectors.candidates(viewer=self.viewer, scenario=self._one(scenario_id))
        return Response(CandidateSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="scenario_propose", request=AppliedSerializer, responses=ProposedSerializer,
        parameters=[HEADER],
    )  # fmt: skip
    @once
    def propose(self, request: Request, scenario_id: str) -> Response:
        """Propose the answer to its initiatives; ``hand-over`` takes that to their gates."""
        asked = self.body(AppliedSerializer)
        count = services.propose(
            scenario=self._one(scenario_id), sentence=asked["sentence"], by=self.viewer
        )
        return Response(ProposedSerializer({"proposed": count}).data)

    @extend_schema(
        operation_id="scenario_hand_over", request=None, responses={202: HandedSerializer},
        parameters=[HEADER],
    )  # fmt: skip
    @once
    def hand_over(self, request: Request, scenario_id: str) -> Response:
        """Let a job take the open proposals to the gates the asker may ask at."""
        job = services.ask_hand_over(scenario=self._one(scenario_id), by=self.viewer)
        return Response(HandedSerializer({"job": job.pk}).data, status=status.HTTP_202_ACCEPTED)
