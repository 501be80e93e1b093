"""Jobs: what runs, how far it is, stopping it and trying again."""

import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.jobs import selectors, services
from governance_app.jobs.models import Job
from portfolio.api.once import HEADER, once
from portfolio.api.strict import Door


class ProgressSerializer(serializers.Serializer[Any]):
    """How far a job is."""

    stage = serializers.CharField()
    rows = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True)
    ratio = serializers.FloatField(allow_null=True)
    rate = serializers.FloatField(allow_null=True, help_text="Rows per second.")
    eta_seconds = serializers.FloatField(allow_null=True)


class JobSerializer(serializers.Serializer[Any]):
    """A piece of work somebody or something asked for."""

    id = serializers.UUIDField(read_only=True)
    title = serializers.CharField(read_only=True)
    state = serializers.ChoiceField(choices=Job.State.values, read_only=True)
    by = serializers.CharField(source="by.name", read_only=True)
    attempts = serializers.IntegerField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    started_at = serializers.DateTimeField(read_only=True, allow_null=True)
    finished_at = serializers.DateTimeField(read_only=True, allow_null=True)
    result = serializers.JSONField(read_only=True, allow_null=True)
    error = serializers.CharField(read_only=True)
    reference = serializers.CharField(read_only=True)
    progress = serializers.SerializerMethodField()
    version = serializers.IntegerField(read_only=True)

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, job: Job) -> Any:
        """Give how far it is now."""
        standing = selectors.standing(job=job, now=timezone.now())
        return ProgressSerializer(standing).data


class JobFilter(django_filters.FilterSet):
    """Narrow jobs by state."""

    state = django_filters.MultipleChoiceFilter(choices=Job.State.choices)
    part = django_filters.ChoiceFilter(
        choices=[(one, one) for one in selectors.PARTS], method="of_part",
        help_text="What people started (with upkeep that failed), upkeep, or all.",
    )  # fmt: skip

    def of_part(self, rows: QuerySet[Any], name: str, part: str) -> QuerySet[Any]:
        """Keep what people started, or upkeep."""
        return selectors.of_part(found=rows, part=part)


class Jobs(Door):
    """The jobs a viewer asked for or sees by their place in the tree."""

    model = Job
    serializer_class = JobSerializer
    filterset_class = JobFilter

    def rows(self) -> QuerySet[Any]:
        """Give the jobs."""
        return selectors.jobs(viewer=self.viewer)

    @extend_schema(operation_id="jobs_list", responses=JobSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List jobs, newest first."""
        answer: Response = self.paged(self.get_queryset(), JobSerializer)
        return answer

    @extend_schema(operation_id="jobs_read", responses=JobSerializer)
    def read(self, request: Request, job_id: uuid.UUID) -> Response:
        """Read one job with its progress."""
        return self._answer(self._job(job_id))

    @extend_schema(
        operation_id="jobs_cancel", request=None, responses=JobSerializer, parameters=[HEADER]
    )
    @once
    def cancel(self, request: Request, job_id: uuid.UUID) -> Response:
        """Ask a job to stop: a queued one stops now, a running one at its next check."""
        services.cancel(job=self._job(job_id), by=self.viewer)
        return self._answer(self._job(job_id))

    @extend_schema(
        operation_id="jobs_retry", request=None, responses=JobSerializer, parameters=[HEADER]
    )
    @once
    def retry(self, request: Request, job_id: uuid.UUID) -> Response:
        """Put a failed, cancelled or quarantined job back into the queue."""
        services.retry(job=self._job(job_id), by=self.viewer)
        return self._answer(self._job(job_id))

    def _job(self, job_id: uuid.UUID) -> Job:
        found = selectors.job(viewer=self.viewer, job_id=job_id)
        if found is None:
            raise Http404
        return found

    def _answer(self, job: Job) -> Response:
        return Response(JobSerializer(job).data)
