"""Files of any shape become a table, or one sentence that says where it went wrong."""

import gzip
import io
import zipfile

import pytest

from governance_app.domain.errors import Sentence
from governance_app.initiatives.importing.reading import read_table
from governance_app.initiatives.importing.table import Limits
from tests.factories.inventory import corporate, messy

SMALL = b"Name,Agency\nSort mail,Post\nRank offers,Sales\n"


def small_book(parts: dict[str, str] | None = None) -> bytes:
    """A minimal workbook whose parts can be replaced."""
    made = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
        ),
        "_rels/.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            'relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r='
            '"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
            '<sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
            'relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
        ),
        "xl/worksheets/sheet1.xml": (
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c></row>'
            '<row r="2"><c r="A2" t="inlineStr"><is><t>Sort mail</t></is></c></row>'
            "</sheetData></worksheet>"
        ),
        **(parts or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in made.items():
            book.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("windows-1252", "windows-1252"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_encodings_are_found(encoding, found):
    made = messy(rows=30)
    table = read_table(made.csv(encoding=encoding), name="inventory.csv")
    assert table.shape.encoding == found
    assert [row.cells[0] for row in table.rows] == [row[0] for row in made.rows]
    assert table.columns[0].label == "Use Case Title"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(delimiter):
    made = corporate(rows=20)
    table = read_table(made.csv(encoding="utf-8", delimiter=delimiter), name="inventory.csv")
    assert (table.shape.delimiter, len(table.columns), len(table)) == (delimiter, 12, 20)


def test_a_workbook_gives_the_same_cells_as_text():
    made = messy(rows=30)
    book = read_table(made.xlsx(above=["AI inventory 2025", ""]), name="inventory.xlsx")
    assert book.shape.sheet == "Inventory"
    assert book.shape.header_row == 3
    assert book.rows[0].number == 4
    assert [[c.strip() for c in row.cells] for row in book.rows] == [
        [c.strip() for c in row] for row in made.rows
    ]
    assert any("Read me" in note for note in book.notes)


def test_text_that_begins_like_a_formula_is_text():
    made = messy(rows=10)
    for table in (
        read_table(made.csv(), name="a.csv"),
        read_table(made.xlsx(), name="a.xlsx"),
    ):
        assert table.cell(table.rows[2], "If other, please explain.") == "=1+1"


def test_columns_of_the_same_name_are_numbered():
    table = read_table(messy(rows=10).csv(), name="a.csv")
    labels = [column.label for column in table.columns]
    assert labels[12:14] == ["If other, please explain.", "If other, please explain. (2)"]
    assert any("same name" in note for note in table.notes)


def test_control_characters_are_left_out_and_said():
    table = read_table(b"Name,Agency\nSort\x07 mail,Post\nRank,\x00Sales\n", name="a.csv")
    assert table.rows[0].cells == ("Sort mail", "Post")
    assert table.notes == (
        "Left out control characters in 2 cell(s): row 2, column Name; row 3, column Agency.",
    )


def test_a_row_that_does_not_fit_is_kept_aside_with_its_number():
    content = b"Name,Agency\n" + b"Sort,Post\n" * 20 + b"Rank, offers,Sales\nMatch\n"
    table = read_table(content, name="a.csv")
    assert (len(table.rows), [m.number for m in table.misfits]) == (20, [22, 23])
    assert "3 cells but the header names 2" in table.misfits[0].reason
    assert len(table) == 22


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.csv", "empty"),
        (b"\xef\xbb\xbf", "a.csv", "empty|no rows"),
        (b" \n\n", "a.csv", "empty"),
        (b"Name,Agency\n", "a.csv", "no rows under it"),
        (b"%PDF-1.7 ...", "a.csv", "PDF"),
        (b"\xd0\xcf\x11\xe0 old", "a.xls", "old Excel"),
        (b"\x89PNG\r\n", "a.csv", "picture"),
        (b"PAR1abc", "a.csv", "Parquet"),
        (b"<!DOCTYPE html><html>", "a.csv", "web page"),
        (b'{"rows": []}', "a.csv", "JSON"),
        (bytes(range(32)) * 100, "a.csv", "binary"),
        (SMALL, "a.xlsx", "not an Excel workbook"),
        (b'Name,Agency\nSort,"Post', "a.csv", "ends inside a quoted cell"),
        ("Name,Ägency\nä,ö\nü,ß\n".encode() + b"\xff,x\n", "a.csv", "Byte 0xff is not utf-8"),
        (SMALL, "a.csv.gz", "x"),
    ],
)
def test_bad_files_get_a_sentence(content, name, words):
    if name.endswith(".gz"):
        content, words = gzip.compress(content)[:-9], "cut off"
    with pytest.raises(Sentence, match=words) as caught:
        read_table(content, name=name)
    assert caught.value.file == name


def test_the_sentence_names_the_row():
    with pytest.raises(Sentence) as caught:
        read_table(b'Name,Agency\nSort,Post\nRank,"Sales\nMatch,Law\n', name="a.csv")
    assert (caught.value.file, caught.value.row) == ("a.csv", 3)


def test_a_workbook_under_a_text_name_is_refused():
    with pytest.raises(Sentence, match="holds an Excel workbook"):
        read_table(messy(rows=3).xlsx(), name="a.csv")


def test_a_zip_of_something_else_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inventory.csv", SMALL)
    with pytest.raises(Sentence, match="zip archive"):
        read_table(out.getvalue(), name="a.zip")


def test_a_truncated_workbook_is_refused():
    with pytest.raises(Sentence, match="damaged"):
        read_table(messy(rows=30).xlsx()[:-400], name="a.xlsx")


def test_a_header_that_lies_about_every_row_is_refused_with_the_first():
    content = b"Name,Agency\n" + b"".join(b"a%d,b,c%d\n" % (i, i) for i in range(5))
    with pytest.raises(Sentence, match="3 cells but the header names 2") as caught:
        read_table(content, name="a.csv")
    assert caught.value.row == 2


def test_gzip_bombs_stop_at_the_cap():
    bomb = gzip.compress(b"Name,Agency\n" + b"a,b\n" * 3_000_000)
    with pytest.raises(Sentence, match="holds more than 1 MB"):
        read_table(bomb, name="a.csv.gz", limits=Limits(decoded_bytes=1024**2))


def test_workbook_bombs_stop_at_the_cap():
    rows = "".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c></row>' for i in range(1, 60_000))
    bomb = small_book({"xl/worksheets/sheet1.xml": f"<worksheet>{rows}</worksheet>"})
    with pytest.raises(Sentence, match="unpacks to more than 1 MB"):
        read_table(bomb, name="a.xlsx", limits=Limits(decoded_bytes=1024**2))


def test_a_sheet_with_one_far_cell_is_refused_before_it_is_built():
    far = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c>'
        "</row></sheetData></worksheet>"
    )
    with pytest.raises(Sentence, match="spans 1,048,576 rows and 16,384 columns"):
        read_table(small_book({"xl/worksheets/sheet1.xml": far}), name="a.xlsx")


def test_a_shared_text_repeated_without_end_is_refused():
    long = "x" * 30_000
    cells = "".join(f'<c r="A{i}" t="s"><v>0</v></c>' for i in range(1, 500))
    bomb = small_book(
        {
            "xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{cells}</sheetData></worksheet>",
            "xl/sharedStrings.xml": f"<sst><si><t>{long}</t></si></sst>",
        }
    )
    with pytest.raises(Sentence, match="repeats long texts"):
        read_table(bomb, name="a.xlsx", limits=Limits(decoded_bytes=5 * 1024**2))


def test_a_plain_workbook_reads():
    table = read_table(small_book(), name="a.xlsx")
    assert [row.cells for row in table.rows] == [("Sort mail",)]


def test_too_many_rows_or_too_long_a_cell_is_refused():
    with pytest.raises(Sentence, match="more than 10 rows"):
        read_table(b"Name,Agency\n" + b"a,b\n" * 200, name="a.csv", limits=Limits(rows=10))
    with pytest.raises(Sentence, match="holds 2,000 characters"):
        read_table(
            b"Name,Agency\n" + b"a" * 2000 + b",b\n", name="a.csv",
            limits=Limits(cell_characters=1000),
        )  # fmt: skip


def test_what_a_person_chose_wins():
    table = read_table("Näme;x\nä;1\n".encode("latin-1"), name="a.csv", encoding="latin-1")
    assert table.columns[0].label == "Näme"
    with pytest.raises(Sentence, match="no encoding named klingon"):
        read_table(SMALL, name="a.csv", encoding="klingon")
    with pytest.raises(Sentence, match="no header in this row"):
        read_table(SMALL, name="a.csv", header_row=99)
