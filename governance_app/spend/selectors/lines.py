"""Single lines, out of the archives: the ledger itself holds none."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd
import polars as pl
from django.db import connection

from governance_app.files import selectors as files
from governance_app.people.models import User
from governance_app.spend.focus.archive import KEY_ID
from governance_app.spend.models import LoadArchive
from governance_app.spend.selectors.explore import _FROM, SpendFilter, where

SHOWN = (
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ChargeCategory",
    "ServiceName",
    "ChargeDescription",
    "SubAccountId",
    "SubAccountName",
    "ResourceId",
    "ResourceName",
    "RegionId",
    "ConsumedQuantity",
    "ConsumedUnit",
    "BillingCurrency",
    "BilledCost",
    "EffectiveCost",
    "InvoiceId",
    "InvoiceIssuerName",
    "Tags",
)


@dataclass(frozen=True)
class Lines:
    """
    Some lines, newest first. ``total`` counts them all; ``waiting`` names the loads whose
    archive is still being made, so that their lines cannot be shown yet.
    """

    frame: pd.DataFrame
    total: int
    waiting: Sequence[str] = field(default_factory=list)


def lines_of_initiative(
    *, viewer: User, key: str, chosen: SpendFilter | None = None, limit: int = 200
) -> Lines:
    """
    Give the bill lines that make up an initiative's spend.

    Args:
        key: of the initiative (``AI-142``); one the viewer may not see has no lines.
        chosen: narrows months, provider, service and so on.

    Returns:
        columns ``SHOWN``: received text, exact decimals, moments in UTC.
    """
    chosen = replace(chosen or SpendFilter(), initiative=key, is_unallocated=False)
    condition, values = where(viewer, chosen, of_keys=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id, l.source_id, l.scope, m.charge_month, array_agg(DISTINCT m.key_id),"
            f" sum(m.lines) {_FROM} WHERE {condition} GROUP BY 1, 2, 3, 4 ORDER BY 4 DESC, 1",
            values,
        )
        found = cursor.fetchall()
    archives = {
        one.load_id: one
        for one in LoadArchive.objects.filter(load__in={row[0] for row in found}).select_related(
            "file", "load__source"
        )
    }
    total = int(sum(row[5] for row in found))
    read: list[pl.DataFrame] = []
    missing = 0
    for load, _, _, month, keys, count in found:
        if load not in archives:
            missing += 1
            continue
        if sum(part.height for part in read) < limit:
            read.append(_read(archives[load], month, [one.bytes for one in keys], int(count)))
    waiting = [f"{missing} {'load' if missing == 1 else 'loads'}"] if missing else []
    if not read:
        return Lines(pd.DataFrame(columns=list(SHOWN)), total, waiting)
    joined = pl.concat(read).sort("ChargePeriodStart", descending=True, nulls_last=True)
    return Lines(joined.head(limit).to_pandas(), total, waiting)


def _read(archive: LoadArchive, month: date, keys: list[bytes], count: int) -> pl.DataFrame:
    start = pl.col("ChargePeriodStart").dt.replace_time_zone(None).dt.date().dt.truncate("1mo")
    return (
        pl.scan_parquet(files.local_path(file=archive.file))
        .filter(pl.col(KEY_ID).is_in(pl.Series(keys, dtype=pl.Binary).implode()), start == month)
        .select(SHOWN)
        .head(count)
        .collect()
    )
