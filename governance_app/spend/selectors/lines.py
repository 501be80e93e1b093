"""Single lines, out of the archives: the ledger itself holds none."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import pandas as pd
import polars as pl
from django.db import connection

from governance_app.files import selectors as files
from governance_app.people.models import User
from governance_app.spend.focus.archive import KEY_ID
from governance_app.spend.models import LoadArchive, SpendKey
from governance_app.spend.selectors.explore import _FROM, SpendFilter, where

#: What each line says for itself, as its archive has it.
OF_LINE = (
    "ChargePeriodStart",
    "ChargeDescription",
    "ConsumedQuantity",
    "BillingCurrency",
    "BilledCost",
    "EffectiveCost",
    "InvoiceId",
)
#: What all lines of a key say alike: reading that from the archive would take most of the time.
OF_KEY = {
    "ChargeCategory": "charge_category",
    "ServiceName": "service",
    "SubAccountId": "account",
    "SubAccountName": "account_name",
    "ResourceId": "resource",
    "ResourceName": "resource_name",
    "ConsumedUnit": "consumed_unit",
}
SHOWN = (*OF_LINE, *OF_KEY)


@dataclass(frozen=True, slots=True)
class _Part:
    """The keys of one load in a month, and how many lines they have."""

    archive: LoadArchive
    keys: list[bytes]
    count: int


@dataclass(frozen=True, slots=True)
class Lines:
    """
    Lines, newest first, as a sequence that can be cut: what is not asked for is not read.

    ``total`` counts them all; ``waiting``: how many loads have an archive that is still being
    made, so that their lines cannot be read yet.
    """

    total: int
    waiting: int
    _months: Mapping[date, Sequence[_Part]]

    def __len__(self) -> int:
        return sum(part.count for parts in self._months.values() for part in parts)

    def __getitem__(self, places: slice) -> pd.DataFrame:
        """Read lines: columns ``SHOWN``, received text, exact decimals, moments in UTC."""
        wanted, passed = range(len(self))[places], 0
        read: list[pd.DataFrame] = []
        for month, parts in self._months.items():
            first, passed = passed, passed + sum(part.count for part in parts)
            inside = range(max(wanted.start, first) - first, min(wanted.stop, passed) - first)
            if inside:
                read.append(_of_month(month, parts, inside))
        return pd.concat(read) if read else pd.DataFrame(columns=list(SHOWN))


def lines_of_initiative(*, viewer: User, key: str, chosen: SpendFilter | None = None) -> Lines:
    """
    Give the bill lines that make up an initiative's spend.

    Args:
        key: of the initiative (``AI-142``); one the viewer may not see has no lines.
        chosen: narrows months, provider, service and so on.
    """
    chosen = replace(chosen or SpendFilter(), initiative=key, is_unallocated=False)
    condition, values = where(viewer, chosen, of_keys=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id, m.charge_month, array_agg(DISTINCT m.key_id), sum(m.lines)"
            f" {_FROM} WHERE {condition} GROUP BY 1, 2 ORDER BY 2 DESC, 1",
            values,
        )
        found = cursor.fetchall()
    loads = {row[0] for row in found}
    archives = {
        one.load_id: one
        for one in LoadArchive.objects.filter(load__in=loads).select_related("file")
    }
    months: dict[date, list[_Part]] = defaultdict(list)
    for load, month, keys, count in found:
        if load in archives:
            months[month].append(_Part(archives[load], [one.bytes for one in keys], int(count)))
    total = sum(int(row[3]) for row in found)
    return Lines(total, len(loads - archives.keys()), months)


def _of_month(month: date, parts: Sequence[_Part], inside: range) -> pd.DataFrame:
    """Give the lines of a month that stand at some places in the order of their time."""
    found = pl.concat(_lines(part, month) for part in parts)
    newest = found.sort("ChargePeriodStart", descending=True, maintain_order=True)
    chosen = newest[inside.start : inside.stop]
    keys = SpendKey.objects.filter(pk__in=[UUID(bytes=key) for key in chosen[KEY_ID].unique()])
    said = {row[0].bytes: row[1:] for row in keys.values_list("pk", *OF_KEY.values())}
    of_key = pl.DataFrame(
        [said[key] for key in chosen[KEY_ID]],
        schema=dict.fromkeys(OF_KEY, pl.String),
        orient="row",
    )
    return chosen.hstack(of_key).select(SHOWN).to_pandas()


def _lines(part: _Part, month: date) -> pl.DataFrame:
    """Read the lines of some keys in a month, in the order of the archive."""
    start = pl.col("ChargePeriodStart").dt.replace_time_zone(None).dt.date().dt.truncate("1mo")
    return (
        pl.scan_parquet(files.local_path(file=part.archive.file))
        .filter(pl.col(KEY_ID).is_in(pl.Series(part.keys, dtype=pl.Binary).implode()))
        .select(KEY_ID, *OF_LINE)
        .collect()
        .filter(start == month)
    )
