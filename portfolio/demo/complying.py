"""
Classes, assessments, controls, policies and incidents of the invented company.

What is on record is deliberately incomplete, as it is everywhere: some initiatives nobody has
classified, some classes wait for a second person, some controls were never tested. What is live
has its class: no gate lets it stay without.
"""

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any

from django.db import transaction
from django.utils import timezone

from governance_app.compliance import selectors, services
from governance_app.compliance.facts import facts_of
from governance_app.compliance.group_tables import Line
from governance_app.compliance.models import (
    Arrangement,
    Assessment,
    Campaign,
    Classification,
    Document,
    Node,
)
from governance_app.compliance.reading import CONTROLS, EU_AI_ACT, content_of
from governance_app.domain.questions import shown
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.risk import services as risk
from governance_app.risk.models import Acceptance, Incident, Risk, TreatmentStep
from portfolio.demo.company import SEED
from portfolio.demo.dice import draw
from portfolio.demo.load import Progress

#: Initiatives that got as far as assessments and controls.
ASSESSED = 90
LIVE = "production"
HIGH_RISK = {"credit": "5b", "lending": "5b", "mortgage": "5b", "disability": "5c", "life": "5c",
             "hiring": "4a", "people": "4b", "staff": "4b"}  # fmt: skip
SUBJECTS = ("model_risk", "impact", "bias", "privacy", "security", "data_quality", "third_party")
#: Who audits for bias, and the groups: part of the people, and the least rate beside the best.
AUDITORS = ("Fairbanks Algorithm Audit", "Parity Labs", "Institut für faire Verfahren")
AUDITED: tuple[tuple[str, tuple[tuple[str, float, float], ...]], ...] = (
    ("sex", (("Women", 0.46, 0.72), ("Men", 0.53, 0.97), ("Diverse", 0.01, 0.5))),
    ("age", (("Under 40", 0.48, 0.96), ("40 to 59", 0.4, 0.85), ("60 and over", 0.12, 0.7))),
)
COUNTRIES = ("DE", "IE", "NL", "SE", "FR")
POLICIES = (
    ("Responsible use of AI", "What everybody who works with AI must know",
     "Say when something was made by AI.\n\nNobody enters customer data into a service that is not "
     "on the list.\n\nA person decides whatever matters to a person."),
    ("Model risk management", "How models are built, validated, used and retired",
     "Every model has an owner, a tier and an independent validation before use.\n\nFindings have "
     "an owner and a date."),
    ("Suppliers of AI", "What is asked before and while a supplier is used",
     "A supplier is assessed before the contract, again every year, and has an exit plan that was "
     "tested."),
)  # fmt: skip
INCIDENTS: tuple[tuple[str, str, int, int, dict[str, str]], ...] = (
    ("Contact-centre assist", "Wrong advice on a fee was read out to customers", 3, 14, {}),
    ("Credit pre-screening", "Applicants over 60 were refused more often for nine days", 4, 5,
     {"eu_high_risk": "yes", "fundamental_rights": "yes"}),
    ("HR policy chatbot", "Answers showed salary bands of another country", 2, 40,
     {"personal_data": "yes"}),
    ("Post room reader", "Letters of two days were sorted into the wrong queue", 1, 120, {}),
)  # fmt: skip


def load_compliance(*, job: Progress, by: User) -> dict[str, Any]:
    """Add what the company has on record for frameworks and laws; again, add what is left."""
    job.stage("Frameworks")
    services.load_shipped(by=by)
    today = timezone.localdate()
    officer = User.objects.get(email="risk@meridian.example")
    board = User.objects.get(email="board@meridian.example")
    rows = list(
        Initiative.objects.filter(kind="initiative", stage__isnull=False)
        .exclude(stage__slug__in=("idea", "retired"))
        .select_related("stage", "node", "business_owner", "program_manager", "technical_owner")
        .order_by("number")
    )
    done = _one_by_one("Classes", rows, job, lambda row: _classify(row, SEED, today, officer, by))
    chosen = _assessed(rows)
    done |= _one_by_one(
        "Assessments and controls", chosen, job,
        lambda row: _assess(row, SEED, today, officer, by),
    )  # fmt: skip
    job.stage("Policies, incidents and what is done about risks")
    with transaction.atomic():
        _policies(today, officer, board, chosen)
    with transaction.atomic():
        _incidents(officer)
    with transaction.atomic():
        _treat(SEED, today, officer, board)
    return done


def _one_by_one(name: str, rows: list[Initiative], job: Progress, add: Any) -> dict[str, int]:
    job.stage(name, total=len(rows))
    for count, row in enumerate(rows, start=1):
        with transaction.atomic():
            add(row)
        if count % 25 == 0 or count == len(rows):
            job.advance(count)
    return {name.lower(): len(rows)}


def _assessed(rows: list[Initiative]) -> list[Initiative]:
    """Choose those told about by name first, then the rest by age."""
    told = {name for name, *_ in INCIDENTS}
    later = [
        row for row in rows if row.stage and row.stage.slug in ("scaling", "production", "pilot")
    ]
    return sorted(later, key=lambda row: (row.name not in told, row.number))[:ASSESSED]


def _writer(row: Initiative, by: User) -> User:
    """Give who writes for an initiative: its manager or owner where they may."""
    for person in (row.program_manager, row.business_owner):
        if person is not None and access.can(person, "compliance.edit", row):
            return person
    return by


def _classify(row: Initiative, seed: int, today: dt.date, officer: User, by: User) -> None:
    """Classify most; what is live is classified and confirmed, as its gate asks."""
    random = draw(seed, "classify", row.key)
    is_live = row.stage is not None and row.stage.slug == LIVE
    if Classification.objects.filter(initiative=row).exists():
        return
    if random.random() < 0.2 and not is_live:
        return
    on = today - dt.timedelta(days=random.randint(3, 300))
    one = services.classify(
        initiative=row, scheme=EU_AI_ACT, answers=_answers(row, random, is_known=is_live), on=on,
        by=_writer(row, by),
    )  # fmt: skip
    if (random.random() < 0.8 or is_live) and one.classified_by_id != officer.pk:
        services.review_classification(
            classification=one,
            is_confirmed=True,
            on=min(today, on + dt.timedelta(days=random.randint(1, 20))),
            by=officer,
        )


def _answers(row: Initiative, random: Random, *, is_known: bool) -> dict[str, Any]:
    words = f"{row.name} {row.purpose}".lower()
    point = next((point for word, point in HIGH_RISK.items() if word in words), "")
    decides = point and row.ai_type in ("predictive", "anomaly", "recommendation", "")
    talks = row.ai_type in ("generative", "agentic", "speech") and (
        "customer" in words or "agent" in words or "chat" in words
    )
    said: dict[str, Any] = {
        "E1": "no", "E2": "no", "S1": "yes", "S2": "yes", "S3": "none",
        "R1": ["provider", "deployer"] if row.sourcing == "build" else ["deployer"], "R2": "no",
        **{f"P{number}": "no" for number in range(1, 10)},
        "H1": "no", "H3": [point] if decides else ["none"], "H4": "yes", "F1": "none",
        "T1": "yes" if talks else "no", "T2": "yes" if row.ai_type == "generative" else "no",
        "T2b": "yes", "T3": "no", "T4": "no", "T5": "no", "G1": "no",
    }  # fmt: skip
    if random.random() < 0.08 and not is_known:
        said[random.choice(("H3", "P6", "T1", "S2"))] = "unknown"
        said["H3"] = ["unknown"] if said["H3"] == "unknown" else said["H3"]
    return said


def _assess(row: Initiative, seed: int, today: dt.date, officer: User, by: User) -> None:
    random = draw(seed, "assess", row.key)
    if Assessment.objects.filter(initiative=row).exists():
        return
    writer = _writer(row, by)
    for subject in random.sample(SUBJECTS, random.randint(1, 4)):
        on = today - dt.timedelta(days=random.randint(10, 330))
        one = services.begin_assessment(initiative=row, subject=subject, on=on, by=writer)
        tree = content_of(one.library).tree
        said = {
            question.key: _choice(random, [choice.value for choice in question.choices])
            for question in tree.questions
        }
        _, asked = shown(tree, answers=said, facts=facts_of(row))
        services.answer(
            assessment=one, answers={each.key: said[each.key] for each in asked}, by=writer
        )
        if random.random() < 0.15:
            continue
        services.submit_assessment(assessment=one, on=on, by=writer)
        if random.random() < 0.85:
            services.decide_assessment(assessment=one, is_approved=True, on=on, by=officer)
    _controls(row, random, today, officer, writer)
    if any(word in row.name.lower() for word in HIGH_RISK):
        _audit(row, draw(seed, "bias audit", row.key), today, officer)
    if row.vendor and not Arrangement.objects.filter(initiative=row).exists():
        _arrange(row, random, today, by)
    if random.random() < 0.35 and officer.pk not in (row.risk_owner_id,):
        _validate(row, random, today, officer)


def _audit(row: Initiative, random: Random, today: dt.date, officer: User) -> None:
    """Put a bias audit on record, some of them a year ago; what is under the limit is followed."""
    audited_on = today - dt.timedelta(days=random.randint(15, 400))
    until = audited_on - dt.timedelta(days=20)
    people = random.randint(900, 6000)
    lines: list[Line] = []
    for category, groups in AUDITED:
        rate = random.uniform(0.25, 0.6)
        for name, part, least in groups:
            assessed = round(people * part)
            selected = round(assessed * rate * random.uniform(least, 1))
            lines.append(Line(len(lines) + 1, category, name, str(selected), str(assessed)))
    made = services.record_bias_audit(
        initiative=row, auditor=random.choice(AUDITORS),
        independence="Neither builds, sells nor uses it, and is paid whatever it finds.",
        outcome=f"Selected by {row.name}", data_from=until - dt.timedelta(days=364),
        data_until=until, audited_on=audited_on,
        publication_url=f"https://www.meridian.example/audits/{row.key.lower()}", groups=lines,
        unknown_assessed=random.randint(0, 40), on=today, by=officer,
    )  # fmt: skip
    below = [each for each in selectors.compared(audit=made, viewer=officer) if each.is_below]
    for line in below[:1]:
        services.follow_up_bias(group=line.row, on=today, by=officer)


def _choice(random: Random, values: list[str]) -> str:
    """Answer mostly well, as people who hand an assessment in do."""
    good = [value for value in ("yes", "low", "medium", "no") if value in values]
    return random.choice(values) if random.random() < 0.3 or not good else good[0]


def _controls(row: Initiative, random: Random, today: dt.date, officer: User, writer: User) -> None:
    refs = Node.objects.filter(library__key=CONTROLS, library__is_current=True)
    every = sorted(refs.values_list("ref", flat=True))
    for ref in random.sample(every, random.randint(4, 12)):
        state = random.choices(("in_place", "planned"), (8, 2))[0]
        control = services.apply_control(
            initiative=row, ref=ref, state=state, owner=row.technical_owner, on=today, by=writer
        )
        if state != "in_place" or random.random() < 0.45 or control.owner_id == officer.pk:
            continue
        tested_on = today - dt.timedelta(days=random.randint(1, 25))
        proof = services.add_evidence(
            initiative=row, title=f"Test of {ref}", url=f"https://evidence.example/{row.key}/{ref}",
            collected_on=tested_on, on=today, by=officer,
        )  # fmt: skip
        services.record_test(
            control=control, aspect="design", share=Decimal(random.choice(("0.9", "1"))),
            tested_on=tested_on, evidence=proof, on=today, by=officer,
        )  # fmt: skip
        services.record_test(
            control=control, aspect="operating", sample=25,
            exceptions=random.choices((0, 1, 3, 8), (5, 3, 2, 1))[0], tested_on=tested_on,
            evidence=proof, on=today, by=officer,
        )  # fmt: skip


def _arrange(row: Initiative, random: Random, today: dt.date, by: User) -> None:
    services.add_arrangement(
        initiative=row,
        vendor=row.vendor,
        reference=f"FA-{row.number:04d}",
        service="Model inference" if row.ai_type == "generative" else "Software as a service",
        service_type="S17" if row.ai_type == "generative" else "S19",
        supported_function=row.purpose[:200],
        is_critical=random.random() < 0.3,
        starts_on=today - dt.timedelta(days=random.randint(100, 900)),
        ends_on=today + dt.timedelta(days=random.randint(60, 900)),
        notice_days=random.choice((30, 90, 180)),
        governing_law=random.choice(COUNTRIES),
        service_countries=random.sample(COUNTRIES, 2),
        data_countries=random.sample(COUNTRIES, random.randint(1, 2)),
        has_subcontractors=random.choice((True, False, None)),
        substitutability=random.choice(("easy", "medium", "highly_complex", "")),
        annual_cost=Decimal(random.randint(20, 900) * 1000),
        currency="USD",
        by=by,
    )


def _validate(row: Initiative, random: Random, today: dt.date, officer: User) -> None:
    on = today - dt.timedelta(days=random.randint(1, 25))
    proof = services.add_evidence(
        initiative=row, title="Validation report", url=f"https://evidence.example/{row.key}/val",
        collected_on=on, on=today, by=officer,
    )  # fmt: skip
    outcome = random.choices(("approved", "conditional"), (3, 1))[0]
    services.validate_model(
        initiative=row,
        scope="Data, method, outcomes and monitoring of the version in use.",
        outcome=outcome,
        conditions="Monthly back-test until the next validation." if outcome != "approved" else "",
        validated_on=on,
        evidence=proof,
        on=today,
        by=officer,
    )
    if outcome == "conditional":
        services.add_finding(
            initiative=row, title="Stability was tested on one year of data only",
            severity="medium", on=on, by=officer,
        )  # fmt: skip


def _policies(today: dt.date, officer: User, board: User, rows: list[Initiative]) -> None:
    if Document.objects.exists():
        return
    root = ScopeNode.objects.get(kind=ScopeNode.Kind.ORGANISATION)
    since = today - dt.timedelta(days=120)
    for title, purpose, text in POLICIES:
        version = services.add_document(
            title=title, purpose=purpose, text=text, node=root, owner=officer, by=officer
        )
        services.submit_version(policy_version=version, by=officer)
        services.decide_version(policy_version=version, is_approved=True, on=since, by=board)
        services.publish_version(policy_version=version, in_force_from=since, on=since, by=officer)
    first = Document.objects.get(title=POLICIES[0][0])
    in_force = first.versions.get(state="published")
    unit = ScopeNode.objects.filter(kind=ScopeNode.Kind.UNIT, code="RB").first() or root
    campaign: Campaign = services.begin_campaign(
        policy_version=in_force, audience=unit, due_on=today + dt.timedelta(days=20), on=today,
        by=officer,
    )  # fmt: skip
    for place, one in enumerate(campaign.attestations.select_related("person").order_by("pk")):
        if place % 3:
            services.attest(campaign=campaign, by=one.person)
    if rows:
        asked = services.request_exception(
            document=first, node=rows[0].node, reason="The old screen cannot show a notice.",
            instead="Staff say it at the start of the call.",
            expires_on=today + dt.timedelta(days=90), on=today, by=officer,
        )  # fmt: skip
        services.decide_exception(exception=asked, is_granted=True, on=today, by=board)


def _incidents(officer: User) -> None:
    if Incident.objects.exists():
        return
    now = timezone.now()
    for name, title, severity, days, facts in INCIDENTS:
        row = Initiative.objects.filter(name=name).select_related("node").first()
        if row is None:
            continue
        aware = now - dt.timedelta(days=days)
        known = {
            "death": "no", "serious_harm": "no", "fundamental_rights": "no",
            "critical_infrastructure": "no", "property_environment": "no", "widespread": "no",
            "personal_data": "no", "major_ict": "no", **facts,
        }  # fmt: skip
        one = risk.report_incident(
            initiative=row, title=title, severity=severity, facts=known,
            occurred_at=aware - dt.timedelta(hours=30), detected_at=aware - dt.timedelta(hours=2),
            aware_at=aware, people_affected=None if severity > 2 else 120, now=aware, by=officer,
        )  # fmt: skip
        risk.write_event(
            incident=one, text="The last version was put back.", now=now,
            at=aware + dt.timedelta(hours=6), by=officer,
        )  # fmt: skip
        for notice in one.notices.all():
            risk.send_notice(
                notice=notice, sent_at=min(now, aware + dt.timedelta(hours=30)),
                reference=f"N-{one.number}", now=now, by=officer,
            )  # fmt: skip
        if days > 30:
            risk.close_incident(
                incident=one, cause="A change was released without its test set.",
                lessons="No release without the test set; the gate asks for it now.", now=now,
                by=officer,
            )  # fmt: skip


def _treat(seed: int, today: dt.date, officer: User, board: User) -> None:
    """Plan, accept and price what stands above appetite."""
    if TreatmentStep.objects.exists() or Acceptance.objects.exists():
        return
    rows = Risk.objects.filter(closed_at=None, residual__isnull=False, appetite__isnull=False)
    above = [row for row in rows.order_by("-residual", "-points", "pk")[:400]
             if (row.residual or 0) > (row.appetite or 0)][:40]  # fmt: skip
    for place, row in enumerate(above):
        random = draw(seed, "treat", str(place))
        treatment = "mitigate" if place % 4 else "transfer"
        risk.plan_step(
            risk=row, treatment=treatment, title="Bring a tested control into place",
            due_on=today + dt.timedelta(days=random.randint(10, 120)), on=today, by=officer,
            target_residual=row.appetite,
        )  # fmt: skip
        low = Decimal(random.randint(2, 40) * 10_000)
        risk.set_loss(
            risk=row, probability=Decimal(random.choice(("0.02", "0.05", "0.1", "0.2"))), low=low,
            high=low * random.choice((3, 8, 20)), currency="USD", by=officer,
        )  # fmt: skip
        if place % 3 == 0:
            asked = risk.request_acceptance(
                risk=row, reason="The control comes with the next release.",
                expires_on=today + dt.timedelta(days=180), on=today, by=officer,
            )  # fmt: skip
            if place % 2:
                risk.decide_acceptance(acceptance=asked, is_granted=True, on=today, by=board)
