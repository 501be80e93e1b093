"""
Which rule allocates which key: distinct combinations of what the rules look at, never lines.

The database gives the combinations, ``domain.rules`` says who wins each, and the database
spreads the answer over the keys again. Called by services, inside their transaction.
"""

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.backends.utils import CursorWrapper

from governance_app.domain.rules import FOREVER, Asked, Condition, Reading, Rules, Synonym
from governance_app.initiatives.models import Initiative
from governance_app.spend.models import RuleVersion, TagSynonym

#: What a rule may look at -> column of the key. Tags are looked up by their name.
DIMENSIONS = {
    "provider": "provider",
    "issuer": "issuer",
    "billing account": "billing_account",
    "account": "account",
    "account name": "account_name",
    "category": "service_category",
    "service": "service",
    "model": "model",
    "resource": "resource",
    "resource name": "resource_name",
    "resource type": "resource_type",
    "region": "region",
    "charge category": "charge_category",
    "pricing category": "pricing_category",
    "commitment": "commitment",
    "commitment status": "commitment_status",
    "credential": "credential",
    "principal": "principal",
}
TAG = "tag"

_BLANKS = "E' \\t\\n\\r'"
_SEPARATORS = "\x1e", "\x1f"


def small(column: str) -> str:
    """Give the SQL that makes a text comparable: outer blanks off, small letters."""
    return f"lower(btrim({column}, {_BLANKS}))"


def made_small(cursor: CursorWrapper, texts: Iterable[str]) -> dict[str, str]:
    """Let the database make texts comparable, so that both sides know the same letters."""
    wanted = sorted(set(texts))
    cursor.execute(f"SELECT t, {small('t')} FROM unnest(%s::text[]) t", [wanted])
    return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class AskedRules:
    """
    Everything allocation asks, and what it asked in a form that can be compared and stored.

    ``said``: one entry per version asked of keys, in order. ``pools``: the versions that pass
    pools on. ``synonyms`` and ``said`` are JSON.
    """

    rules: Rules
    versions: dict[str, RuleVersion]
    said: list[list[str]]
    synonyms: list[list[str]]

    @property
    def is_empty(self) -> bool:
        """No rule looks at keys."""
        return not self.rules.asked


def conditions_of(version: RuleVersion) -> list[dict[str, Any]]:
    """Give the conditions of a version in one shape, also those written in the first one."""
    found = []
    for one in version.conditions:
        match = one.get("match")
        values = one.get("values")
        if match is None:
            match = "key" if version.takes_key else "is"
            values = [] if version.takes_key else [one.get("value", "")]
        found.append(
            {
                "dimension": one["dimension"],
                "tag": one.get("tag", ""),
                "match": match,
                "values": list(values or ()),
            }
        )
    return found


def load_rules(
    cursor: CursorWrapper,
    *,
    only: Collection[uuid.UUID] | None = None,
    keys: Collection[str] | None = None,
) -> AskedRules:
    """
    Read the rules as they are now, in the order they are asked.

    Args:
        only: of all versions just these, to find what a change may touch.
        keys: let only these initiative keys be named by values.
    """
    found = [
        version
        for version in RuleVersion.objects.filter(from_pool=None)
        .select_related("rule", "initiative")
        .order_by("position", "from_month", "pk")
        if version.until_month is None or version.until_month > version.from_month
    ]
    if only is not None:
        found = [version for version in found if version.pk in only]
    shapes = {version.pk: conditions_of(version) for version in found}
    lower = made_small(
        cursor,
        (
            text
            for shape in shapes.values()
            for one in shape
            for text in (one["tag"], *one["values"])
        ),
    )
    asked = [
        Asked(
            name=str(version.pk),
            from_month=version.from_month,
            until_month=version.until_month or FOREVER,
            conditions=tuple(
                Condition(
                    (one["dimension"], lower[one["tag"]]),
                    one["match"],
                    tuple(lower[value] for value in one["values"]),
                )
                for one in shapes[version.pk]
            ),
            leaves_unused=version.kind != RuleVersion.Kind.DIRECT and not version.takes_unused,
        )
        for version in found
    ]
    targets: dict[str, str] = {}
    if any(version.takes_key for version in found):
        named = Initiative.objects.values_list("key", "pk")
        targets = {key.lower(): str(pk) for key, pk in named if keys is None or key.lower() in keys}
    rows = list(TagSynonym.objects.order_by("tag", "written", "from_month", "pk"))
    synonyms = [
        Synonym(one.tag, one.written, one.means, one.from_month, one.until_month or FOREVER)
        for one in rows
        if one.until_month is None or one.until_month > one.from_month
    ]
    return AskedRules(
        rules=Rules(asked, targets, synonyms),
        versions={str(version.pk): version for version in found},
        said=[
            [str(version.pk), f"{version.from_month}", f"{version.until_month or ''}"]
            for version in found
        ],
        synonyms=[
            [one.tag, one.written, one.means, f"{one.from_month}", f"{one.until_month}"]
            for one in synonyms
        ],
    )


def want(cursor: CursorWrapper, asked: AskedRules, *, keys: str) -> None:
    """
    Put what the rules want for some keys into ``want_share``; no row = unallocated.

    Args:
        keys: a table, or a query in brackets, with the column ``key_id``.

    A split or a pool stands there without an initiative.
    """
    cursor.execute(
        "DROP TABLE IF EXISTS pg_temp.want_share, pg_temp.fact, pg_temp.combination,"
        " pg_temp.answer;"
        "CREATE TEMP TABLE want_share (key_id uuid, from_month date, until_month date,"
        " initiative_id uuid, rule_version_id uuid) ON COMMIT DROP"
    )
    if asked.is_empty:
        return
    columns, values, read = _columns(asked.rules)
    names = [f"f{number}" for number in range(len(columns))]
    listed = ", ".join(f"{sql} AS {name}" for sql, name in zip(columns, names, strict=True))
    cursor.execute(
        f"CREATE TEMP TABLE fact ON COMMIT DROP AS SELECT n.key_id, {listed} FROM {keys} n"
        " JOIN spend_spendkey k ON k.id = n.key_id",
        values,
    )
    cursor.execute(
        "CREATE TEMP TABLE combination ON COMMIT DROP AS SELECT (row_number() OVER ())::int AS"
        f" number, d.* FROM (SELECT DISTINCT {', '.join(names)} FROM fact) d"
    )
    cursor.execute("SELECT * FROM combination")
    rows: list[tuple[int, str, date, date, str | None]] = []
    for number, *facts in cursor.fetchall():
        readings, is_unused = _readings(asked.rules, read, facts)
        for won in asked.rules.won(readings, is_unused=is_unused):
            version = asked.versions[won.rule]
            initiative = won.target or (
                str(version.initiative_id) if version.initiative_id else None
            )
            rows.append((number, won.rule, won.from_month, won.until_month, initiative))
    cursor.execute(
        "CREATE TEMP TABLE answer (number int, rule_version_id uuid, from_month date,"
        " until_month date, initiative_id uuid) ON COMMIT DROP"
    )
    with cursor.copy("COPY answer FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    same = " AND ".join(f"c.{name} = f.{name}" for name in names)
    cursor.execute(
        "ANALYZE combination; ANALYZE answer; INSERT INTO want_share"
        " SELECT f.key_id, a.from_month, a.until_month, a.initiative_id, a.rule_version_id"
        f" FROM fact f JOIN combination c ON {same} JOIN answer a ON a.number = c.number"
    )
    cursor.execute("CREATE INDEX ON want_share (key_id); ANALYZE want_share")


def _columns(rules: Rules) -> tuple[list[str], list[Any], list[str]]:
    """
    Give the columns a combination is made of, their parameters, and what each one holds.

    Values no rule can match become empty, so that a thousand resources are one combination.
    """
    columns: list[str] = []
    values: list[Any] = []
    read: list[str] = []
    for dimension in sorted(
        {one.place[0] for rule in rules.asked for one in rule.conditions} - {TAG}
    ):
        sql = small(f"k.{DIMENSIONS[dimension]}")
        only = rules.values_read(dimension)
        if only is not None:
            sql = f"CASE WHEN {sql} = ANY(%s) THEN {sql} ELSE '' END"
            values.append(sorted(only))
        columns.append(sql)
        read.append(dimension)
    if names := rules.tags_read():
        only = rules.values_read(TAG)
        narrowed = "" if only is None else f" AND {small('t.value')} = ANY(%s)"
        between, within = (f"chr({ord(one)})" for one in _SEPARATORS)
        pair = f"{small('t.key')} || {within} || {small('t.value')}"
        columns.append(
            f"coalesce((SELECT string_agg({pair}, {between} ORDER BY {pair})"
            f" FROM jsonb_each_text(k.tags) t WHERE {small('t.key')} = ANY(%s){narrowed}), '')"
        )
        values.append(sorted(names))
        if only is not None:
            values.append(sorted(only))
        read.append(TAG)
    columns.append("(k.commitment_status = 'Unused')")
    read.append("unused")
    return columns, values, read


def _readings(
    rules: Rules, read: Sequence[str], facts: Sequence[Any]
) -> tuple[dict[tuple[str, str], list[Reading]], bool]:
    found: dict[tuple[str, str], list[Reading]] = {}
    is_unused = False
    for name, fact in zip(read, facts, strict=True):
        if name == "unused":
            is_unused = fact
        elif name == TAG:
            if fact:
                pairs = [one.partition(_SEPARATORS[1]) for one in fact.split(_SEPARATORS[0])]
                found.update(rules.readings_of_tags((name, value) for name, _, value in pairs))
        elif fact:
            found[name, ""] = [Reading(fact)]
    return found, is_unused


def touched_by(
    cursor: CursorWrapper, asked: AskedRules, *, versions: Collection[uuid.UUID]
) -> None:
    """
    Put the keys that some versions allocate now, or may match, into ``touched_key``.

    ``asked`` holds only these versions, as they are now; ``versions`` also those that went.
    """
    cursor.execute("CREATE TEMP TABLE touched_key (key_id uuid PRIMARY KEY) ON COMMIT DROP")
    ids = list(versions)
    cursor.execute(
        "INSERT INTO touched_key SELECT key_id FROM spend_keyshare WHERE rule_version_id = ANY(%s)"
        " UNION SELECT key_id FROM spend_keysplit WHERE rule_version_id = ANY(%s)"
        " ON CONFLICT DO NOTHING",
        [ids, ids],
    )
    add_touched(cursor, asked)


def add_touched(cursor: CursorWrapper, asked: AskedRules) -> None:
    """Put the keys that some versions may match into ``touched_key``, in one look at all keys."""
    tests: list[str] = []
    values: list[Any] = []
    for rule in asked.rules.asked:
        sql, given = _prefilter(asked.rules, rule)
        tests.append(f"({sql})")
        values += given
    if tests:
        cursor.execute(
            "INSERT INTO touched_key SELECT k.id FROM spend_spendkey k"
            f" WHERE {' OR '.join(tests)} ON CONFLICT DO NOTHING",
            values,
        )
    cursor.execute("ANALYZE touched_key")


def _prefilter(rules: Rules, rule: Asked) -> tuple[str, list[Any]]:
    """Give a condition in SQL that every key a rule matches satisfies."""
    parts: list[str] = []
    values: list[Any] = []
    for one in rule.conditions:
        dimension, tag = one.place
        wanted = set(rules.targets) if one.match == "key" else set(one.values)
        wanted |= {other.written for other in rules.synonyms if other.tag and other.means in wanted}
        column = small("t.value" if dimension == TAG else f"k.{DIMENSIONS[dimension]}")
        if one.match in ("is", "key"):
            test, given = f"{column} = ANY(%s)", [sorted(wanted)]
        else:
            tests = []
            given = []
            for value in sorted(wanted):
                call = (
                    "starts_with({0}, %s)"
                    if one.match == "starts with"
                    else ("position(%s IN {0}) > 0")
                )
                tests.append(call.format(column))
                given.append(value)  # type: ignore[arg-type]
            test = f"({' OR '.join(tests)})"
        if dimension == TAG:
            names = sorted(
                {tag} | {s.written for s in rules.synonyms if not s.tag and s.means == tag}
            )
            test = (
                "k.tags <> '{}' AND EXISTS (SELECT FROM jsonb_each_text(k.tags) t"
                f" WHERE {small('t.key')} = ANY(%s) AND {test})"
            )
            given = [names, *given]
        parts.append(test)
        values += given
    return " AND ".join(parts) or "TRUE", values


def changed_versions(before: Sequence[Sequence[str]], now: Sequence[Sequence[str]]) -> set[str]:
    """
    Give the versions whose keys must be asked again: new, gone, with other months, or moved.

    Of versions that changed places it is enough to ask those outside one longest part that
    kept its order: whoever wins or loses a key to another has one of the two moved.

    >>> sorted(changed_versions([["a", "1", ""], ["b", "1", ""]], [["b", "1", ""], ["a", "1", ""]]))
    ['a']
    >>> sorted(changed_versions([["a", "1", ""]], [["a", "1", "2"], ["c", "1", ""]]))
    ['a', 'c']
    """
    old, new = [tuple(one) for one in before], [tuple(one) for one in now]
    place = {one: number for number, one in enumerate(old)}
    kept = [one for one in new if one in place]
    # The longest run that still ascends in the old order; patience sorting would be faster.
    best: list[list[tuple[str, ...]]] = []
    for one in kept:
        longest: list[tuple[str, ...]] = []
        for chain in best:
            if place[chain[-1]] < place[one] and len(chain) > len(longest):
                longest = chain
        best.append([*longest, one])
    stable: set[tuple[str, ...]] = set()
    for chain in best:
        if len(chain) > len(stable):
            stable = set(chain)
    return {one[0] for one in {*old, *new} if one not in stable}
