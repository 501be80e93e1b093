"""Business units: the tree that initiatives hang in."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.people import selectors
from governance_app.people.models import ScopeNode
from portfolio.api.strict import Door


class UnitSerializer(serializers.Serializer[Any]):
    """A business unit and where it hangs; no parent: right below what the viewer sees."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    code = serializers.CharField(read_only=True)
    parent = serializers.UUIDField(  # type: ignore[assignment]
        source="parent_id", read_only=True, allow_null=True
    )
    version = serializers.IntegerField(read_only=True)


class Units(Door):
    """The units a viewer sees."""

    model = ScopeNode
    serializer_class = UnitSerializer

    def rows(self) -> QuerySet[Any]:
        """Give the units."""
        return selectors.units(viewer=self.viewer)

    @extend_schema(operation_id="units_list", responses=UnitSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List business units, newest first."""
        answer: Response = self.paged(self.get_queryset(), UnitSerializer)
        return answer
