"""
Works a figure out again from nothing but what its passport shows, by libraries of other people.

The same reading serves the tests of pages and those in a browser: what a person sees is the input.
"""

import datetime as dt
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy_financial as npf
import pyxirr
from lxml import html

_SIDES = re.compile(r"t = (-?\d+)(?:: benefit (\S+ \S+), (?:paid|cost) (\S+ \S+))?")


@dataclass(frozen=True)
class Row:
    """An input: what it is, where it comes from, its value as it is written."""

    label: str
    where: str
    text: str


@dataclass(frozen=True)
class Opened:
    """A passport as it is shown."""

    reading: str
    formula: str
    rows: tuple[Row, ...]
    sum: str

    @property
    def texts(self) -> Mapping[str, str]:
        return {row.label: row.text for row in self.rows}


@dataclass(frozen=True)
class Flow:
    """What came and what went in a month; t is counted from the month of valuation."""

    t: int
    benefit: float
    paid: float


def opened(page: str) -> Opened:
    """Read the fragment or the page of a passport."""
    root = html.fromstring(page)

    def text(element: html.HtmlElement) -> str:
        return " ".join(element.text_content().split())

    def first(path: str) -> str:
        found = root.xpath(path)
        return text(found[0]) if found else ""

    rows = []
    for row in root.xpath("//table[@class='table']/tbody/tr"):
        name, value = row.xpath("td")
        where = " ".join(text(each) for each in name.xpath("span[@class='second']"))
        rows.append(Row(text(name).removesuffix(where).strip(), where, text(value)))
    return Opened(
        first("//p[starts-with(@class, 'reading')]"),
        first("//p[@class='formula']"),
        tuple(rows),
        first("//tfoot//td"),
    )


def number(text: str) -> float:
    """
    Read a number as pages write it: money with its code, a percentage, months.

    >>> number("USD −1,050.25"), number("+300.0%"), number("3.2 months")
    (-1050.25, 3.0, 3.2)
    """
    found = re.search(r"[+−-]?[\d,]+(?:\.\d+)?", text)
    if found is None:
        raise ValueError(f"{text!r} holds no number")
    value = float(found[0].replace("−", "-").replace(",", ""))
    return value / 100 if text.endswith("%") else value


def is_again(figure: str, paper: Opened) -> bool:
    """Tell whether the inputs of a passport give its value, as far as it is written out."""
    if paper.sum:
        return number(paper.sum) == number(paper.reading)
    if not paper.rows:  # a sum of nothing
        return number(paper.reading) == 0
    name = figure.removeprefix("togo_").removeprefix("case_").partition("_")[0]
    name = f"togo_{name}" if figure.startswith("togo_") else name
    work: Callable[[Opened], float] = _WORK.get(figure) or _WORK[name]
    value = number(paper.reading)
    shown = paper.reading.partition(" months")[0]
    places = len(shown.rstrip("%").partition(".")[2]) + (2 if shown.endswith("%") else 0)
    return math.isclose(work(paper), value, rel_tol=1e-9, abs_tol=0.5001 * 10**-places)


def _monthly(paper: Opened) -> float:
    return float((1 + number(paper.texts["Discount rate a year"])) ** (1 / 12) - 1)


def _flows(paper: Opened) -> list[Flow]:
    found = []
    for row in paper.rows:
        sides = _SIDES.match(row.where)
        if sides is None:
            continue
        benefit, paid = sides[2], sides[3]
        flow = Flow(
            int(sides[1]), number(benefit if benefit else row.text), number(paid) if paid else 0.0
        )
        assert math.isclose(flow.benefit - flow.paid, number(row.text), abs_tol=1e-9), row
        found.append(flow)
    return found


def _dense(paper: Opened) -> list[float]:
    flows = _flows(paper)
    months = [0.0] * (max(flow.t for flow in flows) + 1)
    for flow in flows:
        months[flow.t] += flow.benefit - flow.paid
    return months


def _npv(paper: Opened) -> float:
    return float(npf.npv(_monthly(paper), _dense(paper)))


def _irr(paper: Opened) -> float:
    monthly = pyxirr.irr(_dense(paper))
    assert monthly is not None
    return float((1 + monthly) ** 12 - 1)


def _back(flows: list[float]) -> float:
    total, is_out = 0.0, False
    for at, flow in enumerate(flows):
        if is_out and total < 0 <= total + flow:
            return at - 1 + -total / flow
        total += flow
        is_out = is_out or total < 0
    assert not is_out, "it is never paid back"
    return 0.0


def _discounted(paper: Opened) -> list[float]:
    rate = _monthly(paper)
    return [flow / (1 + rate) ** at for at, flow in enumerate(_dense(paper))]


def _side(paper: Opened, of: Callable[[Flow], float], *, before: int = 10**6) -> float:
    rate = _monthly(paper)
    return sum(of(flow) / (1 + rate) ** flow.t for flow in _flows(paper) if flow.t < before)


def _live(paper: Opened) -> int:
    start, live = (
        dt.datetime.strptime(paper.texts[name], "%B %Y") for name in ("t = 0", "Goes live")
    )
    return (live.year - start.year) * 12 + live.month - start.month


def _chances(paper: Opened) -> list[float]:
    """Give the chance that each month is reached: stages pass evenly until it goes live."""
    steps = [number(row.text) for row in paper.rows if row.label.startswith("Chance to move on")]
    live = _live(paper) if "Goes live" in paper.texts else 0
    last = max(flow.t for flow in _flows(paper))
    passed = [
        min(len(steps), at * len(steps) // live) if live > 0 else len(steps)
        for at in range(1, last + 1)
    ]
    return [math.prod(steps[:count]) for count in passed]


def _loss(paper: Opened) -> float:
    rate, a_month = _monthly(paper), number(paper.texts["Expected loss a year"]) / 12
    return sum(
        chance * a_month / (1 + rate) ** at for at, chance in enumerate(_chances(paper), start=1)
    )


def _risked(paper: Opened) -> float:
    rate, chances = _monthly(paper), _chances(paper)
    worth = sum(
        chances[flow.t - 1] * (flow.benefit - flow.paid) / (1 + rate) ** flow.t
        for flow in _flows(paper)
    )
    return worth - number(paper.texts["Losses expected of its priced risks"])


_WORK: dict[str, Callable[[Opened], float]] = {
    "net": lambda p: number(p.texts["Benefit"]) - number(p.texts["Cost"]),
    "roi": lambda p: _amount(p, "Benefit") / _amount(p, "Cost") - 1,
    "npv": _npv,
    "irr": _irr,
    "payback": lambda p: _back(_dense(p)),
    "dpayback": lambda p: _back(_discounted(p)),
    "bcr": lambda p: _side(p, lambda f: f.benefit) / _side(p, lambda f: f.paid),
    "pi": lambda p: 1 + _npv(p) / _side(p, lambda f: f.paid, before=_live(p)),
    "to_go": _npv,
    "togo_npv": _npv,
    "togo_rnpv": _risked,
    "togo_loss": _loss,
    "togo_benefit": lambda p: sum(flow.benefit for flow in _flows(p)),
    "togo_cost": lambda p: sum(flow.paid for flow in _flows(p)),
    "completion_cost": lambda p: (
        number(p.texts["Spend to date"]) + number(p.texts["Estimate of the months to come"])
    ),
    "completion_benefit": lambda p: (
        number(p.texts["Validated to date"])
        + number(p.texts["Remaining promise"])
        * number(p.texts["Validated in reviewed months"])
        / number(p.texts["Promised in reviewed months"])
    ),
    "completion_realisation": lambda p: (
        number(p.texts["Validated in reviewed months"])
        / number(p.texts["Promised in reviewed months"])
    ),
}


def _amount(paper: Opened, name: str) -> float:
    """Give an amount whose label says more than its name: ``Hard benefit``."""
    return number(next(row.text for row in paper.rows if name.lower() in row.label.lower()))
