"""
Real servers that measurements and tests talk to, in an environment of their own.

MLflow lowers the pyarrow that the product needs, so its packages are locked in
``requirements/peers.txt`` and live in ``.venv-peers``, made once from that lock.
Every server listens on loopback, on a free port, and is stopped by its own pid.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
LOCK = ROOT / "requirements" / "peers.txt"
ENVIRONMENT = ROOT / ".venv-peers"
STOP_SECONDS = 15


class PeerFailed(RuntimeError):
    """A peer did not start; the sentence carries the end of its log."""


@dataclass(frozen=True)
class Server:
    """A running peer: where it answers and which process it is."""

    url: str
    pid: int
    log: Path

    @property
    def host_port(self) -> str:
        """The loopback address as an administrator would allow it."""
        return self.url.removeprefix("http://")


def peer_python() -> Path:
    """Make ``.venv-peers`` from the lock unless it already matches; return its interpreter."""
    python = ENVIRONMENT / "bin" / "python"
    marker = ENVIRONMENT / "made-from"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    with open(ROOT / ".venv-peers.lock", "w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if marker.exists() and marker.read_text() == wanted and python.exists():
            return python
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)], check=True)
        subprocess.run(_installer(python), check=True)
        marker.write_text(wanted)
    return python


def _installer(python: Path) -> list[str]:
    """Name the command that installs the lock, with uv where it is at hand and pip otherwise."""
    beside = Path(sys.executable).parent / "uv"
    uv = str(beside) if beside.exists() else shutil.which("uv")
    if uv:
        return [uv, "pip", "sync", "-q", "--python", str(python), "--require-hashes", str(LOCK)]
    return [str(python), "-m", "pip", "install", "-q", "--require-hashes", "-r", str(LOCK)]


def free_port() -> int:
    """Ask the kernel for a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def mlflow_server(folder: Path, *, start_seconds: float = 240) -> Iterator[Server]:
    """Run a real MLflow tracking server whose database and artifacts live in ``folder``."""
    port = free_port()
    command = [str(peer_python()), "-m", "mlflow", "server"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db"]
    command += ["--artifacts-destination", str(folder / "artifacts")]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    at = f"http://127.0.0.1:{port}"
    with served(
        command, at=at, asked="/health", folder=folder, seconds=start_seconds, env=quiet
    ) as server:
        yield server


@contextlib.contextmanager
def served(
    command: list[str],
    *,
    at: str,
    folder: Path,
    seconds: float,
    asked: str = "/",
    env: dict[str, str] | None = None,
    is_up: Callable[[int], bool] = lambda status: status == 200,
) -> Iterator[Server]:
    """
    Run a server until the block ends, from the moment it answers.

    Args:
        at: its address; ``asked`` is the path whose answer says that it is up.
        folder: where it runs and writes its log.
        is_up: which status of that answer means it.

    Raises:
        PeerFailed: it did not answer in time, or ended; the text is the end of its log.
    """
    log = folder / f"{Path(command[0]).name}.log"
    surroundings = {**os.environ, **(env or {})}
    with (
        open(log, "wb") as sink,
        _process(command, env=surroundings, cwd=folder, sink=sink) as pid,
    ):
        _wait_until_up(f"{at}{asked}", pid=pid, log=log, seconds=seconds, is_up=is_up)
        yield Server(url=at, pid=pid, log=log)


@contextlib.contextmanager
def _process(command: list[str], *, env: dict[str, str], cwd: Path, sink: object) -> Iterator[int]:
    """Run a command in a process group of its own and end that group afterwards."""
    process = subprocess.Popen(
        command,
        env=env,
        cwd=cwd,
        stdout=sink,  # type: ignore[call-overload]
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        yield process.pid
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(STOP_SECONDS)


def _wait_until_up(
    url: str, *, pid: int, log: Path, seconds: float, is_up: Callable[[int], bool]
) -> None:
    """Return once the address answers so; raise with the log's end when it never does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with contextlib.suppress(httpx.TransportError):
            if is_up(httpx.get(url, timeout=2).status_code):
                return
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            break
        time.sleep(0.2)
    raise PeerFailed(f"{url} did not answer within {seconds:.0f} s:\n{log.read_text()[-2000:]}")
