"""Loads: the versions of every scope and month, what one changed, and kept bills read again."""

import uuid
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.spend import selectors
from governance_app.spend.models import Load
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import AmountField, Door

REPLAY = "governance_app.spend.tasks.replay"


class NewestLoadFirst(NewestFirst):
    """Newest loads first."""

    ordering = ("-created_at", "-id")


class LoadTotalSerializer(serializers.Serializer[Any]):
    """What a load sums to in one currency."""

    currency = serializers.CharField()
    billed = AmountField()
    effective = AmountField()
    lines = serializers.IntegerField()


class LoadSerializer(serializers.Serializer[Any]):
    """What one delivery says about one scope and billing month: a version of it."""

    id = serializers.UUIDField()
    source = serializers.CharField(source="source.name")  # type: ignore[assignment]
    scope = serializers.CharField()
    period = serializers.DateField()
    number = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Load.State.values)
    rows = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    delivery = serializers.UUIDField(source="delivery_id")
    form = serializers.CharField(source="delivery.form", help_text="What its files are.")
    totals = LoadTotalSerializer(many=True)


class DifferenceSerializer(serializers.Serializer[Any]):
    """What a group of lines came to before and after, in one currency; exact."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    currency = serializers.CharField()
    billed_before = AmountField()
    billed_after = AmountField()
    billed = AmountField()
    effective_before = AmountField()
    effective_after = AmountField()
    effective = AmountField()
    lines_before = serializers.IntegerField()
    lines_after = serializers.IntegerField()


class ChangesSerializer(serializers.Serializer[Any]):
    """What differs between two versions of one scope and month."""

    before = serializers.UUIDField(source="before.pk")
    after = serializers.UUIDField(source="after.pk")
    by = serializers.ChoiceField(choices=list(selectors.COMPARED_BY))
    changed = DifferenceSerializer(many=True)
    totals = DifferenceSerializer(many=True)
    same = serializers.IntegerField(help_text="Groups that did not change.")


class AcceptedSerializer(serializers.Serializer[Any]):
    """A job that was sent."""

    job = serializers.UUIDField()


class LoadFilter(django_filters.FilterSet):
    """Narrow loads."""

    source = django_filters.CharFilter(field_name="source__name", lookup_expr="iexact")
    scope = django_filters.CharFilter(field_name="scope")
    period = django_filters.DateFilter(help_text="First day of the billing month.")
    state = django_filters.MultipleChoiceFilter(choices=Load.State.choices)


class Loads(Door):
    """Versions of scopes and months."""

    model = Load
    permission = "money.view"
    serializer_class = LoadSerializer
    filterset_class = LoadFilter
    pagination_class = NewestLoadFirst

    def rows(self) -> QuerySet[Any]:
        """Give the loads whose money the viewer may see."""
        return selectors.loads(viewer=self.viewer).prefetch_related("totals")

    @extend_schema(operation_id="loads_list", responses=LoadSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List loads, newest first."""
        answer: Response = self.paged(self.get_queryset(), LoadSerializer)
        return answer


class LoadChanges(Door):
    """What one version changed."""

    model = Load
    permission = "money.view"
    asks = frozenset({"against", "by"})
    serializer_class = ChangesSerializer

    @extend_schema(
        operation_id="loads_changes",
        responses=ChangesSerializer,
        parameters=[
            OpenApiParameter(
                "against", OpenApiTypes.UUID, description="The other load; the version before it."
            ),
            OpenApiParameter(
                "by", OpenApiTypes.STR, enum=list(selectors.COMPARED_BY), description="Groups."
            ),
        ],
    )
    def read(self, request: Request, load_id: uuid.UUID) -> Response:
        """Say what a load changed against the version before it, or another one."""
        load = selectors.load_of(viewer=self.viewer, load_id=load_id)
        if load is None:
            raise Http404
        versions = selectors.versions_of(viewer=self.viewer, load=load)
        asked = request.query_params.get("against")
        try:
            other = (
                versions.filter(pk=uuid.UUID(asked)).first()
                if asked
                else versions.filter(number__lt=load.number).first()
            )
        except ValueError:
            raise Http404 from None
        if other is None:
            raise Http404
        found = selectors.compare_loads(
            viewer=self.viewer,
            before_id=other.pk,
            after_id=load.pk,
            by=request.query_params.get("by", "service"),
        )
        return Response(ChangesSerializer(found).data)


class BillReplay(Door):
    """Kept bills, read again."""

    model = Load
    permission = "spend.import"
    serializer_class = AcceptedSerializer

    @extend_schema(operation_id="bills_replay", request=None, responses={202: AcceptedSerializer})
    def send(self, request: Request, delivery_id: uuid.UUID) -> Response:
        """Load the kept files of a bill again, in a job."""
        delivery = selectors.delivery(viewer=self.viewer, delivery_id=delivery_id)
        if delivery is None:
            raise Http404
        access.require(self.viewer, "spend.import", delivery)
        job = jobs.receive(
            kind=REPLAY,
            title=f"Read the bill of {delivery} again",
            payload={"delivery": str(delivery.pk)},
            by=self.viewer,
            node=delivery.source.node,
            key=f"{REPLAY}:{delivery.pk}",
        )
        return Response({"job": job.pk}, status=202)
