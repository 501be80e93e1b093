"""Board packs: begun for a day, given words, made as slides and paper, signed by another person."""

import datetime as dt
import tempfile
from collections.abc import Mapping
from pathlib import Path

from django.utils import timezone
from django.utils.text import slugify

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.exports import selectors
from governance_app.exports.branding import Brand, brand_of
from governance_app.exports.models import BoardPack, PackAction
from governance_app.exports.packs.paper import write_paper
from governance_app.exports.packs.reading import SECTIONS, read
from governance_app.exports.packs.slides import write_slides
from governance_app.exports.writers import MEDIA_TYPES
from governance_app.files import services as files
from governance_app.files.models import StoredFile
from governance_app.files.selectors import local_path
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.rollups import selectors as rollups

MAKE = "governance_app.exports.tasks.make_pack"
MOST_WORDS = 2_000
#: How far back changes are counted for the first pack of a place.
FIRST_DAYS = 91


@recorded
def begin_pack(*, node: ScopeNode, title: str, on: dt.date, by: User) -> BoardPack:
    """
    Begin a pack: its figures are read now for a day and stay as they are until it is refreshed.

    They are those that were known at the end of the day. A day that a signed pack told of, or one
    before it, can so be read again; such a pack is told apart and never signed.

    Raises:
        Refused: they may not see money there or take it out.
        Sentence: the day lies ahead, or there is no title.
    """
    _require(by, node)
    if on > timezone.localdate():
        raise Sentence("A pack tells of a day that is over or of today.", column="on")
    if not title.strip():
        raise Sentence("Give the pack a title.", column="title")
    signed = BoardPack.objects.filter(node=node, signed_at__isnull=False, on__lt=on)
    before = signed.order_by("-on", "-pk").first()
    since = before.on if before is not None else on - dt.timedelta(days=FIRST_DAYS)
    known_at = known_at_end_of(on)
    return BoardPack.objects.create(
        title=title.strip()[:200], node=node, on=on, known_at=known_at, since=since,
        before=before, written_by=by,
        content=read(viewer=by, node=node, on=on, known_at=known_at, since=since),
    )  # fmt: skip


@recorded
def refresh_pack(*, pack: BoardPack, by: User) -> BoardPack:
    """Read the figures of an unsigned pack again with what is known now."""
    pack = _open(pack, None, by)
    known_at = timezone.now()
    content = read(viewer=by, node=pack.node, on=pack.on, known_at=known_at, since=pack.since)
    save_changes(pack, content=content, known_at=known_at, slides=None, paper=None)
    return pack


@recorded
def write_words(
    *, pack: BoardPack, words: Mapping[str, str], version: int | None, by: User
) -> BoardPack:
    """
    Put the narrative of sections.

    Raises:
        Sentence: an unknown section, or more than fits a slide.
        StaleWrite: somebody wrote meanwhile.
    """
    pack = _open(pack, version, by)
    for section, text in words.items():
        if section not in SECTIONS:
            raise Sentence(f"A pack has no section {section}.", column=section)
        if len(text) > MOST_WORDS:
            raise Sentence(
                f"Say it in {MOST_WORDS:,} characters; {SECTIONS[section]} has {len(text):,}.",
                column=section,
            )
    kept = {**pack.words, **{name: text.strip() for name, text in words.items()}}
    save_changes(pack, words={name: text for name, text in kept.items() if text})
    return pack


@recorded
def set_template(*, pack: BoardPack, template: StoredFile | None, by: User) -> BoardPack:
    """
    Let slides take master, fonts and colours of a presentation of one's own.

    Raises:
        Sentence: the file is no presentation.
    """
    from pptx import Presentation
    from pptx.exc import PackageNotFoundError

    pack = _open(pack, None, by)
    if template is not None:
        try:
            Presentation(str(local_path(file=template)))
        except (PackageNotFoundError, KeyError, ValueError) as error:
            raise Sentence(
                f"{template.name} is no PowerPoint presentation (.pptx).", column="template"
            ) from error
    save_changes(pack, template=template, slides=None, paper=None)
    return pack


@recorded
def add_action(*, pack: BoardPack, text: str, owner: User, due_on: dt.date, by: User) -> PackAction:
    """Note what a board asked for; the next pack tells what became of it."""
    _require(by, pack.node)
    if not text.strip():
        raise Sentence("Say what is to be done.", column="text")
    return PackAction.objects.create(pack=pack, text=text.strip()[:500], owner=owner, due_on=due_on)


@recorded
def end_action(*, action: PackAction, outcome: str, by: User) -> PackAction:
    """
    Say what became of an action.

    Raises:
        Sentence: it has ended, or nothing is said.
    """
    if by.pk != action.owner_id:
        _require(by, action.pack.node)
    if action.done_on is not None:
        raise Sentence("This action has ended.")
    if not outcome.strip():
        raise Sentence("Say what became of it.", column="outcome")
    save_changes(action, done_on=timezone.localdate(), outcome=outcome.strip()[:500])
    return action


@recorded
def ask_files(*, pack: BoardPack, by: User) -> Job:
    """Have slides and paper made by a job."""
    _require(by, pack.node)
    job = jobs.receive(
        kind=MAKE, title=f"Make {pack.title}", payload={"pack": str(pack.pk)}, by=by,
        node=pack.node, key=f"{MAKE}:{pack.pk}",
    )  # fmt: skip
    locked = BoardPack.objects.select_for_update(of=("self",)).get(pk=pack.pk)
    save_changes(locked, job=job)
    return job


@recorded
def make_files(*, pack_id: str, by: User) -> BoardPack:
    """Write slides and paper of a pack from what it holds; the same pack gives the same."""
    pack = BoardPack.objects.select_related("node", "before", "written_by", "signed_by").get(
        pk=pack_id
    )
    _require(by, pack.node)
    told = selectors.told(viewer=by, pack=pack)
    name = slugify(pack.title) or "board-pack"
    with tempfile.TemporaryDirectory(prefix="portfolio-pack-") as folder:
        slides, paper = Path(folder) / "pack.pptx", Path(folder) / "pack.pdf"
        template = local_path(file=pack.template) if pack.template else None
        write_slides(told, slides, template=template)
        write_paper(told, paper, brand=brand_of(template) if template else Brand())
        kept = [
            files.store(content=slides, name=f"{name}.pptx", by=by, media_type=MEDIA_TYPES["pptx"]),
            files.store(content=paper, name=f"{name}.pdf", by=by, media_type=MEDIA_TYPES["pdf"]),
        ]
    locked = BoardPack.objects.select_for_update(of=("self",)).get(pk=pack.pk)
    save_changes(locked, slides=kept[0], paper=kept[1])
    audit.note(
        by=by, action="export", subject=locked, sentence=f"Made slides and paper of {pack.title}."
    )
    return locked


@recorded
def hand_out(*, pack: BoardPack, file: StoredFile, by: User) -> StoredFile:
    """Hand a file of a pack out; the trail keeps who took it."""
    _require(by, pack.node)
    audit.note(
        by=by, action="export", subject=pack, sentence=f"Took {file.name}.",
        data={"sha256": file.sha256},
    )  # fmt: skip
    return file


@recorded
def sign_pack(*, pack: BoardPack, version: int | None, by: User) -> BoardPack:
    """
    Sign a pack; it never changes again.

    Raises:
        Refused: they may not sign there.
        Sentence: the signer wrote it, it is signed, or one of its day or a later one is.
    """
    access.require(by, "pack.sign", pack.node)
    pack = _locked(pack, version)
    if obstacle := selectors.obstacle_to_signing(viewer=by, pack=pack):
        raise Sentence(obstacle)
    save_changes(
        pack, signed_by=by, signed_at=timezone.now(), slides=None, paper=None
    )  # the files say who signed
    audit.note(by=by, action="sign", subject=pack, sentence=f"Signed {pack.title}.")
    return pack


def known_at_end_of(on: dt.date) -> dt.datetime:
    """Give the end of a day, or now when it is not over or no figures were kept then."""
    now = timezone.now()
    return rollups.moment(now=now, as_of=on).known_at or now


def _require(by: User, node: ScopeNode) -> None:
    access.require(by, "money.view", node)
    access.require(by, "export", node)


def _locked(pack: BoardPack, version: int | None) -> BoardPack:
    locked = (
        BoardPack.objects.select_for_update(of=("self",)).select_related("node").get(pk=pack.pk)
    )
    check_version(locked, version)
    if locked.signed_at is not None:
        raise Sentence(f"{locked.title} is signed and stays as it is; begin the next one.")
    return locked


def _open(pack: BoardPack, version: int | None, by: User) -> BoardPack:
    _require(by, pack.node)
    return _locked(pack, version)
