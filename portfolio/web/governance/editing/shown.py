"""The form of a policy as its template draws it: each row with its names and what may be chosen."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from governance_app.domain.conditions import ALWAYS, OPERATORS, FactSpec
from governance_app.domain.phrases import Phrase, phrase
from governance_app.domain.policy import MODES
from governance_app.gates import selectors
from portfolio.web.governance.editing.typed import JOINS, SEVERAL, Typed

OUTCOMES = {"block": phrase("Block"), "escalate": phrase("Escalate"), "warn": phrase("Warn")}
MODE_WORDS = {mode: phrase("{mode} units", mode=Phrase(name)) for mode, name in MODES.items()}
NUMBER_WORDS = {
    "sample_ratio": (phrase("Share of self-approvals looked at afterwards"), phrase("0 to 1")),
    "review_days": (phrase("Days for looking at one"), phrase("days")),
    "breach_hours": (phrase("Hours to mend a breach"), phrase("hours")),
    "probation_breaches": (
        phrase("Breaches that bring a unit back to the board"),
        phrase("breaches"),
    ),
    "probation_days": (phrase("Days over which they are counted"), phrase("days")),
}
FLAG_WORDS = {
    "on_escalation": phrase("also when something escalates"),
    "self_when_green": phrase("the requester's own yes counts while all is green"),
    "not_author": phrase("not by an author of its evidence"),
    "is_blinded": phrase("votes stay hidden until all are in"),
}


def form_of(
    typed: Typed, *, suggestions: Mapping[str, Sequence[str]], opened: str = ""
) -> dict[str, Any]:
    """
    Give everything the form shows.

    Args:
        typed: what was typed so far.
        suggestions: fact -> texts it is known to have, for facts without fixed choices.
        opened: the path of the row that was just changed, which stays unfolded.
    """
    look = _Look(suggestions)
    return {
        "title": typed.get("title", ""),
        "reason": typed.get("reason", ""),
        "version": typed.get("version", ""),
        "rules": [look.rule(each, f"rules.{at}") for at, each in enumerate(typed["rules"])],
        "material": [
            {"name": name, "title": spec.title, "is_on": name in typed["material"]}
            for name, spec in look.specs
        ],
        "numbers": [
            {
                "at": f"distributed.{name}", "id": f"distributed-{name}", "title": title,
                "unit": unit, "value": typed["distributed"].get(name, ""),
            }
            for name, (title, unit) in NUMBER_WORDS.items()
        ],
        "examples": [
            {
                **look.example(each, f"examples.{at}"),
                "is_open": opened.startswith(f"examples.{at}"),
            }
            for at, each in enumerate(typed["examples"])
        ],
        "suggestions": [
            {"id": f"known-{name}", "texts": texts} for name, texts in suggestions.items() if texts
        ],
        "outcomes": list(OUTCOMES.items()),
        "modes": list(MODES.items()),
        "expectations": list(selectors.OUTCOMES.items()),
        "who": list(selectors.DECIDING.items()),
    }  # fmt: skip


class _Look:
    """Lays rows out; knows the facts and what they may be."""

    def __init__(self, suggestions: Mapping[str, Sequence[str]]) -> None:
        self._suggestions = suggestions
        self.specs = sorted(selectors.FACTS.items(), key=lambda each: each[1].title)

    def rule(self, row: Typed, at: str) -> dict[str, Any]:
        """Lay out a rule."""
        return {
            **row,
            **_names(at),
            "when": self.group(row["when"], f"{at}.when"),
            "checks": [
                {
                    **each,
                    **_names(f"{at}.checks.{place}"),
                    "when": self.group(each["when"], f"{at}.checks.{place}.when"),
                    "must": self.group(each["must"], f"{at}.checks.{place}.must"),
                    "has_more": bool(
                        each["when"]["parts"] or each["max_age_days"] or each["is_absolute"]
                    ),
                }
                for place, each in enumerate(row["checks"])
            ],
            "steps": [
                {
                    **each,
                    **_names(f"{at}.steps.{place}"),
                    "modes": [
                        {"slug": mode, "words": words, "is_on": mode in each["modes"]}
                        for mode, words in MODE_WORDS.items()
                    ],
                    "flags": [
                        {"at": f"{at}.steps.{place}.{name}", "words": words, "is_on": each[name]}
                        for name, words in FLAG_WORDS.items()
                    ],
                }
                for place, each in enumerate(row["steps"])
            ],
        }

    def group(self, group: Typed, at: str, *, is_inner: bool = False) -> dict[str, Any]:
        """Lay out a group of conditions; groups may hold groups."""
        return {
            **_names(at),
            "is_group": True,
            "is_inner": is_inner,
            "join": group["join"],
            "joins": list(JOINS.items()),
            "has_join": is_inner or len(group["parts"]) > 1 or group["join"] != "all",
            "parts": [
                self.group(each, f"{at}.parts.{place}", is_inner=True)
                if "join" in each
                else self.question(each, f"{at}.parts.{place}")
                for place, each in enumerate(group["parts"])
            ],
        }

    def question(self, row: Typed, at: str) -> dict[str, Any]:
        """Lay out one row: fact, operator, value."""
        spec = selectors.FACTS.get(row["fact"])
        ops = {**OPERATORS[spec.kind], **ALWAYS} if spec else {}
        op = row["op"] if row["op"] in ops else next(iter(ops), "")
        has_value = spec is not None and op not in ALWAYS
        return {
            **_names(at),
            "facts": self._facts(row["fact"]),
            "ops": [(slug, words, slug == op) for slug, words in ops.items()],
            "value": self.value(spec, row["value"], at, several=op in SEVERAL)
            if has_value
            else None,
        }

    def example(self, row: Typed, at: str) -> dict[str, Any]:
        """Lay out an example with its facts."""
        return {
            **row,
            **_names(at),
            "facts": [
                {
                    **_names(f"{at}.facts.{place}"),
                    "facts": self._facts(each["name"]),
                    "value": self.value(
                        selectors.FACTS.get(each["name"]), each["value"], f"{at}.facts.{place}"
                    ),
                }
                for place, each in enumerate(row["facts"])
            ],
        }

    def value(
        self, spec: FactSpec | None, texts: Sequence[str], at: str, *, several: bool = False
    ) -> dict[str, Any] | None:
        """Lay out what a fact is compared with, or is: a choice, several, a number, a text."""
        if spec is None:
            return None
        several = several or spec.kind == "list"
        made = {**_names(f"{at}.value"), "title": spec.title, "text": ", ".join(texts)}
        if spec.kind == "flag":
            return made | {
                "kind": "one",
                "choices": _picked((("yes", phrase("yes")), ("no", phrase("no"))), texts),
            }
        if spec.choices:
            return made | {
                "kind": "several" if several else "one",
                "choices": _picked(spec.choices.items(), texts),
            }
        kind = "number" if spec.kind == "number" else "text"
        known = self._suggestions.get(spec.name)
        return made | {"kind": kind, "list": f"known-{spec.name}" if known else ""}

    def _facts(self, chosen: str) -> list[tuple[str, str, bool]]:
        return [(name, spec.title, name == chosen) for name, spec in self.specs]


def _picked(
    choices: Iterable[tuple[str, str]], texts: Sequence[str]
) -> list[tuple[str, str, bool]]:
    return [(slug, words, slug in texts) for slug, words in choices]


def _names(at: str) -> dict[str, str]:
    """Give the name of a row's fields and what their ids begin with."""
    owner, _, place = at.rpartition(".")
    return {"at": at, "id_": at.replace(".", "-"), "owner": owner, "place": place}
