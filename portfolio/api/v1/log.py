"""What is said and written down on an initiative: comments, the log; and proposals of new ones."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.initiatives import selectors, services
from governance_app.initiatives.models import Comment, Initiative, IntakeRequest, LogEntry
from governance_app.people import selectors as people
from portfolio.api.once import HEADER, once
from portfolio.api.strict import Door, StrictSerializer


class CommentSerializer(serializers.Serializer[Any]):
    """A remark on an initiative."""

    id = serializers.UUIDField(read_only=True)
    author = serializers.CharField(source="author.name", read_only=True)
    text = serializers.CharField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)


class SayCommentSerializer(StrictSerializer):
    """A remark; ``@Name`` tells somebody."""

    text = serializers.CharField(max_length=20000)


class LogEntrySerializer(serializers.Serializer[Any]):
    """An assumption or an issue; open until it has an outcome."""

    id = serializers.UUIDField(read_only=True)
    version = serializers.IntegerField(read_only=True)
    kind = serializers.ChoiceField(choices=LogEntry.Kind.values, read_only=True)
    title = serializers.CharField(read_only=True)
    detail = serializers.CharField(read_only=True)
    owner = serializers.CharField(source="owner.name", read_only=True, default=None)
    due_on = serializers.DateField(read_only=True, allow_null=True)
    closed_on = serializers.DateField(read_only=True, allow_null=True)
    outcome = serializers.CharField(read_only=True)


class AddLogEntrySerializer(StrictSerializer):
    """What is assumed, or what is wrong."""

    kind = serializers.ChoiceField(choices=LogEntry.Kind.values)
    title = serializers.CharField(max_length=300)
    detail = serializers.CharField(max_length=20000, required=False, allow_blank=True)
    due_on = serializers.DateField(required=False, allow_null=True)


class CloseLogEntrySerializer(StrictSerializer):
    """How it ended."""

    version = serializers.IntegerField()
    outcome = serializers.CharField(max_length=20000)


class IntakeSerializer(serializers.Serializer[Any]):
    """A proposed initiative and what became of it."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    purpose = serializers.CharField(read_only=True)
    unit = serializers.CharField(source="unit.name", read_only=True)
    state = serializers.ChoiceField(choices=IntakeRequest.State.choices, read_only=True)
    initiative = serializers.CharField(source="initiative.key", read_only=True, default=None)
    reason = serializers.CharField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)


class ProposeSerializer(StrictSerializer):
    """What one proposes, and for which unit."""

    unit = serializers.UUIDField()
    name = serializers.CharField(max_length=500)
    purpose = serializers.CharField(max_length=20000)
    benefit = serializers.CharField(max_length=20000, required=False, allow_blank=True)
    vendor = serializers.CharField(max_length=300, required=False, allow_blank=True)


class _OfInitiative(Door):
    """A door to what belongs to the initiative in the address."""

    def _found(self) -> Initiative:
        row = selectors.initiative(viewer=self.viewer, key=self.kwargs["key"])
        if row is None:
            raise Http404
        return row


class Comments(_OfInitiative):
    """Remarks on an initiative."""

    model = Comment
    serializer_class = CommentSerializer

    def rows(self) -> QuerySet[Any]:
        """Give the remarks on the initiative in the address."""
        return selectors.comment_rows(viewer=self.viewer, initiative=self._found())

    @extend_schema(operation_id="comments_list", responses=CommentSerializer(many=True))
    def list(self, request: Request, key: str) -> Response:
        """List remarks, newest first."""
        answer: Response = self.paged(self.get_queryset(), CommentSerializer)
        return answer

    @extend_schema(
        operation_id="comments_add",
        request=SayCommentSerializer,
        responses={201: CommentSerializer},
        parameters=[HEADER],
    )
    @once
    def add(self, request: Request, key: str) -> Response:
        """Remark on the initiative; whoever is named is told."""
        row = self._found()
        made = services.comment(initiative=row, by=self.viewer, **self.body(SayCommentSerializer))
        return Response(CommentSerializer(made).data, status=201)


class Log(_OfInitiative):
    """Assumptions and issues of an initiative."""

    model = LogEntry
    serializer_class = LogEntrySerializer

    def rows(self) -> QuerySet[Any]:
        """Give the log of the initiative in the address."""
        return selectors.log_entries(viewer=self.viewer, initiative=self._found())

    @extend_schema(operation_id="log_list", responses=LogEntrySerializer(many=True))
    def list(self, request: Request, key: str) -> Response:
        """List assumptions and issues, newest first."""
        answer: Response = self.paged(self.get_queryset(), LogEntrySerializer)
        return answer

    @extend_schema(
        operation_id="log_add",
        request=AddLogEntrySerializer,
        responses={201: LogEntrySerializer},
        parameters=[HEADER],
    )
    @once
    def add(self, request: Request, key: str) -> Response:
        """Write down an assumption or an issue."""
        row = self._found()
        made = services.add_entry(
            initiative=row, by=self.viewer, **self.body(AddLogEntrySerializer)
        )
        return Response(LogEntrySerializer(made).data, status=201)

    @extend_schema(
        operation_id="log_close", request=CloseLogEntrySerializer, responses=LogEntrySerializer
    )
    def close(self, request: Request, key: str, entry_id: str) -> Response:
        """Say how an entry ended; 409 when somebody changed it since that version."""
        entry = self.get_queryset().filter(pk=entry_id).first()
        if entry is None:
            raise Http404
        asked = self.body(CloseLogEntrySerializer)
        closed = services.close_entry(entry=entry, by=self.viewer, **asked)
        return Response(LogEntrySerializer(closed).data)


class Intake(Door):
    """Proposals: those one may decide on."""

    model = IntakeRequest
    serializer_class = IntakeSerializer

    def rows(self) -> QuerySet[Any]:
        """Give every proposal the viewer may decide on."""
        return selectors.intake_requests(viewer=self.viewer, is_waiting=False)

    @extend_schema(operation_id="intake_list", responses=IntakeSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List proposals, newest first."""
        answer: Response = self.paged(self.get_queryset(), IntakeSerializer)
        return answer

    @extend_schema(
        operation_id="intake_propose",
        request=ProposeSerializer,
        responses={201: IntakeSerializer},
        parameters=[HEADER],
    )
    @once
    def propose(self, request: Request) -> Response:
        """Propose an initiative for a unit one may see."""
        asked = self.body(ProposeSerializer)
        unit = people.units(viewer=self.viewer).filter(pk=asked.pop("unit")).first()
        if unit is None:
            raise ValidationError({"unit": ["There is no such unit that you may see."]})
        made = services.propose(unit=unit, by=self.viewer, **asked)
        return Response(IntakeSerializer(made).data, status=201)
