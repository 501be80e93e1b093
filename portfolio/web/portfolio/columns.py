"""The columns of the portfolio table: what each reads and how a page writes it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from governance_app.domain import risk as risk_words
from governance_app.domain.phrases import phrase
from portfolio.charts import spelling
from portfolio.charts.wording import said, worded
from portfolio.web.templatetags import formats


@dataclass(frozen=True)
class Line:
    """One row of the table before it is written: the register's part and the figures beside it."""

    row: Any
    now: Any
    money: Any
    today: dt.date


@dataclass(frozen=True)
class Column:
    """
    One column: its words, what it reads, and how it is written.

    ``value`` gives what an export holds; ``write`` the cell of the page.
    """

    name: str
    label: str
    value: Callable[[Line], Any]
    write: Callable[[Any, Line], Any] | None = None
    sort: str = ""
    is_money: bool = False
    is_number: bool = False
    help: str = ""
    css: str = ""

    @property
    def first(self) -> str:
        """The sign of the first click: amounts sort downwards."""
        return "-" if self.is_number else ""


def _amount(name: str) -> Callable[[Line], Decimal | None]:
    return lambda line: getattr(line.money, name, None)


def _why(name: str, line: Line) -> str:
    """Give why a figure is not known."""
    if line.money is None:
        return worded("Nothing has been recorded, or its money is not yours to see.")
    return said(line.money.reasons.get(name, ""))


def _money(name: str) -> Callable[[Decimal | None, Line], SafeString]:
    def write(value: Decimal | None, line: Line) -> SafeString:
        if value is None:
            return blank(_why(name, line))
        return formats.money(value, line.money.currency)

    return write


def blank(reason: str) -> SafeString:
    return format_html(
        '<span class="muted" title="{}">–</span>', reason or worded("Nothing is recorded.")
    )


def _spend(value: Decimal | None, line: Line) -> SafeString:
    text = _money("spend_year")(value, line)
    budget = getattr(line.money, "budget_year", None)
    if not value or not budget:
        return text
    over = (value - budget) / budget
    if over < Decimal("0.005"):  # it would read as 0 %
        return text
    words = worded("{share} over budget", share=spelling.percent(over))
    return format_html('{}<span class="second bad">{}</span>', text, words)


def _to_go(value: Decimal | None, line: Line) -> SafeString:
    if value is None:
        return blank(_why("to_go", line))
    tone = "bad" if value < 0 else ""
    return format_html(
        '<span class="{}">{}</span>', tone, formats.money_change(value, line.money.currency)
    )


def _risk(value: str, line: Line) -> SafeString:
    if line.now is None or not line.now.risk_count:
        return blank(worded("No risk has been recorded."))
    if line.now.risk_above_appetite:
        above = worded("above appetite")
        return format_html('{}<span class="second bad">{}</span>', said(value), above)
    return format_html("{}", said(value))


def _status(value: str, line: Line) -> SafeString:
    row = line.row
    mark = format_html(
        '<span class="status {}" title="{}">{}</span>',
        row.status or "none",
        row.status_sentence,
        said(value) or worded("no status yet"),
    )
    if row.status_on and (line.today - row.status_on).days > 45:
        return format_html(
            '{}<span class="second">{}</span>', mark, formats.days_ago(row.status_on)
        )
    return mark


def _stage(value: str, line: Line) -> SafeString:
    row = line.row
    if row.stage is None and row.kind != "initiative":
        return format_html('<span class="muted">{}</span>', said(row.get_kind_display().lower()))
    if row.stage is None:
        return formats.unknown_text(worded("Nobody said which stage it is in."))
    mark = format_html('<span class="stage {}">{}</span>', row.stage.slug, said(value))
    if row.time_box_on and row.time_box_on < line.today and not row.stage.is_final:
        late = worded("{days} d past time box", days=(line.today - row.time_box_on).days)
        return format_html('{}<span class="second bad">{}</span>', mark, late)
    return mark


def owner(line: Line) -> str:
    row = line.row
    holder = row.business_owner or row.program_manager or row.sponsor or row.technical_owner
    return holder.name if holder else ""


def _day(value: dt.date | None, line: Line) -> str | SafeString:
    return formats.day(value) if value else blank(worded("Nobody said."))


def _word(value: str, line: Line) -> str | SafeString:
    return said(value) or blank(worded("Nobody said."))


def _ratio(value: float | None, line: Line) -> SafeString:
    if value is None:
        return blank(_why("roi_validated", line))
    tone = "bad" if value < 0 else ""
    return format_html('<span class="{}">{}</span>', tone, spelling.percent(value, plus=True))


def _gain(value: float | None, line: Line) -> SafeString:
    if value is None:
        return blank(worded("No KPI has a baseline and a reading."))
    return format_html(
        '<span title="{}">{}</span>', line.now.efficiency_kpi, spelling.percent(value, plus=True)
    )


def _risk_level(line: Line) -> str:
    if line.now is None or not line.now.risk_count:
        return ""
    level = line.now.risk_level
    if level is None and line.now.risk_known_level is not None:
        return worded(
            "At least {risk_known_level}",
            risk_known_level=said(risk_words.level_name(line.now.risk_known_level)).lower(),
        )
    return risk_words.level_name(level)


def _sum(name: str, field: str, label: str, words: str) -> Column:
    return Column(name, label, _amount(field), _money(field), name, True, True, words)


COLUMNS = (
    Column(
        "stage", phrase("Stage"), lambda x: x.row.stage.name if x.row.stage else "",
        _stage, "stage",
    ),
    Column("status", phrase("Status"), lambda x: x.row.get_status_display(), _status, "status"),
    Column(
        "spend", phrase("Spend"), _amount("spend_year"), _spend, "spend", True, True,
        phrase("Allocated cost, this fiscal year to the last complete month"),
    ),
    _sum("budget", "budget_year", phrase("Budget"), phrase("Budget of the same months")),
    _sum(
        "promised", "promised_year", phrase("Promised"),
        phrase("Approved business case, the same months"),
    ),
    _sum(
        "validated", "validated_year", phrase("Validated"),
        phrase("Agreed by finance, the same months"),
    ),
    _sum(
        "banked", "banked_year", phrase("Banked"),
        phrase("In the budget or the books, the same months"),
    ),
    Column(
        "roi", "ROI", lambda x: getattr(x.money, "roi_validated", None), _ratio, "roi", True, True,
        phrase("On validated benefit, since the start"),
    ),
    Column(
        "to_go", phrase("To go"), _amount("to_go"), _to_go, "to_go", True, True,
        phrase("What the case still promises less what it still plans to cost, as worth today"),
    ),
    Column("risk", phrase("Residual risk"), _risk_level, _risk, "risk"),
    Column(
        "gain", phrase("Efficiency gain"), lambda x: getattr(x.now, "efficiency_gain", None), _gain,
        "gain", False, True, phrase("Of the first KPI that can tell one, against its baseline"),
    ),
    Column("owner", phrase("Owner"), owner, css="text"),
    Column("unit", phrase("Unit"), lambda x: x.row.unit.name, None, "unit", css="text"),
    Column("ai_type", phrase("AI type"), lambda x: x.row.get_ai_type_display(), _word, css="text"),
    Column("vendor", phrase("Vendor"), lambda x: x.row.vendor, None, "vendor", css="text"),
    Column(
        "deployment", phrase("Deployment"), lambda x: x.row.get_deployment_target_display(), _word,
    ),
    Column("sourcing", phrase("Build or buy"), lambda x: x.row.get_sourcing_display(), _word),
    Column("time_box", phrase("Time box"), lambda x: x.row.time_box_on, _day, "time_box_on"),
    Column("status_on", phrase("Last update"), lambda x: x.row.status_on, _day, "status_on"),
)  # fmt: skip
SHOWN = ("stage", "status", "spend", "promised", "validated", "to_go", "risk")
SHOWN_WITHOUT_MONEY = ("stage", "status", "risk", "owner", "ai_type", "vendor")
