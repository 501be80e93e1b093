"""The jobs of value."""

from typing import Any

from governance_app.jobs.progress import JobRun
from governance_app.people.models import User
from governance_app.value import services
from governance_app.value.models import Simulation


def simulate(*, job: JobRun, by: User, simulation: str, **_later: Any) -> dict[str, Any]:
    """Draw what a part of the portfolio may be worth; the result names the middle and the ends."""

    def tell(words: str) -> None:
        job.check()
        job.stage(words)

    row = Simulation.objects.select_related("node").get(pk=simulation)
    found = services.run_simulation(simulation=row, by=by, tell=tell)
    return {
        "simulation": simulation,
        **{name: found.outcome.get(name) for name in ("p10", "p50", "p90", "reason")},
    }
