"""What the palette finds for the viewer: a fragment with the options, best first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from governance_app.initiatives import selectors as initiatives
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.web.access import User, page, viewer_of
from portfolio.web.htmx import wants_fragment
from portfolio.web.palette.matching import fit
from portfolio.web.palette.places import ACTS, PAGES, Entry

#: Longer questions are cut: nobody types them, and each word costs a search.
LONGEST = 100
MOST = {"initiatives": 7, "pages": 6, "acts": 5, "people": 4}


@dataclass(frozen=True)
class Option:
    """One line of the palette."""

    label: str
    url: str = ""
    second: str = ""
    key: str = ""
    does: str = ""


@dataclass(frozen=True)
class Group:
    """Options of one kind, under their heading."""

    name: str
    label: str
    options: Sequence[Option]


@page("view")
@never_cache
@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """Give the options for what was typed; without script the portfolio is searched instead."""
    asked = " ".join(request.GET.get("q", "").split())[:LONGEST]
    if not wants_fragment(request):
        return redirect(f"{reverse('portfolio')}?{urlencode({'q': asked})}")
    groups = [group for group in _groups(viewer_of(request), asked) if group.options]
    context = {"groups": groups, "asked": asked, "count": sum(len(g.options) for g in groups)}
    return render(request, "palette/options.html", context)


def _groups(viewer: User, asked: str) -> list[Group]:
    pages = Group("pages", _("Pages"), _known(viewer, PAGES, asked, MOST["pages"]))
    acts = Group("acts", _("Actions"), _known(viewer, ACTS, asked, MOST["acts"]))
    if not asked:
        return [pages, acts]
    found = Group("initiatives", _("Initiatives"), _initiatives(viewer, asked))
    somebody = Group("people", _("People"), _people(viewer, asked))
    best = max((fit(asked, str(e.label)) for e in (*PAGES, *ACTS)), default=0.0)
    # The exact beginning of a page's name means the page; anything else mostly an initiative.
    if best == 4.0 and pages.options:
        return [pages, found, acts, somebody]
    return [found, pages, acts, somebody]


def _known(viewer: User, entries: Iterable[Entry], asked: str, most: int) -> list[Option]:
    """Give the entries that fit and are open to the viewer, best first."""
    scored = [(fit(asked, str(e.label), str(e.also)) if asked else 1.0, e) for e in entries]
    if not asked:  # nothing typed: what has a key, and the acts in their order
        scored = [(score, e) for score, e in scored if e.key or e in ACTS]
        most = max(most, 12)
    ordered = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])
    options: list[Option] = []
    for _score, entry in ordered:
        if len(options) == most:
            break
        if entry.needs and not access.can_anywhere(viewer, entry.needs):
            continue
        options.append(
            Option(label=str(entry.label), url=entry.url, key=entry.key, does=entry.does)
        )
    return options


def _initiatives(viewer: User, asked: str) -> list[Option]:
    return [
        Option(
            label=each.name,
            url=reverse("initiative", args=[each.key]),
            second=" · ".join(
                part
                for part in (each.key, str(each.unit or ""), each.stage.name if each.stage else "")
                if part
            ),
        )
        for each in initiatives.jump(viewer=viewer, text=asked, limit=MOST["initiatives"])
    ]


def _people(viewer: User, asked: str) -> list[Option]:
    return [
        Option(
            label=each.name,
            url=reverse("settings-person", args=[each.pk]),
            second=each.title or each.email,
        )
        for each in people.people(viewer=viewer, search=asked)[: MOST["people"]]
    ]
