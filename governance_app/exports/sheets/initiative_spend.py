from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import polars as pl

from governance_app.exports.columns import DTYPES, Column, Kind
from governance_app.exports.sheets.base import Sheet
from governance_app.people.models import User
from governance_app.spend import selectors as spend
from governance_app.spend.selectors import SpendFilter


class InitiativeSpend(Sheet):
    """What each initiative bore in each month; what nobody bears stands below, by source."""

    name = "initiative_spend"
    title = "Initiative spend"
    columns = (
        Column("month", "Month", Kind.MONTH, 10),
        Column("initiative", "Initiative", width=12),
        Column("name", "Name", width=40),
        Column("unit", "Unit", width=24),
        Column("source", "Source of unallocated", width=24),
        Column("owner", "Answers for it", width=20),
        Column("currency", "Currency", width=9),
        Column("billed", "Billed cost", Kind.MONEY, 16),
        Column("effective", "Effective cost", Kind.MONEY, 16),
        Column("contracted", "Contracted cost", Kind.MONEY, 16),
        Column("list", "List cost", Kind.MONEY, 16),
        Column("lines", "Bill lines", Kind.COUNT, 11),
    )

    def frames(self, *, viewer: User, chosen: SpendFilter) -> Iterator[pl.DataFrame]:
        schema = {column.name: DTYPES[column.kind] for column in self.columns}
        if chosen.is_unallocated is not True:
            months = spend.initiative_months(viewer=viewer, chosen=chosen)
            rows = [{**row, "source": "", "owner": ""} for row in months.to_dict("records")]
            yield pl.DataFrame(rows, schema=schema)
        if chosen.is_unallocated is not False:
            owners = {str(one.pk): str(one.owner or "") for one in spend.sources(viewer=viewer)}
            rows = [
                {
                    "month": date.fromisoformat(f"{cell.codes[1]}-01"),
                    "initiative": "",
                    "name": "Unallocated",
                    "unit": "",
                    "source": cell.labels[0],
                    "owner": owners.get(cell.codes[0], ""),
                    "currency": cell.currency,
                    "billed": cell.billed,
                    "effective": cell.effective,
                    "contracted": cell.contracted,
                    "list": cell.list,
                    "lines": int(cell.lines),
                }
                for cell in spend.unallocated(
                    viewer=viewer, chosen=replace(chosen, is_unallocated=True)
                )
            ]
            yield pl.DataFrame(rows, schema=schema)
