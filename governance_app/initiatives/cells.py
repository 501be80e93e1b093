"""Cells of the portfolio table that people may change: what each is called, holds and accepts."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import Phrase, in_a_row
from governance_app.initiatives import choices
from governance_app.initiatives.models import Initiative
from governance_app.people.models import ScopeNode, User

#: No more initiatives than this in one change; beyond, an import is the way.
MOST_ROWS = 10_000
#: More than this are changed by a job, so that a person sees how far it is.
AT_ONCE = 200


@dataclass(frozen=True)
class Cell:
    """
    A field as a cell. ``shape``: text, choice, choices, day, person, unit or words (a list).

    Cells travel as text: a choice by its slug, a day in ISO, a person by e-mail, a unit by id.
    """

    name: str
    label: str
    shape: str
    words: Mapping[str, str] = field(default_factory=dict)
    is_needed: bool = False


CELLS: dict[str, Cell] = {
    cell.name: cell
    for cell in (
        Cell("name", "Name", "text", is_needed=True),
        Cell("purpose", "Purpose", "text"),
        Cell("unit", "Unit", "unit", is_needed=True),
        Cell("business_owner", "Business owner", "person"),
        Cell("program_manager", "Program manager", "person"),
        Cell("technical_owner", "Technical owner", "person"),
        Cell("risk_owner", "Risk owner", "person"),
        Cell("sponsor", "Sponsor", "person"),
        Cell("ai_type", "AI type", "choice", choices.AI_TYPES),
        Cell("modality", "Modality", "choice", choices.MODALITIES),
        Cell("deployment_target", "Deployment", "choice", choices.DEPLOYMENT_TARGETS),
        Cell("autonomy", "Autonomy", "choice", choices.AUTONOMIES),
        Cell("sourcing", "Build or buy", "choice", choices.SOURCINGS),
        Cell("vendor", "Vendor", "text"),
        Cell("data_classes", "Data", "choices", choices.DATA_CLASSES),
        Cell("risk_flags", "Risk flags", "choices", choices.RISK_FLAGS),
        Cell("tags", "Tags", "words"),
        Cell("planned_start_on", "Planned start", "day"),
        Cell("planned_end_on", "Planned end", "day"),
        Cell("time_box_on", "Time box", "day"),
        Cell("reference", "Reference", "text"),
    )
}


def cell(name: str) -> Cell:
    """Give a cell by its name, or refuse with the names there are."""
    if name not in CELLS:
        known = ", ".join(each.label for each in CELLS.values())
        raise Sentence(f"There is no field “{name}” that can be changed. There are: {known}.")
    return CELLS[name]


def text_of(row: Initiative, name: str) -> str:
    """Spell what a cell holds, so that ``read`` gives the same back; blank is unknown."""
    value = getattr(row, name)
    if value is None:
        return ""
    shape = CELLS[name].shape
    if shape == "person":
        return str(value.email)
    if shape == "unit":
        return str(value.pk)
    if shape == "day":
        return str(value.isoformat())
    if shape in ("choices", "words"):
        return ", ".join(value)
    return str(value)


def words_of(text: str, name: str) -> str:
    """Say a cell's text as people read it; people and units as they are."""
    known = CELLS[name].words
    if CELLS[name].shape == "choices":
        said = [Phrase(known[part]) if part in known else part for part in _parts(text)]
        return in_a_row(",", said)
    return Phrase(known[text]) if text in known else text


def read(name: str, text: str) -> Any:
    """
    Read the text of a cell into the value a service takes.

    Raises:
        Sentence: the text is none of what the cell can hold; says what it can.
    """
    held = cell(name)
    text = text.strip()
    if held.is_needed and not text:
        raise Sentence(f"{held.label} cannot be blank.")
    if held.shape == "choice":
        return _choice(held, text) if text else ""
    if held.shape == "choices":
        return [_choice(held, part) for part in _parts(text)] if text else None
    if held.shape == "words":
        return list(dict.fromkeys(_parts(text)))
    if held.shape == "day":
        return _day(held, text) if text else None
    if held.shape == "person":
        return _person(held, text) if text else None
    if held.shape == "unit":
        return _unit(text)
    most = getattr(Initiative._meta.get_field(name), "max_length", None)
    if most is not None and len(text) > most:
        raise Sentence(f"{held.label} holds {len(text)} characters; the most is {most}.")
    return text


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]


def _choice(held: Cell, text: str) -> str:
    for slug, word in held.words.items():
        if text.casefold() in (slug.casefold(), word.casefold()):
            return slug
    known = ", ".join(held.words.values())
    raise Sentence(f"{held.label} cannot be “{text[:60]}”. Choose one of: {known}.")


def _day(held: Cell, text: str) -> dt.date:
    try:
        found = dt.date.fromisoformat(text[:10])
    except ValueError as error:
        raise Sentence(f"{held.label}: “{text[:40]}” is no day. Write it as 2026-11-21.") from error
    if not 1990 <= found.year <= 2100:
        raise Sentence(f"{held.label}: {text[:40]} lies outside 1990 to 2100.")
    return found


def _person(held: Cell, text: str) -> User:
    active = User.objects.filter(is_active=True, kind=User.Kind.PERSON)
    found = list(active.filter(email__iexact=text)[:1]) or list(
        active.filter(name__iexact=text)[:2]
    )
    if len(found) == 1:
        return found[0]
    if found:
        raise Sentence(f"{held.label}: several people are called {text[:60]}; give the e-mail.")
    raise Sentence(f"{held.label}: nobody who can sign in is called “{text[:60]}”.")


def _unit(text: str) -> ScopeNode:
    units = ScopeNode.objects.exclude(kind=ScopeNode.Kind.INITIATIVE)
    found = list(units.filter(pk=text)[:1]) if _is_identity(text) else []
    found = found or list(units.filter(name__iexact=text)[:2])
    if len(found) == 1:
        return found[0]
    if found:
        raise Sentence(f"Several units are called {text[:60]}; move these one by one.")
    raise Sentence(f"There is no unit called “{text[:60]}”.")


def _is_identity(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def unit_name(text: str) -> str:
    """Say the unit of a cell's text by its name."""
    return _unit(text).name


def canonical(name: str, text: str) -> str:
    """Spell what a text means as ``text_of`` would; refuses what the cell cannot hold."""
    return text_of(Initiative(**{name: read(name, text)}), name)
