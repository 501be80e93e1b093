"""
Bills that are not FOCUS, brought to its columns: AWS CUR, Azure usage, costs of AI vendors.

A converter adds FOCUS columns beside the received ones, which are kept as they are. It decides
nothing: what it makes is judged like any FOCUS bill.
"""

from collections.abc import Iterator, Sequence

from governance_app.spend.focus.native import aws_cur, azure_usage
from governance_app.spend.focus.native.making import Making
from governance_app.spend.focus.readers import Batch, Reader


class Converted(Reader):
    """A reader of a vendor's own file: FOCUS columns first, then the received ones."""

    def __init__(self, inner: Reader, converter: Making) -> None:
        super().__init__(inner.path, inner.name, inner.limits)
        self.inner, self.converter = inner, converter
        self.first_row = inner.first_row
        self.received = inner.received
        kept = tuple(name for name in inner.columns if name not in converter.makes)
        self.columns = (*converter.makes, *kept)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[Batch]:
        wanted = self.columns if columns is None else tuple(columns)
        made = [name for name in wanted if name in self.converter.makes]
        kept = [name for name in wanted if name not in self.converter.makes]
        needed = {*self.converter.needed(made), *kept}
        for batch in self.inner.batches([name for name in self.inner.columns if name in needed]):
            frame = self.converter.convert(batch.frame, made)
            yield Batch(frame.select(*made, *kept), batch.rows, batch.ragged)


def converted(reader: Reader, *, is_day_first: bool = False) -> Reader:
    """Give a reader of FOCUS columns for a known vendor's file; any other reader as it is."""
    for find in (aws_cur.find, azure_usage.find):
        converter = find(reader.columns, is_day_first=is_day_first)
        if converter is not None:
            return Converted(reader, converter)
    return reader
