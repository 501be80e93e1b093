"""One delivery of a bill: its files, judged whole and added up on the way."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from governance_app.domain.errors import Sentence
from governance_app.spend.focus.ahead import ahead
from governance_app.spend.focus.judge import Judge, Reading
from governance_app.spend.focus.keymonths import KeyMonths, Partial
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
            file=", ".join(reader.name for reader, _ in readers), version=self.version
        )
        for _, mapped in readers:
            self.report.unknown_columns += [
                name for name in mapped.others if name not in self.report.unknown_columns
            ]

    def partials(self, progress: Progress | None = None) -> Iterator[Partial]:
        """Read all lines, adding them up; ``progress`` hears how many lines have been read."""
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
        reader = open_file(part.path, name=part.name, limits=limits)
        mapped = map_columns(reader.columns, file=part.name)
        opened.append((reader, mapped))
        first = opened[0]
        if mapped.version != first[1].version:
            raise Sentence(
                f"{part.name} follows FOCUS {mapped.version} and {first[0].name} FOCUS "
                f"{first[1].version}. Versions count differently, so one delivery cannot mix them.",
                file=part.name,
            )
    if not opened:
        raise Sentence("The delivery names no files.")
    return Bill(opened, reading, limits)
