"""A business case as a workbook: its lines as typed, and everything else as live formulas."""

import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from governance_app.domain import roi
from governance_app.domain.periods import month_range
from governance_app.domain.records import AssumptionRecord, CaseLineRecord
from governance_app.value import choices
from governance_app.value.models import BusinessCase

#: The sheets that are read back, and the columns of each.
CASE, LINES, ASSUMPTIONS = "Case", "Lines", "Assumptions"
LINE_COLUMNS = ("Month", "Side", "Category", "Low", "Amount", "High", "Recurring", "Treatment")
ASSUMPTION_COLUMNS = (
    "Name", "Low", "Likely", "High", "Unit", "Factor", "Moves", "Driver", "Owner", "Evidence",
)  # fmt: skip
#: Field of the form -> its words on the first sheet.
FACTS = {
    "currency": "Currency",
    "annual_rate": "Discount rate a year",
    "valuation_month": "Month of t = 0",
    "go_live_month": "Month of going live",
    "assumptions": "In prose",
}
SCENARIOS = ("low", "likely", "high")
_MONTHS, _RETURNS = "Months", "Returns"
_SPARE_ROWS = 200


def write_book(
    *,
    case: BusinessCase,
    lines: Sequence[CaseLineRecord],
    assumptions: Sequence[AssumptionRecord],
    returns: roi.Returns,
) -> bytes:
    """
    Write a version as an XLSX file that is read back by ``case_book_reading``.

    Changing a line, the rate or the scenario in it recalculates months and returns; beside them
    stands what the product counts for the likely scenario.
    """
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        _Book(book, case, lines).write(assumptions, returns)
    return stream.getvalue()


class _Book:
    """The sheets of one workbook while they are written."""

    def __init__(
        self, book: xlsxwriter.Workbook, case: BusinessCase, lines: Sequence[CaseLineRecord]
    ) -> None:
        self.book, self.case, self.lines = book, case, lines
        self.bold = book.add_format({"bold": True, "bottom": 1})
        self.month = book.add_format({"num_format": "mmm yyyy", "align": "left"})
        self.money = book.add_format({"num_format": "#,##0.00;[Red]-#,##0.00"})
        self.percent = book.add_format({"num_format": "0.00%"})
        self.plain = book.add_format({"num_format": "0.0000"})
        self.typed = book.add_format({"bg_color": "#FFF8E1", "num_format": "#,##0.00########"})
        last = max([line.month for line in lines], default=case.valuation_month)
        self.horizon = month_range(case.valuation_month, max(last, case.valuation_month))
        self.last_line = len(lines) + 1 + _SPARE_ROWS
        self.last_month = len(self.horizon) + 1

    def write(self, assumptions: Sequence[AssumptionRecord], returns: roi.Returns) -> None:
        self._case()
        self._lines()
        self._assumptions(assumptions)
        flows = self._months()
        self._returns(returns, flows)

    def _sheet(self, name: str, headers: Sequence[str], widths: Sequence[int]) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.write_row(0, 0, headers, self.bold)
        sheet.freeze_panes(1, 0)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        return sheet

    def _case(self) -> None:
        case = self.case
        sheet = self._sheet(CASE, ("Field", "Value"), (24, 60))
        rows: list[tuple[str, Any, Any]] = [
            ("Initiative", case.initiative.key, None),
            ("Name", case.initiative.name, None),
            ("Version", case.number, None),
            ("State", case.get_state_display(), None),
            (FACTS["currency"], case.currency, None),
            (FACTS["annual_rate"], float(case.annual_rate), self.percent),
            (FACTS["valuation_month"], case.valuation_month, self.month),
            (FACTS["go_live_month"], case.go_live_month, self.month),
            (FACTS["assumptions"], case.assumptions, None),
            ("Scenario", "likely", None),
        ]
        for place, (label, value, look) in enumerate(rows, start=1):
            sheet.write_string(place, 0, label)
            _write(sheet, place, 1, value, look)
        self.rate = f"{CASE}!$B$7"
        self.first = f"{CASE}!$B$8"
        self.live = f"{CASE}!$B$9"
        self.scenario = f"{CASE}!$B$11"
        sheet.data_validation("B11", {"validate": "list", "source": list(SCENARIOS)})
        sheet.write_comment(
            "B11", "low: benefits at their low, costs at their high; high: reverse."
        )

    def _lines(self) -> None:
        headers = (*LINE_COLUMNS, "Used in the scenario")
        sheet = self._sheet(LINES, headers, (12, 10, 14, 16, 16, 16, 10, 10, 20))
        for row, line in enumerate(self.lines, start=1):
            recurring = "yes" if line.is_recurring else "no"
            cells: tuple[tuple[Any, Any], ...] = (
                (line.month, self.month), (line.side, None), (line.category, None),
                (line.low, self.typed), (line.amount, self.typed), (line.high, self.typed),
                (recurring, None), (line.treatment, None),
            )  # fmt: skip
            for place, (value, look) in enumerate(cells):
                _write(sheet, row, place, value, look)
        for row in range(1, self.last_line):
            number = row + 1
            used: float | str = float(self.lines[row - 1].amount) if row <= len(self.lines) else ""
            ranged = (
                f'IF(({self.scenario}="low")=(B{number}="benefit"),'
                f'IF(D{number}="",E{number},D{number}),IF(F{number}="",E{number},F{number}))'
            )
            formula = f'=IF(E{number}="","",IF({self.scenario}="likely",E{number},{ranged}))'
            sheet.write_formula(row, 8, formula, self.money, used)
        end = self.last_line - 1
        sheet.data_validation(1, 1, end, 1, {"validate": "list", "source": list(choices.SIDES)})
        known = [*choices.COST_CATEGORIES, *choices.BENEFIT_TYPES]
        sheet.data_validation(1, 2, end, 2, {"validate": "list", "source": known})

    def _assumptions(self, records: Sequence[AssumptionRecord]) -> None:
        widths = (34, 12, 12, 12, 14, 14, 10, 18, 28, 50)
        sheet = self._sheet(ASSUMPTIONS, ASSUMPTION_COLUMNS, widths)
        for row, record in enumerate(records, start=1):
            cells = (
                record.name, record.low, record.likely, record.high, record.unit, record.factor,
                record.moves, record.driver, record.owner, record.evidence,
            )  # fmt: skip
            for place, value in enumerate(cells):
                _write(sheet, row, place, value, None)
        end = len(records) + _SPARE_ROWS
        factors = [slug for slug in choices.FACTORS if slug]
        sheet.data_validation(1, 5, end, 5, {"validate": "list", "source": factors})
        sheet.data_validation(1, 6, end, 6, {"validate": "list", "source": list(choices.SIDES)})

    def _months(self) -> list[float]:
        headers = (
            "t", "Month", "Cost", "Benefit, hard", "Net", "Running", "Discount factor",
            "Net, discounted", "Running, discounted", "Payback", "Discounted payback",
        )  # fmt: skip
        sheet = self._sheet(_MONTHS, headers, (6, 12, 16, 16, 16, 16, 12, 16, 16, 12, 12))
        end = self.last_line
        months, sides = f"{LINES}!$A$2:$A${end}", f"{LINES}!$B$2:$B${end}"
        kinds, used = f"{LINES}!$C$2:$C${end}", f"{LINES}!$I$2:$I${end}"
        flows: list[float] = []
        running = discounted = 0.0
        step = (1 + float(self.case.annual_rate)) ** (1 / 12)
        for place, month in enumerate(self.horizon):
            row, number = place + 1, place + 2
            cost = _sum(self.lines, month, "cost")
            benefit = _sum(self.lines, month, "benefit")
            net = benefit - cost
            flows.append(net)
            running += net
            discounted += net / step**place
            first = f"={self.first}" if not place else f"=EDATE(B{number - 1},1)"
            turned = (
                ('=IF(F2>=0,0,"")', '=IF(I2>=0,0,"")')
                if not place
                else tuple(
                    f"=IF(AND({column}{number}>=0,{column}{number - 1}<0),"
                    f'A{number - 1}-{column}{number - 1}/{flow}{number},"")'
                    for column, flow in (("F", "E"), ("I", "H"))
                )
            )
            cells = (
                (f"={place}", None, place),
                (first, self.month, _serial(month)),
                (f'=SUMIFS({used},{sides},"cost",{months},B{number})', self.money, cost),
                (f'=SUMIFS({used},{kinds},"hard",{months},B{number})', self.money, benefit),
                (f"=D{number}-C{number}", self.money, net),
                (f"=SUM(E$2:E{number})", self.money, running),
                (f"=(1+{self.rate})^(-A{number}/12)", self.plain, step**-place),
                (f"=E{number}*G{number}", self.money, net / step**place),
                (f"=SUM(H$2:H{number})", self.money, discounted),
                (turned[0], self.plain, ""),
                (turned[1], self.plain, ""),
            )
            for column, (formula, look, value) in enumerate(cells):
                sheet.write_formula(row, column, formula, look, value)
        return flows

    def _returns(self, returns: roi.Returns, flows: Sequence[float]) -> None:
        headers = ("Figure", "Formula", "Counted by the portfolio, likely")
        sheet = self._sheet(_RETURNS, headers, (34, 20, 34))
        end, last = self.last_line, self.last_month
        sides, used = f"{LINES}!$B$2:$B${end}", f"{LINES}!$I$2:$I${end}"
        kinds = f"{LINES}!$C$2:$C${end}"

        def column(letter: str, first: int = 2) -> str:
            return f"{_MONTHS}!${letter}${first}:${letter}${last}"

        later = f"+NPV(B2,{column('E', 3)})" if last > 2 else ""
        rows: tuple[tuple[str, str, Any, Any], ...] = (
            ("Rate a month", f"=(1+{self.rate})^(1/12)-1", self.plain, None),
            ("Cost", f'=SUMIFS({used},{sides},"cost")', self.money, returns.cost),
            ("Benefit, hard", f'=SUMIFS({used},{kinds},"hard")', self.money, returns.benefit),
            ("Benefit less cost", "=B4-B3", self.money, returns.net_benefit),
            ("ROI", '=IF(B3=0,"no cost",(B4-B3)/B3)', self.percent, returns.roi_ratio),
            ("Net present value", f"={_MONTHS}!$E$2{later}", self.money, returns.npv),
            (
                "Internal rate of return, a year",
                f'=IFERROR((1+IRR({column("E")},0.01))^12-1,"no change of sign")',
                self.percent,
                returns.irr_ratio,
            ),
            (
                "Payback, months",
                f'=IF(COUNT({column("J")})=0,"never",MIN({column("J")}))',
                self.plain,
                returns.payback_months,
            ),
            (
                "Discounted payback, months",
                f'=IF(COUNT({column("K")})=0,"never",MIN({column("K")}))',
                self.plain,
                returns.discounted_payback_months,
            ),
            (
                "Benefit-cost ratio",
                f'=IF(SUMPRODUCT({column("C")},{column("G")})=0,"no cost",'
                f"SUMPRODUCT({column('D')},{column('G')})/SUMPRODUCT({column('C')},{column('G')}))",
                self.plain,
                returns.bcr,
            ),
            (
                "Profitability index",
                f'=IF({self.live}="","no month of going live",IF(SUMPRODUCT(({column("B")}<'
                f'{self.live})*{column("C")}*{column("G")})=0,"no investment",1+B7/'
                f"SUMPRODUCT(({column('B')}<{self.live})*{column('C')}*{column('G')})))",
                self.plain,
                returns.pi,
            ),
        )
        for row, (label, formula, look, counted) in enumerate(rows, start=1):
            sheet.write_string(row, 0, label)
            value = getattr(counted, "value", counted)
            sheet.write_formula(row, 1, formula, look, "" if value is None else float(value))
            if value is not None:
                sheet.write_number(row, 2, float(value), look)
            elif counted is not None:
                sheet.write_string(row, 2, counted.reason)
        sheet.write_string(
            len(rows) + 2, 0, "Avoided, soft and qualitative benefits stand in Lines"
        )
        sheet.write_string(len(rows) + 3, 0, "and count in none of these figures.")


def _write(sheet: Any, row: int, column: int, value: Any, look: Any) -> None:
    """Write a cell as what it is; text is never read as a formula."""
    if value is None or value == "":
        return
    if isinstance(value, Decimal | int | float):
        sheet.write_number(row, column, float(value), look)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time.min), look)
    else:
        sheet.write_string(row, column, str(value), look)


def _sum(lines: Sequence[CaseLineRecord], month: dt.date, side: str) -> float:
    return float(
        sum(
            line.amount
            for line in lines
            if line.month == month
            and line.side == side
            and (side == "cost" or line.category == "hard")
        )
    )


def _serial(day: dt.date) -> int:
    """Give a day as workbooks count it."""
    return (day - dt.date(1899, 12, 30)).days
