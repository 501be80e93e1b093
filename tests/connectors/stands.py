"""
One stand for every plug-in: a source on loopback that the contract test can break.

A plug-in that speaks HTTP needs one line here and one recorded file of answers by path.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from governance_app.connectors import registry
from governance_app.connectors.base import Errand, Plugin, Reach
from tests.connectors.bills import write_bill
from tests.connectors.errands import errand
from tests.servers.scripted import Call, Reply, Scripted, scripted_server

RECORDED = Path(__file__).with_name("recorded")
SECRET = "hunter2-very-secret"

Break = Callable[[Reply], Reply]


@dataclass(frozen=True)
class Stand:
    """A source that a plug-in reads, and errands to it; ``server`` where it speaks HTTP."""

    plugin: Plugin
    settings: dict[str, str]
    reach: Reach
    server: Scripted | None = None

    def errand(self, **parts: Any) -> Errand:
        return errand(self.plugin, settings=self.settings, reach=self.reach, **parts)


@contextlib.contextmanager
def recorded_stand(name: str, broken: Break = lambda reply: reply) -> Iterator[Stand]:
    """Replay the recorded answers of a plug-in, each passed through ``broken``."""
    answers = json.loads((RECORDED / f"{name}.json").read_text())

    def answer(call: Call) -> Reply:
        known = call.path in answers
        return broken(Reply.of(answers[call.path]) if known else Reply(status=404))

    with scripted_server(answer) as server:
        yield Stand(
            plugin=registry.plugin(name),
            settings={"address": server.url, "token": SECRET},
            reach=Reach(hosts=(server.host_port,)),
            server=server,
        )


@contextlib.contextmanager
def folder_stand(folder: Path) -> Iterator[Stand]:
    """A folder with two bills, one of them named with more than ASCII."""
    write_bill(folder / "october.csv", ("10.5", "AI-7"))
    write_bill(folder / "jährlich" / "september.csv", ("1", ""), month="2026-09")
    yield Stand(
        plugin=registry.plugin("focus_folder"),
        settings={"folder": str(folder)},
        reach=Reach(folders=(str(folder),)),
    )


#: Plug-ins that replay ``recorded/<name>.json``; the others have a stand of their own below.
RECORDED_PLUGINS = ("demo", "mlflow")
OWN_STANDS = {"focus_folder": folder_stand}


@contextlib.contextmanager
def stand_for(name: str, folder: Path) -> Iterator[Stand]:
    """Give the stand of a plug-in, whole."""
    made = OWN_STANDS[name](folder) if name in OWN_STANDS else recorded_stand(name)
    with made as stand:
        yield stand
