"""What waits for an initiative, the rules that place it, and seats."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.connectors import selectors, services
from governance_app.connectors.models import MappingRule, SeatCount, Stray
from governance_app.initiatives import selectors as initiatives
from portfolio.api.strict import AmountField, Door, StrictSerializer


class StraySerializer(serializers.Serializer[Any]):
    """Something that came in without an initiative."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    name = serializers.CharField()
    labels = serializers.DictField()
    source = serializers.CharField()  # type: ignore[assignment]
    why = serializers.CharField()
    state = serializers.CharField()
    initiative = serializers.CharField(source="initiative.key", default=None, allow_null=True)
    reason = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class SettleSerializer(StrictSerializer):
    """Where it belongs, or why it needs no initiative: one of both."""

    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647)
    initiative = serializers.SlugField(required=False, max_length=20)
    reason = serializers.CharField(required=False, max_length=500)

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        """Ask for one of both."""
        if ("initiative" in data) == ("reason" in data):
            raise serializers.ValidationError(
                {"initiative": ["Send an initiative, or the reason why it needs none."]}
            )
        return data


class RuleSerializer(serializers.Serializer[Any]):
    """A mapping rule."""

    id = serializers.UUIDField()
    position = serializers.IntegerField()
    looks_at = serializers.CharField()
    tag = serializers.CharField()
    pattern = serializers.CharField()
    initiative = serializers.CharField(source="initiative.key")
    connection = serializers.UUIDField(source="connection_id", allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class AddMappingRuleSerializer(StrictSerializer):
    """What matches belongs to the initiative; * stands for any text."""

    looks_at = serializers.ChoiceField(choices=MappingRule.Looks.choices)
    tag = serializers.CharField(required=False, allow_blank=True, max_length=200)
    pattern = serializers.CharField(max_length=500)
    initiative = serializers.SlugField(max_length=20)
    connection = serializers.UUIDField(required=False)


class MoveMappingRuleSerializer(StrictSerializer):
    """Where a rule is to be asked."""

    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647)
    before = serializers.UUIDField(
        required=False, allow_null=True, help_text="The rule that comes next; empty: it is last."
    )


class SeatsSerializer(serializers.Serializer[Any]):
    """The newest count of one product; money only for those who see it."""

    product = serializers.CharField(source="count.product")
    counted_on = serializers.DateField(source="count.counted_on")
    bought = serializers.IntegerField(source="count.bought", allow_null=True)
    assigned = serializers.IntegerField(source="count.assigned")
    active = serializers.IntegerField(source="count.active", allow_null=True)
    idle = serializers.IntegerField(allow_null=True)
    comes_back = AmountField(allow_null=True)
    currency = serializers.CharField(source="count.currency")


class StrayFilter(django_filters.FilterSet):
    """Narrow to one kind."""

    kind = django_filters.ChoiceFilter(choices=Stray.Kind.choices)
    state = django_filters.ChoiceFilter(choices=Stray.State.choices)


class Strays(Door):
    """What came in and belongs to nobody yet."""

    model = Stray
    permission = "connection.view"
    serializer_class = StraySerializer
    filterset_class = StrayFilter
    lookup_url_kwarg = "stray_id"

    def rows(self) -> QuerySet[Any]:
        """Give what waits, or what was settled when the question says so."""
        state = self.request.query_params.get("state") or Stray.State.WAITING
        return selectors.strays(viewer=self.viewer, state=state)

    @extend_schema(operation_id="waiting_list", responses=StraySerializer(many=True))
    def list(self, request: Request) -> Response:
        """List what waits for an initiative."""
        answer: Response = self.paged(self.get_queryset(), StraySerializer)
        return answer

    @extend_schema(
        operation_id="waiting_settle", request=SettleSerializer, responses=StraySerializer
    )
    def settle(self, request: Request, stray_id: str) -> Response:
        """Say where it belongs, or why it needs no initiative."""
        row = selectors.stray(stray_id=stray_id, viewer=self.viewer)
        if row is None:
            raise Http404
        asked = self.body(SettleSerializer)
        if "initiative" in asked:
            settled = services.place_stray(
                stray=row,
                initiative=_initiative(self, asked["initiative"]),
                version=asked["version"],
                by=self.viewer,
            )
        else:
            settled = services.set_stray_aside(
                stray=row, reason=asked["reason"], version=asked["version"], by=self.viewer
            )
        return Response(StraySerializer(settled).data)


class MappingRules(Door):
    """The rules by which what comes in finds its initiative."""

    model = MappingRule
    permission = "connection.view"
    serializer_class = RuleSerializer
    lookup_url_kwarg = "rule_id"

    def rows(self) -> QuerySet[Any]:
        """Give the rules that count."""
        return selectors.mapping_rules(viewer=self.viewer)

    @extend_schema(operation_id="mapping_rules_list", responses=RuleSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List rules, newest first; ``position`` says in which order they are asked."""
        answer: Response = self.paged(self.get_queryset(), RuleSerializer)
        return answer

    @extend_schema(
        operation_id="mapping_rules_add",
        request=AddMappingRuleSerializer,
        responses={201: RuleSerializer},
    )
    def add(self, request: Request) -> Response:
        """Add a rule; what waits and matches goes to its initiative at once."""
        asked = self.body(AddMappingRuleSerializer)
        connection = None
        if "connection" in asked:
            found = selectors.connection(connection_id=asked["connection"], viewer=self.viewer)
            if found is None:
                raise Http404
            connection = found.connection
        rule = services.add_mapping_rule(
            looks_at=asked["looks_at"],
            tag=asked.get("tag", ""),
            pattern=asked["pattern"],
            initiative=_initiative(self, asked["initiative"]),
            connection=connection,
            by=self.viewer,
        )
        return Response(RuleSerializer(rule).data, status=201)

    @extend_schema(
        operation_id="mapping_rules_move",
        request=MoveMappingRuleSerializer,
        responses=RuleSerializer,
    )
    def move(self, request: Request, rule_id: str) -> Response:
        """Ask a rule directly before another one, or last."""
        asked = self.body(MoveMappingRuleSerializer)
        other = asked.get("before")
        moved = services.move_mapping_rule(
            rule=self._rule(rule_id),
            before=self._rule(other) if other else None,
            version=asked["version"],
            by=self.viewer,
        )
        return Response(RuleSerializer(moved).data)

    @extend_schema(operation_id="mapping_rules_end", request=None, responses=RuleSerializer)
    def end(self, request: Request, rule_id: str) -> Response:
        """End a rule."""
        ended = services.end_mapping_rule(rule=self._rule(rule_id), by=self.viewer)
        return Response(RuleSerializer(ended).data)

    def _rule(self, rule_id: Any) -> MappingRule:
        found = selectors.mapping_rule(rule_id=rule_id, viewer=self.viewer)
        if found is None:
            raise Http404
        return found


class SeatsDoor(Door):
    """Seats of AI assistants."""

    model = SeatCount
    permission = "connection.view"
    serializer_class = SeatsSerializer
    pagination_class = None
    filter_backends = []

    def rows(self) -> QuerySet[Any]:
        """Give no rows: the newest counts are worked out."""
        return QuerySet(self.model).none()

    @extend_schema(operation_id="seats_list", responses=SeatsSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List the newest count of each product."""
        return Response(SeatsSerializer(selectors.seats(viewer=self.viewer), many=True).data)


def _initiative(door: Door, key: str) -> Any:
    found = initiatives.initiative(viewer=door.viewer, key=key.upper(), permission="inventory.edit")
    if found is None:
        raise Http404
    return found
