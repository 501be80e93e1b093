"""What came in and belongs to nobody: what waits, unmanaged models, unowned spend, and rules."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from governance_app.connectors import selectors, services
from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.inventory import selectors as inventory
from governance_app.people import access
from governance_app.spend import selectors as spend
from portfolio.charts.wording import worded
from portfolio.web.access import found, page, viewer_of
from portfolio.web.connections.common import initiative_of, tabs

PAGE_SIZE = 25
SHOWN_SETTLED = 20
LOOKS = (
    ("name", phrase("Name")),
    ("tag", phrase("Tag")),
    ("experiment", phrase("Experiment")),
    ("account", phrase("Account")),
)


@page("connection.view")
@require_GET
def waiting(request: HttpRequest) -> HttpResponse:
    """Show what waits with guesses, models nobody manages, spend nobody owns, and the rules."""
    viewer = viewer_of(request)
    strays = Paginator(selectors.strays(viewer=viewer), PAGE_SIZE).get_page(request.GET.get("page"))
    search = request.GET.get("q", "").strip()
    models = Paginator(
        selectors.unmanaged_models(viewer=viewer, search=search), PAGE_SIZE
    ).get_page(request.GET.get("models"))
    sees_money = access.can_anywhere(viewer, "money.view")
    context = {
        **tabs(request, "connections-waiting"),
        "page": strays,
        "strays": selectors.asked(strays=list(strays), viewer=viewer),
        "models_page": models,
        "models": selectors.guessed_models(models=list(models), viewer=viewer),
        "search": search,
        "loose": spend.suggestions(viewer=viewer) if sees_money else [],
        "sees_money": sees_money,
        "may_rule_spend": access.can_anywhere(viewer, "spend.rules"),
        "rules": _in_order(list(selectors.mapping_rules(viewer=viewer))),
        "settled": [
            *selectors.strays(viewer=viewer, state="placed").order_by("-settled_at")[
                :SHOWN_SETTLED
            ],
            *selectors.strays(viewer=viewer, state="aside").order_by("-settled_at")[:SHOWN_SETTLED],
        ],
        "looks": LOOKS,
        "connections": selectors.connections(viewer=viewer),
        "may_link": access.Decision(True)
        if access.can_anywhere(viewer, "inventory.edit")
        else access.can(viewer, "inventory.edit"),
    }
    return render(request, "connections/waiting.html", context)


@page("inventory.edit")
@require_POST
def place(request: HttpRequest, stray_id: str) -> HttpResponse:
    """Say where something that waits belongs."""
    viewer = viewer_of(request)
    row = found(selectors.stray(stray_id=stray_id, viewer=viewer))
    owner = initiative_of(request)
    services.place_stray(stray=row, initiative=owner, by=viewer, version=_version(request))
    messages.info(
        request, worded("{row} belongs to {owner}. What waited is there now.", row=row, owner=owner)
    )
    return redirect("connections-waiting")


@page("inventory.edit")
@require_POST
def aside(request: HttpRequest, stray_id: str) -> HttpResponse:
    """Say that something needs no initiative."""
    viewer = viewer_of(request)
    row = found(selectors.stray(stray_id=stray_id, viewer=viewer))
    services.set_stray_aside(
        stray=row, reason=request.POST.get("reason", ""), by=viewer, version=_version(request)
    )
    messages.info(request, worded("{row} is put aside.", row=row))
    return redirect("connections-waiting")


@page("inventory.edit")
@require_POST
def ask(request: HttpRequest, stray_id: str) -> HttpResponse:
    """Let something that was settled wait again."""
    viewer = viewer_of(request)
    row = found(selectors.stray(stray_id=stray_id, viewer=viewer))
    services.ask_again(stray=row, by=viewer, version=_version(request))
    return redirect("connections-waiting")


@page("inventory.edit")
@require_POST
def claim(request: HttpRequest) -> HttpResponse:
    """Link the chosen models to an initiative."""
    viewer = viewer_of(request)
    chosen = request.POST.getlist("model")
    if not chosen:
        raise Sentence("Choose the models to link.")
    owner = initiative_of(request)
    models = [found(inventory.model(model_id=each, viewer=viewer)) for each in chosen]
    count = services.claim_models(models=models, initiative=owner, by=viewer)
    messages.info(request, worded("{count} model(s) serve {owner} now.", count=count, owner=owner))
    return redirect("connections-waiting")


@page("inventory.edit")
@require_POST
def model_aside(request: HttpRequest, model_id: str) -> HttpResponse:
    """Say that a model needs no initiative."""
    viewer = viewer_of(request)
    model = found(inventory.model(model_id=model_id, viewer=viewer))
    services.set_model_aside(model=model, reason=request.POST.get("reason", ""), by=viewer)
    messages.info(request, worded("{model} is put aside.", model=model))
    return redirect("connections-waiting")


@page("inventory.edit")
@require_POST
def add_rule(request: HttpRequest) -> HttpResponse:
    """Add a mapping rule; what waits and matches goes to its initiative at once."""
    viewer = viewer_of(request)
    connection = None
    if request.POST.get("connection"):
        connection = found(
            selectors.connection(connection_id=request.POST["connection"], viewer=viewer)
        ).connection
    rule = services.add_mapping_rule(
        looks_at=request.POST.get("looks_at", ""),
        tag=request.POST.get("tag", ""),
        pattern=request.POST.get("pattern", ""),
        initiative=initiative_of(request),
        connection=connection,
        by=viewer,
    )
    messages.info(
        request,
        worded(
            "What matches {rule} goes to {initiative} from now on.",
            rule=rule,
            initiative=rule.initiative,
        ),
    )
    return redirect("connections-waiting")


@page("inventory.edit")
@require_POST
def move_rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """Ask a rule before another one, or last."""
    viewer = viewer_of(request)
    rule = found(selectors.mapping_rule(rule_id=rule_id, viewer=viewer))
    before = None
    if request.POST.get("before"):
        before = found(selectors.mapping_rule(rule_id=request.POST["before"], viewer=viewer))
    services.move_mapping_rule(rule=rule, before=before, by=viewer, version=_version(request))
    return redirect(f"{reverse('connections-waiting')}#rules")


@page("inventory.edit")
@require_POST
def end_rule(request: HttpRequest, rule_id: str) -> HttpResponse:
    """End a mapping rule."""
    viewer = viewer_of(request)
    rule = found(selectors.mapping_rule(rule_id=rule_id, viewer=viewer))
    services.end_mapping_rule(rule=rule, by=viewer, version=_version(request))
    messages.info(
        request,
        worded("The rule on {rule} is ended; links that it alone made ended too.", rule=rule),
    )
    return redirect("connections-waiting")


def _in_order(rules: list[Any]) -> list[dict[str, Any]]:
    """Give each rule with the one it would come before when it moves up, and when it moves down."""
    ids = [rule.pk for rule in rules]
    return [
        {
            "rule": rule,
            "is_first": place == 0,
            "is_last": place == len(rules) - 1,
            "earlier": ids[place - 1] if place else "",
            "later": ids[place + 2] if place + 2 < len(ids) else "",
        }
        for place, rule in enumerate(rules)
    ]


def _version(request: HttpRequest) -> Any:
    text = request.POST.get("version", "")
    return int(text) if text.isdigit() else None
