"""Key-months kept in files come back once, added up, in the order of their keys."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from governance_app.spend.focus.columns import COSTS, QUANTITIES
from governance_app.spend.focus.judge import MONEY
from governance_app.spend.spilling import SpilledParts

BY = ("key_id", "invoice")
MONTH = dt.date(2026, 10, 1)
AMOUNT = st.decimals(-(10**6), 10**6, places=18)

#: Parts of (key, invoice, amount, what the list cost says or nothing).
PARTS = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from([bytes([first]) * 16 for first in (0, 15, 16, 17, 128, 255)]),
            st.integers(1, 2),
            AMOUNT,
            st.none() | AMOUNT,
        ),
        min_size=1,
        max_size=8,
    ),
    min_size=1,
    max_size=6,
)


def months(rows: list[tuple[bytes, int, Decimal, Decimal | None]]) -> pl.DataFrame:
    amounts = {name: [row[2] for row in rows] for name in (*COSTS, *QUANTITIES)}
    amounts["ListCost"] = amounts["PricingQuantity"] = [row[3] for row in rows]
    return pl.DataFrame(
        {
            "key_id": [row[0] for row in rows],
            "invoice": [row[1] for row in rows],
            "BillingCurrency": ["USD"] * len(rows),
            **amounts,
            "lines": [1] * len(rows),
        },
        schema={
            "key_id": pl.Binary, "invoice": pl.Int32, "BillingCurrency": pl.String,
            **dict.fromkeys(amounts, MONEY), "lines": pl.Int64,
        },
    ).select(*BY, "BillingCurrency", *COSTS, *QUANTITIES, "lines")  # fmt: skip


@given(parts=PARTS)
@settings(max_examples=60, deadline=None)
def test_parts_come_back_as_their_exact_sums(tmp_path_factory: Any, parts: list[Any]) -> None:
    spilled = SpilledParts(tmp_path_factory.mktemp("spilled"))
    given_keys: set[bytes] = set()
    want: dict[tuple[bytes, int], list[Any]] = defaultdict(lambda: [0, Decimal(0), []])
    for part in parts:
        new = sorted({row[0] for row in part} - given_keys)
        given_keys.update(new)
        keys = pl.DataFrame({"key_id": new}, schema={"key_id": pl.Binary})
        spilled.add(keys, months(part))
        for key, invoice, amount, stated in part:
            sums = want[(key, invoice)]
            sums[0] += 1
            sums[1] += amount
            sums[2].append(stated)
    keys = [key for some in spilled.take_keys() for key in some["key_id"]]
    assert keys == sorted(given_keys)
    found = pl.concat(spilled.take_months(by=(*BY, "BillingCurrency")))
    assert found["key_id"].is_sorted() and found.height == len(want)
    for row in found.iter_rows(named=True):
        lines, amount, stated = want[(row["key_id"], row["invoice"])]
        assert (row["lines"], row["BilledCost"], row["ConsumedQuantity"]) == (lines, amount, amount)
        said = [one for one in stated if one is not None]
        assert row["ListCost"] == (None if None in stated else sum(said)), "one unknown: unknown"
        assert row["PricingQuantity"] == (sum(said) if said else None), "sums what is stated"
    assert list(spilled.take_keys()) == list(spilled.take_months(by=BY)) == [], "given once"


def test_no_file_is_left_behind(tmp_path: Any) -> None:
    spilled = SpilledParts(tmp_path)
    rows = months([(bytes([first]) * 16, 1, Decimal(1), None) for first in range(256)])
    spilled.add(rows.select("key_id"), rows)
    assert len(list(tmp_path.iterdir())) == 32
    list(spilled.take_keys())
    list(spilled.take_months(by=BY))
    assert not list(tmp_path.iterdir())
