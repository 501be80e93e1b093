"""The one-pager as a tagged PDF: its page first, where its figures come from behind it."""

from pathlib import Path

from django.template.loader import render_to_string

from governance_app.exports.branding import Brand
from governance_app.exports.onepager.reading import OnePager
from governance_app.exports.pdf import write_pdf


def write_one_pager(told: OnePager, path: Path, *, brand: Brand) -> None:
    """
    Write the PDF; the same content and look give the same bytes.

    Raises:
        Sentence: a system library that lays out text is missing; it names the package.
    """
    write_pdf(render_to_string("packs/one-pager.html", {"told": told, "brand": brand}), path)
