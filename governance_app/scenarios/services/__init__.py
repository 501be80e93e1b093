"""Changing scenarios: asked, solved by a job, and applied by a person as proposals to gates."""

from governance_app.scenarios.services.asking import (
    EDITABLE,
    SOLVE,
    BadScenario,
    add_scenario,
    ask,
    copy_scenario,
    edit_scenario,
    remove_scenario,
    solve,
)
from governance_app.scenarios.services.proposing import (
    HAND_OVER,
    Handed,
    ask_hand_over,
    hand_over,
    propose,
    take_to_gate,
    withdraw,
)

__all__ = [
    "EDITABLE",
    "HAND_OVER",
    "SOLVE",
    "BadScenario",
    "Handed",
    "add_scenario",
    "ask",
    "ask_hand_over",
    "copy_scenario",
    "edit_scenario",
    "hand_over",
    "propose",
    "remove_scenario",
    "solve",
    "take_to_gate",
    "withdraw",
]
