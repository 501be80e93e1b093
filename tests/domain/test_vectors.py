"""Forty-eight vectors beyond METHOD's: two libraries and LibreOffice agree to 1e-9 relative."""

import math
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import numpy as np
import numpy_financial
import pytest
import pyxirr
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from governance_app.domain import batch, cashflow

CLOSE = 1e-9

#: name -> (rate per period, flows): shapes that initiatives really have.
YEARLY: dict[str, tuple[str, tuple[float, ...]]] = {
    "a plain investment": ("0.10", (-1000, 300, 400, 500, 200)),
    "paid at once": ("0.08", (-500, 650)),
    "paid back late": ("0.07", (-100, 0, 0, 0, 0, 0, 180)),
    "never worth it": ("0.12", (-1000, 100, 100, 100)),
    "a bond": ("0.05", (-100, 5, 5, 5, 5, 105)),
    "rising benefits": ("0.09", (-2000, 200, 400, 600, 800, 1000)),
    "falling benefits": ("0.09", (-2000, 1000, 800, 600, 400, 200)),
    "two years of building": ("0.11", (-400, -600, 300, 500, 700)),
    "three years of building": ("0.10", (-100, -200, -300, 400, 500, 600)),
    "a pause in the middle": ("0.10", (-800, 300, 0, 0, 400, 500)),
    "tiny amounts": ("0.10", (-0.001, 0.0006, 0.0007)),
    "huge amounts": ("0.10", (-9.5e12, 4e12, 5e12, 6e12)),
    "a rate of nothing": ("0", (-100, 40, 40, 40)),
    "a negative rate": ("-0.02", (-100, 30, 30, 30, 30)),
    "a steep rate": ("0.45", (-100, 90, 90, 90)),
    "nearly no gain": ("0.01", (-300, 100, 100, 100.5)),
    "doubles in a year": ("0.15", (-50, 100)),
    "loses half": ("0.05", (-100, 50)),
    "ten years": ("0.06", (-1000, 150, 150, 150, 150, 150, 150, 150, 150, 150, 150)),
    "money first, costs later": ("0.10", (500, -200, -200, -200)),
    "cents": ("0.10", (-1234.56, 321.09, 456.78, 654.32)),
    "one large last month": ("0.10", (-10, -10, -10, -10, -10, 500)),
    "break even": ("0.03", (-300, 100, 100, 100)),
    "quick and small": ("0.20", (-7, 8, 1, 1)),
}


def _run(months: int, *, build: int, cost: float, benefit: float, ramp: int) -> tuple[float, ...]:
    """Build at an even pace, then earn a benefit that ramps up evenly."""
    earned = [benefit * min(1.0, (place + 1) / ramp) for place in range(months - build)]
    return (*[-cost] * build, *earned)


MONTHLY: dict[str, tuple[str, tuple[float, ...]]] = {
    f"{months} months, {build} of building, ramp {ramp}, {benefit:g} a month": (
        rate,
        _run(months, build=build, cost=12_500.5, benefit=benefit, ramp=ramp),
    )
    for rate, months, build, ramp, benefit in (
        ("0.004", 18, 3, 3, 6000.25),
        ("0.004", 24, 3, 6, 4000),
        ("0.006", 24, 6, 12, 9000),
        ("0.006", 30, 6, 6, 7000),
        ("0.008", 36, 6, 6, 5000),
        ("0.008", 36, 9, 12, 8000),
        ("0.008", 36, 12, 12, 11_000),
        ("0.008", 48, 12, 6, 9000),
        ("0.01", 48, 12, 18, 12_000),
        ("0.01", 48, 18, 12, 14_000),
        ("0.01", 60, 6, 24, 3000),
        ("0.01", 60, 12, 24, 8000),
        ("0.012", 60, 18, 24, 15_000),
        ("0.012", 60, 24, 12, 20_000),
        ("0.0075", 60, 24, 24, 30_000),
        ("0.0075", 12, 1, 1, 2000),
        ("0.0075", 12, 2, 4, 6000),
        ("0.005", 120, 12, 36, 2500),
        ("0.005", 120, 36, 12, 9000),
        ("0.02", 60, 12, 6, 9999.99),
        ("0", 60, 12, 12, 4000),
        ("0.003", 84, 24, 36, 16_000),
        ("0.009", 40, 5, 10, 3333.33),
        ("0.0123", 59, 7, 13, 4321.1),
    )
}
VECTORS = {**YEARLY, **MONTHLY}


def test_there_are_more_than_forty() -> None:
    assert len(VECTORS) == 48


@pytest.mark.parametrize("name", VECTORS)
class TestOneByOne:
    def test_npv(self, name: str) -> None:
        rate, amounts = VECTORS[name]
        ours = float(cashflow.npv([Decimal(str(a)) for a in amounts], Decimal(rate)).need())
        scale = CLOSE * math.fsum(abs(amount) for amount in amounts)
        assert ours == pytest.approx(
            float(numpy_financial.npv(float(rate), amounts)), rel=CLOSE, abs=scale * 1e-3
        )
        theirs = pyxirr.npv(float(rate), amounts, start_from_zero=True)
        assert theirs is not None
        assert ours == pytest.approx(theirs, rel=CLOSE, abs=scale * 1e-3)

    def test_irr(self, name: str) -> None:
        _, amounts = VECTORS[name]
        ours = cashflow.irr([Decimal(str(a)) for a in amounts], periods_per_year=1).need()
        # A rate does not know the unit, but the library stops at a worth of about 1e-9.
        largest = max(abs(amount) for amount in amounts)
        scaled = [amount / largest * 1e5 for amount in amounts]
        theirs = pyxirr.irr(scaled)
        assert theirs is not None
        assert ours == pytest.approx(theirs, rel=CLOSE, abs=1e-12)
        other = numpy_financial.irr(scaled)
        if not math.isnan(other):
            # numpy-financial looks for roots of the polynomial: fewer digits on long flows.
            assert ours == pytest.approx(other, rel=1e-6, abs=1e-9)

    def test_many_at_once(self, name: str) -> None:
        rate, amounts = VECTORS[name]
        rows = np.array([amounts, amounts])
        flows = [Decimal(str(a)) for a in amounts]
        together = batch.irrs(rows, periods_per_year=1)
        alone = cashflow.irr(flows, periods_per_year=1).need()
        assert together.rates == pytest.approx([alone, alone], rel=CLOSE, abs=1e-12)
        worth = float(cashflow.npv(flows, Decimal(rate)).need())
        scale = 1e-12 * float(np.abs(rows).sum())
        assert batch.worths(rows, float(rate))[0] == pytest.approx(worth, rel=CLOSE, abs=scale)
        for payback, many in (
            (cashflow.payback(flows), batch.paybacks(rows)),
            (
                cashflow.discounted_payback(flows, Decimal(rate)),
                batch.discounted_paybacks(rows, float(rate)),
            ),
        ):
            if payback.value is None:
                assert np.isnan(many).all()
            else:
                assert many[0] == pytest.approx(payback.value, rel=1e-6, abs=1e-6)


def test_a_spreadsheet_says_the_same_of_all_of_them(tmp_path: Path) -> None:
    """LibreOffice discounts and solves every vector itself, in one sheet."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed here, so its NPV and IRR cannot be asked.")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row, (rate, amounts) in enumerate(VECTORS.values(), start=1):
        last = get_column_letter(4 + len(amounts))
        # Its NPV discounts the first cell too, so the flow of t = 0 stands outside. Its IRR starts
        # from a guess and gives up where that is far off: it gets one to a tenth.
        irr = cashflow.irr([Decimal(str(each)) for each in amounts], periods_per_year=1).need()
        sheet.append(
            [f"=E{row}+NPV(D{row},F{row}:{last}{row})", f"=IRR(E{row}:{last}{row},{irr:.1f})",
             None, float(rate), *amounts]
        )  # fmt: skip
    book.save(tmp_path / "vectors.xlsx")
    subprocess.run(
        [office, "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "told"),
         str(tmp_path / "vectors.xlsx")],
        check=True, capture_output=True, timeout=180,
    )  # fmt: skip
    told = load_workbook(tmp_path / "told" / "vectors.xlsx", data_only=True).active
    assert told is not None
    answers = list(told.iter_rows(max_col=2, values_only=True))
    assert len(answers) == len(VECTORS)
    for (name, (rate, amounts)), (worth, root) in zip(VECTORS.items(), answers, strict=True):
        flows = [Decimal(str(amount)) for amount in amounts]
        scale = CLOSE * math.fsum(abs(amount) for amount in amounts)
        ours = float(cashflow.npv(flows, Decimal(rate)).need())
        assert worth == pytest.approx(ours, rel=CLOSE, abs=scale * 1e-3), name
        irr = cashflow.irr(flows, periods_per_year=1).need()
        assert root == pytest.approx(irr, rel=CLOSE, abs=1e-11), name
