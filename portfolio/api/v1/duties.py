"""What a person holds, and handing all of it over when they leave."""

from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.gates import selectors as gates
from governance_app.oversight import selectors, services
from governance_app.oversight.models import Action
from governance_app.people import selectors as people
from governance_app.people.models import User
from portfolio.api.once import HEADER, once
from portfolio.api.strict import Door, StrictSerializer

PERSON = OpenApiParameter(
    "person", OpenApiTypes.EMAIL, required=True, description="The address of the person."
)


class SeatSerializer(serializers.Serializer[Any]):
    """A seat and how many initiatives a person holds it at."""

    seat = serializers.CharField()
    initiatives = serializers.IntegerField()


class HeldSerializer(serializers.Serializer[Any]):
    """
    What has a person's name on it and is not done.

    ``owned`` says counts by sort; ``requests`` are the open ones they asked at gates, of which
    drafts go over.
    """

    person = serializers.EmailField()
    seats = SeatSerializer(many=True)
    owned = serializers.ListField(child=serializers.CharField())
    requests = serializers.ListField(child=serializers.IntegerField())
    delegations = serializers.IntegerField()


class HandOverSerializer(StrictSerializer):
    """Who leaves, who takes over, and why."""

    person = serializers.EmailField()
    successor = serializers.EmailField()
    reason = serializers.CharField(max_length=5000)


class HandedOverSerializer(serializers.Serializer[Any]):
    """What went over; ``owned`` counts by sort, ``requests`` are drafts at gates."""

    seats = serializers.IntegerField()
    owned = serializers.DictField(child=serializers.IntegerField())
    requests = serializers.IntegerField()
    delegations = serializers.IntegerField()
    sentence = serializers.CharField()


class Held(Door):
    """What a person holds."""

    model = Action
    permission = "people.edit"
    asks = frozenset({"person"})
    serializer_class = HeldSerializer
    pagination_class = None  # type: ignore[assignment]

    @extend_schema(
        operation_id="held", responses=HeldSerializer, parameters=[PERSON], filters=False
    )
    def read(self, request: Request) -> Response:
        """Say what a person holds before it is handed over."""
        person = self._person("person", request.query_params.get("person", ""))
        found = gates.duties(viewer=self.viewer, person=person, on=timezone.localdate())
        told = {
            "person": person.email,
            "seats": [
                {"seat": title, "initiatives": count} for title, count, _named in found.seats
            ],
            "owned": selectors.owned(viewer=self.viewer, person=person),
            "requests": [row.number for row in found.asked],
            "delegations": len(found.given),
        }
        return Response(HeldSerializer(told).data)

    @extend_schema(
        operation_id="hand_over", request=HandOverSerializer, responses=HandedOverSerializer,
        parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def hand_over(self, request: Request) -> Response:
        """Give everything a person answers for to another; what they decided stays theirs."""
        asked = self.body(HandOverSerializer)
        done = services.hand_over(
            person=self._person("person", asked["person"]),
            successor=self._person("successor", asked["successor"]),
            reason=asked["reason"],
            by=self.viewer,
        )
        return Response(HandedOverSerializer(done).data)

    def _person(self, field: str, email: str) -> User:
        found = people.people(viewer=self.viewer).filter(email__iexact=email).first()
        if found is None:
            raise ValidationError({field: ["Nobody has that address."]})
        return found
