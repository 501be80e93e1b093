"""A board pack on paper: a tagged PDF, so that screen readers find headings and tables."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from governance_app.domain import spelling
from governance_app.exports.branding import Brand
from governance_app.exports.packs.picture import year_picture
from governance_app.exports.packs.reading import SECTIONS
from governance_app.exports.packs.telling import Told, amount, title_of
from governance_app.exports.pdf import write_pdf


def write_paper(told: Told, path: Path, *, brand: Brand) -> None:
    """
    Write the PDF of a pack.

    Raises:
        Sentence: a system library that lays out text is missing; it names the package.
    """
    lines = {
        "inventory": told.inventory,
        "changes": told.changes,
        "restated": told.restated,
        "actions": told.actions,
    }
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
    context = {
        "told": told,
        "sections": sections,
        "rows": _rows(told),
        "brand": brand,
        "picture": year_picture(told.content["months"], told.content["currency"]),
    }
    write_pdf(render_to_string("packs/paper.html", context), path)


def _rows(told: Told) -> dict[str, Any]:
    """Give the tables with their amounts written."""
    currency = told.content["currency"]
    most = max((Decimal(row["actual"] or 0) for row in told.content["units"]), default=Decimal(0))
    most_levels = max((row["count"] for row in told.content["risk"]["levels"]), default=0)

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
        "units": [
            {**spelled(row, "actual", "budget"), "share": _share(row["actual"], most)}
            for row in told.content["units"]
        ],
        "levels": [
            {**row, "share": _share(row["count"], most_levels)}
            for row in told.content["risk"]["levels"]
        ],
        "deciding": [
            spelled(row, "promised", "validated", "spend") for row in told.content["deciding"]
        ],
    }


def _share(value: Any, most: Any) -> int:
    """Give how long a bar is, 0 to 100, beside the longest."""
    return int(100 * Decimal(value or 0) / Decimal(most)) if most else 0
