"""The launcher as a command: its arguments, its exit codes, and what it prints when all is up."""

import argparse
import json
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


def launch(options: Options, demo: "Demo | None" = None) -> int:
    """Run the portfolio until it is stopped; 0 stopped, 1 refused with a sentence, 3 failed."""
    try:
        if demo is not None:
            demo.check()
        launcher = Launcher(options, prepare=demo.begin if demo else lambda _: None)
        return launcher.run(ready=demo.introduce if demo else _say_how_to_stop)
    except (LauncherError, env.BadEnvironment) as error:
        sys.stderr.write(f"{error}\n")
        return REFUSED
    except Exception as error:
        sys.stderr.write(f"The launcher failed: {error!r}\n")
        return FAILED


class Demo:
    """Loads the demo beside the starting processes and says who can sign in."""

    def __init__(self, options: Options, inventory: Path | None) -> None:
        self._options = options
        self._inventory = inventory.absolute() if inventory else None
        self._log = Places(options.var.absolute()).log("demo")
        self._loading: subprocess.Popen[str] | None = None

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
        """Set up people and units and put the loading of everything else into the queue."""
        command = [sys.executable, "manage.py", "demo", "--load-only"]
        if self._inventory:
            command += ["--inventory", str(self._inventory)]
        with self._log.open("ab") as log:
            self._loading = subprocess.Popen(
                command,
                cwd=env.BASE,
                env={**surroundings.app, "SITE_URL": self._options.address},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def introduce(self) -> None:
        """Print the address and one sign-in per role."""
        if self._loading is None:
            raise RuntimeError("introduce was called before begin")
        answer, _ = self._loading.communicate()
        if self._loading.returncode != 0:
            raise LauncherError(
                f"The demo could not be loaded. The log {self._log} ends:\n"
                f"{processes.last_lines(self._log, 12)}"
            )
        said = json.loads(answer)
        say(f"\nOpen {self._options.address} and sign in as one of these:\n")
        width = max(len(account["email"]) for account in said["accounts"])
        for account in said["accounts"]:
            say(f"  {account['email']:<{width}}  {account['role']}")
        say(f"\nThe password of all of them is {said['password']}")
        say(f"\n{said['says']}")
        _say_how_to_stop()


def _say_how_to_stop() -> None:
    say("Stop it with Ctrl-C; a second start keeps the data.")
