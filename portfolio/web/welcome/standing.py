"""How far an installation has come: each first step, whether it is done, and where it is done."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance_app.connectors import selectors as connectors
from governance_app.gates import selectors as gates
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.people.access import User
from governance_app.rollups import selectors as rollups
from governance_app.spend import selectors as spend


@dataclass(frozen=True)
class Step:
    """
    One first step: what it is for, what it needs, how it is seen that it was done.

    ``seen_with`` is the permission without which nobody can tell whether it was done.
    """

    title: str | Promise
    says: str | Promise
    act: str | Promise
    name: str
    permission: str
    is_done: Callable[[User], bool]
    tail: str = ""
    seen_with: str = "view"


@dataclass(frozen=True)
class Taken:
    """A step as it stands for a viewer."""

    step: Step
    is_done: bool
    refusal: str

    @property
    def url(self) -> str:
        """Where it is done."""
        return f"{reverse(self.step.name)}{self.step.tail}"


def _has_value(viewer: User) -> bool:
    at = rollups.moment(now=timezone.now(), as_of=None)
    since = rollups.default_since(at=at)
    money = rollups.home_headline(viewer=viewer, as_of=at, since=since).money
    return money is not None and money.promised.value is not None


STEPS = (
    Step(
        _("Your list of initiatives"),
        _(
            "A CSV or Excel file with whatever columns it has. You see what would happen before "
            "anything is written, and the file is kept."
        ),
        _("Import a list"),
        "imports",
        "inventory.import",
        lambda viewer: initiatives.register(viewer=viewer).exists(),
    ),
    Step(
        _("The people who answer for them"),
        _("Owners, finance, risk and the board, each with a role on a unit or an initiative."),
        _("Add people"),
        "settings-people",
        "people.edit",
        lambda viewer: people.people(viewer=viewer).count() > 1,
    ),
    Step(
        _("What they cost"),
        _(
            "Bills of clouds and vendors as files in FOCUS or their own format, or pulled by a "
            "connection; rules give them to initiatives."
        ),
        _("Load a bill"),
        "spend-bills",
        "spend.import",
        lambda _viewer: spend.months_held() is not None,
    ),
    Step(
        _("Where figures come from by themselves"),
        _("Registries, clouds, ticket systems and monitors, asked on a schedule."),
        _("Connect a source"),
        "connections",
        "connection.edit",
        lambda viewer: bool(connectors.connections(viewer=viewer)),
    ),
    Step(
        _("What they may cost"),
        _("A budget per unit or initiative, so that spend has something to stand against."),
        _("Load a budget"),
        "spend-budgets",
        "spend.rules",
        lambda viewer: spend.budget_plans(viewer=viewer).exists(),
    ),
    Step(
        _("What they promise"),
        _("A business case freezes the promise; KPIs and finance then show what became of it."),
        _("Open the portfolio"),
        "portfolio",
        "money.view",
        _has_value,
        seen_with="money.view",
    ),
    Step(
        _("Who decides, by which rules"),
        _("Gate policies with their conditions; a unit may start in advice before it enforces."),
        _("Look at the policies"),
        "gate-policies",
        "view",
        lambda viewer: bool(gates.in_force(viewer=viewer)),
    ),
)


def taken(viewer: User) -> list[Taken]:
    """Give the steps a viewer can tell about, with the reason where they may not take one."""
    return [
        Taken(
            step=step,
            is_done=step.is_done(viewer),
            refusal=""
            if access.can_anywhere(viewer, step.permission)
            else access.can(viewer, step.permission).reason,
        )
        for step in STEPS
        if access.can_anywhere(viewer, step.seen_with)
    ]
