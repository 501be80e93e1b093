"""Board packs, for programs: begun for a day, given words, signed by another, taken as files."""

import uuid
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance_app.exports import selectors, services
from governance_app.exports.models import BoardPack, PackAction
from governance_app.exports.packs.reading import SECTIONS, restated
from governance_app.files.selectors import open_file
from governance_app.people import selectors as people
from portfolio.api.once import HEADER, once
from portfolio.api.pagination import NewestFirst
from portfolio.api.strict import Door, StrictSerializer
from portfolio.downloads import as_download

#: What a pack is handed out as.
KINDS = ("slides", "paper")


class PackActionSerializer(serializers.Serializer[Any]):
    """What a board asked for; the next pack tells what became of it."""

    id = serializers.UUIDField()
    text = serializers.CharField()
    owner = serializers.EmailField(source="owner.email")
    due_on = serializers.DateField()
    done_on = serializers.DateField(allow_null=True)
    outcome = serializers.CharField()


class PackSerializer(serializers.Serializer[Any]):
    """A board pack: whose it is, of which day, who wrote and who signed it."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    unit = serializers.UUIDField(source="node_id")
    place = serializers.CharField(source="node.name")
    on = serializers.DateField(help_text="The day that its figures are of.")
    known_at = serializers.DateTimeField(help_text="What came later is not in it.")
    since = serializers.DateField(help_text="Changes are counted from here.")
    before = serializers.UUIDField(source="before_id", allow_null=True)
    written_by = serializers.EmailField(source="written_by.email")
    signed_by = serializers.EmailField(source="signed_by.email", allow_null=True, default=None)
    signed_at = serializers.DateTimeField(allow_null=True)
    words = serializers.DictField(
        child=serializers.CharField(), help_text=f"Narrative of {', '.join(SECTIONS)}."
    )
    slides = serializers.CharField(
        source="slides.sha256", default="", help_text="Empty until they are made."
    )
    paper = serializers.CharField(
        source="paper.sha256", default="", help_text="Empty until it is made."
    )
    job = serializers.UUIDField(source="job_id", allow_null=True, help_text="Makes the files.")
    version = serializers.IntegerField()


class RestatedSerializer(serializers.Serializer[Any]):
    """A figure of a month that the pack before told differently."""

    month = serializers.DateField()
    figure = serializers.CharField()
    before = serializers.CharField()
    now = serializers.CharField()


class WholePackSerializer(PackSerializer):
    """A board pack with all it tells."""

    content = serializers.DictField(help_text="Every figure as it was read, amounts as texts.")
    restated = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    @extend_schema_field(RestatedSerializer(many=True))
    def get_restated(self, pack: BoardPack) -> list[dict[str, Any]]:
        """Compare the months with those of the signed pack before."""
        earlier = pack.before.content.get("months", ()) if pack.before else ()
        return restated(earlier, pack.content["months"])

    @extend_schema_field(PackActionSerializer(many=True))
    def get_actions(self, pack: BoardPack) -> Any:
        """Give what the board asked for with this pack."""
        rows = selectors.pack_actions(viewer=self.context["viewer"], pack=pack)
        return PackActionSerializer(rows, many=True).data


class NewPackSerializer(StrictSerializer):
    """A pack to begin; its figures are read at once."""

    title = serializers.CharField(max_length=200)
    unit = serializers.UUIDField(required=False, help_text="The organisation by default.")
    on = serializers.DateField(required=False, help_text="The day of its figures; today without.")


class PackWordsSerializer(StrictSerializer):
    """Narrative of sections; an empty text takes it away, other sections stay."""

    words = serializers.DictField(
        child=serializers.CharField(allow_blank=True), help_text=f"Of {', '.join(SECTIONS)}."
    )
    version = serializers.IntegerField(help_text="The version you read.")


class PackSigningSerializer(StrictSerializer):
    """Which version is signed."""

    version = serializers.IntegerField(help_text="The version you read.")


class NewPackActionSerializer(StrictSerializer):
    """What a board asked for, of whom and by when."""

    text = serializers.CharField(max_length=500)
    owner = serializers.EmailField()
    due_on = serializers.DateField()


class PackOutcomeSerializer(StrictSerializer):
    """What became of an action."""

    outcome = serializers.CharField(max_length=500)


class Packs(Door):
    """Board packs."""

    model = BoardPack
    serializer_class = PackSerializer
    pagination_class = NewestFirst
    permission = "export"
    lookup_url_kwarg = "pack_id"

    def rows(self) -> QuerySet[Any]:
        """Give the packs of places whose money the viewer sees."""
        return selectors.packs(viewer=self.viewer)

    @extend_schema(operation_id="packs_list", responses=PackSerializer(many=True))
    def list(self, request: Request) -> Response:
        """List board packs, newest first."""
        answer: Response = self.paged(self.get_queryset(), PackSerializer)
        return answer

    @extend_schema(
        operation_id="packs_begin", request=NewPackSerializer,
        responses={201: WholePackSerializer}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def begin(self, request: Request) -> Response:
        """Begin a pack for a day: its figures are read now and stay until it is refreshed."""
        asked = self.body(NewPackSerializer)
        made = services.begin_pack(
            node=self._place(asked.get("unit")), title=asked["title"],
            on=asked.get("on") or timezone.localdate(), by=self.viewer,
        )  # fmt: skip
        return self._whole(made.pk, status=201)

    @extend_schema(operation_id="packs_read", responses=WholePackSerializer)
    def read(self, request: Request, pack_id: uuid.UUID) -> Response:
        """Read a pack: figures, narrative, actions, and what it restates."""
        return self._whole(pack_id)

    @extend_schema(
        operation_id="packs_write", request=PackWordsSerializer, responses=WholePackSerializer
    )
    def write(self, request: Request, pack_id: uuid.UUID) -> Response:
        """Change the narrative of sections."""
        services.write_words(
            pack=self._pack(pack_id), by=self.viewer, **self.body(PackWordsSerializer)
        )
        return self._whole(pack_id)

    @extend_schema(
        operation_id="packs_refresh", request=None, responses=WholePackSerializer,
        parameters=[HEADER],
    )  # fmt: skip
    @once
    def refresh(self, request: Request, pack_id: uuid.UUID) -> Response:
        """Read the figures of an unsigned pack again with what is known now."""
        services.refresh_pack(pack=self._pack(pack_id), by=self.viewer)
        return self._whole(pack_id)

    @extend_schema(
        operation_id="packs_sign", request=PackSigningSerializer, responses=WholePackSerializer,
        parameters=[HEADER],
    )  # fmt: skip
    @once
    def sign(self, request: Request, pack_id: uuid.UUID) -> Response:
        """Sign what somebody else wrote; it never changes again, and its files are made anew."""
        asked = self.body(PackSigningSerializer)
        signed = services.sign_pack(pack=self._pack(pack_id), by=self.viewer, **asked)
        services.ask_files(pack=signed, by=self.viewer)
        return self._whole(pack_id)

    @extend_schema(
        operation_id="packs_make", request=None, responses={202: WholePackSerializer},
        parameters=[HEADER],
    )  # fmt: skip
    @once
    def make(self, request: Request, pack_id: uuid.UUID) -> Response:
        """Ask for slides and paper; a job makes them."""
        services.ask_files(pack=self._pack(pack_id), by=self.viewer)
        return self._whole(pack_id, status=202)

    @extend_schema(
        operation_id="packs_act", request=NewPackActionSerializer,
        responses={201: PackActionSerializer}, parameters=[HEADER],
    )  # fmt: skip
    @once
    def act(self, request: Request, pack_id: uuid.UUID) -> Response:
        """Note what the board asked for."""
        asked = self.body(NewPackActionSerializer)
        owner = people.people(viewer=self.viewer).filter(email__iexact=asked.pop("owner")).first()
        if owner is None:
            raise ValidationError({"owner": ["Nobody has that address."]})
        made = services.add_action(pack=self._pack(pack_id), owner=owner, by=self.viewer, **asked)
        return Response(PackActionSerializer(made).data, status=201)

    @extend_schema(
        operation_id="packs_download",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def download(self, request: Request, pack_id: uuid.UUID, kind: str) -> HttpResponseBase:
        """Take the slides or the paper; the trail keeps it."""
        pack = self._pack(pack_id)
        kept = getattr(pack, kind) if kind in KINDS else None
        if kept is None:
            raise Http404
        services.hand_out(pack=pack, file=kept, by=self.viewer)
        return as_download(
            open_file(file=kept), name=kept.name, size=kept.size, media_type=kept.media_type
        )

    def _pack(self, pack_id: uuid.UUID) -> BoardPack:
        found = selectors.pack(viewer=self.viewer, pack_id=pack_id)
        if found is None:
            raise Http404
        return found

    def _whole(self, pack_id: uuid.UUID, status: int = 200) -> Response:
        told = WholePackSerializer(self._pack(pack_id), context={"viewer": self.viewer})
        return Response(told.data, status=status)

    def _place(self, unit: uuid.UUID | None) -> Any:
        root = people.organisation()
        if root is not None and unit in (None, root.pk):
            return root
        place = people.units(viewer=self.viewer).filter(pk=unit).first() if unit else None
        if place is None:
            raise ValidationError({"unit": ["There is no such unit that you may see."]})
        return place


class PackActions(Door):
    """What boards asked for."""

    model = PackAction
    serializer_class = PackActionSerializer
    pagination_class = None  # type: ignore[assignment]
    lookup_url_kwarg = "action_id"

    @extend_schema(
        operation_id="pack_actions_own", responses=PackActionSerializer(many=True), filters=False
    )
    def own(self, request: Request) -> Response:
        """List what boards asked of oneself, the soonest first."""
        rows = selectors.own_actions(viewer=self.viewer)
        return Response(PackActionSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="pack_actions_end", request=PackOutcomeSerializer,
        responses=PackActionSerializer, parameters=[HEADER],
    )  # fmt: skip
    @once
    def end(self, request: Request, action_id: uuid.UUID) -> Response:
        """Say what became of an action: its owner, or whoever may write the pack."""
        asked = self.body(PackOutcomeSerializer)
        row = selectors.pack_action(viewer=self.viewer, action_id=action_id)
        if row is None:
            raise Http404
        return Response(
            PackActionSerializer(services.end_action(action=row, by=self.viewer, **asked)).data
        )
