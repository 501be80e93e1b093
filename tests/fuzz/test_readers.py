"""Bytes nobody would send: every reader answers with a table or a sentence, never with a crash."""

import datetime as dt
import gzip
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance_app.domain.errors import Sentence
from governance_app.files import limited
from governance_app.initiatives.importing.reading import read_table
from governance_app.initiatives.importing.table import Limits as TableLimits
from governance_app.spend.focus import Limits, Part, Reading, open_bill
from tests.factories import focus
from tests.factories.inventory import messy

pytestmark = [pytest.mark.fuzz, pytest.mark.timeout(3600)]

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "500"))
MUCH = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
LINES = focus.messy_lines(12, seed=5)
BILLS = {
    "bill.csv": focus.as_csv(LINES),
    "bill.csv.gz": gzip.compress(focus.as_csv(LINES), mtime=0),
    "bill.parquet": focus.as_parquet(LINES),
}
TABLES = {"a.csv": messy(rows=12).csv(), "a.xlsx": messy(rows=12).xlsx()}


def broken(wholes: dict[str, bytes]) -> st.SearchStrategy[tuple[str, bytes]]:
    """Files that were right once: cut, with bytes changed, put in or doubled; or never right."""

    @st.composite
    def file(draw: st.DrawFn) -> tuple[str, bytes]:
        name = draw(st.sampled_from(sorted(wholes)))
        content = bytearray(wholes[draw(st.sampled_from(sorted(wholes)))])
        for _ in range(draw(st.integers(0, 6))):
            at = draw(st.integers(0, max(0, len(content) - 1)))
            match draw(st.sampled_from(["cut", "change", "insert", "double", "drop"])):
                case "cut":
                    del content[at:]
                case "change":
                    content[at : at + 1] = draw(st.binary(min_size=1, max_size=4))
                case "insert":
                    typed = st.text(max_size=20).map(str.encode)
                    content[at:at] = draw(st.binary(max_size=40) | typed)
                case "double":
                    content[at:at] = content[at : at + draw(st.integers(1, 400))]
                case "drop":
                    del content[at : at + draw(st.integers(1, 40))]
        return name, bytes(content)

    return file() | st.tuples(st.sampled_from(sorted(wholes)), st.binary(max_size=2_000))


@given(broken(BILLS))
@MUCH
def test_a_bill(tmp_path_factory: pytest.TempPathFactory, file: tuple[str, bytes]) -> None:
    name, content = file
    path = Path(tmp_path_factory.getbasetemp()) / "fuzzed"
    path.write_bytes(content)
    limits = Limits(decoded_bytes=64 << 20, memory_bytes=1 << 30)
    try:
        bill = open_bill(
            [Part(path, name)], reading=Reading(on=dt.date(2026, 11, 21)), limits=limits
        )
        lines = sum(int(each.months["lines"].sum()) for each in bill.partials())
    except Sentence as error:
        assert str(error).strip()
        return
    assert lines == bill.report.rows - bill.report.refused_rows


@given(broken(TABLES), st.sampled_from(["", "utf-8", "utf-16", "windows-1252"]))
@MUCH
def test_an_inventory(file: tuple[str, bytes], encoding: str) -> None:
    name, content = file
    try:
        table = read_table(
            content, name=name, encoding=encoding, limits=TableLimits(decoded_bytes=32 << 20)
        )
    except Sentence as error:
        assert str(error).strip()
        return
    assert all(len(row.cells) == len(table.columns) for row in table.rows)


@given(st.text(max_size=2_000))
@MUCH
def test_what_crosses_to_a_reader_and_back(text: str) -> None:
    (message,) = limited.run("tests.files.bombs:echo", {"text": text}, name="f")
    assert message.data["asked"] == {"text": text} and message.blobs[0] == b"\x00\xff"
