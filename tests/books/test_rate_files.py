"""Files of euro reference rates: read whole, monthly rates derived, cross rates named."""

import calendar
import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from governance_app.books import selectors, services
from governance_app.books.models import AccountingMonth, Rate
from governance_app.books.rate_files import BadRateFile, Quoted, monthly, read_rates
from governance_app.files.services import store

OCT = dt.date(2026, 10, 1)
CODES = ("USD", "GBP", "JPY")


def workdays(month: dt.date) -> list[dt.date]:
    days = calendar.monthrange(month.year, month.month)[1]
    found = [month.replace(day=day) for day in range(1, days + 1)]
    return [day for day in found if day.weekday() < 5]


def quoted(*months: dt.date) -> list[Quoted]:
    """Rates that move a little every day, as a generator of our own makes them."""
    return [
        Quoted(day, {"USD": Decimal("1.08") + Decimal(at) / 1000, "GBP": Decimal("0.85"),
                     "JPY": Decimal(160 + at)})
        for month in months for at, day in enumerate(workdays(month))
    ]  # fmt: skip


def as_csv(days: list[Quoted], newest_first: bool = True) -> bytes:
    rows = ["Date," + ",".join(CODES) + ","]
    rows += [
        f"{day.day.isoformat()}," + ",".join(f"{day.rates.get(c, 'N/A')}" for c in CODES) + ","
        for day in sorted(days, key=lambda d: d.day, reverse=newest_first)
    ]
    return "\n".join(rows).encode()


def as_xml(days: list[Quoted]) -> bytes:
    cubes = "".join(
        f'<Cube time="{day.day.isoformat()}">'
        + "".join(f'<Cube currency="{c}" rate="{r}"/>' for c, r in day.rates.items())
        + "</Cube>"
        for day in days
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope'
        ' xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"'
        ' xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:subject>Reference'
        f" rates</gesmes:subject><Cube>{cubes}</Cube></gesmes:Envelope>"
    ).encode()


def test_csv_and_xml_of_the_same_days_say_the_same():
    days = quoted(OCT)
    assert read_rates(as_csv(days), name="a.csv") == read_rates(as_xml(days), name="a.xml") == days
    single = b"Date, USD, JPY, \n30 October 2026, 1.0842, 163.2, \n"
    assert read_rates(single, name="eurofxref.csv") == [
        Quoted(dt.date(2026, 10, 30), {"USD": Decimal("1.0842"), "JPY": Decimal("163.2")})
    ]


@pytest.mark.parametrize(
    ("content", "sentence", "where"),
    [
        (b"a,b\n1,2\n", "is no file of euro reference rates", "x.csv, row 1"),
        (b"Date,USD\n2026-10-01,1\n2026-10-02,abc\n", "“abc” is no", "x.csv, row 3, column USD"),
        (b"Date,USD\n2026-10-01,1,0842\n", "more cells than the header", "x.csv, row 2"),
        (b"Date,USD\n2026-10-01,-1\n", "“-1” is no rate", "x.csv, row 2, column USD"),
        (b"Date,USD\n31.10.2026,1\n", "is no day such as 2026-10-30", "x.csv, row 2, column Date"),
        (b"Date,USD\n2026-10-01,1\n2026-10-01,2\n", "stands twice", "x.csv, row 3"),
        (b"Date,USD\n", "holds no day", "x.csv"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><a/>", "is no XML that can be read", "x.csv"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_with_its_place(content, sentence, where):
    with pytest.raises(BadRateFile, match=sentence) as refused:
        read_rates(content, name="x.csv")
    assert refused.value.where == where


def test_average_and_closing_are_of_whole_months_and_crosses_go_through_the_euro():
    days = [*quoted(OCT), *quoted(dt.date(2026, 11, 1))[:10]]
    made = monthly(days, quotes=["USD"], bases=["EUR", "GBP"])
    by = {(r.base, r.kind): r.value for r in made.rates}
    dollars = [day.rates["USD"] for day in quoted(OCT)]
    assert by["EUR", "closing"] == dollars[-1]
    assert by["EUR", "average"] == (sum(dollars) / len(dollars)).quantize(Decimal("1e-12"))
    assert by["GBP", "closing"] == (dollars[-1] / Decimal("0.85")).quantize(Decimal("1e-12"))
    assert [r.is_cross for r in made.rates] == [False, False, True, True]
    assert made.remarks == ("November 2026 is not whole: quoted from 02 to 13 November only.",)


@given(st.lists(st.decimals("0.0001", 10_000, places=4), min_size=22, max_size=22))
def test_a_derived_average_lies_between_the_days(values):
    days = [Quoted(day, {"USD": value}) for day, value in zip(workdays(OCT), values, strict=True)]
    (average, closing) = monthly(days, quotes=["USD"]).rates
    assert min(values) <= average.value <= max(values)
    assert closing.value == values[-1]


@pytest.mark.django_db
class TestEntering:
    def enter(self, finance, content, **options):
        name = options.pop("name", "eurofxref-hist.csv")
        kept = store(content=content, name=name, by=finance)
        return services.import_rates(file=kept, name=name, quotes=["USD"], by=finance, **options)

    @pytest.fixture
    def finance(self, person):
        return person("finance_partner")

    def test_rates_are_entered_once_and_name_file_and_cross(self, finance, ledger_count):
        content = as_csv(quoted(OCT))
        dry = self.enter(finance, content, dry_run=True)
        assert (len(dry.rates), Rate.objects.count()) == (6, 0)
        assert self.enter(finance, content).as_json()["new"] == 6
        before = ledger_count()
        again = self.enter(finance, content)
        assert (again.as_json()["new"], again.unchanged) == (0, 6)
        assert ledger_count() == before + 1  # the note about the file
        sources = dict(Rate.objects.filter(kind="closing").values_list("base", "source"))
        assert sources["EUR"] == "eurofxref-hist.csv"
        assert sources["GBP"] == "eurofxref-hist.csv, cross through EUR"
        used = selectors.rate(base="GBP", quote="USD", month=OCT, kind="average")
        assert used > Decimal("1.27")

    def test_a_missing_rate_still_names_pair_month_and_kind(self, finance):
        self.enter(finance, as_csv(quoted(OCT)))
        with pytest.raises(selectors.MissingRate, match="No budget rate from GBP to USD for Octob"):
            selectors.rate(base="GBP", quote="USD", month=OCT, kind="budget")

    def test_a_closed_month_keeps_its_rates(self, finance, admin):
        self.enter(finance, as_csv(quoted(OCT)))
        services.open_months(first=OCT, last=OCT, by=admin)
        AccountingMonth.objects.update(
            state="closed", closed_at=dt.datetime(2026, 11, 5, tzinfo=dt.UTC), closed_by=admin
        )
        moved = [Quoted(d.day, {**d.rates, "USD": d.rates["USD"] + 1}) for d in quoted(OCT)]
        made = self.enter(finance, as_csv(moved))
        assert made.rates == ()
        assert made.remarks == ("October 2026 is closed; its rates stay as they are.",)

    def test_a_bad_cell_enters_nothing(self, finance, ledger_count):
        content = as_csv(quoted(OCT)).replace(b"0.85", b"o.85", 1)
        kept = store(content=content, name="x.csv", by=finance)
        before = ledger_count()
        with pytest.raises(BadRateFile, match=r"“o\.85” is no rate"):
            services.import_rates(file=kept, name="x.csv", quotes=["USD"], by=finance)
        assert (ledger_count(), Rate.objects.count()) == (before, 0)

    def test_the_command_answers_json(self, admin, tmp_path, capsys):
        path = tmp_path / "eurofxref-hist.csv"
        path.write_bytes(as_csv(quoted(OCT)))
        call_command("import_rates", str(path), "--into", "usd", "--from", "EUR", "--json")
        assert json.loads(capsys.readouterr().out)["new"] == 2
