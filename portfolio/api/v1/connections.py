"""Connections: set up, tested, rehearsed, run; secrets go in and never come out."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.connectors import selectors, services
from governance_app.connectors.models import Connection, SyncRun
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.api.once import HEADER, once
from portfolio.api.strict import Door, StrictSerializer


class SourceSerializer(serializers.Serializer[Any]):
    """A kind of source, and what it lacks on this installation, if anything."""

    name = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    brings = serializers.ListField(child=serializers.CharField())
    missing = serializers.CharField()


class ConnectionSerializer(serializers.Serializer[Any]):
    """A connection and how it stands; of secrets only which are set is told, by no one."""

    id = serializers.UUIDField(source="connection.pk")
    name = serializers.CharField(source="connection.name")
    plugin = serializers.CharField(source="connection.plugin")
    settings = serializers.DictField(source="connection.settings")
    every_seconds = serializers.IntegerField(source="connection.every_seconds", allow_null=True)
    fresh_within_seconds = serializers.IntegerField(
        source="connection.fresh_within_seconds", allow_null=True
    )
    is_on_trial = serializers.BooleanField(source="connection.is_on_trial")
    is_paused = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="connection.version")
    health = serializers.CharField()
    good_at = serializers.DateTimeField(allow_null=True)
    next_at = serializers.DateTimeField(allow_null=True)

    def get_is_paused(self, row: selectors.Standing) -> bool:
        """Tell whether it runs by itself."""
        return row.connection.paused_at is not None


class AddConnectionSerializer(StrictSerializer):
    """A source to set up; it is on trial until its rehearsal is accepted."""

    plugin = serializers.SlugField(max_length=50)
    name = serializers.CharField(max_length=200)
    settings = serializers.DictField(help_text="Values of its settings, secrets included.")
    every_seconds = serializers.IntegerField(
        required=False, allow_null=True, min_value=10, max_value=2_147_483_647
    )
    fresh_within_seconds = serializers.IntegerField(
        required=False, allow_null=True, min_value=60, max_value=2_147_483_647
    )
    node = serializers.UUIDField(required=False, help_text="A unit; empty: the organisation.")


class EditConnectionSerializer(StrictSerializer):
    """What to change; a secret that is not sent stays as it is."""

    version = serializers.IntegerField(min_value=1, max_value=2_147_483_647)
    name = serializers.CharField(required=False, max_length=200)
    settings = serializers.DictField(required=False)
    every_seconds = serializers.IntegerField(
        required=False, allow_null=True, min_value=10, max_value=2_147_483_647
    )
    fresh_within_seconds = serializers.IntegerField(
        required=False, allow_null=True, min_value=60, max_value=2_147_483_647
    )


class RunSerializer(serializers.ModelSerializer[SyncRun]):
    """One run: what it read and what that changed; a rehearsal keeps nothing."""

    class Meta:
        model = SyncRun
        fields = [
            "id", "kind", "state", "since", "until", "started_at", "finished_at", "rows_read",
            "rows_new", "rows_changed", "rows_gone", "rows_waiting", "rows_refused", "refusals",
            "error", "accepted_at",
        ]  # fmt: skip
        read_only_fields = fields


class FoundRunSerializer(RunSerializer):
    """One run with what a rehearsal found; amounts only for those who see money there."""

    findings = serializers.SerializerMethodField()

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "findings"]
        read_only_fields = fields

    def get_findings(self, run: SyncRun) -> dict[str, Any]:
        """Give rows, counts, bills, series and what would wait; nothing of other runs."""
        found: dict[str, Any] = dict(run.findings)
        if "bills" in found and not access.sees_money(self.context["viewer"], run.scope_node):
            found["bills"] = [
                {name: value for name, value in bill.items() if name != "billed"}
                for bill in found["bills"]
            ]
        return found


class TestStepSerializer(serializers.Serializer[Any]):
    """One thing that a test tried."""

    title = serializers.CharField()
    is_ok = serializers.BooleanField()
    sentence = serializers.CharField()


class BackfillSerializer(StrictSerializer):
    """Days to read anew; whole months are read."""

    since = serializers.DateField()
    until = serializers.DateField()


class QueuedSerializer(serializers.Serializer[Any]):
    """The job that does the work; see /jobs/."""

    job = serializers.UUIDField()


class Sources(Door):
    """The catalogue."""

    model = Connection
    permission = "connection.view"
    serializer_class = SourceSerializer
    pagination_class = None
    filter_backends = []

    def rows(self) -> QuerySet[Any]:
        """Give no rows: kinds of sources stand in the code."""
        return QuerySet(self.model).none()

    @extend_schema(operation_id="sources_list", responses=SourceSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List the kinds of sources with what each brings."""
        return Response(SourceSerializer(selectors.catalogue(), many=True).data)


class Connections(Door):
    """Connections the viewer sees, and what may be done with one."""

    model = Connection
    permission = "connection.view"
    serializer_class = ConnectionSerializer
    pagination_class = None
    filter_backends = []
    lookup_url_kwarg = "connection_id"

    def rows(self) -> QuerySet[Any]:
        """Give no rows: how a connection stands is more than its row."""
        return QuerySet(self.model).none()

    @extend_schema(operation_id="connections_list", responses=ConnectionSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List connections by name."""
        found = selectors.connections(viewer=self.viewer)
        return Response(ConnectionSerializer(found, many=True).data)

    @extend_schema(operation_id="connections_read", responses=ConnectionSerializer)
    def read(self, request: Request, connection_id: str) -> Response:
        """Give one connection."""
        return Response(ConnectionSerializer(self._standing(connection_id)).data)

    @extend_schema(
        operation_id="connections_add",
        request=AddConnectionSerializer,
        responses={201: ConnectionSerializer},
        parameters=[HEADER],
    )
    @once
    def add(self, request: Request) -> Response:
        """Set a source up, on trial: rehearse it, then accept what it would bring."""
        asked = self.body(AddConnectionSerializer)
        places = {str(node.pk): node for node in people.units(viewer=self.viewer)}
        node = None
        if "node" in asked:
            node = places.get(str(asked.pop("node")))
            if node is None:
                raise Http404
        made = services.add_connection(**asked, node=node, is_on_trial=True, by=self.viewer)
        return Response(ConnectionSerializer(self._standing(made.pk)).data, status=201)

    @extend_schema(
        operation_id="connections_edit",
        request=EditConnectionSerializer,
        responses=ConnectionSerializer,
    )
    def edit(self, request: Request, connection_id: str) -> Response:
        """Change a connection; what is not sent stays."""
        row = self._standing(connection_id).connection
        asked = self.body(EditConnectionSerializer)
        services.edit_connection(
            connection=row,
            name=asked.get("name", row.name),
            settings={**row.settings, **asked.get("settings", {})},
            every_seconds=asked.get("every_seconds", row.every_seconds),
            fresh_within_seconds=asked.get("fresh_within_seconds", row.fresh_within_seconds),
            version=asked["version"],
            by=self.viewer,
        )
        return self.read(request, connection_id)

    @extend_schema(
        operation_id="connections_test", request=None, responses=TestStepSerializer(many=True)
    )
    def test(self, request: Request, connection_id: str) -> Response:
        """Try the stored settings; a failed step names the permission it lacks."""
        row = self._standing(connection_id).connection
        checks = services.test_connection(connection=row, by=self.viewer)
        return Response(TestStepSerializer(checks, many=True).data)

    @extend_schema(operation_id="connections_run", request=None, responses={202: QueuedSerializer})
    def run(self, request: Request, connection_id: str) -> Response:
        """Run it now."""
        row = self._standing(connection_id).connection
        return _queued(services.request_sync(connection=row, by=self.viewer))

    @extend_schema(
        operation_id="connections_rehearse", request=None, responses={202: QueuedSerializer}
    )
    def rehearse(self, request: Request, connection_id: str) -> Response:
        """Do a run that tells what it would change and keeps nothing."""
        row = self._standing(connection_id).connection
        return _queued(services.request_rehearsal(connection=row, by=self.viewer))

    @extend_schema(
        operation_id="connections_backfill",
        request=BackfillSerializer,
        responses={202: QueuedSerializer},
    )
    def backfill(self, request: Request, connection_id: str) -> Response:
        """Read a range of days anew."""
        row = self._standing(connection_id).connection
        asked = self.body(BackfillSerializer)
        since: dt.date = asked["since"]
        return _queued(
            services.request_backfill(
                connection=row,
                since=since,
                until=asked["until"],
                by=self.viewer,
                now=timezone.now(),
            )
        )

    @extend_schema(operation_id="connections_pause", request=None, responses=ConnectionSerializer)
    def pause(self, request: Request, connection_id: str) -> Response:
        """Stop it from running by itself."""
        row = self._standing(connection_id).connection
        services.pause_connection(connection=row, by=self.viewer)
        return self.read(request, connection_id)

    @extend_schema(operation_id="connections_resume", request=None, responses=ConnectionSerializer)
    def resume(self, request: Request, connection_id: str) -> Response:
        """Let it run by itself again."""
        row = self._standing(connection_id).connection
        services.resume_connection(connection=row, by=self.viewer)
        return self.read(request, connection_id)

    def _standing(self, connection_id: Any) -> selectors.Standing:
        found = selectors.connection(connection_id=connection_id, viewer=self.viewer)
        if found is None:
            raise Http404
        return found


class Runs(Door):
    """Runs of a connection, newest first."""

    model = SyncRun
    permission = "connection.view"
    serializer_class = RunSerializer
    lookup_url_kwarg = "run_id"

    def rows(self) -> QuerySet[Any]:
        """Give the runs of the connection in the address."""
        standing = selectors.connection(
            connection_id=self.kwargs["connection_id"], viewer=self.viewer
        )
        if standing is None:
            raise Http404
        return selectors.runs(connection=standing.connection, viewer=self.viewer)

    @extend_schema(operation_id="runs_list", responses=RunSerializer(many=True))
    def list(self, request: Request, connection_id: str) -> Response:
        """List runs."""
        answer: Response = self.paged(self.get_queryset(), RunSerializer)
        return answer

    @extend_schema(operation_id="runs_read", responses=FoundRunSerializer)
    def read(self, request: Request, connection_id: str, run_id: str) -> Response:
        """Give one run; of a rehearsal also what it found."""
        row = self._run(connection_id, run_id)
        return Response(FoundRunSerializer(row, context={"viewer": self.viewer}).data)

    @extend_schema(operation_id="runs_accept", request=None, responses={202: QueuedSerializer})
    def accept(self, request: Request, connection_id: str, run_id: str) -> Response:
        """Accept a rehearsal: its connection runs now, and from now on by itself."""
        row = self._run(connection_id, run_id)
        return _queued(services.accept_rehearsal(run=row, by=self.viewer))

    def _run(self, connection_id: Any, run_id: Any) -> SyncRun:
        row = selectors.run(run_id=run_id, viewer=self.viewer)
        if row is None or str(row.connection_id) != str(connection_id):
            raise Http404
        return row


def _queued(job: Any) -> Response:
    return Response({"job": str(job.pk)}, status=202)
