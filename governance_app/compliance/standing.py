"""
Where requirements stand for an initiative, derived from what it can show.

A requirement is met by an approved assessment with fresh evidence or by a control whose tests are
fresh; what a framework says about another carries over, step by step, and at most in part unless
each step asks the same or less. What nobody knows has no row: unknown is never met.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from governance_app.books.selectors import setting
from governance_app.compliance.models import (
    AppliedControl,
    Assessment,
    AssessmentEvidence,
    Library,
    Mapping,
    Node,
    NodeStanding,
    TierNow,
)
from governance_app.compliance.reading import EU_AI_ACT, content_of
from governance_app.domain import questions
from governance_app.initiatives.models import Initiative

State = Literal["met", "partly", "gap", "na"]
At = tuple[str, str]

_ARTICLES = re.compile(r"Art\. ([0-9, ]+)")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a requirement from one source."""

    state: State
    because: str
    until: dt.date | None = None


def restand(initiative: Initiative, *, on: dt.date) -> int:
    """
    Derive anew where the requirements of an initiative stand; give how many rows changed.

    One that is retired has none.
    """
    if initiative.stage is not None and initiative.stage.is_final:
        return _write(initiative, {})
    direct: dict[At, list[Known]] = defaultdict(list)
    for at, known in _from_assessments(initiative, on):
        direct[at].append(known)
    for at, known in _from_controls(initiative, on):
        direct[at].append(known)
    for at, known in _from_classification(initiative):
        direct[at].append(known)
    settled = {at: _worst(found) for at, found in direct.items()}
    for at, found in _carried_over(settled).items():
        settled.setdefault(at, found)
    return _write(initiative, settled)


def _from_assessments(initiative: Initiative, on: dt.date) -> Iterable[tuple[At, Known]]:
    approved = Assessment.objects.filter(
        initiative=initiative, state=Assessment.State.APPROVED, valid_until__gte=on
    ).select_related("library__file")
    newest = {row.subject: row for row in approved.order_by("number")}
    fresh = set(
        AssessmentEvidence.objects.filter(
            assessment__in=newest.values(),
            evidence__valid_until__gte=on,
            evidence__withdrawn_because="",
        ).values_list("assessment_id", "question")
    )
    for row in newest.values():
        for question in content_of(row.library).tree.questions:
            result = row.results.get(question.key, questions.UNKNOWN)
            if result == questions.UNKNOWN or not question.nodes:
                continue
            said = f"{row.library.name}: {question.text}"
            if result == "met" and question.needs_evidence and (row.pk, question.key) not in fresh:
                result, said = "partly", f"{said} No fresh evidence."
            for node in question.nodes:
                yield _at(node), Known(result, said[:300], row.valid_until)


def _from_controls(initiative: Initiative, on: dt.date) -> Iterable[tuple[At, Known]]:
    enough = Decimal(str(setting(key="control_met_ratio", on=on, node=initiative.node)))
    for control in AppliedControl.objects.filter(initiative=initiative).order_by("pk"):
        at = (control.library_key, control.ref)
        if control.state == AppliedControl.State.NOT_APPLICABLE:
            yield at, Known("na", f"{control.title}: {control.reason}"[:300])
        elif control.state == AppliedControl.State.PLANNED:
            yield at, Known("gap", f"{control.title}: planned, not in place."[:300])
        else:
            effect = effect_of(control, on=on)
            until = fresh_until(control)
            if effect is None:
                yield at, Known("partly", f"{control.title}: in place, no fresh test."[:300])
            elif effect >= enough:
                yield at, Known("met", f"{control.title}: tested."[:300], until)
            else:
                share = f"{effect:.0%}"
                yield at, Known("partly", f"{control.title}: works to {share}."[:300], until)


def fresh_until(control: AppliedControl) -> dt.date | None:
    """Give the last day on which both tests of a control count, or None without both."""
    if control.design_on is None or control.operating_on is None:
        return None
    return min(control.design_on, control.operating_on) + dt.timedelta(days=control.max_age_days)


def effect_of(control: AppliedControl, *, on: dt.date) -> Decimal | None:
    """Give design x operating of a control on a day, or None without fresh tests of both."""
    until = fresh_until(control)
    if until is None or until < on or control.state != AppliedControl.State.IN_PLACE:
        return None
    assert control.design is not None and control.operating is not None
    return control.design * control.operating


def _from_classification(initiative: Initiative) -> Iterable[tuple[At, Known]]:
    """A confirmed classification meets Art. 6, and says which articles ask nothing of it."""
    now = TierNow.objects.filter(initiative=initiative, scheme=EU_AI_ACT)
    row = now.select_related("confirmed").first()
    if row is None or row.confirmed is None or row.proposed_id is not None:
        return
    if row.confirmed.tier == questions.UNKNOWN:
        return
    yield (EU_AI_ACT, "Art. 6"), Known("met", "Classified and confirmed by a second person.")
    asked = {
        f"Art. {number.strip()}"
        for duty in row.confirmed.duties
        for found in _ARTICLES.findall(duty["article"])
        for number in found.split(",")
        if number.strip()
    }
    nodes = Node.objects.filter(
        library__key=EU_AI_ACT, library__is_current=True, is_assessable=True
    ).values_list("ref", flat=True)
    for ref in nodes:
        if ref not in asked and ref != "Art. 6":
            yield (EU_AI_ACT, ref), Known("na", f"No duty of it follows from “{row.tier}”.")


def _at(name: str) -> At:
    key, _, ref = name.partition(":")
    return key, ref


def _worst(found: list[Known]) -> Known:
    """Take the worst of what several sources say; what does not apply counts only alone."""
    state = questions.worst(each.state for each in found)
    chosen = next(each for each in found if each.state == state)
    until = min((each.until for each in found if each.until), default=None)
    return Known(chosen.state, chosen.because, until)


@dataclass(frozen=True, slots=True)
class _Edge:
    """That a requirement reaches another: as the very same, as all of it, or in part."""

    to: At
    is_equal: bool
    is_whole: bool


@dataclass(frozen=True, slots=True)
class _Carried:
    """What arrived at a requirement; ``is_spent``: a step in part lies behind it already."""

    known: Known
    is_spent: bool = False


def _carried_over(settled: dict[At, Known]) -> dict[At, Known]:
    """
    Give what the mappings say about requirements of which nothing is known directly.

    Over any number of steps: what is met stays met as long as each step asks the same or less,
    and the same requirement under another name carries whatever is known. A step that covers
    only a part is taken once in a chain: two parts need not overlap.
    """
    edges = _edges()
    best: dict[At, _Carried] = {}
    waiting = [
        (at, _Carried(known))
        for at, known in sorted(settled.items())
        if known.state in ("met", "partly")
    ]
    while waiting:
        after: list[tuple[At, _Carried]] = []
        for at, carried in waiting:
            for edge in edges.get(at, ()):
                if edge.to in settled:
                    continue
                made = _step(at, carried, edge)
                if made is not None and _is_better(made, best.get(edge.to)):
                    best[edge.to] = made
                    after.append((edge.to, made))
        waiting = after
    return {at: carried.known for at, carried in best.items()}


def _edges() -> dict[At, list[_Edge]]:
    """Give where each requirement reaches, both ways of every mapping."""
    found: dict[At, list[_Edge]] = defaultdict(list)
    rows = Mapping.objects.filter(library__is_current=True).order_by("pk")
    for key, ref, other_key, other_ref, relation in rows.values_list(
        "library__key", "ref", "other_key", "other_ref", "relation"
    ):
        here, there = (key, ref), (other_key, other_ref)
        is_equal = relation == "equal"
        found[here].append(_Edge(there, is_equal, is_equal or relation == "superset"))
        found[there].append(_Edge(here, is_equal, is_equal or relation == "subset"))
    return found


def _step(at: At, carried: _Carried, edge: _Edge) -> _Carried | None:
    """Take one step; None where nothing can be said any more."""
    known = carried.known
    said = f"By {at[0]} {at[1]}: {known.because}"[:300]
    if edge.is_equal or (known.state == "met" and edge.is_whole):
        return _Carried(Known(known.state, said, known.until), carried.is_spent)
    if carried.is_spent:
        return None
    return _Carried(Known("partly", said, known.until), is_spent=True)


def _is_better(one: _Carried, other: _Carried | None) -> bool:
    """Tell whether something new says more: met before partly, unspent before spent."""
    if other is None:
        return True
    rank = (one.known.state == "met", not one.is_spent)
    return rank > (other.known.state == "met", not other.is_spent)


def _write(initiative: Initiative, settled: dict[At, Known]) -> int:
    """Replace what changed; rows that say the same stay."""
    assessable = set(
        Node.objects.filter(library__is_current=True, is_assessable=True).values_list(
            "library__key", "ref"
        )
    )
    wanted = {at: known for at, known in settled.items() if at in assessable}
    stale = []
    for row in NodeStanding.objects.select_for_update().filter(initiative=initiative):
        known = wanted.get((row.framework, row.ref))
        if known == Known(row.state, row.because, row.until):  # type: ignore[arg-type]
            del wanted[row.framework, row.ref]
        else:
            stale.append(row.pk)
    NodeStanding.objects.filter(pk__in=stale).delete()
    NodeStanding.objects.bulk_create(
        [
            NodeStanding(
                initiative=initiative,
                framework=key,
                ref=ref,
                state=known.state,
                until=known.until,
                because=known.because,
            )
            for (key, ref), known in sorted(wanted.items())
        ],
        batch_size=1000,
    )
    return len(stale) + len(wanted)


def libraries_by_subject() -> dict[str, Library]:
    """Give the current questionnaire of each subject of assessment."""
    rows = Library.objects.filter(is_current=True, kind="assessment").order_by("name", "pk")
    return {row.subject: row for row in rows}
