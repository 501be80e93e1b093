"""Oversight: what the daily rounds found, and closing it."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from django_filters import CharFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.initiatives import selectors as initiatives
from governance_app.oversight import selectors, services
from governance_app.oversight.models import Action
from governance_app.people import selectors as people
from portfolio.api.once import HEADER, once
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import Door, StrictSerializer


class ActionSerializer(serializers.Serializer[Any]):
    """Something a person should do."""

    id = serializers.UUIDField()
    initiative = serializers.CharField(source="initiative.key")
    kind = serializers.CharField()
    title = serializers.CharField()
    sentence = serializers.CharField()
    owner = serializers.SerializerMethodField()
    due_on = serializers.DateField()
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_because = serializers.CharField()

    def get_owner(self, row: Action) -> str | None:
        """Give whose it is."""
        return row.owner.name if row.owner else None


class CloseSerializer(StrictSerializer):
    """Why an action is over."""

    because = serializers.CharField(max_length=5000)


class NewActionSerializer(StrictSerializer):
    """Something that should be done about an initiative, why, whose it is, and by when."""

    initiative = serializers.CharField(max_length=20)
    title = serializers.CharField(max_length=300)
    sentence = serializers.CharField(max_length=5000)
    due_on = serializers.DateField()
    owner = serializers.EmailField(required=False, help_text="Who answers for it by default.")


class QueueSerializer(serializers.Serializer[Any]):
    """One thing in a person's queue."""

    kind = serializers.CharField()
    title = serializers.CharField()
    initiative = serializers.CharField(source="key")
    sentence = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    is_late = serializers.BooleanField()


class ActionFilter(FilterSet):
    """What actions can be asked by."""

    kind = CharFilter(field_name="kind")
    initiative = CharFilter(field_name="initiative__key")


class Actions(Door):
    """What the rounds found."""

    model = Action
    serializer_class = ActionSerializer
    pagination_class = NewestFirst
    filterset_class = ActionFilter
    lookup_url_kwarg = "action_id"

    def rows(self) -> QuerySet[Any]:
        """Give the actions the viewer may see."""
        return selectors.actions(viewer=self.viewer, is_open=False)

    @extend_schema(operation_id="actions_list", responses=ActionSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List actions, newest first."""
        answer: Response = self.paged(self.get_queryset(), ActionSerializer)
        return answer

    @extend_schema(
        operation_id="actions_add", request=NewActionSerializer,
        responses={201: ActionSerializer}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def add(self, request: Request) -> Response:
        """Write down something that should be done about an initiative."""
        asked = self.body(NewActionSerializer)
        row = initiatives.initiative(viewer=self.viewer, key=asked.pop("initiative"))
        if row is None:
            raise Http404
        email, owner = asked.pop("owner", ""), None
        if email:
            owner = people.people(viewer=self.viewer).filter(email__iexact=email).first()
            if owner is None:
                raise ValidationError({"owner": ["Nobody has that address."]})
        made = services.add_action(initiative=row, owner=owner, by=self.viewer, **asked)
        return Response(ActionSerializer(made).data, status=201)

    @extend_schema(
        operation_id="actions_close", request=CloseSerializer, responses=ActionSerializer
    )
    def close(self, request: Request, action_id: uuid.UUID) -> Response:
        """Say that an action is over, and why."""
        row = selectors.action(viewer=self.viewer, action_id=action_id)
        if row is None:
            raise Http404
        services.close_action(action=row, by=self.viewer, **self.body(CloseSerializer))
        return Response(
            ActionSerializer(selectors.action(viewer=self.viewer, action_id=action_id)).data
        )


class Queues(Door):
    """The queue of who asks."""

    model = Action
    serializer_class = QueueSerializer
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(operation_id="queue_list", responses=QueueSerializer(many=True), filters=False)
    def list(self, request: Request) -> Response:
        """List what is the viewer's to do, the late first."""
        found = selectors.queue(viewer=self.viewer, on=timezone.localdate())
        return Response(QueueSerializer(found.lines, many=True).data)
