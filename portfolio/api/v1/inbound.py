"""What outside programs push with a token of their own: metrics, OpenLineage, CloudEvents."""

import base64
import gzip
import io
import json
import re
import zlib
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import (
    AuthenticationFailed,
    ParseError,
    Throttled,
    UnsupportedMediaType,
    ValidationError,
)
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.connectors import errands, selectors, services
from governance_app.connectors.models import InboundToken
from governance_app.domain.errors import Sentence
from governance_app.domain.records import Reading, ReadingRecord
from governance_app.people.access import Refused
from portfolio.api.once import HEADER, once
from portfolio.api.strict import AmountField, Door, StrictSerializer

MOST_READINGS = 5000
MOST_EVENTS = 500
BODY_BYTES = 4 * 1024 * 1024
UNPACKED_BYTES = 16 * 1024 * 1024

#: What the text of a database cannot hold.
_UNKEPT = re.compile("[\x00\ud800-\udfff]")

CLOUD_EVENT = "application/cloudevents+json"
CLOUD_EVENTS = "application/cloudevents-batch+json"


class InboundAuthentication(BaseAuthentication):
    """Lets a program push with an inbound token, and do nothing else."""

    def authenticate(self, request: Request) -> tuple[Any, InboundToken] | None:
        """Give the principal of the bearer token and the token; None when there is none."""
        scheme, _, secret = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        token = selectors.token_of(secret=secret.strip(), now=timezone.now())
        if token is None:
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        return errands.sender(token), token

    def authenticate_header(self, request: Request) -> str:
        """Say how to authenticate in a 401."""
        return 'Bearer realm="AI portfolio, inbound"'


class InboundScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the inbound token in the OpenAPI document."""

    target_class = "portfolio.api.v1.inbound.InboundAuthentication"
    name = "inbound"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Give the scheme's description."""
        return {"type": "http", "scheme": "bearer", "description": "Made under Connections."}


class CappedJson(BaseParser):
    """JSON, packed with gzip or not, up to a size; numbers keep their digits."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: Any = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """
        Read the body.

        Raises:
            ParseError: it is too large, or no JSON.
            UnsupportedMediaType: it is packed in another way.
        """
        body = stream.read(BODY_BYTES + 1)
        if len(body) > BODY_BYTES:
            raise ParseError(f"A body has at most {BODY_BYTES >> 20} MB; send several.")
        request = (parser_context or {})["request"]
        packed = request.headers.get("Content-Encoding", "").lower()
        if packed == "gzip":
            body = _unpacked(body)
        elif packed not in ("", "identity"):
            raise UnsupportedMediaType(f"{media_type}; {packed}", detail="Pack with gzip or not.")
        try:
            return _kept(body)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"The body is no JSON that can be kept: {error}") from error


class CloudEventJson(CappedJson):
    """One CloudEvent, envelope and data together."""

    media_type = CLOUD_EVENT


class CloudEventsJson(CappedJson):
    """Several CloudEvents in a list."""

    media_type = CLOUD_EVENTS


class EventDataJson(CappedJson):
    """The data of a CloudEvent in binary form: JSON, whatever the sender calls it."""

    media_type = "*/*"


class Inbound(Door):
    """
    A door for one scope of inbound tokens.

    A call is counted before it is answered; one too many is answered 429 with Retry-After.
    """

    model = InboundToken
    permission = "reading.push"
    authentication_classes = [InboundAuthentication]
    throttle_classes = []
    parser_classes = [CappedJson]
    scope = ""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse tokens of another scope and those that are used too often."""
        super().initial(request, *args, **kwargs)
        token = self.token
        if self.scope not in token.scopes:
            for_these = ", ".join(token.scopes)
            raise Refused(f"This token is for {for_these}; {self.scope} takes another one.")
        wait = services.count_call(token=token, by=self.viewer, now=timezone.now())
        if wait:
            raise Throttled(wait, f"{token} may make {token.calls_a_minute} calls a minute.")

    @property
    def token(self) -> InboundToken:
        """The token of the request."""
        token: InboundToken = self.request.auth  # type: ignore[assignment]
        return token


class MetricSerializer(StrictSerializer):
    """One value of one day; what it is of is told by an initiative, a model or labels."""

    initiative = serializers.SlugField(
        required=False, max_length=20, help_text="Its key, like AI-142."
    )
    model = serializers.CharField(
        required=False, max_length=500, help_text="A registered model it was measured on."
    )
    labels = serializers.DictField(
        child=serializers.CharField(max_length=500, allow_blank=True),
        required=False,
        help_text="What mapping rules look at: name, account, experiment, any tag.",
    )
    series = serializers.CharField(max_length=300, help_text="Stable name within the initiative.")
    name = serializers.CharField(required=False, max_length=300)
    unit = serializers.CharField(required=False, allow_blank=True, max_length=50)
    cadence_days = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=3660
    )
    period_on = serializers.DateField()
    value = AmountField(takes_numbers=True)
    source_ref = serializers.CharField(required=False, allow_blank=True, max_length=500)


class MetricsSerializer(StrictSerializer):
    """Values to push."""

    metrics = serializers.ListField(
        child=MetricSerializer(), min_length=1, max_length=MOST_READINGS
    )


class PlacedSerializer(serializers.Serializer[Any]):
    """What became of the values; ``waiting`` ones found no initiative and were kept."""

    received = serializers.IntegerField()
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    waiting = serializers.IntegerField()
    refused = serializers.IntegerField()
    reasons = serializers.ListField(child=serializers.CharField())


class Metrics(Inbound):
    """Readings of any initiatives below the token's node, many at once."""

    serializer_class = MetricsSerializer
    scope = "metrics"

    @extend_schema(
        operation_id="metrics_push",
        request=MetricsSerializer,
        responses=PlacedSerializer,
        parameters=[HEADER],
    )
    @once
    def push(self, request: Request) -> Response:
        """
        Push values. What is known already changes nothing; another value for a day is a
        correction. What names no initiative that can be reached waits for a person.
        """
        asked = self.body(MetricsSerializer)["metrics"]
        records = [_record(each) for each in asked]
        placed = services.take_metrics(token=self.token, records=records, by=self.viewer)
        return Response(
            {
                "received": len(records),
                "new": placed.new,
                "changed": placed.changed,
                "waiting": placed.waiting,
                "refused": len(placed.refused),
                "reasons": [f"{what}: {reason}" for what, reason in placed.refused[:100]],
            }
        )


class OpenLineageSerializer(serializers.Serializer[Any]):
    """An event as the OpenLineage specification (2.0) writes it; only these fields are read."""

    eventTime = serializers.DateTimeField()  # noqa: N815  (the specification's name)
    eventType = serializers.CharField(required=False)  # noqa: N815
    run = serializers.DictField(required=False)
    job = serializers.DictField(required=False)
    dataset = serializers.DictField(required=False)
    inputs = serializers.ListField(child=serializers.DictField(), required=False)
    outputs = serializers.ListField(child=serializers.DictField(), required=False)
    producer = serializers.CharField(required=False)
    schemaURL = serializers.CharField(required=False)  # noqa: N815


class ReceivedSerializer(serializers.Serializer[Any]):
    """What became of an event: taken, waiting or kept; ``repeated`` when it came before."""

    outcome = serializers.CharField()
    sentence = serializers.CharField()
    repeated = serializers.BooleanField()


class BatchSummarySerializer(serializers.Serializer[Any]):
    """How many events of a batch were received, taken and refused."""

    received = serializers.IntegerField()
    successful = serializers.IntegerField()
    failed = serializers.IntegerField()


class FailedEventSerializer(serializers.Serializer[Any]):
    """An event that was refused, by its place in the batch."""

    index = serializers.IntegerField()
    reason = serializers.CharField()
    retriable = serializers.BooleanField()


class BatchSerializer(serializers.Serializer[Any]):
    """What became of a batch, as the OpenLineage specification writes it."""

    status = serializers.CharField()
    summary = BatchSummarySerializer()
    failed_events = FailedEventSerializer(many=True)


class Lineage(Inbound):
    """OpenLineage events, as its clients send them."""

    serializer_class = OpenLineageSerializer
    scope = "lineage"

    @extend_schema(
        operation_id="lineage_push", request=OpenLineageSerializer, responses=ReceivedSerializer
    )
    def push(self, request: Request) -> Response:
        """Take a run, job or dataset event. The same event again changes nothing."""
        taken = services.take_lineage(token=self.token, event=request.data, by=self.viewer)
        return Response(_told(taken))

    @extend_schema(
        operation_id="lineage_push_batch",
        request=OpenLineageSerializer(many=True),
        responses=BatchSerializer,
    )
    def push_batch(self, request: Request) -> Response:
        """Take several events; each stands for itself, and the answer names the refused ones."""
        events = _several(request.data)
        failed = []
        for index, event in enumerate(events):
            try:
                services.take_lineage(token=self.token, event=event, by=self.viewer)
            except Sentence as error:
                failed.append({"index": index, "reason": str(error), "retriable": False})
        status = "success" if not failed else "partial_success"
        summary = {
            "received": len(events),
            "successful": len(events) - len(failed),
            "failed": len(failed),
        }
        return Response({"status": status, "summary": summary, "failed_events": failed})


class CloudEventSerializer(serializers.Serializer[Any]):
    """A CloudEvent 1.0; extension attributes are kept."""

    specversion = serializers.CharField()
    id = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    type = serializers.CharField()
    subject = serializers.CharField(required=False)
    time = serializers.DateTimeField(required=False)
    datacontenttype = serializers.CharField(required=False)
    data = serializers.JSONField(required=False)  # type: ignore[assignment]


class StatusSerializer(StrictSerializer):
    """How an initiative stands, in the data of a status event."""

    initiative = serializers.SlugField(max_length=20)
    status = serializers.CharField(max_length=20)
    sentence = serializers.CharField(max_length=2000)


class CloudEvents(Inbound):
    """CloudEvents in all three forms of HTTP: structured, batched, and binary."""

    serializer_class = CloudEventSerializer
    parser_classes = [CloudEventJson, CloudEventsJson, EventDataJson]
    scope = "events"

    @extend_schema(
        operation_id="events_push",
        request={CLOUD_EVENT: CloudEventSerializer, CLOUD_EVENTS: CloudEventSerializer(many=True)},
        responses=ReceivedSerializer(many=True),
        parameters=[
            OpenApiParameter(
                f"ce-{name}",
                location=OpenApiParameter.HEADER,
                type=str,
                description="In binary form; the body is the data.",
            )
            for name in ("specversion", "id", "source", "type")
        ],
    )
    def push(self, request: Request) -> Response:
        """
        Take events. ``ai-portfolio.reading.v1`` holds values as /metrics/ takes them,
        ``ai-portfolio.status.v1`` a status; others are kept and shown. Source and id make an
        event the same: sent again it changes nothing.
        """
        kind = str(request.content_type or "").split(";")[0].strip()
        if kind == CLOUD_EVENTS:
            events = _several(request.data)
        elif kind == CLOUD_EVENT:
            events = [request.data]
        else:
            events = [_binary(request)]
        read = [_event(each) for each in events]  # all are read before any is taken
        told = [
            _told(
                services.take_cloud_event(
                    token=self.token,
                    attributes=attributes,
                    records=records,
                    status=status,
                    data=data,
                    by=self.viewer,
                )
            )
            for attributes, records, status, data in read
        ]
        return Response(told)


def _record(asked: Mapping[str, Any]) -> ReadingRecord:
    return ReadingRecord(
        initiative_key=asked.get("initiative", "").upper(),
        model_name=asked.get("model", ""),
        labels=asked.get("labels", {}),
        series_key=asked["series"],
        name=asked.get("name", ""),
        unit=asked.get("unit", ""),
        cadence_days=asked.get("cadence_days"),
        reading=Reading(asked["period_on"], asked["value"], asked.get("source_ref", "")),
    )


def _told(taken: services.Received) -> dict[str, Any]:
    return {"outcome": taken.outcome, "sentence": taken.sentence, "repeated": taken.is_repeat}


def _several(body: Any) -> list[Any]:
    if not isinstance(body, list) or not 1 <= len(body) <= MOST_EVENTS:
        raise ValidationError({"body": [f"A batch is a list of 1 to {MOST_EVENTS} events."]})
    return body


def _binary(request: Request) -> dict[str, Any]:
    """Give the event whose attributes are headers and whose data is the body."""
    prefix = "ce-"
    event: dict[str, Any] = {
        name.lower().removeprefix(prefix): value
        for name, value in request.headers.items()
        if name.lower().startswith(prefix)
    }
    if not event:
        raise ValidationError({"ce-id": [f"Send {CLOUD_EVENT}, or the attributes as ce- headers."]})
    return {**event, "data": request.data}


def _event(
    body: Any,
) -> tuple[dict[str, str], list[ReadingRecord], dict[str, str] | None, Any]:
    """Judge an envelope and the data of the types that are read."""
    if not isinstance(body, Mapping):
        raise ValidationError({"body": ["A CloudEvent is a JSON object."]})
    missing = [name for name in ("specversion", "id", "source", "type") if not body.get(name)]
    if missing:
        raise ValidationError({name: ["A CloudEvent has this attribute."] for name in missing})
    if str(body["specversion"]) != "1.0":
        raise ValidationError({"specversion": ["Only version 1.0 is known."]})
    attributes = {
        str(name): str(value)
        for name, value in body.items()
        if name not in ("data", "data_base64") and not isinstance(value, dict | list)
    }
    data = body.get("data")
    if "data_base64" in body:
        try:
            data = _kept(base64.b64decode(str(body["data_base64"]), validate=True))
        except (ValueError, RecursionError):
            data = {"data_base64": str(body["data_base64"])}
    if attributes["type"] == services.STATUS_EVENT:
        status = StatusSerializer(data=data)
        status.is_valid(raise_exception=True)
        found = status.validated_data
        return attributes, [], {**found, "initiative": found["initiative"].upper()}, data
    if attributes["type"] == services.READING_EVENT:
        listed = data if isinstance(data, Mapping) and "metrics" in data else {"metrics": [data]}
        metrics = MetricsSerializer(data=listed)
        metrics.is_valid(raise_exception=True)
        records = [_record(each) for each in metrics.validated_data["metrics"]]
        return attributes, records, None, data
    return attributes, [], None, data


def _unpacked(body: bytes) -> bytes:
    """Unpack gzip up to a size, so that a small body cannot fill the memory."""
    try:
        with gzip.open(io.BytesIO(body)) as packed:
            unpacked = packed.read(UNPACKED_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ParseError("The body cannot be unpacked as gzip.") from error
    if len(unpacked) > UNPACKED_BYTES:
        raise ParseError(f"A body unpacks to {UNPACKED_BYTES >> 20} MB at most; send several.")
    return unpacked


def _kept(body: bytes) -> Any:
    """
    Read JSON of which every text and number can be kept.

    Raises:
        ValueError: it is no JSON, or holds a NUL, half a character or an endless number.
        RecursionError: it is nested too deeply.
    """
    found = json.loads(body, parse_float=Decimal, parse_constant=_no_number)
    waiting = [found]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += [*each, *each.values()]
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, str) and _UNKEPT.search(each):
            raise ValueError(f"{each[:50]!a} holds a NUL or half a character")
        elif isinstance(each, Decimal) and not isfinite(float(each)):
            raise ValueError(f"{each} is too large a number")
    return found


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")
