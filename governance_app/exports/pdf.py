"""Pages on paper: HTML that is all there into a tagged PDF."""

from importlib import import_module
from pathlib import Path
from typing import Any

from governance_app.domain.errors import Sentence


def write_pdf(html: str, path: Path) -> None:
    """
    Write a PDF/UA from HTML; the same HTML gives the same bytes.

    Raises:
        Sentence: a system library that lays out text is missing; it names the package.
    """
    try:
        weasyprint: Any = import_module("weasyprint")
        urls: Any = import_module("weasyprint.urls")
    except OSError as error:
        raise Sentence(
            "PDFs need the library Pango, which this machine lacks. Install it (Debian:"
            " libpango-1.0-0 libpangoft2-1.0-0; macOS: brew install pango), or take the slides."
        ) from error
    only_what_is_in_it = urls.URLFetcher(allowed_protocols=["data"], fail_on_errors=True)
    document = weasyprint.HTML(string=html, url_fetcher=only_what_is_in_it)
    document.write_pdf(str(path), pdf_variant="pdf/ua-1", pdf_identifier=b"portfolio")
