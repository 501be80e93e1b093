"""The embedded Valkey: the broker that carries job ids, and the cache."""

import os
import signal
import socket
import time
from pathlib import Path

from portfolio.up import processes
from portfolio.up.errors import LauncherError
from portfolio.up.installations import valkey_server
from portfolio.up.passwords import Passwords

_READY_WITHIN_SECONDS = 30.0
_STOPS_WITHIN_SECONDS = 5.0


class Valkey:
    """One Valkey server over one folder, on a free loopback port, behind a password."""

    def __init__(self, data: Path, *, log: Path, passwords: Passwords, durable: bool) -> None:
        self.data = data
        self.port = 0
        self._log = log
        self._passwords = passwords
        self._durable = durable
        self._process: processes.Process | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process, or None when none was started."""
        return self._process.pid if self._process else None

    def is_running(self) -> bool:
        """Tell whether the server lives."""
        return self._process is not None and self._process.poll() is None

    def start(self, preferred_port: int = 0) -> None:
        """
        Run the server, or adopt the one that still runs on the folder.

        Raises:
            LauncherError: it did not answer; the sentence ends with its log.
        """
        self.data.mkdir(parents=True, exist_ok=True)
        if not self._adopt():
            self._run(processes.free_port(preferred_port))

    def restart(self) -> None:
        """Run it again on the same port after it died, so that the URL given out stays true."""
        self._run(self.port)

    def stop(self) -> None:
        """Stop it; with ``durable`` it writes its append-only file first."""
        if self._process is not None:
            processes.stop(self._process, signal.SIGTERM, timeout_seconds=_STOPS_WITHIN_SECONDS)
            self._process = None

    def url(self) -> str:
        """Give the connection URL."""
        return redis_url(self._passwords, self.port)

    @property
    def _pid_file(self) -> Path:
        return self.data / "valkey.pid"

    def _adopt(self) -> bool:
        try:
            pid, port = (int(part) for part in self._pid_file.read_text().split())
        except (OSError, ValueError):
            return False
        if not processes.is_running(pid):
            return False
        self.port = port
        if not self._answers():
            return False
        self._process = processes.Orphan(pid)
        return True

    def _run(self, port: int) -> None:
        self.port = port
        settings = self.data / "valkey.conf"
        settings.unlink(missing_ok=True)
        descriptor = os.open(settings, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(self._settings())
        process = processes.spawn([valkey_server(), settings], log=self._log, cwd=self.data)
        self._process = process
        self._pid_file.write_text(f"{process.pid} {port}\n")
        deadline = time.monotonic() + _READY_WITHIN_SECONDS
        while self.is_running() and time.monotonic() < deadline:
            if self._answers():
                return
            time.sleep(0.02)
        raise LauncherError(
            f"Valkey did not start. Its log {self._log} ends:\n{processes.last_lines(self._log)}"
        )

    def _settings(self) -> str:
        """Write the configuration file; a password among the arguments would show in `ps`."""
        lines = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"dir {self.data}",
            f"requirepass {self._passwords.valkey}",
            'save ""',
            "maxmemory-policy noeviction",
        ]
        lines += ["appendonly yes", "appendfsync everysec"] if self._durable else ["appendonly no"]
        return "\n".join(lines) + "\n"

    def _answers(self) -> bool:
        """Say PING over a bare socket: a client library would double the time to start."""
        ask = f"AUTH {self._passwords.valkey}\r\nPING\r\n".encode()
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(ask)
                answer = connection.makefile("rb")
                return [answer.readline(), answer.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False


def redis_url(passwords: Passwords, port: int) -> str:
    """Give the connection URL of an embedded server."""
    return f"redis://:{passwords.valkey}@127.0.0.1:{port}/0"
