"""A finding: what was looked at, how it is, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is: ``wrong`` makes the doctor's exit code 1, ``weak`` does not."""

    WELL = "well"
    WEAK = "weak"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``do`` is empty when nothing needs to be done."""

    name: str
    state: State
    says: str
    do: str = ""


def well(name: str, says: str) -> Finding:
    """Say that something is as it should be."""
    return Finding(name, State.WELL, says)


def weak(name: str, says: str, do: str) -> Finding:
    """Say that something works but should be better."""
    return Finding(name, State.WEAK, says, do)


def wrong(name: str, says: str, do: str) -> Finding:
    """Say that something does not work."""
    return Finding(name, State.WRONG, says, do)
