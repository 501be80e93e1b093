"""Exports: asked for, looked after, downloaded; named layouts; what comes round."""

import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.exports import selectors, services
from governance_app.exports.documents import DOCUMENTS, Wish
from governance_app.exports.models import ColumnSet, ExportJob, ExportSchedule
from governance_app.exports.services.layouts import DATE_FORMATS, DECIMAL_MARKS, DELIMITERS
from governance_app.exports.sheets import SHEETS
from governance_app.exports.writers import MEDIA_TYPES
from governance_app.files.selectors import open_file
from governance_app.spend.selectors import SpendFilter
from portfolio.api.once import HEADER, once
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import Door, StrictSerializer
from portfolio.downloads import as_download

#: What may be asked for: sheets, and kinds of documents.
REPORTS = [*SHEETS, *DOCUMENTS]


class FilterSerializer(StrictSerializer):
    """Which part of the ledger is meant, as in the address of the spend page."""

    since = serializers.DateField(required=False, help_text="First day of the first month.")
    until = serializers.DateField(required=False, help_text="First day of the last month.")
    dated = serializers.ChoiceField(choices=["charge", "billing"], required=False)
    unit = serializers.UUIDField(required=False, help_text="With everything below it.")
    initiative = serializers.CharField(required=False, max_length=40)
    provider = serializers.CharField(required=False, max_length=200)
    service = serializers.CharField(required=False, max_length=200)
    category = serializers.CharField(required=False, max_length=200)
    model = serializers.CharField(required=False, max_length=200)
    account = serializers.CharField(required=False, max_length=200)
    source = serializers.UUIDField(required=False)  # type: ignore[assignment]
    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False)
    search = serializers.CharField(required=False, max_length=200)
    is_unallocated = serializers.BooleanField(
        required=False, allow_null=True, default=None,
        help_text="True: only what no rule allocates; false: only the rest.",
    )  # fmt: skip


class WishSerializer(StrictSerializer):
    """What a document tells of; the same wish gives the same document again."""

    initiative = serializers.CharField(
        required=False, max_length=40, help_text="The key, for a one-pager."
    )
    place = serializers.UUIDField(
        required=False, help_text="The unit a board pack tells of; without it everything."
    )
    on = serializers.DateField(required=False, help_text="The day of its figures; today without.")
    known_at = serializers.DateTimeField(
        required=False, help_text="What was known then counts; the end of the day without."
    )


class ExportWriteSerializer(StrictSerializer):
    """An export to be made: a sheet with its filter, or a document with what it tells of."""

    sheet = serializers.ChoiceField(choices=REPORTS)
    format = serializers.ChoiceField(choices=ExportJob.Format.values)  # type: ignore[assignment]
    layout = serializers.CharField(required=False, max_length=100, help_text="Name of a layout.")
    filter = FilterSerializer(required=False)
    document = WishSerializer(required=False)


class ExportSerializer(serializers.Serializer[Any]):
    """An export; it has a file once its control totals were equal to the ledger's."""

    id = serializers.UUIDField()
    sheet = serializers.CharField()
    format = serializers.CharField()  # type: ignore[assignment]
    title = serializers.CharField()
    filter = serializers.DictField(source="chosen")
    layout = serializers.CharField(source="layout.name", default="")
    state = serializers.CharField(source="job.state", default="done")
    error = serializers.CharField(source="job.error", default="")
    job = serializers.UUIDField(source="job_id", allow_null=True)
    rows = serializers.IntegerField(allow_null=True)
    control = serializers.DictField(help_text="Currency -> cost basis -> exact total.")
    sha256 = serializers.CharField(
        source="file.sha256", default="", help_text="Empty until it is made."
    )
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class LayoutColumnSerializer(StrictSerializer):
    """A column of the sheet by its name, or a fixed value under a heading."""

    name = serializers.CharField(required=False, max_length=100)
    value = serializers.CharField(required=False, max_length=500, allow_blank=True)
    heading = serializers.CharField(required=False, max_length=200, allow_blank=True)


class SpellingSerializer(StrictSerializer):
    """How a layout spells what it holds."""

    columns = LayoutColumnSerializer(many=True, required=False)
    delimiter = serializers.ChoiceField(
        choices=list(DELIMITERS), required=False, help_text="Comma, semicolon, tab or bar."
    )
    decimal_mark = serializers.ChoiceField(choices=list(DECIMAL_MARKS), required=False)
    decimal_places = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=18, help_text="Null: every digit."
    )
    date_format = serializers.ChoiceField(choices=list(DATE_FORMATS), required=False)
    has_bom = serializers.BooleanField(required=False)


class LayoutWriteSerializer(SpellingSerializer):
    """A named layout to be added."""

    name = serializers.CharField(max_length=100)
    sheet = serializers.ChoiceField(choices=list(SHEETS))
    columns = LayoutColumnSerializer(many=True, allow_empty=False)


class LayoutEditSerializer(SpellingSerializer):
    """What changes of a layout."""

    version = serializers.IntegerField(help_text="The version you read.")
    is_active = serializers.BooleanField(required=False, help_text="False puts it away.")


class LayoutSerializer(serializers.Serializer[Any]):
    """A named layout of a sheet: columns, headings and spelling as an ERP wants them."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    sheet = serializers.CharField()
    columns = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    delimiter = serializers.CharField()
    decimal_mark = serializers.CharField()
    decimal_places = serializers.IntegerField(allow_null=True)
    date_format = serializers.CharField()
    has_bom = serializers.BooleanField()
    is_active = serializers.BooleanField()
    version = serializers.IntegerField()


class ScheduleWriteSerializer(ExportWriteSerializer):
    """An export that is to come round."""

    name = serializers.CharField(max_length=100)
    every = serializers.ChoiceField(choices=ExportSchedule.Every.values)
    target = serializers.ChoiceField(choices=ExportSchedule.Target.values)
    address = serializers.CharField(
        max_length=2000, help_text="E-mail addresses by comma, a folder, or a store's URL."
    )
    months = serializers.IntegerField(min_value=1, max_value=120, default=1)


class ScheduleEditSerializer(StrictSerializer):
    """Where a schedule sends to, and whether it goes on."""

    version = serializers.IntegerField(help_text="The version you read.")
    address = serializers.CharField(required=False, max_length=2000)
    is_active = serializers.BooleanField(required=False)


class ScheduleSerializer(serializers.Serializer[Any]):
    """An export that comes round and is delivered once for each period."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    sheet = serializers.CharField()
    format = serializers.CharField()  # type: ignore[assignment]
    layout = serializers.CharField(source="layout.name", default="")
    filter = serializers.DictField(source="chosen")
    months = serializers.IntegerField()
    every = serializers.ChoiceField(choices=ExportSchedule.Every.values)
    target = serializers.ChoiceField(choices=ExportSchedule.Target.values)
    address = serializers.CharField()
    owner = serializers.EmailField(source="owner.email")
    is_active = serializers.BooleanField()
    version = serializers.IntegerField()


class ExportFilter(django_filters.FilterSet):
    """Narrow exports."""

    sheet = django_filters.CharFilter()
    format = django_filters.ChoiceFilter(choices=ExportJob.Format.choices)


class Exports(Door):
    """Exports, each with the control totals it was proven by."""

    model = ExportJob
    serializer_class = ExportSerializer
    filterset_class = ExportFilter
    pagination_class = NewestFirst
    permission = "export"
    lookup_url_kwarg = "export_id"

    def rows(self) -> QuerySet[Any]:
        """Give the viewer's exports."""
        return selectors.exports(viewer=self.viewer)

    @extend_schema(operation_id="exports_list", responses=ExportSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List exports, newest first."""
        answer: Response = self.paged(self.get_queryset(), ExportSerializer)
        return answer

    @extend_schema(
        operation_id="exports_start", request=ExportWriteSerializer,
        responses={202: ExportSerializer}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def start(self, request: Request) -> Response:
        """Ask for an export; a job makes it."""
        body = self.body(ExportWriteSerializer)
        asked = services.request(
            sheet=body["sheet"], file_format=body["format"], chosen=_chosen(body),
            layout=_layout(self.viewer, body), by=self.viewer,
        )  # fmt: skip
        return Response(ExportSerializer(self._export(asked.pk)).data, status=202)

    @extend_schema(operation_id="exports_read", responses=ExportSerializer)
    def read(self, request: Request, export_id: uuid.UUID) -> Response:
        """Read one export: its state, and once it is made its totals and the file's digest."""
        return Response(ExportSerializer(self._export(export_id)).data)

    @extend_schema(
        operation_id="exports_download",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def download(self, request: Request, export_id: uuid.UUID) -> HttpResponseBase:
        """Download the file; the permission is asked again and the trail keeps it."""
        export = self._export(export_id)
        kept = services.download(export=export, by=self.viewer)
        return as_download(
            open_file(file=kept), name=kept.name, size=kept.size,
            media_type=MEDIA_TYPES[export.format],
        )  # fmt: skip

    def _export(self, export_id: uuid.UUID) -> ExportJob:
        found = selectors.export(viewer=self.viewer, export_id=export_id)
        if found is None:
            raise Http404
        return found


class Layouts(Door):
    """Named layouts of sheets."""

    model = ColumnSet
    serializer_class = LayoutSerializer
    pagination_class = NewestFirst
    permission = "export"
    lookup_url_kwarg = "layout_id"

    def rows(self) -> QuerySet[Any]:
        """Give the layouts in use."""
        return selectors.layouts(viewer=self.viewer)

    @extend_schema(operation_id="layouts_list", responses=LayoutSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List the layouts in use, newest first."""
        answer: Response = self.paged(self.get_queryset(), LayoutSerializer)
        return answer

    @extend_schema(
        operation_id="layouts_add", request=LayoutWriteSerializer,
        responses={201: LayoutSerializer}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def add(self, request: Request) -> Response:
        """Add a named layout."""
        made = services.add_layout(by=self.viewer, **self.body(LayoutWriteSerializer))
        return Response(LayoutSerializer(made).data, status=201)

    @extend_schema(
        operation_id="layouts_edit", request=LayoutEditSerializer, responses=LayoutSerializer
    )
    def edit(self, request: Request, layout_id: uuid.UUID) -> Response:
        """Change a layout or put it away; files made with it stay as they are."""
        found = selectors.layout(viewer=self.viewer, layout_id=layout_id)
        if found is None:
            raise Http404
        changed = services.change_layout(
            layout=found, by=self.viewer, **self.body(LayoutEditSerializer)
        )
        return Response(LayoutSerializer(changed).data)


class Schedules(Door):
    """Exports that come round."""

    model = ExportSchedule
    serializer_class = ScheduleSerializer
    pagination_class = NewestFirst
    permission = "export"
    lookup_url_kwarg = "schedule_id"

    def rows(self) -> QuerySet[Any]:
        """Give the viewer's schedules."""
        return selectors.schedules(viewer=self.viewer)

    @extend_schema(operation_id="schedules_list", responses=ScheduleSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List what comes round, newest first."""
        answer: Response = self.paged(self.get_queryset(), ScheduleSerializer)
        return answer

    @extend_schema(
        operation_id="schedules_add", request=ScheduleWriteSerializer,
        responses={201: ScheduleSerializer}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def add(self, request: Request) -> Response:
        """Let an export come round; it sees what you see."""
        body = self.body(ScheduleWriteSerializer)
        made = services.add_schedule(
            name=body["name"], sheet=body["sheet"], file_format=body["format"],
            chosen=_chosen(body), layout=_layout(self.viewer, body), every=body["every"],
            target=body["target"], address=body["address"], months=body["months"], by=self.viewer,
        )  # fmt: skip
        return Response(ScheduleSerializer(made).data, status=201)

    @extend_schema(
        operation_id="schedules_edit", request=ScheduleEditSerializer, responses=ScheduleSerializer
    )
    def edit(self, request: Request, schedule_id: uuid.UUID) -> Response:
        """Send a schedule somewhere else, stop it, or let it go on."""
        found = selectors.schedule(viewer=self.viewer, schedule_id=schedule_id)
        if found is None:
            raise Http404
        changed = services.change_schedule(
            schedule=found, by=self.viewer, **self.body(ScheduleEditSerializer)
        )
        return Response(ScheduleSerializer(changed).data)


def _chosen(body: dict[str, Any]) -> SpendFilter | Wish:
    if body["sheet"] in DOCUMENTS:
        wanted = dict(body.get("document") or {})
        if "place" in wanted:
            wanted["place"] = str(wanted["place"])
        return Wish(**wanted)
    asked = dict(body.get("filter") or {})
    for name in ("unit", "source"):
        if name in asked:
            asked[name] = str(asked[name])
    for end in ("since", "until"):
        if end in asked:
            asked[end] = asked[end].replace(day=1)
    return SpendFilter(**asked)


def _layout(viewer: Any, body: dict[str, Any]) -> ColumnSet | None:
    name = body.get("layout", "")
    if not name:
        return None
    found = selectors.layout(viewer=viewer, name=name)
    if found is None:
        raise serializers.ValidationError({"layout": ["There is no layout of this name."]})
    return found
