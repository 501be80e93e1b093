import json
from collections.abc import Iterator

import polars as pl

from governance_app.exports.columns import Column, Kind
from governance_app.exports.sheets.base import Sheet
from governance_app.people.models import User
from governance_app.spend import selectors as spend
from governance_app.spend.focus import columns as focus
from governance_app.spend.selectors import SpendFilter

_KINDS = {
    focus.Kind.TEXT: Kind.TEXT,
    focus.Kind.JSON: Kind.TEXT,
    focus.Kind.DECIMAL: Kind.MONEY,
    focus.Kind.MOMENT: Kind.MOMENT,
}
#: What allocation and coding add to a line; names that FOCUS leaves to us start with x_.
_ADDED = {
    "x_Initiative": "initiative",
    "x_AllocationRule": "rule",
    "x_AllocationShare": "share",
    "x_LegalEntity": "entity",
    "x_PayingEntity": "payer",
    "x_CostCentre": "cost_centre",
    "x_GlAccount": "gl_account",
    "x_Project": "project",
    "x_VendorNumber": "vendor",
    "x_TaxCode": "tax_code",
}


class FocusLines(Sheet):
    """
    Bill lines as a FOCUS file of one version, whichever version they came in.

    Columns of that version, then the AI columns of the coming one under ``x_`` names, then
    whatever else the bills held. A line that several initiatives bear stands once for each, with
    its part of the costs and quantities; the costs still sum to the bill.
    """

    title = "FOCUS Cost and Usage"
    amounts = {"BilledCost": "billed", "EffectiveCost": "effective"}
    currency = "BillingCurrency"

    def __init__(self, version: str, *, viewer: User, chosen: SpendFilter) -> None:
        self.version = version
        self.name = f"focus-{version}"  # type: ignore[misc]
        self.standard = [
            one for one in focus.COLUMNS
            if one.since <= version and not (one.until and one.until <= version)
        ]  # fmt: skip
        known = {one.name for one in focus.COLUMNS} | set(focus.AI_COLUMNS)
        held = spend.line_columns(viewer=viewer, chosen=chosen)
        #: Received name -> name in the file.
        self.others = {
            name: name if name.startswith("x_") else f"x_{name}"
            for name in held
            if name not in known
        }
        self.columns = (
            *(Column(one.name, one.name, _KINDS[one.kind]) for one in self.standard),
            *(Column(name, name) for name in focus.AI_COLUMNS),
            *(Column(name, name) for name in self.others.values() if name not in _ADDED),
            *(Column(name, name, Kind.QUANTITY if name == "x_AllocationShare" else Kind.TEXT)
              for name in _ADDED),
        )  # fmt: skip

    def frames(self, *, viewer: User, chosen: SpendFilter) -> Iterator[pl.DataFrame]:
        wanted = [one.name for one in focus.COLUMNS]
        wanted += [*focus.AI_COLUMNS, *(n for n in self.others if self.others[n] not in _ADDED)]
        names = [column.name for column in self.columns]
        for load in spend.line_frames(viewer=viewer, chosen=chosen, columns=wanted):
            for frame in load.frames:
                yield self._recast(frame).select(names)

    def _recast(self, frame: pl.DataFrame) -> pl.DataFrame:
        others = {name: new for name, new in self.others.items() if new not in _ADDED}
        made = [pl.col(old).cast(pl.String).alias(new) for old, new in others.items()]
        made += [pl.col(ours).alias(theirs) for theirs, ours in _ADDED.items()]
        made += [
            pl.col(one.name).cast(pl.String)
            for one in self.standard
            if frame.schema[one.name] == pl.Null
        ]
        if self.version < "1.4":
            provider = pl.col("ServiceProviderName")
            made += [
                pl.coalesce(pl.col("ProviderName").cast(pl.String), provider).alias("ProviderName"),
                pl.coalesce(
                    pl.col("PublisherName").cast(pl.String), pl.col("HostProviderName"), provider
                ).alias("PublisherName"),
            ]
            return frame.with_columns(made)
        return frame.with_columns(made).pipe(_with_details)


def _with_details(frame: pl.DataFrame) -> pl.DataFrame:
    """Say what is known of model and tokens in SkuPriceDetails too, as the next version will."""
    ai = [name for name in focus.AI_COLUMNS if frame[name].dtype != pl.Null]
    some = frame.select(pl.any_horizontal(pl.col(ai).is_not_null())).to_series() if ai else None
    if some is None or not some.any():
        return frame
    distinct = frame.select("SkuPriceDetails", *ai).unique(maintain_order=True)
    told = [_details(row, ai) for row in distinct.iter_rows(named=True)]
    joined = frame.join(
        distinct.with_columns(pl.Series("told", told, dtype=pl.String)),
        on=["SkuPriceDetails", *ai], how="left", nulls_equal=True, maintain_order="left",
    )  # fmt: skip
    return joined.with_columns(pl.col("told").alias("SkuPriceDetails")).drop("told")


def _details(row: dict[str, str | None], ai: list[str]) -> str | None:
    known = {name: row[name] for name in ai if row[name]}
    text = row["SkuPriceDetails"]
    if not known:
        return text
    try:
        details = json.loads(text) if text else {}
    except json.JSONDecodeError:
        return text
    if not isinstance(details, dict):
        return text
    return json.dumps({**known, **details}, ensure_ascii=False)
