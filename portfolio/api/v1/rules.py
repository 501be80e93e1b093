"""Allocation rules, what a change of them would move, why an amount is borne, the unusual."""

import datetime as dt
import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.domain.rules import MATCHES
from governance_app.spend import selectors, services
from governance_app.spend.models import Anomaly, Pool, Rule, RuleProposal, RuleVersion
from governance_app.spend.selectors import SpendFilter
from portfolio.api.once import HEADER, once
from portfolio.api.strict import AmountField, Door, StrictSerializer

MOST_EXPLAINED = 2000
ACTIONS = ("add", "change", "end", "restore", "move")


class ConditionSerializer(StrictSerializer):
    """A dimension, or a tag by its name, and what it must be; capitals make no difference."""

    dimension = serializers.ChoiceField(choices=["tag", *selectors.RULE_DIMENSIONS])
    tag = serializers.CharField(required=False, allow_blank=True, max_length=200)
    match = serializers.ChoiceField(choices=list(MATCHES), required=False)
    values = serializers.ListField(
        child=serializers.CharField(max_length=500), required=False, max_length=1000
    )


class TargetSerializer(StrictSerializer):
    """An initiative by its key or a pool by its name; a share for fixed shares."""

    initiative = serializers.CharField(required=False, max_length=40)
    pool = serializers.CharField(required=False, max_length=200)
    share = serializers.CharField(required=False, max_length=40)


class SaysSerializer(StrictSerializer):
    """What a rule says: conditions that must all hold, or a pool it passes on, and who bears it."""

    conditions = ConditionSerializer(many=True, required=False)
    from_pool = serializers.CharField(required=False, max_length=200)
    kind = serializers.ChoiceField(choices=RuleVersion.Kind.values, required=False)
    initiative = serializers.CharField(required=False, max_length=40)
    pool = serializers.CharField(required=False, max_length=200)
    targets = TargetSerializer(many=True, required=False)
    driver = serializers.ChoiceField(choices=RuleVersion.Driver.values, required=False)
    when_zero = serializers.ChoiceField(choices=RuleVersion.WhenZero.values, required=False)
    within = serializers.UUIDField(required=False)
    takes_unused = serializers.BooleanField(required=False)


class ChangeSerializer(StrictSerializer):
    """A change of the rules; which fields it needs depends on the action."""

    action = serializers.ChoiceField(choices=ACTIONS)
    rule = serializers.UUIDField(required=False, help_text="Which rule; not when one is added.")
    name = serializers.CharField(required=False, max_length=200)
    says = SaysSerializer(required=False)
    from_month = serializers.DateField(required=False, help_text="First of a charge month.")
    until_month = serializers.DateField(required=False, help_text="First month without it.")
    position = serializers.IntegerField(required=False, min_value=1)
    version = serializers.IntegerField(required=False, min_value=1)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class MoveSerializer(serializers.Serializer[Any]):
    """What somebody would bear more or less; a null initiative is unallocated."""

    initiative = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    currency = serializers.CharField()
    billed = AmountField()
    effective = AmountField()


class EffectSerializer(serializers.Serializer[Any]):
    """What a change would move, exactly; the moves of a currency sum to nothing."""

    sentence = serializers.CharField()
    keys = serializers.IntegerField()
    months = serializers.ListField(child=serializers.CharField())
    moves = MoveSerializer(many=True)


class VersionSerializer(serializers.Serializer[Any]):
    """A version of a rule, in the order rules are asked."""

    id = serializers.UUIDField()
    rule = serializers.UUIDField(source="rule_id")
    name = serializers.CharField(source="rule.name")
    rule_version = serializers.IntegerField(source="rule.version", help_text="To change it.")
    number = serializers.IntegerField()
    position = serializers.IntegerField()
    from_month = serializers.DateField()
    until_month = serializers.DateField(allow_null=True)
    says = serializers.SerializerMethodField()
    words = serializers.SerializerMethodField()

    def get_says(self, version: Any) -> dict[str, Any]:
        """Give what it says, as a change is asked for."""
        return selectors.said_by(version=version)

    def get_words(self, version: Any) -> str:
        """Say it."""
        return " → ".join(selectors.words_of(version=version))


class ProposalSerializer(serializers.Serializer[Any]):
    """A change as somebody asked for it, and what became of it."""

    id = serializers.UUIDField()
    action = serializers.CharField()
    rule = serializers.UUIDField(source="rule_id", allow_null=True)
    asked = serializers.DictField()
    effect = serializers.DictField()
    state = serializers.ChoiceField(choices=RuleProposal.State.values)
    proposed_by = serializers.CharField(source="proposed_by.name")
    decided_by = serializers.CharField(source="decided_by.name", default=None, allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class DecisionSerializer(StrictSerializer):
    """Approve or reject a proposal; a rejection says why."""

    is_approved = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class ExplainedSerializer(serializers.Serializer[Any]):
    """Why an initiative bears an amount."""

    initiative = serializers.CharField()
    month = serializers.DateField()
    currency = serializers.CharField()
    rule = serializers.CharField()
    rule_version = serializers.IntegerField(source="version", allow_null=True)
    kind = serializers.CharField()
    driver = serializers.CharField()
    share = AmountField()
    billed = AmountField()
    effective = AmountField()
    lines = serializers.IntegerField()
    sentence = serializers.CharField()


class AnomalySerializer(serializers.Serializer[Any]):
    """A day or month that cost far from what is usual."""

    id = serializers.UUIDField()
    source = serializers.CharField(source="source.name")  # type: ignore[assignment]
    provider = serializers.CharField()
    service = serializers.CharField()
    account = serializers.CharField()
    grain = serializers.ChoiceField(choices=Anomaly.Grain.values)
    on = serializers.DateField()
    currency = serializers.CharField()
    actual = AmountField()
    usual = AmountField()
    ratio = serializers.FloatField(allow_null=True)
    score = serializers.FloatField()
    sentence = serializers.CharField()
    owner = serializers.CharField(source="owner.name", default=None, allow_null=True)
    state = serializers.ChoiceField(choices=Anomaly.State.values)
    note = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class AnomalyDecisionSerializer(StrictSerializer):
    """Explain or dismiss an anomaly, or open it again."""

    state = serializers.ChoiceField(choices=["open", "explained", "dismissed"])
    note = serializers.CharField(allow_blank=True, max_length=4000)
    version = serializers.IntegerField(required=False, min_value=1)


class Rules(Door):
    """The rules, and changes of them."""

    model = RuleVersion
    permission = "money.view"
    serializer_class = VersionSerializer

    def rows(self) -> QuerySet[Any]:
        """Give every version, newest first."""
        found = selectors.rules(viewer=self.viewer)
        return found.select_related("pool", "from_pool", "within").prefetch_related(
            "targets__initiative", "targets__pool"
        )

    @extend_schema(operation_id="rules_list", responses=VersionSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List versions of rules, newest first."""
        answer: Response = self.paged(self.get_queryset().order_by(), VersionSerializer)
        return answer

    @extend_schema(
        operation_id="rules_change",
        request=ChangeSerializer,
        responses={201: ProposalSerializer},
        parameters=[HEADER],
    )
    @once
    def change(self, request: Request) -> Response:
        """Ask for a change of the rules; it applies at once unless a second person must approve."""
        asked = self.body(ChangeSerializer)
        proposal = services.propose_rule(
            action=asked["action"], asked=_asked(asked), rule=self._rule(asked),
            reason=asked.get("reason", ""), by=self.viewer,
        )  # fmt: skip
        return Response(ProposalSerializer(proposal).data, status=status.HTTP_201_CREATED)

    def _rule(self, asked: dict[str, Any]) -> Rule | None:
        if asked["action"] == "add":
            return None
        if "rule" not in asked:
            raise ValidationError({"rule": ["Say which rule it is about."]})
        found = selectors.rule(viewer=self.viewer, rule_id=asked["rule"])
        if found is None:
            raise Http404
        return found


class RuleEffects(Rules):
    """What a change of the rules would move."""

    permission = "spend.rules"

    @extend_schema(
        operation_id="rules_preview", request=ChangeSerializer, responses=EffectSerializer
    )
    def preview(self, request: Request) -> Response:
        """Say exactly what a change would move, per initiative; nothing is changed."""
        asked = self.body(ChangeSerializer)
        effect = services.preview_rule(
            action=asked["action"], asked=_asked(asked), rule=self._rule(asked), by=self.viewer
        )
        return Response(EffectSerializer(effect.as_json()).data)


class Proposals(Door):
    """Changes of rules as they were asked for."""

    model = RuleProposal
    permission = "money.view"
    serializer_class = ProposalSerializer

    def rows(self) -> QuerySet[Any]:
        """Give the proposals."""
        return selectors.proposals(viewer=self.viewer)

    @extend_schema(operation_id="rule_proposals_list", responses=ProposalSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List proposals, newest first."""
        answer: Response = self.paged(self.get_queryset(), ProposalSerializer)
        return answer

    @extend_schema(
        operation_id="rule_proposals_decide",
        request=DecisionSerializer,
        responses=ProposalSerializer,
        parameters=[HEADER],
    )
    @once
    def decide(self, request: Request, proposal_id: uuid.UUID) -> Response:
        """Approve a proposal, which applies it, or reject it."""
        asked = self.body(DecisionSerializer)
        proposal = selectors.proposal(viewer=self.viewer, proposal_id=proposal_id)
        if proposal is None:
            raise Http404
        decided = services.decide_proposal(
            proposal=proposal, is_approved=asked["is_approved"],
            reason=asked.get("reason", ""), by=self.viewer,
        )  # fmt: skip
        return Response(ProposalSerializer(decided).data)


class Allocations(Door):
    """Allocated amounts that explain themselves."""

    model = RuleVersion
    permission = "money.view"
    serializer_class = ExplainedSerializer
    pagination_class = None  # type: ignore[assignment]
    asks = frozenset({"initiative", "month_from", "month_to", "source", "service"})

    @extend_schema(
        operation_id="spend_allocations",
        responses=ExplainedSerializer(many=True),
        parameters=[
            OpenApiParameter("initiative", OpenApiTypes.STR, description="Its key."),
            OpenApiParameter("month_from", OpenApiTypes.DATE),
            OpenApiParameter("month_to", OpenApiTypes.DATE),
            OpenApiParameter("source", OpenApiTypes.UUID),
            OpenApiParameter("service", OpenApiTypes.STR),
        ],
        filters=False,
    )
    def list(self, request: Request) -> Response:
        """List amounts by initiative, charge month and rule version, with driver and share."""
        asked = request.query_params
        chosen = SpendFilter(
            since=_day(asked.get("month_from"), "month_from"),
            until=_day(asked.get("month_to"), "month_to"),
            initiative=asked.get("initiative", "").upper(),
            source=_id(asked.get("source"), "source"),
            service=asked.get("service", ""),
        )
        rows = selectors.explained(viewer=self.viewer, chosen=chosen, limit=MOST_EXPLAINED)
        return Response(ExplainedSerializer(rows, many=True).data)


class AnomalyFilter(django_filters.FilterSet):
    """Narrow anomalies to a state."""

    state = django_filters.ChoiceFilter(choices=Anomaly.State.choices)


class PoolSerializer(serializers.Serializer[Any]):
    """A shared-cost pool; pools step down in the order of ``position``."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    position = serializers.IntegerField()
    owner = serializers.CharField(source="owner.name", default="")


class PoolOrderSerializer(StrictSerializer):
    """Every pool once, in the order they are to step down."""

    names = serializers.ListField(child=serializers.CharField(max_length=200), allow_empty=False)


class Pools(Door):
    """Shared-cost pools."""

    model = Pool
    permission = "money.view"
    serializer_class = PoolSerializer
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(operation_id="pools_list", responses=PoolSerializer(many=True), filters=False)
    def list(self, request: Request) -> Response:
        """List the pools in the order they step down."""
        return Response(PoolSerializer(selectors.pools(viewer=self.viewer), many=True).data)

    @extend_schema(
        operation_id="pools_order", request=PoolOrderSerializer,
        responses=PoolSerializer(many=True), parameters=[HEADER],
    )  # fmt: skip
    @once
    def order(self, request: Request) -> Response:
        """Let pools step down in another order."""
        body = self.body(PoolOrderSerializer)
        ordered = services.order_pools(names=body["names"], by=self.viewer)
        return Response(PoolSerializer(ordered, many=True).data)


class Anomalies(Door):
    """Unusual days and months."""

    model = Anomaly
    permission = "money.view"
    serializer_class = AnomalySerializer
    filterset_class = AnomalyFilter

    def rows(self) -> QuerySet[Any]:
        """Give the anomalies."""
        return selectors.anomalies(viewer=self.viewer)

    @extend_schema(operation_id="anomalies_list", responses=AnomalySerializer(many=True))
    def list(self, request: Request) -> Response:
        """List anomalies, last found first."""
        answer: Response = self.paged(self.get_queryset().order_by(), AnomalySerializer)
        return answer

    @extend_schema(
        operation_id="anomalies_decide",
        request=AnomalyDecisionSerializer,
        responses=AnomalySerializer,
        parameters=[HEADER],
    )
    @once
    def decide(self, request: Request, anomaly_id: uuid.UUID) -> Response:
        """Explain an anomaly, dismiss it, or open it again."""
        asked = self.body(AnomalyDecisionSerializer)
        anomaly = selectors.anomaly(viewer=self.viewer, anomaly_id=anomaly_id)
        if anomaly is None:
            raise Http404
        decided = services.decide_anomaly(
            anomaly=anomaly, state=asked["state"], note=asked["note"],
            version=asked.get("version"), by=self.viewer,
        )  # fmt: skip
        return Response(AnomalySerializer(decided).data)


def _asked(body: dict[str, Any]) -> dict[str, Any]:
    """Turn a body into what a change is given, as JSON."""
    found: dict[str, Any] = {
        name: body[name] for name in ("name", "position", "version") if name in body
    }
    for name in ("from_month", "until_month"):
        if name in body:
            if body[name].day != 1:
                raise ValidationError({name: ["Give the first day of a month."]})
            found[name] = f"{body[name]:%Y-%m}"
    if "says" in body:
        says = {
            key: [dict(one) for one in value] if isinstance(value, list) else value
            for key, value in body["says"].items()
        }
        if "within" in says:
            says["within"] = str(says["within"])
        found["says"] = says
    return found


def _id(text: str | None, name: str) -> str:
    """Read an id out of the address; one that is none is refused, not found empty."""
    if not text:
        return ""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise ValidationError({name: ["This is no id."]}) from None


def _day(text: str | None, name: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValidationError({name: ["Write the day like 2026-10-01."]}) from None
