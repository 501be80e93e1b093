"""A workbook on its way out: choices as lists, what must not change in grey, the base hidden."""

import io
from collections.abc import Sequence

import xlsxwriter

from governance_app.initiatives import cells, returning
from governance_app.initiatives.models import Initiative

MEDIA = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: A list of choices longer than this is refused by Excel.
_LONGEST_LIST = 255
#: Columns at the left that nobody may change: key, version and unit.
_FIXED = 3


def book(rows: Sequence[Initiative]) -> bytes:
    """Write initiatives as a workbook that ``returning`` reads back."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as made:
        sheet = made.add_worksheet("Initiatives")
        head = made.add_format({"bold": True, "bottom": 1})
        fixed = made.add_format({"font_color": "#666d76"})
        titles = returning.heads()
        for position, title in enumerate(titles):
            sheet.write_string(0, position, title, head)
        for number, row in enumerate(rows, start=1):
            line = returning.line_of(row)
            for position, text in enumerate(line):
                is_fixed = position < _FIXED or position == len(line) - 1
                sheet.write_string(number, position, text, fixed if is_fixed else None)
        for position, name in enumerate(returning.SHEET, start=_FIXED):
            words = list(cells.CELLS[name].words.values())
            is_list = cells.CELLS[name].shape == "choice" and rows
            if is_list and len(",".join(words)) <= _LONGEST_LIST:
                rule = {"validate": "list", "source": words, "ignore_blank": True}
                sheet.data_validation(1, position, len(rows), position, rule)
        sheet.freeze_panes(1, 1)
        sheet.set_column(1, 1, 8)
        sheet.set_column(2, len(titles) - 2, 22)
        sheet.set_column(len(titles) - 1, len(titles) - 1, 2, None, {"hidden": True})
    return target.getvalue()
