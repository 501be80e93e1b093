"""Gates: the check of deploy pipelines, requests and decisions, policies and modes."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django_filters import CharFilter, FilterSet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.domain.figures import Figure
from governance_app.domain.gates import CHOICES, ENDINGS
from governance_app.domain.policy import MODES
from governance_app.gates import selectors, services
from governance_app.gates.models import GateRequest, PolicyVersion
from governance_app.initiatives import selectors as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.people import selectors as people
from portfolio.api.once import HEADER, once
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import Door, StrictSerializer

#: How far back a replay and a comparison look when nobody says.
YEAR = dt.timedelta(days=365)


class GateCheckSerializer(serializers.Serializer[Any]):
    """Whether a version may go into a stage now, with the reasons, and the same signed."""

    initiative = serializers.CharField()
    stage = serializers.CharField()
    version = serializers.CharField(allow_blank=True)
    decision = serializers.ChoiceField(choices=["allow", "deny"])
    reasons = serializers.ListField(child=serializers.CharField())
    request = serializers.CharField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    token = serializers.CharField(help_text="Compact JWS (EdDSA) over the same facts, iat, exp.")


class KeySerializer(serializers.Serializer[Any]):
    """The public key that signed answers are checked with."""

    kid = serializers.CharField()
    alg = serializers.CharField()
    pem = serializers.CharField()


class FindingSerializer(serializers.Serializer[Any]):
    """What became of one check."""

    check = serializers.CharField()  # type: ignore[assignment]
    title = serializers.CharField()
    level = serializers.CharField()
    result = serializers.CharField()
    why = serializers.CharField()


class GateSerializer(serializers.Serializer[Any]):
    """A request at a gate."""

    number = serializers.IntegerField()
    initiative = serializers.CharField(source="initiative.key")
    from_stage = serializers.CharField()
    to_stage = serializers.CharField()
    model_version = serializers.CharField()
    proposal = serializers.ChoiceField(choices=list(ENDINGS))
    reason = serializers.CharField()
    state = serializers.CharField()
    mode = serializers.CharField()
    requested_by = serializers.CharField(source="requested_by.name")
    submitted_at = serializers.DateTimeField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    ending = serializers.CharField()
    ending_sentence = serializers.CharField()
    facts_hash = serializers.CharField()
    findings = serializers.SerializerMethodField()

    def get_findings(self, row: GateRequest) -> list[dict[str, Any]]:
        """Give what became of each check; empty for a draft."""
        return [
            {name: each[name] for name in ("check", "title", "level", "result", "why")}
            for each in row.verdict.get("findings", [])
        ]


class AskSerializer(StrictSerializer):
    """A request to be made."""

    initiative = serializers.CharField()
    to_stage = serializers.CharField(max_length=30)
    reason = serializers.CharField(max_length=5000)
    proposal = serializers.ChoiceField(choices=list(ENDINGS), default="scale")
    model_version = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default=""
    )


class EvidenceSerializer(StrictSerializer):
    """A proof that goes with a draft."""

    title = serializers.CharField(max_length=300)
    kind = serializers.CharField(max_length=20, help_text=", ".join(selectors.EVIDENCE))
    reference = serializers.CharField(max_length=500)
    collected_on = serializers.DateField()


class GateDecisionSerializer(StrictSerializer):
    """What somebody says to a request."""

    choice = serializers.ChoiceField(choices=list(CHOICES))
    facts_hash = serializers.CharField(
        max_length=64, help_text="Of the request as it was read: a changed one is refused."
    )
    sentence = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    ending = serializers.ChoiceField(choices=["continue", "pivot", "stop"], required=False)


class PolicySerializer(serializers.Serializer[Any]):
    """A version of a gate policy."""

    id = serializers.UUIDField()
    place = serializers.CharField(source="node.name")
    number = serializers.IntegerField()
    title = serializers.CharField()
    state = serializers.CharField()
    sha256 = serializers.CharField()
    document = serializers.JSONField()
    written_by = serializers.CharField(source="written_by.name")
    activated_at = serializers.DateTimeField(allow_null=True)


class WritePolicySerializer(StrictSerializer):
    """A policy to be written as a draft."""

    unit = serializers.UUIDField(required=False, help_text="Left out: the organisation.")
    title = serializers.CharField(max_length=200)
    document = serializers.JSONField()
    examples = serializers.ListField(child=serializers.DictField(), required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class ModeSerializer(serializers.Serializer[Any]):
    """How a unit decides."""

    unit_id = serializers.UUIDField()
    unit = serializers.CharField()
    mode = serializers.ChoiceField(choices=list(MODES))
    since = serializers.DateField(allow_null=True, help_text="Null: nobody chose.")
    is_probation = serializers.BooleanField()
    live = serializers.IntegerField()
    green = serializers.IntegerField()
    breaches = serializers.IntegerField()


class ReplaySerializer(serializers.Serializer[Any]):
    """The past under the other mode."""

    to = serializers.CharField()
    requests = serializers.IntegerField()
    escalated = serializers.IntegerField()
    relieved = serializers.IntegerField()
    hours_change = serializers.FloatField(allow_null=True)
    hours_known = serializers.IntegerField()
    incidents = serializers.IntegerField()
    incidents_seen = serializers.IntegerField()
    sentence = serializers.CharField()


class ComparisonSerializer(serializers.Serializer[Any]):
    """Both modes beside each other; each figure is value, low, high, count or a reason."""

    lead_hours = serializers.DictField()
    exceptions = serializers.DictField()
    incidents = serializers.DictField()
    realised = serializers.DictField()
    lead_difference_hours = serializers.DictField()
    sentence = serializers.CharField()


class GateFilter(FilterSet):
    """What requests can be asked by."""

    state = CharFilter(field_name="state")
    initiative = CharFilter(field_name="initiative__key")


class GateChecks(Door):
    """The check of deploy pipelines."""

    model = GateRequest
    serializer_class = GateCheckSerializer
    pagination_class = None  # type: ignore[assignment]
    asks = frozenset({"initiative", "version", "stage"})

    @extend_schema(
        operation_id="gates_check",
        responses=GateCheckSerializer,
        parameters=[
            OpenApiParameter("initiative", OpenApiTypes.STR, required=True),
            OpenApiParameter("stage", OpenApiTypes.STR, required=True),
            OpenApiParameter("version", OpenApiTypes.STR),
        ],
        filters=False,
    )
    def check(self, request: Request) -> Response:
        """Say allow or deny, with the reasons, signed; asking changes nothing."""
        asked = request.query_params
        missing = [name for name in ("initiative", "stage") if not asked.get(name)]
        if missing:
            raise ValidationError({name: ["This is needed."] for name in missing})
        row = _initiative(self.viewer, asked["initiative"])
        found = selectors.check(
            viewer=self.viewer,
            initiative=row,
            stage=asked["stage"],
            model_version=asked.get("version", ""),
            now=timezone.now(),
        )
        return Response(GateCheckSerializer({**found.statement, "token": found.token}).data)

    @extend_schema(operation_id="gates_key", responses=KeySerializer, filters=False)
    def key(self, request: Request) -> Response:
        """Give the public key that answers are signed with."""
        return Response(KeySerializer(selectors.public_key()).data)


class Gates(Door):
    """Requests at gates."""

    model = GateRequest
    serializer_class = GateSerializer
    pagination_class = NewestFirst
    filterset_class = GateFilter
    lookup_url_kwarg = "number"

    def rows(self) -> QuerySet[Any]:
        """Give the requests the viewer may see."""
        return selectors.requests(viewer=self.viewer)

    @extend_schema(operation_id="gates_list", responses=GateSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List requests, newest first."""
        answer: Response = self.paged(self.get_queryset(), GateSerializer)
        return answer

    @extend_schema(
        operation_id="gates_ask",
        request=AskSerializer,
        responses={201: GateSerializer},
        parameters=[HEADER],
    )
    @once
    def ask(self, request: Request) -> Response:
        """Begin a request; evidence is added before it is submitted."""
        body = self.body(AskSerializer)
        row = _initiative(self.viewer, body.pop("initiative"))
        made = services.ask(initiative=row, by=self.viewer, **body)
        return self._answer(made.number, status=201)

    @extend_schema(operation_id="gates_read", responses=GateSerializer)
    def read(self, request: Request, number: int) -> Response:
        """Give one request."""
        return self._answer(number)

    @extend_schema(
        operation_id="gates_evidence", request=EvidenceSerializer, responses={201: GateSerializer}
    )
    def add_evidence(self, request: Request, number: int) -> Response:
        """Attach a proof to a draft."""
        services.add_evidence(
            request=self._found(number), by=self.viewer, **self.body(EvidenceSerializer)
        )
        return self._answer(number, status=201)

    @extend_schema(operation_id="gates_submit", request=None, responses=GateSerializer)
    def submit(self, request: Request, number: int) -> Response:
        """Freeze the facts of a draft and put it before people."""
        services.submit(request=self._found(number), by=self.viewer)
        return self._answer(number)

    @extend_schema(operation_id="gates_withdraw", request=None, responses=GateSerializer)
    def withdraw(self, request: Request, number: int) -> Response:
        """Take a request back."""
        services.withdraw(request=self._found(number), by=self.viewer)
        return self._answer(number)

    @extend_schema(
        operation_id="gates_decide", request=GateDecisionSerializer, responses=GateSerializer
    )
    def decide(self, request: Request, number: int) -> Response:
        """Decide; 422 with the reason where that cannot be."""
        row = self._found(number)
        services.decide(request=row, by=self.viewer, **self.body(GateDecisionSerializer))
        return self._answer(number)

    def _found(self, number: int) -> GateRequest:
        row = selectors.request(viewer=self.viewer, number=number)
        if row is None:
            raise Http404
        return row

    def _answer(self, number: int, *, status: int = 200) -> Response:
        return Response(GateSerializer(self._found(number)).data, status=status)


class GatePolicies(Door):
    """Versions of gate policies."""

    model = PolicyVersion
    serializer_class = PolicySerializer
    pagination_class = NewestFirst
    lookup_url_kwarg = "policy_id"

    def rows(self) -> QuerySet[Any]:
        """Give the versions the viewer may see."""
        return selectors.policies(viewer=self.viewer)

    @extend_schema(operation_id="gate_policies_list", responses=PolicySerializer(many=True))
    def list(self, request: Request) -> Response:
        """List versions, newest first."""
        answer: Response = self.paged(self.get_queryset(), PolicySerializer)
        return answer

    @extend_schema(
        operation_id="gate_policies_write",
        request=WritePolicySerializer,
        responses={201: PolicySerializer},
    )
    def write(self, request: Request) -> Response:
        """Write a draft, whole or not at all; 422 says where it cannot be read."""
        body = self.body(WritePolicySerializer)
        made = services.write_policy(node=_node(self.viewer, body.pop("unit", None)),
                                     by=self.viewer, **body)  # fmt: skip
        found = selectors.policy(viewer=self.viewer, policy_id=made.pk)
        return Response(PolicySerializer(found).data, status=201)

    @extend_schema(operation_id="gate_policies_activate", request=None, responses=PolicySerializer)
    def activate(self, request: Request, policy_id: str) -> Response:
        """Put a draft in force as its second person."""
        row = selectors.policy(viewer=self.viewer, policy_id=policy_id)
        if row is None:
            raise Http404
        services.activate_policy(policy=row, by=self.viewer)
        return Response(
            PolicySerializer(selectors.policy(viewer=self.viewer, policy_id=policy_id)).data
        )


class GateModes(Door):
    """How units decide, and what that costs."""

    model = PolicyVersion
    serializer_class = ModeSerializer
    pagination_class = None  # type: ignore[assignment]
    asks = frozenset({"to", "unit"})

    @extend_schema(operation_id="gate_modes", responses=ModeSerializer(many=True), filters=False)
    def list(self, request: Request) -> Response:
        """List the units the viewer sees with their modes and guardrails."""
        rows = [
            {
                "unit_id": each.unit.pk,
                "unit": each.unit.name,
                "mode": each.mode.mode,
                "since": each.mode.from_on,
                "is_probation": each.mode.is_probation,
                "live": each.live,
                "green": each.green,
                "breaches": each.breaches,
            }
            for each in selectors.unit_standings(viewer=self.viewer, on=timezone.localdate())
        ]
        return Response(ModeSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="gate_replay",
        responses=ReplaySerializer,
        parameters=[
            OpenApiParameter("to", OpenApiTypes.STR, required=True, enum=[*MODES]),
            OpenApiParameter("unit", OpenApiTypes.UUID),
        ],
        filters=False,
    )
    def replay(self, request: Request) -> Response:
        """Run the requests of the last year under the other mode."""
        to = request.query_params.get("to", "")
        if to not in MODES:
            raise ValidationError({"to": [f"Give one of {', '.join(MODES)}."]})
        today = timezone.localdate()
        found = selectors.replay(
            viewer=self.viewer, to=to, since=today - YEAR, until=today, node=self._unit()
        )
        return Response(
            ReplaySerializer(
                {
                    "to": to,
                    "requests": len(found.rows),
                    "escalated": found.escalated,
                    "relieved": found.relieved,
                    "hours_change": found.hours_change.value,
                    "hours_known": found.hours_known,
                    "incidents": found.incidents,
                    "incidents_seen": found.incidents_seen,
                    "sentence": found.sentence,
                }
            ).data
        )

    @extend_schema(
        operation_id="gate_comparison",
        responses=ComparisonSerializer,
        parameters=[OpenApiParameter("unit", OpenApiTypes.UUID)],
        filters=False,
    )
    def compare(self, request: Request) -> Response:
        """Compare both modes over the last year, with counts and intervals."""
        today = timezone.localdate()
        found = selectors.compare(
            viewer=self.viewer, since=today - YEAR, until=today, node=self._unit()
        )
        return Response(
            ComparisonSerializer(
                {
                    "lead_hours": {k: _interval(v) for k, v in found.lead.items()},
                    "exceptions": {k: _interval(v) for k, v in found.exceptions.items()},
                    "incidents": {k: _interval(v) for k, v in found.incidents.items()},
                    "realised": {k: _interval(v) for k, v in found.value.items()},
                    "lead_difference_hours": _interval(found.lead_difference),
                    "sentence": found.sentence,
                }
            ).data
        )

    def _unit(self) -> Any:
        wanted = self.request.query_params.get("unit")
        return _node(self.viewer, wanted) if wanted else None


def _interval(figure: Figure[Any]) -> dict[str, Any]:
    if figure.value is None:
        return {"reason": figure.reason}
    found = figure.value
    return {"value": found.value, "low": found.low, "high": found.high, "count": found.count}


def _initiative(viewer: Any, key: str) -> Initiative:
    row = initiatives.initiative(viewer=viewer, key=key)
    if row is None:
        raise Http404
    return row


def _node(viewer: Any, unit: Any) -> Any:
    if unit is None:
        return people.organisation()
    asked = serializers.UUIDField().run_validation(unit)
    found = people.units(viewer=viewer).filter(pk=asked).first()
    if found is None:
        raise ValidationError({"unit": ["There is no such unit that you may see."]})
    return found
