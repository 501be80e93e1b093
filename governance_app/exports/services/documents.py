"""Documents as reports: what a wish means for a person, and the file it becomes."""

import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from django.db.models.functions import Length
from django.utils import timezone
from django.utils.text import slugify

from governance_app.domain import spelling
from governance_app.domain.errors import Sentence
from governance_app.exports.branding import Brand, brand_of
from governance_app.exports.documents import Document, Wish
from governance_app.exports.models import BoardPack
from governance_app.exports.onepager.paper import write_one_pager
from governance_app.exports.onepager.reading import read as read_one_pager
from governance_app.exports.services.packs import begin_pack, known_at_end_of, make_files
from governance_app.exports.writers import MEDIA_TYPES
from governance_app.files import services as files
from governance_app.files.models import StoredFile
from governance_app.files.selectors import local_path
from governance_app.initiatives import selectors as register
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.people.models import ScopeNode, User


@dataclass(frozen=True, slots=True)
class Made:
    """A finished document: its file, how many figures it states, and whose money is in it."""

    file: StoredFile
    figures: int
    seen: tuple[str, ...]


def settle(kind: Document, wish: Wish, by: User, *, is_lasting: bool = False) -> Wish:
    """
    Say what a wish means now: whose, of which day, known when, in which look.

    Args:
        is_lasting: it comes round, so day and moment stay open.

    Raises:
        Sentence: there is no such initiative or place for them, or the day lies ahead.
        Refused: they may not take it out.
    """
    now = timezone.now()
    on = wish.on or timezone.localdate()
    if on > timezone.localdate():
        raise Sentence("A report tells of a day that is over or of today.", column="on")
    if wish.known_at is not None and wish.known_at > now:
        raise Sentence("What is known later cannot be told yet.", column="known_at")
    if kind.about == "initiative":
        row = _initiative(wish, by)
        settled = replace(wish, initiative=row.key, place="", template=wish.template or _look(row))
    else:
        node = _place(wish, by)
        settled = replace(wish, initiative="", place=str(node.pk))
    if is_lasting:
        return replace(settled, on=None, known_at=None, template="")
    return replace(settled, on=on, known_at=wish.known_at or known_at_end_of(on))


def about(kind: Document, wish: Wish, by: User) -> str:
    """Name what a document tells of."""
    if kind.about == "initiative":
        return str(_initiative(wish, by))
    return _place(wish, by).name


def make_document(kind: Document, wish: Wish, file_format: str, by: User) -> Made:
    """Write a document as its wish was settled."""
    return _MAKERS[kind.name](wish, file_format, by)


def _one_pager(wish: Wish, file_format: str, by: User) -> Made:
    row = _initiative(wish, by)
    assert wish.on is not None and wish.known_at is not None
    told = read_one_pager(viewer=by, key=row.key, on=wish.on, known_at=wish.known_at)
    assert told is not None
    template = StoredFile.objects.filter(pk=wish.template).first() if wish.template else None
    brand = brand_of(local_path(file=template)) if template else Brand()
    name = f"{row.key.lower()}-{slugify(told.name)[:60]}-{wish.on}.{file_format}"
    with tempfile.TemporaryDirectory(prefix="portfolio-document-") as folder:
        path = Path(folder) / name
        write_one_pager(told, path, brand=brand)
        kept = files.store(content=path, name=name, by=by, media_type=MEDIA_TYPES[file_format])
    seen = (row.node.path,) if told.sees_money else ()
    return Made(kept, len(told.figures) + len(told.ladder), seen)


def _board_pack(wish: Wish, file_format: str, by: User) -> Made:
    """Hand out the pack of that day and place: signed if it is, else begun now as a draft."""
    node = _place(wish, by)
    assert wish.on is not None
    found = BoardPack.objects.filter(node=node, on=wish.on)
    pack = found.exclude(signed_at=None).first() or found.order_by("-pk").first()
    if pack is None:
        title = f"{node.name}, {spelling.day(wish.on)}"
        pack = begin_pack(node=node, title=title, on=wish.on, by=by)
    if pack.slides_id is None or pack.paper_id is None:
        pack = make_files(pack_id=str(pack.pk), by=by)
    kept = pack.slides if file_format == "pptx" else pack.paper
    assert kept is not None
    return Made(kept, len(pack.content["figures"]), (node.path,))


_MAKERS: dict[str, Callable[[Wish, str, User], Made]] = {
    "one_pager": _one_pager,
    "board_pack": _board_pack,
}


def _initiative(wish: Wish, by: User) -> Initiative:
    row = register.initiative(viewer=by, key=wish.initiative.strip())
    if row is None:
        raise Sentence(
            f"There is no initiative {wish.initiative!r} that you may see.", column="initiative"
        )
    access.require(by, "export", row)
    return row


def _place(wish: Wish, by: User) -> ScopeNode:
    node = people.organisation() if not wish.place else _node(wish.place, by)
    if node is None:
        raise Sentence("There is no such unit that you may see.", column="place")
    access.require(by, "money.view", node)
    access.require(by, "export", node)
    return node


def _node(place: str, by: User) -> ScopeNode | None:
    try:
        wanted = uuid.UUID(place)
    except ValueError:
        return None
    return ScopeNode.objects.visible_to(by).filter(pk=wanted).first()


def _look(row: Initiative) -> str:
    """Give the template of the newest pack nearest above an initiative, or nothing."""
    path = row.node.path
    above = [path[: 33 * depth] for depth in range(1, row.node.depth + 2)]
    packs = BoardPack.objects.filter(template__isnull=False, node__path__in=above)
    nearest = packs.order_by(Length("node__path").desc(), "-on", "-pk").first()
    return str(nearest.template_id) if nearest else ""
