"""Making exports whose totals are proven, and handing them out."""

import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
from django.utils.text import slugify

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT
from governance_app.exports.columns import BASES
from governance_app.exports.models import ExportJob
from governance_app.exports.sheets import sheet_of
from governance_app.exports.writers import MEDIA_TYPES, WRITERS, Control
from governance_app.files import services as files
from governance_app.files.models import StoredFile
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend.selectors import SpendFilter

MAKE = "governance_app.exports.tasks.make"


class ControlDiffers(Sentence):
    """The rows of an export do not sum to what the ledger says; nothing can be downloaded."""


@recorded
def request(*, sheet: str, file_format: str, chosen: SpendFilter, by: User) -> ExportJob:
    """
    Ask for an export of what the asker sees; a job makes it.

    Raises:
        Sentence: no such sheet or format.
        Refused: the asker may not export, or sees no money.
    """
    if not (access.can_anywhere(by, "export") and access.sees_money(by)):
        access.require(by, "export")
        access.require(by, "money.view")
    kind = sheet_of(sheet)
    if file_format not in WRITERS:
        raise Sentence(f"There is no format {file_format!r}; there are {', '.join(WRITERS)}.")
    export = ExportJob.objects.create(
        sheet=sheet,
        format=file_format,
        title=f"{kind.title}, {chosen.words()}"[:300],
        chosen=chosen.as_json(),
        words=chosen.words(),
        asked_by=by,
        seen=list(access.scope_paths(by, "money.view")),
    )
    job = jobs.receive(kind=MAKE, title=export.title, payload={"export": str(export.pk)}, by=by)
    save_changes(export, job=job)
    audit.note(
        by=by,
        action="export",
        subject=export,
        sentence=f"Asked for {export.title} as {file_format}.",
        data=export.chosen,
    )
    return export


@recorded
def make(
    *,
    export_id: uuid.UUID | str,
    by: User,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> ExportJob:
    """
    Write the file of an export, prove its totals, and only then let it be downloaded.

    Raises:
        ControlDiffers: names the currency, the cost and both numbers.
    """
    export = ExportJob.objects.select_for_update().get(pk=export_id)
    if export.file_id is not None:
        return export
    if export.asked_by_id != by.pk:
        raise Sentence("An export is made for the person who asked for it.")
    sheet, chosen = sheet_of(export.sheet), SpendFilter.from_json(export.chosen)
    expected = sheet.controls(viewer=by, chosen=chosen)
    control = Control(words=export.words, asked_by=str(by), made_at=now, totals=expected)
    counted = _Counted(progress)
    with tempfile.TemporaryDirectory(prefix="portfolio-export-") as folder:
        path = Path(folder) / f"export.{export.format}"
        WRITERS[export.format](
            counted.through(sheet.frames(viewer=by, chosen=chosen)),
            path,
            columns=sheet.columns,
            title=sheet.title,
            control=control,
        )
        counted.compare(expected, export.title)
        name = f"{slugify(sheet.title)}-{now:%Y-%m-%d}.{export.format}"
        kept = files.store(content=path, name=name, by=by, media_type=MEDIA_TYPES[export.format])
    save_changes(
        export,
        file=kept,
        rows=counted.rows,
        finished_at=now,
        seen=list(access.scope_paths(by, "money.view")),
        control={
            currency: {basis: f"{amount:f}" for basis, amount in totals.items()}
            for currency, totals in expected.items()
        },
    )
    return export


@recorded
def download(*, export: ExportJob, by: User) -> StoredFile:
    """
    Hand the file of an export out, asking again whether the reader may see what is in it.

    Raises:
        Refused: they may not export any more, or no longer see all of it.
        Sentence: it is not finished.
    """
    if not access.can_anywhere(by, "export"):
        access.require(by, "export")
    sees = access.scope_paths(by, "money.view")
    if not all(any(path.startswith(root) for root in sees) for path in export.seen):
        raise access.Refused(
            "This export holds money figures that you may not see any more. Ask for a new one."
        )
    if export.file is None:
        raise Sentence(f"{export.title} is not finished yet.")
    audit.note(
        by=by,
        action="download",
        subject=export,
        sentence=f"Downloaded {export.title} as {export.format}.",
        data={"sha256": export.file.sha256, "rows": export.rows, "control": export.control},
    )
    return export.file


class _Counted:
    """Adds the rows up on their way to the writer, so that what was written is what is proven."""

    def __init__(self, progress: Callable[[int], None] | None) -> None:
        self.progress = progress
        self.rows = 0
        self.sums: dict[str, dict[str, Decimal]] = {}

    def through(self, frames: Iterator[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        for frame in frames:
            for row in frame.group_by("currency").agg(pl.col(BASES).sum()).iter_rows(named=True):
                sums = self.sums.setdefault(row["currency"], dict.fromkeys(BASES, Decimal(0)))
                for basis in BASES:
                    sums[basis] = EXACT.add(sums[basis], row[basis])
            yield frame
            self.rows += frame.height
            if self.progress is not None:
                self.progress(self.rows)

    def compare(self, expected: Mapping[str, Mapping[str, Decimal]], title: str) -> None:
        for currency in sorted({*self.sums, *expected}):
            for basis in BASES:
                written = self.sums.get(currency, {}).get(basis, Decimal(0))
                stated = expected.get(currency, {}).get(basis, Decimal(0))
                if written != stated:
                    raise ControlDiffers(
                        f"{title}: the rows sum to {written:f} {currency} {basis}, the ledger says "
                        f"{stated:f}. The file was thrown away; ask for it again."
                    )
