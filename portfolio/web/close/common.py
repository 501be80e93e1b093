"""What the pages of the close share: the month asked for, its tabs, files that prove things."""

import datetime as dt
import uuid
from typing import Any, BinaryIO, cast

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import add_months
from governance_app.domain.phrases import phrase
from governance_app.files import services as files
from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.spend import selectors as spend
from governance_app.spend.selectors import close as selectors
from portfolio.web.access import found, viewer_of

MOST_EVIDENCE_BYTES = 50 * 1024**2
#: Address name -> words, in the order of the work.
TABS = (
    ("close-month", phrase("Checklist")),
    ("close-invoices", phrase("Invoices")),
    ("close-accruals", phrase("Accruals")),
    ("close-costs", phrase("Other costs")),
    ("close-variances", phrase("Variances")),
    ("close-general-ledger", phrase("General ledger")),
    ("close-adjustments", phrase("Late changes")),
    ("close-journals", phrase("Journals")),
    ("close-chargeback", phrase("Chargeback")),
)
#: What the sheets of the books are exported as.
EXPORT_FORMATS = (("xlsx", "Excel"), ("csv", "CSV"), ("parquet", "Parquet"))
STATE_LOOK = {"open": "none", "soft closed": "running", "approved": "running", "closed": "ok"}


def month_of(text: str) -> dt.date:
    """Read the month in an address; another text is no page."""
    try:
        return dt.date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Http404 from error


def show(
    request: HttpRequest, template: str, tab: str, month: dt.date, **context: Any
) -> HttpResponse:
    """Show a page of a month with its tabs, its state and what the viewer may do."""
    viewer = viewer_of(request)
    state = selectors.month_state(month=month)
    asked = f"{month:%Y-%m}"
    return render(
        request,
        template,
        {
            "tabs": [
                {"label": words, "url": reverse(name, args=[asked]), "is_current": name == tab}
                for name, words in TABS
            ],
            "month": month,
            "asked": asked,
            "before": f"{add_months(month, -1):%Y-%m}",
            "after": f"{add_months(month, 1):%Y-%m}",
            "state": state,
            "state_look": STATE_LOOK[state],
            "is_closed": state == "closed",
            "may": access.can(viewer, "close.prepare"),
            "may_approve": access.can(viewer, "close.approve"),
            "may_reopen": access.can(viewer, "close.reopen"),
            "may_export": access.can_anywhere(viewer, "export"),
            "export_formats": EXPORT_FORMATS,
            **context,
        },
    )


def kept_file(request: HttpRequest, name: str = "evidence", *, needed: bool = False) -> Any:
    """Keep an uploaded file and give it; None when none was sent."""
    upload = request.FILES.get(name)
    if not isinstance(upload, UploadedFile) or not upload.size:
        if needed:
            raise Sentence("Choose the file that proves it.")
        return None
    if upload.size > MOST_EVIDENCE_BYTES:
        raise Sentence(f"{upload.name} is larger than 50 MB.")
    return files.store(
        content=cast(BinaryIO, upload.file), name=upload.name or "file", by=viewer_of(request)
    )


def name_of_upload(request: HttpRequest, name: str = "file") -> str:
    """Give what the sender calls the file; the same bytes may have come under another name."""
    upload = request.FILES.get(name)
    return (upload.name or name)[:200] if isinstance(upload, UploadedFile) else name


def chosen(rows: Any, text: str | None) -> Any:
    """Give the row whose id a form sent, or answer 404 when there is none for the viewer."""
    try:
        return found(rows.filter(pk=uuid.UUID(text or "")).first())
    except ValueError as error:
        raise Http404 from error


def initiative_of(request: HttpRequest, text: str, *, needed: bool = True) -> Any:
    """Find the initiative somebody wrote the key of."""
    key = text.strip().split(" ")[0].upper()
    if not key and not needed:
        return None
    initiative = initiatives.initiative(viewer=viewer_of(request), key=key)
    if initiative is None:
        raise Sentence(f"There is no initiative {key or 'without a key'}; write it like AI-142.")
    return initiative


def entity_of(request: HttpRequest, name: str = "entity", *, needed: bool = False) -> Any:
    """Find the legal entity chosen."""
    code = request.POST.get(name, "").strip()
    if not code and not needed:
        return None
    entity = selectors.entity(viewer=viewer_of(request), code=code)
    if entity is None:
        raise Sentence(f"There is no legal entity {code or 'without a code'}.")
    return entity


def source_of(request: HttpRequest) -> Any:
    """Find the source chosen."""
    return chosen(spend.sources(viewer=viewer_of(request)), request.POST.get("source"))


def currency_of(request: HttpRequest) -> str:
    """Read the currency somebody wrote."""
    code = request.POST.get("currency", "").strip().upper()
    if len(code) != 3 or not code.isalpha():
        raise Sentence(f"Currency: “{code[:10]}” is no ISO 4217 code, such as EUR.")
    return code


def entities(request: HttpRequest) -> Any:
    """Give the legal entities to choose from."""
    return books.entities(viewer=viewer_of(request))


def units(request: HttpRequest) -> Any:
    """Give the units the viewer may see."""
    return people.units(viewer=viewer_of(request))
