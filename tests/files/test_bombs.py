"""Files that unpack to twenty gigabytes end in one sentence, wherever they are opened."""

import gzip
import io
import resource
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from governance_app.domain.errors import Sentence
from governance_app.initiatives.importing import apart
from governance_app.initiatives.importing.table import Limits as TableLimits
from governance_app.spend.focus import Limits, Part, Reading, open_bill
from tests.factories import focus
from tests.factories.inventory import messy

GIB = 1 << 30
GENEROUS = {"decoded_bytes": 40 * GIB, "ratio": 10**9}  # only the process's own bounds are left


def peak() -> int:
    """Give the most memory this process ever held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def test_a_bill_of_parquet_that_holds_twenty_gigabytes(tmp_path: Path) -> None:
    rows = 1_000_000
    columns = {
        name: pa.DictionaryArray.from_arrays(
            pa.array(np.zeros(rows, np.int32)),
            pa.array(["x" * 4_000 if name == "Tags" else focus.BASE.get(name) or ""], pa.string()),
        )
        for name in focus.columns_of("1.2")
    }
    path = tmp_path / "bomb.parquet"
    table = pa.table(columns)
    with pq.ParquetWriter(path, table.schema, compression="zstd", store_schema=False) as writer:
        for _ in range(5):
            writer.write_table(table, row_group_size=rows)
    assert path.stat().st_size < 5_000_000
    bill = open_bill(
        [Part(path, "bomb.parquet")],
        reading=Reading(on=date(2026, 11, 21)),
        limits=Limits(**GENEROUS, memory_bytes=GIB // 2, parquet_batch_rows=rows),
    )
    before = peak()
    with pytest.raises(Sentence, match=r"would take more than 0\.537 GB when opened"):
        list(bill.partials())
    assert peak() - before < 200 << 20


def test_a_bill_of_csv_gz_that_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as out:
        out.write((",".join(focus.columns_of("1.2")) + "\n").encode())
        for _ in range(40):
            out.write(b"x" * (16 << 20))
    assert path.stat().st_size < 20_000_000
    limits = Limits(**GENEROUS, memory_bytes=GIB // 2, record_bytes=64 * GIB)
    bill = open_bill(
        [Part(path, "bomb.csv.gz")], reading=Reading(on=date(2026, 11, 21)), limits=limits
    )
    before = peak()
    with pytest.raises(Sentence, match=r"bomb\.csv\.gz"):
        list(bill.partials())
    assert peak() - before < 200 << 20


def test_an_inventory_of_xlsx_that_unpacks_to_gigabytes() -> None:
    content = io.BytesIO(messy(rows=5).xlsx())
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        book.writestr("xl/media/picture.xml", b"0" * (400 << 20))
    before = peak()
    with pytest.raises(Sentence):
        apart.read_table(content.getvalue(), name="bomb.xlsx")
    limits = TableLimits(decoded_bytes=40 * GIB, cells=10**12, rows=10**9)
    with pytest.raises(Sentence, match=r"would take more than 0\.268 GB when opened"):
        apart.read_table(
            gzip.compress(b"name,why\n" + b"a,b\n" * 10_000_000, 1),
            name="bomb.csv.gz",
            limits=limits,
            bounds=apart.limited.Bounds(memory_bytes=GIB // 4),
        )
    assert peak() - before < 300 << 20


def test_a_table_read_apart_is_the_table_read_here() -> None:
    from governance_app.initiatives.importing.reading import read_table

    for content, name in (
        (messy(rows=300).csv(), "a.csv"),
        (messy(rows=300).xlsx(), "a.xlsx"),
        (b"name;why\nA;\x81\nB\n", "odd.csv"),
    ):
        try:
            here = read_table(content, name=name)
        except Sentence as error:
            with pytest.raises(Sentence) as caught:
                apart.read_table(content, name=name)
            assert (str(caught.value), caught.value.row) == (str(error), error.row)
        else:
            assert apart.read_table(content, name=name) == here
