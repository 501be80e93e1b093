"""Plug-ins sent to a peer: a server of somebody else's that was started for the test."""

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from governance_app.connectors import registry
from governance_app.connectors.base import Errand, Reach, Window
from portfolio.bench.peers import ROOT, Server
from tests.servers.clouds import peer_packages
from tests.servers.scenario import NOW, TODAY, Scenario


class Reaching:
    """A scenario whose server is a peer, or settings that lead to one."""

    def __init__(
        self,
        plugin: str,
        *peers: Server,
        scenario: Scenario | None = None,
        settings: dict[str, Any] | None = None,
    ) -> None:
        self.plugin = registry.plugin(plugin)
        self.scenario: Any = scenario
        self._peers, self._settings = peers, settings or {}

    def errand(self, **parts: Any) -> Errand:
        """Send the plug-in there; ``settings`` among the parts are entered over the usual ones."""
        parts.setdefault("now", NOW)
        usual = self.scenario.settings() if self.scenario else self._settings
        until = parts.pop("today", TODAY)
        return Errand(
            settings=self.plugin.clean({**usual, **parts.pop("settings", {})}),
            window=Window(since=until - dt.timedelta(days=92), until=until),
            reach=Reach(hosts=tuple(peer.host_port for peer in self._peers)),
            **parts,
        )


#: Reads a bucket as the folder plug-in does, with the packages that its extra would bring.
READ_FOLDER = """
import datetime as dt, json, sys
sys.path.append(sys.argv[1])
from governance_app.connectors import registry
from governance_app.connectors.base import Errand, Reach, SourceError, Window
plugin = registry.plugin("focus_folder")
day = dt.date(2026, 11, 21)
errand = Errand(
    settings=plugin.clean({"folder": sys.argv[2]}), window=Window(day, day),
    watermark=json.loads(sys.argv[3]), reach=Reach(hosts=tuple(json.loads(sys.argv[4]))),
)
told = {"parts": {}, "refused": [], "marks": {}, "error": ""}
told["checks"] = [check.is_ok for check in plugin.test(errand)]
try:
    for batch in plugin.pull(errand):
        told["marks"] |= batch.marks
        told["refused"] += [each.sentence for each in batch.refused]
        for delivery in batch.deliveries:
            for part in delivery.parts:
                with part.open() as stream:
                    told["parts"][part.name] = stream.read().decode()
            if delivery.still is not None:
                delivery.still()
except SourceError as error:
    told["error"] = str(error)
print(json.dumps(told))
"""


def read_folder(
    address: str, *, marks: dict[str, Any] | None = None, hosts: Sequence[str] = (), **env: str
) -> Any:
    """
    Let the folder plug-in read a bucket in a process that has the packages for it.

    Args:
        hosts: of OUTBOUND_ALLOWED.
    """
    arguments = [str(peer_packages()), address, json.dumps(marks or {}), json.dumps([*hosts])]
    done = subprocess.run(
        [sys.executable, "-c", READ_FOLDER, *arguments],
        env={**os.environ, **env}, cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])
