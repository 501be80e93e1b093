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


def hand_over(*, job: JobRun, by: User, scenario: str, **_later: Any) -> dict[str, Any]:
    """Take the proposals of a scenario to their gates; the result says what was left and why."""
    job.stage("Asking at gates")

    def tell(done: int, of: int) -> None:
        job.check()
        job.advance(done, total=of)

    found = services.hand_over(
        scenario=Scenario.objects.get(pk=scenario), by=by, tell=tell
    )  # fmt: skip
    return {
        "scenario": scenario,
        "begun": found.begun,
        "joined": found.joined,
        "left": found.left,
    }
