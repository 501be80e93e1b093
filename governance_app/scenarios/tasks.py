"""The job of scenarios."""

from typing import Any

from governance_app.jobs.progress import JobRun
from governance_app.people.models import User
from governance_app.scenarios import services
from governance_app.scenarios.models import Scenario


def solve(*, job: JobRun, by: User, scenario: str, **_later: Any) -> dict[str, Any]:
    """Solve a scenario; the result names what was found."""

    def tell(words: str) -> None:
        job.check()
        job.stage(words)

    found = services.solve(scenario=Scenario.objects.get(pk=scenario), by=by, tell=tell)
    if found.state == "refused":
        return {"scenario": scenario, "sentence": found.sentence}
    return {
        "scenario": scenario,
        "candidates": found.result["candidates"],
        "funded": found.result["funded"],
    }
