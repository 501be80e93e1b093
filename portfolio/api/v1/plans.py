"""Plans: budgets, submitted forecasts and the year with both forecasts beside the actuals."""

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.initiatives import selectors as initiatives
from governance_app.people import selectors as people
from governance_app.spend import selectors, services
from governance_app.spend.models import BudgetPlan, ForecastRound
from governance_app.spend.services.budgets import BudgetLine
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import AmountField, Door, StrictSerializer


class BudgetPlanSerializer(serializers.Serializer[Any]):
    """One version of a year's budget."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    fiscal_year = serializers.IntegerField()
    number = serializers.IntegerField(help_text="Version within the year; the highest counts.")
    lines = serializers.IntegerField()
    totals = serializers.DictField(child=serializers.CharField(), help_text="Currency -> total.")
    created_at = serializers.DateTimeField()


class BudgetLineSerializer(StrictSerializer):
    """What a unit or an initiative may spend in a month."""

    place = serializers.CharField(help_text="Key of an initiative, or id or name of a unit.")
    month = serializers.DateField(help_text="First day of the month.")
    amount = AmountField()
    currency = serializers.CharField(max_length=3, min_length=3)
    category = serializers.CharField(max_length=40, default="run")
    quantity = AmountField(required=False, allow_null=True)
    quantity_unit = serializers.CharField(max_length=60, required=False, allow_blank=True)


class BudgetSerializer(StrictSerializer):
    """A version of a budget to be written."""

    name = serializers.CharField(max_length=200)
    fiscal_year = serializers.IntegerField(min_value=2000, max_value=2100)
    lines = BudgetLineSerializer(many=True, allow_empty=False)


class RoundSerializer(serializers.Serializer[Any]):
    """A round of submitted forecasts."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    fiscal_year = serializers.IntegerField()
    first_month = serializers.DateField()
    last_month = serializers.DateField()
    due_on = serializers.DateField()
    locked_at = serializers.DateTimeField(allow_null=True)


class EstimateSerializer(StrictSerializer):
    """An estimate to complete: every month of the round with its amount."""

    place = serializers.CharField(help_text="Key of an initiative, or id or name of a unit.")
    months = serializers.DictField(
        child=AmountField(), help_text="First day of each month of the round -> amount."
    )
    currency = serializers.CharField(max_length=3, min_length=3, required=False)
    note = serializers.CharField(required=False, allow_blank=True, max_length=5000)


class SubmissionSerializer(serializers.Serializer[Any]):
    """What was submitted; the highest number of a place counts."""

    id = serializers.UUIDField()
    place = serializers.CharField(source="node.name")
    number = serializers.IntegerField()
    currency = serializers.CharField()
    total = AmountField()
    created_at = serializers.DateTimeField()


class PlanMonthSerializer(serializers.Serializer[Any]):
    """One month; null is unknown or nothing."""

    month = serializers.DateField()
    budget = AmountField(allow_null=True)
    actual = AmountField(allow_null=True)
    submitted = AmountField(allow_null=True)
    expected = AmountField(allow_null=True, help_text="Statistical forecast.")


class PlanSerializer(serializers.Serializer[Any]):
    """A fiscal year: actual to date, two forecasts, and how the statistical one was made."""

    fiscal_year = serializers.IntegerField()
    currency = serializers.CharField()
    through = serializers.DateField(help_text="Last complete month; the as-of of the forecast.")
    spent = AmountField()
    budget = AmountField(allow_null=True)
    at_completion = AmountField(allow_null=True)
    low = AmountField(allow_null=True, help_text="Lower edge of the 80 % band.")
    high = AmountField(allow_null=True)
    submitted_at_completion = AmountField(allow_null=True)
    method = serializers.CharField()
    why = serializers.CharField()
    error_ratio = serializers.FloatField(allow_null=True)
    floor_error_ratio = serializers.FloatField(allow_null=True)
    crossing = serializers.CharField(help_text="When the budget is passed, in words; or empty.")
    months = PlanMonthSerializer(many=True)


class Plans(Door):
    """A fiscal year of a place."""

    model = BudgetPlan
    serializer_class = PlanSerializer
    permission = "money.view"
    pagination_class = None  # type: ignore[assignment]
    asks = frozenset({"year", "place"})

    @extend_schema(
        operation_id="spend_plan",
        responses=PlanSerializer,
        parameters=[
            OpenApiParameter("year", OpenApiTypes.INT, required=True),
            OpenApiParameter("place", OpenApiTypes.STR),
        ],
        filters=False,
    )
    def read(self, request: Request) -> Response:
        """Give budget, actual and forecasts of a fiscal year."""
        asked = serializers.IntegerField(min_value=2000, max_value=2100)
        year = asked.run_validation(request.query_params.get("year"))
        place = request.query_params.get("place", "")
        node = _place(self.viewer, place) if place else None
        if place and node is None:
            raise Http404
        found = selectors.plan_year(
            viewer=self.viewer, fiscal_year=year, on=timezone.localdate(), node=node
        )
        made = found.forecast.value
        return Response(
            PlanSerializer(
                {
                    "fiscal_year": found.fiscal_year,
                    "currency": found.currency,
                    "through": found.through,
                    "spent": found.spent,
                    "budget": found.budget,
                    "at_completion": found.at_completion,
                    "low": found.low,
                    "high": found.high,
                    "submitted_at_completion": found.submitted_at_completion.value,
                    "method": made.method if made else "",
                    "why": made.why if made else found.forecast.reason,
                    "error_ratio": made.error_ratio.value if made else None,
                    "floor_error_ratio": made.floor_error_ratio.value if made else None,
                    "crossing": found.crossing.sentence if found.crossing else "",
                    "months": found.months,
                }
            ).data
        )


class Budgets(Door):
    """Versions of budgets."""

    model = BudgetPlan
    serializer_class = BudgetPlanSerializer
    permission = "money.view"
    pagination_class = NewestFirst

    def rows(self) -> QuerySet[Any]:
        """Give every version."""
        return selectors.budget_plans(viewer=self.viewer)

    @extend_schema(operation_id="budgets_list", responses=BudgetPlanSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List versions of budgets, newest first."""
        answer: Response = self.paged(self.get_queryset(), BudgetPlanSerializer)
        return answer

    @extend_schema(
        operation_id="budgets_add", request=BudgetSerializer, responses={201: BudgetPlanSerializer}
    )
    def add(self, request: Request) -> Response:
        """Write a version of a year's budget, whole or not at all."""
        body = self.body(BudgetSerializer)
        lines = []
        for at, line in enumerate(body["lines"]):
            node = _place(self.viewer, line["place"])
            if node is None:
                raise ValidationError(
                    {"lines": [f"Line {at + 1}: there is no {line['place']!r} that you see."]}
                )
            lines.append(
                BudgetLine(
                    node, line["month"], line["amount"], line["currency"], line["category"],
                    line.get("quantity"), line.get("quantity_unit", ""),
                )
            )  # fmt: skip
        made = services.set_budget(
            name=body["name"], fiscal_year=body["fiscal_year"], lines=lines, by=self.viewer
        )
        return Response(BudgetPlanSerializer(made).data, status=201)


class Rounds(Door):
    """Rounds of submitted forecasts."""

    model = ForecastRound
    serializer_class = RoundSerializer
    permission = "money.view"
    pagination_class = NewestFirst
    lookup_url_kwarg = "round_id"

    def rows(self) -> QuerySet[Any]:
        """Give every round."""
        return selectors.forecast_rounds(viewer=self.viewer)

    @extend_schema(operation_id="forecast_rounds_list", responses=RoundSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List rounds, newest first."""
        answer: Response = self.paged(self.get_queryset(), RoundSerializer)
        return answer

    @extend_schema(
        operation_id="forecast_rounds_submit",
        request=EstimateSerializer,
        responses={201: SubmissionSerializer},
    )
    def submit(self, request: Request, round_id: Any) -> Response:
        """Submit an estimate to complete; sending it again before the lock replaces it."""
        found = selectors.forecast_round(viewer=self.viewer, round_id=round_id)
        if found is None:
            raise Http404
        body = self.body(EstimateSerializer)
        node = _place(self.viewer, body["place"])
        if node is None:
            raise ValidationError({"place": ["There is none that you see."]})
        try:
            months = {dt.date.fromisoformat(m): amount for m, amount in body["months"].items()}
        except ValueError:
            raise ValidationError({"months": ["Write months like 2026-11-01."]}) from None
        sent = services.submit_forecast(
            forecast_round=found,
            node=node,
            months=months,
            currency=body.get("currency", ""),
            note=body.get("note", ""),
            by=self.viewer,
        )
        return Response(SubmissionSerializer(sent).data, status=201)


def _place(viewer: Any, said: str) -> Any:
    for node in people.units(viewer=viewer):
        if str(node.pk) == said or node.name.casefold() == said.casefold():
            return node
    initiative = initiatives.initiative(viewer=viewer, key=said.upper())
    return initiative.node if initiative else None
