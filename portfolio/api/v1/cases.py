"""Business cases for programs: versions with their lines and assumptions, written as drafts."""

from decimal import Decimal
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.domain.records import AssumptionRecord, CaseLineRecord
from governance_app.value import selectors, services
from governance_app.value.models import BusinessCase
from portfolio.api.once import HEADER, once
from portfolio.api.strict import AmountField, StrictSerializer
from portfolio.api.v1.value import INITIATIVE, OfInitiative


class CaseAmountSerializer(StrictSerializer):
    """One amount of a case in one month, with its range where it has one."""

    side = serializers.CharField()
    category = serializers.CharField()
    month = serializers.DateField()
    amount = AmountField()
    low = AmountField(allow_null=True, required=False)
    high = AmountField(allow_null=True, required=False)
    is_recurring = serializers.BooleanField(default=True)
    treatment = serializers.CharField(default="", allow_blank=True)


class CaseAssumptionSerializer(StrictSerializer):
    """What a case rests on; ``owner`` is an e-mail address."""

    name = serializers.CharField(max_length=200)
    low = AmountField()
    likely = AmountField()
    high = AmountField()
    unit = serializers.CharField(default="", allow_blank=True)
    factor = serializers.CharField(default="", allow_blank=True)
    moves = serializers.CharField(default="benefit")
    driver = serializers.CharField(default="", allow_blank=True)
    owner = serializers.CharField(default="", allow_blank=True)
    evidence = serializers.CharField(default="", allow_blank=True)


class CaseVersionSerializer(serializers.Serializer[Any]):
    """One version: a draft, or frozen since it was approved."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    currency = serializers.CharField()
    annual_rate = AmountField()
    valuation_month = serializers.DateField()
    go_live_month = serializers.DateField(allow_null=True)
    total_cost = AmountField()
    total_benefit = AmountField()
    approved_at = serializers.DateTimeField(allow_null=True)
    approval_sentence = serializers.CharField()
    lines = serializers.SerializerMethodField()
    rests_on = serializers.SerializerMethodField()
    version = serializers.IntegerField()

    def get_lines(self, case: BusinessCase) -> list[dict[str, Any]]:
        """Give its lines as they were written."""
        rows = selectors.line_records(case=case, viewer=self.context["viewer"])
        return [dict(CaseAmountSerializer(row).data) for row in rows]

    def get_rests_on(self, case: BusinessCase) -> list[dict[str, Any]]:
        """Give its assumptions by name."""
        rows = selectors.assumptions(case=case, viewer=self.context["viewer"])
        return [
            {
                "name": row.name, "low": f"{row.low.normalize():f}",
                "likely": f"{row.likely.normalize():f}", "high": f"{row.high.normalize():f}",
                "unit": row.unit, "factor": row.factor, "moves": row.moves, "driver": row.driver,
                "owner": row.owner.email if row.owner else "", "evidence": row.evidence,
            }
            for row in rows
        ]  # fmt: skip


class DraftSerializer(StrictSerializer):
    """The draft of the next version; the one that stands is replaced."""

    currency = serializers.CharField(max_length=3)
    annual_rate = AmountField(required=False, allow_null=True)
    valuation_month = serializers.DateField(required=False, allow_null=True)
    go_live_month = serializers.DateField(required=False, allow_null=True)
    assumptions = serializers.CharField(default="", allow_blank=True)
    lines = CaseAmountSerializer(many=True)
    rests_on = CaseAssumptionSerializer(many=True, required=False)
    version = serializers.IntegerField(required=False)


class ApprovalSerializer(StrictSerializer):
    """Why it is approved; needed where it re-baselines what was promised."""

    sentence = serializers.CharField(default="", allow_blank=True)
    version = serializers.IntegerField(required=False)


class Cases(OfInitiative):
    """The versions of an initiative's business case."""

    model = BusinessCase
    permission = "money.view"
    serializer_class = CaseVersionSerializer

    def _told(self, rows: Any, *, many: bool = False) -> Any:
        context = {**self.get_serializer_context(), "viewer": self.viewer}
        return CaseVersionSerializer(rows, many=many, context=context).data

    @extend_schema(
        operation_id="value_cases", responses=CaseVersionSerializer(many=True),
        parameters=[INITIATIVE], filters=False,
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """List the versions of a case, newest first."""
        rows = selectors.cases(initiative=self.initiative(), viewer=self.viewer)
        return Response(self._told(rows, many=True))

    @extend_schema(
        operation_id="value_case_write", request=DraftSerializer,
        responses={201: CaseVersionSerializer}, parameters=[INITIATIVE, HEADER], filters=False,
    )  # fmt: skip
    @once
    def write(self, request: Request) -> Response:
        """Write the draft of the next version, all lines in one go."""
        asked = self.body(DraftSerializer)
        rests_on = asked.pop("rests_on", None)
        lines = [CaseLineRecord(**line) for line in asked.pop("lines")]
        rate: Decimal | None = asked.pop("annual_rate", None)
        case = services.write_case(
            initiative=self.initiative(),
            lines=lines,
            rests_on=None if rests_on is None else [AssumptionRecord(**each) for each in rests_on],
            annual_rate=rate,
            by=self.viewer,
            **asked,
        )
        return Response(self._told(case), status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="value_case_approve", request=ApprovalSerializer,
        responses=CaseVersionSerializer, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def approve(self, request: Request, case_id: str) -> Response:
        """Freeze a draft as the promise in force."""
        asked = self.body(ApprovalSerializer)
        case = selectors.case(case_id=case_id, viewer=self.viewer)
        if case is None:
            raise Http404
        done = services.approve_case(
            case=case, sentence=asked["sentence"], version=asked.get("version"), by=self.viewer
        )
        return Response(self._told(done))
