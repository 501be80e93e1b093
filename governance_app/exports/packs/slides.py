"""A board pack as slides: native charts and tables that can be edited, passports in the notes."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION
from pptx.util import Inches, Pt

from governance_app.domain import spelling
from governance_app.exports.packs.reading import SECTIONS
from governance_app.exports.packs.telling import Told, amount, title_of

WIDTH, HEIGHT = Inches(13.333), Inches(7.5)
MARGIN, TOP = Inches(0.7), Inches(1.55)
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
MOST_ROWS = 10


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

    def cover(self) -> None:
        """Say what it is, of which day, and who signed it."""
        slide = self._slide(self.told.title)
        self._text(slide, [self.told.subtitle, self.told.signed], TOP, size=20)
        self._text(slide, self.told.headline, Inches(3.2), size=24, strong=True)

    def value(self) -> None:
        """Promised, validated and banked, added up over the year."""
        slide = self._section("value", ("promised", "validated", "banked", "roi_validated"))
        months = self.told.content["months"]
        if not months:
            return
        data = CategoryChartData(number_format="0.0")
        data.categories = [spelling.MONTHS[int(row["month"][5:7]) - 1] for row in months]
        for name, words in (
            ("promised", "Promised"), ("validated", "Validated"), ("banked", "Banked"),
        ):  # fmt: skip
            data.add_series(words, _added_up([row[name] for row in months]))
        self._chart(slide, XL_CHART_TYPE.LINE, data, (PROMISE, VALID, BANK))

    def spend(self) -> None:
        """Spend against budget, by month and by unit."""
        slide = self._section("spend", ("spend", "budget", "forecast_full_year"))
        units = self.told.content["units"][:MOST_ROWS]
        if not units:
            return
        data = CategoryChartData(number_format="0.0")
        data.categories = [row["name"] for row in units]
        for name, words in (("actual", "Spent"), ("budget", "Budget")):
            data.add_series(words, [_millions(row[name]) for row in units])
        self._chart(slide, XL_CHART_TYPE.BAR_CLUSTERED, data, (SPEND, BUDGET))

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
        heads = ("Initiative", "Stage", "Owner", "Promised", "Validated", "Spent", "Risk")
        self._table(slide, heads, rows, (34, 10, 16, 10, 10, 10, 14))

    def risk(self) -> None:
        """How many initiatives stand at which level."""
        slide = self._section("risk", ())
        levels = self.told.content["risk"]["levels"]
        if not levels:
            self._text(slide, ["No initiative has a risk on the register."], TOP)
            return
        data = CategoryChartData(number_format="0")
        data.categories = [row["name"] for row in levels]
        data.add_series("Initiatives", [row["count"] for row in levels])
        self._chart(slide, XL_CHART_TYPE.BAR_CLUSTERED, data, (SPEND,))

    def lines(self, section: str, rows: Sequence[Sequence[str]]) -> None:
        """Give a section that is a table, or say that there is nothing."""
        slide = self._section(section, ())
        if rows:
            self._table(slide, self.told.heads[section], rows, self.told.widths[section])
        else:
            self._text(slide, [self.told.nothing[section]], Inches(2.6))

    def _section(self, section: str, figures: Sequence[str]) -> Any:
        slide = self._slide(title_of(section, self.told))
        lines = [SECTIONS[section]] if title_of(section, self.told) != SECTIONS[section] else []
        if words := self.told.words.get(section):
            lines.append(words)
        self._text(slide, lines, Inches(1.15), size=14, muted=True)
        found = {row["name"]: row for row in self.told.content["figures"]}
        shown = [found[name] for name in figures if name in found]
        step = self.wide // max(len(shown), 1)
        for place, row in enumerate(shown):
            box = (MARGIN + step * place, Inches(2.05), step, Inches(0.9))
            self._box(slide, box, [(row["text"], 22, True), (row["words"], 11, False)])
        notes = [line for row in shown for line in [row["words"], *row["passport"], ""]]
        slide.notes_slide.notes_text_frame.text = "\n".join([*notes, self.told.source])
        return slide

    def _slide(self, title: str) -> Any:
        slide = self.show.slides.add_slide(self.layout)
        if slide.shapes.title is None:
            self._box(slide, (MARGIN, Inches(0.4), self.wide, Inches(0.8)), [(title, 28, True)])
            return slide
        shape = slide.shapes.title
        shape.left, shape.top, shape.width, shape.height = (
            MARGIN, Inches(0.4), self.wide, Inches(0.8),
        )  # fmt: skip
        shape.text_frame.text = title
        run = shape.text_frame.paragraphs[0]
        run.alignment = 1
        run.font.size, run.font.bold, run.font.color.rgb = Pt(28), True, INK
        return slide

    def _text(
        self, slide: Any, lines: Sequence[str], top: int, *, size: int = 16, strong: bool = False,
        muted: bool = False,
    ) -> None:  # fmt: skip
        if shown := [line for line in lines if line]:
            height = Inches(0.45 * len(shown) + 0.2)
            box = (MARGIN, top, self.wide, height)
            self._box(slide, box, [(line, size, strong) for line in shown], muted=muted)

    def _box(
        self, slide: Any, place: tuple[Any, ...], lines: Sequence[tuple[str, int, bool]], *,
        muted: bool = False,
    ) -> None:  # fmt: skip
        frame = slide.shapes.add_textbox(*place).text_frame
        frame.word_wrap = True
        for number, (line, size, strong) in enumerate(lines):
            paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
            run = paragraph.add_run()
            run.text = line
            run.font.size, run.font.bold = Pt(size), strong
            run.font.color.rgb = MUTED if muted or (number and not strong) else INK

    def _chart(
        self, slide: Any, kind: Any, data: CategoryChartData, colours: Sequence[RGBColor]
    ) -> None:
        top = Inches(3.05)
        box = (MARGIN, top, self.wide, self.show.slide_height - top - Inches(0.4))
        chart = slide.shapes.add_chart(kind, *box, data).chart
        chart.has_title = False
        chart.font.size, chart.font.color.rgb = Pt(12), MUTED
        chart.has_legend = len(colours) > 1
        if chart.has_legend:
            chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        chart.value_axis.major_gridlines.format.line.color.rgb = LINE
        chart.value_axis.format.line.fill.background()
        is_line = kind == XL_CHART_TYPE.LINE
        if not is_line:
            chart.category_axis.reverse_order = True
            chart.plots[0].gap_width = 60
        for series, colour in zip(chart.plots[0].series, colours, strict=True):
            if is_line:
                series.smooth = False
                series.format.line.color.rgb, series.format.line.width = colour, Pt(2.5)
            else:
                series.format.fill.solid()
                series.format.fill.fore_color.rgb = colour

    def _table(
        self, slide: Any, heads: Sequence[str], rows: Sequence[Sequence[str]],
        widths: Sequence[int],
    ) -> None:  # fmt: skip
        shown, top = rows[:MOST_ROWS], Inches(2.05)
        box = (MARGIN, top, self.wide, Inches(0.4 * (len(shown) + 1)))
        table = slide.shapes.add_table(len(shown) + 1, len(heads), *box).table
        for place, width in enumerate(widths):
            table.columns[place].width = int(self.wide * width / sum(widths))
        for number, row in enumerate([heads, *shown]):
            for place, text in enumerate(row):
                cell = table.cell(number, place)
                cell.text = text
                cell.fill.background()
                font = cell.text_frame.paragraphs[0].font
                font.size, font.bold = Pt(12), number == 0
                font.color.rgb = MUTED if number == 0 else INK
        if len(rows) > len(shown):
            self._text(
                slide, [f"and {len(rows) - len(shown)} more"], Inches(6.85), size=12, muted=True
            )


def _added_up(values: Sequence[str | None]) -> list[float | None]:
    """Add up month by month, in millions; nothing after the last known month."""
    total, found = Decimal(0), []
    for value in values:
        total += Decimal(value or 0)
        found.append(None if value is None else float(total / 10**6))
    return found


def _millions(value: str | None) -> float | None:
    return None if value is None else float(Decimal(value) / 10**6)
