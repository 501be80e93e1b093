"""
A framework as one file: requirements, questions, obligations with their dates, mappings.

Everything a law says, dates above all, stands in such files and nowhere in code. A file that
cannot be used is refused with the line and the reason; nothing is guessed.
"""

import datetime as dt
import hashlib
import json
import json.scanner
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from governance_app.domain.errors import Sentence
from governance_app.domain.questions import (
    RESULTS,
    TESTS,
    Choice,
    Condition,
    Flag,
    Question,
    Tier,
    Tree,
    asks,
    facts_in,
)

FORMAT = 1
KINDS: Mapping[str, str] = {
    "framework": "Framework",
    "controls": "Control library",
    "classification": "Classification",
    "assessment": "Assessment",
}
RELATIONS: Mapping[str, str] = {
    "equal": "asks the same",
    "subset": "asks a part of it",
    "superset": "asks more",
    "intersects": "overlaps",
}
STATUSES: Mapping[str, str] = {
    "in_force": "In force",
    "adopted_not_in_force": "Adopted, not in force yet",
    "proposed": "Proposed",
    "repealed": "Repealed",
}
#: The facts about an initiative that conditions may ask for.
FACTS: Mapping[str, str] = {
    "kind": "Kind of entry",
    "stage": "Stage",
    "ai_type": "Type of AI",
    "modality": "Modality",
    "autonomy": "Autonomy",
    "deployment_target": "Where it runs",
    "sourcing": "Built or bought",
    "data_classes": "Data classes",
    "risk_flags": "What it affects",
    "eu_tier": "Tier under the EU AI Act",
    "eu_flags": "Duties beside the tier",
    "roles": "Roles under the EU AI Act",
    "high_impact": "High impact under OMB M-25-21",
    "tier": "Tier of this classification",
    "flags": "Flags of this classification",
}
#: What a column of an inventory or register can be filled from.
SOURCES = (
    "key", "name", "purpose", "organisation", "unit", "provider", "deployer", "owner",
    "owner_email", "technical_owner", "stage", "started_on", "live_on", "ended_on", "ai_type",
    "modality", "autonomy", "sourcing", "vendor", "data_classes", "personal_data", "roles",
    "tier", "derogation_grounds", "classified_on", "confirmed_by", "duties", "first_duty_on",
    "validation", "checked_on", "reference", "lei", "vendor_country", "service_type", "service",
    "supported_function", "is_critical", "starts_on", "ends_on", "notice_days", "governing_law",
    "service_countries", "data_countries", "has_subcontractors", "substitutability",
    "exit_plan_on", "audited_on", "annual_cost", "currency", "initiative",
)  # fmt: skip
#: Sources that name a question, an assessment's subject or a control.
FROM_RECORDS = ("answer:", "assessment:", "control:")
#: A file whose text may not be shipped holds titles and our own one-line summaries only.
TITLES_ONLY = "titles-only"
LONGEST_SUMMARY = 160
MOST_BYTES = 5 * 1024**2

_HEAD = (
    "key", "name", "kind", "publisher", "licence", "licence_url", "attribution", "source_url",
    "retrieved_on", "as_of",
)  # fmt: skip
_KNOWN = {
    *_HEAD, "format", "version", "edition", "notice", "redistribution", "nodes", "mappings",
    "obligations", "questions", "tiers", "flags", "clocks", "columns", "subject", "valid_months",
    "roles_question",
}  # fmt: skip


class BadFramework(Sentence):
    """A framework file that cannot be used; ``row`` is its line."""


class Located(dict[str, Any]):
    """An object of a file that knows the line it begins on."""

    line: int = 1


@dataclass(frozen=True, slots=True)
class Node:
    """One requirement, control or heading; only an assessable one is covered or not."""

    ref: str
    title: str
    text: str = ""
    parent: str = ""
    kind: str = ""
    assessable: bool = True


@dataclass(frozen=True, slots=True)
class Relation:
    """That a node has something to do with a node of another library ("library:ref")."""

    ref: str
    to: str
    relation: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Obligation:
    """What a law asks of whom, from which day, and where that is written."""

    ref: str
    title: str
    article: str
    roles: tuple[str, ...]
    when: Condition | None
    applies_from: dt.date | None
    applies_until: dt.date | None
    status: str
    basis: str
    source_url: str
    as_of: dt.date
    evidence: str = ""
    check: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """By when an authority must be told of an incident, counted in hours from a moment."""

    key: str
    title: str
    authority: str
    article: str
    counts_from: str
    hours: int
    when: Condition | None
    applies_from: dt.date | None
    source_url: str


@dataclass(frozen=True, slots=True)
class InventoryColumn:
    """A column of a regulator's inventory and the fact or answer it is filled from."""

    title: str
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """A framework file, read and found usable."""

    key: str
    version: int
    edition: str
    name: str
    kind: str
    publisher: str
    licence: str
    licence_url: str
    attribution: str
    notice: str
    source_url: str
    retrieved_on: dt.date
    as_of: dt.date
    subject: str
    valid_months: int | None
    roles_question: str
    nodes: tuple[Node, ...]
    mappings: tuple[Relation, ...]
    obligations: tuple[Obligation, ...]
    tree: Tree
    clocks: tuple[Clock, ...]
    columns: tuple[InventoryColumn, ...]
    digest: str


def read(content: bytes, *, name: str = "") -> Library:
    """
    Read a framework file.

    Args:
        content: the bytes of the file, JSON in UTF-8.
        name: as the file is called, for the refusal.

    Raises:
        BadFramework: the first thing that cannot be used, with its line.
    """
    return _Reader(content, name).library()


def _located(text: str) -> Any:
    """Parse JSON so that every object knows its line."""
    ends = [place for place, letter in enumerate(text) if letter == "\n"]
    decoder = json.JSONDecoder()
    plain = json.decoder.JSONObject  # type: ignore[attr-defined]

    def with_line(state: tuple[str, int], *arguments: Any) -> tuple[Any, int]:
        pairs, end = plain(state, *arguments)
        made = Located(pairs)
        made.line = bisect_right(ends, state[1] - 1) + 1
        return made, end

    decoder.parse_object = with_line  # type: ignore[attr-defined]
    decoder.scan_once = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
    return decoder.decode(text)


class _Reader:
    """Turns a file into a library, or says where it is wrong."""

    def __init__(self, content: bytes, name: str) -> None:
        self.content, self.name = content, name
        self.root: Located = Located()

    def library(self) -> Library:
        """Read the whole file."""
        self.root = root = self._parsed()
        if unknown := sorted(set(root) - _KNOWN):
            self.refuse(root, f"There is nothing called {', '.join(unknown)} in a framework.")
        if root.get("format") != FORMAT:
            self.refuse(root, f"“format” must be {FORMAT}.")
        for field in _HEAD:
            self.text(root, field)
        kind = root["kind"]
        if kind not in KINDS:
            self.refuse(root, f"“kind” is one of {', '.join(KINDS)}, not {kind!r}.")
        version = root.get("version")
        if not isinstance(version, int) or version < 1:
            self.refuse(root, "“version” must be a whole number from 1 on.")
        nodes = tuple(self._nodes())
        tree = self._tree()
        refs = {node.ref for node in nodes}
        months = root.get("valid_months")
        if months is not None and (not isinstance(months, int) or months < 1):
            self.refuse(root, "“valid_months” must be a whole number from 1 on.")
        return Library(
            key=root["key"],
            version=version,
            edition=self.text(root, "edition", needed=False),
            name=root["name"],
            kind=kind,
            publisher=root["publisher"],
            licence=root["licence"],
            licence_url=root["licence_url"],
            attribution=root["attribution"],
            notice=self.text(root, "notice", needed=False),
            source_url=root["source_url"],
            retrieved_on=self._needed_day(root, "retrieved_on"),
            as_of=self._needed_day(root, "as_of"),
            subject=self.text(root, "subject", needed=False),
            valid_months=months,
            roles_question=self.text(root, "roles_question", needed=False),
            nodes=nodes,
            mappings=tuple(self._mappings(refs)),
            obligations=tuple(self._obligations()),
            tree=tree,
            clocks=tuple(self._clocks(tree)),
            columns=tuple(self._columns()),
            digest=hashlib.sha256(self.content).hexdigest(),
        )

    def refuse(self, where: Any, reason: str) -> NoReturn:
        """Stop with the line of an object."""
        line = where.line if isinstance(where, Located) else self.root.line
        raise BadFramework(f"Line {line}: {reason}", file=self.name, row=line)

    def _parsed(self) -> Located:
        if len(self.content) > MOST_BYTES:
            self.refuse(None, f"The file is larger than {MOST_BYTES // 1024**2} MB.")
        try:
            found = _located(self.content.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            line = self.content[: error.start].count(b"\n") + 1
            raise BadFramework(
                f"Line {line}: the file is not UTF-8.", file=self.name, row=line
            ) from error
        except json.JSONDecodeError as error:
            raise BadFramework(
                f"Line {error.lineno}: this is not JSON: {error.msg}.",
                file=self.name,
                row=error.lineno,
            ) from error
        except RecursionError as error:
            raise BadFramework("Line 1: it is nested too deeply.", file=self.name, row=1) from error
        if not isinstance(found, Located):
            self.refuse(None, "a framework is one JSON object.")
        return found

    def text(self, where: Mapping[str, Any], field: str, *, needed: bool = True) -> str:
        """Give a text of an object, or refuse."""
        value = where.get(field, "")
        if not isinstance(value, str) or (needed and not value.strip()):
            self.refuse(where, f"“{field}” must be a text{' with something in it' * needed}.")
        return value.strip()

    def _listed(self, field: str) -> Iterator[Located]:
        rows = self.root.get(field, [])
        if not isinstance(rows, list):
            self.refuse(self.root, f"“{field}” must be a list.")
        for row in rows:
            if not isinstance(row, Located):
                self.refuse(self.root, f"“{field}” holds {row!r}, which is not an object.")
            yield row

    def _only(self, where: Located, *fields: str) -> None:
        if unknown := sorted(set(where) - set(fields)):
            self.refuse(where, f"There is nothing called {', '.join(unknown)} here.")

    def _words(self, where: Located, field: str) -> tuple[str, ...]:
        rows = where.get(field, [])
        if not isinstance(rows, list) or not all(isinstance(row, str) and row for row in rows):
            self.refuse(where, f"“{field}” must be a list of texts.")
        return tuple(rows)

    def _day(self, where: Located, field: str) -> dt.date | None:
        value = where.get(field)
        if value is None:
            return None
        try:
            return dt.date.fromisoformat(value)
        except (TypeError, ValueError):
            self.refuse(where, f"“{field}” must be a day such as 2026-08-02, not {value!r}.")

    def _needed_day(self, where: Located, field: str) -> dt.date:
        found = self._day(where, field)
        if found is None:
            self.refuse(where, f"“{field}” is missing.")
        return found

    def _nodes(self) -> Iterator[Node]:
        is_short = self.root.get("redistribution") == TITLES_ONLY
        seen: set[str] = set()
        for row in self._listed("nodes"):
            self._only(row, "ref", "title", "text", "parent", "kind", "assessable")
            ref, title = self.text(row, "ref"), self.text(row, "title")
            text = self.text(row, "text", needed=False)
            parent = self.text(row, "parent", needed=False)
            if ref in seen:
                self.refuse(row, f"“{ref}” stands twice.")
            if parent and parent not in seen:
                self.refuse(row, f"“{ref}” stands under “{parent}”, which does not come before it.")
            if is_short and len(text) > LONGEST_SUMMARY:
                self.refuse(
                    row,
                    f"“{ref}” has a text of {len(text)} letters; of this source only titles and "
                    f"summaries up to {LONGEST_SUMMARY} may be kept.",
                )
            if not isinstance(row.get("assessable", True), bool):
                self.refuse(row, "“assessable” is true or false.")
            seen.add(ref)
            kind = self.text(row, "kind", needed=False)
            yield Node(ref, title, text, parent, kind, row.get("assessable", True))

    def _mappings(self, refs: set[str]) -> Iterator[Relation]:
        seen: set[tuple[str, str]] = set()
        for row in self._listed("mappings"):
            self._only(row, "ref", "to", "relation", "why")
            ref, to = self.text(row, "ref"), self.text(row, "to")
            relation = self.text(row, "relation")
            if ref not in refs:
                self.refuse(row, f"“{ref}” is mapped but is no node of this file.")
            self._named_elsewhere(row, to)
            if relation not in RELATIONS:
                self.refuse(row, f"“relation” is one of {', '.join(RELATIONS)}.")
            if (ref, to) in seen:
                self.refuse(row, f"“{ref}” is mapped to “{to}” twice.")
            seen.add((ref, to))
            yield Relation(ref, to, relation, self.text(row, "why", needed=False))

    def _named_elsewhere(self, where: Located, name: str) -> None:
        library, _, ref = name.partition(":")
        if not library or not ref:
            self.refuse(where, f"“{name}” must name a library and a node, such as owasp-llm:LLM01.")

    def _obligations(self) -> Iterator[Obligation]:
        seen: set[str] = set()
        for row in self._listed("obligations"):
            self._only(
                row, "ref", "title", "article", "roles", "when", "applies_from", "applies_until",
                "status", "basis", "source_url", "as_of", "evidence", "check",
            )  # fmt: skip
            ref = self.text(row, "ref")
            if ref in seen:
                self.refuse(row, f"The obligation “{ref}” stands twice.")
            seen.add(ref)
            status = self.text(row, "status")
            if status not in STATUSES:
                self.refuse(row, f"“status” is one of {', '.join(STATUSES)}.")
            first, last = self._day(row, "applies_from"), self._day(row, "applies_until")
            if first and last and last < first:
                self.refuse(row, f"“{ref}” ends on {last}, before it begins on {first}.")
            yield Obligation(
                ref=ref,
                title=self.text(row, "title"),
                article=self.text(row, "article"),
                roles=self._words(row, "roles"),
                when=self._condition(row, row.get("when"), None),
                applies_from=first,
                applies_until=last,
                status=status,
                basis=self.text(row, "basis"),
                source_url=self.text(row, "source_url"),
                as_of=self._needed_day(row, "as_of"),
                evidence=self.text(row, "evidence", needed=False),
                check=self.text(row, "check", needed=False),
            )

    def _tree(self) -> Tree:
        questions: dict[str, Question] = {}
        for row in self._listed("questions"):
            question = self._question(row, questions)
            if question.key in questions:
                self.refuse(row, f"The question “{question.key}” stands twice.")
            questions[question.key] = question
        roles = self.root.get("roles_question")
        if roles and roles not in questions:
            self.refuse(self.root, f"“roles_question” names “{roles}”, which is no question.")
        tiers = []
        for row in self._listed("tiers"):
            self._only(row, "slug", "name", "rank", "when", "sentence", "final")
            if not isinstance(row.get("rank"), int):
                self.refuse(row, "“rank” must be a whole number; the highest is the worst.")
            condition = self._condition(row, row.get("when"), questions)
            if condition is None:
                self.refuse(row, "“when” is missing: a tier needs its condition.")
            tiers.append(
                Tier(
                    self.text(row, "slug"), self.text(row, "name"), row["rank"], condition,
                    self.text(row, "sentence"), bool(row.get("final", False)),
                )
            )  # fmt: skip
        if len({tier.rank for tier in tiers}) < len(tiers):
            self.refuse(self.root, "Two tiers have the same rank.")
        flags = []
        for row in self._listed("flags"):
            self._only(row, "slug", "name", "when")
            condition = self._condition(row, row.get("when"), questions)
            if condition is None:
                self.refuse(row, "“when” is missing: a flag needs its condition.")
            flags.append(Flag(self.text(row, "slug"), self.text(row, "name"), condition))
        return Tree(tuple(questions.values()), tuple(tiers), tuple(flags))

    def _question(self, row: Located, earlier: Mapping[str, Question]) -> Question:
        self._only(
            row, "key", "text", "kind", "choices", "help", "section", "show_when", "nodes",
            "needs_evidence",
        )  # fmt: skip
        kind = self.text(row, "kind")
        if kind not in ("yes_no", "one", "many", "text"):
            self.refuse(row, "“kind” is yes_no, one, many or text.")
        choices = tuple(self._choices(row))
        if kind in ("one", "many") and len(choices) < 2:
            self.refuse(row, "A question that offers a choice needs two at least.")
        if kind == "yes_no" and not choices:
            choices = (Choice("yes", "Yes"), Choice("no", "No"))
        nodes = self._words(row, "nodes")
        for node in nodes:
            self._named_elsewhere(row, node)
        return Question(
            key=self.text(row, "key"),
            text=self.text(row, "text"),
            kind=kind,  # type: ignore[arg-type]
            choices=choices,
            help=self.text(row, "help", needed=False),
            section=self.text(row, "section", needed=False),
            show_when=self._condition(row, row.get("show_when"), earlier),
            nodes=nodes,
            needs_evidence=bool(row.get("needs_evidence", False)),
        )

    def _choices(self, where: Located) -> Iterator[Choice]:
        rows = where.get("choices", [])
        if not isinstance(rows, list):
            self.refuse(where, "“choices” must be a list.")
        for row in rows:
            if not isinstance(row, Located):
                self.refuse(where, "“choices” holds something that is not an object.")
            self._only(row, "value", "label", "result")
            result = row.get("result")
            if result is not None and result not in RESULTS:
                self.refuse(row, f"“result” is one of {', '.join(RESULTS)}.")
            yield Choice(self.text(row, "value"), self.text(row, "label"), result)

    def _condition(
        self, where: Located, found: Any, questions: Mapping[str, Question] | None
    ) -> Condition | None:
        """Check a condition: known questions that come earlier, known facts, one test each."""
        if found is None:
            return None
        self._shape(where, found)
        for key in asks(found):
            if questions is None or key not in questions:
                self.refuse(where, f"A condition asks “{key}”, which is no earlier question.")
        for fact in facts_in(found):
            if fact not in FACTS:
                self.refuse(where, f"There is no fact “{fact}”; there are {', '.join(FACTS)}.")
        if questions is not None:
            self._values(where, found, questions)
        return dict(found)

    def _shape(self, where: Located, found: Any) -> None:
        if not isinstance(found, Mapping):
            self.refuse(where, "A condition is an object.")
        here = found if isinstance(found, Located) else where
        joints = [name for name in ("all", "any", "not", "question", "fact") if name in found]
        if len(joints) != 1:
            self.refuse(here, "A condition has exactly one of all, any, not, question, fact.")
        joint = joints[0]
        if joint in ("all", "any"):
            rows = found[joint]
            if len(found) > 1 or not isinstance(rows, list) or not rows:
                self.refuse(here, f"“{joint}” holds a list of conditions and stands alone.")
            for row in rows:
                self._shape(here, row)
        elif joint == "not":
            if len(found) > 1:
                self.refuse(here, "“not” stands alone.")
            self._shape(here, found["not"])
        else:
            tests = set(found) - {joint}
            if not tests or not tests <= set(TESTS) or not isinstance(found[joint], str):
                self.refuse(here, f"“{joint}” needs a test: {', '.join(TESTS)}.")
            if "in" in found and not isinstance(found["in"], list):
                self.refuse(here, "“in” holds a list of values.")

    def _values(
        self, where: Located, found: Mapping[str, Any], questions: Mapping[str, Question]
    ) -> None:
        """A test for an answer that nobody can give would never hold: refuse it."""
        if "not" in found:
            self._values(where, found["not"], questions)
            return
        for each in (*found.get("all", ()), *found.get("any", ())):
            self._values(where, each, questions)
        question = questions.get(found.get("question", ""))
        if question is None or question.kind == "text":
            return
        offered = {choice.value for choice in question.choices}
        wanted: Sequence[Any] = found.get("in", [found["is"]] if "is" in found else [])
        for value in wanted:
            if value not in offered:
                here = found if isinstance(found, Located) else where
                self.refuse(here, f"“{question.key}” cannot be answered with “{value}”.")

    def _clocks(self, tree: Tree) -> Iterator[Clock]:
        questions = {question.key: question for question in tree.questions}
        for row in self._listed("clocks"):
            self._only(
                row, "key", "title", "authority", "article", "counts_from", "hours", "when",
                "applies_from", "source_url",
            )  # fmt: skip
            hours = row.get("hours")
            if not isinstance(hours, int) or hours < 1:
                self.refuse(row, "“hours” must be a whole number from 1 on.")
            if row.get("counts_from") not in ("aware_at", "occurred_at", "detected_at"):
                self.refuse(row, "“counts_from” is aware_at, detected_at or occurred_at.")
            yield Clock(
                key=self.text(row, "key"),
                title=self.text(row, "title"),
                authority=self.text(row, "authority"),
                article=self.text(row, "article"),
                counts_from=row["counts_from"],
                hours=hours,
                when=self._condition(row, row.get("when"), questions),
                applies_from=self._day(row, "applies_from"),
                source_url=self.text(row, "source_url"),
            )

    def _columns(self) -> Iterator[InventoryColumn]:
        for row in self._listed("columns"):
            self._only(row, "title", "source", "note")
            source = self.text(row, "source")
            if source not in SOURCES and not source.startswith(FROM_RECORDS):
                known = ", ".join((*SOURCES, *(f"{each}..." for each in FROM_RECORDS)))
                self.refuse(row, f"A column cannot be filled from “{source}”; known are {known}.")
            yield InventoryColumn(
                self.text(row, "title"), source, self.text(row, "note", needed=False),
            )  # fmt: skip
