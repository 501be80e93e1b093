"""
What is typed into the form of a policy, as nested rows of texts, and back into the document.

Names of fields are paths, such as ``rules.0.checks.2.must.parts.0.fact``. What is typed stays as
it was typed, so that a form with a mistake in it can be shown again; only :func:`document_of`
makes numbers and answers of it.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify

from governance_app.domain.conditions import ALWAYS, FactSpec
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase

Typed = dict[str, Any]
Registry = Mapping[str, FactSpec]

#: Deeper names are nobody's: the engine refuses conditions of more levels anyway.
MOST_STEPS = 40
JOINS = {
    "all": phrase("all of these"),
    "any": phrase("any of these"),
    "none": phrase("none of these"),
}
SEVERAL = ("in", "not_in", "has_any", "has_all", "has_none")
CHECK_FLAGS = ("is_absolute",)
STEP_FLAGS = ("on_escalation", "self_when_green", "not_author", "is_blinded")
NUMBERS = ("sample_ratio", "review_days", "breach_hours", "probation_breaches", "probation_days")


class Unfinished(Sentence):
    """Something in the form is not filled in yet; says where."""


# --- from what was sent -------------------------------------------------------------------------


def from_post(data: QueryDict) -> Typed:
    """Read the fields of the form."""
    sent = _nested(data)
    return {
        "title": _one(sent, "title"),
        "reason": _one(sent, "reason"),
        "version": _one(sent, "version"),
        "rules": [_rule(each) for each in _rows(sent, "rules")],
        "material": _all(sent, "material"),
        "distributed": {name: _one(_inside(sent, "distributed"), name) for name in NUMBERS},
        "examples": [_example(each) for each in _rows(sent, "examples")],
    }


def _rule(sent: Typed) -> Typed:
    return {
        "id": _one(sent, "id"),
        "title": _one(sent, "title"),
        "when": _group(_inside(sent, "when")),
        "checks": [
            {
                **{name: _one(each, name) for name in ("id", "title", "level", "max_age_days")},
                **{name: bool(_one(each, name)) for name in CHECK_FLAGS},
                "when": _group(_inside(each, "when")),
                "must": _group(_inside(each, "must")),
            }
            for each in _rows(sent, "checks")
        ],
        "steps": [
            {
                **{
                    name: _one(each, name)
                    for name in ("slot", "title", "who", "quorum", "due_days", "valid_days")
                },
                **{name: bool(_one(each, name)) for name in STEP_FLAGS},
                "modes": _all(each, "modes"),
            }
            for each in _rows(sent, "steps")
        ],
    }


def _group(sent: Typed) -> Typed:
    parts = [
        _group(each)
        if "join" in each
        else {"fact": _one(each, "fact"), "op": _one(each, "op"), "value": _all(each, "value")}
        for each in _rows(sent, "parts")
    ]
    join = _one(sent, "join")
    return {"join": join if join in JOINS else "all", "parts": parts}


def _example(sent: Typed) -> Typed:
    return {
        **{name: _one(sent, name) for name in ("title", "mode", "expect")},
        "facts": [
            {"name": _one(each, "name"), "value": _all(each, "value")}
            for each in _rows(sent, "facts")
        ],
    }


def _nested(data: QueryDict) -> Typed:
    root: Typed = {}
    for name in data:
        steps = name.split(".")
        if len(steps) > MOST_STEPS:
            continue
        at: Any = root
        for step in steps[:-1]:
            at = at.setdefault(step, {}) if isinstance(at, dict) else None
        if isinstance(at, dict):
            at[steps[-1]] = data.getlist(name)
    return root


def _inside(sent: Typed, name: str) -> Typed:
    found = sent.get(name)
    return found if isinstance(found, dict) else {}


def _rows(sent: Typed, name: str) -> list[Typed]:
    found = _inside(sent, name)
    places = sorted((each for each in found if each.isdecimal()), key=int)
    return [found[each] for each in places if isinstance(found[each], dict)]


def _one(sent: Typed, name: str) -> str:
    found = sent.get(name)
    return str(found[-1]).strip() if isinstance(found, list) and found else ""


def _all(sent: Typed, name: str) -> list[str]:
    found = sent.get(name)
    return [str(each).strip() for each in found] if isinstance(found, list) else []


# --- from a document ----------------------------------------------------------------------------


def from_document(document: Mapping[str, Any], examples: Sequence[Mapping[str, Any]]) -> Typed:
    """Lay a document out as it would have been typed."""
    return {
        "rules": [
            {
                "id": rule["id"],
                "title": rule["title"],
                "when": _laid_out(rule.get("when") or {"all": []}),
                "checks": [
                    {
                        "id": check["id"],
                        "title": check["title"],
                        "level": check.get("level", "block"),
                        "max_age_days": _text(check.get("max_age_days")),
                        "is_absolute": bool(check.get("is_absolute")),
                        "when": _laid_out(check.get("when") or {"all": []}),
                        "must": _laid_out(check["must"]),
                    }
                    for check in rule.get("checks", [])
                ],
                "steps": [
                    {
                        **{name: _text(step.get(name)) for name in ("slot", "title", "who")},
                        **{name: _text(step.get(name)) for name in ("due_days", "valid_days")},
                        "quorum": _text(step.get("quorum", 1)),
                        "modes": list(step.get("modes", ("central", "distributed"))),
                        "on_escalation": bool(step.get("on_escalation")),
                        "self_when_green": bool(step.get("self_when_green")),
                        "not_author": bool(step.get("not_author", True)),
                        "is_blinded": bool(step.get("is_blinded")),
                    }
                    for step in rule.get("steps", [])
                ],
            }
            for rule in document.get("rules", [])
        ],
        "material": list(document.get("material", [])),
        "distributed": {
            name: _text((document.get("distributed") or {}).get(name)) for name in NUMBERS
        },
        "examples": [
            {
                "title": str(each.get("title", "")),
                "mode": str(each.get("mode", "")),
                "expect": str(each.get("expect", "")),
                "facts": [
                    {"name": name, "value": _texts(value)}
                    for name, value in (each.get("facts") or {}).items()
                ],
            }
            for each in examples
        ],
    }


def _laid_out(data: Mapping[str, Any]) -> Typed:
    """Lay a condition out as a group; ``not`` of something is none of it."""
    if "fact" in data:
        return {"join": "all", "parts": [_leaf(data)]}
    if "not" in data:
        inside = data["not"]
        if "any" in inside:
            return {"join": "none", "parts": [_part(each) for each in inside["any"]]}
        return {"join": "none", "parts": [_part(inside)]}
    join = "any" if "any" in data else "all"
    return {"join": join, "parts": [_part(each) for each in data[join]]}


def _part(data: Mapping[str, Any]) -> Typed:
    return _leaf(data) if "fact" in data else _laid_out(data)


def _leaf(data: Mapping[str, Any]) -> Typed:
    return {"fact": data["fact"], "op": data.get("op", ""), "value": _texts(data.get("value"))}


def _texts(value: Any) -> list[str]:
    if value is None:
        return []
    return [_text(each) for each in value] if isinstance(value, list | tuple) else [_text(value)]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


# --- into a document ----------------------------------------------------------------------------


def document_of(typed: Typed, registry: Registry) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """
    Turn what was typed into a document and its examples, as the services take them.

    Raises:
        Unfinished: a row without a fact, a check that says nothing; a form that is shown again
            shall not become a policy that asks less than it seems to.
    """
    ids = {row["id"] for rule in typed["rules"] for row in (rule, *rule["checks"])}
    rules = []
    for at, rule in enumerate(typed["rules"], start=1):
        place = f"Rule {rule['title'] or at}"
        rules.append(
            {
                "id": rule["id"] or _named(rule["title"], ids),
                "title": rule["title"],
                "when": _condition(rule["when"], registry, f"{place}, when"),
                "checks": [_check(each, registry, ids, place) for each in rule["checks"]],
                "steps": _steps(rule["steps"]),
            }
        )
    document = {
        "rules": rules,
        "material": typed["material"],
        "distributed": {name: _number(text) for name, text in typed["distributed"].items() if text},
    }
    return document, [_as_example(each, registry) for each in typed["examples"]]


def _check(row: Typed, registry: Registry, ids: set[str], place: str) -> dict[str, Any]:
    place = f"{place}, check {row['title'] or 'without a title'}"
    if not row["must"]["parts"]:
        raise Unfinished(f"{place}: say what must hold.")
    return {
        "id": row["id"] or _named(row["title"], ids),
        "title": row["title"],
        "level": row["level"],
        "max_age_days": _number(row["max_age_days"]) if row["max_age_days"] else None,
        "is_absolute": row["is_absolute"],
        "when": _condition(row["when"], registry, f"{place}, when"),
        "must": _condition(row["must"], registry, place),
    }


def _steps(rows: Sequence[Typed]) -> list[dict[str, Any]]:
    slots = {row["slot"] for row in rows}
    return [
        {
            "slot": row["slot"] or _named(row["title"], slots),
            "title": row["title"],
            "who": row["who"],
            **{name: _number(row[name]) for name in ("quorum", "due_days", "valid_days")},
            "modes": row["modes"],
            **{name: row[name] for name in STEP_FLAGS},
        }
        for row in rows
    ]


def _condition(group: Typed, registry: Registry, place: str) -> dict[str, Any]:
    parts = [
        _condition(each, registry, place) if "join" in each else _question(each, registry, place)
        for each in group["parts"]
    ]
    if group["join"] == "none":
        if not parts:
            raise Unfinished(f"{place}: none of what? Add a row or choose all of these.")
        return {"not": parts[0] if len(parts) == 1 else {"any": parts}}
    if group["join"] == "all" and len(parts) == 1:
        return parts[0]
    return {group["join"]: parts}


def _question(row: Typed, registry: Registry, place: str) -> dict[str, Any]:
    spec = registry.get(row["fact"])
    if spec is None:
        raise Unfinished(f"{place}: choose a fact, or take the row out.")
    made: dict[str, Any] = {"fact": row["fact"], "op": row["op"]}
    if row["op"] not in ALWAYS:
        made["value"] = _value(spec, row["value"], several=row["op"] in SEVERAL)
    return made


def _value(spec: FactSpec, texts: Sequence[str], *, several: bool) -> Any:
    if several:
        return [each for text in texts for each in _split(text)]
    text = texts[-1] if texts else ""
    if spec.kind == "flag":
        return {"yes": True, "no": False}.get(text, text)
    return _number(text) if spec.kind == "number" else text


def _as_example(row: Typed, registry: Registry) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for each in row["facts"]:
        spec = registry.get(each["name"])
        if spec is None:
            raise Unfinished(f"Example {row['title']}: choose a fact, or take the row out.")
        facts[spec.name] = _value(spec, each["value"], several=spec.kind == "list")
    return {"title": row["title"], "mode": row["mode"], "expect": row["expect"], "facts": facts}


def _split(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _number(text: str) -> Any:
    """Give a number for what looks like one; anything else stays text, to be refused by name."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    if not value.is_finite():
        return text
    return int(value) if value == value.to_integral_value() else float(value)


def _named(title: str, taken: set[str]) -> str:
    """Give a name made of a title that nothing else has yet, and take it."""
    base = re.sub(r"-+", "-", slugify(title))[:40].strip("-") or "row"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    taken.add(name)
    return name
