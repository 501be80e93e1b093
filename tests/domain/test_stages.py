"""Which stage may follow which."""

from datetime import date

import pytest

from governance_app.domain import stages
from governance_app.domain.stages import MoveRefused, StageSpec


@pytest.mark.parametrize(
    ("start", "goal", "reason", "sentence"),
    [
        ("idea", "idea", "", "It is in Idea already."),
        ("idea", "pilot", "", "Before Pilot: go through Assessment."),
        ("assessment", "production", "", "Before Production: go through Pilot."),
        ("pilot", "idea", " ", "To go back to Idea, say why in a sentence."),
        ("pilot", "retired", "", "To end in Retired, say why in a sentence."),
    ],
)
def test_a_refused_move_says_what_is_missing(
    start: str, goal: str, reason: str, sentence: str
) -> None:
    with pytest.raises(MoveRefused) as refused:
        stages.check_move(start, goal, reason=reason)
    assert str(refused.value) == sentence


def test_scaling_may_be_skipped_and_going_back_takes_a_reason() -> None:
    stages.check_move("pilot", "production", reason="")
    stages.check_move("production", "pilot", reason="The vendor changed the model.")
    stages.check_move("idea", "retired", reason="No sponsor.")


def test_an_unknown_stage_lists_the_known_ones() -> None:
    with pytest.raises(MoveRefused, match="The stages are Idea, Assessment, Pilot"):
        stages.check_move("idea", "limbo", reason="")


def test_another_template_is_only_data() -> None:
    template = (
        StageSpec("try", "Try"),
        StageSpec("run", "Run"),
        StageSpec("off", "Off", is_final=True),
    )
    assert stages.allowed_moves("try", template) == ["run", "off"]


def test_a_time_box_counts_from_its_last_day() -> None:
    ends_on = stages.time_box_ends_on(stages.find("idea"), date(2026, 1, 1))
    assert ends_on == date(2026, 4, 1)
    assert stages.days_past_time_box(ends_on, on=date(2026, 4, 1)) == 0
    assert stages.time_box_ends_on(stages.find("production"), date(2026, 1, 1)) is None
