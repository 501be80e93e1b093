"""Notices: what one was told, and marking it as read."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django_filters import CharFilter, FilterSet, TypedChoiceFilter
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.notices import selectors, services
from governance_app.notices.models import Notice
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import Door, StrictSerializer


class NoticeSerializer(serializers.Serializer[Any]):
    """Something the viewer was told."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    title = serializers.CharField()
    body = serializers.CharField()
    page = serializers.CharField(help_text="Path of what it is about.")
    created_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class MarkSerializer(StrictSerializer):
    """Whether a notice counts as read."""

    is_read = serializers.BooleanField()


class NoticeFilter(FilterSet):
    """What notices can be asked by."""

    kind = CharFilter(field_name="kind")
    unread = TypedChoiceFilter(
        field_name="read_at", lookup_expr="isnull",
        choices=[("true", "true"), ("false", "false")], coerce=lambda text: text == "true",
    )  # fmt: skip


#: A flag in an address is a word; taken from the column it would be called a moment.
UNREAD = OpenApiParameter(
    "unread",
    {"type": "string", "enum": ["false", "true"]},
    description="Only those that were not read yet, or only those that were.",
)


class Notices(Door):
    """The viewer's inbox."""

    model = Notice
    serializer_class = NoticeSerializer
    pagination_class = NewestFirst
    filterset_class = NoticeFilter
    lookup_url_kwarg = "notice_id"

    def rows(self) -> QuerySet[Any]:
        """Give what the viewer was told."""
        return selectors.inbox(viewer=self.viewer)

    @extend_schema(
        operation_id="notices_list",
        parameters=[UNREAD],
        responses=NoticeSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        """List notices, newest first."""
        answer: Response = self.paged(self.get_queryset(), NoticeSerializer)
        return answer

    @extend_schema(operation_id="notices_mark", request=MarkSerializer, responses=NoticeSerializer)
    def mark(self, request: Request, notice_id: uuid.UUID) -> Response:
        """Mark a notice as read or unread."""
        row = selectors.notice(viewer=self.viewer, notice_id=str(notice_id))
        if row is None:
            raise Http404
        is_read = self.body(MarkSerializer)["is_read"]
        services.mark(ids=[str(row.pk)], is_read=is_read, by=self.viewer)
        row.refresh_from_db()
        return Response(NoticeSerializer(row).data)
