"""What the palette knows by itself: the pages, and what can be begun on them."""

from dataclasses import dataclass
from functools import lru_cache

from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Entry:
    """
    A page, or an act on one.

    Args:
        name: the name of its address.
        label: what it is called.
        also: further words people look for.
        tail: what follows the address: a query or a place on the page.
        permission: what the act needs; a page says itself what opens it.
        key: the letter after ``g`` that goes there.
        does: what the browser does instead of going anywhere.
    """

    label: Words
    name: str = ""
    also: Words = ""
    tail: str = ""
    permission: str = ""
    key: str = ""
    does: str = ""

    @property
    def url(self) -> str:
        """Where it leads."""
        return f"{reverse(self.name)}{self.tail}" if self.name else ""

    @property
    def needs(self) -> str:
        """Give the permission that opens it; empty for everybody who is signed in."""
        return self.permission or (_permission_of(self.name) if self.name else "")


@lru_cache
def _permission_of(name: str) -> str:
    return str(getattr(resolve(reverse(name)).func, "permission", ""))


PAGES = (
    Entry(_("Home"), "home", _("start headline overview"), key="h"),
    Entry(_("My week"), "week", _("queue friday status updates due"), key="w"),
    Entry(_("Month’s end"), "month-end", _("forecast commentary submit grid")),
    Entry(_("Log of risks, assumptions, issues"), "week-log", _("raid dependencies")),
    Entry(_("Intake"), "intake", _("ideas proposals requests form")),
    Entry(_("Portfolio"), "portfolio", _("initiatives table list register"), key="p"),
    Entry(_("Portfolio as a board"), "portfolio", _("kanban stages"), tail="?view=board"),
    Entry(_("Portfolio as a timeline"), "portfolio", _("gantt plan"), tail="?view=timeline"),
    Entry(
        _("Portfolio as a map"), "portfolio", _("risk value bubble"), tail="?view=map",
        permission="money.view",
    ),
    Entry(_("Excel round trip"), "workbook", _("workbook xlsx upload edit")),
    Entry(_("Import an inventory"), "imports", _("csv xlsx upload list load")),
    Entry(_("Spend"), "spend", _("cost invoices cloud bill"), key="s"),
    Entry(_("Bills"), "spend-bills", _("loads focus invoices files")),
    Entry(_("Allocation rules"), "spend-rules", _("split share unallocated")),
    Entry(_("Plan and forecast"), "spend-plan", _("budget rounds year")),
    Entry(_("Budgets"), "spend-budgets", _("plan load versions")),
    Entry(_("Unusual spend"), "spend-anomalies", _("anomalies spikes alerts")),
    Entry(_("Unit costs"), "spend-unit-costs", _("per outcome token request")),
    Entry(_("Month-end close"), "close", _("accruals invoices journals books")),
    Entry(_("Purchase orders"), "close-orders", _("commitments")),
    Entry(_("Coding"), "close-coding", _("entities accounts cost centres tax agreements")),
    Entry(_("Second looks"), "close-second-looks", _("four eyes approve costs")),
    Entry(_("Value"), "value", _("benefits promised validated banked ladder"), key="v"),
    Entry(_("Returns"), "value-returns", _("roi npv irr payback")),
    Entry(_("Scenarios"), "scenarios", _("what to fund budget optimise frontier")),
    Entry(_("Uncertainty"), "value-chance", _("monte carlo probability tornado")),
    Entry(_("Benchmarks"), "value-benchmarks", _("targets compare percentile")),
    Entry(_("Carbon"), "value-carbon", _("emissions energy kgco2e")),
    Entry(_("Paid hours"), "value-populations", _("population overlap capture")),
    Entry(_("Risk"), "risk", _("register heat map appetite"), key="r"),
    Entry(_("Incidents"), "incidents", _("harm report")),
    Entry(_("Governance"), "governance", _("decisions gates duties"), key="d"),
    Entry(_("Gate requests"), "gate-requests", _("approval stage decision")),
    Entry(_("Gate policies"), "gate-policies", _("guardrails conditions rules")),
    Entry(_("Governance modes"), "gate-modes", _("advise enforce light")),
    Entry(_("Board meetings"), "gate-board", _("agenda minutes")),
    Entry(_("Emergencies"), "gate-emergencies", _("break glass")),
    Entry(_("Duties and delegations"), "gate-duties", _("deputy stand in hand over")),
    Entry(_("Compliance"), "compliance", _("regulation eu ai act nist iso"), key="q"),
    Entry(_("Regulatory inventory"), "regulatory-inventory", _("omb eu register")),
    Entry(_("Third parties"), "third-parties", _("vendors due diligence")),
    Entry(_("Policies"), "policies", _("attest acknowledge")),
    Entry(_("Inventory"), "inventory", _("models versions deployments"), key="i"),
    Entry(_("Datasets"), "inventory-datasets", _("data quality lineage")),
    Entry(_("Vendors"), "inventory-vendors", _("suppliers contracts")),
    Entry(
        _("Bills of materials"), "inventory-bills", _("sbom cyclonedx vulnerabilities cve")
    ),
    Entry(_("Inbox"), "inbox", _("notices unread messages"), key="n"),
    Entry(_("Connections"), "connections", _("sources sync connectors health"), key="c"),
    Entry(_("Waiting to be placed"), "connections-waiting", _("strays shadow mapping")),
    Entry(_("Seats"), "connections-seats", _("licences copilot idle")),
    Entry(_("Pushed in"), "connections-inbound", _("tokens webhook openlineage")),
    Entry(_("Reports"), "reports", _("exports downloads"), key="o"),
    Entry(_("Board packs"), "packs", _("pptx pdf slides presentation")),
    Entry(_("Export layouts"), "report-layouts", _("erp columns template")),
    Entry(_("Scheduled exports"), "report-schedules", _("deliver sftp mail")),
    Entry(_("Jobs"), "jobs", _("progress queue running failed")),
    Entry(_("Trail"), "trail", _("audit log history proof"), key="t"),
    Entry(_("Settings"), "settings", _("configuration thresholds"), key="e"),
    Entry(_("People"), "settings-people", _("users roles grants access")),
    Entry(_("Units"), "settings-units", _("organisation tree departments")),
    Entry(_("Exchange rates"), "settings-rates", _("fx currency")),
    Entry(_("Accounting months"), "settings-months", _("periods fiscal")),
    Entry(_("Account"), "account", _("language time zone currency token profile password")),
    Entry(_("Help"), "help", _("how to documentation manual")),
    Entry(_("Start here"), "welcome", _("set up begin onboarding first steps samples")),
)  # fmt: skip

ACTS = (
    Entry(
        _("Add an initiative"), "portfolio", _("new create register"), tail="#add",
        permission="initiative.add",
    ),
    Entry(_("Propose an idea"), "intake", _("new suggest submit")),
    Entry(
        _("Write status updates"), "week", _("post on track at risk"),
        permission="initiative.update",
    ),
    Entry(_("Ask for a gate decision"), "gate-ask", _("stage approval request")),
    Entry(
        _("Load a bill"), "spend-bills", _("upload focus invoice csv"), permission="spend.import"
    ),
    Entry(_("Write an allocation rule"), "spend-rule-add", _("new split share")),
    Entry(_("Load a budget"), "spend-budgets", _("upload plan"), permission="spend.rules"),
    Entry(_("Draw a scenario"), "scenario-add", _("new fund optimise")),
    Entry(
        _("Report an incident"), "incidents", _("harm breach new"), permission="risk.edit"
    ),
    Entry(_("Write a gate policy"), "gate-policy-write", _("new guardrail")),
    Entry(
        _("Connect a source"), "connections", _("add connector integration"),
        permission="connection.edit",
    ),
    Entry(_("Make a board pack"), "packs", _("new slides deck pptx")),
    Entry(_("Add a person"), "settings-people", _("invite user"), permission="people.edit"),
    Entry(_("Choose what you are told"), "notice-choices", _("e-mail digest quiet slack teams")),
    Entry(_("Change language, time zone, currency"), "account", _("locale preferences")),
    Entry(_("Change between light and dark"), does="theme", also=_("theme night colours")),
    Entry(_("Show the keys"), does="keys", also=_("shortcuts keyboard")),
    Entry(_("Help for this page"), does="help", also=_("how to documentation")),
    Entry(_("Take the tour"), "tour", _("guide introduction onboarding resume")),
)  # fmt: skip
