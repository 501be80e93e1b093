"""Initiatives: the register, their stage, how they stand."""

from collections.abc import Mapping, Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.initiatives import choices, selectors, services
from governance_app.initiatives.models import Initiative, StatusUpdate
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.rollups import table
from portfolio.api.once import HEADER, once
from portfolio.api.strict import AmountField, Door, StrictSerializer

ROLES = ("sponsor", "business_owner", "technical_owner", "risk_owner", "program_manager")


class PersonSerializer(serializers.Serializer[Any]):
    """Somebody with a role."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class PlaceSerializer(serializers.Serializer[Any]):
    """A business unit by its name."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class OwnersSerializer(serializers.Serializer[Any]):
    """Who answers for an initiative; null where nobody does."""

    sponsor = PersonSerializer(allow_null=True)
    business_owner = PersonSerializer(allow_null=True)
    technical_owner = PersonSerializer(allow_null=True)
    risk_owner = PersonSerializer(allow_null=True)
    program_manager = PersonSerializer(allow_null=True)


class MoneySerializer(serializers.Serializer[Any]):
    """Money to the last complete month, in the reporting currency; null is unknown."""

    expected_value = AmountField(allow_null=True)
    expected_value_currency = serializers.CharField()
    currency = serializers.CharField()
    through = serializers.DateField(allow_null=True)
    spend_to_date = AmountField(allow_null=True)
    spend_year = AmountField(allow_null=True)
    budget_year = AmountField(allow_null=True)
    promised_to_date = AmountField(allow_null=True)
    measured_to_date = AmountField(allow_null=True)
    validated_to_date = AmountField(allow_null=True)
    banked_to_date = AmountField(allow_null=True)
    roi_validated = serializers.FloatField(allow_null=True)
    npv_promised = AmountField(allow_null=True)
    reasons = serializers.DictField(
        child=serializers.CharField(), help_text="Figure -> why it is null."
    )


class FiguresSerializer(serializers.Serializer[Any]):
    """Risk and KPIs now."""

    risk_level = serializers.IntegerField(allow_null=True, help_text="1 to 5; null not assessed.")
    risk_above_appetite = serializers.IntegerField()
    efficiency_gain = serializers.FloatField(allow_null=True)
    stale_from_on = serializers.DateField(allow_null=True)


class InitiativeSerializer(serializers.Serializer[Any]):
    """
    An initiative. ``money`` is null for who may not see money there, ``figures`` until they
    have been worked out.
    """

    key = serializers.CharField(read_only=True)
    version = serializers.IntegerField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)
    name = serializers.CharField(read_only=True)
    kind = serializers.ChoiceField(choices=list(choices.KINDS), read_only=True)
    reference = serializers.CharField(read_only=True)
    purpose = serializers.CharField(read_only=True)
    unit = PlaceSerializer(read_only=True)
    stage = serializers.CharField(source="stage.slug", read_only=True, default="")
    status = serializers.CharField(read_only=True)
    status_sentence = serializers.CharField(read_only=True)
    status_on = serializers.DateField(read_only=True, allow_null=True)
    planned_start_on = serializers.DateField(read_only=True, allow_null=True)
    planned_end_on = serializers.DateField(read_only=True, allow_null=True)
    started_on = serializers.DateField(read_only=True, allow_null=True)
    ended_on = serializers.DateField(read_only=True, allow_null=True)
    time_box_on = serializers.DateField(read_only=True, allow_null=True)
    owners = serializers.SerializerMethodField()
    ai_type = serializers.CharField(read_only=True)
    modality = serializers.CharField(read_only=True)
    deployment_target = serializers.CharField(read_only=True)
    autonomy = serializers.CharField(read_only=True)
    sourcing = serializers.CharField(read_only=True)
    vendor = serializers.CharField(read_only=True)
    data_classes = serializers.ListField(
        child=serializers.CharField(), read_only=True, allow_null=True
    )
    risk_flags = serializers.ListField(
        child=serializers.CharField(), read_only=True, allow_null=True
    )
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)
    figures = serializers.SerializerMethodField()
    money = serializers.SerializerMethodField()

    @extend_schema_field(OwnersSerializer)
    def get_owners(self, row: Initiative) -> Any:
        """Give who answers for it."""
        return OwnersSerializer({role: getattr(row, role) for role in ROLES}).data

    @extend_schema_field(FiguresSerializer(allow_null=True))
    def get_figures(self, row: Initiative) -> Any:
        """Give risk and KPIs as they are known now."""
        now = self.context["now"].get(row.pk)
        return None if now is None else FiguresSerializer(now).data

    @extend_schema_field(MoneySerializer(allow_null=True))
    def get_money(self, row: Initiative) -> Any:
        """Give its money where the viewer may see it."""
        if not access.sees_money(self.context["request"].user, row.node):
            return None
        now = self.context["now"].get(row.pk)
        figures: dict[str, Any] = {
            str(name): getattr(now, str(name), None) for name in MoneySerializer().fields
        }
        figures |= {
            "expected_value": row.expected_value,
            "expected_value_currency": row.expected_value_currency,
            "currency": now.currency if now is not None else "",
            "reasons": now.reasons if now is not None else {},
        }
        return MoneySerializer(figures).data


class _DetailsSerializer(StrictSerializer):
    """The fields a person may set."""

    kind = serializers.ChoiceField(choices=list(choices.KINDS), required=False)
    parent = serializers.SlugField(  # type: ignore[assignment]  # the body may say "parent"
        max_length=20, required=False, allow_null=True, help_text="Key of what it stands under."
    )
    reference = serializers.CharField(max_length=200, required=False, allow_blank=True)
    purpose = serializers.CharField(max_length=20000, required=False, allow_blank=True)
    planned_start_on = serializers.DateField(required=False, allow_null=True)
    planned_end_on = serializers.DateField(required=False, allow_null=True)
    started_on = serializers.DateField(required=False, allow_null=True)
    ended_on = serializers.DateField(required=False, allow_null=True)
    time_box_on = serializers.DateField(required=False, allow_null=True)
    sponsor = serializers.UUIDField(required=False, allow_null=True)
    business_owner = serializers.UUIDField(required=False, allow_null=True)
    technical_owner = serializers.UUIDField(required=False, allow_null=True)
    risk_owner = serializers.UUIDField(required=False, allow_null=True)
    program_manager = serializers.UUIDField(required=False, allow_null=True)
    ai_type = serializers.ChoiceField(
        choices=list(choices.AI_TYPES), required=False, allow_blank=True
    )
    modality = serializers.ChoiceField(
        choices=list(choices.MODALITIES), required=False, allow_blank=True
    )
    deployment_target = serializers.ChoiceField(
        choices=list(choices.DEPLOYMENT_TARGETS), required=False, allow_blank=True
    )
    autonomy = serializers.ChoiceField(
        choices=list(choices.AUTONOMIES), required=False, allow_blank=True
    )
    sourcing = serializers.ChoiceField(
        choices=list(choices.SOURCINGS), required=False, allow_blank=True
    )
    data_classes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(choices.DATA_CLASSES)),
        required=False,
        allow_null=True,
    )
    risk_flags = serializers.ListField(
        child=serializers.ChoiceField(choices=list(choices.RISK_FLAGS)),
        required=False,
        allow_null=True,
    )
    vendor = serializers.CharField(max_length=300, required=False, allow_blank=True)
    expected_value = AmountField(required=False, allow_null=True, min_value=0)
    expected_value_currency = serializers.RegexField(
        r"^([A-Z]{3})?$", required=False, allow_blank=True
    )
    tags = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, max_length=50
    )


class AddSerializer(_DetailsSerializer):
    """A new initiative."""

    name = serializers.CharField(max_length=500)
    unit = serializers.UUIDField()
    stage = serializers.SlugField(max_length=30, required=False, allow_blank=True)
    stage_on = serializers.DateField(required=False, help_text="When it entered that stage.")


class EditSerializer(_DetailsSerializer):
    """Changes to an initiative; ``version`` is the one they were made against."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    name = serializers.CharField(max_length=500, required=False)


class StageSerializer(StrictSerializer):
    """A move to another stage."""

    to = serializers.SlugField(max_length=30)
    reason = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    on = serializers.DateField(required=False)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class PostStatusSerializer(StrictSerializer):
    """How an initiative stands, in a sentence."""

    status = serializers.ChoiceField(choices=list(choices.STATUSES))
    sentence = serializers.CharField(max_length=5000)
    on = serializers.DateField(required=False)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class StatusSerializer(serializers.Serializer[Any]):
    """How an initiative stood on a day."""

    id = serializers.UUIDField(read_only=True)
    status = serializers.ChoiceField(choices=list(choices.STATUSES), read_only=True)
    sentence = serializers.CharField(read_only=True)
    on = serializers.DateField(read_only=True)
    posted_by = serializers.CharField(source="posted_by.name", read_only=True)
    created_at = serializers.DateTimeField(read_only=True)


class InitiativeFilter(django_filters.FilterSet):
    """Narrow the register."""

    stage = django_filters.CharFilter(field_name="stage__slug")
    status = django_filters.MultipleChoiceFilter(choices=list(choices.STATUSES.items()))
    kind = django_filters.MultipleChoiceFilter(choices=list(choices.KINDS.items()))
    ai_type = django_filters.MultipleChoiceFilter(choices=list(choices.AI_TYPES.items()))
    unit = django_filters.UUIDFilter(method="within", label="A unit and everything below it.")
    search = django_filters.CharFilter(method="holding", label="Words that must each occur.")

    def within(self, rows: QuerySet[Any], name: str, unit: Any) -> QuerySet[Any]:
        """Keep what stands in a unit or below it; an unknown unit holds nothing."""
        node = people.units(viewer=self.request.user).filter(pk=unit).first()
        return rows.filter(node__path__startswith=node.path) if node else rows.none()

    def holding(self, rows: QuerySet[Any], name: str, words: str) -> QuerySet[Any]:
        """Keep what holds every word in its key, name or purpose."""
        found = selectors.register(viewer=self.request.user, search=words)
        return rows.filter(pk__in=found.order_by().values("pk"))


class Initiatives(Door):
    """The register as the viewer sees it."""

    model = Initiative
    serializer_class = InitiativeSerializer
    filterset_class = InitiativeFilter

    def rows(self) -> QuerySet[Any]:
        """Give the initiatives."""
        return selectors.register(viewer=self.viewer)

    @extend_schema(operation_id="initiatives_list", responses=InitiativeSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List initiatives, newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([self._written(row) for row in self._joined(page)])

    @extend_schema(operation_id="initiatives_read", responses=InitiativeSerializer)
    def read(self, request: Request, key: str) -> Response:
        """Read one initiative with its present figures."""
        return self._answer(self._found(key))

    @extend_schema(
        operation_id="initiatives_add",
        request=AddSerializer,
        responses={201: InitiativeSerializer},
        parameters=[HEADER],
    )
    @once
    def add(self, request: Request) -> Response:
        """Add an initiative to a unit."""
        asked = self.body(AddSerializer)
        unit = people.units(viewer=self.viewer).filter(pk=asked.pop("unit")).first()
        if unit is None:
            raise ValidationError({"unit": ["There is no such unit that you may see."]})
        row = services.add(
            name=asked.pop("name"),
            unit=unit,
            stage=asked.pop("stage", "idea"),
            on=asked.pop("stage_on", None),
            by=self.viewer,
            **self._details(asked),
        )
        return self._answer(self._found(row.key), status=201)

    @extend_schema(
        operation_id="initiatives_edit", request=EditSerializer, responses=InitiativeSerializer
    )
    def edit(self, request: Request, key: str) -> Response:
        """Change fields; 409 when somebody changed the initiative since that version."""
        row = self._found(key)
        asked = self.body(EditSerializer)
        version = asked.pop("version")
        services.edit(initiative=row, by=self.viewer, version=version, **self._details(asked))
        return self._answer(self._found(key))

    @extend_schema(
        operation_id="initiatives_stage",
        request=StageSerializer,
        responses=InitiativeSerializer,
        parameters=[HEADER],
    )
    @once
    def stage(self, request: Request, key: str) -> Response:
        """Move to another stage; 422 with the reason where that cannot be."""
        row = self._found(key)
        services.advance_stage(initiative=row, by=self.viewer, **self.body(StageSerializer))
        return self._answer(self._found(key))

    def _found(self, key: str) -> Initiative:
        row = selectors.initiative(viewer=self.viewer, key=key)
        if row is None:
            raise Http404
        return row

    def _answer(self, row: Initiative, *, status: int = 200) -> Response:
        (joined,) = self._joined([row])
        return Response(self._written(joined), status=status)

    def _joined(self, rows: Any) -> Sequence[Initiative]:
        """Read the present figures of some rows, once for all of them."""
        found = [*rows]
        self._now = table.present(viewer=self.viewer, initiatives=[row.pk for row in found])
        return found

    def _written(self, row: Initiative) -> Mapping[str, Any]:
        context = {**self.get_serializer_context(), "now": self._now}
        return InitiativeSerializer(row, context=context).data

    def _details(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Turn keys and ids into rows; what the viewer cannot see does not exist."""
        details = dict(asked)
        if details.get("parent"):
            parent = selectors.initiative(viewer=self.viewer, key=details["parent"])
            if parent is None:
                raise ValidationError({"parent": ["There is no such initiative you may see."]})
            details["parent"] = parent
        wanted = {details[role] for role in ROLES if details.get(role)}
        found = {row.pk: row for row in people.people(viewer=self.viewer).filter(pk__in=wanted)}
        for role in ROLES:
            if details.get(role):
                if details[role] not in found:
                    raise ValidationError({role: ["There is no such person."]})
                details[role] = found[details[role]]
        return details


class Statuses(Door):
    """What was said of how an initiative stands."""

    model = StatusUpdate
    serializer_class = StatusSerializer

    def rows(self) -> QuerySet[Any]:
        """Give the updates of the initiative in the address."""
        return selectors.status_updates(viewer=self.viewer, initiative=self._found())

    @extend_schema(operation_id="initiatives_statuses", responses=StatusSerializer(many=True))
    def list(self, request: Request, key: str) -> Response:
        """List status updates, newest first."""
        answer: Response = self.paged(self.get_queryset(), StatusSerializer)
        return answer

    @extend_schema(
        operation_id="initiatives_post_status",
        request=PostStatusSerializer,
        responses={201: StatusSerializer},
        parameters=[HEADER],
    )
    @once
    def post_status(self, request: Request, key: str) -> Response:
        """Say how the initiative stands."""
        row = self._found()
        asked = self.body(PostStatusSerializer)
        update = services.post_status(initiative=row, by=self.viewer, **asked)
        return Response(StatusSerializer(update).data, status=201)

    def _found(self) -> Initiative:
        row = selectors.initiative(viewer=self.viewer, key=self.kwargs["key"])
        if row is None:
            raise Http404
        return row
