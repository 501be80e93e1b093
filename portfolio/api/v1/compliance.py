"""Compliance for programs: frameworks, coverage, classes, assessments, gaps, inventories."""

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
from governance_app.compliance.models import Assessment, Classification, Gap, Library
from governance_app.initiatives import selectors as initiatives
from portfolio.api.once import HEADER, once
from portfolio.api.strict import Door, StrictSerializer

INITIATIVE = OpenApiParameter("initiative", OpenApiTypes.STR, description="Its key, like AI-142.")
SCHEME = OpenApiParameter("scheme", OpenApiTypes.STR, description="eu-ai-act or omb-m-25-21.")


class CoveredSerializer(serializers.Serializer[Any]):
    """Counts of requirements by where they stand; unknown is never met."""

    total = serializers.IntegerField()
    met = serializers.IntegerField()
    partly = serializers.IntegerField()
    gap = serializers.IntegerField()
    na = serializers.IntegerField()
    unknown = serializers.IntegerField()
    met_ratio = serializers.FloatField(allow_null=True)


class FrameworkSerializer(serializers.Serializer[Any]):
    """A framework and how far it is covered by what the viewer may see."""

    key = serializers.CharField(source="library.key")
    version = serializers.IntegerField(source="library.number")
    name = serializers.CharField(source="library.name")
    publisher = serializers.CharField(source="library.publisher")
    as_of = serializers.DateField(source="library.as_of")
    licence = serializers.CharField(source="library.licence")
    requirements = serializers.IntegerField(source="library.nodes_total")
    covered = CoveredSerializer()


class RequirementSerializer(serializers.Serializer[Any]):
    """One node of a framework in its order; a heading has no counts."""

    ref = serializers.CharField(source="node.ref")
    title = serializers.CharField(source="node.title")
    text = serializers.CharField(source="node.text")
    depth = serializers.IntegerField()
    covered = CoveredSerializer(allow_null=True)
    mapped = serializers.ListField(child=serializers.CharField())


class ClassificationSerializer(serializers.Serializer[Any]):
    """One classification; ``tier`` counts once a second person confirmed it."""

    id = serializers.UUIDField()
    initiative = serializers.CharField(source="initiative.key")
    scheme = serializers.CharField()
    number = serializers.IntegerField()
    on = serializers.DateField()
    questionnaire_version = serializers.IntegerField(source="library.number")
    computed_tier = serializers.CharField()
    tier = serializers.CharField()
    floor = serializers.CharField()
    ceiling = serializers.CharField()
    override_reason = serializers.CharField()
    flags = serializers.ListField(child=serializers.CharField())
    roles = serializers.ListField(child=serializers.CharField())
    answers = serializers.DictField()
    because = serializers.ListField()
    duties = serializers.ListField(child=serializers.DictField())
    facts_hash = serializers.CharField()
    classified_by = serializers.CharField(source="classified_by.email")
    verdict = serializers.SerializerMethodField()

    def get_verdict(self, row: Classification) -> str:
        """Give what the second person said: confirm, refuse or waiting."""
        review = getattr(row, "review", None)
        return review.verdict if review is not None else "waiting"


class ClassifySerializer(StrictSerializer):
    """Answers to the questions of a scheme; what is left out is unknown."""

    initiative = serializers.CharField(max_length=20)
    scheme = serializers.CharField(max_length=60)
    answers = serializers.DictField()
    notes = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    override_tier = serializers.CharField(required=False, allow_blank=True, max_length=40)
    override_reason = serializers.CharField(required=False, allow_blank=True)


class ReviewSerializer(StrictSerializer):
    """Whether a second person agrees."""

    is_confirmed = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True)


class AssessmentSerializer(serializers.Serializer[Any]):
    """One assessment; it counts from its approval until ``valid_until``."""

    id = serializers.UUIDField()
    initiative = serializers.CharField(source="initiative.key")
    subject = serializers.CharField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    tier = serializers.CharField()
    answers = serializers.DictField()
    results = serializers.DictField()
    submitted_on = serializers.DateField(allow_null=True)
    decided_on = serializers.DateField(allow_null=True)
    valid_until = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()


class GapSerializer(serializers.Serializer[Any]):
    """An open gap or finding: who mends it by when."""

    id = serializers.UUIDField()
    initiative = serializers.CharField(source="initiative.key")
    kind = serializers.CharField()
    severity = serializers.CharField()
    title = serializers.CharField()
    found_on = serializers.DateField()
    due_on = serializers.DateField()
    owner = serializers.SerializerMethodField()
    version = serializers.IntegerField()

    def get_owner(self, gap: Gap) -> str | None:
        """Give the address of who mends it."""
        return gap.owner.email if gap.owner else None


class EntrySerializer(serializers.Serializer[Any]):
    """One initiative of a regulatory inventory: title of a column -> its text."""

    initiative = serializers.CharField()
    tier = serializers.CharField()
    is_confirmed = serializers.BooleanField()
    columns = serializers.DictField(child=serializers.CharField())


class _OfInitiative(Door):
    """What belongs to one initiative, named in the question."""

    pagination_class = None  # type: ignore[assignment]

    def initiative(self, key: str | None = None) -> Any:
        """Give the initiative asked for, or answer 404."""
        wanted = key or self.request.query_params.get("initiative", "")
        row = initiatives.initiative(viewer=self.viewer, key=wanted) if wanted else None
        if row is None:
            raise Http404
        return row


class Frameworks(Door):
    """Frameworks and their coverage."""

    model = Library
    serializer_class = FrameworkSerializer
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(
        operation_id="frameworks", responses=FrameworkSerializer(many=True), filters=False
    )
    def list(self, request: Request) -> Response:
        """List the frameworks with how far each is covered."""
        frameworks = selectors.libraries(viewer=self.viewer)
        found = selectors.coverage(viewer=self.viewer, frameworks=frameworks)
        return Response(FrameworkSerializer(found, many=True).data)

    @extend_schema(
        operation_id="framework_requirements", responses=RequirementSerializer(many=True),
        filters=False,
    )  # fmt: skip
    def read(self, request: Request, key: str) -> Response:
        """Give the requirements of a framework with how many initiatives meet each."""
        row = selectors.library(viewer=self.viewer, key=key)
        if row is None:
            raise Http404
        found = selectors.node_lines(viewer=self.viewer, library=row)
        return Response(RequirementSerializer(found, many=True).data)


class Classifications(_OfInitiative):
    """Classifications of an initiative."""

    model = Classification
    asks = frozenset({"initiative"})
    serializer_class = ClassificationSerializer

    def rows(self) -> QuerySet[Any]:
        """Give them newest first."""
        return selectors.classifications(viewer=self.viewer, initiative=self.initiative())

    @extend_schema(
        operation_id="classifications", responses=ClassificationSerializer(many=True),
        parameters=[INITIATIVE], filters=False,
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """List the classifications of an initiative, newest first."""
        return Response(ClassificationSerializer(self.get_queryset(), many=True).data)

    @extend_schema(
        operation_id="classify", request=ClassifySerializer,
        responses={201: ClassificationSerializer}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def add(self, request: Request) -> Response:
        """Judge an initiative by the questions of a scheme; a second person confirms it."""
        asked = self.body(ClassifySerializer)
        row = services.classify(
            initiative=self.initiative(asked.pop("initiative")),
            on=timezone.localdate(),
            by=self.viewer,
            **asked,
        )
        return Response(ClassificationSerializer(row).data, status=201)


class ClassificationReviews(Door):
    """What a second person says."""

    model = Classification
    permission = "compliance.review"
    serializer_class = ReviewSerializer

    @extend_schema(
        operation_id="classification_review", request=ReviewSerializer,
        responses=ClassificationSerializer, parameters=[HEADER],
    )  # fmt: skip
    @once
    def review(self, request: Request, classification_id: str) -> Response:
        """Confirm a classification of somebody else, or refuse it with a reason."""
        asked = self.body(ReviewSerializer)
        row = selectors.classification(viewer=self.viewer, classification_id=classification_id)
        if row is None:
            raise Http404
        services.review_classification(
            classification=row, on=timezone.localdate(), by=self.viewer, **asked
        )
        again = selectors.classification(viewer=self.viewer, classification_id=classification_id)
        return Response(ClassificationSerializer(again).data)


class Assessments(_OfInitiative):
    """Assessments of an initiative."""

    model = Assessment
    asks = frozenset({"initiative"})
    serializer_class = AssessmentSerializer

    def rows(self) -> QuerySet[Any]:
        """Give them by subject, newest first."""
        return selectors.assessments(viewer=self.viewer, initiative=self.initiative())

    @extend_schema(
        operation_id="assessments", responses=AssessmentSerializer(many=True),
        parameters=[INITIATIVE], filters=False,
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """List the assessments of an initiative."""
        return Response(AssessmentSerializer(self.get_queryset(), many=True).data)


class Gaps(_OfInitiative):
    """Open gaps and findings."""

    model = Gap
    asks = frozenset({"initiative"})
    serializer_class = GapSerializer

    def rows(self) -> QuerySet[Any]:
        """Give them soonest due first."""
        return selectors.gaps(viewer=self.viewer, initiative=self.initiative())

    @extend_schema(
        operation_id="gaps", responses=GapSerializer(many=True), parameters=[INITIATIVE],
        filters=False,
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """List the open gaps and findings of an initiative."""
        return Response(GapSerializer(self.get_queryset(), many=True).data)


class RegulatoryInventory(Door):
    """The inventory as a regulator wants it."""

    model = Classification
    asks = frozenset({"scheme", "tier"})
    serializer_class = EntrySerializer
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(
        operation_id="regulatory_inventory", responses=EntrySerializer(many=True),
        parameters=[SCHEME, OpenApiParameter("tier", OpenApiTypes.STR)], filters=False,
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """Give every initiative in the columns of a scheme, the first thousand of a tier."""
        scheme = request.query_params.get("scheme", "eu-ai-act")
        columns = selectors.inventory_columns(viewer=self.viewer, scheme=scheme)
        if not columns:
            raise Http404
        tier = request.query_params.get("tier", "")
        found = [
            {
                "initiative": entry.initiative.key,
                "tier": entry.tier,
                "is_confirmed": entry.is_confirmed,
                "columns": {
                    column.title: "" if cell is None else str(cell)
                    for column, cell in zip(columns, entry.cells, strict=True)
                },
            }
            for entry in selectors.inventory(
                viewer=self.viewer, scheme=scheme, tier=tier, limit=1000
            )
        ]
        return Response(EntrySerializer(found, many=True).data)
