"""Adding, removing and moving rows in the form of a policy."""

from collections.abc import Callable
from typing import Any

from portfolio.web.governance.editing.typed import Typed


def change(typed: Typed, wish: str) -> None:
    """
    Do what a button of the form says, such as ``remove:rules.0.checks.1``.

    A wish for a row that is no longer there changes nothing: another page may have been quicker.
    """
    verb, _, path = wish.partition(":")
    if verb in _ADDING:
        name, make = _ADDING[verb]
        into = _at(typed, f"{path}.{name}" if path else name)
        if isinstance(into, list):
            into.append(make())
        return
    owner_path, _, place = path.rpartition(".")
    rows = _at(typed, owner_path)
    if not isinstance(rows, list) or not place.isdecimal() or int(place) >= len(rows):
        return
    at = int(place)
    if verb == "remove":
        del rows[at]
    elif verb == "copy":
        rows.insert(at + 1, _copied(rows[at]))
    elif verb in ("up", "down"):
        other = at - 1 if verb == "up" else at + 1
        if 0 <= other < len(rows):
            rows[at], rows[other] = rows[other], rows[at]


def opened(wish: str) -> str:
    """Give the path of the row that a wish was about, so that it stays open."""
    return wish.partition(":")[2]


def _at(typed: Typed, path: str) -> Any:
    found: Any = typed
    for step in path.split("."):
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def _copied(row: Any) -> Any:
    """Copy a row deeply; the copy gets a name of its own when it is kept."""
    if isinstance(row, list):
        return [_copied(each) for each in row]
    if isinstance(row, dict):
        made = {name: _copied(value) for name, value in row.items()}
        return {**made, **({"id": ""} if "id" in made else {})}
    return row


def _group() -> Typed:
    return {"join": "all", "parts": []}


def _question() -> Typed:
    return {"fact": "", "op": "", "value": []}


def _check() -> Typed:
    return {
        "id": "", "title": "", "level": "block", "max_age_days": "", "is_absolute": False,
        "when": _group(), "must": {"join": "all", "parts": [_question()]},
    }  # fmt: skip


def _step() -> Typed:
    return {
        "slot": "", "title": "", "who": "gate.risk", "quorum": "1", "due_days": "",
        "valid_days": "", "modes": ["central", "distributed"], "on_escalation": False,
        "self_when_green": False, "not_author": True, "is_blinded": False,
    }  # fmt: skip


def _rule() -> Typed:
    return {"id": "", "title": "", "when": _group(), "checks": [], "steps": []}


def _example() -> Typed:
    return {"title": "", "mode": "central", "expect": "asks", "facts": []}


#: What a button adds: the list it goes into, and what is added.
_ADDING: dict[str, tuple[str, Callable[[], Typed]]] = {
    "add-rule": ("rules", _rule),
    "add-check": ("checks", _check),
    "add-step": ("steps", _step),
    "add-row": ("parts", _question),
    "add-group": ("parts", lambda: {"join": "any", "parts": [_question()]}),
    "add-example": ("examples", _example),
    "add-fact": ("facts", lambda: {"name": "", "value": []}),
}
