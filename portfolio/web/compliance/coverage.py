"""Coverage: how far each framework is met, by unit and by requirement; importing a framework."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from governance_app.compliance import selectors, services
from governance_app.compliance.reading import EU_AI_ACT, OWN, content_of
from governance_app.domain.errors import Sentence
from governance_app.domain.frameworks import MOST_BYTES
from governance_app.domain.phrases import phrase
from governance_app.people import access
from governance_app.people import selectors as people
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of

TABS = (
    ("compliance", phrase("Coverage")),
    ("regulatory-inventory", phrase("Inventory")),
    ("third-parties", phrase("Third parties")),
    ("policies", phrase("Policies")),
)
#: How many of each kind of what waits are on the page.
MOST = 20


@page("view")
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Show how far each framework is covered, what waits for a second person, what is overdue."""
    viewer = viewer_of(request)
    units = list(people.units(viewer=viewer))
    unit = _asked(units, request)
    libraries = list(selectors.libraries(viewer=viewer))
    lines = selectors.coverage(viewer=viewer, frameworks=libraries, unit=unit)
    context = {
        "tabs": TABS,
        "tab": "compliance",
        "unit": unit,
        "units": units,
        "lines": lines,
        "initiatives": lines[0].initiatives if lines else 0,
        "libraries": [row for row in libraries if not row.nodes_total],
        "waiting": Shortened.of(selectors.classifications_waiting(viewer=viewer)),
        "submitted": Shortened.of(selectors.assessments_waiting(viewer=viewer)),
        "overdue": Shortened.of(selectors.gaps_overdue(viewer=viewer, on=timezone.localdate())),
        "attestations": selectors.attestations_owed(viewer=viewer)[:MOST],
        "tiers": _tiers(libraries, selectors.tier_counts(viewer=viewer, scheme=EU_AI_ACT)),
        "may_import": access.can(viewer, "framework.import"),
    }
    return render(request, "compliance/coverage.html", context)


@dataclass(frozen=True, slots=True)
class Shortened:
    """The first rows of what waits, and how many wait in all."""

    rows: Sequence[Any]
    count: int

    @classmethod
    def of(cls, waiting: QuerySet[Any]) -> "Shortened":
        """Take the first rows; the rest is only counted where there is a rest."""
        rows = list(waiting[: MOST + 1])
        return cls(rows[:MOST], len(rows) if len(rows) <= MOST else waiting.count())


def _asked(units: Iterable[Any], request: HttpRequest) -> Any:
    """Give the unit the address names, or None."""
    wanted = request.GET.get("unit", "")
    return next((unit for unit in units if str(unit.pk) == wanted), None) if wanted else None


def _tiers(libraries: Iterable[Any], counts: dict[str, int]) -> list[dict[str, Any]]:
    row = next((row for row in libraries if row.key == EU_AI_ACT), None)
    named = [(tier.slug, tier.name) for tier in content_of(row).tree.tiers] if row else []
    return [
        {"slug": slug, "name": name, "count": counts.get(slug, 0)}
        for slug, name in [*named, ("unknown", worded("Unknown"))]
    ]


@page("view")
@require_GET
def framework(request: HttpRequest, key: str) -> HttpResponse:
    """Show one framework: its requirements with counts, units, obligations with dates."""
    viewer = viewer_of(request)
    row = found(selectors.library(viewer=viewer, key=key))
    if request.GET.get("part") == "units":
        counted = selectors.coverage_by_unit(viewer=viewer, library=row)
        return render(request, "compliance/units.html", {"by_unit": counted, "row": row})
    unit = _asked(people.units(viewer=viewer), request)
    content = content_of(row)
    only = request.GET.get("only", "")
    lines = selectors.node_lines(viewer=viewer, library=row, unit=unit)
    if only == "gaps":
        lines = [line for line in lines if line.covered is None or line.covered.gap]
    context = {
        "tabs": TABS,
        "tab": "compliance",
        "row": row,
        "content": content,
        "is_own": content.publisher == OWN,
        "unit": unit,
        "only": only,
        "lines": lines,
        "versions": selectors.versions(viewer=viewer, key=key),
        "today": timezone.localdate(),
    }
    return render(request, "compliance/framework.html", context)


@page("framework.import")
@require_http_methods(["GET", "POST"])
def take(request: HttpRequest) -> HttpResponse:
    """Import a framework file; a faulty one is refused with its line."""
    context: dict[str, Any] = {"tabs": TABS, "tab": "compliance"}
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            if upload is None:
                raise Sentence("Choose a file.")
            if (upload.size or 0) > MOST_BYTES:
                raise Sentence(f"{upload.name} is larger than {MOST_BYTES // 1024**2} MB.")
            made = services.import_library(
                content=upload.read(), name=upload.name or "file.json", by=viewer_of(request)
            )
        except access.Refused:
            raise
        except Sentence as error:
            context["error"] = f"{error.file}: {error}" if error.file else str(error)
            return render(request, "compliance/import.html", context, status=422)
        messages.info(
            request,
            worded("Imported {name}, version {number}.", name=made.name, number=made.number),
        )
        return redirect("framework", made.key)
    return render(request, "compliance/import.html", context)
