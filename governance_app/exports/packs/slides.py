"""A board pack as slides: native charts and tables that can be edited, passports in the notes."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
    XL_TICK_MARK,
)
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Inches, Pt

from governance_app.domain import spelling
from governance_app.exports.packs.reading import SECTIONS
from governance_app.exports.packs.telling import Told, amount, title_of

WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
#: From the left, and the lines that a slide is laid out on, from the top.
MARGIN = Inches(0.7)
TITLE, UNDER_TITLE, FIGURES, BODY = Inches(0.35), Inches(1.15), Inches(1.6), Inches(1.7)
#: What stands below the body: where the figures come from, and the number of the slide.
FOOT = Inches(0.5)
#: The people's words stand in a column at the right, this part of the width.
WORDS_SHARE, GUTTER = 0.3, Inches(0.4)
INK, MUTED, LINE = (
    RGBColor(0x16, 0x19, 0x1D),
    RGBColor(0x66, 0x6D, 0x76),
    RGBColor(0xE6, 0xE6, 0xE2),
)
PROMISE, VALID, BANK, SPEND, BUDGET = (
    RGBColor(0x9B, 0xB6, 0xD2), RGBColor(0x6D, 0x93, 0xBD), RGBColor(0x20, 0x4F, 0x8D),
    RGBColor(0x1F, 0x4E, 0x8C), RGBColor(0x7C, 0x82, 0x8A),
)  # fmt: skip
#: Rows of a table that a slide holds; the rest is counted below it.
MOST_ROWS = 9
#: Letters of a cell that stay on two lines.
MOST_LETTERS = 90
#: Size of the words by how many letters there are: the column holds them all.
WORD_SIZES = ((600, 13), (1_000, 11), (1_500, 10), (2_000, 9))
#: Columns that hold amounts or counts, by their heads.
_NUMBERS = frozenset(
    {"Promised", "Validated", "Spent", "Budget", "Initiatives", "Last pack", "Now"}
)


def write_slides(told: Told, path: Path, *, template: Path | None = None) -> None:
    """
    Write the slides of a pack.

    Args:
        template: a presentation whose master, fonts and colours are used; its own slides go.
    """
    show = Presentation(str(template)) if template else Presentation()
    if template is None:
        show.slide_width, show.slide_height = WIDTH, HEIGHT
    else:
        _without_slides(show)
    deck = _Deck(show, told)
    deck.cover()
    deck.value()
    deck.spend()
    deck.deciding()
    deck.risk()
    deck.lines("inventory", told.inventory)
    deck.lines("changes", told.changes)
    deck.lines("restated", told.restated)
    deck.lines("actions", told.actions)
    core = show.core_properties
    core.title, core.subject, core.author = told.title, told.subtitle, told.written_by
    core.created = core.modified = told.made_at.replace(tzinfo=None)
    core.last_modified_by = told.written_by
    show.save(str(path))


def _without_slides(show: Any) -> None:
    ids = show.slides._sldIdLst
    for each in list(ids):
        show.part.drop_rel(each.rId)
        ids.remove(each)


class _Deck:
    """Slides as they are added."""

    def __init__(self, show: Any, told: Told) -> None:
        self.show, self.told = show, told
        named = {layout.name.lower(): layout for layout in show.slide_layouts}
        self.layout = named.get("title only") or show.slide_layouts[-1]
        self.wide = show.slide_width - 2 * MARGIN
        self.end = show.slide_height - FOOT

    def cover(self) -> None:
        """Say what it is, of which day, and who signed it."""
        slide = self._slide(self.told.title)
        box = (MARGIN, UNDER_TITLE, self.wide, Inches(1.2))
        self._box(slide, box, [(self.told.subtitle, 20, False), (self.told.signed, 14, False)],
                  muted=True)  # fmt: skip
        said = [(line, 24, True) for line in self.told.headline]
        self._box(slide, (MARGIN, Inches(2.9), self.wide, Inches(3)), said, gap=10)

    def value(self) -> None:
        """Promised, validated and banked, added up over the year."""
        slide = self._section("value", ("promised", "validated", "banked", "roi_validated"))
        months = self.told.content["months"]
        if not months:
            self._nothing(slide, "No month of the year has a figure yet.", with_figures=True)
            return
        data = CategoryChartData(number_format="0.0")
        data.categories = [spelling.MONTHS[int(row["month"][5:7]) - 1] for row in months]
        for name, words in (
            ("promised", "Promised"), ("validated", "Validated"), ("banked", "Banked"),
        ):  # fmt: skip
            data.add_series(words, _added_up([row[name] for row in months]))
        unit = f"{self.told.content['currency']} million, added up over {self.told.content['year']}"
        self._chart(slide, "value", XL_CHART_TYPE.LINE, data, (PROMISE, VALID, BANK), unit)

    def spend(self) -> None:
        """Spend against budget, by unit."""
        slide = self._section("spend", ("spend", "budget", "forecast_full_year"))
        units = self.told.content["units"][:MOST_ROWS]
        if not units:
            self._nothing(slide, "No unit has spent anything yet.", with_figures=True)
            return
        data = CategoryChartData(number_format="0.0")
        data.categories = [row["name"] for row in units]
        for name, words in (("actual", "Spent"), ("budget", "Budget")):
            data.add_series(words, [_millions(row[name]) for row in units])
        unit = f"{self.told.content['currency']} million by unit, {self.told.content['year']}"
        self._chart(slide, "spend", XL_CHART_TYPE.BAR_CLUSTERED, data, (SPEND, BUDGET), unit)

    def deciding(self) -> None:
        """The initiatives with most at stake."""
        slide = self._section("deciding", ())
        currency = self.told.content["currency"]
        rows = [
            (
                f"{row['key']} {row['name']}", row["stage"], row["owner"],
                *(amount(row[name], currency) for name in ("promised", "validated", "spend")),
                f"{row['risk']}, above appetite" if row["is_above"] else row["risk"],
            )
            for row in self.told.content["deciding"]
        ]  # fmt: skip
        if not rows:
            self._nothing(slide, "No initiative has an approved case or a budget yet.")
            return
        heads = ("Initiative", "Stage", "Owner", "Promised", "Validated", "Spent", "Risk")
        self._table(slide, "deciding", heads, rows, (27, 13, 16, 12, 12, 10, 14))

    def risk(self) -> None:
        """How many initiatives stand at which level."""
        slide = self._section("risk", ())
        levels = self.told.content["risk"]["levels"]
        if not levels:
            self._nothing(slide, "No initiative has a risk on the register.")
            return
        data = CategoryChartData(number_format="0")
        data.categories = [row["name"] for row in levels]
        data.add_series("Initiatives", [row["count"] for row in levels])
        unit = "Initiatives by their worst residual risk"
        self._chart(slide, "risk", XL_CHART_TYPE.BAR_CLUSTERED, data, (SPEND,), unit)

    def lines(self, section: str, rows: Sequence[Sequence[str]]) -> None:
        """Give a section that is a table, or say that there is nothing."""
        slide = self._section(section, ())
        if rows:
            heads, widths = self.told.heads[section], self.told.widths[section]
            self._table(slide, section, heads, rows, widths)
        else:
            self._nothing(slide, self.told.nothing[section])

    def _section(self, section: str, figures: Sequence[str]) -> Any:
        slide = self._slide(title_of(section, self.told))
        if title_of(section, self.told) != SECTIONS[section]:
            box = (MARGIN, UNDER_TITLE, self.wide, Inches(0.4))
            self._box(slide, box, [(SECTIONS[section], 14, False)], muted=True)
        if words := self.told.words.get(section):
            self._words(slide, words)
        found = {row["name"]: row for row in self.told.content["figures"]}
        shown = [found[name] for name in figures if name in found]
        step = self._wide_of(section) // max(len(shown), 1)
        for place, row in enumerate(shown):
            place_of = (MARGIN + step * place, FIGURES, step, Inches(0.95))
            size = 24 if row["value"] is not None else 12
            self._box(slide, place_of, [(row["text"], size, True), (row["words"], 11, False)])
        notes = [line for row in shown for line in [row["words"], *row["passport"], ""]]
        slide.notes_slide.notes_text_frame.text = "\n".join([*notes, self.told.source])
        return slide

    def _wide_of(self, section: str) -> int:
        """Give how wide the body is: less where people's words stand beside it."""
        if not self.told.words.get(section):
            return int(self.wide)
        return int(self.wide * (1 - WORDS_SHARE) - GUTTER)

    def _words(self, slide: Any, words: str) -> None:
        """Put people's words at the right, in a size that holds them all."""
        size = next((size for most, size in WORD_SIZES if len(words) <= most), WORD_SIZES[-1][1])
        wide = int(self.wide * WORDS_SHARE)
        box = (MARGIN + self.wide - wide, FIGURES, wide, self.end - FIGURES)
        self._box(slide, box, [(line, size, False) for line in words.splitlines() if line.strip()],
                  gap=4, even=True)  # fmt: skip

    def _nothing(self, slide: Any, sentence: str, *, with_figures: bool = False) -> None:
        top = Inches(3.05) if with_figures else BODY
        self._box(slide, (MARGIN, top, self.wide, Inches(0.5)), [(sentence, 16, False)], muted=True)

    def _slide(self, title: str) -> Any:
        slide = self.show.slides.add_slide(self.layout)
        place = (MARGIN, TITLE, self.wide, Inches(0.8))
        shape = slide.shapes.title
        if shape is None:
            self._box(slide, place, [(title, 26, True)])
        else:
            shape.left, shape.top, shape.width, shape.height = place
            frame = shape.text_frame
            frame.text, frame.word_wrap, frame.vertical_anchor = title, True, MSO_ANCHOR.BOTTOM
            frame.margin_left = frame.margin_right = 0
            run = frame.paragraphs[0]
            run.alignment = PP_ALIGN.LEFT
            run.font.size, run.font.bold, run.font.color.rgb = Pt(26), True, INK
        number = len(self.show.slides)
        foot = (MARGIN, self.end + Inches(0.08), self.wide, Inches(0.3))
        self._box(slide, foot, [(f"{self.told.source}  ·  {number}", 9, False)], muted=True)
        return slide

    def _box(
        self, slide: Any, place: tuple[Any, ...], lines: Sequence[tuple[str, int, bool]], *,
        muted: bool = False, even: bool = False, gap: int = 0,
    ) -> None:  # fmt: skip
        frame = slide.shapes.add_textbox(*place).text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = 0
        for number, (line, size, strong) in enumerate(lines):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(gap)
            run = paragraph.add_run()
            run.text = line
            run.font.size, run.font.bold = Pt(size), strong
            run.font.color.rgb = MUTED if muted or (number and not strong and not even) else INK

    def _chart(
        self, slide: Any, section: str, kind: Any, data: CategoryChartData,
        colours: Sequence[RGBColor], unit: str,
    ) -> None:  # fmt: skip
        top = Inches(2.75) if section != "risk" else BODY
        wide = self._wide_of(section)
        self._box(slide, (MARGIN, top, wide, Inches(0.3)), [(unit, 11, False)], muted=True)
        below = top + Inches(0.3)
        box = (MARGIN, below, wide, self.end - below)
        chart = slide.shapes.add_chart(kind, *box, data).chart
        chart.has_title = False
        chart.font.size, chart.font.color.rgb = Pt(12), MUTED
        chart.has_legend = len(colours) > 1
        if chart.has_legend:
            chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        chart.value_axis.major_gridlines.format.line.color.rgb = LINE
        chart.value_axis.format.line.fill.background()
        chart.category_axis.format.line.color.rgb = LINE
        is_line = kind == XL_CHART_TYPE.LINE
        if not is_line:
            chart.category_axis.reverse_order = True
            chart.category_axis.major_tick_mark = XL_TICK_MARK.NONE
            chart.value_axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
            chart.value_axis.has_major_gridlines = False
            chart.value_axis.minimum_scale = 0
            plot = chart.plots[0]
            plot.gap_width, plot.overlap = 60, 0
            plot.has_data_labels = True
            plot.data_labels.font.size = Pt(11)
            plot.data_labels.number_format_is_linked = True
        for series, colour in zip(chart.plots[0].series, colours, strict=True):
            if is_line:
                series.smooth = False
                series.format.line.color.rgb, series.format.line.width = colour, Pt(2.5)
                series.marker.style = XL_MARKER_STYLE.NONE
            else:
                series.format.fill.solid()
                series.format.fill.fore_color.rgb = colour

    def _table(
        self, slide: Any, section: str, heads: Sequence[str], rows: Sequence[Sequence[str]],
        widths: Sequence[int],
    ) -> None:  # fmt: skip
        shown, wide = rows[:MOST_ROWS], self._wide_of(section)
        box = (MARGIN, BODY, wide, Inches(0.36 * (len(shown) + 1)))
        frame = slide.shapes.add_table(len(shown) + 1, len(heads), *box)
        table = frame.table
        table.horz_banding = table.first_row = False
        for place, width in enumerate(widths):
            table.columns[place].width = int(wide * width / sum(widths))
        for number, row in enumerate([heads, *shown]):
            for place, text in enumerate(row):
                self._cell(
                    table.cell(number, place), text, is_head=number == 0,
                    is_number=heads[place] in _NUMBERS,
                    size=11 if wide == self.wide else 10,
                )  # fmt: skip
        if len(rows) > len(shown):
            more = f"and {len(rows) - len(shown)} more, in the product"
            foot = (MARGIN, self.end - Inches(0.3), wide, Inches(0.3))
            self._box(slide, foot, [(more, 11, False)], muted=True)

    def _cell(self, cell: Any, text: str, *, is_head: bool, is_number: bool, size: int) -> None:
        cell.text = text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1].rstrip()}…"
        cell.fill.background()
        cell.margin_left, cell.margin_right = 0, Inches(0.12)
        cell.margin_top = cell.margin_bottom = Inches(0.03)
        paragraph = cell.text_frame.paragraphs[0]
        paragraph.alignment = PP_ALIGN.RIGHT if is_number else PP_ALIGN.LEFT
        font = paragraph.font
        font.size, font.bold = Pt(size), False
        font.color.rgb = MUTED if is_head else INK
        _underline(cell, INK if is_head else LINE)


def _add(parent: Any, tag: str, **attributes: str) -> Any:
    made = OxmlElement(tag)
    for name, text in attributes.items():
        made.set(name, text)
    parent.append(made)
    return made


def _underline(cell: Any, colour: RGBColor) -> None:
    """Draw the line below a cell; python-pptx has no word for it."""
    properties = cell._tc.get_or_add_tcPr()
    for side in ("a:lnL", "a:lnR", "a:lnT"):
        line = _add(properties, side, w="0")
        _add(line, "a:noFill")
    line = _add(properties, "a:lnB", w="9525")
    fill = _add(line, "a:solidFill")
    _add(fill, "a:srgbClr", val=str(colour))
    # what fills the cell stands behind its lines in the schema
    for other in list(properties):
        if not other.tag.split("}")[1].startswith("ln"):
            properties.remove(other)
            properties.append(other)


def _added_up(values: Sequence[str | None]) -> list[float | None]:
    """Add up month by month, in millions; nothing after the last known month."""
    total, found = Decimal(0), []
    for value in values:
        total += Decimal(value or 0)
        found.append(None if value is None else float(total / 10**6))
    return found


def _millions(value: str | None) -> float | None:
    return None if value is None else float(Decimal(value) / 10**6)
