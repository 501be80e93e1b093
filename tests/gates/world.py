"""A small organisation with the recommended policy in force and initiatives that are green."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from governance_app.books import services as books
from governance_app.compliance.models import TierNow
from governance_app.domain.records import CaseLineRecord
from governance_app.gates import services
from governance_app.gates.starting import starter
from governance_app.initiatives import services as initiatives
from governance_app.people import services as people
from governance_app.people.services import system_user
from governance_app.risk import services as risks
from governance_app.value import services as value


@dataclass
class World:
    """The people of a unit and its board; what they need to get through a gate."""

    organisation: Any
    unit: Any
    person: Callable[..., Any]
    admin: Any
    board: list[Any]
    officer: Any
    manager: Any
    owner: Any

    @classmethod
    def make(cls, organisation: Any, unit: Any, person: Callable[..., Any], admin: Any) -> "World":
        """
        Set up three people of the board, a risk officer, a manager and an owner.

        Whoever stands in needs no training here; what tests that asks for it.
        """
        books.set_value(
            key="gate_training", from_on=dt.date(2020, 1, 1), value={"days": 0}, by=admin
        )
        return cls(
            organisation=organisation,
            unit=unit,
            person=person,
            admin=admin,
            board=[person("governance_board", name=name) for name in ("Ada", "Ben", "Cleo")],
            officer=person("risk_officer", name="Rosa"),
            manager=person("program_manager", unit, name="Mia"),
            owner=person("business_owner", unit, name="Otto"),
        )

    @classmethod
    def founded(cls, *, password: str) -> "World":
        """Found an organisation whose people can sign in, the recommended policy in force."""
        admin = system_user("setup")
        root = people.found_organisation(name="Meridian Group", by=admin)
        unit = people.add_unit(name="Retail banking", parent=root, by=admin)

        def person(role: str = "", node: Any = None, name: str = "") -> Any:
            user = people.add_user(
                email=f"{name.lower()}@example.com", name=name, password=password, by=admin
            )
            people.grant(user=user, role=role, node=node or root, by=admin)
            return user

        made = cls.make(root, unit, person, admin)
        made.start()
        return made

    def start(self, document: Any = None, node: Any = None, **more: Any) -> Any:
        """Put a policy in force: written by the officer, activated by the board."""
        given = starter()
        draft = services.write_policy(
            node=node or self.organisation,
            title=given["title"] if document is None else "A policy",
            document=given["document"] if document is None else document,
            examples=more.pop("examples", given["examples"] if document is None else ()),
            by=self.officer,
            **more,
        )
        return services.activate_policy(policy=draft, by=self.board[0])

    def initiative(
        self,
        name: str = "Claims triage",
        stage: str = "pilot",
        *,
        has_case: bool = True,
        **details: Any,
    ) -> Any:
        """Add an initiative that passes every check of the recommended policy."""
        made = initiatives.add(
            name=name,
            unit=details.pop("unit", self.unit),
            by=self.admin,
            stage=stage,
            business_owner=self.owner,
            technical_owner=self.manager,
            autonomy="recommends",
            data_classes=["internal"],
            ai_type="language",
            deployment_target="cloud",
            **details,
        )
        today = timezone.localdate()
        TierNow.objects.create(initiative=made, scheme="eu-ai-act", tier="minimal")
        value.add_kpi(
            initiative=made, name="Minutes per claim", direction="lower", unit="min",
            baseline=Decimal(12), baseline_month=today.replace(day=1), by=self.admin,
        )  # fmt: skip
        risks.add_risk(
            initiative=made, category="operational", title="People accept what it says",
            likelihood=1, impact=2, reviewed_on=today, on=today, by=self.officer,
        )  # fmt: skip
        if has_case:
            self.case(made, by=self.admin)
        return made

    def case(self, initiative: Any, by: Any, amount: str = "900") -> Any:
        """Write the draft of a business case."""
        month = timezone.localdate().replace(day=1)
        return value.write_case(
            initiative=initiative,
            lines=[
                CaseLineRecord("cost", "build", month, Decimal("100")),
                CaseLineRecord("benefit", "hard", month, Decimal(amount)),
            ],
            currency="USD",
            by=by,
        )

    def decides_itself(self, node: Any = None) -> Any:
        """Let a unit decide in distributed mode."""
        return services.choose_mode(
            node=node or self.unit, mode="distributed", reason="Twelve releases a month.",
            by=self.board[0],
        )  # fmt: skip

    def asked(self, initiative: Any, to: str = "production", **more: Any) -> Any:
        """Ask and submit, as the manager."""
        evidence = more.pop("evidence", ())
        by = more.pop("by", self.manager)
        draft = services.ask(
            initiative=initiative, to_stage=to, reason="It works for two desks.", by=by, **more
        )
        for kind in evidence:
            services.add_evidence(
                request=draft, title=kind, kind=kind, reference="QA-1",
                collected_on=timezone.localdate() - dt.timedelta(days=3), by=by,
            )  # fmt: skip
        return services.submit(request=draft, by=by)

    def decide(self, request: Any, by: Any, choice: str = "approve", **more: Any) -> Any:
        """Decide on what stands now."""
        request.refresh_from_db()
        more.setdefault("authenticated_at", timezone.now())
        return services.decide(
            request=request, choice=choice, by=by,
            facts_hash=more.pop("facts_hash", request.facts_hash),
            sentence=more.pop("sentence", "" if choice == "approve" else "Not yet."), **more,
        )  # fmt: skip

    def approved(self, request: Any) -> Any:
        """Let the risk officer and two of the board say yes."""
        for somebody in (self.officer, *self.board[:2]):
            self.decide(request, somebody)
        request.refresh_from_db()
        return request


def gates() -> Any:
    """Give the principal as which gates act."""
    return system_user("gates")
