"""What a file would change: which rows are new, changed, unchanged or refused."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .mapping import InventoryMapping
from .records import Record, Refusal

NEW, CHANGED, UNCHANGED, REFUSED = "new", "changed", "unchanged", "refused"


@dataclass(frozen=True)
class Known:
    """A row of an earlier import, as it was read then."""

    digest: str
    occurrence: int
    row_hash: str
    values: Mapping[str, Any]
    ref: Any = None


@dataclass(frozen=True)
class Verdict:
    """One record and what applying it would do; ``fields`` are those whose value differs."""

    record: Record
    state: str
    digest: str = ""
    occurrence: int = 0
    known: Known | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """All verdicts in file order, and the known rows of the same keys' origin that are absent."""

    verdicts: tuple[Verdict, ...]
    counts: Mapping[str, int] = field(default_factory=dict)

    def refusals(self) -> list[Refusal]:
        """Give every refusal, whole rows and single values, in file order."""
        return [refusal for verdict in self.verdicts for refusal in verdict.record.refusals]


def key_digest(record: Record, mapping: InventoryMapping) -> str:
    """
    Give the digest of a row's key values.

    A mapped column counts by its field, so that next year's file with other headers still
    finds its rows; an unmapped one by its label.
    """
    parts = []
    for label, value in zip(mapping.keys, record.key, strict=True):
        rule = mapping.rule_of(label)
        parts.append((rule.field if rule is not None else f"column:{label}", value))
    return hashlib.sha256(json.dumps(sorted(parts)).encode()).hexdigest()


def stored_values(record: Record) -> dict[str, Any]:
    """Give what is kept of a row beside its raw cells, to compare the next file with."""
    return {
        "fields": record.values,
        "units": [[step.name, step.code] for step in record.units],
        "extra": sorted(record.extra),
    }


def compare(
    records: Iterable[Record], mapping: InventoryMapping, known: Mapping[str, Sequence[Known]]
) -> Difference:
    """
    Decide for every record what applying it would do.

    Args:
        records: in file order; rows that repeat a key are told apart by occurrence.
        mapping: names the key columns.
        known: digest -> rows imported before under it.

    Returns:
        verdicts in file order. Where a key repeats, rows that match an earlier one exactly are
        paired first, so that a file in another order changes nothing.
    """
    everything = list(records)
    groups: dict[str, list[int]] = defaultdict(list)
    verdicts: dict[int, Verdict] = {}
    for index, record in enumerate(everything):
        if record.is_refused:
            verdicts[index] = Verdict(record, REFUSED)
        else:
            groups[key_digest(record, mapping)].append(index)
    for digest, indexes in groups.items():
        verdicts.update(_pair(digest, indexes, everything, list(known.get(digest, ()))))
    ordered = tuple(verdicts[index] for index in range(len(everything)))
    counts = dict.fromkeys((NEW, CHANGED, UNCHANGED, REFUSED), 0)
    for verdict in ordered:
        counts[verdict.state] += 1
    return Difference(ordered, counts)


def _pair(
    digest: str, indexes: Sequence[int], everything: Sequence[Record], known: list[Known]
) -> dict[int, Verdict]:
    left = sorted(known, key=lambda each: each.occurrence)
    waiting = list(indexes)
    found: dict[int, Verdict] = {}
    for index in list(waiting):
        record = everything[index]
        same = stored_values(record)
        match = next(
            (k for k in left if k.row_hash == record.hash and dict(k.values) == same), None
        )
        if match is not None:
            left.remove(match)
            waiting.remove(index)
            found[index] = Verdict(record, UNCHANGED, digest, match.occurrence, match)
    for index in list(waiting):
        record = everything[index]
        match = next((k for k in left if k.row_hash == record.hash), left[0] if left else None)
        if match is None:
            break
        left.remove(match)
        waiting.remove(index)
        found[index] = Verdict(
            record, CHANGED, digest, match.occurrence, match, _changed_fields(record, match)
        )
    taken = {each.occurrence for each in known}
    occurrence = 0
    for index in waiting:
        occurrence += 1
        while occurrence in taken:
            occurrence += 1
        found[index] = Verdict(everything[index], NEW, digest, occurrence)
    return found


def _changed_fields(record: Record, known: Known) -> tuple[str, ...]:
    before: Mapping[str, Any] = known.values.get("fields", {})
    changed = [
        key
        for key in sorted({*before, *record.values})
        if before.get(key) != record.values.get(key)
    ]
    if [list(pair) for pair in known.values.get("units", [])] != stored_values(record)["units"]:
        changed.append("unit")
    return tuple(changed)
