"""Policies and modes, requests and decisions, emergencies, guardrails, the board."""

from governance_app.gates.examples import WORDS
from governance_app.gates.freshness import PasswordTooOld
from governance_app.gates.refusing import GateRefused
from governance_app.gates.services.asking import add_evidence, ask, submit, withdraw
from governance_app.gates.services.board import (
    call_meeting,
    close_meeting,
    fill_agenda,
    minute,
)
from governance_app.gates.services.deciding import FactsChanged, decide, expire_due, refresh
from governance_app.gates.services.emergencies import break_glass, confirm_glass, review_glass
from governance_app.gates.services.guardrails import (
    Looked,
    end_probation,
    look_at_guardrails,
)
from governance_app.gates.services.policies import (
    activate_policy,
    choose_mode,
    discard_policy,
    write_policy,
)
from governance_app.gates.services.standing_in import (
    delegate,
    end_delegation,
    look_at_sample,
)
from governance_app.gates.services.training import note_training

__all__ = [
    "WORDS",
    "FactsChanged",
    "GateRefused",
    "Looked",
    "PasswordTooOld",
    "activate_policy",
    "add_evidence",
    "ask",
    "break_glass",
    "call_meeting",
    "choose_mode",
    "close_meeting",
    "confirm_glass",
    "decide",
    "delegate",
    "discard_policy",
    "end_delegation",
    "end_probation",
    "expire_due",
    "fill_agenda",
    "look_at_guardrails",
    "look_at_sample",
    "minute",
    "note_training",
    "refresh",
    "review_glass",
    "submit",
    "withdraw",
    "write_policy",
]
