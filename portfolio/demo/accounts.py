"""Who can sign in to the demo: one person per role, all with the same documented password."""

from dataclasses import dataclass

#: Documented on purpose: the demo holds invented data only.
PASSWORD = "meridian-demo-2026"  # noqa: S105  (no secret)


@dataclass(frozen=True)
class Account:
    """
    A sign-in: the role, on which unit (empty: the whole organisation), and the person.

    `post` is the seat that this person takes in the story, empty for somebody outside it.
    """

    role: str
    email: str
    name: str
    title: str
    unit_code: str = ""
    post: str = ""
    password: str = PASSWORD


ACCOUNTS: tuple[Account, ...] = (
    Account(
        "executive", "executive@meridian.example", "Rikard Lindqvist",
        "Chief executive officer", "", "sponsor",
    ),
    Account(
        "program_manager", "manager@meridian.example", "Maryam Okafor",
        "AI program manager, Retail banking", "RB", "manager",
    ),
    Account(
        "contributor", "contributor@meridian.example", "Takumi Nakamura",
        "Lead data scientist, Contact centres", "RB-CON", "technical",
    ),
    Account(
        "business_owner", "owner@meridian.example", "Luc Moreau",
        "Head of Claims", "INS-CLA", "owner",
    ),
    Account(
        "finance_partner", "finance@meridian.example", "Silvia Amari",
        "Chief financial officer", "", "finance",
    ),
    Account(
        "risk_officer", "risk@meridian.example", "Jana Brandt",
        "Chief risk officer", "", "risk",
    ),
    Account(
        "governance_board", "board@meridian.example", "Patience Osei",
        "Head of the AI office", "", "manager",
    ),
    Account(
        "auditor", "auditor@meridian.example", "Eoin Gallagher", "Internal auditor",
    ),
    Account(
        "connector", "connector@meridian.example", "Metrics gateway", "Pushes readings",
    ),
    Account(
        "administrator", "admin@meridian.example", "Katharina Vogt", "Platform administrator",
    ),
)  # fmt: skip
