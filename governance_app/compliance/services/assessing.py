"""Assessments: answered in a draft, submitted, decided by somebody else; gaps become actions."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db.models import Max

from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import check_version, save_changes
from governance_app.books.selectors import setting
from governance_app.compliance import standing
from governance_app.compliance.facts import facts_of
from governance_app.compliance.models import Assessment, AssessmentEvidence, Evidence, Gap
from governance_app.compliance.reading import content_of
from governance_app.compliance.services.classifying import checked_answers
from governance_app.domain import questions
from governance_app.domain.errors import Sentence
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User


class BadAssessment(Sentence):
    """An assessment that cannot be done this way; says what to mend."""


@recorded
def begin_assessment(*, initiative: Initiative, subject: str, on: dt.date, by: User) -> Assessment:
    """
    Open an assessment, with the answers of the last one to begin with; an open one is given back.

    Raises:
        BadAssessment: there is no questionnaire for the subject.
    """
    access.require(by, "compliance.edit", initiative)
    library = standing.libraries_by_subject().get(subject)
    if library is None:
        known = ", ".join(standing.libraries_by_subject()) or "none loaded yet"
        raise BadAssessment(f"There is no assessment of “{subject}”; there are {known}.")
    Initiative.objects.select_for_update(of=("self",)).get(pk=initiative.pk)
    rows = Assessment.objects.filter(initiative=initiative, subject=subject)
    already = rows.filter(state__in=("draft", "submitted")).first()
    if already is not None:
        return already
    last = rows.order_by("-number").first()
    offered = {question.key for question in content_of(library).tree.questions}
    kept = {key: said for key, said in (last.answers if last else {}).items() if key in offered}
    return Assessment.objects.create(
        initiative=initiative,
        library=library,
        subject=subject,
        number=(rows.aggregate(top=Max("number"))["top"] or 0) + 1,
        answers=kept,
        notes={key: said for key, said in (last.notes if last else {}).items() if key in kept},
        begun_by=by,
    )


@recorded
def answer(
    *,
    assessment: Assessment,
    answers: Mapping[str, Any],
    by: User,
    notes: Mapping[str, str] | None = None,
    version: int | None = None,
) -> Assessment:
    """
    Write answers into a draft; those that are not named stay.

    Raises:
        BadAssessment: it is no draft any more.
        BadClassification: an unknown question or answer.
        StaleWrite: somebody changed it since ``version`` was read.
    """
    access.require(by, "compliance.edit", assessment)
    row = _locked(assessment)
    check_version(row, version)
    if row.state != Assessment.State.DRAFT:
        raise BadAssessment(f"{row} is {row.get_state_display().lower()}; begin a new one.")
    content = content_of(row.library)
    said = checked_answers(content, answers)
    left = {key: old for key, old in row.answers.items() if key not in answers}
    texts = {key: text.strip()[:2000] for key, text in (notes or {}).items()}
    kept = {**{key: old for key, old in row.notes.items() if key not in texts}, **texts}
    save_changes(row, answers={**left, **said}, notes={k: t for k, t in kept.items() if t})
    return row


@refusals_noted
@recorded
def submit_assessment(
    *, assessment: Assessment, on: dt.date, by: User, version: int | None = None
) -> Assessment:
    """
    Hand a draft in: its facts are frozen, its results worked out.

    Raises:
        BadAssessment: it is no draft, or a question stands without answer.
    """
    access.require(by, "compliance.edit", assessment)
    row = _locked(assessment)
    check_version(row, version)
    if row.state != Assessment.State.DRAFT:
        raise BadAssessment(f"{row} is {row.get_state_display().lower()} already.")
    content, facts = content_of(row.library), facts_of(row.initiative)
    counted, asked = questions.shown(content.tree, answers=row.answers, facts=facts)
    left = [question.text for question in asked if question.key not in counted]
    if left:
        raise BadAssessment(
            f"{len(left)} of {len(asked)} questions have no answer, the first is “{left[0]}”. "
            "Choose “Not known yet” where nobody knows."
        )
    outcome = questions.judge(content.tree, answers=counted, facts=facts)
    save_changes(
        row,
        state=Assessment.State.SUBMITTED,
        answers=counted,
        facts=facts,
        results=questions.results(content.tree, answers=counted, facts=facts),
        tier=outcome.tier if content.tree.tiers else "",
        facts_hash=questions.facts_hash(
            library=row.library.key,
            version=row.library.number,
            digest=row.library.digest,
            answers=counted,
            facts=facts,
        ),
        submitted_by=by,
        submitted_on=on,
    )
    return row


@refusals_noted
@recorded
def decide_assessment(
    *,
    assessment: Assessment,
    is_approved: bool,
    on: dt.date,
    by: User,
    reason: str = "",
    version: int | None = None,
) -> Assessment:
    """
    Approve a submitted assessment or return it; approval opens actions for its gaps.

    Raises:
        BadAssessment: by who submitted or begun it, not submitted, or returned without a reason.
    """
    access.require(by, "compliance.review", assessment)
    row = _locked(assessment)
    check_version(row, version)
    if row.state != Assessment.State.SUBMITTED:
        raise BadAssessment(f"{row} is {row.get_state_display().lower()}; submit it first.")
    if by.pk in (row.submitted_by_id, row.begun_by_id):
        raise BadAssessment("Somebody else than who wrote an assessment approves it.")
    if not is_approved and not reason.strip():
        raise BadAssessment("Say what is missing when you return an assessment.")
    usual = int(setting(key="assessment_months", on=on, node=row.initiative.node))
    months = content_of(row.library).valid_months or usual
    save_changes(
        row,
        state=Assessment.State.APPROVED if is_approved else Assessment.State.RETURNED,
        decided_by=by,
        decided_on=on,
        decision_reason=reason.strip(),
        valid_until=on + relativedelta(months=months) if is_approved else None,
    )
    if is_approved:
        _gaps(row, on, by)
        standing.restand(row.initiative, on=on)
    return row


@refusals_noted
@recorded
def add_evidence(
    *,
    initiative: Initiative,
    title: str,
    collected_on: dt.date,
    on: dt.date,
    by: User,
    url: str = "",
    file: Any = None,
    valid_until: dt.date | None = None,
    assessment: Assessment | None = None,
    question: str = "",
) -> Evidence:
    """
    Put evidence on record, at once behind an answer when it belongs to one.

    Args:
        collected_on: the day it shows; neither in the future nor older than the setting
            ``evidence_backdate_days`` allows.
        file: a stored file, unless ``url`` says where it is.

    Raises:
        BadAssessment: nothing to look at, back-dated, or the assessment is decided already.
    """
    access.require(by, "compliance.edit", initiative)
    if not title.strip():
        raise BadAssessment("Evidence needs a title.")
    if not url.strip() and file is None:
        raise BadAssessment(f"{title}: attach the evidence or say where it is.")
    if url and not url.startswith(("https://", "http://")):
        raise BadAssessment(f"{title}: an address begins with https://.")
    if collected_on > on:
        raise BadAssessment(f"{title}: evidence of {collected_on} lies in the future.")
    most = int(setting(key="evidence_backdate_days", on=on, node=initiative.node))
    if (on - collected_on).days > most:
        raise BadAssessment(
            f"{title}: evidence of {collected_on} is recorded {(on - collected_on).days} days "
            f"later; {most} are allowed. Collect it again."
        )
    days = int(setting(key="evidence_valid_days", on=on, node=initiative.node))
    latest = collected_on + dt.timedelta(days=days)
    until = min(valid_until, latest) if valid_until else latest
    if until < collected_on:
        raise BadAssessment(f"{title}: it would expire before it was collected.")
    row = Evidence.objects.create(
        initiative=initiative,
        title=title.strip()[:300],
        url=url.strip(),
        file=file,
        collected_on=collected_on,
        valid_until=until,
        collected_by=by,
    )
    if assessment is not None:
        kept = _locked(assessment)
        if kept.initiative_id != initiative.pk:
            raise BadAssessment(f"{kept} belongs to another initiative.")
        known = {each.key for each in content_of(kept.library).tree.questions}
        if question not in known:
            raise BadAssessment(f"{kept} has no question “{question}”.")
        AssessmentEvidence.objects.create(assessment=kept, evidence=row, question=question)
        standing.restand(initiative, on=on)
    return row


@recorded
def withdraw_evidence(*, evidence: Evidence, because: str, on: dt.date, by: User) -> Evidence:
    """
    Take evidence back that turned out wrong; it stays on record and counts no more.

    Raises:
        BadAssessment: no reason, or withdrawn already.
    """
    access.require(by, "compliance.edit", evidence)
    row = Evidence.objects.select_for_update(of=("self",)).get(pk=evidence.pk)
    if not because.strip() or row.withdrawn_because:
        raise BadAssessment(f"{row}: say why it is withdrawn; it can be withdrawn once.")
    save_changes(row, withdrawn_because=because.strip())
    standing.restand(row.initiative, on=on)
    return row


def _locked(assessment: Assessment) -> Assessment:
    rows = Assessment.objects.select_for_update(of=("self",))
    return rows.select_related("library__file", "initiative__node", "initiative__stage").get(
        pk=assessment.pk
    )


def _gaps(row: Assessment, on: dt.date, by: User) -> None:
    """Open an action for each gap of an approved assessment, and close those that are mended."""
    days = setting(key="gap_due_days", on=on, node=row.initiative.node)
    texts = {question.key: question.text for question in content_of(row.library).tree.questions}
    still = {
        gap.question: gap
        for gap in Gap.objects.select_for_update(of=("self",)).filter(
            initiative=row.initiative, assessment__subject=row.subject, kind="gap", closed_on=None
        )
    }
    owner = (
        row.initiative.business_owner or row.initiative.program_manager or row.initiative.sponsor
    )
    grave = setting(key="grave_tiers", on=on, node=row.initiative.node)
    is_grave = row.facts.get("eu_tier") in grave
    for key, result in row.results.items():
        open_gap = still.get(key)
        if result in ("met", "na") and open_gap is not None:
            save_changes(
                open_gap,
                closed_on=on,
                closed_by=by,
                closed_because=f"{row.library.name} no. {row.number} finds it mended.",
            )
        elif result in ("gap", "partly") and open_gap is None:
            severity = "low" if result == "partly" else "high" if is_grave else "medium"
            Gap.objects.create(
                initiative=row.initiative,
                kind=Gap.Kind.GAP,
                severity=severity,
                title=texts[key][:300],
                description=row.notes.get(key, ""),
                assessment=row,
                question=key,
                found_on=on,
                found_by=by,
                owner=owner,
                due_on=on + dt.timedelta(days=int(days[severity])),
            )
