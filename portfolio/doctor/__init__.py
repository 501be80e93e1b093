"""What is wrong with this installation and what to do about it: one finding per thing looked at."""

from collections.abc import Iterator

from portfolio.doctor import data, machine, parts
from portfolio.doctor.findings import Finding


def examine() -> Iterator[Finding]:
    """Look at the machine, the data and the running parts; no look stops the next one."""
    yield from machine.examine()
    yield from data.examine()
    yield from parts.examine()
