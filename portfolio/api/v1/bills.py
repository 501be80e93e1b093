"""Bills of materials for pipelines: the CycloneDX file itself is the body."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.initiatives import selectors as initiatives
from governance_app.inventory import selectors
from governance_app.inventory.apart import MOST_BYTES
from governance_app.inventory.models import BillOfMaterials
from governance_app.risk import services
from governance_app.risk.services.vulnerabilities import MEDIA_TYPE
from portfolio.api.once import HEADER, once
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import Door

INITIATIVE = OpenApiParameter(
    "initiative", OpenApiTypes.STR, description="Its key, like AI-142; or a model."
)
MODEL = OpenApiParameter(
    "model", OpenApiTypes.UUID, description="The id of a model; or an initiative."
)
NAME = OpenApiParameter("name", OpenApiTypes.STR, description="What the file is called.")


class AsItCame(BaseParser):
    """The body as bytes, up to a size."""

    media_type = MEDIA_TYPE

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """
        Read the body.

        Raises:
            ParseError: it is too large.
        """
        body: bytes = stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise ParseError(f"A bill of materials has at most {MOST_BYTES >> 20} MB.")
        return body


class AsJson(AsItCame):
    """The same, for those who call it JSON."""

    media_type = "application/json"


class KnownSerializer(serializers.Serializer[Any]):
    """What is known against some parts; ``state`` is what the analysis says, empty when nothing."""

    id = serializers.CharField()
    severity = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    state = serializers.CharField()
    parts = serializers.ListField(child=serializers.CharField())
    more = serializers.IntegerField()


class BillSerializer(serializers.Serializer[Any]):
    """A bill of materials on record."""

    id = serializers.UUIDField()
    initiative = serializers.CharField(source="initiative.key", default=None, allow_null=True)
    model = serializers.UUIDField(source="model_id", allow_null=True)
    file = serializers.CharField(source="file.name")
    sha256 = serializers.CharField(source="file.sha256")
    spec_version = serializers.CharField()
    serial_number = serializers.CharField()
    number = serializers.IntegerField()
    made_at = serializers.DateTimeField(allow_null=True)
    components = serializers.IntegerField()
    taken_at = serializers.DateTimeField(source="created_at")


class BillInFullSerializer(BillSerializer):
    """A bill of materials with what is known against its parts."""

    vulnerabilities = KnownSerializer(many=True)


class BillTakenSerializer(serializers.Serializer[Any]):
    """The bill on record, whether it came just now, and the signals that it moved."""

    bill = BillSerializer()
    is_new = serializers.BooleanField()
    raised = serializers.IntegerField()
    cleared = serializers.IntegerField()


class Bills(Door):
    """Bills of materials of initiatives and models."""

    model = BillOfMaterials
    asks = frozenset({"initiative", "model", "name"})
    serializer_class = BillSerializer
    pagination_class = NewestFirst
    parser_classes = [AsItCame, AsJson]

    def rows(self) -> QuerySet[Any]:
        """Give those of the initiative or model asked for, else all that the viewer sees."""
        rows: QuerySet[Any] = selectors.bills(viewer=self.viewer, **self._subject())
        return rows.defer("vulnerabilities")

    @extend_schema(
        operation_id="bills", responses=BillSerializer(many=True), parameters=[INITIATIVE, MODEL],
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """List bills of materials, the newest first."""
        answer: Response = self.paged(self.get_queryset(), BillSerializer)
        return answer

    @extend_schema(
        operation_id="bill_take",
        request={MEDIA_TYPE: OpenApiTypes.OBJECT, "application/json": OpenApiTypes.OBJECT},
        responses={200: BillTakenSerializer, 201: BillTakenSerializer},
        parameters=[INITIATIVE, MODEL, NAME, HEADER], filters=False,
    )  # fmt: skip
    @once
    def take(self, request: Request) -> Response:
        """
        Take a CycloneDX file (JSON, 1.4 to 1.6) of an initiative or a model.

        What is open and grave enough becomes a signal, what it no longer holds open is cleared;
        the same file again changes nothing and is answered 200.
        """
        subject = self._subject()
        if not subject:
            raise ValidationError({"initiative": ["Name an initiative or a model."]})
        taken = services.take_bill(
            content=request.data if isinstance(request.data, bytes) else b"",
            name=request.query_params.get("name", "").strip()[:200] or "bill.json",
            on=timezone.localdate(),
            by=self.viewer,
            **subject,
        )
        return Response(BillTakenSerializer(taken).data, status=201 if taken.is_new else 200)

    @extend_schema(
        operation_id="bill", responses=BillInFullSerializer, filters=False,
        parameters=[OpenApiParameter("bill_id", OpenApiTypes.UUID, OpenApiParameter.PATH)],
    )  # fmt: skip
    def read(self, request: Request, bill_id: uuid.UUID) -> Response:
        """Give one bill of materials with its vulnerabilities."""
        row = selectors.bill(viewer=self.viewer, bill_id=bill_id)
        if row is None:
            raise Http404
        return Response(BillInFullSerializer(row).data)

    def _subject(self) -> dict[str, Any]:
        """Give the initiative or the model asked for; one alone, and one the viewer sees."""
        key = self.request.query_params.get("initiative", "")
        said = self.request.query_params.get("model", "")
        if key and said:
            raise ValidationError({"model": ["Name an initiative or a model, not both."]})
        if key:
            row = initiatives.initiative(viewer=self.viewer, key=key)
            if row is None:
                raise Http404
            return {"initiative": row}
        if not said:
            return {}
        try:
            wanted = uuid.UUID(said)
        except ValueError as error:
            raise ValidationError({"model": ["The id of a model is a UUID."]}) from error
        model = selectors.model(model_id=wanted, viewer=self.viewer)
        if model is None:
            raise Http404
        return {"model": model}
