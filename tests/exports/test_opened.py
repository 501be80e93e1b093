"""What is handed out opens in an office program that is not ours, and says there what it should."""

import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.utils import timezone

from governance_app.exports import services
from governance_app.exports.documents import Wish
from governance_app.exports.models import BoardPack, ExportJob
from governance_app.files.models import StoredFile
from governance_app.files.selectors import open_file
from governance_app.people import selectors as people
from governance_app.spend.selectors import SpendFilter
from tests.portfolio.web.test_query_counts import fill
from tests.rollups.conftest import World, world

__all__ = ["world"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        shutil.which("soffice") is None or shutil.which("pdftotext") is None,
        reason="LibreOffice or poppler is not installed here",
    ),
]
WORDS = {"value": "Two of five pay back.", "risk": "Older claimants wait longer. " * 40}


@pytest.fixture
def company(world: World, person: Any) -> World:
    fill(world, person("risk_officer"), 3)
    time.sleep(1.1)  # the world absorbs a second ahead: a document knows what was known before it
    return world


@pytest.fixture
def pack(company: World, person: Any) -> BoardPack:
    root, writer = people.organisation(), person("finance_partner")
    assert root is not None
    begun = services.begin_pack(
        node=root, title="Board, November", on=timezone.localdate(), by=writer
    )
    services.write_words(pack=begun, words=WORDS, version=None, by=writer)
    return services.make_files(pack_id=str(begun.pk), by=writer)


def kept(file: StoredFile | None, folder: Path) -> Path:
    assert file is not None
    target = folder / Path(file.name).name
    with open_file(file=file) as stream:
        target.write_bytes(stream.read())
    return target


def converted(path: Path, to: str, *, read_as: str = "") -> Path:
    """Have LibreOffice open a file and write it as another kind."""
    out = path.parent / "converted"
    command = [
        "soffice", "--headless", "--norestore", f"-env:UserInstallation=file://{path.parent}/home",
        *([f"--infilter={read_as}"] if read_as else []),
        "--convert-to", to, "--outdir", str(out), str(path),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    made = out / f"{path.stem}.{to.partition(':')[0]}"
    assert made.exists(), f"LibreOffice did not open {path.name}: {done.stdout} {done.stderr}"
    return made


def pages_of(pdf: Path) -> list[str]:
    """Give the text of each page of a PDF."""
    read = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True)
    return [re.sub(r"\s+", " ", page) for page in read.stdout.split("\f")[:-1]]


def test_slides_open_with_their_words_charts_and_tables(pack: BoardPack, tmp_path: Path) -> None:
    pages = pages_of(converted(kept(pack.slides, tmp_path), "pdf"))
    assert len(pages) == 9
    assert "Board, November" in pages[0] and "Draft, not signed" in pages[0]
    assert "Two of five pay back." in pages[1]
    assert all(name in pages[1] for name in ("Promised", "Validated", "Banked", "Jan"))
    assert "AI-1 Initiative 0" in " ".join(pages)
    risk = next(page for page in pages if "worst residual risk" in page)
    assert risk.count("Older claimants wait longer.") == 40, "the words do not fit their column"
    assert "EU AI Act" in " ".join(pages) and "Not classified" in " ".join(pages)
    for number, page in enumerate(pages, start=1):
        assert "as known" in page and f"· {number}" in page


def test_paper_opens_and_is_not_cut(pack: BoardPack, tmp_path: Path) -> None:
    paper = kept(pack.paper, tmp_path)
    pages = pages_of(paper)
    said = " ".join(pages)
    assert 4 <= len(pages) <= 12
    assert pages[0].count("Board, November") == 1
    for words in ("Two of five pay back.", "Where the figures come from", "Not classified"):
        assert words in said
    assert all(
        f"{number}/{len(pages)}" in page.replace(" ", "")
        for number, page in enumerate(pages, start=1)
    )
    again = pages_of(converted(paper, "pdf:draw_pdf_Export", read_as="draw_pdf_import"))
    assert len(again) == len(pages)


def test_the_one_pager_is_one_page_with_its_notes_behind(
    company: World, person: Any, tmp_path: Path
) -> None:
    reader, row = person("executive"), company.made[0]
    asked = services.request(
        sheet="one_pager", file_format="pdf", chosen=Wish(initiative=row.key), by=reader
    )
    made = services.make(export_id=asked.pk, by=reader, now=timezone.now())
    pages = pages_of(kept(made.file, tmp_path))
    assert row.name in pages[0] and "Where the figures come from" not in pages[0]
    assert "Where the figures come from" in pages[1]
    assert "Gate decisions" in pages[0] and "Milestones" in pages[0]


@pytest.mark.parametrize("sheet", ["initiative_spend", "eu_register"])
def test_workbooks_open_with_the_same_rows(
    sheet: str, company: World, person: Any, tmp_path: Path
) -> None:
    reader = person("executive")
    asked = services.request(sheet=sheet, file_format="xlsx", chosen=SpendFilter(), by=reader)
    made: ExportJob = services.make(export_id=asked.pk, by=reader, now=timezone.now())
    path = kept(made.file, tmp_path)
    again = converted(path, "xlsx:Calc MS Excel 2007 XML")
    ours, theirs = openpyxl.load_workbook(path), openpyxl.load_workbook(again, data_only=True)
    assert theirs.sheetnames == ours.sheetnames
    first = ours.sheetnames[0]
    for mine, other in zip(ours[first].iter_rows(), theirs[first].iter_rows(), strict=False):
        for cell, opened in zip(mine, other, strict=False):
            if isinstance(cell.value, str) and not cell.value.startswith("="):
                assert opened.value == cell.value
    broken = [
        cell.value
        for page in theirs
        for line in page.iter_rows()
        for cell in line
        if isinstance(cell.value, str) and cell.value.startswith(("#", "Err:"))
    ]
    assert broken == [], "a formula does not calculate"
