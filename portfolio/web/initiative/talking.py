"""Comments with people named and files beside them; following."""

import uuid
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from governance_app.domain.errors import Sentence
from governance_app.files import selectors as file_selectors
from governance_app.files import services as files
from governance_app.initiatives import selectors, services
from governance_app.people import access
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import go, render_fragment

TEMPLATE = "initiatives/comments.html"
MOST_FILES = 5
MOST_BYTES = 20 * 1024**2


def context_of(row: Any, viewer: Any) -> dict[str, Any]:
    """Give the comments of an initiative with their files, and whether the viewer follows it."""
    beside = selectors.comment_files(viewer=viewer, initiative=row)
    return {
        "row": row,
        "may_comment": access.can(viewer, "initiative.comment", row),
        "comments": [
            {"row": each, "files": beside.get(each.pk, [])}
            for each in selectors.comments(viewer=viewer, initiative=row)
        ],
    }


@page("initiative.comment")
@require_POST
def comment(request: HttpRequest, key: str) -> HttpResponse:
    """Add a comment with its files and show them all."""
    viewer = viewer_of(request)
    row = found(selectors.initiative(viewer=viewer, key=key))
    access.require(viewer, "initiative.comment", row)
    text = request.POST.get("text", "")
    context: dict[str, Any] = {}
    try:
        sent = request.FILES.getlist("files")
        if len(sent) > MOST_FILES:
            raise Sentence(f"At most {MOST_FILES} files stand beside one comment.")
        for each in sent:
            if (each.size or 0) > MOST_BYTES:
                raise Sentence(f"{each.name} is larger than 20 MB; link to it instead.")
        if not text.strip():
            raise Sentence("A comment needs text.")
        kept = [
            files.store(content=each.file, name=each.name or "file", by=viewer)  # type: ignore[arg-type]
            for each in sent
        ]
        services.comment(initiative=row, text=text, by=viewer, files=kept)
    except access.Refused:
        raise
    except Sentence as refusal:
        context = {"comment_error": str(refusal), "comment_typed": text}
    if not request.headers.get("HX-Request"):
        return go(request, reverse("initiative", args=[row.key]))
    context |= context_of(row, viewer)
    status = 422 if "comment_error" in context else 200
    return render_fragment(request, TEMPLATE, "comments", context, status=status)


@page("view")
def attached(request: HttpRequest, file_id: uuid.UUID) -> HttpResponse:
    """Hand out a file beside a comment, always to be saved, never opened in the page."""
    kept = found(selectors.comment_file(viewer=viewer_of(request), file_id=file_id))
    answer = FileResponse(
        file_selectors.open_file(file=kept.file),
        as_attachment=True,
        filename=kept.name,
        content_type="application/octet-stream",
    )
    answer["X-Content-Type-Options"] = "nosniff"
    return answer  # type: ignore[return-value]


@page("view")
@require_POST
def follow(request: HttpRequest, key: str) -> HttpResponse:
    """Follow an initiative, or follow it no more."""
    viewer = viewer_of(request)
    row = found(selectors.initiative(viewer=viewer, key=key))
    if request.POST.get("what") == "leave":
        services.unfollow(initiative=row, by=viewer)
    else:
        services.follow(initiative=row, by=viewer)
    if not request.headers.get("HX-Request"):
        return go(request, reverse("initiative", args=[row.key]))
    context = {
        "row": row,
        "is_following": selectors.is_following(viewer=viewer, initiative=row),
    }
    return render_fragment(request, "initiatives/follow.html", "follow", context)
