"""Single lines, out of the archives: the ledger itself holds none."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import pandas as pd
import polars as pl
from django.db import connection

from governance_app.files import selectors as files
from governance_app.people.models import User
from governance_app.spend.focus.archive import KEY_ID
from governance_app.spend.models import LoadArchive, SpendKey
from governance_app.spend.selectors.explore import _FROM, SpendFilter, read_from, where

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
#: Months of initiatives whose lines a process keeps for the next page of them, and how many lines
#: one of them may have for that.
KEPT, MOST_LINES = 32, 20_000


@dataclass(frozen=True, slots=True)
class _Part:
    """The lines of one load in a month: where they are, and how many."""

    archive: LoadArchive
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
    _viewer: User
    _chosen: SpendFilter
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
                keys = _keys(self._viewer, self._chosen, month, parts)
                read.append(_of_month(month, parts, keys, inside))
        return pd.concat(read) if read else pd.DataFrame(columns=list(SHOWN))


def lines_of_initiative(*, viewer: User, key: str, chosen: SpendFilter | None = None) -> Lines:
    """
    Give the bill lines that make up an initiative's spend.

    Args:
        key: of the initiative (``AI-142``); one the viewer may not see has no lines.
        chosen: narrows months, provider, service and so on.
    """
    chosen = replace(chosen or SpendFilter(), initiative=key, is_unallocated=False)
    condition, values = where(viewer, chosen, of_keys=bool(chosen.search))
    read = read_from(chosen)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT m.load_id, m.charge_month, {read.lines} {read.source} WHERE {condition}"
            " GROUP BY 1, 2 ORDER BY 2 DESC, 1",
            values,
        )
        found = cursor.fetchall()
    loads = {row[0] for row in found}
    kept = LoadArchive.objects.filter(load__in=loads).select_related("file", "load")
    archives = {one.load_id: one for one in kept}
    months: dict[date, list[_Part]] = defaultdict(list)
    for load, month, count in found:
        if load in archives:
            months[month].append(_Part(archives[load], int(count)))
    total = sum(int(row[2]) for row in found)
    return Lines(total, len(loads - archives.keys()), viewer, chosen, months)


def _keys(
    viewer: User, chosen: SpendFilter, month: date, parts: Sequence[_Part]
) -> dict[UUID, list[bytes]]:
    """Give the keys whose lines of a month are meant, by load."""
    if chosen.dated != "billing":  # the month says it all
        chosen = replace(chosen, since=None, until=None)
    condition, values = where(viewer, chosen, of_keys=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.id, array_agg(DISTINCT m.key_id) {_FROM} WHERE {condition}"
            " AND km.charge_month = %(month)s AND km.load_id = ANY(%(loads)s)"
            " AND km.billing_month = ANY(%(periods)s) GROUP BY 1",
            {
                **values,
                "month": month,
                "loads": [part.archive.load_id for part in parts],
                "periods": sorted({part.archive.load.period for part in parts}),
            },
        )
        return {load: [key.bytes for key in keys] for load, keys in cursor.fetchall()}


def _of_month(
    month: date, parts: Sequence[_Part], keys: Mapping[UUID, list[bytes]], inside: range
) -> pd.DataFrame:
    """Give the lines of a month that stand at some places in the order of their time."""
    found = pl.concat(
        _lines(part.archive, keys.get(part.archive.load_id, []), month) for part in parts
    )
    newest = found.sort("ChargePeriodStart", descending=True, maintain_order=True)
    chosen = newest[inside.start : inside.stop]
    those = SpendKey.objects.filter(pk__in=[UUID(bytes=key) for key in chosen[KEY_ID].unique()])
    said = {row[0].bytes: row[1:] for row in those.values_list("pk", *OF_KEY.values())}
    of_key = pl.DataFrame(
        [said[key] for key in chosen[KEY_ID]],
        schema=dict.fromkeys(OF_KEY, pl.String),
        orient="row",
    )
    return chosen.hstack(of_key).select(SHOWN).to_pandas()


class _Many(Exception):
    """More lines than are worth keeping; they come along."""

    def __init__(self, lines: pl.DataFrame) -> None:
        super().__init__()
        self.lines = lines


def _lines(archive: LoadArchive, keys: list[bytes], month: date) -> pl.DataFrame:
    """Read the lines of some keys in a month, in the order of the archive, which never changes."""
    try:
        return _read(files.local_path(file=archive.file), tuple(sorted(keys)), month)
    except _Many as found:
        return found.lines


@lru_cache(maxsize=KEPT)
def _read(path: Path, keys: tuple[bytes, ...], month: date) -> pl.DataFrame:
    start = pl.col("ChargePeriodStart").dt.replace_time_zone(None).dt.date().dt.truncate("1mo")
    lines = (
        pl.scan_parquet(path)
        .filter(pl.col(KEY_ID).is_in(pl.Series(keys, dtype=pl.Binary).implode()))
        .select(KEY_ID, *OF_LINE)
        .collect()
        .filter(start == month)
    )
    if lines.height > MOST_LINES:
        raise _Many(lines)
    return lines
