"""Text to records: find the delimiter, and notice a file that ends too early."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from governance_app.domain.errors import Sentence

from .table import Limits

NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_SAMPLE_RECORDS = 200


def find_delimiter(text: str) -> str:
    """
    Choose the delimiter that splits the first records most evenly into most cells.

    >>> find_delimiter("a;b;c\\n1,5;2;3\\n2,5;3;4\\n")
    ';'
    """
    named = text[:8].casefold()
    if named.startswith("sep=") and len(text) > 4 and text[4] in NAMES:
        return text[4]
    best, best_score = ",", 0.0
    for delimiter in NAMES:
        widths = _sample_widths(text, delimiter)
        if not widths:
            continue
        width, rows = Counter(widths).most_common(1)[0]
        if width < 2:
            continue
        score = rows / len(widths) * (1 + min(width, 40) / 40)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def records(
    text: str, *, file: str, delimiter: str, limits: Limits
) -> Iterator[tuple[int, list[str]]]:
    """
    Yield (record number, cells) of a delimited text, in order, blank records included.

    Raises:
        Sentence: the text ends inside a quoted cell, a cell is too long, or there are too many
            records or cells; names the row.
    """
    strict = not _quotes_loosely(text, delimiter)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    number = cells = 0
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _explained(error, file=file, row=number + 1) from None
        number += 1
        cells += len(record)
        if number > limits.rows + 100:
            raise Sentence(
                f"The file has more than {limits.rows:,} rows. Split it and import the parts.",
                file=file,
                row=number,
            )
        if len(record) > limits.columns or cells > limits.cells:
            raise Sentence(
                f"There are more cells than an inventory can have"
                f" ({limits.columns:,} columns, {limits.cells:,} cells in all).",
                file=file,
                row=number,
            )
        for cell in record:
            if len(cell) > limits.cell_characters:
                raise Sentence(
                    f"A cell holds {len(cell):,} characters; the most is"
                    f" {limits.cell_characters:,}. A quotation mark may be missing.",
                    file=file,
                    row=number,
                )
        yield number, record


def _sample_widths(text: str, delimiter: str) -> list[int]:
    reader = csv.reader(io.StringIO(text[:400_000], newline=""), delimiter=delimiter)
    widths: list[int] = []
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                widths.append(len(record))
            if len(widths) >= _SAMPLE_RECORDS:
                break
    except csv.Error:
        return widths
    return widths


def _quotes_loosely(text: str, delimiter: str) -> bool:
    """Find text after a closing quote, which some exporters write and a strict reader refuses."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for _record in reader:
            pass
    except csv.Error as error:
        return "expected after" in str(error)
    return False


def _explained(error: csv.Error, *, file: str, row: int) -> Sentence:
    said = str(error)
    if "unexpected end of data" in said:
        sentence = (
            "The file ends inside a quoted cell, so it was cut off or a"
            " quotation mark is missing. Nothing was read."
        )
    elif "field larger than field limit" in said:
        sentence = "A cell is too long. A quotation mark may be missing."
    else:
        sentence = f"This row cannot be read as delimited text ({said})."
    return Sentence(sentence, file=file, row=row)
