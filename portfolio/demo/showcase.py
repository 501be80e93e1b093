"""
One initiative in every state that a page can show, each with the flag that makes it so.

The flags mean, wherever the generator meets them:

no_owner, no_status, no_case, no_spend, no_readings: the thing is missing.
stale: the last reading is four months old. worse: the KPI moved the wrong way.
no_sign_change: a case of costs only. never_pays_back: benefits, but never enough.
zero_cost: nothing planned, nothing billed, benefits all the same.
draft_case: a case nobody approved. past_box: a pilot over its time box by 94 days or more.
over_budget: spends far more than planned. under_budget: far less.
loss: ended having cost more than it brought. refund: a month with more credit than cost.
unassessed: a risk without likelihood or impact. above_appetite: a risk above the limit.
blocked: waits for another initiative that is late. rejected: finance rejected its months.
back: went back a stage. skip: went from pilot straight to production.
at_risk, off_track: the status that people gave it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Showcase:
    """An initiative whose story is written by hand; `share` is its part of the group's spend."""

    department: str
    name: str
    technique: str
    purpose: str
    fate: str
    flags: tuple[str, ...] = ()
    share: float | None = None
    months_live: int | None = None


SHOWCASES: tuple[Showcase, ...] = (
    Showcase("Contact centres", "Contact-centre assist", "live guidance",
        "Listens to calls, shows agents the next step and the rule behind it, and writes the note "
        "when the call ends.", "scaling", (), 0.118, 8),
    Showcase("Finance", "Invoice matching", "matching",
        "Matches purchase invoices to orders and receipts, so that accountants judge real "
        "exceptions only.", "production", (), 0.062, 22),
    Showcase("Claims", "Claims triage agent", "agent",
        "Reads loss reports, settles simple claims within limits and sends the rest to the right "
        "handler.", "pilot", ("over_budget", "above_appetite", "off_track"), 0.16),
    Showcase("Consumer lending", "Credit pre-screening", "score",
        "Tells applicants within seconds whether an application is worth making, with the reasons.",
        "scaling", ("above_appetite", "at_risk"), 0.048, 7),
    Showcase("Cash management", "Cash demand forecast v2", "forecast",
        "Forecasts cash positions by currency and day, so that treasury holds less idle liquidity.",
        "production", ("at_risk",), 0.052, 16),
    Showcase("Software engineering", "Code assistant", "code assistant",
        "Suggests, explains and tests code in the editor of 1,900 engineers; review rules stay as "
        "they were.", "production", (), 0.083, 19),
    Showcase("People and culture", "HR policy chatbot", "answer assistant",
        "Answers questions on leave, pay and benefits from approved policies and cites each one.",
        "pilot", ("past_box", "at_risk"), 0.016),
    Showcase("Payments operations", "Sanctions alert drafting", "drafting assistant",
        "Drafts the reasoning for closing false sanctions alerts; a reviewer signs each one.",
        "production", (), 0.034, 12),
    Showcase("Financial crime", "Mule account detection", "score",
        "Scores accounts for mule behaviour every night and explains each score to investigators.",
        "production", (), 0.037, 27),
    Showcase("Document services", "Post room reader", "reader",
        "Reads 40,000 letters a day, recognises what each asks for and opens the case.",
        "production", ("under_budget",), 0.031, 24),
    Showcase("Mortgages", "Valuation photo check", "image assessment",
        "Compares valuation photos with the report and asks the surveyor where they disagree.",
        "assessment", ("no_owner",)),
    Showcase("Infrastructure", "Data-centre cooling optimiser", "optimiser",
        "Adjusts cooling set points every quarter of an hour within limits that engineers set.",
        "production", ("stale",), None, 14),
    Showcase("Private banking", "Client news digest", "summary",
        "Writes each banker a morning page on what happened to the holdings of their clients.",
        "pilot", ("no_case",)),
    Showcase("Internal audit", "Branch audit report summary", "summary",
        "Condenses branch audit reports to one page; tried on ten reports with a free licence.",
        "pilot", ("no_spend",)),
    Showcase("Risk and compliance", "AI register for the regulator", "classifier",
        "Keeps the register of AI systems that the regulator asks for; required, saves nothing.",
        "production", ("no_sign_change",), None, 9),
    Showcase("Leasing", "Equipment inspection by drone", "image assessment",
        "Inspects returned excavators from the air; the fleet turned out to be too small.",
        "scaling", ("never_pays_back", "off_track")),
    Showcase("Service desk", "Password reset helper", "guide",
        "Leads people through a password reset with the model that came free with the desk tool.",
        "production", ("zero_cost",), None, 11),
    Showcase("Marketing", "Campaign image generator", "image assessment",
        "Made campaign images until the brand team found that editing took longer than drawing.",
        "retired", ("loss",)),
    Showcase("Cyber security", "Access review recommender", "anomaly monitor",
        "Recommends which entitlements to withdraw; waits for the clean role model of the data "
        "platform.", "pilot", ("blocked", "at_risk")),
    Showcase("Document services",
        "Übersetzung und Prüfung mehrsprachiger Kundenkorrespondenz (Łódź – København – 東京) "
        "einschließlich handschriftlicher Anlagen, Vollmachten und amtlicher Beglaubigungen "
        "für die Nachlassbearbeitung im grenzüberschreitenden Verkehr", "translation",
        "Übersetzt Schreiben in elf Sprachen mit dem Glossar des Hauses – ¿preguntas? → 中文も可 – "
        "and asks a person where the handwriting leaves a doubt.", "pilot", ()),
    Showcase("Life and pensions", "Disability case early warning", "early warning",
        "Flags cases that may become long-term; nobody has assessed its risks yet.",
        "pilot", ("unassessed",)),
    Showcase("Cards and payments", "Card replacement agent", "agent",
        "Replaces lost and damaged cards from start to end and re-routes standing payments.",
        "production", ("over_budget", "off_track"), 0.028, 10),
    Showcase("Commercial lines", "Broker submission reader", "reader",
        "Reads broker submissions into the rating tool, with the source line beside every value.",
        "production", ("rejected",), 0.022, 15),
    Showcase("Fund services", "Corporate action reader", "reader",
        "Reads notices of corporate actions; its readings have never been connected.",
        "scaling", ("no_readings", "at_risk")),
    Showcase("Collections and procurement", "Collections call guidance", "live guidance",
        "Shows agents what to offer during the call; waiting times grew instead of falling.",
        "scaling", ("worse", "off_track")),
    Showcase("Data platforms", "Warehouse cost optimiser", "optimiser",
        "Rewrites the ten dearest queries of the day and proposes them to their owners.",
        "production", ("refund",), None, 13),
    Showcase("Small business lending", "Business early warning", "early warning",
        "Flags business accounts heading for trouble; taken back to pilot after a drift alarm.",
        "pilot", ("back", "above_appetite")),
    Showcase("Customer onboarding", "Ownership chart reader", "reader",
        "Reads ownership charts from registry extracts; so good in pilot that scaling was skipped.",
        "production", ("skip",), None, 6),
    Showcase("Private banking", 'Rates & fees "what-if" explorer <beta>', "what-if simulator",
        "Lets bankers try what a client would pay under another mandate, before they ask.",
        "idea", ("no_status",)),
    Showcase("Asset management", "Earnings call summary", "summary",
        "Condenses earnings calls to one page with links into the transcript.",
        "scaling", ("draft_case",)),
)  # fmt: skip
