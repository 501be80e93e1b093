"""Board packs: begin one, give it words, have slides and paper made, sign it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance_app.domain.errors import Sentence
from governance_app.exports import selectors, services
from governance_app.exports.packs.reading import SECTIONS
from governance_app.exports.packs.telling import title_of
from governance_app.files import services as files
from governance_app.files.selectors import open_file
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.charts.wording import worded
from portfolio.downloads import as_download
from portfolio.web import fields
from portfolio.web.access import found, page, viewer_of
from portfolio.web.jobs import beside_its_job

PAGE_SIZE = 25
KINDS = {"pptx": "slides", "pdf": "paper"}
MOST_TEMPLATE_BYTES = 50 << 20


@page("export")
@require_http_methods(["GET", "POST"])
def packs(request: HttpRequest) -> HttpResponse:
    """List packs, newest day first; POST begins one."""
    viewer = viewer_of(request)
    offered = places(viewer)
    context: dict[str, Any] = {"error": "", "typed": {}}
    if request.method == "POST":
        typed = request.POST
        try:
            node = {str(one.pk): one for one in offered}.get(typed.get("node", ""))
            if node is None:
                raise Sentence("Choose what the pack is about.")
            made = services.begin_pack(
                node=node,
                title=typed.get("title", ""),
                on=fields.day(typed.get("on", ""), "Figures of") or timezone.localdate(),
                by=viewer,
            )
        except Sentence as refused:
            if isinstance(refused, access.Refused):
                raise
            context = {"error": str(refused), "typed": typed}
        else:
            return redirect("pack", made.pk)
    shown = Paginator(selectors.packs(viewer=viewer), PAGE_SIZE).get_page(request.GET.get("page"))
    context |= {"page": shown, "places": offered, "today": timezone.localdate()}
    return render(request, "packs/list.html", context)


def places(viewer: Any) -> list[Any]:
    """Give what a pack may tell of: everything, or a unit near the top."""
    root = people.organisation()
    units = [unit for unit in people.units(viewer=viewer) if unit.depth <= 2]
    top = [root] if root is not None and access.can(viewer, "money.view", root) else []
    return [*top, *(unit for unit in units if access.can(viewer, "money.view", unit))]


@page("export")
@require_GET
def pack(request: HttpRequest, pack_id: str) -> HttpResponse:
    """Show a pack: its figures, its words, its actions and its files."""
    viewer = viewer_of(request)
    row, moving = beside_its_job(
        request,
        lambda: found(selectors.pack(viewer=viewer, pack_id=pack_id)),
        job_of=lambda pack: None if pack.slides_id and pack.paper_id else pack.job_id,
    )
    told = selectors.told(viewer=viewer, pack=row)
    context: dict[str, Any] = {
        "pack": row,
        "told": told,
        "sections": [
            (name, words, title_of(name, told), told.words.get(name, ""))
            for name, words in SECTIONS.items()
        ],
        "actions": selectors.pack_actions(viewer=viewer, pack=row),
        "owners": people.people(viewer=viewer)[:500],
        "may_write": access.can(viewer, "export", row.node),
        "may_sign": _may_sign(viewer, row),
        "today": timezone.localdate(),
        "later": selectors.signed_since(viewer=viewer, pack=row),
        **({} if row.slides_id and row.paper_id else moving),
    }
    return render(request, "packs/detail.html", context)


def _may_sign(viewer: Any, row: Any) -> access.Decision:
    if obstacle := selectors.obstacle_to_signing(viewer=viewer, pack=row):
        return access.Decision(False, obstacle)
    return access.can(viewer, "pack.sign", row.node)


@page("export")
@require_POST
def change(request: HttpRequest, pack_id: str) -> HttpResponse:
    """Do what a form of the page asks."""
    viewer = viewer_of(request)
    row = found(selectors.pack(viewer=viewer, pack_id=pack_id))
    typed, version = request.POST, fields.whole(request.POST.get("version", ""), "Version")
    what = typed.get("what", "")
    if what == "words":
        words = {name: typed[name] for name in SECTIONS if name in typed}
        services.write_words(pack=row, words=words, version=version, by=viewer)
        messages.info(request, worded("The words are kept."))
    elif what == "refresh":
        services.refresh_pack(pack=row, by=viewer)
        messages.info(request, worded("The figures are read again with what is known now."))
    elif what == "make":
        services.ask_files(pack=row, by=viewer)
    elif what == "sign":
        services.sign_pack(pack=row, version=version, by=viewer)
        services.ask_files(pack=row, by=viewer)
        messages.info(request, worded("{title} is signed and stays as it is.", title=row.title))
    elif what == "template":
        services.set_template(pack=row, template=_template(request), by=viewer)
        messages.info(request, worded("Slides made from now on look like it."))
    elif what == "action":
        _add_action(request, row)
    else:
        raise Sentence("Choose what to do with the pack.")
    return redirect("pack", row.pk)


def _template(request: HttpRequest) -> Any:
    upload: Any = request.FILES.get("template")
    if upload is None:
        return None
    if upload.size > MOST_TEMPLATE_BYTES:
        raise Sentence("A template has at most 50 MB.", column="template")
    return files.store(content=upload.file, name=upload.name[:250], by=viewer_of(request))


def _add_action(request: HttpRequest, row: Any) -> None:
    viewer, typed = viewer_of(request), request.POST
    owners = {str(one.pk): one for one in people.people(viewer=viewer)[:500]}
    owner = owners.get(typed.get("owner", ""))
    due = fields.day(typed.get("due_on", ""), "Due")
    if owner is None or due is None:
        raise Sentence("Say who does it and until when.")
    services.add_action(pack=row, text=typed.get("text", ""), owner=owner, due_on=due, by=viewer)
    messages.info(request, worded("The next pack tells what became of it."))


@page("view")
@require_GET
def action(request: HttpRequest, action_id: str) -> HttpResponse:
    """Show what a board asked for to whoever is to do it, also where they do not see the pack."""
    return render(request, "packs/action.html", _asked(request, action_id))


@page("view")
@require_POST
def end_action(request: HttpRequest, action_id: str) -> HttpResponse:
    """Say what became of an action."""
    viewer = viewer_of(request)
    context = _asked(request, action_id)
    row, outcome = context["action"], request.POST.get("outcome", "")
    try:
        services.end_action(action=row, outcome=outcome, by=viewer)
    except access.Refused:
        raise
    except Sentence as refusal:
        context |= {"error": str(refusal), "outcome": outcome}
        return render(request, "packs/action.html", context, status=422)
    if context["may_read"] and request.POST.get("from") == "pack":
        return redirect("pack", row.pack_id)
    return redirect("pack-action", row.pk)


def _asked(request: HttpRequest, action_id: str) -> dict[str, Any]:
    viewer = viewer_of(request)
    row = found(selectors.pack_action(viewer=viewer, action_id=action_id))
    node = row.pack.node
    may_read = bool(access.can(viewer, "export", node) and access.can(viewer, "money.view", node))
    return {"action": row, "may_read": may_read, "may_end": may_read or row.owner_id == viewer.pk}


@page("export")
@require_GET
def download(request: HttpRequest, pack_id: str, kind: str) -> HttpResponse:
    """Hand out the slides or the paper of a pack."""
    viewer = viewer_of(request)
    row = found(selectors.pack(viewer=viewer, pack_id=pack_id))
    kept = found(getattr(row, KINDS[kind]) if kind in KINDS else None)
    services.hand_out(pack=row, file=kept, by=viewer)
    return as_download(
        open_file(file=kept), name=kept.name, size=kept.size, media_type=kept.media_type
    )


urlpatterns = [
    path("reports/packs/", packs, name="packs"),
    path("reports/packs/<uuid:pack_id>/", pack, name="pack"),
    path("reports/packs/<uuid:pack_id>/change/", change, name="pack-change"),
    path("reports/packs/<uuid:pack_id>/<str:kind>/", download, name="pack-file"),
    path("reports/packs/actions/<uuid:action_id>/", action, name="pack-action"),
    path("reports/packs/actions/<uuid:action_id>/end/", end_action, name="pack-action-end"),
]
