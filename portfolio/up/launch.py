"""
The whole portfolio with one command: servers, migrations, web, worker and beat.

``python -m portfolio.up`` and ``manage.py up`` end here. The launcher itself imports no Django:
it starts quickly and holds nothing of the application.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from portfolio import env
from portfolio.up import processes
from portfolio.up.errors import LauncherError
from portfolio.up.health import Health, ask_health
from portfolio.up.locks import Lock
from portfolio.up.migrate import migrate
from portfolio.up.places import Places
from portfolio.up.programs import commands
from portfolio.up.servers import Servers
from portfolio.up.static import Collecting
from portfolio.up.supervise import Program, Supervisor
from portfolio.up.surroundings import (
    Surroundings,
    common,
    needs_servers,
    surroundings,
    wanted_servers,
)

DONE, REFUSED, FAILED = 0, 1, 3
_LOOKS_EVERY_SECONDS = 0.2
_HEALTHY_WITHIN_SECONDS = 90.0
_STOPS_WITHIN_SECONDS = 7.5  # of ten: the servers need the rest


@dataclass(frozen=True)
class Options:
    """What the person at the terminal chose."""

    host: str = "127.0.0.1"
    port: int = 8000
    var: Path = env.BASE / "var"
    web_workers: int = 2
    worker_processes: int = 2

    @property
    def address(self) -> str:
        """Where a browser finds the site."""
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host
        return f"http://{host}:{self.port}"


class Launcher:
    """One run of the portfolio: ``run`` returns when somebody stopped it."""

    def __init__(self, options: Options, *, prepare: Callable[[Surroundings], None]) -> None:
        """
        Args:
            options: where to listen and what to run.
            prepare: called once the database is migrated, before the processes start.
        """
        self._options = options
        self._prepare = prepare
        self._places = Places(options.var.absolute())
        self._wanted = wanted_servers()
        self._servers = (
            Servers(self._places.folder, parts=self._wanted) if needs_servers() else None
        )
        self._supervisor = Supervisor(say)
        self._collecting: Collecting | None = None
        self._is_stopping = False
        self._began_at = time.monotonic()
        self._surroundings = Surroundings({}, {})

    def run(self, *, ready: Callable[[], bool]) -> int:
        """
        Start everything and keep it running; call ``ready`` once health is green until it is True.

        Returns:
            0 when it was stopped by Ctrl-C or SIGTERM.

        Raises:
            LauncherError: something refused to start; all that had started was stopped again.
        """
        claim = self._claim_folder()
        before = {
            sig: signal.signal(sig, self._ask_to_stop) for sig in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            self._refuse_busy_port()
            self._start()
            if self._wait_healthy():
                self._say_time("Everything answers")
            is_introduced = False
            while not self._is_stopping:
                is_introduced = is_introduced or ready()
                self._watch()
                time.sleep(_LOOKS_EVERY_SECONDS)
        finally:
            self._stop()
            for sig, handler in before.items():
                signal.signal(sig, handler)
            claim.close()
        return DONE

    def _start(self) -> None:
        """Start side by side what does not wait for each other: two cores share the work."""
        self._collecting = Collecting(self._places, common(self._places))
        if self._servers is None:
            say("Using the database of DATABASE_URL and the broker of REDIS_URL.")
        else:
            self._servers.start()
            self._say_time(f"{self._embedded} run, their data in {self._places.folder}")
        self._surroundings = surroundings(self._places, self._servers)
        did = migrate(self._places, self._surroundings.owner, self._should_stop)
        if self._is_stopping:
            return
        self._say_time("The database was migrated" if did else "The database is up to date")
        web, *others = self._programs()
        self._supervisor.start(others)
        self._prepare(self._surroundings)
        if self._collecting.finish(self._should_stop):
            self._say_time("The static files were collected")
        if not self._is_stopping:
            self._supervisor.start([web])

    def _programs(self) -> list[Program]:
        options, places = self._options, self._places
        started = commands(
            host=options.host,
            port=options.port,
            web_workers=options.web_workers,
            worker_processes=options.worker_processes,
            folder=places.folder / "run",
        )
        told = {**self._surroundings.app, "SITE_URL": options.address}
        more = {"web": {"DATABASE_POOL": "1"}}
        if "postgres" in self._wanted:  # nobody else's worker can be at this queue
            more["worker"] = {"ONLY_WORKER": "1"}
        return [
            Program(
                name,
                command,
                {**told, **more.get(name, {})},
                places.log(name),
                env.BASE,
                stops_within_seconds=_STOPS_WITHIN_SECONDS,
            )
            for name, command in started.items()
        ]

    def _watch(self) -> None:
        self._supervisor.watch()
        if self._servers is None or self._servers.are_kept():
            return
        say(f"{self._embedded} lost their keeper. They start again.")
        self._servers.stop()
        self._servers.start()
        before, self._surroundings = self._surroundings, surroundings(self._places, self._servers)
        if self._surroundings != before:
            self._supervisor.stop()
            self._supervisor.start(self._programs())

    @property
    def _embedded(self) -> str:
        names = {"postgres": "PostgreSQL", "valkey": "Valkey"}
        return " and ".join(name for part, name in names.items() if part in self._wanted)

    def _wait_healthy(self) -> bool:
        """Wait for green health; say what is missing when it takes too long and go on."""
        deadline = time.monotonic() + _HEALTHY_WITHIN_SECONDS
        health = Health(is_well=False)
        while not self._is_stopping:
            health = ask_health(self._options.address)
            if health.is_well:
                return True
            if time.monotonic() > deadline:
                break
            self._watch()
            time.sleep(_LOOKS_EVERY_SECONDS)
        for part, sentence in health.troubles.items():
            say(f"Not well yet: {part} {sentence}. See the logs in {self._places.folder}/log.")
        return False

    def _claim_folder(self) -> Lock:
        """Make sure that only one launcher serves a folder."""
        places = self._places
        try:
            claim = Lock(places.up_lock)
        except PermissionError as error:
            raise LauncherError(
                f"The folder {places.folder} belongs to another user. Run this as that user or "
                f"as root, or use another folder: VAR=other make demo."
            ) from error
        if not claim.try_exclusive():
            said = json.loads(places.up_lock.read_text() or "{}")
            claim.close()
            raise LauncherError(
                f"The portfolio of {places.folder} already runs at {said.get('address')} "
                f"(process {said.get('pid')}). Stop it there with Ctrl-C, or use another folder "
                f"and port: VAR=other make demo PORT={self._options.port + 1}."
            )
        claim.write(json.dumps({"pid": os.getpid(), "address": self._options.address}))
        return claim

    def _refuse_busy_port(self) -> None:
        options = self._options
        if processes.is_port_free(options.port, options.host):
            return
        other = next(
            port
            for port in range(options.port + 1, 65536)
            if processes.is_port_free(port, options.host)
        )
        raise LauncherError(
            f"Port {options.port} is in use by another program. Stop that program, or choose "
            f"another port: make demo PORT={other}."
        )

    def _stop(self) -> None:
        was_serving = bool(self._supervisor.children)
        if was_serving:
            say("Stopping. Running jobs go back into the queue.")
        began_at = time.monotonic()
        if self._collecting is not None:
            self._collecting.stop()
        self._supervisor.stop()
        if self._servers is not None:
            self._servers.stop()
        if was_serving:
            say(f"Stopped in {time.monotonic() - began_at:.1f} s. The data stays.")

    def _should_stop(self) -> bool:
        return self._is_stopping

    def _ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._is_stopping = True

    def _say_time(self, sentence: str) -> None:
        say(f"{sentence} ({time.monotonic() - self._began_at:.1f} s).")


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    print(sentence, flush=True)
