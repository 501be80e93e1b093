"""The import wizard: a file, its columns, its values, a dry run, the job, the result."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, BinaryIO, cast

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.initiatives.importing import dates, proposal
from governance_app.initiatives.importing import mapping as mappings
from governance_app.initiatives.importing.fields import FIELDS, NONE_OF_THESE, Field
from governance_app.initiatives.importing.mapping import ColumnRule, InventoryMapping
from governance_app.initiatives.selectors import imports as reading
from governance_app.initiatives.services import imports
from portfolio.charts import spelling
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.htmx import go
from portfolio.web.jobs import beside_its_job

PAGE_SIZE = 20
PERMISSION = "inventory.import"

#: step -> (words, what the step answers)
STEPS = {
    "file": phrase("File"),
    "columns": phrase("Columns"),
    "values": phrase("Values"),
    "check": phrase("Check"),
    "apply": phrase("Apply"),
}
ORDERS = {
    "mdy": (phrase("Month first"), "10/31/2026"),
    "dmy": (phrase("Day first"), "31/10/2026"),
    "": (phrase("Cannot tell"), phrase("a date like 3/4/2026 is set aside")),
}
SURE, LIKELY = 0.85, 0.65


@page(PERMISSION)
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Offer to upload an inventory, and list the imports so far."""
    return render(request, "importing/start.html", _start(request))


@page(PERMISSION)
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep the file and propose a mapping; a file that cannot be read is kept with its reason."""
    viewer = viewer_of(request)
    sent = request.FILES.get("file")
    chosen = {str(node.pk): node for node in reading.places(viewer=viewer)}
    under = chosen.get(request.POST.get("under", ""))
    if sent is None or under is None:
        missing = "Choose a file." if sent is None else "Choose the unit to import into."
        return _again(request, "importing/start.html", {**_start(request), "error": missing})
    content = cast("BinaryIO", sent.file)
    inventory = imports.upload(content=content, name=sent.name or "", under=under, by=viewer)
    saved = {str(each.pk): each for each in reading.saved_mappings(viewer=viewer)}
    try:
        imports.propose(
            inventory=inventory,
            by=viewer,
            known=saved.get(request.POST.get("mapping", "")),
            fiscal_start_month=books.fiscal_start_month(on=timezone.localdate()),
        )
    except Sentence as error:
        imports.abandon(inventory=inventory, by=viewer, sentence=_said(error))
        context = {**_start(request), "error": _said(error)}
        return _again(request, "importing/start.html", context)
    return go(request, reverse("import-columns", args=[inventory.pk]))


@page(PERMISSION)
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, import_id: str) -> HttpResponse:
    """Say which column fills which field, and which columns tell the rows apart."""
    inventory = _open(request, import_id)
    context = _columns(inventory)
    if request.method == "POST":
        labels = mappings.from_json(inventory.mapping).columns
        chosen = {
            label: request.POST.get(f"field-{position}", "")
            for position, label in enumerate(labels)
        }
        keys = [label for position, label in enumerate(labels) if f"key-{position}" in request.POST]
        try:
            imports.choose_columns(
                inventory=inventory,
                fields=chosen,
                keys=keys,
                by=viewer_of(request),
                is_strict="is_strict" in request.POST,
            )
        except Sentence as error:
            context = {**_columns(inventory, chosen, keys), "error": _said(error)}
            return _again(request, "importing/columns.html", context)
        return go(request, reverse("import-values", args=[inventory.pk]))
    return render(request, "importing/columns.html", context)


@page(PERMISSION)
@require_http_methods(["GET", "POST"])
def values(request: HttpRequest, import_id: str) -> HttpResponse:
    """Say what the texts of enumerations, dates and amounts mean; then try it out."""
    inventory = _open(request, import_id)
    if request.method == "POST":
        mapping = _answered(mappings.from_json(inventory.mapping), request.POST)
        viewer = viewer_of(request)
        try:
            mappings.check(mapping)
            imports.use_mapping(inventory=inventory, mapping=mapping, by=viewer)
            imports.dry_run(inventory=inventory, by=viewer, currency=_currency())
        except Sentence as error:
            context = {**_values(inventory), "error": _said(error)}
            return _again(request, "importing/values.html", context)
        return go(request, reverse("import-check", args=[inventory.pk]))
    return render(request, "importing/values.html", _values(inventory))


@page(PERMISSION)
@require_GET
def check(request: HttpRequest, import_id: str) -> HttpResponse:
    """Show what applying would do: figures, refusals with row and reason, what changes."""
    inventory = _open(request, import_id)
    if "rows" not in inventory.report:
        return go(request, reverse("import-values", args=[inventory.pk]))
    return render(request, "importing/check.html", _checked(inventory))


@page(PERMISSION)
@require_POST
def save(request: HttpRequest, import_id: str) -> HttpResponse:
    """Save the mapping under a name, for the next file of this shape."""
    inventory = _open(request, import_id)
    try:
        saved = imports.save_mapping(
            name=request.POST.get("name", ""),
            mapping=mappings.from_json(inventory.mapping),
            by=viewer_of(request),
            inventory=inventory,
        )
    except Sentence as error:
        context = {**_checked(inventory), "save_error": _said(error)}
        return _again(request, "importing/check.html", context)
    context = {**_checked(inventory), "saved": saved.name}
    return render(request, "importing/check.html", context)


@page(PERMISSION)
@require_POST
def apply(request: HttpRequest, import_id: str) -> HttpResponse:
    """Queue the application; the page of the import shows how far it is."""
    inventory = _open(request, import_id)
    imports.request_apply(inventory=inventory, by=viewer_of(request), currency=_currency())
    return go(request, reverse("import", args=[inventory.pk]))


@page(PERMISSION)
@require_POST
def abandon(request: HttpRequest, import_id: str) -> HttpResponse:
    """Give an import up; its file is kept."""
    imports.abandon(inventory=_open(request, import_id), by=viewer_of(request))
    return go(request, reverse("imports"))


@page(PERMISSION)
@require_GET
def one(request: HttpRequest, import_id: str) -> HttpResponse:
    """Show an import: its progress while it runs, then what it did."""
    viewer = viewer_of(request)
    inventory, moving = beside_its_job(
        request,
        lambda: found(reading.one(viewer=viewer, import_id=import_id)),
        job_of=lambda row: row.job_id,
    )
    if inventory.state == "open" and inventory.job is None:
        return go(request, reverse("import-columns", args=[inventory.pk]))
    report = inventory.report if inventory.state == "applied" else {}
    context = {
        "inventory": inventory,
        "steps": _steps("apply", is_over=inventory.state == "applied"),
        "report": report,
        "job": None,
        "made": reading.made_by(viewer=viewer, inventory=inventory) if report else [],
        "stages": _stages(report),
        **moving,
    }
    return render(request, "importing/result.html", context)


@page(PERMISSION)
@require_GET
def refusals(request: HttpRequest, import_id: str) -> HttpResponse:
    """Give every refused row and value as CSV."""
    viewer = viewer_of(request)
    inventory = found(reading.one(viewer=viewer, import_id=import_id))
    text = reading.refusals_csv(viewer=viewer, inventory=inventory, currency=_currency())
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    name = inventory.file_name.rsplit(".", 1)[0].replace('"', "")
    response["Content-Disposition"] = f'attachment; filename="{name}-refused.csv"'
    return response


# --- what the templates show ------------------------------------------------------------------


def _start(request: HttpRequest) -> dict[str, Any]:
    viewer = viewer_of(request)
    listed = Paginator(reading.imports(viewer=viewer), PAGE_SIZE)
    return {
        "steps": _steps("file"),
        "page": listed.get_page(request.GET.get("page")),
        "places": reading.places(viewer=viewer),
        "mappings": reading.saved_mappings(viewer=viewer),
    }


def _columns(
    inventory: Any, chosen: Mapping[str, str] | None = None, keys: list[str] | None = None
) -> dict[str, Any]:
    mapping = mappings.from_json(inventory.mapping)
    rows = []
    for position, label in enumerate(mapping.columns):
        rule = mapping.rule_of(label)
        field = rule.field if rule is not None else ""
        seen = inventory.survey.get(label, {})
        rows.append(
            {
                "position": position,
                "label": label,
                "field": field if chosen is None else chosen.get(label, ""),
                "mark": _mark(rule.confidence) if rule is not None else None,
                "is_key": label in (mapping.keys if keys is None else keys),
                "samples": [spelling_of(text) for text in seen.get("samples", [])],
                "filled": seen.get("filled", 0) / seen["rows"] if seen.get("rows") else 0,
                "distinct": seen.get("distinct", 0),
            }
        )
    groups: dict[str, list[Field]] = {}
    for field_spec in FIELDS.values():
        groups.setdefault(field_spec.group, []).append(field_spec)
    return {
        "inventory": inventory,
        "steps": _steps("columns"),
        "mapped": [row for row in rows if row["field"]],
        "unmapped": [row for row in rows if not row["field"]],
        "groups": groups,
        "is_strict": mapping.is_strict,
        "known": inventory.saved_mapping,
    }


def _values(inventory: Any) -> dict[str, Any]:
    mapping = mappings.from_json(inventory.mapping)
    asked = []
    for rule in mapping.rules:
        target = FIELDS[rule.field]
        about = {
            "rule": rule,
            "field": target,
            "position": mapping.columns.index(rule.column),
            "seen": inventory.survey.get(rule.column, {}),
        }
        if target.choices:
            asked.append({**about, "kind": "choices", "rows": _choice_rows(rule, target, about)})
        elif target.kind == "date" and about["seen"].get("filled"):
            asked.append({**about, "kind": "date", "examples": _examples(rule, mapping, about)})
        elif target.kind == "money":
            asked.append({**about, "kind": "money"})
    return {
        "inventory": inventory,
        "steps": _steps("values"),
        "asked": asked,
        "orders": ORDERS,
        "currency": _currency(),
    }


def _choice_rows(rule: ColumnRule, target: Field, about: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the texts of a column with what each stands for, and what it could."""
    counts = about["seen"].get("counts", []) or [[text, 0] for text in rule.values]
    options = dict(target.choices)
    if target.kind == "choices":
        options[NONE_OF_THESE] = phrase("None of these")
    rows = []
    for index, (text, times) in enumerate(counts):
        choice = rule.choice_for(text)
        offered = options
        if choice and choice not in options:
            words = " and ".join(options.get(part, part).lower() for part in choice.split(";"))
            offered = {**options, choice: words.capitalize()}
        guesses = proposal.guess_values_of(target, [(text, times)])
        sure = guesses[0].confidence if guesses and guesses[0].choice == choice else 1.0
        rows.append(
            {
                "index": index,
                "text": text,
                "times": times,
                "choice": choice or "",
                "options": offered,
                "mark": _mark(sure) if choice else ("warn", "stays unknown"),
            }
        )
    return rows


def _examples(
    rule: ColumnRule, mapping: InventoryMapping, about: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Show how the first texts of a date column are read."""
    habits = dates.DateHabits(
        rule.date_order, rule.short_dates, mapping.fiscal_start_month, rule.years_as_dates
    )
    shown = []
    for text in about["seen"].get("samples", []):
        try:
            read = dates.parse_date(text, habits)
        except dates.NotADate as error:
            shown.append((text, str(error)))
        else:
            shown.append((text, _day_words(read)))
    return shown


def _answered(mapping: InventoryMapping, sent: QueryDict) -> InventoryMapping:
    """Take the answers of the values page into the mapping."""
    rules = []
    for rule in mapping.rules:
        position = mapping.columns.index(rule.column)
        target = FIELDS[rule.field]
        if target.choices:
            texts = sent.getlist(f"text-{position}")
            answers = {
                text: sent.get(f"choice-{position}-{index}", "") for index, text in enumerate(texts)
            }
            rule = replace(rule, values={**rule.values, **answers}, confidence=1.0)
        elif target.kind == "date":
            rule = replace(
                rule,
                date_order=sent.get(f"order-{position}", rule.date_order),
                years_as_dates=f"years-{position}" in sent,
                confidence=1.0,
            )
        elif target.kind == "money":
            rule = replace(rule, currency=sent.get(f"currency-{position}", "").strip().upper())
        rules.append(rule)
    return replace(mapping, rules=tuple(rules))


def _checked(inventory: Any) -> dict[str, Any]:
    report = inventory.report
    whole = [each for each in report.get("refusals", []) if each["whole_row"]]
    single = [each for each in report.get("refusals", []) if not each["whole_row"]]
    return {
        "inventory": inventory,
        "steps": _steps("check"),
        "report": report,
        "whole": whole,
        "single": single,
        "stages": _stages(report),
        "mapping_name": mappings.from_json(inventory.mapping).name,
        "is_void": not (report.get("new") or report.get("changed")),
    }


def _stages(report: Mapping[str, Any]) -> list[tuple[str, str, int]]:
    """Give slug, words and count of the stages in the file, in order; unknown last."""
    counts = report.get("stages", {})
    known = FIELDS["stage"].choices
    rows = [(slug, words, counts[slug]) for slug, words in known.items() if counts.get(slug)]
    if counts.get(""):
        rows.append(("", phrase("Stage unknown"), counts[""]))
    return rows


def _steps(current: str, *, is_over: bool = False) -> list[dict[str, Any]]:
    order = list(STEPS)
    here = order.index(current)
    return [
        {
            "words": words,
            "is_done": index < here or is_over,
            "is_here": index == here and not is_over,
        }
        for index, words in enumerate(STEPS.values())
    ]


def _mark(confidence: float) -> tuple[str, str]:
    """Say how sure a proposal is: class of the mark and words."""
    if confidence >= SURE:
        return ("ok", phrase("sure"))
    return ("none", phrase("likely")) if confidence >= LIKELY else ("warn", phrase("please check"))


def _day_words(day: dates.Day) -> str:
    words = {
        "day": spelling.day(day.on),
        "month": spelling.month(day.on),
        "quarter": worded("quarter from {month}", month=spelling.month(day.on)),
        "year": worded("year from {month}", month=spelling.month(day.on)),
    }
    return words[day.precision]


def spelling_of(text: str) -> str:
    """Shorten a sample for a table cell."""
    return text if len(text) <= 80 else f"{text[:77]}…"


def _currency() -> str:
    return books.reporting_currency(on=timezone.localdate())


def _open(request: HttpRequest, import_id: str) -> Any:
    """Give an import that can still be changed; one that cannot shows its own page."""
    inventory = found(reading.one(viewer=viewer_of(request), import_id=import_id))
    if inventory.state != "open":
        raise Sentence(f"The import of {inventory.file_name} is {inventory.state} already.")
    return inventory


def _said(error: Sentence) -> str:
    return f"{error.where}: {error}" if error.where else str(error)


def _again(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """Show the step again with what is wrong."""
    return render(request, template, dict(context), status=422)


urlpatterns = [
    path("portfolio/import/", start, name="imports"),
    path("portfolio/import/upload/", upload, name="import-upload"),
    path("portfolio/import/<uuid:import_id>/", one, name="import"),
    path("portfolio/import/<uuid:import_id>/columns/", columns, name="import-columns"),
    path("portfolio/import/<uuid:import_id>/values/", values, name="import-values"),
    path("portfolio/import/<uuid:import_id>/check/", check, name="import-check"),
    path("portfolio/import/<uuid:import_id>/save/", save, name="import-save"),
    path("portfolio/import/<uuid:import_id>/apply/", apply, name="import-apply"),
    path("portfolio/import/<uuid:import_id>/abandon/", abandon, name="import-abandon"),
    path("portfolio/import/<uuid:import_id>/refused.csv", refusals, name="import-refusals"),
]
