"""Reports that are documents and no sheets: of what each tells, of which day, as known when."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from governance_app.domain import spelling
from governance_app.domain.errors import Sentence


@dataclass(frozen=True, slots=True)
class Document:
    """
    One kind of document. ``about`` is what it tells of: an initiative, or a place (a unit or
    the whole organisation).
    """

    name: str
    title: str
    formats: tuple[str, ...]
    about: str


DOCUMENTS = {
    each.name: each
    for each in (
        Document("one_pager", "Initiative one-pager", ("pdf",), "initiative"),
        Document("board_pack", "Board pack", ("pptx", "pdf"), "place"),
    )
}


@dataclass(frozen=True, slots=True)
class Wish:
    """
    What a document shall tell: the same wish always gives the same document.

    ``initiative`` is a key, ``place`` the id of a node (empty: the organisation). ``on`` is the
    day of its figures, ``known_at`` the moment whose knowledge counts; both are settled when
    the document is asked for. ``template``: the file whose look it takes.
    """

    initiative: str = ""
    place: str = ""
    on: dt.date | None = None
    known_at: dt.datetime | None = None
    template: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give the wish as it is kept with an export: only what is set."""
        kept: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if value not in ("", None):
                kept[name] = value if isinstance(value, str) else value.isoformat()
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Give a kept wish back."""
        values = dict(kept)
        if "on" in values:
            values["on"] = dt.date.fromisoformat(values["on"])
        if "known_at" in values:
            values["known_at"] = dt.datetime.fromisoformat(values["known_at"])
        return cls(**values)

    def words(self) -> str:
        """Say the wish in words, for the list of reports."""
        parts = [self.initiative] if self.initiative else []
        if self.on:
            parts.append(f"figures of {spelling.day(self.on)}")
        if self.known_at:
            known = self.known_at.astimezone(dt.UTC)
            parts.append(f"as known {spelling.day(known.date())} {known:%H:%M} UTC")
        return ", ".join(parts)


def document_of(name: str, file_format: str) -> Document:
    """
    Find a kind of document that can be written as a format.

    Raises:
        Sentence: there is none of that name, or it is written as others; names them.
    """
    if name not in DOCUMENTS:
        raise Sentence(f"There is no document {name!r}; there are {', '.join(DOCUMENTS)}.")
    found = DOCUMENTS[name]
    if file_format not in found.formats:
        known = " or ".join(each.upper() for each in found.formats)
        raise Sentence(f"{found.title} is written as {known}, not {file_format}.")
    return found
