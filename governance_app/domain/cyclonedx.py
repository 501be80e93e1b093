"""
Reading CycloneDX bills of materials (JSON, 1.4 to 1.6): their parts and what is known against them.

Pure: the file as parsed in, plain records out. Only what is read is judged; a field of another kind
is refused by its place. What belongs to other uses of the format is left alone.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import Phrase, phrase

SPEC_VERSIONS = ("1.4", "1.5", "1.6")
#: From nothing known to the worst.
SEVERITIES = ("unknown", "none", "info", "low", "medium", "high", "critical")
STATES = (
    "", "resolved", "resolved_with_pedigree", "exploitable", "in_triage", "false_positive",
    "not_affected",
)  # fmt: skip
#: What an analysis says when nothing is left to do.
_CLOSED = frozenset({"resolved", "resolved_with_pedigree", "false_positive", "not_affected"})
_AFFECTED = ("affected", "unaffected", "unknown")
#: Values of a property that say no.
_NO = frozenset({"", "0", "false", "no", "none", "null", "n"})
#: Characters of an id, of another text, and parts that are named of one vulnerability.
LONGEST_ID, LONGEST, MOST_PARTS = 100, 300, 50


class BadBill(Sentence):
    """A file that is no bill of materials we can read; names the place."""


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """
    What is known against some parts.

    ``severity`` and ``score``: the worst of its ratings; None without a CVSS score. ``parts``:
    name and version of what it affects, ``more`` others. ``says``: names of its properties that
    do not say no.
    """

    id: str
    severity: str = "unknown"
    score: float | None = None
    state: str = ""
    parts: tuple[str, ...] = ()
    more: int = 0
    says: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Tell whether something is left to do about it."""
        return self.state not in _CLOSED

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON; :func:`kept` gives it back."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Bill:
    """What one file says; ``number`` is the version it gives itself."""

    spec_version: str
    serial_number: str
    number: int
    made_at: dt.datetime | None
    components: int
    vulnerabilities: tuple[Vulnerability, ...]


def kept(data: Mapping[str, Any]) -> Vulnerability:
    """
    Give a vulnerability back from what ``as_json`` made.

    >>> one = Vulnerability("CVE-2024-3094", "critical", 10.0, parts=("xz 5.6.0",))
    >>> kept(one.as_json()) == one
    True
    """
    lists = {name: tuple(data[name]) for name in ("parts", "says")}
    return Vulnerability(**{**data, **lists})


def read(data: Any) -> Bill:
    """
    Read a bill of materials.

    Raises:
        BadBill: it is none, of another version, or a field that is read is of another kind.

    >>> read({"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
    ...       "components": [{"type": "library", "name": "xz", "version": "5.6.0", "bom-ref": "a"}],
    ...       "vulnerabilities": [{"id": "CVE-2024-3094", "affects": [{"ref": "a"}]}]}
    ...     ).vulnerabilities[0].parts
    ('xz 5.6.0',)
    """
    if not isinstance(data, Mapping) or data.get("bomFormat") != "CycloneDX":
        raise BadBill("It is no CycloneDX bill of materials: bomFormat has to be CycloneDX.")
    spec = _text(data, "specVersion", "")
    if spec not in SPEC_VERSIONS:
        known = ", ".join(SPEC_VERSIONS)
        raise BadBill(f"specVersion is “{spec[:20]}”; what is read is {known}.")
    metadata = _object(data, "metadata", "")
    parts: dict[str, tuple[str, str]] = {}
    main = _object(metadata, "component", "metadata.")
    if main:
        _take(main, "metadata.component", parts)
    count = 0
    for at, component in _components(data):
        count += 1
        _take(component, at, parts)
    for at, service in _objects(data, "services", ""):
        _take(service, at, parts)
    number = data.get("version", 1)
    if not _is_whole(number) or not 1 <= number <= 2**31 - 1:
        raise BadBill("version: the version of the file is a whole number from 1 on.")
    return Bill(
        spec_version=spec,
        serial_number=_text(data, "serialNumber", "")[:LONGEST_ID],
        number=number,
        made_at=_moment(metadata),
        components=count,
        vulnerabilities=_vulnerabilities(data, parts),
    )


def is_grave(
    found: Vulnerability, *, severity: str, score: float, exploited_names: Sequence[str]
) -> str:
    """
    Say why an open vulnerability is a signal; empty when it is none.

    Args:
        severity: from which on it is.
        score: from which on it is where no severity is given.
        exploited_names: parts of names of properties that say that it is exploited.

    >>> limits = {"severity": "critical", "score": 9.0, "exploited_names": ["kev"]}
    >>> is_grave(Vulnerability("CVE-1", "low", says=("cisa:kev",)), **limits)
    'known to be exploited'
    >>> is_grave(Vulnerability("CVE-2", "high", 9.8), **limits)
    ''
    """
    if not found.is_open:
        return ""
    words = [word.casefold() for word in exploited_names]
    if any(word in name.casefold() for name in found.says for word in words):
        return phrase("known to be exploited")
    if found.severity != "unknown":
        is_one = SEVERITIES.index(found.severity) >= SEVERITIES.index(severity)
        if not is_one:
            return ""
        return phrase(
            "{severity}; a signal from {limit} on",
            severity=Phrase(found.severity), limit=Phrase(severity),
        )  # fmt: skip
    if found.score is not None and found.score >= score:
        return phrase(
            "score {score}; a signal from {limit} on", score=f"{found.score:g}", limit=f"{score:g}"
        )
    return ""


def _components(data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every part with its place, those inside others too."""
    waiting = list(_objects(data, "components", ""))
    waiting.reverse()
    while waiting:
        at, component = waiting.pop()
        yield at, component
        inside = list(_objects(component, "components", f"{at}."))
        waiting += reversed(inside)


def _take(component: Mapping[str, Any], at: str, into: dict[str, tuple[str, str]]) -> None:
    name = _text(component, "name", f"{at}.")
    if not name:
        raise BadBill(f"{at}.name: every part has a name.")
    group, version = _text(component, "group", f"{at}."), _text(component, "version", f"{at}.")
    ref = _text(component, "bom-ref", f"{at}.")
    full = f"{group}/{name}" if group else name
    if ref:
        into[ref] = (full[:LONGEST], version[:LONGEST_ID])


def _vulnerabilities(
    data: Mapping[str, Any], parts: Mapping[str, tuple[str, str]]
) -> tuple[Vulnerability, ...]:
    """Read them in their order; one that stands several times is one, at its worst."""
    found: dict[str, Vulnerability] = {}
    for at, row in _objects(data, "vulnerabilities", ""):
        one = _vulnerability(row, at, parts)
        if one is None:
            continue
        before = found.get(one.id)
        found[one.id] = one if before is None else _joined(before, one)
    return tuple(found.values())


def _vulnerability(
    row: Mapping[str, Any], at: str, parts: Mapping[str, tuple[str, str]]
) -> Vulnerability | None:
    """Read one; None when no part that it names is affected."""
    known = _text(row, "id", f"{at}.") or _text(row, "bom-ref", f"{at}.")
    if not known or len(known) > LONGEST_ID:
        raise BadBill(f"{at}.id: a vulnerability has an id of at most {LONGEST_ID} characters.")
    state = _text(_object(row, "analysis", f"{at}."), "state", f"{at}.analysis.")
    if state not in STATES:
        raise BadBill(f"{at}.analysis.state is “{state[:40]}”; known are {', '.join(STATES[1:])}.")
    severity, score = _rating(row, at)
    affected: dict[str, None] = {}
    named = list(_objects(row, "affects", f"{at}."))
    for place, one in named:
        label = _affected(one, place, parts)
        if label:
            affected[label] = None
    if named and not affected:
        return None
    says = tuple(
        name[:LONGEST_ID]
        for place, each in _objects(row, "properties", f"{at}.")
        if (name := _text(each, "name", f"{place}."))
        and _text(each, "value", f"{place}.").strip().casefold() not in _NO
    )
    labels = tuple(affected)
    return Vulnerability(
        known, severity, score, state, labels[:MOST_PARTS], max(0, len(labels) - MOST_PARTS),
        says[:MOST_PARTS],
    )  # fmt: skip


def _rating(row: Mapping[str, Any], at: str) -> tuple[str, float | None]:
    """Give the worst severity and the highest CVSS score of the ratings."""
    severity, best = "unknown", None
    for place, rating in _objects(row, "ratings", f"{at}."):
        said = _text(rating, "severity", f"{place}.") or "unknown"
        if said not in SEVERITIES:
            raise BadBill(f"{place}.severity is “{said[:40]}”; known are {', '.join(SEVERITIES)}.")
        severity = max(severity, said, key=SEVERITIES.index)
        score = rating.get("score")
        if score is None:
            continue
        if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score < 1e9:
            raise BadBill(f"{place}.score: a score is a number from 0 on.")
        method = _text(rating, "method", f"{place}.")
        if not method or method.startswith("CVSS"):
            best = float(score) if best is None else max(best, float(score))
    return severity, best


def _affected(one: Mapping[str, Any], at: str, parts: Mapping[str, tuple[str, str]]) -> str:
    """Name a part that is affected; empty when the file says that its version is not."""
    ref = _text(one, "ref", f"{at}.")
    if not ref:
        raise BadBill(f"{at}.ref: it says which part is affected.")
    name, version = parts.get(ref) or parts.get(ref.rpartition("#")[2]) or (ref[:LONGEST], "")
    statuses: dict[str, str] = {}
    for place, each in _objects(one, "versions", f"{at}."):
        status = _text(each, "status", f"{place}.") or "affected"
        if status not in _AFFECTED:
            raise BadBill(f"{place}.status is “{status[:40]}”; known are {', '.join(_AFFECTED)}.")
        statuses[_text(each, "version", f"{place}.") or _text(each, "range", f"{place}.")] = status
    own = statuses.get(version, "") if version else ""
    is_out = own == "unaffected" or (
        not own and bool(statuses) and set(statuses.values()) == {"unaffected"}
    )
    return "" if is_out else f"{name} {version}".strip()


def _joined(one: Vulnerability, two: Vulnerability) -> Vulnerability:
    """Join two entries of one vulnerability; an open one counts before one that is not."""
    if one.is_open != two.is_open:
        return one if one.is_open else two
    labels = tuple(dict.fromkeys((*one.parts, *two.parts)))
    scores = [score for score in (one.score, two.score) if score is not None]
    return replace(
        one,
        severity=max(one.severity, two.severity, key=SEVERITIES.index),
        score=max(scores, default=None),
        parts=labels[:MOST_PARTS],
        more=one.more + two.more + max(0, len(labels) - MOST_PARTS),
        says=tuple(dict.fromkeys((*one.says, *two.says)))[:MOST_PARTS],
    )


def _moment(metadata: Mapping[str, Any]) -> dt.datetime | None:
    said = _text(metadata, "timestamp", "metadata.")
    if not said:
        return None
    try:
        moment = dt.datetime.fromisoformat(said)
        return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise BadBill(f"metadata.timestamp: “{said[:40]}” is no moment.") from error


def _object(data: Mapping[str, Any], name: str, at: str) -> Mapping[str, Any]:
    value = data.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise BadBill(f"{at}{name}: it is an object in CycloneDX.")
    return value


def _objects(
    data: Mapping[str, Any], name: str, at: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    value = data.get(name)
    if value is None:
        return
    if not isinstance(value, list):
        raise BadBill(f"{at}{name}: it is a list in CycloneDX.")
    for place, each in enumerate(value):
        if not isinstance(each, Mapping):
            raise BadBill(f"{at}{name}[{place}]: it is an object in CycloneDX.")
        yield f"{at}{name}[{place}]", each


def _text(data: Mapping[str, Any], name: str, at: str) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadBill(f"{at}{name}: it is a text in CycloneDX.")
    if any(sign == "\x00" or "\ud800" <= sign <= "\udfff" for sign in value):
        raise BadBill(f"{at}{name}: no text may hold NUL or half a character.")
    return value.strip()


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
