"""One export from the wish to the file, its totals proven before anybody can have it."""

import tempfile
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from django.utils.text import slugify

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT
from governance_app.exports.columns import Column
from governance_app.exports.documents import DOCUMENTS, Wish, document_of
from governance_app.exports.layout import Layout, laid_out
from governance_app.exports.models import ColumnSet, ExportJob, ExportSchedule
from governance_app.exports.services.documents import about, make_document, settle
from governance_app.exports.sheets import Sheet, sheet_of
from governance_app.exports.sheets.focus import FocusLines
from governance_app.exports.writers import MEDIA_TYPES, SUFFIXES, WRITERS, Control
from governance_app.exports.writers.csv_file import RFC_4180, csv_blocks
from governance_app.exports.writers.focus_file import VERBATIM
from governance_app.files import services as files
from governance_app.files.models import StoredFile
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend.selectors import SpendFilter

MAKE = "governance_app.exports.tasks.make"
#: Sheets whose rows are bill lines, so that FOCUS can say them.
OF_LINES = ("ledger", "lines")


class ControlDiffers(Sentence):
    """The rows of an export do not sum to what the ledger says; nothing can be downloaded."""


@recorded
def request(
    *,
    sheet: str,
    file_format: str,
    chosen: SpendFilter | Wish,
    by: User,
    layout: ColumnSet | None = None,
    schedule: ExportSchedule | None = None,
    is_now: bool = False,
) -> ExportJob:
    """
    Ask for an export of what the asker sees; a job makes it, or the caller when ``is_now``.

    Args:
        sheet: a sheet, or a kind of document.
        chosen: which part of the ledger a sheet holds, or what a document tells of.

    Raises:
        Sentence: no such sheet or format, or a layout of another sheet.
        Refused: the asker may not export, or sees no money.
    """
    if isinstance(chosen, Wish):
        document = document_of(sheet, file_format)
        chosen = settle(document, chosen, by)
        title, seen = f"{document.title}: {about(document, chosen, by)}", []
    else:
        kind = judge(sheet, file_format, layout, by)
        # A register holds no amounts of months: no filter narrows it.
        title = f"{kind.title}, {chosen.words()}" if kind.amounts else kind.title
        seen = list(access.scope_paths(by, "money.view"))
    export = ExportJob.objects.create(
        sheet=sheet,
        format=file_format,
        title=(f"{layout}: {title}" if layout else title)[:300],
        chosen=chosen.as_json(),
        words=chosen.words(),
        asked_by=by,
        seen=seen,
        layout=layout,
        schedule=schedule,
    )
    if not is_now:
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


def judge(sheet: str, file_format: str, layout: ColumnSet | None, by: User) -> Sheet:
    """
    Give the sheet that is asked for, or refuse.

    Raises:
        Sentence: no such sheet or format, or a layout of another sheet.
        Refused: the asker may not export, or sees no money.
    """
    if not (access.can_anywhere(by, "export") and access.sees_money(by)):
        access.require(by, "export")
        access.require(by, "money.view")
    kind = sheet_of(sheet)
    if file_format not in WRITERS:
        raise Sentence(f"There is no format {file_format!r}; there are {', '.join(WRITERS)}.")
    if file_format.startswith("focus-") and sheet not in OF_LINES:
        raise Sentence(f"FOCUS holds bill lines: ask for {' or '.join(OF_LINES)}, not {sheet}.")
    if layout is not None and (layout.sheet != sheet or file_format.startswith("focus-")):
        raise Sentence(f"{layout} lays out {sheet_of(layout.sheet).title}, which this is not.")
    return kind


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
        ControlDiffers: names the currency, the amount and both numbers.
    """
    export = ExportJob.objects.select_for_update().get(pk=export_id)
    if export.file_id is not None:
        return export
    if export.asked_by_id != by.pk:
        raise Sentence("An export is made for the person who asked for it.")
    if export.sheet in DOCUMENTS:
        return _made_document(export, by, now)
    chosen = SpendFilter.from_json(export.chosen)
    work = _Work(export.sheet, export.format, chosen, by, export.layout, progress)
    control = Control(
        words=export.words, asked_by=str(by), made_at=now, totals=work.expected,
        notes=work.sheet.notes(viewer=by, chosen=chosen),
    )  # fmt: skip
    suffix = SUFFIXES[export.format]
    with tempfile.TemporaryDirectory(prefix="portfolio-export-") as folder:
        path = Path(folder) / f"export.{suffix}"
        WRITERS[export.format](
            work.frames(),
            path,
            columns=work.columns,
            title=work.sheet.title,
            control=control,
            **work.options,
        )
        work.compare(export.title)
        name = f"{slugify(work.sheet.title)}-{now:%Y-%m-%d}.{suffix}"
        kept = files.store(content=path, name=name, by=by, media_type=MEDIA_TYPES[export.format])
    save_changes(
        export,
        file=kept,
        rows=work.counted.rows,
        finished_at=now,
        seen=list(access.scope_paths(by, "money.view")),
        control=_spelled(work.expected),
    )
    return export


def _made_document(export: ExportJob, by: User, now: datetime) -> ExportJob:
    """Write a document; it has no rows to prove, so it counts the figures that it states."""
    kind = document_of(export.sheet, export.format)
    made = make_document(kind, Wish.from_json(export.chosen), export.format, by)
    save_changes(export, file=made.file, rows=made.figures, finished_at=now, seen=list(made.seen))
    return export


@dataclass(frozen=True, slots=True)
class Streamed:
    """An export on its way out: the name of the file and its pieces."""

    name: str
    pieces: Iterator[bytes | memoryview]


@recorded
def stream(
    *,
    sheet: str,
    chosen: SpendFilter,
    by: User,
    now: datetime,
    file_format: str = "csv",
    layout: ColumnSet | None = None,
) -> Streamed:
    """
    Give an export piece by piece while it is read, for whoever wants no job.

    The pieces end with an error, so that the transfer breaks off and no whole file arrives, when
    the rows do not sum to the totals of the page.

    Raises:
        Sentence: the format cannot be streamed; CSV and FOCUS can.
    """
    kind = judge(sheet, file_format, layout, by)
    if SUFFIXES[file_format] != "csv":
        raise Sentence(f"{file_format} is made by a job; CSV and FOCUS come at once.")
    work = _Work(sheet, file_format, chosen, by, layout, None)
    title = f"{kind.title}, {chosen.words()}"
    audit.note(
        by=by,
        action="export",
        subject=None,
        sentence=f"Took {title} as {file_format}.",
        data={**chosen.as_json(), "control": _spelled(work.expected)},
    )
    return Streamed(f"{slugify(kind.title)}-{now:%Y-%m-%d}.csv", _pieces(work, title))


def _pieces(work: "_Work", title: str) -> Iterator[bytes | memoryview]:
    spelling = work.options.get("spelling", VERBATIM if work.is_focus else RFC_4180)
    yield from csv_blocks(work.frames(), columns=work.columns, spelling=spelling)
    work.compare(title)


def _spelled(totals: Mapping[str, Mapping[str, Decimal]]) -> dict[str, dict[str, str]]:
    return {
        currency: {name: f"{amount:f}" for name, amount in named.items()}
        for currency, named in totals.items()
    }


class _Work:
    """A sheet, its layout and its expected totals, read for one person."""

    def __init__(
        self,
        sheet: str,
        file_format: str,
        chosen: SpendFilter,
        viewer: User,
        layout: ColumnSet | None,
        progress: Callable[[int], None] | None,
    ) -> None:
        self.viewer, self.chosen = viewer, chosen
        self.sheet: Sheet = sheet_of(sheet)
        self.is_focus = file_format.startswith("focus-")
        if self.is_focus:
            version = file_format.removeprefix("focus-")
            self.sheet = FocusLines(version, viewer=viewer, chosen=chosen)
        self.layout: Layout | None = laid_out(self.sheet.columns, layout) if layout else None
        self.columns: tuple[Column, ...] = (self.layout or self.sheet).columns
        self.expected = self.sheet.controls(viewer=viewer, chosen=chosen)
        self.counted = _Counted(self.sheet, progress)
        self.options: dict[str, Any] = {}
        if self.layout is not None and file_format == "csv":
            self.options["spelling"] = self.layout.spelling

    def frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows as they are written, added up on their way."""
        rows = self.counted.through(self.sheet.frames(viewer=self.viewer, chosen=self.chosen))
        if self.layout is None:
            return rows
        return self.layout.over(
            rows, currency=self.sheet.currency, amounts=list(self.sheet.amounts)
        )

    def compare(self, title: str) -> None:
        """Compare what was written with what the page shows."""
        self.counted.compare(self.expected, title)


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
    if export.sheet in DOCUMENTS:
        about(DOCUMENTS[export.sheet], Wish.from_json(export.chosen), by)
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

    def __init__(self, sheet: Sheet, progress: Callable[[int], None] | None) -> None:
        self.sheet, self.progress = sheet, progress
        self.rows = 0
        self.sums: dict[str, dict[str, Decimal]] = {}

    def through(self, frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
        code, amounts = self.sheet.currency, self.sheet.amounts
        for frame in frames:
            # A register has no amounts: there is nothing to add up.
            summed = frame.group_by(code).agg(pl.col(list(amounts)).sum()) if amounts else None
            for row in summed.iter_rows(named=True) if summed is not None else ():
                sums = self.sums.setdefault(row[code], dict.fromkeys(amounts.values(), Decimal(0)))
                for column, name in amounts.items():
                    sums[name] = EXACT.add(sums[name], row[column])
            yield frame
            self.rows += frame.height
            if self.progress is not None:
                self.progress(self.rows)

    def compare(self, expected: Mapping[str, Mapping[str, Decimal]], title: str) -> None:
        for currency in sorted({*self.sums, *expected}):
            for name in self.sheet.amounts.values():
                written = self.sums.get(currency, {}).get(name, Decimal(0))
                stated = expected.get(currency, {}).get(name, Decimal(0))
                if written != stated:
                    raise ControlDiffers(
                        f"{title}: the rows sum to {written:f} {currency} {name}, the ledger says "
                        f"{stated:f}. The file was thrown away; ask for it again."
                    )
