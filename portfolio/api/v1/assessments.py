"""Assessments and controls for programs: begun, answered, handed in, decided, tested."""

import uuid
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

from governance_app.compliance import selectors, services
from governance_app.compliance.models import AppliedControl, Assessment
from governance_app.initiatives import selectors as initiatives
from governance_app.people import selectors as people
from portfolio.api.once import HEADER, once
from portfolio.api.strict import AmountField, Door, StrictSerializer
from portfolio.api.v1.compliance import AssessmentSerializer

INITIATIVE = OpenApiParameter("initiative", OpenApiTypes.STR, description="Its key, like AI-142.")


class BeginSerializer(StrictSerializer):
    """Which initiative is assessed, and for what."""

    initiative = serializers.CharField(max_length=20)
    subject = serializers.CharField(max_length=40)


class AnswersSerializer(StrictSerializer):
    """Answers by question; those that are not named stay."""

    answers = serializers.DictField()
    notes = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    version = serializers.IntegerField(required=False)


class VerdictSerializer(StrictSerializer):
    """Whether a second person approves; a return says what is missing."""

    is_approved = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False)


class ProofSerializer(StrictSerializer):
    """Evidence behind an answer, by its address."""

    title = serializers.CharField(max_length=300)
    url = serializers.URLField()
    collected_on = serializers.DateField()
    valid_until = serializers.DateField(required=False, allow_null=True)
    question = serializers.CharField(max_length=60)


class ProvenSerializer(serializers.Serializer[Any]):
    """Evidence on record; it counts until ``valid_until``."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    url = serializers.CharField()
    collected_on = serializers.DateField()
    valid_until = serializers.DateField()


class ControlSerializer(serializers.Serializer[Any]):
    """A control of the library on an initiative; shares come from its tests, null until tested."""

    id = serializers.UUIDField()
    initiative = serializers.CharField(source="initiative.key")
    ref = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()
    reason = serializers.CharField()
    owner = serializers.SerializerMethodField()
    due_on = serializers.DateField(allow_null=True)
    design = AmountField(allow_null=True)
    operating = AmountField(allow_null=True)
    version = serializers.IntegerField()

    def get_owner(self, row: AppliedControl) -> str | None:
        """Give the address of who keeps it."""
        return row.owner.email if row.owner else None


class ApplySerializer(StrictSerializer):
    """That a control is planned, in place, or does not apply, and who keeps it."""

    initiative = serializers.CharField(max_length=20)
    ref = serializers.CharField(max_length=60)
    state = serializers.CharField(
        max_length=20, help_text=f"One of {', '.join(AppliedControl.State.values)}."
    )
    owner = serializers.EmailField(required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False)


class ControlTestSerializer(StrictSerializer):
    """A test of a control's design, or of a sample of its operation, with its evidence."""

    aspect = serializers.ChoiceField(choices=["design", "operating"])
    tested_on = serializers.DateField()
    evidence = serializers.UUIDField()
    share = AmountField(required=False, allow_null=True)
    sample = serializers.IntegerField(required=False, allow_null=True, min_value=1)
    exceptions = serializers.IntegerField(required=False, allow_null=True, min_value=0)
    note = serializers.CharField(required=False, allow_blank=True, default="")


class AssessmentActs(Door):
    """Doing an assessment: each step is the service of the page."""

    model = Assessment
    serializer_class = AssessmentSerializer
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(
        operation_id="assessment_begin", request=BeginSerializer,
        responses={201: AssessmentSerializer}, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def begin(self, request: Request) -> Response:
        """Open an assessment with the answers of the last one; an open one is given back."""
        asked = self.body(BeginSerializer)
        row = services.begin_assessment(
            initiative=_initiative(self, asked["initiative"]), subject=asked["subject"],
            on=timezone.localdate(), by=self.viewer,
        )  # fmt: skip
        return Response(AssessmentSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="assessment", responses=AssessmentSerializer, filters=False)
    def read(self, request: Request, assessment_id: uuid.UUID) -> Response:
        """Give one assessment with its answers and results."""
        return Response(AssessmentSerializer(self._one(assessment_id)).data)

    @extend_schema(
        operation_id="assessment_answer", request=AnswersSerializer,
        responses=AssessmentSerializer, filters=False,
    )  # fmt: skip
    def answer(self, request: Request, assessment_id: uuid.UUID) -> Response:
        """Write answers into a draft."""
        asked = self.body(AnswersSerializer)
        services.answer(assessment=self._one(assessment_id), by=self.viewer, **asked)
        return Response(AssessmentSerializer(self._one(assessment_id)).data)

    @extend_schema(
        operation_id="assessment_evidence", request=ProofSerializer,
        responses={201: ProvenSerializer}, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def prove(self, request: Request, assessment_id: uuid.UUID) -> Response:
        """Put evidence behind an answer."""
        row, asked = self._one(assessment_id), self.body(ProofSerializer)
        made = services.add_evidence(
            initiative=row.initiative, assessment=row, on=timezone.localdate(), by=self.viewer,
            **asked,
        )  # fmt: skip
        return Response(ProvenSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="assessment_submit", request=None, responses=AssessmentSerializer,
        parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def submit(self, request: Request, assessment_id: uuid.UUID) -> Response:
        """Hand a draft in: its facts are frozen, its results worked out."""
        services.submit_assessment(
            assessment=self._one(assessment_id), on=timezone.localdate(), by=self.viewer
        )
        return Response(AssessmentSerializer(self._one(assessment_id)).data)

    @extend_schema(
        operation_id="assessment_decide", request=VerdictSerializer,
        responses=AssessmentSerializer, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def decide(self, request: Request, assessment_id: uuid.UUID) -> Response:
        """Approve what somebody else handed in, or return it."""
        asked = self.body(VerdictSerializer)
        services.decide_assessment(
            assessment=self._one(assessment_id), on=timezone.localdate(), by=self.viewer, **asked
        )
        return Response(AssessmentSerializer(self._one(assessment_id)).data)

    def _one(self, assessment_id: uuid.UUID) -> Assessment:
        row = selectors.assessment(viewer=self.viewer, assessment_id=assessment_id)
        if row is None:
            raise Http404
        return row


class Controls(Door):
    """Controls applied to initiatives."""

    model = AppliedControl
    asks = frozenset({"initiative"})
    serializer_class = ControlSerializer
    pagination_class = None  # type: ignore[assignment]

    def rows(self) -> QuerySet[Any]:
        """Give the controls of the initiative asked for."""
        key = self.request.query_params.get("initiative", "")
        return selectors.controls(viewer=self.viewer, initiative=_initiative(self, key))

    @extend_schema(
        operation_id="controls", responses=ControlSerializer(many=True), parameters=[INITIATIVE],
        filters=False,
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """List the controls of an initiative with how they were tested."""
        return Response(ControlSerializer(self.get_queryset(), many=True).data)

    @extend_schema(
        operation_id="control_apply", request=ApplySerializer, responses=ControlSerializer,
        parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def apply(self, request: Request) -> Response:
        """Say that a control of the library is planned, in place, or does not apply."""
        asked = self.body(ApplySerializer)
        owner = asked.pop("owner", None)
        row = services.apply_control(
            initiative=_initiative(self, asked.pop("initiative")),
            owner=_person(self, owner) if owner else None,
            on=timezone.localdate(),
            by=self.viewer,
            **asked,
        )
        return Response(ControlSerializer(row).data)

    @extend_schema(
        operation_id="control_test", request=ControlTestSerializer,
        responses={201: ControlSerializer}, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def test(self, request: Request, control_id: uuid.UUID) -> Response:
        """Record a test of a control; only evidence of the same initiative counts."""
        asked = self.body(ControlTestSerializer)
        row = selectors.control(viewer=self.viewer, control_id=control_id)
        if row is None:
            raise Http404
        proof = selectors.evidence(viewer=self.viewer, initiative=row.initiative)
        evidence = proof.filter(pk=asked.pop("evidence")).first()
        if evidence is None:
            raise ValidationError({"evidence": ["There is no such evidence of this initiative."]})
        services.record_test(
            control=row, evidence=evidence, on=timezone.localdate(), by=self.viewer, **asked
        )
        again = selectors.control(viewer=self.viewer, control_id=control_id)
        return Response(ControlSerializer(again).data, status=status.HTTP_201_CREATED)


def _initiative(door: Door, key: str) -> Any:
    row = initiatives.initiative(viewer=door.viewer, key=key) if key else None
    if row is None:
        raise Http404
    return row


def _person(door: Door, email: str) -> Any:
    found = people.people(viewer=door.viewer).filter(email__iexact=email).first()
    if found is None:
        raise ValidationError({"owner": ["Nobody has that address."]})
    return found
