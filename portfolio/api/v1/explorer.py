"""The explorer for programs: kept views, cells of many initiatives at once, the workbook."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.audit import services as audit
from governance_app.domain import spelling
from governance_app.domain.errors import Sentence
from governance_app.initiatives import cells, leaving, returning, selectors, services
from governance_app.initiatives.addresses import filters_in
from governance_app.initiatives.models import Initiative, SavedView, TableChange, WorkbookReturn
from governance_app.notices import services as notices
from governance_app.notices.selectors import watches
from governance_app.people import access
from portfolio.api.once import HEADER, once
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import Door, StrictSerializer

RHYTHMS = ("", "daily", "weekly")
MOST_BYTES = 20 * 1024**2


class ViewSerializer(serializers.Serializer[Any]):
    """An address of the explorer under a name."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    query = serializers.CharField(help_text="The address behind the question mark.")
    owner = serializers.CharField(source="owner.name")
    is_shared = serializers.BooleanField()
    is_pinned = serializers.BooleanField()
    watched = serializers.SerializerMethodField(help_text="daily, weekly, or empty.")

    def get_watched(self, view: SavedView) -> str:
        """Say how often the viewer hears of changes."""
        found: str = self.context["watches"].get(view.pk, "")
        return found


class KeepViewSerializer(StrictSerializer):
    """A view to be kept; one of the same name of yours is replaced."""

    name = serializers.CharField(max_length=80)
    query = serializers.CharField(max_length=4000, allow_blank=True)
    is_shared = serializers.BooleanField(default=False)


class ChangeViewSerializer(StrictSerializer):
    """What changes of a view; sharing is its owner's, the rest is each reader's own."""

    is_shared = serializers.BooleanField(required=False)
    is_pinned = serializers.BooleanField(required=False)
    watched = serializers.ChoiceField(
        choices=RHYTHMS, required=False, help_text="Hear of changes daily, weekly or (empty) never."
    )


class SeenSerializer(StrictSerializer):
    """An initiative and the version of it that you read."""

    key = serializers.CharField(max_length=20)
    version = serializers.IntegerField(min_value=1)


class ChangeCellsSerializer(StrictSerializer):
    """The same cells of many initiatives: all of them change, or none."""

    initiatives = SeenSerializer(many=True, allow_empty=False)
    cells = serializers.DictField(
        child=serializers.CharField(max_length=20000, allow_blank=True),
        help_text=f"Field -> text; blank is unknown. Fields: {', '.join(cells.CELLS)}.",
    )


class TableChangeSerializer(serializers.Serializer[Any]):
    """Cells that were changed in one go, from which they can be taken back."""

    id = serializers.UUIDField()
    sentence = serializers.CharField()
    cells = serializers.ListField(child=serializers.DictField())
    created_at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


class WorkSerializer(serializers.Serializer[Any]):
    """A job that does what was asked for."""

    job = serializers.UUIDField()


class WorkbookFileSerializer(StrictSerializer):
    """A workbook that was downloaded here and changed."""

    file = serializers.FileField()


class ReturnedCellSerializer(serializers.Serializer[Any]):
    """A cell that differs from how it left: base, mine and theirs."""

    number = serializers.IntegerField(help_text="Row of the workbook.")
    key = serializers.CharField()
    field = serializers.CharField()
    base = serializers.CharField()
    mine = serializers.CharField()
    theirs = serializers.CharField()
    state = serializers.ChoiceField(choices=["change", "clash", "refused"])
    reason = serializers.CharField()


class WorkbookSerializer(serializers.Serializer[Any]):
    """A workbook that came back, and every cell that differs."""

    id = serializers.UUIDField()
    file_name = serializers.CharField()
    applied_at = serializers.DateTimeField(allow_null=True)
    cells = ReturnedCellSerializer(many=True)


class ApplyWorkbookSerializer(StrictSerializer):
    """Which clashes the workbook wins; of all others theirs stays."""

    mine = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, help_text="AI-142:vendor"
    )


class Views(Door):
    """Kept views: your own, and those others share."""

    model = SavedView
    serializer_class = ViewSerializer
    pagination_class = NewestFirst
    lookup_url_kwarg = "view_id"

    def rows(self) -> QuerySet[Any]:
        """Give the views at hand."""
        return selectors.saved_views(viewer=self.viewer)

    @extend_schema(operation_id="views_list", responses=ViewSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List views, newest first."""
        watched = watches(viewer=self.viewer)
        answer: Response = self.paged(self.get_queryset(), ViewSerializer, watches=watched)
        return answer

    @extend_schema(
        operation_id="views_keep", request=KeepViewSerializer, responses={201: ViewSerializer},
        parameters=[HEADER],
    )  # fmt: skip
    @once
    def keep(self, request: Request) -> Response:
        """Keep an address under a name."""
        made = services.save_view(by=self.viewer, **self.body(KeepViewSerializer))
        return Response(self._written(made.pk), status=201)

    @extend_schema(
        operation_id="views_change", request=ChangeViewSerializer, responses=ViewSerializer
    )
    def change(self, request: Request, view_id: uuid.UUID) -> Response:
        """Share a view, pin it, or hear of what changes in it."""
        view, body = self._view(view_id), self.body(ChangeViewSerializer)
        if "is_shared" in body:
            services.share_view(view=view, is_shared=body["is_shared"], by=self.viewer)
        if "is_pinned" in body:
            services.pin_view(view=view, is_pinned=body["is_pinned"], by=self.viewer)
        if "watched" in body:
            notices.watch_view(view=view, every=body["watched"], by=self.viewer)
        return Response(self._written(view_id))

    @extend_schema(operation_id="views_forget", responses={204: None})
    def forget(self, request: Request, view_id: uuid.UUID) -> Response:
        """Forget a view of your own, and everybody's pins of it."""
        services.remove_view(view=self._view(view_id), by=self.viewer)
        return Response(status=204)

    def _view(self, view_id: uuid.UUID) -> SavedView:
        found = selectors.saved_view(viewer=self.viewer, view_id=view_id)
        if found is None:
            raise Http404
        return found

    def _written(self, view_id: uuid.UUID) -> dict[str, Any]:
        context = {"watches": watches(viewer=self.viewer)}
        return dict(ViewSerializer(self._view(view_id), context=context).data)


class Changes(Door):
    """What you changed in the table, each with its way back."""

    model = TableChange
    serializer_class = TableChangeSerializer
    pagination_class = NewestFirst
    permission = "initiative.edit"
    lookup_url_kwarg = "change_id"

    def rows(self) -> QuerySet[Any]:
        """Give the viewer's own changes."""
        return selectors.table_changes(viewer=self.viewer)

    @extend_schema(operation_id="changes_list", responses=TableChangeSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List changes, newest first."""
        answer: Response = self.paged(self.get_queryset(), TableChangeSerializer)
        return answer

    @extend_schema(
        operation_id="changes_make", request=ChangeCellsSerializer,
        responses={201: TableChangeSerializer, 202: WorkSerializer}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def make(self, request: Request) -> Response:
        """Change cells of many initiatives; more than 200 are changed by a job."""
        body = self.body(ChangeCellsSerializer)
        versions = {each["key"].upper(): each["version"] for each in body["initiatives"]}
        if len(versions) > cells.AT_ONCE:
            job = services.ask_change(versions=versions, texts=body["cells"], by=self.viewer)
            return Response({"job": job.pk}, status=202)
        rows = selectors.chosen(viewer=self.viewer, keys=list(versions))
        missing = sorted(set(versions) - {row.key for row in rows})
        if missing:
            raise Sentence(f"There is no {missing[0]} that you may see; nothing was changed.")
        wanted = [services.RowChange(row, versions[row.key], body["cells"]) for row in rows]
        made = services.change_cells(changes=wanted, by=self.viewer)
        return Response(TableChangeSerializer(made).data, status=201)

    @extend_schema(
        operation_id="changes_undo", request=None,
        responses={200: TableChangeSerializer, 202: WorkSerializer},
    )  # fmt: skip
    def undo(self, request: Request, change_id: uuid.UUID) -> Response:
        """Take a change back: all of it, or none; a large one by a job."""
        change = selectors.table_change(viewer=self.viewer, change_id=change_id)
        if change is None:
            raise Http404
        if len(change.cells) > cells.AT_ONCE and change.undone_at is None:
            job = services.ask_undo(change=change, by=self.viewer)
            return Response({"job": job.pk}, status=202)
        undone = services.undo_change(change=change, by=self.viewer)
        return Response(TableChangeSerializer(undone).data)


class Workbooks(Door):
    """The workbook: out as Excel, changed there, compared, applied in one go."""

    model = WorkbookReturn
    serializer_class = WorkbookSerializer
    permission = "initiative.edit"
    asks = frozenset({"query"})
    lookup_url_kwarg = "workbook_id"
    parser_classes = [MultiPartParser]

    def rows(self) -> QuerySet[Any]:
        """Give nothing as a list: a workbook is known by its id."""
        return QuerySet(self.model).none()

    @extend_schema(
        operation_id="workbook_download",
        parameters=[
            OpenApiParameter(
                "query", OpenApiTypes.STR, description="The address behind the question mark."
            )
        ],
        responses={(200, leaving.MEDIA): OpenApiTypes.BINARY},
    )
    def download(self, request: Request) -> HttpResponse:
        """Download initiatives as a workbook; the trail keeps who took what."""
        if not access.can_anywhere(self.viewer, "export"):
            access.require(self.viewer, "export")
        query = request.query_params.get("query", "")
        rows = self._rows(query)
        audit.note(
            by=self.viewer,
            action="export",
            sentence=f"Took a workbook of {spelling.plural(len(rows), 'initiative')}.",
            data={"address": query},
        )
        answer = HttpResponse(leaving.book(rows), content_type=leaving.MEDIA)
        answer["Content-Disposition"] = 'attachment; filename="initiatives.xlsx"'
        return answer

    def _rows(self, query: str) -> list[Initiative]:
        get = QueryDict(query)
        words = selectors.understand(viewer=self.viewer, text=get.get("q", "").strip()[:200])
        found = selectors.register(
            viewer=self.viewer,
            filters=filters_in(get, on=timezone.localdate()),
            search=words,
            sort="key",
        )
        return list(found[: returning.MOST_ROWS])

    @extend_schema(
        operation_id="workbook_send", request=WorkbookFileSerializer,
        responses={201: WorkbookSerializer},
    )  # fmt: skip
    def send(self, request: Request) -> Response:
        """Send a changed workbook back; nothing is written before it is applied."""
        sent = self.body(WorkbookFileSerializer)["file"]
        if sent.size > MOST_BYTES:
            raise Sentence("The workbook is larger than 20 MB.", file=sent.name)
        kept = services.take_workbook(content=sent.read(), name=sent.name, by=self.viewer)
        return Response(self._written(kept), status=201)

    @extend_schema(operation_id="workbook_read", responses=WorkbookSerializer)
    def read(self, request: Request, workbook_id: uuid.UUID) -> Response:
        """Read what a workbook of yours would change now."""
        return Response(self._written(_workbook(self.viewer, workbook_id)))

    def _written(self, kept: WorkbookReturn) -> dict[str, Any]:
        found = selectors.workbook_cells(viewer=self.viewer, workbook=kept)
        told = {
            "id": kept.pk, "file_name": kept.file_name, "applied_at": kept.applied_at,
            "cells": found,
        }  # fmt: skip
        return dict(WorkbookSerializer(told).data)


class WorkbookApplying(Door):
    """Applying a workbook that came back."""

    model = WorkbookReturn
    serializer_class = TableChangeSerializer
    permission = "initiative.edit"
    lookup_url_kwarg = "workbook_id"

    @extend_schema(
        operation_id="workbook_apply", request=ApplyWorkbookSerializer,
        responses={200: TableChangeSerializer, 202: WorkSerializer},
    )  # fmt: skip
    def apply(self, request: Request, workbook_id: uuid.UUID) -> Response:
        """Write what a workbook changed: every cell of it, or none; a large one by a job."""
        kept = _workbook(self.viewer, workbook_id)
        mine = self.body(ApplyWorkbookSerializer).get("mine", [])
        if len(kept.rows) > returning.AT_ONCE and kept.applied_at is None:
            job = services.ask_workbook(workbook=kept, mine=mine, by=self.viewer)
            return Response({"job": job.pk}, status=202)
        change = services.apply_workbook(workbook=kept, mine=mine, by=self.viewer)
        return Response(TableChangeSerializer(change).data)


def _workbook(viewer: Any, workbook_id: uuid.UUID) -> WorkbookReturn:
    found = selectors.workbook(viewer=viewer, workbook_id=workbook_id)
    if found is None:
        raise Http404
    return found
