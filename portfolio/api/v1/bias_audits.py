"""Bias audits for programs: put on record, read with their ratios, withdrawn, followed up."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.compliance import selectors, services
from governance_app.compliance.group_tables import LIMITS, MOST, Line
from governance_app.compliance.models import BiasAudit
from governance_app.compliance.selectors import GroupLine
from governance_app.domain.fairness import CATEGORIES
from governance_app.domain.figures import Figure
from governance_app.initiatives import selectors as initiatives
from portfolio.api.once import HEADER, once
from portfolio.api.strict import AmountField, Door, StrictSerializer
from portfolio.api.v1.compliance import INITIATIVE, GapSerializer


class ComparedSerializer(serializers.Serializer[Any]):
    """One group; a ratio that is not known is null, and ``reason`` says why."""

    id = serializers.UUIDField(source="row.pk")
    category = serializers.CharField(source="row.category")
    group = serializers.CharField(source="row.name")
    selected = serializers.IntegerField(source="row.selected")
    assessed = serializers.IntegerField(source="row.assessed")
    share_ratio = serializers.SerializerMethodField()
    rate_ratio = serializers.SerializerMethodField()
    impact_ratio = serializers.SerializerMethodField()
    is_small = serializers.BooleanField(source="found.is_small")
    is_below = serializers.BooleanField()
    reason = serializers.CharField(source="ratio.reason")
    gap = serializers.UUIDField(source="gap.pk", allow_null=True, default=None)

    def get_share_ratio(self, line: GroupLine) -> float | None:
        """Give its part of those assessed in its category."""
        return _number(line.found.share_ratio)

    def get_rate_ratio(self, line: GroupLine) -> float | None:
        """Give selected over assessed."""
        return _number(line.found.rate_ratio)

    def get_impact_ratio(self, line: GroupLine) -> float | None:
        """Give its rate over the highest rate of its category."""
        return _number(line.ratio)


class BiasAuditSerializer(serializers.Serializer[Any]):
    """A bias audit; it counts until ``expires_on`` unless it was withdrawn."""

    id = serializers.UUIDField()
    initiative = serializers.CharField(source="initiative.key")
    auditor = serializers.CharField()
    independence = serializers.CharField()
    outcome = serializers.CharField()
    data_from = serializers.DateField()
    data_until = serializers.DateField()
    audited_on = serializers.DateField()
    expires_on = serializers.DateField()
    publication_url = serializers.CharField()
    unknown_assessed = serializers.IntegerField()
    small_share = AmountField()
    least_ratio = AmountField()
    withdrawn_on = serializers.DateField(allow_null=True)
    withdrawn_because = serializers.CharField()
    groups = serializers.SerializerMethodField()

    def get_groups(self, row: BiasAudit) -> list[dict[str, Any]]:
        """Give the groups with what comes out for each."""
        lines = selectors.compared(audit=row, viewer=self.context["viewer"])
        return [dict(each) for each in ComparedSerializer(lines, many=True).data]


class GroupSerializer(StrictSerializer):
    """How many of a group were assessed, and how many of them selected."""

    category = serializers.CharField(max_length=40, help_text=f"One of {', '.join(CATEGORIES)}.")
    group = serializers.CharField(max_length=200)
    selected = serializers.IntegerField(min_value=0, max_value=MOST)
    assessed = serializers.IntegerField(min_value=0, max_value=MOST)


class RecordSerializer(StrictSerializer):
    """An audit as somebody independent made it."""

    initiative = serializers.CharField(max_length=20)
    auditor = serializers.CharField(max_length=200)
    independence = serializers.CharField(max_length=5000)
    outcome = serializers.CharField(max_length=300)
    data_from = serializers.DateField()
    data_until = serializers.DateField()
    audited_on = serializers.DateField()
    publication_url = serializers.URLField(
        required=False, allow_blank=True, default="", max_length=1000
    )
    unknown_assessed = serializers.IntegerField(
        required=False, default=0, min_value=0, max_value=MOST
    )
    groups = serializers.ListField(child=GroupSerializer(), min_length=1, max_length=LIMITS.rows)


class WithdrawSerializer(StrictSerializer):
    """Why an audit counts no more."""

    because = serializers.CharField(max_length=5000)


class FollowUpSerializer(StrictSerializer):
    """The group whose difference somebody is to mend."""

    group = serializers.UUIDField()


class BiasAudits(Door):
    """Bias audits of an initiative."""

    model = BiasAudit
    asks = frozenset({"initiative"})
    serializer_class = BiasAuditSerializer
    pagination_class = None  # type: ignore[assignment]

    def rows(self) -> QuerySet[Any]:
        """Give those of the initiative asked for."""
        key = self.request.query_params.get("initiative", "")
        return selectors.bias_audits(viewer=self.viewer, initiative=self._initiative(key))

    @extend_schema(
        operation_id="bias_audits", responses=BiasAuditSerializer(many=True),
        parameters=[INITIATIVE], filters=False,
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """List the bias audits of an initiative, the newest first."""
        return Response(self._said(self.get_queryset(), many=True))

    @extend_schema(
        operation_id="bias_audit_record", request=RecordSerializer,
        responses={201: BiasAuditSerializer}, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def record(self, request: Request) -> Response:
        """Put a bias audit on record; the rows that cannot be taken are named."""
        asked = self.body(RecordSerializer)
        lines = [
            Line(
                place, each["category"], each["group"], str(each["selected"]),
                str(each["assessed"]),
            )
            for place, each in enumerate(asked.pop("groups"), start=1)
        ]  # fmt: skip
        made = services.record_bias_audit(
            initiative=self._initiative(asked.pop("initiative")), groups=lines,
            on=timezone.localdate(), by=self.viewer, **asked,
        )  # fmt: skip
        return Response(self._said(made), status=201)

    @extend_schema(
        operation_id="bias_audit", responses=BiasAuditSerializer, filters=False,
        parameters=[OpenApiParameter("audit_id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
    )  # fmt: skip
    def read(self, request: Request, audit_id: uuid.UUID) -> Response:
        """Give one bias audit with its groups."""
        return Response(self._said(self._one(audit_id)))

    @extend_schema(
        operation_id="bias_audit_withdraw", request=WithdrawSerializer,
        responses=BiasAuditSerializer, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def withdraw(self, request: Request, audit_id: uuid.UUID) -> Response:
        """Take a bias audit back; it stays on record and counts no more."""
        asked = self.body(WithdrawSerializer)
        services.withdraw_bias_audit(
            audit=self._one(audit_id), on=timezone.localdate(), by=self.viewer, **asked
        )
        return Response(self._said(self._one(audit_id)))

    @extend_schema(
        operation_id="bias_audit_follow_up", request=FollowUpSerializer,
        responses={201: GapSerializer}, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def follow_up(self, request: Request, audit_id: uuid.UUID) -> Response:
        """Make a finding of a group under the limit, with an owner and a day."""
        audit, asked = self._one(audit_id), self.body(FollowUpSerializer)
        lines = selectors.compared(audit=audit, viewer=self.viewer)
        line = next((each for each in lines if each.row.pk == asked["group"]), None)
        if line is None:
            raise Http404
        made = services.follow_up_bias(group=line.row, on=timezone.localdate(), by=self.viewer)
        return Response(GapSerializer(made).data, status=201)

    def _said(self, rows: Any, *, many: bool = False) -> Any:
        return BiasAuditSerializer(rows, many=many, context={"viewer": self.viewer}).data

    def _initiative(self, key: str) -> Any:
        row = initiatives.initiative(viewer=self.viewer, key=key) if key else None
        if row is None:
            raise Http404
        return row

    def _one(self, audit_id: uuid.UUID) -> BiasAudit:
        row = selectors.bias_audit(viewer=self.viewer, audit_id=audit_id)
        if row is None:
            raise Http404
        return row


def _number(figure: Figure[Any]) -> float | None:
    return None if figure.value is None else float(figure.value)
