"""Applying an answer: proposals to the gates of its initiatives, and requests that take them up."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.gates import services as gates
from governance_app.gates.models import GateRequest
from governance_app.initiatives.models import Initiative
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job
from governance_app.people import access
from governance_app.people.models import User
from governance_app.scenarios.models import Proposal, Scenario
from governance_app.scenarios.services.asking import BadScenario

HAND_OVER = "governance_app.scenarios.tasks.hand_over"


@recorded
def propose(*, scenario: Scenario, by: User, sentence: str) -> int:
    """
    Propose the answer to the gates of its initiatives: fund these, do not fund those now.

    An open proposal that says the same stays; one that says the opposite is withdrawn.

    Returns:
        How many proposals are new.

    Raises:
        BadScenario: it is not solved, or no sentence says why.
        Refused: the actor may not propose there.
    """
    access.require(by, "scenario.propose", scenario)
    scenario = Scenario.objects.select_for_update(of=("self",)).get(pk=scenario.pk)
    if scenario.state != "solved":
        raise BadScenario(f"{scenario} has no answer yet: let it be solved first.")
    if not sentence.strip():
        raise BadScenario("Say in a sentence why this is proposed.")
    chosen = {row.initiative_id: row for row in scenario.candidates.filter(is_considered=True)}
    standing = {
        row.initiative_id: row
        for row in Proposal.objects.select_for_update(of=("self",)).filter(
            state="open", initiative__in=list(chosen)
        )
    }
    made = []
    for initiative, row in chosen.items():
        action = "fund" if row.is_funded else "hold"
        before = standing.get(initiative)
        if before is not None and before.action == action:
            continue
        if before is not None:
            save_changes(before, state="withdrawn", ended_by=by, ended_at=timezone.now())
        made.append(
            Proposal(
                scenario=scenario,
                initiative_id=initiative,
                action=action,
                sentence=sentence.strip()[:500],
                amount=row.cost if row.is_funded else None,
                currency=scenario.currency,
                proposed_by=by,
            )
        )
    Proposal.objects.bulk_create(made)
    return len(made)


@recorded
def withdraw(*, scenario: Scenario, by: User) -> int:
    """Take back what was proposed from a scenario and no gate has taken up; gives how many."""
    access.require(by, "scenario.propose", scenario)
    rows = list(
        Proposal.objects.select_for_update(of=("self",)).filter(scenario=scenario, state="open")
    )
    for row in rows:
        save_changes(row, state="withdrawn", ended_by=by, ended_at=timezone.now())
    return len(rows)


@dataclass(slots=True)
class Handed:
    """What became of proposals: requests begun, those joined to one that stood, those left."""

    begun: int = 0
    joined: int = 0
    left: dict[str, str] = field(default_factory=dict)

    @property
    def taken(self) -> int:
        """How many a gate has taken up."""
        return self.begun + self.joined


@refusals_noted
@recorded
def take_to_gate(*, proposal: Proposal, by: User) -> GateRequest:
    """
    Begin a request at the gate of an initiative for what was proposed; nothing else changes.

    To fund asks for the next stage, or to continue in the last one. Not to fund now asks to stay
    where it is; what is live already costs by staying, so its gate is asked whether to stop it.
    A request that stands open for the same takes the proposal up instead.

    Raises:
        BadScenario: the proposal is over, or the initiative has no stage to ask from.
        Refused: the actor may not ask there.
        GateRefused, MoveRefused: the gate does not take such a request.
    """
    access.require(by, "gate.ask", proposal)
    row = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("initiative__stage", "scenario")
        .get(pk=proposal.pk)
    )
    if row.state != "open":
        raise BadScenario(f"The proposal for {row.initiative.key} is over already.")
    to_stage, ending = _asks_for(row)
    standing = GateRequest.objects.filter(
        initiative=row.initiative, to_stage=to_stage, state__in=GateRequest.OPEN
    ).first()
    request = standing or gates.ask(
        initiative=row.initiative, to_stage=to_stage, proposal=ending, reason=_reason(row), by=by
    )
    save_changes(row, state="taken", request=request, ended_by=by, ended_at=timezone.now())
    audit.note(
        by=by,
        action="scenario",
        subject=row,
        sentence=f"{request} takes up what “{row.scenario}” proposes for {row.initiative.key}.",
        data={"request": request.number, "is_new": standing is None},
    )
    return request


@recorded
def hand_over(
    *, scenario: Scenario, by: User, tell: Callable[[int, int], None] = lambda _done, _of: None
) -> Handed:
    """
    Take every open proposal of a scenario to its gate, where the actor may ask.

    What a gate refuses stays open, with its reason in the answer; done twice it adds nothing.

    Args:
        tell: is given how many are done, and of how many.

    Raises:
        Refused: the actor may not propose there.
    """
    access.require(by, "scenario.propose", scenario)
    rows = list(
        Proposal.objects.filter(scenario=scenario, state="open")
        .select_related("initiative__node")
        .order_by("initiative__number", "pk")
    )
    done = Handed()
    for at, row in enumerate(rows, start=1):
        may = access.can(by, "gate.ask", row)
        if not may:
            done.left[row.initiative.key] = may.reason
            continue
        before = _newest_request()
        try:
            request = take_to_gate(proposal=row, by=by)
        except Sentence as refusal:
            done.left[row.initiative.key] = str(refusal)
        else:
            done.begun += request.number > before
            done.joined += request.number <= before
        tell(at, len(rows))
    return done


@recorded
def ask_hand_over(*, scenario: Scenario, by: User) -> Job:
    """Let a job take the proposals of a scenario to their gates; asked twice it is the same job."""
    access.require(by, "scenario.propose", scenario)
    if not Proposal.objects.filter(scenario=scenario, state="open").exists():
        raise BadScenario(f"{scenario} has no open proposal: propose its answer first.")
    return jobs.receive(
        kind=HAND_OVER,
        title=f"To gates: {scenario}",
        payload={"scenario": str(scenario.pk)},
        by=by,
        key=f"{HAND_OVER}:{scenario.pk}",
        node=scenario.node,
    )


def _asks_for(row: Proposal) -> tuple[str, str]:
    """Give the stage and the ending that a request for a proposal asks for."""
    initiative: Initiative = row.initiative
    if initiative.stage is None:
        raise BadScenario(f"{initiative.key} has no stage yet, so no gate can be asked.")
    stages = list(initiative.stage.template.stages.order_by("position"))
    going = [stage for stage in stages if not stage.is_final]
    here = initiative.stage.slug
    last = going[-1].slug if going else here
    final = next((stage.slug for stage in stages if stage.is_final), here)
    if initiative.stage.is_final:
        raise BadScenario(f"{initiative.key} is over already.")
    if row.action == "fund":
        after = [stage.slug for stage in going if stage.position > initiative.stage.position]
        return (after[0], "scale") if after else (here, "continue")
    return (final, "stop") if here == last else (here, "continue")


def _reason(row: Proposal) -> str:
    what = "Fund it" if row.action == "fund" else "Do not fund it now"
    return f"{what}, as scenario “{row.scenario}” proposes: {row.sentence}"


def _newest_request() -> int:
    newest = GateRequest.objects.order_by("-number").values_list("number", flat=True).first()
    return newest or 0
