"""What a file becomes once it is read: named columns and numbered rows of text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Limits:
    """How much a file may hold before it is refused; each figure is a cap, not a target."""

    file_bytes: int = 64 * 1024**2
    decoded_bytes: int = 256 * 1024**2
    rows: int = 200_000
    columns: int = 2_000
    cells: int = 5_000_000
    cell_characters: int = 100_000


@dataclass(frozen=True)
class Column:
    """
    One column of the file.

    ``label`` is unique within the table: the header as written, trimmed, and `` (2)`` and so
    on where a header repeats. Mappings and reports name columns by label.
    """

    position: int
    header: str
    label: str


@dataclass(frozen=True)
class Row:
    """One record; ``number`` is what a spreadsheet would show beside it (row 1 is the first)."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Misfit:
    """A record that cannot be laid under the header, and the sentence that says why."""

    number: int
    cells: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Shape:
    """How the file was read, so that a mapping can ask for the same reading again."""

    kind: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_row: int = 1


@dataclass(frozen=True)
class Table:
    """A file read whole: every record is in ``rows`` or in ``misfits``, none is dropped."""

    file: str
    shape: Shape
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    misfits: tuple[Misfit, ...] = ()
    notes: tuple[str, ...] = ()
    _positions: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._positions.update({column.label: column.position for column in self.columns})

    def __len__(self) -> int:
        return len(self.rows) + len(self.misfits)

    def has(self, label: str) -> bool:
        """Whether a column of this label is in the file."""
        return label in self._positions

    def cell(self, row: Row, label: str) -> str:
        """The text under a column in one row; an absent column reads as blank."""
        position = self._positions.get(label)
        return "" if position is None else row.cells[position]

    def values(self, label: str) -> Iterator[str]:
        """Every cell of one column, in file order."""
        position = self._positions[label]
        return (row.cells[position] for row in self.rows)


def squeeze(text: str) -> str:
    """
    Trim a text and make every run of white space one space (no-break spaces included).

    >>> squeeze("  Rights-Impacting\\n")
    'Rights-Impacting'
    """
    return " ".join(text.split())


def label_columns(headers: Sequence[str]) -> tuple[Column, ...]:
    """
    Name every column uniquely, numbering repeats and columns without a header.

    >>> [column.label for column in label_columns(["Name", "Why?", "", "Why?"])]
    ['Name', 'Why?', 'Column 3', 'Why? (2)']
    """
    taken: dict[str, int] = {}
    columns = []
    for position, header in enumerate(headers):
        base = squeeze(header) or f"Column {position + 1}"
        label, number = base, taken.get(base, 0) + 1
        while number > 1 and f"{base} ({number})" in taken:
            number += 1
        if number > 1:
            label = f"{base} ({number})"
        taken[base] = number
        taken.setdefault(label, 1)
        columns.append(Column(position, header, label))
    return tuple(columns)


def without_controls(text: str) -> str:
    """
    Leave out characters no person typed (NUL, bell, escape ...) and keep line breaks and tabs.

    >>> without_controls("a\\x07b\\r\\nc")
    'ab\\nc'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROL.sub("", text)


def has_controls(text: str) -> bool:
    """Whether a text holds control characters other than tab and line breaks."""
    return _CONTROL.search(text) is not None
