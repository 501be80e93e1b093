"""What a law takes an initiative for: judged from answers, agreed with by a second person."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import save_changes
from governance_app.compliance import standing
from governance_app.compliance.duties import duties
from governance_app.compliance.effect import Held, in_effect
from governance_app.compliance.facts import facts_of
from governance_app.compliance.models import (
    Classification,
    ClassificationReview,
    Library,
    TierNow,
)
from governance_app.compliance.reading import content_of
from governance_app.domain import questions
from governance_app.domain.errors import Sentence
from governance_app.domain.frameworks import Library as Content
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User


class BadClassification(Sentence):
    """A classification or review that does not make sense; says what to mend."""


@refusals_noted
@recorded
def classify(
    *,
    initiative: Initiative,
    scheme: str,
    answers: Mapping[str, Any],
    on: dt.date,
    by: User,
    notes: Mapping[str, str] | None = None,
    override_tier: str = "",
    override_reason: str = "",
) -> Classification:
    """
    Judge an initiative by the current questionnaire of a scheme; a second person must agree.

    Args:
        answers: question -> value, or values for a question that takes many. What is left out
            is unknown, and unknown lowers nothing.
        override_tier: another tier than computed, with ``override_reason``.

    Raises:
        BadClassification: an unknown question or answer, or an override that is not allowed.
    """
    access.require(by, "compliance.edit", initiative)
    library = _current(scheme)
    content = content_of(library)
    Initiative.objects.select_for_update(of=("self",)).get(pk=initiative.pk)
    said = checked_answers(content, answers)
    facts = facts_of(initiative)
    counted, _ = questions.shown(content.tree, answers=said, facts=facts)
    outcome = questions.judge(content.tree, answers=said, facts=facts)
    tier = _overridden(content, outcome, override_tier, override_reason.strip())
    roles = _roles(content, counted)
    last = Classification.objects.filter(initiative=initiative, scheme=scheme)
    row = Classification.objects.create(
        initiative=initiative,
        library=library,
        scheme=scheme,
        number=(last.aggregate(top=Max("number"))["top"] or 0) + 1,
        on=on,
        answers=dict(counted),
        notes={key: text.strip() for key, text in (notes or {}).items() if text.strip()},
        facts=facts,
        computed_tier=outcome.tier,
        floor=outcome.floor or "",
        ceiling=outcome.ceiling or "",
        tier=tier,
        override_reason=override_reason.strip() if tier != outcome.tier else "",
        flags=list(outcome.flags),
        open_flags=list(outcome.open_flags),
        roles=roles,
        because=[[sentence, list(keys)] for sentence, keys in outcome.because],
        duties=[duty.as_json() for duty in duties(content, outcome, tier=tier, roles=roles, on=on)],
        facts_hash=questions.facts_hash(
            library=library.key,
            version=library.number,
            digest=library.digest,
            answers=counted,
            facts=facts,
        ),
        classified_by=by,
    )
    _settle(initiative, scheme, content)
    standing.restand(initiative, on=on)
    return row


@refusals_noted
@recorded
def review_classification(
    *,
    classification: Classification,
    is_confirmed: bool,
    on: dt.date,
    by: User,
    reason: str = "",
) -> ClassificationReview:
    """
    Agree with a classification, or refuse it with a reason.

    Raises:
        BadClassification: by the person who classified, twice, after a newer one, after the
            initiative changed, or a refusal without a reason.
    """
    access.require(by, "compliance.review", classification)
    row = (
        Classification.objects.select_for_update(of=("self",))
        .select_related("initiative", "library")
        .get(pk=classification.pk)
    )
    initiative = Initiative.objects.select_for_update(of=("self",)).get(pk=row.initiative_id)
    if row.classified_by_id == by.pk:
        raise BadClassification("Somebody else than who classified it confirms a classification.")
    if ClassificationReview.objects.filter(classification=row).exists():
        raise BadClassification(f"{row} has been reviewed already.")
    newer = Classification.objects.filter(
        initiative=initiative, scheme=row.scheme, number__gt=row.number
    )
    if newer.exists():
        raise BadClassification(f"{row} is no longer the newest; review that one.")
    if not is_confirmed and not reason.strip():
        raise BadClassification("Say why you refuse the classification.")
    changed = _changed_facts(row, initiative)
    if is_confirmed and changed:
        raise BadClassification(
            f"{initiative.key} changed since it was classified ({', '.join(changed)}). "
            "Classify it again first."
        )
    review = ClassificationReview.objects.create(
        classification=row,
        verdict="confirm" if is_confirmed else "refuse",
        reason=reason.strip(),
        reviewer=by,
        on=on,
    )
    _settle(initiative, row.scheme, content_of(row.library))
    standing.restand(initiative, on=on)
    return review


def judged_again(classification: Classification) -> tuple[str, str]:
    """Judge a stored classification from what is stored; give (tier computed, facts hash)."""
    library = classification.library
    content = content_of(library)
    outcome = questions.judge(
        content.tree, answers=classification.answers, facts=classification.facts
    )
    return outcome.tier, questions.facts_hash(
        library=library.key,
        version=library.number,
        digest=library.digest,
        answers=classification.answers,
        facts=classification.facts,
    )


def checked_answers(content: Content, answers: Mapping[str, Any]) -> dict[str, questions.Answer]:
    """
    Keep the answers that say something, or refuse.

    Raises:
        BadClassification: names the question and the answers it takes.
    """
    known = {question.key: question for question in content.tree.questions}
    found: dict[str, questions.Answer] = {}
    for key, value in answers.items():
        question = known.get(key)
        if question is None:
            raise BadClassification(f"{content.name} has no question “{key}”.")
        if value in (None, "", [], ()):
            continue
        if question.kind == "text":
            found[key] = str(value).strip()[:2000]
            continue
        offered = [choice.value for choice in question.choices]
        is_many = not isinstance(value, str)
        values = list(value) if is_many else [value]
        if is_many and question.kind != "many":
            raise BadClassification(f"“{question.text}” takes one answer.")
        wrong = [each for each in values if each not in (*offered, questions.UNKNOWN)]
        if wrong:
            raise BadClassification(
                f"“{question.text}” is answered with {', '.join(offered)}, not {wrong[0]!r}."
            )
        if "none" in values and len(values) > 1:
            raise BadClassification(f"“{question.text}”: “none” stands alone.")
        found[key] = sorted(values, key=_place(offered)) if question.kind == "many" else values[0]
    return found


def _place(offered: list[str]) -> Any:
    order = {value: place for place, value in enumerate(offered)}
    return lambda value: order.get(value, len(order))


def _current(scheme: str) -> Library:
    library = Library.objects.filter(key=scheme, is_current=True, kind="classification").first()
    if library is None:
        known = Library.objects.filter(is_current=True, kind="classification").order_by("key")
        names = ", ".join(known.values_list("key", flat=True)) or "none loaded yet"
        raise BadClassification(f"There is no classification “{scheme}”; there are {names}.")
    return library


def _overridden(content: Content, outcome: questions.Outcome, wanted: str, reason: str) -> str:
    """Give the tier that is proposed: the computed one, or another with a reason."""
    if not wanted or wanted == outcome.tier:
        return outcome.tier
    tiers = {tier.slug: tier for tier in content.tree.tiers}
    if wanted not in tiers:
        raise BadClassification(f"The tier is one of {', '.join(tiers)}, not “{wanted}”.")
    if not reason:
        raise BadClassification("Another tier than computed needs a reason.")
    barred = [
        tiers[slug].name
        for slug in {outcome.floor, outcome.ceiling}
        if slug and tiers[slug].final and slug != wanted
    ]
    if barred:
        raise BadClassification(
            f"Nobody can override “{barred[0]}”. Answer what is open, or stop the initiative."
        )
    return wanted


def _roles(content: Content, answers: questions.Answers) -> list[str]:
    said = answers.get(content.roles_question) if content.roles_question else None
    if not said:
        return []
    return [said] if isinstance(said, str) else list(said)


def _changed_facts(row: Classification, initiative: Initiative) -> list[str]:
    """Name the facts that differ from those judged; results of classifying do not count."""
    own = {"eu_tier", "eu_flags", "roles", "high_impact", "stage"}
    now = facts_of(initiative)
    return sorted(
        name.replace("_", " ")
        for name, value in now.items()
        if name not in own and row.facts.get(name) != value
    )


def _settle(initiative: Initiative, scheme: str, content: Content) -> None:
    """Work out which tier counts now and write it down."""
    rows = Classification.objects.filter(initiative=initiative, scheme=scheme)
    confirmed = rows.filter(review__verdict="confirm").order_by("-number").first()
    proposed = rows.filter(review=None).order_by("-number").first()
    if proposed and confirmed and proposed.number < confirmed.number:
        proposed = None
    tier = in_effect(
        confirmed=Held(confirmed.tier, confirmed.ceiling) if confirmed else None,
        proposed=Held(proposed.tier, proposed.ceiling) if proposed else None,
        tiers=content.tree.tiers,
    )
    judged = [row for row in (confirmed, proposed) if row is not None]
    flags = sorted({flag for row in judged for flag in row.flags})
    roles = sorted({role for row in judged for role in row.roles})
    now, is_new = TierNow.objects.get_or_create(
        initiative=initiative,
        scheme=scheme,
        defaults={
            "tier": tier, "flags": flags, "roles": roles,
            "confirmed": confirmed, "proposed": proposed,
        },
    )  # fmt: skip
    if not is_new:
        save_changes(
            now, tier=tier, flags=flags, roles=roles, confirmed=confirmed, proposed=proposed
        )
