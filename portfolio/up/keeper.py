"""
The keeper: the process that owns the embedded servers while anybody uses them.

It starts them, tells its starter the ports, restarts one that dies, and stops both when the last
user has gone. A user holds a shared lock that the kernel takes back even after ``kill -9``, so
servers are never left behind. Run as
``python -m portfolio.up.keeper FOLDER [--forgetful] [--without=postgres|valkey]``.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from types import FrameType

from portfolio.up.errors import LauncherError
from portfolio.up.locks import Lock
from portfolio.up.passwords import load_passwords
from portfolio.up.places import Places
from portfolio.up.postgres import Postgres
from portfolio.up.valkey import Valkey

_LOOKS_EVERY_SECONDS = 0.1


class Keeper:
    """Keeps the servers of one folder alive until nobody holds the users' lock."""

    def __init__(self, places: Places, *, durable: bool, without: Collection[str] = ()) -> None:
        passwords = load_passwords(places.passwords)
        self._durable = durable
        self._users = Lock(places.users_lock)
        self._stop_asked = False
        self.servers: dict[str, Postgres | Valkey] = {}
        if "postgres" not in without:
            self.servers["postgres"] = Postgres(
                places.postgres,
                log=places.log("postgres"),
                passwords=passwords,
                durable=durable,
            )
        if "valkey" not in without:
            self.servers["valkey"] = Valkey(
                places.valkey,
                log=places.log("valkey"),
                passwords=passwords,
                durable=durable,
            )

    def start(self, last: Mapping[str, int]) -> None:
        """Start them all, on the ports of last time if these are free, or none."""
        try:
            for name, server in self.servers.items():
                server.start(last.get(f"{name}_port", 0))
        except BaseException:
            self.stop()
            raise

    def keep(self) -> None:
        """Restart what dies; return when the last user has gone or a stop signal came."""
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        failures = 0
        while not self._stop_asked and not self._users.try_exclusive():
            for server in self.servers.values():
                if server.is_running():
                    continue
                try:
                    server.restart()
                    failures = 0
                except LauncherError as error:
                    failures += 1
                    print(
                        f"{error}\nThe next attempt follows.",
                        file=sys.stderr,
                        flush=True,
                    )
                    time.sleep(min(0.2 * 2**failures, 10))
            time.sleep(_LOOKS_EVERY_SECONDS)

    def stop(self) -> None:
        """Stop them all; data moved elsewhere for a test goes with them."""
        for server in reversed(self.servers.values()):
            server.stop()
            if not self._durable and isinstance(server, Postgres):
                shutil.rmtree(server.data, ignore_errors=True)

    def _ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stop_asked = True


def main() -> int:
    """Run a keeper; its first line on standard output is JSON with the ports or the error."""
    parser = argparse.ArgumentParser(description="Keep the embedded servers of a folder alive.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--forgetful", action="store_true")
    parser.add_argument("--without", action="append", default=[])
    options = parser.parse_args()
    if os.fork():  # the starter waits for this half only, and need not outlive the other
        os._exit(0)
    places = Places(options.folder)
    identity = Lock(places.keeper)
    identity.exclusive()
    try:
        keeper = Keeper(places, durable=not options.forgetful, without=options.without)
        keeper.start(json.loads(places.keeper.read_text() or "{}"))
    except LauncherError as error:
        _say({"error": str(error)})
        return 1
    said = {"pid": os.getpid()}
    for name, server in keeper.servers.items():
        said |= {f"{name}_port": server.port, f"{name}_pid": server.pid or 0}
    identity.write(json.dumps(said))
    _say(said)
    try:
        keeper.keep()
    finally:
        identity.write(json.dumps({**said, "pid": 0}))  # nobody joins servers about to stop
        keeper.stop()
    return 0


def _say(message: Mapping[str, object]) -> None:
    """Write the one line that the starter waits for, then leave its pipe."""
    print(json.dumps(message), flush=True)
    os.dup2(2, 1)


if __name__ == "__main__":
    sys.exit(main())
