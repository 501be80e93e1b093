"""Start, watch and stop operating-system processes."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Protocol

from portfolio.up.accounts import Account

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class Process(Protocol):
    """What the launcher needs of a process, be it a child or an orphan found running."""

    pid: int

    def poll(self) -> int | None: ...
    def send_signal(self, sig: int) -> None: ...


class Orphan:
    """A process that somebody else started: it can be watched and stopped, not waited for."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """Give None while it runs, and 0 once it is gone (its exit code went to its parent)."""
        return None if is_running(self.pid) else 0

    def send_signal(self, sig: int) -> None:
        """Send a signal; nothing happens when the process is gone."""
        try:
            os.kill(self.pid, sig)
        except ProcessLookupError:
            return


def is_running(pid: int) -> bool:
    """Tell whether a process with this number runs; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state != "Z"


def free_port(preferred: int = 0) -> int:
    """Find a TCP port of the loopback interface that nobody listens on; the preferred one if so."""
    if preferred and is_port_free(preferred):
        return preferred
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_port_free(port: int, host: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def dies_with_parent(sig: int) -> Callable[[], None]:
    """
    Make the function that a child runs before it starts: it asks the kernel for a signal.

    Linux then sends ``sig`` to the child when its parent dies, even by ``kill -9``. Elsewhere the
    function does nothing, and the next start adopts the orphan.
    """

    def ask() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, sig, 0, 0, 0)

    return ask


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    answer: Path | None = None,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
    parent_death_signal: int = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """
    Start a program in a session of its own, as ``account``.

    What it says goes to ``log``; with ``answer`` its standard output replaces that file instead.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as errors, answer.open("wb") if answer else nullcontext(errors) as out:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            cwd=cwd,
            env=dict(env) if env is not None else None,
            start_new_session=True,
            preexec_fn=dies_with_parent(parent_death_signal),  # there are no threads
            **(account.popen_options() if account else {}),
        )


def stop(process: Process, sig: int, *, timeout_seconds: float) -> bool:
    """Signal a process and wait for its end; kill it after the timeout. True when it obeyed."""
    if process.poll() is not None:
        return True
    process.send_signal(sig)
    if wait_until(lambda: process.poll() is not None, timeout_seconds=timeout_seconds):
        return True
    process.send_signal(signal.SIGKILL)
    wait_until(lambda: process.poll() is not None, timeout_seconds=5)
    return False


def finish(process: "subprocess.Popen[bytes]", should_stop: Callable[[], bool]) -> bool:
    """Wait for the end of a process (True), or end it when the launcher shall stop (False)."""
    while process.poll() is None:
        if should_stop():
            stop(process, signal.SIGTERM, timeout_seconds=3)
            return False
        time.sleep(0.05)
    return True


def wait_until(
    condition: Callable[[], bool],
    *,
    timeout_seconds: float,
    every_seconds: float = 0.02,
) -> bool:
    """Ask until the condition holds (True) or the time is over (False)."""
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(every_seconds)
    return True


def last_lines(log: Path, count: int = 5) -> str:
    """Read the end of a log, to be shown beneath the sentence that names the failure."""
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return ""
    return "\n".join(f"  {line}" for line in lines[-count:])
