"""A board pack on paper: a tagged PDF, so that screen readers find headings and tables."""

import datetime as dt
from importlib import import_module
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from governance_app.domain import spelling
from governance_app.domain.errors import Sentence
from governance_app.exports.packs.reading import SECTIONS
from governance_app.exports.packs.telling import Told, amount, title_of


def write_paper(told: Told, path: Path) -> None:
    """
    Write the PDF of a pack.

    Raises:
        Sentence: a system library that lays out text is missing; it names the package.
    """
    try:
        weasyprint: Any = import_module("weasyprint")
    except OSError as error:
        raise Sentence(
            "PDFs need the library Pango, which this machine lacks. Install it (Debian:"
            " libpango-1.0-0 libpangoft2-1.0-0; macOS: brew install pango), or take the slides."
        ) from error
    lines = {"changes": told.changes, "restated": told.restated, "actions": told.actions}
    sections = [
        {
            "name": name,
            "title": title_of(name, told),
            "question": words,
            "words": told.words.get(name, ""),
            "rows": lines.get(name, ()),
            "heads": told.heads.get(name, ()),
            "nothing": told.nothing.get(name, "Nothing is known."),
        }
        for name, words in SECTIONS.items()
    ]
    html = render_to_string(
        "packs/paper.html", {"told": told, "sections": sections, "rows": _rows(told)}
    )
    document = weasyprint.HTML(string=html, url_fetcher=_nothing_from_outside)
    document.write_pdf(str(path), pdf_variant="pdf/ua-1")


def _rows(told: Told) -> dict[str, Any]:
    """Give the tables with their amounts written."""
    currency = told.content["currency"]

    def spelled(row: dict[str, Any], *names: str) -> dict[str, Any]:
        return {**row, **{name: amount(row[name], currency) for name in names}}

    return {
        "months": [
            {
                **spelled(row, "promised", "validated", "banked"),
                "month": spelling.month(dt.date.fromisoformat(row["month"])),
            }
            for row in told.content["months"]
        ],
        "units": [spelled(row, "actual", "budget") for row in told.content["units"]],
        "deciding": [
            spelled(row, "promised", "validated", "spend") for row in told.content["deciding"]
        ],
    }


def _nothing_from_outside(url: str, *_: Any, **__: Any) -> dict[str, Any]:
    """Refuse every address: a pack is made of what is in it."""
    raise ValueError(f"A pack fetches nothing, and not {url[:80]}.")
