"""A first mapping for a file nobody has mapped: from what headers say and what cells hold."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from . import dates, words
from .blanks import is_blank
from .evidence import MOST_VALUES, Evidence, look
from .fields import FIELDS, UNIT_LEVELS, Field
from .mapping import ColumnRule, InventoryMapping, Reading
from .table import Column, Table
from .vocabulary import CODE_WORDS, HEADERS, UNIT_QUALIFIERS, UNIT_WORDS, VALUES

#: Below this a column stays unmapped; a person may still map it.
ENOUGH = 0.55
#: A value of an enumeration is matched from here on.
ENOUGH_FOR_VALUE = 0.5
#: Words that turn a value into its contrary.
_DENIAL = frozenset({"not", "non", "no", "never"})


@dataclass(frozen=True)
class ValueGuess:
    """What one text of an enumeration probably stands for; empty when nothing fits."""

    text: str
    times: int
    choice: str
    confidence: float


@dataclass(frozen=True)
class Proposal:
    """A mapping to start from, and why: evidence by column label, guesses by column label."""

    mapping: InventoryMapping
    evidence: Mapping[str, Evidence]
    guesses: Mapping[str, tuple[ValueGuess, ...]]


def propose(
    table: Table,
    *,
    name: str,
    fiscal_start_month: int = 1,
    known: InventoryMapping | None = None,
) -> Proposal:
    """
    Propose which column fills which field, what values stand for, and which columns are keys.

    Args:
        table: the file.
        name: name of the mapping to make.
        fiscal_start_month: reads fiscal-year texts.
        known: a saved mapping to start from; its choices stand, new values get guesses.

    Returns:
        the proposal; its mapping may lack a name column, which ``mapping.check`` then says.
    """
    evidence = {column.label: look(list(table.values(column.label))) for column in table.columns}
    if known is not None:
        rules = [rule for rule in known.rules if table.has(rule.column)]
        keys = tuple(key for key in known.keys if table.has(key))
    else:
        rules = _unit_rules(table, evidence)
        rules += _field_rules(table, evidence, taken={rule.column for rule in rules})
        rules = _with_date_habits(rules, table)
        keys = ()
    guesses: dict[str, tuple[ValueGuess, ...]] = {}
    finished: list[ColumnRule] = []
    for rule in sorted(rules, key=lambda each: _position(table, each.column)):
        target = FIELDS[rule.field]
        if target.choices:
            made = guess_values(target, evidence[rule.column])
            guesses[rule.column] = made
            standing = {said.casefold(): choice for said, choice in rule.values.items()}
            guessed = {
                g.text: standing.get(g.text.casefold(), g.choice)
                for g in made
                if g.choice or g.text.casefold() in standing
            }
            rule = replace(rule, values={**rule.values, **guessed})
        finished.append(rule)
    mapping = InventoryMapping(
        name=known.name if known is not None else name,
        rules=tuple(finished),
        keys=keys or _keys(table, finished, evidence),
        reading=Reading(sheet=table.shape.sheet) if known is None else known.reading,
        is_strict=known.is_strict if known is not None else False,
        fiscal_start_month=(known.fiscal_start_month if known is not None else fiscal_start_month),
        columns=tuple(column.label for column in table.columns),
    )
    return Proposal(mapping, evidence, guesses)


def guess_values(target: Field, evidence: Evidence) -> tuple[ValueGuess, ...]:
    """Guess what each text of a column stands for among the choices of a field."""
    return guess_values_of(target, evidence.counts[:MOST_VALUES])


def guess_values_of(target: Field, counts: Iterable[tuple[str, int]]) -> tuple[ValueGuess, ...]:
    """Guess what each of the given texts stands for, with how often it comes."""
    return tuple(ValueGuess(text, times, *_guess(target, text)) for text, times in counts)


def guess_rule(table: Table, column: str, field_key: str) -> ColumnRule:
    """Make the rule for a column a person has just mapped to a field: habits and values."""
    rule = ColumnRule(column, field_key)
    target = FIELDS[field_key]
    evidence = look(list(table.values(column)))
    if target.kind == "date":
        rule = _with_date_habits([rule], table)[0]
    if target.choices:
        made = guess_values(target, evidence)
        rule = replace(rule, values={guess.text: guess.choice for guess in made if guess.choice})
    return rule


def _guess(target: Field, text: str) -> tuple[str, float]:
    if is_blank(text):
        return "", 0.0
    spoken = VALUES.get(target.key, {})
    scores: dict[str, float] = {}
    head = re.split(r":| – | - | \(", text)[0]
    for wording, discount in ((text, 1.0), (head, 0.97)):
        for slug in {*target.choices, *spoken}:
            phrases = (*spoken.get(slug, ()), slug.replace("_", " "), target.choices.get(slug, ""))
            score = discount * words.best(wording, tuple(phrase for phrase in phrases if phrase))
            if _DENIAL & set(words.tokens(wording)) and not _denies(phrases):
                score *= 0.5
            scores[slug] = max(scores.get(slug, 0.0), score)
    slug = max(sorted(scores), key=lambda each: scores[each]) if scores else ""
    confidence = round(scores.get(slug, 0.0), 2)
    return (slug, confidence) if confidence >= ENOUGH_FOR_VALUE else ("", confidence)


def _denies(phrases: Iterable[str]) -> bool:
    return any(_DENIAL & set(words.tokens(phrase)) for phrase in phrases)


def _field_rules(
    table: Table, evidence: Mapping[str, Evidence], taken: set[str]
) -> list[ColumnRule]:
    """Pair columns and fields, the surest pair first."""
    scored: list[tuple[float, int, str, str]] = []
    for column in table.columns:
        if column.label in taken or not evidence[column.label].filled:
            continue
        for key, phrases in HEADERS.items():
            # A question that mentions a risk is not an answer to whether it applies.
            is_whole = FIELDS[key].part_of == "risk_flags"
            likeness = words.best(column.header or column.label, phrases, is_whole=is_whole)
            if likeness < 0.4:
                continue
            fit = _fit(FIELDS[key], evidence[column.label])
            score = likeness * fit
            if score >= ENOUGH:
                scored.append((round(score, 4), -column.position, column.label, key))
    rules: list[ColumnRule] = []
    used_fields: set[str] = set()
    for score, _order, label, key in sorted(scored, reverse=True):
        if label in taken or (key in used_fields and not FIELDS[key].takes_many):
            continue
        # Text joins without harm; united lists and tags come from one column unless asked for.
        if key in used_fields and FIELDS[key].kind != "long":
            continue
        taken.add(label)
        used_fields.add(key)
        rules.append(ColumnRule(label, key, confidence=round(min(score, 1.0), 2)))
    return rules


def _fit(target: Field, evidence: Evidence) -> float:
    """Say how well the cells suit a field: 0 rules it out, 1 confirms it."""
    if target.kind == "date":
        return 1.0 if evidence.date_share >= 0.5 else 0.0
    if target.kind == "money":
        return 1.0 if evidence.money_share >= 0.6 and evidence.date_share < 0.5 else 0.0
    if target.kind == "flag":
        return 1.0 if evidence.flag_share >= 0.6 else 0.0
    if target.choices:
        if evidence.flag_share > 0.9 and target.kind == "choice":
            return 0.0
        guesses = guess_values(target, evidence)
        total = sum(guess.times for guess in guesses)
        known = sum(guess.times for guess in guesses if guess.choice)
        return 0.0 if not total or known / total < 0.5 else 0.5 + 0.5 * known / total
    if evidence.date_share > 0.8 and evidence.filled > 2:
        return 0.0
    if target.key == "name":
        if evidence.mean_length > 250 or evidence.flag_share > 0.5:
            return 0.0
        coverage = evidence.filled / evidence.rows
        return (0.6 + 0.4 * coverage) * (1.0 if evidence.distinct_share > 0.5 else 0.6)
    if target.key == "reference":
        return 1.0 if evidence.id_share > 0.7 and evidence.distinct_share > 0.7 else 0.0
    if target.kind == "long":
        return 1.0 if evidence.mean_length > 25 else 0.6
    if target.kind == "tags":
        return 1.0 if evidence.is_listlike and evidence.flag_share < 0.5 else 0.3
    if target.kind == "person":
        return 1.0 if evidence.mean_length < 60 and evidence.flag_share < 0.3 else 0.0
    return 1.0 if evidence.mean_length < 150 and evidence.flag_share < 0.5 else 0.3


def _unit_rules(table: Table, evidence: Mapping[str, Evidence]) -> list[ColumnRule]:
    """Find the columns that name places in the organisation, and the codes beside them."""
    named: list[tuple[int, int, Column, float]] = []
    codes: list[tuple[int, Column]] = []
    for column in table.columns:
        seen = evidence[column.label]
        said = words.tokens(column.header)
        if not seen.filled or len(said) > 6 or seen.flag_share > 0.5 or seen.date_share > 0.5:
            continue
        rank, likeness = _unit_rank(said)
        if rank < 0:
            continue
        if CODE_WORDS & set(said):
            codes.append((rank, column))
        elif likeness >= 0.6 and seen.mean_length < 120 and seen.distinct_share < 0.9:
            named.append((rank, seen.distinct, column, likeness))
    named.sort(key=lambda each: (each[0], each[1]))
    rules = []
    for level, (rank, _distinct, column, likeness) in zip(UNIT_LEVELS, named, strict=False):
        rules.append(ColumnRule(column.label, f"unit.{level}", confidence=round(likeness, 2)))
        for code_rank, code in codes:
            if code_rank == rank and _is_code_of(table, code.label, column.label):
                rules.append(ColumnRule(code.label, f"unit.{level}.code", confidence=0.9))
                break
    return rules


def _unit_rank(said: Sequence[str]) -> tuple[int, float]:
    bare = [word for word in said if word not in UNIT_QUALIFIERS and word not in CODE_WORDS]
    best_rank, best_score = -1, 0.0
    for rank, phrases in enumerate(UNIT_WORDS):
        score = max(_plain_overlap(bare, words.tokens(phrase)) for phrase in phrases)
        if score > best_score:
            best_rank, best_score = rank, score
        if bare and all(word in _words_of(phrases) for word in bare):
            best_rank, best_score = (best_rank, best_score) if best_score > 0.9 else (rank, 0.9)
    return (best_rank, best_score) if best_score >= 0.5 else (-1, 0.0)


def _words_of(phrases: Sequence[str]) -> set[str]:
    return {word for phrase in phrases for word in words.tokens(phrase)}


def _plain_overlap(said: Sequence[str], phrase: Sequence[str]) -> float:
    union = set(said) | set(phrase)
    return len(set(said) & set(phrase)) / len(union) if union else 0.0


def _is_code_of(table: Table, code: str, name: str) -> bool:
    """Whether a column is short and goes one to one with another, give or take a few rows."""
    pairs: dict[str, set[str]] = {}
    for short, long in zip(table.values(code), table.values(name), strict=True):
        if not is_blank(short) and not is_blank(long):
            pairs.setdefault(short.strip(), set()).add(long.strip())
    if not pairs:
        return False
    single = sum(1 for names in pairs.values() if len(names) == 1)
    return single >= 0.8 * len(pairs) and all(len(short) <= 20 for short in pairs)


def _with_date_habits(rules: Sequence[ColumnRule], table: Table) -> list[ColumnRule]:
    """Decide order and short years per column; a column that cannot tell follows the others."""
    dated = [rule for rule in rules if FIELDS[rule.field].kind == "date"]
    own = {rule.column: dates.habits_of(table.values(rule.column)) for rule in dated}
    orders = {habits.order for habits in own.values()} - {""}
    shorts = {habits.short for habits in own.values()} - {""}
    shared_order = orders.pop() if len(orders) == 1 else ""
    shared_short = shorts.pop() if len(shorts) == 1 else ""
    return [
        replace(
            rule,
            date_order=own[rule.column].order or shared_order,
            short_dates=own[rule.column].short or shared_short,
        )
        if rule.column in own
        else rule
        for rule in rules
    ]


def _keys(
    table: Table, rules: Sequence[ColumnRule], evidence: Mapping[str, Evidence]
) -> tuple[str, ...]:
    """Choose key columns: an id that is unique, else the name with its units."""
    by_field = {rule.field: rule.column for rule in rules}
    reference = by_field.get("reference")
    if reference and evidence[reference].distinct == evidence[reference].rows:
        return (reference,)
    wanted = ["name", *(f"unit.{level}" for level in UNIT_LEVELS)]
    return tuple(by_field[key] for key in wanted if key in by_field)


def _position(table: Table, label: str) -> int:
    return next(column.position for column in table.columns if column.label == label)
