"""
Gates of the company: the recommended policy, two divisions that decide themselves, a year of
decisions, what waits now, an emergency, a stand-in, the next sitting of the board.

Everything goes through the services that people use; only the moments lie in the past.
"""

import datetime as dt
from typing import Any

from django.utils import timezone

from governance_app.audit.acting import acting
from governance_app.compliance import services as compliance
from governance_app.compliance.models import TierNow
from governance_app.domain.gates import read_verdict
from governance_app.gates import services as gates
from governance_app.gates.models import (
    BoardMeeting,
    BreakGlass,
    Delegation,
    GateRequest,
    PolicyVersion,
    UnitMode,
)
from governance_app.gates.starting import starter
from governance_app.initiatives import services as initiatives
from governance_app.initiatives.models import Initiative
from governance_app.oversight import services as oversight
from governance_app.people import access
from governance_app.people import services as people
from governance_app.people.models import Grant, ScopeNode, User
from portfolio.demo.dice import draw
from portfolio.demo.load import Progress
from portfolio.demo.shapes import Company

#: How many live initiatives have a decision of the last year, and how many wait for one.
DECIDED, WAITING = 24, 6
#: Divisions that decide themselves, by place in the tree.
THEMSELVES = 2
DAYS = 330
_SCHEME = "eu-ai-act"
_PLAIN = {
    "E1": "no", "E2": "no", "S1": "yes", "S2": "yes", "S3": "none", "R1": ["deployer"], "R2": "no",
    **{f"P{number}": "no" for number in range(1, 10)},
    "H1": "no", "H3": ["none"], "T1": "no", "T2": "no", "T3": "no", "T4": "no", "T5": "no",
    "G1": "no",
}  # fmt: skip
_WHY = (
    "The new version answers in half the time; back-test attached to the run.",
    "A year in use: owners, controls and figures were looked at again.",
    "The supplier moved to a newer model; the golden set passes.",
    "Two more desks asked for it and the budget covers them.",
)
_NOT_YET = "Its EU tier is not known; ask again once it is classified."


def load_governance(company: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """Put the gates in place and let the company decide; a second run adds nothing."""
    if PolicyVersion.objects.exists():
        return {"requests": GateRequest.objects.count()}
    job.stage("Gates: policy and modes")
    board, officers = _board(by), _officers()
    _policy(officers[0], board[0])
    root = ScopeNode.objects.get(kind=ScopeNode.Kind.ORGANISATION)
    _modes(root, company, board[0])
    compliance.load_shipped(by=by)
    live = _live(by)
    job.stage("Gates: a year of decisions", total=len(live))
    for at, row in enumerate(live):
        _classify(row, officers)
        _decided(row, at, company, board, officers)
        job.advance(at + 1)
    job.stage("Gates: what waits now")
    waiting = _waiting(board, officers)
    _emergency(waiting, board)
    _beside(root, board)
    job.stage("Gates: the daily round")
    went = oversight.go_round(on=timezone.localdate(), by=people.system_user("oversight"))
    return {"requests": GateRequest.objects.count(), "round": went.as_json()}


def _board(by: User) -> list[User]:
    """Three people sit on the board: its head and two who sponsor."""
    root = ScopeNode.objects.get(kind=ScopeNode.Kind.ORGANISATION)
    held = Grant.objects.filter(role="governance_board").order_by("created_at", "pk")
    head = held.select_related("user")[0].user
    sponsors = (
        User.objects.filter(grants__role="executive", is_active=True)
        .exclude(pk=head.pk)
        .distinct()
        .order_by("created_at", "pk")[:2]
    )
    for person in sponsors:
        people.grant(user=person, role="governance_board", node=root, by=by)
    return [head, *sponsors]


def _officers() -> list[User]:
    rows = User.objects.filter(grants__role="risk_officer", is_active=True).distinct()
    return list(rows.order_by("created_at", "pk")[:3])


def _policy(officer: User, head: User) -> None:
    given = starter()
    root = ScopeNode.objects.get(kind=ScopeNode.Kind.ORGANISATION)
    draft = gates.write_policy(
        node=root, title=given["title"], document=given["document"],
        examples=given["examples"], reason="First version, as recommended.", by=officer,
    )  # fmt: skip
    gates.activate_policy(policy=draft, by=head)


def _modes(root: ScopeNode, company: Company, head: User) -> None:
    """Two divisions have decided themselves for most of the year."""
    divisions = ScopeNode.objects.filter(parent=root, kind=ScopeNode.Kind.UNIT).order_by("path")
    with acting(head):
        for division in divisions[:THEMSELVES]:
            UnitMode.objects.create(
                node=division,
                mode="distributed",
                from_on=company.as_of - dt.timedelta(days=DAYS),
                reason="Releases every other week; every model is monitored.",
                decided_by=head,
            )


def _live(by: User) -> list[Initiative]:
    """Give live initiatives with people who may ask, half of them from divisions on their own."""
    rows = (
        Initiative.objects.filter(
            stage__slug="production", kind="initiative", business_owner__isnull=False,
            technical_owner__isnull=False, cases__isnull=False,
        )
        .select_related("node", "stage", "unit", "program_manager", "business_owner")
        .distinct()
        .order_by("number")
    )  # fmt: skip
    themselves = list(
        UnitMode.objects.filter(mode="distributed").values_list("node__path", flat=True)
    )
    halves: tuple[list[Initiative], list[Initiative]] = ([], [])
    for row in rows:
        if asker_of(row) is None:
            continue
        mine = halves[any(row.node.path.startswith(path) for path in themselves)]
        if len(mine) < DECIDED // 2:
            mine.append(row)
    return [*halves[0], *halves[1]]


def asker_of(row: Initiative) -> User | None:
    """Give who would ask the gate for an initiative; None when nobody there may."""
    for person in (row.program_manager, row.business_owner):
        if person is not None and person.is_active and access.can(person, "gate.ask", row):
            return person
    return None


def _classify(row: Initiative, officers: list[User]) -> None:
    """Classify by the questions of the EU AI Act, with a second person; every eighth waits."""
    if row.number % 8 == 0 or TierNow.objects.filter(initiative=row, scheme=_SCHEME).exists():
        return
    talks = row.ai_type in ("generative", "agentic", "speech")
    made = compliance.classify(
        initiative=row, scheme=_SCHEME, answers={**_PLAIN, "T1": "yes" if talks else "no"},
        on=timezone.localdate(), by=officers[0],
    )  # fmt: skip
    compliance.review_classification(
        classification=made, is_confirmed=True, on=timezone.localdate(), by=officers[1]
    )


def _decided(
    row: Initiative, at: int, company: Company, board: list[User], officers: list[User]
) -> None:
    """Ask for what is live to go on, some day of the last year, and decide it."""
    random = draw(company.seed, "gate", row.key)
    asker = asker_of(row)
    assert asker is not None
    asked_at = timezone.now() - dt.timedelta(days=DAYS - at * 13 % DAYS, hours=random.randrange(8))
    request = _asked(row, "production", "continue", asker, _WHY[at % len(_WHY)], asked_at)
    verdict = read_verdict({k: v for k, v in request.verdict.items() if k != "policies"})
    waits = random.uniform(6, 22) if len(verdict.steps) > 1 else random.uniform(0.02, 0.6)
    decided_at = asked_at + dt.timedelta(days=waits)
    if verdict.is_blocked:
        _decide(request, board[0], "reject", decided_at, sentence=_NOT_YET)
        return
    for step in verdict.steps:
        seats = {"gate.decide": board, "gate.risk": officers}.get(step.who, [asker])
        for person in seats[: step.quorum]:
            _decide(request, person, "approve", decided_at, slot=step.slot)
            request.refresh_from_db()
            if request.state != GateRequest.State.IN_REVIEW:
                return


def _asked(
    row: Initiative, to: str, proposal: str, by: User, why: str, now: dt.datetime | None
) -> GateRequest:
    draft = gates.ask(initiative=row, to_stage=to, proposal=proposal, reason=why, by=by)
    gates.add_evidence(
        request=draft, title="Test report of the release", kind="test", reference="QA portal",
        collected_on=timezone.localdate() - dt.timedelta(days=3), by=by,
    )  # fmt: skip
    return gates.submit(request=draft, by=by, now=now)


def _decide(
    request: GateRequest, by: User, choice: str, now: dt.datetime | None, **more: Any
) -> None:
    """Decide where the person may and has not yet; two seats for one person are one seat."""
    if (
        request.requested_by_id == by.pk
        and read_verdict({k: v for k, v in request.verdict.items() if k != "policies"}).is_escalated
    ):
        return
    if request.decisions.filter(person=by).exists():
        return
    moment = now or timezone.now()
    gates.decide(
        request=request, choice=choice, by=by, facts_hash=request.facts_hash, now=moment,
        authenticated_at=moment - dt.timedelta(minutes=4), **more,
    )  # fmt: skip


def _waiting(board: list[User], officers: list[User]) -> list[GateRequest]:
    """Ask for pilots to go on; some have a first yes."""
    rows = (
        Initiative.objects.filter(
            stage__slug="scaling", kind="initiative", business_owner__isnull=False,
            technical_owner__isnull=False, cases__isnull=False,
        )
        .select_related("node", "stage", "unit", "program_manager", "business_owner")
        .distinct()
        .order_by("number")
    )  # fmt: skip
    found: list[GateRequest] = []
    for row in rows:
        asker = asker_of(row)
        if asker is None:
            continue
        _classify(row, officers)
        days = 4 * len(found) + 1
        asked_at = timezone.now() - dt.timedelta(days=days)
        why = "The pilot met its target in two units; the rest of the division waits."
        request = _asked(row, "production", "scale", asker, why, asked_at)
        verdict = read_verdict({k: v for k, v in request.verdict.items() if k != "policies"})
        asks_risk = any(step.slot == "risk" for step in verdict.steps)
        if asks_risk and not verdict.is_blocked and len(found) % 2:
            _decide(request, officers[0], "approve", asked_at + dt.timedelta(days=1), slot="risk")
        found.append(request)
        if len(found) == WAITING:
            break
    return found


def _emergency(waiting: list[GateRequest], board: list[User]) -> None:
    """One pilot went live at night because the old system was down."""
    taken = {request.initiative_id for request in waiting}
    row = (
        Initiative.objects.filter(stage__slug="scaling", kind="initiative")
        .exclude(pk__in=taken)
        .order_by("number")
        .first()
    )
    if row is None or BreakGlass.objects.exists():
        return
    glass = gates.break_glass(
        initiative=row, to_stage="production", by=board[0], incident="INC-2291",
        reason="The rule engine it replaces failed at 02:10 and claims pile up.",
    )  # fmt: skip
    gates.confirm_glass(glass=glass, by=board[1])
    initiatives.advance_stage(
        initiative=row, to="scaling", reason="The rule engine runs again.", by=board[0]
    )


def _beside(root: ScopeNode, board: list[User]) -> None:
    today = timezone.localdate()
    if not Delegation.objects.exists():
        gates.note_training(
            person=board[1], trained_on=today - dt.timedelta(days=120),
            reference="Deciding at gates, course of 12 people", by=board[0],
        )  # fmt: skip
        gates.delegate(
            taker=board[1], node=root, from_on=today, until_on=today + dt.timedelta(days=13),
            reason="Travelling; back in two weeks.", by=board[2],
        )  # fmt: skip
    if not BoardMeeting.objects.exists():
        gates.call_meeting(
            node=root, on=today + dt.timedelta(days=6), title="AI governance board", by=board[0]
        )
