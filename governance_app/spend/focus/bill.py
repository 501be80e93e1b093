"""One delivery of a bill: its files, judged whole and added up on the way."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from governance_app.domain.errors import Sentence
from governance_app.spend.focus import apart
from governance_app.spend.focus.ahead import ahead
from governance_app.spend.focus.judge import Judge, Reading
from governance_app.spend.focus.keymonths import KeyMonths, Partial
from governance_app.spend.focus.native import Converted, ai_costs, converted
from governance_app.spend.focus.native.ai_costs import AiCosts
from governance_app.spend.focus.readers import Batch, Limits, Reader, open_file
from governance_app.spend.focus.report import Report
from governance_app.spend.focus.versions import Mapped, map_columns

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a delivery on this machine, under the name its sender gave it."""

    path: Path
    name: str


class Bill:
    """
    The files of one delivery, opened: their headers are read, their lines are not.

    ``partials`` reads the lines once; when it is through, ``report`` is complete.
    """

    def __init__(
        self, readers: Sequence[tuple[Reader, Mapped]], reading: Reading, limits: Limits
    ) -> None:
        self._readers, self._reading, self.limits = readers, reading, limits
        self._judges: list[Judge] = []
        self.version = readers[0][1].version
        self.report = Report(
            file=", ".join(reader.name for reader, _ in readers),
            version=self.version,
            form=form_of(*readers[0]),
        )
        for reader, _ in readers:
            if isinstance(reader, Converted):
                for remark in reader.converter.remarks:
                    self.report.remark(remark)
        for _, mapped in readers:
            self.report.unknown_columns += [
                name for name in mapped.others if name not in self.report.unknown_columns
            ]

    @property
    def judges(self) -> list[Judge]:
        """Give the judges of the lines read last, in the order of the files."""
        return self._judges

    def partials(self, progress: Progress | None = None) -> Iterator[Partial]:
        """
        Read all lines, adding them up; ``progress`` hears how many lines have been read.

        The lines are read in a process of their own, which may use only so much.
        """
        self._judges = [Judge(mapped, self._reading, self.report) for _, mapped in self._readers]
        yield from apart.partials(
            [reader for reader, _ in self._readers],
            reading=self._reading,
            limits=self.limits,
            report=self.report,
            judges=self._judges,
            progress=progress,
        )

    def partials_here(self, progress: Progress | None = None) -> Iterator[Partial]:
        """Do what ``partials`` does, in this process."""
        sums = KeyMonths(self.report)
        for judge, batch in self.batches(only_needed=True):
            yield from sums.add(judge.lines(batch, for_counting=True))
            if progress is not None:
                progress(self.report.rows)
        yield from sums.rest()
        if not self.report.rows:
            self.report.remark("The bill has a header and no lines.")

    def batches(self, *, only_needed: bool = False) -> Iterator[tuple[Judge, Batch]]:
        """Read the lines as received, each batch with the judge of its file."""
        self._judges = []
        for reader, mapped in self._readers:
            judge = Judge(mapped, self._reading, self.report)
            self._judges.append(judge)
            for batch in ahead(reader.batches(judge.needed if only_needed else None)):
                yield judge, batch

    def write_refused(self, path: Path) -> None:
        """
        Write the refused lines of what was read, with their rows and reasons, as CSV.

        A line of the wrong width stands as one text in the first column after the reason.
        """
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
            names = list(dict.fromkeys(n for reader, _ in self._readers for n in reader.columns))
            writer.writerow(["row", "reason", *names])
            for (reader, _), judge in zip(self._readers, self._judges, strict=True):
                for batch in reader.batches():
                    for problem in batch.ragged:
                        writer.writerow([problem.row, judge.refusals[problem.row], problem.value])
                    mine = batch.rows.is_in(list(judge.refusals))
                    refused = batch.frame.filter(mine).to_dicts()
                    for row, line in zip(batch.rows.filter(mine), refused, strict=True):
                        cells = [line.get(name) for name in names]
                        writer.writerow([row, judge.refusals[row], *cells])


def open_bill(parts: Sequence[Part], *, reading: Reading, limits: Limits | None = None) -> Bill:
    """
    Open the files of one delivery and read their headers.

    Raises:
        Sentence: a file is not what it says, is no FOCUS bill, lacks columns, or the files of
        one delivery follow different versions of FOCUS.
    """
    limits = limits or Limits()
    opened: list[tuple[Reader, Mapped]] = []
    for part in parts:
        reader = _reader(part, reading, limits)
        mapped = map_columns(reader.columns, file=part.name)
        opened.append((reader, mapped))
        first = opened[0]
        if form_of(reader, mapped) != form_of(*first):
            raise Sentence(
                f"{part.name} follows {form_of(reader, mapped)} and {first[0].name} "
                f"{form_of(*first)}. They count differently, so one delivery cannot mix them.",
                file=part.name,
            )
    if not opened:
        raise Sentence("The delivery names no files.")
    return Bill(opened, reading, limits)


def _reader(part: Part, reading: Reading, limits: Limits) -> Reader:
    costs = ai_costs.find(part.path, name=part.name, limits=limits)
    if costs is not None:
        return costs
    reader = open_file(part.path, name=part.name, limits=limits)
    return converted(reader, is_day_first=reading.is_day_first)


def form_of(reader: Reader, mapped: Mapped) -> str:
    """Name what a file is: a version of FOCUS, or a vendor's own kind of bill."""
    if isinstance(reader, Converted):
        return reader.converter.title
    return reader.title if isinstance(reader, AiCosts) else f"FOCUS {mapped.version}"
