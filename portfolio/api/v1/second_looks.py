"""What of the close waits for a second person."""

import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.jobs.clock import database_now
from governance_app.spend.models import SecondLook
from governance_app.spend.selectors import close as selectors
from governance_app.spend.services import close as services
from portfolio.api.once import HEADER, once
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import Door, StrictSerializer


class SecondLookSerializer(serializers.Serializer[Any]):
    """Something that is done once a second person approves it."""

    id = serializers.UUIDField()
    action = serializers.ChoiceField(choices=SecondLook.Action.values)
    words = serializers.CharField()
    state = serializers.ChoiceField(choices=SecondLook.State.values)
    asked_by = serializers.EmailField(source="asked_by.email")
    decided_by = serializers.EmailField(source="decided_by.email", default=None, allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class SecondLookDecisionSerializer(StrictSerializer):
    """What a second person decides."""

    is_approved = serializers.BooleanField()
    reason = serializers.CharField(required=False, default="", help_text="Needed to reject.")
    version = serializers.IntegerField(required=False, allow_null=True, default=None)


class SecondLookFilter(django_filters.FilterSet):
    """Narrow what waits or waited."""

    state = django_filters.ChoiceFilter(choices=SecondLook.State.choices)
    action = django_filters.ChoiceFilter(choices=SecondLook.Action.choices)


class SecondLooks(Door):
    """What waits for a second person, and what became of the rest."""

    model = SecondLook
    serializer_class = SecondLookSerializer
    filterset_class = SecondLookFilter
    pagination_class = NewestFirst
    permission = "money.view"
    lookup_url_kwarg = "look_id"

    def rows(self) -> QuerySet[Any]:
        """Give them."""
        return selectors.second_looks(viewer=self.viewer)

    @extend_schema(operation_id="second_looks_list", responses=SecondLookSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List what waits and what was decided, newest first."""
        answer: Response = self.paged(self.get_queryset(), SecondLookSerializer)
        return answer

    @extend_schema(
        operation_id="second_looks_decide", request=SecondLookDecisionSerializer,
        responses=SecondLookSerializer, parameters=[HEADER],
    )  # fmt: skip
    @once
    def decide(self, request: Request, look_id: uuid.UUID) -> Response:
        """Approve what somebody else asked for, which does it, or reject it."""
        body = self.body(SecondLookDecisionSerializer)
        look = selectors.second_looks(viewer=self.viewer).filter(pk=look_id).first()
        if look is None:
            raise Http404
        services.decide_second_look(look=look, by=self.viewer, now=database_now(), **body)
        look.refresh_from_db()
        return Response(SecondLookSerializer(look).data)
