"""Chance over a part of the portfolio: asked by a person, drawn by a job, kept with its seed."""

from collections.abc import Callable
from dataclasses import asdict

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.books import selectors as books
from governance_app.domain import texts
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.domain.uncertainty import DRAWS
from governance_app.initiatives.models import Initiative
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job
from governance_app.people import access
from governance_app.people.models import ScopeNode, User
from governance_app.value import chance
from governance_app.value.models import Simulation

SIMULATE = "governance_app.value.tasks.simulate"
MOST_DRAWS = 100_000


@recorded
def ask_simulation(
    *, node: ScopeNode, by: User, seed: int = 1, draws: int = DRAWS
) -> tuple[Simulation, Job]:
    """
    Let a job draw what everything below a node may still be worth.

    Raises:
        Sentence: fewer than 10,000 draws, too many, or a seed below 0.
        Refused: the actor may not see money there.
    """
    access.require(by, "money.view", node)
    if not DRAWS <= draws <= MOST_DRAWS:
        raise Sentence(f"Draw from {DRAWS:,} to {MOST_DRAWS:,} times, not {draws:,}.")
    if not 0 <= seed < 2**31:
        raise Sentence("A seed is a whole number from 0 on.")
    today = timezone.localdate()
    made = Simulation.objects.create(
        node=node,
        seed=seed,
        draws=draws,
        on=today,
        currency=books.reporting_currency(on=today),
        asked_by=by,
    )
    job = jobs.receive(
        kind=SIMULATE,
        title=f"What {node.name} may be worth",
        payload={"simulation": str(made.pk)},
        by=by,
        node=node,
        key=f"{SIMULATE}:{node.pk}:{by.pk}",
    )
    return made, job


@recorded
def run_simulation(
    *, simulation: Simulation, by: User, tell: Callable[[str], None] = lambda _: None
) -> Simulation:
    """Draw, and keep the outcome; drawn again with its seed it is the same."""
    access.require(by, "money.view", simulation)
    tell("Reading the cases in force")
    going = Initiative.objects.visible_to(by, "money.view").filter(
        node__path__startswith=simulation.node.path, kind="initiative"
    )
    ids = list(going.exclude(stage__is_final=True).values_list("pk", flat=True))
    cases = chance.cases(initiatives=ids, on=simulation.on, currency=simulation.currency)
    tell("Drawing")
    figure, made_from, left_out = chance.of_portfolio(
        cases=cases, seed=simulation.seed, draws=simulation.draws
    )
    missing = len(ids) - len(cases)
    if missing:
        form = texts.NO_CASE if missing == 1 else texts.NO_CASES
        left_out = [phrase(form.form, count=missing), *left_out]
    simulation = Simulation.objects.select_for_update(of=("self",)).get(pk=simulation.pk)
    outcome = {"reason": figure.reason} if figure.value is None else asdict(figure.value)
    save_changes(
        simulation, outcome=outcome, made_from=made_from, left_out=left_out,
        finished_at=timezone.now(),
    )  # fmt: skip
    return simulation
