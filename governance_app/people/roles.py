"""The roles: each a named set of permissions and the sentence that explains it."""

from dataclasses import dataclass

from governance_app.people.permissions import PERMISSIONS


@dataclass(frozen=True)
class Role:
    """A set of permissions that a grant gives somebody on a node and everything below it."""

    slug: str
    name: str
    sentence: str
    permissions: frozenset[str]


def _role(slug: str, name: str, sentence: str, *permissions: str) -> Role:
    unknown = set(permissions) - set(PERMISSIONS)
    if unknown:
        raise ValueError(f"Role {slug} names unknown permissions: {', '.join(sorted(unknown))}")
    return Role(slug, name, sentence, frozenset(permissions))


#: What one person may not do both on the same thing: the second goes to somebody else.
TWO_PEOPLE: dict[str, str] = {"close.approve": "close.prepare"}

_READ = ("view", "money.view", "export")

ROLES: dict[str, Role] = {
    role.slug: role
    for role in (
        _role(
            "executive",
            "Executive",
            "Reads every initiative and all money.",
            *_READ,
            "pack.sign",
            "scenario.edit",
            "scenario.propose",
            "close.approve",
            "connection.view",
            "initiative.comment",
            "gate.emergency",
            "risk.accept",
            "policy.approve",
            "incident.report",
        ),
        _role(
            "program_manager",
            "Program manager",
            "Keeps the initiatives granted to them current.",
            *_READ,
            "forecast.submit",
            "initiative.add",
            "initiative.edit",
            "initiative.update",
            "initiative.comment",
            "inventory.import",
            "inventory.edit",
            "reading.push",
            "value.edit",
            "scenario.edit",
            "risk.edit",
            "close.explain",
            "connection.view",
            "gate.ask",
            "gate.team",
            "oversight.act",
            "compliance.edit",
            "incident.report",
            "incident.manage",
        ),
        _role(
            "contributor",
            "Contributor",
            "Sends readings and comments; sees no money.",
            "view",
            "initiative.comment",
            "initiative.update",
            "reading.push",
            "incident.report",
        ),
        _role(
            "business_owner",
            "Business owner",
            "Owns the benefit: writes the case, signs what is claimed.",
            *_READ,
            "forecast.submit",
            "initiative.update",
            "initiative.comment",
            "value.edit",
            "reading.push",
            "close.explain",
            "gate.ask",
            "gate.team",
            "oversight.act",
            "compliance.edit",
            "incident.report",
            "risk.accept",
        ),
        _role(
            "finance_partner",
            "Finance partner",
            "Loads bills, writes allocation rules, validates benefits, exports.",
            *_READ,
            "spend.import",
            "spend.rules",
            "export.edit",
            "forecast.submit",
            "value.validate",
            "value.approve",
            "scenario.edit",
            "scenario.propose",
            "close.prepare",
            "close.approve",
            "close.reopen",
            "close.explain",
            "initiative.comment",
            "connection.view",
            "connection.run",
            "settings.edit",
            "gate.finance",
            "incident.report",
        ),
        _role(
            "risk_officer",
            "Risk officer",
            "Assesses risks and sets the appetite.",
            *_READ,
            "risk.edit",
            "risk.appetite",
            "initiative.comment",
            "gate.risk",
            "gate.policy",
            "oversight.act",
            "risk.accept",
            "compliance.edit",
            "compliance.review",
            "model.validate",
            "policy.edit",
            "policy.approve",
            "incident.report",
            "incident.manage",
        ),
        _role(
            "governance_board",
            "Governance board",
            "Decides on business cases and stages.",
            *_READ,
            "value.approve",
            "scenario.edit",
            "scenario.propose",
            "initiative.edit",
            "initiative.comment",
            "gate.decide",
            "gate.policy",
            "gate.emergency",
            "oversight.act",
            "compliance.review",
            "risk.accept",
            "policy.edit",
            "policy.approve",
            "incident.report",
        ),
        _role(
            "auditor",
            "Auditor",
            "Reads everything and the trail; changes nothing.",
            *_READ,
            "trail.view",
            "connection.view",
        ),
        _role(
            "connector",
            "Connector",
            "A machine that pushes readings and inventory; nothing else.",
            "reading.push",
            "inventory.edit",
        ),
        _role(
            "administrator",
            "Administrator",
            "Manages people, units, settings, connections and where what they bring belongs;"
            " approves nothing, sees no money.",
            "view",
            "people.edit",
            "settings.edit",
            "connection.view",
            "connection.edit",
            "connection.run",
            "job.manage",
            "inventory.import",
            "inventory.edit",
            "trail.view",
            "framework.import",
        ),
        _role(
            "system",
            "System principal",
            "A part of the product that acts by itself, named in the trail.",
            *PERMISSIONS,
        ),
    )
}
