"""Keep the processes of the site running: start them, restart one that dies, stop them all."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from portfolio.up import processes

Say = Callable[[str], None]

_LONGEST_WAIT_SECONDS = 30.0
_STEADY_AFTER_SECONDS = 30.0


@dataclass(frozen=True)
class Program:
    """One process of the site and how it is told to stop."""

    name: str
    command: Sequence[str | Path]
    env: Mapping[str, str]
    log: Path
    cwd: Path
    stops_within_seconds: float = 7.0


class Child:
    """A running program, and how often it died lately."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process = self._spawn()
        self.started_at = time.monotonic()
        self.deaths = 0
        self.restart_at: float | None = None

    def watch(self, say: Say) -> None:
        """Say it when the process has died, and start it again when its wait is over."""
        if self.restart_at is None:
            code = self.process.poll()
            if code is None:
                return
            self._clear_session()
            if time.monotonic() - self.started_at > _STEADY_AFTER_SECONDS:
                self.deaths = 0
            wait_seconds = min(2.0**self.deaths, _LONGEST_WAIT_SECONDS)
            self.deaths += 1
            self.restart_at = time.monotonic() + wait_seconds
            say(
                f"The {self.program.name} stopped ({_reason(code)}). It starts again in "
                f"{wait_seconds:.0f} s; its log is {self.program.log}."
            )
        elif time.monotonic() >= self.restart_at:
            self.process = self._spawn()
            self.started_at = time.monotonic()
            self.restart_at = None

    def ask_to_stop(self) -> None:
        """Send SIGTERM: running work is put back and the process ends by itself."""
        self.restart_at = None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait_stopped(self, deadline: float) -> bool:
        """Wait until the deadline of the monotonic clock, then kill; False when it had to be."""
        left_seconds = max(0.0, deadline - time.monotonic())
        obeyed = processes.wait_until(
            lambda: self.process.poll() is not None, timeout_seconds=left_seconds
        )
        self._clear_session()
        self.process.wait()
        return obeyed

    def _spawn(self) -> "subprocess.Popen[bytes]":
        program = self.program
        return processes.spawn(program.command, log=program.log, env=program.env, cwd=program.cwd)

    def _clear_session(self) -> None:
        """Kill what the process left behind: pool workers outlive a killed parent."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


class Supervisor:
    """The children of one launcher, started in order and stopped together."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self.children: list[Child] = []

    def start(self, programs: Sequence[Program]) -> None:
        """Start every program; they come up side by side."""
        self.children += [Child(program) for program in programs]

    def watch(self) -> None:
        """Look after every child once; call it a few times a second."""
        for child in self.children:
            child.watch(self._say)

    def stop(self) -> None:
        """Ask all to stop at once, wait for each, kill what does not listen."""
        for child in self.children:
            child.ask_to_stop()
        asked_at = time.monotonic()
        for child in self.children:
            if not child.wait_stopped(asked_at + child.program.stops_within_seconds):
                self._say(f"The {child.program.name} did not stop in time and was killed.")
        self.children = []


def _reason(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    return f"killed by signal {-code}"
