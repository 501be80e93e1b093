"""What the program would hold after runs: batches applied as ``connectors.services`` does."""

import csv
import datetime as dt
import gzip
import io
import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from governance_app.connectors.base import Batch, Delivery, SourceError
from governance_app.domain.records import (
    ModelRecord,
    ModelVersionRecord,
    ReadingRecord,
    SeatRecord,
    WorkItemRecord,
)
from governance_app.spend.focus import Limits, Part, Reading, open_bill
from tests.servers.scenario import Running

Bill = list[dict[str, Any]]


class Program:
    """A program of dictionaries: current bills, models, versions and readings."""

    def __init__(self) -> None:
        self.marks: dict[str, Any] = {}
        self.bills: dict[tuple[str, dt.date], tuple[dt.datetime, Bill]] = {}
        self.models: set[str] = set()
        self.versions: dict[tuple[str, str], ModelVersionRecord] = {}
        self.readings: dict[tuple[str, str, dt.date], Decimal] = {}
        self.seats: dict[str, tuple[int | None, int, int | None]] = {}
        self.items: dict[str, tuple[str, dt.date | None, dt.date | None]] = {}
        self.refused: list[str] = []
        self.delivered: list[Delivery] = []

    def run(self, source: Running, **parts: Any) -> list[Batch]:
        """Run the plug-in once; a batch counts as soon as it was yielded."""
        self.delivered = []
        self._met: set[str] = set()
        self._met_versions: set[tuple[str, str]] = set()
        self._met_items: set[str] = set()
        held = {ModelRecord: frozenset(self.models), ModelVersionRecord: frozenset(self.versions)}
        errand = source.errand(watermark=dict(self.marks), held=held, **parts)
        batches = []
        for batch in source.plugin.pull(errand):
            batches.append(batch)
            self._take(batch)
        return batches

    def billed(self) -> dict[dt.date, Decimal]:
        """Sum what is billed by month, leaving empty months out."""
        sums: dict[dt.date, Decimal] = {}
        for (_, month), (_, lines) in self.bills.items():
            for each in lines:
                sums[month] = sums.get(month, Decimal(0)) + Decimal(str(each["BilledCost"]))
        return sums

    def _take(self, batch: Batch) -> None:
        try:
            for delivery in batch.deliveries:
                self._deliver(delivery)
        except SourceError as error:
            self.refused.append(str(error))
            return
        for each in batch.records:
            if isinstance(each, ModelRecord):
                self.models.add(each.name)
                self._met.add(each.name)
            elif isinstance(each, ModelVersionRecord):
                if each.model_name not in self.models:
                    self.refused.append("Its model is not in the listing.")
                    continue
                self.versions[each.model_name, each.version] = each
                self._met_versions.add((each.model_name, each.version))
            elif isinstance(each, ReadingRecord):
                key = each.initiative_key, each.series_key, each.reading.period_on
                assert isinstance(each.reading.value, Decimal)
                self.readings[key] = each.reading.value
            elif isinstance(each, SeatRecord):
                self.seats[each.product] = each.bought, each.assigned, each.active
            elif isinstance(each, WorkItemRecord):
                self.items[each.key] = each.title, each.due_on, each.done_on
                self._met_items.add(each.key)
        self.refused += [each.sentence for each in batch.refused]
        if ModelRecord in batch.complete:
            self.models &= self._met
        if ModelVersionRecord in batch.complete:
            kept = self._met_versions
            self.versions = {key: row for key, row in self.versions.items() if key in kept}
        if WorkItemRecord in batch.complete:
            self.items = {key: item for key, item in self.items.items() if key in self._met_items}
        self.marks |= batch.marks
        self.marks = {key: value for key, value in self.marks.items() if value is not None}

    def _deliver(self, delivery: Delivery) -> None:
        lines: Bill = []
        for part in delivery.parts:
            with part.open() as stream:
                content = stream.read()
            lines += list(_lines(part.name, content))
        if delivery.declared_rows is not None:
            assert delivery.declared_rows == len(lines)
        months = {dt.date.fromisoformat(str(each["BillingPeriodStart"])[:10]) for each in lines}
        assert delivery.period is None or months <= {delivery.period}
        self.delivered.append(delivery)
        for month in months or ({delivery.period} if delivery.period else set()):
            standing = self.bills.get((delivery.scope, month))
            if standing is None or standing[0] <= delivery.made_at:
                self.bills[delivery.scope, month] = delivery.made_at, lines


def _lines(name: str, content: bytes) -> Iterator[dict[str, Any]]:
    """Read a bill twice: as the ledger does, refusing nothing, and plainly."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        bill = open_bill(
            [Part(path, path.name)],
            reading=Reading(on=dt.date(2026, 11, 21)),
            limits=Limits(decoded_bytes=1 << 30),
        )
        counted = sum(1 for _ in bill.partials(None))
        assert counted >= 0 and bill.report.refused_rows == 0, bill.report.as_json()
    if name.endswith(".parquet"):
        yield from pq.read_table(io.BytesIO(content)).to_pylist()
        return
    plain = gzip.decompress(content) if name.endswith(".gz") else content
    yield from csv.DictReader(io.StringIO(plain.decode("utf-8-sig"), newline=""))
