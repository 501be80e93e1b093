"""Words in files that ship with the product: its gate policy, questionnaires, controls, clocks."""

from collections.abc import Iterable, Iterator
from typing import Any

from governance_app.compliance.reading import (
    EU_AI_ACT,
    OMB,
    OWN,
    THIRD_PARTIES,
    shipped,
    shipped_files,
)
from governance_app.domain.frameworks import Library
from governance_app.gates.selectors import starter
from governance_app.oversight.looking import KINDS

#: What an act asks stands in its own language; what it takes a system for is said in everybody's.
CLASSIFYING = (EU_AI_ACT, OMB)
#: Registers whose column heads pages show; those of the OMB stand as it published them.
REGISTERS = (EU_AI_ACT, THIRD_PARTIES)


def texts() -> Iterator[str]:
    """Give each text once."""
    yield from dict.fromkeys(filter(None, (*_of_policy(), *_of_libraries(), *_of_rounds())))


def _of_policy() -> Iterator[str]:
    content = starter()
    yield content["title"]
    for rule in content["document"]["rules"]:
        yield from _titles([rule, *rule.get("checks", ()), *rule.get("steps", ())])
    yield from _titles(content["examples"])


def _titles(parts: Iterable[dict[str, Any]]) -> Iterator[str]:
    return (part["title"] for part in parts)


def _of_libraries() -> Iterator[str]:
    for path in shipped_files():
        library = shipped(path.stem)
        if library.publisher == OWN:
            yield from _own(library)
        if library.key in (*CLASSIFYING, THIRD_PARTIES) or library.publisher == OWN:
            for tier in library.tree.tiers:
                yield from (tier.name, tier.name.lower(), tier.sentence)
        if library.key in REGISTERS:
            yield from (column.title for column in library.columns)
        for duty in library.obligations:
            yield from (*duty.roles, duty.evidence)
        yield from (flag.name for flag in library.tree.flags)


def _own(library: Library) -> Iterator[str]:
    yield from (library.name, library.publisher, library.licence, library.attribution)
    for node in library.nodes:
        yield from (node.title, node.text)
    for question in library.tree.questions:
        yield from (question.section, question.text, question.help)
        yield from (choice.label for choice in question.choices)
    for clock in library.clocks:
        yield from (clock.title, clock.authority)


def _of_rounds() -> Iterator[str]:
    """Give what daily rounds find."""
    yield from (title for title, _signal, _seat in KINDS.values())
