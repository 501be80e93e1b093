"""Risk for programs: the register with its scores, signals from monitors, incidents."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.initiatives import selectors as initiatives
from governance_app.people.access import User
from governance_app.risk import selectors, services
from governance_app.risk.models import Incident, Risk, Signal
from portfolio.api.once import HEADER, once
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import Door, StrictSerializer

INITIATIVE = OpenApiParameter("initiative", OpenApiTypes.STR, description="Its key, like AI-142.")


class RiskSerializer(serializers.Serializer[Any]):
    """An open risk; null levels mean not assessed, which stands above high."""

    id = serializers.UUIDField()
    initiative = serializers.CharField(source="initiative.key")
    category = serializers.CharField()
    title = serializers.CharField()
    likelihood = serializers.IntegerField(allow_null=True)
    impact = serializers.IntegerField(allow_null=True)
    inherent = serializers.IntegerField(allow_null=True)
    residual = serializers.IntegerField(allow_null=True)
    likelihood_now = serializers.IntegerField(allow_null=True)
    impact_now = serializers.IntegerField(allow_null=True)
    appetite = serializers.IntegerField(allow_null=True)
    confidence = serializers.CharField()
    treatment = serializers.CharField()
    review_due_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()


class ScoreSerializer(serializers.Serializer[Any]):
    """How a risk was scored: every term, and all that was judged."""

    on = serializers.DateField()
    algorithm = serializers.CharField()
    inherent = serializers.IntegerField(allow_null=True)
    residual = serializers.IntegerField(allow_null=True)
    confidence = serializers.CharField()
    lines = serializers.ListField(child=serializers.DictField())
    facts = serializers.DictField()
    facts_hash = serializers.CharField()


class AssessSerializer(StrictSerializer):
    """How likely and how grave, before controls."""

    likelihood = serializers.IntegerField(min_value=1, max_value=5)
    impact = serializers.IntegerField(min_value=1, max_value=5)
    reasons = serializers.CharField(required=False, allow_blank=True)
    version = serializers.IntegerField(required=False)


class SignalSerializer(StrictSerializer):
    """Something known to be going wrong; the same open one again only renews its evidence."""

    initiative = serializers.CharField(max_length=20)
    kind = serializers.CharField(max_length=30)
    evidence = serializers.CharField()
    ref = serializers.CharField(required=False, allow_blank=True, max_length=200)


class RaisedSerializer(serializers.Serializer[Any]):
    """A signal as it stands."""

    id = serializers.UUIDField()
    initiative = serializers.CharField(source="initiative.key")
    kind = serializers.CharField()
    ref = serializers.CharField()
    evidence = serializers.CharField()
    raised_at = serializers.DateTimeField()


class IncidentNoticeSerializer(serializers.Serializer[Any]):
    """By when an authority is told, and when it was."""

    title = serializers.CharField()
    authority = serializers.CharField()
    article = serializers.CharField()
    due_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    lapsed_because = serializers.CharField()


class IncidentSerializer(serializers.Serializer[Any]):
    """An incident with its clocks."""

    key = serializers.CharField()
    number = serializers.IntegerField()
    initiative = serializers.CharField(source="initiative.key")
    title = serializers.CharField()
    severity = serializers.IntegerField()
    state = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    aware_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    lessons = serializers.CharField()
    notices = IncidentNoticeSerializer(many=True)
    version = serializers.IntegerField()


class ReportSerializer(StrictSerializer):
    """An incident; moments that are left out are now, facts that are left out are unknown."""

    initiative = serializers.CharField(max_length=20)
    title = serializers.CharField(max_length=300)
    severity = serializers.IntegerField(min_value=1, max_value=4)
    description = serializers.CharField(required=False, allow_blank=True)
    occurred_at = serializers.DateTimeField(required=False)
    detected_at = serializers.DateTimeField(required=False)
    aware_at = serializers.DateTimeField(required=False)
    people_affected = serializers.IntegerField(required=False, min_value=0)
    facts = serializers.DictField(child=serializers.CharField(), required=False)


def _initiative(viewer: User, key: str) -> Any:
    row = initiatives.initiative(viewer=viewer, key=key) if key else None
    if row is None:
        raise Http404
    return row


class Risks(Door):
    """The risk register."""

    model = Risk
    asks = frozenset({"initiative"})
    serializer_class = RiskSerializer
    pagination_class = NewestFirst
    lookup_url_kwarg = "risk_id"

    def rows(self) -> QuerySet[Any]:
        """Give open risks, those of one initiative when it is named."""
        key = self.request.query_params.get("initiative", "")
        row = _initiative(self.viewer, key) if key else None
        return selectors.risks(viewer=self.viewer, initiative=row)

    @extend_schema(
        operation_id="risks", responses=RiskSerializer(many=True), parameters=[INITIATIVE]
    )
    def list(self, request: Request) -> Response:
        """List the open risks the viewer may see."""
        return self.paged(self.get_queryset(), RiskSerializer)

    @extend_schema(operation_id="risk_score", responses=ScoreSerializer)
    def score(self, request: Request, risk_id: str) -> Response:
        """Give the newest score of a risk with every term and all that was judged."""
        row = selectors.risks(viewer=self.viewer).filter(pk=risk_id).first()
        score = selectors.explanation(risk=row, viewer=self.viewer) if row is not None else None
        if score is None:
            raise Http404
        return Response(ScoreSerializer(score).data)

    @extend_schema(
        operation_id="risk_assess", request=AssessSerializer, responses=RiskSerializer,
        parameters=[HEADER],
    )  # fmt: skip
    @once
    def assess(self, request: Request, risk_id: str) -> Response:
        """Judge how likely and how grave a risk is; the next review follows from the level."""
        row = selectors.risks(viewer=self.viewer).filter(pk=risk_id).first()
        if row is None:
            raise Http404
        asked = self.body(AssessSerializer)
        judged = services.assess(risk=row, on=timezone.localdate(), by=self.viewer, **asked)
        return Response(RiskSerializer(judged).data)


class Signals(Door):
    """Signals from monitors."""

    model = Signal
    permission = "risk.edit"
    serializer_class = SignalSerializer

    @extend_schema(
        operation_id="signal_raise", request=SignalSerializer, responses={201: RaisedSerializer},
        parameters=[HEADER],
    )  # fmt: skip
    @once
    def raise_it(self, request: Request) -> Response:
        """Say that something is going wrong; it raises levels until somebody clears it."""
        asked = self.body(SignalSerializer)
        signal = services.raise_signal(
            initiative=_initiative(self.viewer, asked.pop("initiative")),
            on=timezone.localdate(),
            by=self.viewer,
            **asked,
        )
        return Response(RaisedSerializer(signal).data, status=201)


class Incidents(Door):
    """Incidents."""

    model = Incident
    asks = frozenset({"initiative"})
    serializer_class = IncidentSerializer
    pagination_class = NewestFirst

    def rows(self) -> QuerySet[Any]:
        """Give incidents, those of one initiative when it is named."""
        key = self.request.query_params.get("initiative", "")
        row = _initiative(self.viewer, key) if key else None
        found = selectors.incidents(viewer=self.viewer, initiative=row)
        return found.prefetch_related("notices")

    @extend_schema(
        operation_id="incidents", responses=IncidentSerializer(many=True), parameters=[INITIATIVE]
    )
    def list(self, request: Request) -> Response:
        """List the incidents the viewer may see."""
        return self.paged(self.get_queryset(), IncidentSerializer)

    @extend_schema(
        operation_id="incident_report", request=ReportSerializer,
        responses={201: IncidentSerializer}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def report(self, request: Request) -> Response:
        """Report an incident; the clocks of authorities start."""
        asked, now = self.body(ReportSerializer), timezone.now()
        aware = asked.pop("aware_at", now)
        detected = asked.pop("detected_at", aware)
        row = services.report_incident(
            initiative=_initiative(self.viewer, asked.pop("initiative")),
            aware_at=aware,
            detected_at=detected,
            occurred_at=asked.pop("occurred_at", detected),
            now=now,
            by=self.viewer,
            **asked,
        )
        return Response(IncidentSerializer(row).data, status=201)
