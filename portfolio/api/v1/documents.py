"""Policies as documents, for programs: written, approved, published, attested, excepted from."""

import datetime as dt
import uuid
from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.compliance import selectors, services
from governance_app.compliance.models import Document, DocumentException, DocumentVersion
from governance_app.people import selectors as people
from portfolio.api.once import HEADER, once
from portfolio.api.strict import Door, StrictSerializer


class PolicyVersionSerializer(serializers.Serializer[Any]):
    """One version of a policy's text."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    text = serializers.CharField()
    changes = serializers.CharField()
    author = serializers.CharField(source="author.email")
    decided_on = serializers.DateField(allow_null=True)
    decision_reason = serializers.CharField()
    in_force_from = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()


class PolicyDocumentSerializer(serializers.Serializer[Any]):
    """A policy with its versions, newest first."""

    key = serializers.CharField()
    title = serializers.CharField()
    purpose = serializers.CharField()
    unit = serializers.UUIDField(source="node_id")
    owner = serializers.CharField(source="owner.email")
    review_months = serializers.IntegerField()
    retired_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()
    versions = PolicyVersionSerializer(many=True, source="versions.all")


class NewPolicySerializer(StrictSerializer):
    """A policy with the text of its first version."""

    title = serializers.CharField(max_length=200)
    text = serializers.CharField()
    purpose = serializers.CharField(required=False, allow_blank=True, default="")
    unit = serializers.UUIDField(required=False, help_text="The organisation by default.")
    owner = serializers.EmailField(required=False, help_text="Who writes it by default.")
    review_months = serializers.IntegerField(required=False, min_value=1)


class PolicyChangeSerializer(StrictSerializer):
    """Who owns a policy, what it is for, how often it is looked at again; or why it is retired."""

    owner = serializers.EmailField(required=False)
    purpose = serializers.CharField(required=False, allow_blank=True)
    review_months = serializers.IntegerField(required=False, min_value=1)
    version = serializers.IntegerField(required=False)
    retire = serializers.CharField(
        required=False, max_length=5000, help_text="Why it is taken out of force for good."
    )


class PolicyTextSerializer(StrictSerializer):
    """The text of the next version; a draft that stands is changed."""

    text = serializers.CharField()
    changes = serializers.CharField(required=False, allow_blank=True, default="")
    version = serializers.IntegerField(required=False)


class PolicyStepSerializer(StrictSerializer):
    """What happens to a version: handed in, approved, returned, or put in force from a day."""

    step = serializers.ChoiceField(choices=["submit", "approve", "return", "publish"])
    reason = serializers.CharField(required=False, allow_blank=True, default="")
    in_force_from = serializers.DateField(required=False)
    version = serializers.IntegerField(required=False)


class CampaignSerializer(serializers.Serializer[Any]):
    """Who is asked to attest a version, by when, and how many have."""

    id = serializers.UUIDField()
    policy = serializers.CharField(source="policy_version.document.key")
    number = serializers.IntegerField(source="policy_version.number")
    audience = serializers.CharField(source="audience.name")
    due_on = serializers.DateField()
    asked = serializers.IntegerField()
    attested = serializers.IntegerField()


class NewCampaignSerializer(StrictSerializer):
    """Ask everybody in a part of the organisation to attest the version in force."""

    policy = serializers.CharField(max_length=60)
    unit = serializers.UUIDField(required=False, help_text="The organisation by default.")
    due_on = serializers.DateField()


class PolicyExceptionSerializer(serializers.Serializer[Any]):
    """Leave not to follow a policy somewhere until a day; counts once it is granted."""

    id = serializers.UUIDField()
    policy = serializers.CharField(source="document.key")
    unit = serializers.CharField(source="node.name")
    reason = serializers.CharField()
    instead = serializers.CharField()
    expires_on = serializers.DateField()
    requested_by = serializers.CharField(source="requested_by.email")
    is_granted = serializers.BooleanField(allow_null=True)
    decision_reason = serializers.CharField()


class NewExceptionSerializer(StrictSerializer):
    """Ask not to follow a policy somewhere until a day."""

    policy = serializers.CharField(max_length=60)
    unit = serializers.UUIDField(required=False, help_text="The organisation by default.")
    reason = serializers.CharField()
    instead = serializers.CharField(required=False, allow_blank=True, default="")
    expires_on = serializers.DateField()


class ExceptionVerdictSerializer(StrictSerializer):
    """Whether an exception is granted; a refusal says why."""

    is_granted = serializers.BooleanField()
    reason = serializers.CharField(required=False, allow_blank=True, default="")


class _OfPolicy(Door):
    """What belongs to a policy."""

    pagination_class = None  # type: ignore[assignment]

    def document(self, key: str) -> Document:
        """Give the policy of a key, or answer 404."""
        row = selectors.document(viewer=self.viewer, key=key)
        if row is None:
            raise Http404
        return row

    def place(self, unit: uuid.UUID | None) -> Any:
        """Give the unit of an id, the organisation when none is named."""
        root = people.organisation()
        if unit is None or (root is not None and root.pk == unit):
            if root is None:
                raise Http404
            return root
        row = people.units(viewer=self.viewer).filter(pk=unit).first()
        if row is None:
            raise ValidationError({"unit": ["There is no such unit that you may see."]})
        return row

    def today(self) -> dt.date:
        """Give the day."""
        return timezone.localdate()


class PolicyDocuments(_OfPolicy):
    """Policies and their versions."""

    model = Document
    serializer_class = PolicyDocumentSerializer
    lookup_url_kwarg = "key"

    @extend_schema(
        operation_id="policies", responses=PolicyDocumentSerializer(many=True), filters=False
    )
    def list(self, request: Request) -> Response:
        """List the policies by title, each with its versions."""
        rows = selectors.documents_with_versions(viewer=self.viewer)
        return Response(PolicyDocumentSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="policy_add", request=NewPolicySerializer,
        responses={201: PolicyDocumentSerializer}, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def add(self, request: Request) -> Response:
        """Begin a policy with the draft of its first version."""
        asked = self.body(NewPolicySerializer)
        owner = self._owner(asked.pop("owner", "")) or self.viewer
        made = services.add_document(
            node=self.place(asked.pop("unit", None)), owner=owner, by=self.viewer, **asked
        )
        told = PolicyDocumentSerializer(self.document(made.document.key)).data
        return Response(told, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="policy", responses=PolicyDocumentSerializer, filters=False)
    def read(self, request: Request, key: str) -> Response:
        """Give one policy with its versions."""
        return Response(PolicyDocumentSerializer(self.document(key)).data)

    @extend_schema(
        operation_id="policy_write", request=PolicyTextSerializer,
        responses=PolicyDocumentSerializer, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def write(self, request: Request, key: str) -> Response:
        """Write the draft of the next version, or change the draft there is."""
        asked = self.body(PolicyTextSerializer)
        services.write_version(document=self.document(key), by=self.viewer, **asked)
        return Response(PolicyDocumentSerializer(self.document(key)).data)

    @extend_schema(
        operation_id="policy_change", request=PolicyChangeSerializer,
        responses=PolicyDocumentSerializer, filters=False,
    )  # fmt: skip
    def change(self, request: Request, key: str) -> Response:
        """Change whose a policy is and how often it is looked at, or retire it."""
        asked, row = self.body(PolicyChangeSerializer), self.document(key)
        reason, email = asked.pop("retire", None), asked.pop("owner", "")
        if reason is not None and (asked or email):
            raise ValidationError({"retire": ["A policy is retired alone; change it before."]})
        if reason is not None:
            services.retire_document(document=row, reason=reason, on=self.today(), by=self.viewer)
        else:
            services.change_document(
                document=row, owner=self._owner(email), by=self.viewer, **asked
            )
        return Response(PolicyDocumentSerializer(self.document(key)).data)

    def _owner(self, email: str) -> Any:
        """Give the person of an address, None when none is named."""
        if not email:
            return None
        named = people.people(viewer=self.viewer).filter(email__iexact=email).first()
        if named is None:
            raise ValidationError({"owner": ["Nobody has that address."]})
        return named

    @extend_schema(
        operation_id="policy_step", request=PolicyStepSerializer,
        responses=PolicyDocumentSerializer, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def step(self, request: Request, key: str, number: int) -> Response:
        """Hand a version in, approve or return somebody else's, or put an approved one in force."""
        asked, document = self.body(PolicyStepSerializer), self.document(key)
        row = next((each for each in document.versions.all() if each.number == number), None)
        if row is None:
            raise Http404
        self._do(row, asked)
        return Response(PolicyDocumentSerializer(self.document(key)).data)

    def _do(self, row: DocumentVersion, asked: dict[str, Any]) -> None:
        step, version = asked["step"], asked.get("version")
        if step == "submit":
            services.submit_version(policy_version=row, version=version, by=self.viewer)
        elif step == "publish":
            services.publish_version(
                policy_version=row, in_force_from=asked.get("in_force_from") or self.today(),
                on=self.today(), by=self.viewer,
            )  # fmt: skip
        else:
            services.decide_version(
                policy_version=row, is_approved=step == "approve", reason=asked["reason"],
                on=self.today(), version=version, by=self.viewer,
            )  # fmt: skip


class Campaigns(_OfPolicy):
    """Attestation campaigns."""

    model = Document
    serializer_class = CampaignSerializer

    @extend_schema(
        operation_id="policy_campaigns", responses=CampaignSerializer(many=True), filters=False
    )
    def list(self, request: Request) -> Response:
        """List the campaigns about versions in force, soonest due first."""
        rows = selectors.campaigns(viewer=self.viewer)
        return Response(CampaignSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="policy_campaign_begin", request=NewCampaignSerializer,
        responses={201: CampaignSerializer}, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def begin(self, request: Request) -> Response:
        """Ask everybody who holds a role somewhere to attest the version in force."""
        asked = self.body(NewCampaignSerializer)
        versions = self.document(asked["policy"]).versions.all()
        row = next((each for each in versions if each.state == "published"), None)
        if row is None:
            raise ValidationError({"policy": ["No version of it is in force."]})
        made = services.begin_campaign(
            policy_version=row, audience=self.place(asked.get("unit")), due_on=asked["due_on"],
            on=self.today(), by=self.viewer,
        )  # fmt: skip
        told = selectors.campaigns(viewer=self.viewer).get(pk=made.pk)
        return Response(CampaignSerializer(told).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="policy_attest", request=None, responses={204: None}, parameters=[HEADER],
        filters=False,
    )  # fmt: skip
    @once
    def attest(self, request: Request, campaign_id: uuid.UUID) -> Response:
        """Say that one has read a policy and follows it; only for oneself."""
        row = selectors.campaigns(viewer=self.viewer).filter(pk=campaign_id).first()
        if row is None:
            raise Http404
        services.attest(campaign=row, by=self.viewer)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PolicyExceptions(_OfPolicy):
    """Exceptions from policies."""

    model = DocumentException
    serializer_class = PolicyExceptionSerializer

    @extend_schema(
        operation_id="policy_exceptions", responses=PolicyExceptionSerializer(many=True),
        filters=False,
    )  # fmt: skip
    def list(self, request: Request) -> Response:
        """List the exceptions that wait or count, those that wait first."""
        rows = selectors.exceptions(viewer=self.viewer, on=self.today())
        return Response(PolicyExceptionSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="policy_exception_ask", request=NewExceptionSerializer,
        responses={201: PolicyExceptionSerializer}, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def ask(self, request: Request) -> Response:
        """Ask not to follow a policy somewhere until a day."""
        asked = self.body(NewExceptionSerializer)
        made = services.request_exception(
            document=self.document(asked.pop("policy")), node=self.place(asked.pop("unit", None)),
            on=self.today(), by=self.viewer, **asked,
        )  # fmt: skip
        return Response(PolicyExceptionSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="policy_exception_decide", request=ExceptionVerdictSerializer,
        responses=PolicyExceptionSerializer, parameters=[HEADER], filters=False,
    )  # fmt: skip
    @once
    def decide(self, request: Request, exception_id: uuid.UUID) -> Response:
        """Grant what somebody else asked for, or refuse it."""
        asked = self.body(ExceptionVerdictSerializer)
        rows = selectors.exceptions(viewer=self.viewer, on=self.today())
        row = rows.filter(pk=exception_id).first()
        if row is None:
            raise Http404
        done = services.decide_exception(
            exception=row, on=self.today(), by=self.viewer, **asked
        )  # fmt: skip
        return Response(PolicyExceptionSerializer(done).data)
