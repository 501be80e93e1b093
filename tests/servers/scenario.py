"""
A source that a plug-in reads, as the contract test needs it: it can change, page and break.

Most vendors have no server to run. ``tests/servers/replays/<plug-in>.py`` then *replays the
answers their documentation describes*, computed from what the scenario holds, so that one
set of disturbances is played against every plug-in. A new plug-in enters with one such file;
it says what it holds in ``Holdings`` and how the vendor would answer it.
"""

import contextlib
import datetime as dt
import importlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from governance_app.connectors import registry
from governance_app.connectors.base import Errand, Plugin, Reach, Window
from tests.servers.scripted import Call, Reply, Scripted, scripted_server

TODAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 6, 0, tzinfo=dt.UTC)
SECRET = "hunter2-very-secret"


@dataclass(frozen=True)
class Charge:
    """What one day's use of something costs."""

    on: dt.date
    amount: Decimal
    service: str
    initiative: str = ""


@dataclass
class Version:
    """A version of a model: its aliases, and its metrics by name."""

    aliases: tuple[str, ...] = ()
    metrics: dict[str, Decimal] = field(default_factory=dict)


@dataclass
class Holdings:
    """
    What the outside system holds, in nobody's format.

    ``charges``: money by day. ``models``: name -> number -> version. ``values``: measured
    numbers by (series, day). ``seats``: how many were bought, assigned and used. ``items``: key
    -> title, day it is due, day it was done.
    """

    charges: list[Charge] = field(default_factory=list)
    models: dict[str, dict[str, Version]] = field(default_factory=dict)
    values: dict[tuple[str, dt.date], Decimal] = field(default_factory=dict)
    seats: tuple[int, int, int] = (0, 0, 0)
    items: dict[str, tuple[str, dt.date | None, dt.date | None]] = field(default_factory=dict)

    @classmethod
    def usual(cls) -> "Holdings":
        """Two months of charges, three models, two series; names with more than ASCII."""
        return cls(
            charges=[
                Charge(dt.date(2026, 10, 5), Decimal("10.500000000000001"), "Übersetzung", "AI-7"),
                Charge(dt.date(2026, 10, 5), Decimal("0.07"), "Übersetzung"),
                Charge(dt.date(2026, 10, 30), Decimal("-1.25"), "顧客 Chat", "AI-8"),
                Charge(dt.date(2026, 11, 1), Decimal("812.5"), "顧客 Chat", "AI-8"),
                Charge(dt.date(2026, 11, 20), Decimal("0.000000012"), "Übersetzung", "AI-7"),
            ],
            models={
                "claims-triage-ü": {
                    "1": Version(metrics={"accuracy": Decimal("0.91")}),
                    "2": Version(("champion",), {"accuracy": Decimal("0.93")}),
                },
                "顧客-churn": {"1": Version(("champion",))},
                "shadow": {"1": Version()},
            },
            values={
                ("latency-ü", dt.date(2026, 11, 19)): Decimal("120.5"),
                ("latency-ü", dt.date(2026, 11, 20)): Decimal("118"),
                ("requests", dt.date(2026, 11, 20)): Decimal("40012"),
            },
            seats=(10, 5, 3),
            items={
                "PAY-1": ("Pilot lebt, ü", dt.date(2026, 12, 1), None),
                "PAY-2": ("Abnahme", dt.date(2026, 11, 1), dt.date(2026, 11, 3)),
                "PAY-3": ("Irgendwann", None, None),
            },
        )


class Scenario(ABC):
    """
    One source on loopback.

    ``page_size``: rows an answer holds. ``backwards``: listings come the other way round.
    ``speaks_http``: faults of HTTP can be played. ``is_snapshot``: a delivery is one state of
    the source though it takes several calls. ``empties``: an empty source brings nothing at
    all. ``proof``: what a request carries once the credentials were used.
    """

    plugin: str
    label = "a replay of documented answers"
    speaks_http = True
    is_snapshot = False
    empties = True
    proof = SECRET
    page_size = 100
    backwards = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.held = Holdings.usual()
        self.url = ""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Give what a person would enter; ``SECRET`` where a secret goes."""

    def answer(self, call: Call) -> Reply:
        """Answer as the vendor documents it."""
        raise NotImplementedError

    def refresh(self) -> None:  # noqa: B027  (most sources answer from what is held)
        """Write out what is held, where the source is made of files."""

    def expected_readings(self) -> dict[tuple[str, dt.date], Decimal]:
        """Give the readings that what is held amounts to, by (series, day)."""
        return dict(self.held.values)

    def expected_billed(self) -> dict[dt.date, Decimal]:
        """Give what is billed by month."""
        sums: dict[dt.date, Decimal] = {}
        for each in self.held.charges:
            month = each.on.replace(day=1)
            sums[month] = sums.get(month, Decimal(0)) + each.amount
        return sums

    def hosts(self) -> tuple[str, ...]:
        """Give further addresses that an administrator allows."""
        return ()

    def is_question(self, call: Call) -> bool:
        """Tell whether a call asks for content, not for an access token."""
        return True

    def paged(self, rows: list[Any], token: str | None) -> tuple[list[Any], str]:
        """Give one page of rows and the token of the next; empty at the end."""
        ordered = list(reversed(rows)) if self.backwards else rows
        start = int(token or 0)
        end = start + self.page_size
        return ordered[start:end], str(end) if end < len(ordered) else ""


@dataclass
class Running:
    """A scenario that answers, how it is broken, and what happens in the middle of a run."""

    scenario: Scenario
    server: Scripted | None
    plugin: Plugin
    broken: Callable[[Reply], Reply] = lambda reply: reply
    meanwhile: Callable[[], None] | None = None

    def errand(self, **parts: Any) -> Errand:
        """Send the plug-in to this source."""
        hosts = (*((self.server.host_port,) if self.server else ()), *self.scenario.hosts())
        until = parts.pop("today", TODAY)
        parts.setdefault("now", NOW)
        return Errand(
            settings=self.plugin.clean(self.scenario.settings()),
            window=Window(since=until - dt.timedelta(days=92), until=until),
            reach=Reach(hosts=hosts, folders=(str(self.scenario.folder),)),
            **parts,
        )


@contextlib.contextmanager
def running(name: str, folder: Path) -> Iterator[Running]:
    """Start the scenario of a plug-in."""
    scenario = scenario_of(name)(folder)
    state: list[Running] = []

    def answer(call: Call) -> Reply:
        reply = scenario.answer(call)
        here = state[0]
        if scenario.is_question(call) and here.meanwhile is not None:
            happens, here.meanwhile = here.meanwhile, None
            happens()
        return here.broken(reply)

    with contextlib.ExitStack() as stack:
        server = stack.enter_context(scripted_server(answer)) if scenario.speaks_http else None
        scenario.url = server.url if server else ""
        state.append(Running(scenario, server, registry.plugin(name)))
        scenario.refresh()
        yield state[0]


def scenario_of(name: str) -> type[Scenario]:
    """Find the scenario of a plug-in by its name."""
    module = importlib.import_module(f"tests.servers.replays.{name}")
    found = [
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and issubclass(each, Scenario)
        and each.__module__ == module.__name__
    ]
    assert len(found) == 1, f"tests/servers/replays/{name}.py holds one scenario"
    return found[0]
