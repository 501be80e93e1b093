"""A bill that comes in many parts adds up to what it adds up to in one."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from governance_app.spend.focus import Bill, Part, Reading, open_bill
from governance_app.spend.focus.keymonths import KeyMonths
from tests.factories import focus

LINES = st.lists(
    st.builds(
        lambda resource, cost, tags, invoice, month: focus.line(
            ResourceId=resource, BilledCost=cost, Tags=tags, InvoiceId=invoice,
            ChargePeriodStart=f"2026-{month:02}-07T00:00:00Z",
            ChargePeriodEnd=f"2026-{month:02}-08T00:00:00Z",
        ),
        resource=st.sampled_from(["a", "b", "c"]),
        cost=st.decimals(-1000, 1000, places=12).map(lambda amount: f"{amount:f}"),
        tags=st.sampled_from(['{"x":"1","y":"2"}', '{"y": "2", "x": "1"}', None]),
        invoice=st.sampled_from(["I-1", "I-2"]),
        month=st.sampled_from([9, 10]),
    ),
    min_size=1,
    max_size=40,
)  # fmt: skip


def bill_of(lines: list[focus.Line], folder: Path) -> Bill:
    path = folder / "bill.csv"
    path.write_bytes(focus.as_csv(lines))
    return open_bill([Part(path, "bill.csv")], reading=Reading(on=dt.date(2026, 11, 21)))


@given(lines=LINES, held=st.integers(1, 6), waiting=st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_each_key_is_given_once_and_the_sums_are_those_of_one_part(
    tmp_path_factory, lines: list[focus.Line], held: int, waiting: int
) -> None:
    folder = tmp_path_factory.mktemp("bill")
    whole = list(bill_of(lines, folder).partials_here())
    assert len(whole) == 1
    bill = bill_of(lines, folder)
    sums, parts = KeyMonths(bill.report, held=held, lines_held=waiting), []
    for judge, batch in bill.batches(only_needed=True):
        counted = judge.lines(batch, for_counting=True)
        for one in counted.iter_slices(waiting):
            parts += sums.add(one)
    parts += sums.rest()
    keys = pl.concat([part.keys for part in parts])
    assert sorted(keys["key_id"]) == sorted(whole[0].keys["key_id"])
    place = ["key_id", "InvoiceId", "billing_month", "charge_month"]
    months = pl.concat([part.months for part in parts])
    added = months.group_by(place).agg(pl.col("BilledCost", "lines").sum()).sort(place)
    alone = whole[0].months.select(*place, "BilledCost", "lines").sort(place)
    assert added.select(alone.columns).equals(alone)
    told = sum((Decimal(line["BilledCost"] or 0) for line in lines), Decimal(0))
    assert sum(months["BilledCost"].to_list(), Decimal(0)) == told


def test_a_key_that_comes_again_beside_new_ones_keeps_its_name(tmp_path: Path) -> None:
    def counted(*names: str) -> pl.DataFrame:
        lines = [focus.line(ResourceId=name) for name in names]
        ((judge, batch),) = list(bill_of(lines, tmp_path).batches(only_needed=True))
        return judge.lines(batch, for_counting=True)

    batches = [counted("a", "b"), counted("c", "a", "c", "b"), counted("d", "a", "e", "d")]
    sums = KeyMonths(bill_of([focus.line()], tmp_path).report)
    together = [name for batch in batches for name in sums.key_ids(batch)]
    alone = [name for batch in batches for name in KeyMonths(sums.report).key_ids(batch).to_list()]
    assert together == alone and len(set(together)) == 5


def test_an_archived_line_names_the_key_that_its_part_has(tmp_path: Path) -> None:
    lines = [
        focus.line(ResourceId=name, Tags=tags)
        for name in ("a", "b", "a")
        for tags in ('{"x":"1","y":"2"}', '{"y":"2","x":"1"}', None)
    ]
    bill = bill_of(lines, tmp_path)
    names = KeyMonths(bill.report)
    ((judge, batch),) = list(bill.batches(only_needed=True))
    counted = judge.lines(batch, for_counting=True)
    first, again = names.key_ids(counted), names.key_ids(counted)
    assert first.to_list() == again.to_list() and first.n_unique() == 4
    (part,) = list(bill_of(lines, tmp_path).partials_here())
    assert set(first) == set(part.keys["key_id"])
