"""The launcher as a command: its arguments, its exit codes, and what it prints when all is up."""

import argparse
import json
import signal
import subprocess
import sys
from pathlib import Path

from portfolio import env
from portfolio.up import processes
from portfolio.up.errors import LauncherError
from portfolio.up.launch import FAILED, REFUSED, Launcher, Options, say
from portfolio.up.places import Places
from portfolio.up.surroundings import Surroundings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to listen and where the data is; the environment gives the defaults."""
    parser.add_argument(
        "--host", default=env.text("HOST", "127.0.0.1"), help="address to listen on"
    )
    parser.add_argument("--port", type=int, default=env.whole("PORT", default=8000))
    parser.add_argument("--var", type=Path, default=env.var_folder(), help="folder of the data")


def add_demo_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the demo starts from."""
    parser.add_argument(
        "--inventory",
        type=Path,
        default=Path(env.text("INVENTORY")) if env.text("INVENTORY") else None,
        help="start from this inventory (CSV or XLSX) instead of the invented company",
    )
    parser.add_argument(
        "--initiatives", type=int, help="size of the invented company, 1200 unless told"
    )


def launch(options: Options, demo: "Demo | None" = None) -> int:
    """Run the portfolio until it is stopped; 0 stopped, 1 refused with a sentence, 3 failed."""
    try:
        if demo is not None:
            demo.check()
        launcher = Launcher(options, prepare=demo.begin if demo else lambda _: None)
        return launcher.run(ready=demo.introduce if demo else say_how_to_stop)
    except (LauncherError, env.BadEnvironment) as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    except Exception as error:
        sys.stderr.write(f"The launcher failed: {error!r}\n")
        return FAILED
    finally:
        if demo is not None:
            demo.end()


class Demo:
    """Loads the demo beside the starting processes and says who can sign in."""

    def __init__(
        self, options: Options, inventory: Path | None = None, initiatives: int | None = None
    ) -> None:
        self._options = options
        self._initiatives = initiatives
        self._inventory = inventory.absolute() if inventory else None
        places = Places(options.var.absolute())
        self._log = places.log("demo")
        self._answer = places.folder / "run" / "demo.json"
        self._told: dict[str, str] = {}
        self._loading: subprocess.Popen[bytes] | None = None

    def check(self) -> None:
        """
        Look at the inventory before anything is started.

        Raises:
            LauncherError: it is not there or cannot be read.
        """
        if self._inventory is None:
            return
        try:
            self._inventory.open("rb").close()
        except OSError as error:
            raise LauncherError(
                f"The inventory {self._inventory} cannot be read: {error.strerror}."
            ) from error

    def begin(self, surroundings: Surroundings) -> None:
        """
        Set up people and units and put the loading of everything else into the queue.

        A later start, where people can sign in already, leaves the cores to the site first.
        """
        self._told = {**surroundings.app, "SITE_URL": self._options.address}
        if not self._answer.exists():
            self._load()

    def _load(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "manage.py", "demo", "--load-only"]
        if self._inventory:
            command += ["--inventory", str(self._inventory)]
        if self._initiatives:
            command += ["--initiatives", str(self._initiatives)]
        self._loading = processes.spawn(
            command, log=self._log, answer=self._answer, env=self._told, cwd=env.BASE
        )
        return self._loading

    def introduce(self) -> bool:
        """
        Print the address and one sign-in per role, when these are there.

        Raises:
            LauncherError: the demo could not be loaded; the sentence ends with its log.
        """
        code = (self._loading or self._load()).poll()
        if code is None:
            return False
        if code == REFUSED:
            raise LauncherError(processes.last_lines(self._log, 1).strip())
        if code != 0:
            raise LauncherError(
                f"The demo could not be loaded. The log {self._log} ends:\n"
                f"{processes.last_lines(self._log, 12)}"
            )
        said = json.loads(self._answer.read_text())
        say(f"\nOpen {self._options.address} and sign in as one of these:\n")
        width = max(len(account["email"]) for account in said["accounts"])
        for account in said["accounts"]:
            say(f"  {account['email']:<{width}}  {account['role']}")
        say(f"\nThe password of all of them is {said['password']}")
        say(f"\n{said['says']}")
        return say_how_to_stop()

    def end(self) -> None:
        """Stop a loading that is still under way; it continues at the next start."""
        if self._loading is not None:
            processes.stop(self._loading, signal.SIGTERM, timeout_seconds=2)


def say_how_to_stop() -> bool:
    """Say the last thing before the launcher only watches."""
    say("Stop it with Ctrl-C; a second start keeps the data.")
    return True
