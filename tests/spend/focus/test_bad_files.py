"""Files that are not what they say: a sentence with the place, and nothing counted."""

import datetime as dt
import gzip
import io
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from governance_app.domain.errors import Sentence
from governance_app.spend.focus import Limits, Part, Reading, open_bill
from tests.factories import focus

GOOD = focus.as_csv(focus.messy_lines(50, seed=1))


def read(path: Path, content: bytes, name: str, limits: Limits | None = None):
    (path / "content").write_bytes(content)
    bill = open_bill(
        [Part(path / "content", name)], reading=Reading(on=dt.date(2026, 11, 21)), limits=limits
    )
    list(bill.partials())
    return bill


def zipped(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, "<x/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("bill.csv", b"", "bill.csv is empty."),
        ("bill.csv", b"  \n", "bill.csv is empty."),
        ("bill.csv.gz", GOOD, "is named like gzip data but holds plain CSV text"),
        ("bill.csv", focus.as_gzip(GOOD), "is named like plain CSV text but holds gzip data"),
        ("bill.parquet", GOOD, "is named like a Parquet file but holds plain CSV text"),
        ("bill.csv", zipped("bill.csv"), "is a zip archive"),
        ("bill.csv", zipped("xl/workbook.xml"), "is an Excel workbook. Save the sheet as CSV"),
        ("bill.csv", b"%PDF-1.7 ...", "is a PDF document"),
        ("bill.csv", b"<!DOCTYPE html><html>", "is a web page, probably a sign-in page"),
        ("bill.csv", b'[{"BilledCost": 1}]', "is JSON. Order the FOCUS export"),
        ("bill.csv", "BilledCost,x".encode("utf-16"), "is UTF-16 text"),
        ("bill.csv", b"\x00\x01\x02binary", "is binary data of an unknown kind"),
        ("bill.csv.gz", focus.as_gzip(GOOD)[:-30], "breaks off: the gzip data ends too early"),
        ("bill.csv.gz", focus.as_gzip(focus.as_gzip(GOOD)), "holds another gzip file"),
        ("bill.csv.gz", focus.as_gzip(zipped("a")), "holds zip data instead of CSV text"),
        ("bill.parquet", focus.as_parquet([focus.line()])[:-200], "damaged or incomplete Parquet"),
        ("bill.csv", GOOD[:-700] + b'"never closed', "breaks off inside a quoted value"),
        ("bill.csv", b"name,age\nx,1\n", "is not a FOCUS bill: its first row names name, age"),
        (
            "bill.csv",
            b"MeterCategory,CostInBillingCurrency\nx,1\n",
            "is a native Azure usage file (it has the column MeterCategory)",
        ),
        (
            "bill.csv",
            b"lineItem/UsageAmount,lineItem/UnblendedCost\n1,1\n",
            "is an AWS Cost and Usage Report",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_lying_file_is_refused_in_words(tmp_path, name, content, sentence):
    with pytest.raises(Sentence) as refused:
        read(tmp_path, content, name)
    assert sentence in str(refused.value)
    assert refused.value.file == name


def test_damage_inside_gzip_is_told(tmp_path):
    packed = bytearray(focus.as_gzip(focus.as_csv(focus.messy_lines(3000, seed=2))))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(Sentence, match=r"damaged|breaks off"):
        read(tmp_path, bytes(packed), "bill.csv.gz")


def test_a_column_that_stands_twice_is_named(tmp_path):
    content = focus.as_csv([focus.line()], columns=[*focus.columns_of("1.2"), "billed cost"])
    with pytest.raises(Sentence, match="has the column BilledCost twice") as refused:
        read(tmp_path, content, "bill.csv")
    assert (refused.value.row, refused.value.column) == (1, "BilledCost")


def test_a_byte_that_is_no_utf8_is_placed(tmp_path):
    content = focus.as_csv([focus.line(), focus.line(ResourceName="Zürich"), focus.line()])
    content = content.decode().encode("cp1252")
    with pytest.raises(Sentence, match="row 3, column ResourceName has the byte 0xFC") as refused:
        read(tmp_path, content, "bill.csv")
    assert (refused.value.row, refused.value.column) == (3, "ResourceName")


def test_a_line_of_another_width_is_refused_by_row(tmp_path):
    rows = focus.as_csv([focus.line(Tags=None)] * 3).split(b"\r\n")
    rows[2] += b",too,many"
    bill = read(tmp_path, b"\r\n".join(rows), "bill.csv")
    (problem,) = bill.report.problems
    assert (problem.row, problem.reason) == (3, "has 59 values, the header has 57")
    assert (bill.report.rows, bill.report.refused_rows) == (3, 1)


def test_control_characters_are_told(tmp_path):
    content = focus.as_csv([focus.line(ResourceName="a\x1fb")])
    with pytest.raises(Sentence, match="control character 0x1F near row 2"):
        read(tmp_path, content, "bill.csv")


def test_a_bomb_of_gzip_is_stopped_while_it_unpacks(tmp_path):
    header, row = focus.as_csv([focus.line()]).split(b"\r\n")[:2]
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packer:
        packer.write(header + b"\n")
        for _ in range(10):
            packer.write((row + b"\n") * 4_000)
    limits = Limits(decoded_bytes=5_000_000)
    with pytest.raises(Sentence, match="unpacks to more than") as refused:
        read(tmp_path, out.getvalue(), "bill.csv.gz", limits)
    assert "Nothing was read" in str(refused.value)


def test_a_bomb_of_parquet_is_stopped_though_its_footer_says_nothing(tmp_path):
    names = focus.columns_of("1.2")
    count = 40_000
    long = "x" * 1_000
    arrays = [
        pa.DictionaryArray.from_arrays(
            pa.array([0] * count, pa.int32()),
            pa.array([long if n == "Tags" else focus.BASE.get(n)], pa.string()),
        ).cast(pa.string())
        for n in names
    ]
    out = io.BytesIO()
    pq.write_table(pa.table(arrays, names=names), out, compression="zstd")
    assert len(out.getvalue()) < 500_000
    with pytest.raises(Sentence, match="unpacks to more than"):
        read(tmp_path, out.getvalue(), "bill.parquet", Limits(decoded_bytes=20_000_000))


def test_files_of_one_delivery_follow_one_version(tmp_path):
    for number, version in enumerate(("1.0", "1.2")):
        (tmp_path / f"{number}").write_bytes(focus.as_csv([focus.line()], version=version))
    parts = [Part(tmp_path / "0", "old.csv"), Part(tmp_path / "1", "new.csv")]
    with pytest.raises(Sentence, match="one delivery cannot mix them"):
        open_bill(parts, reading=Reading(on=dt.date(2026, 11, 21)))


def test_the_report_keeps_the_first_hundred_and_counts_all(tmp_path):
    lines = [focus.line(BilledCost="abc") for _ in range(250)]
    bill = read(tmp_path, focus.as_csv(lines), "bill.csv")
    assert len(bill.report.problems) == 100
    assert [problem.row for problem in bill.report.problems] == list(range(2, 102))
    assert bill.report.counts == {("BilledCost", "is not a number", True): 250}
