"""The page an executive opens before a meeting: are we getting it, what needs me, what changed."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from governance_app.audit import kept
from governance_app.connectors import selectors as connectors
from governance_app.domain import risk as risk_words
from governance_app.domain.periods import add_months
from governance_app.initiatives import selectors as initiatives
from governance_app.oversight import selectors as oversight
from governance_app.people import access
from governance_app.people import selectors as people
from governance_app.rollups import selectors as rollups
from governance_app.value import selectors as value
from portfolio.charts import promised_validated_banked, spelling, wording
from portfolio.web.access import page, viewer_of

DECIDING = 7
NEEDS = 6
#: Lines of each kind of change.
PER_KIND = 2
MARKS = {"up": "▲", "down": "▼", "flat": "■"}
#: What the figures of the page tell by themselves, so that no line says it twice.
TOLD_BY_FIGURES = frozenset({"budget", "zombie", "review", "performance"})
#: How the list of what decides the year is headed, by how many there are.
DECIDES = (
    gettext_lazy("What decides the year"),
    gettext_lazy("The one that decides the year"),
    gettext_lazy("The two that decide the year"),
    gettext_lazy("The three that decide the year"),
    gettext_lazy("The four that decide the year"),
    gettext_lazy("The five that decide the year"),
    gettext_lazy("The six that decide the year"),
    gettext_lazy("The seven that decide the year"),
)


@page("view")
@kept.one_state()
def home(request: HttpRequest) -> HttpResponse:
    """Answer the three questions for what the viewer sees, on a day, against a day."""
    viewer = viewer_of(request)
    node = _node(viewer, request.GET.get("unit", ""))
    at = rollups.moment(now=timezone.now(), as_of=_day(request.GET.get("on", "")))
    since = _since(request.GET.get("since", ""), at)
    place = (at, since, node.path if node else None, timezone.get_current_timezone_name())
    seen = tuple(access.scope_paths(viewer, each) for each in ("view", "money.view"))
    found = kept.answer(("home", *place, seen), lambda: _found(viewer, at, since, node))
    headline = found.headline
    context: dict[str, Any] = {
        "at": at,
        "since": since,
        "node": node,
        "units": _units(viewer),
        "headline": headline,
        "money": _money(headline),
        "production_change": headline.in_production - headline.in_production_before,
        "is_blank": not headline.initiatives and node is None,
        "import_url": _address("imports"),
        "may_import": access.can_anywhere(viewer, "inventory.import"),
    }
    if not context["is_blank"]:
        needs = kept.answer(
            ("needs", *place, seen, viewer.pk),
            lambda: rollups.needs_you(viewer=viewer, as_of=at, limit=NEEDS, node=node),
        )
        context["freshness"] = _freshness(viewer, at)
        context |= _needs(needs, _queue(viewer, at))
        context |= _stages(found.funnel)
        if headline.money is not None:
            context["worth"] = _worth(found.drawn, at)
            context |= _picture(found.year)
            context |= _tables(found, at)
        context |= _changes(found, node)
    return render(request, "home/home.html", context)


@dataclass(frozen=True)
class _Found:
    """What the figures of the page say, alike for everybody who sees the same."""

    headline: rollups.Headline
    funnel: Sequence[initiatives.FunnelStage] = ()
    changes: rollups.Changes | None = None
    drawn: Any = None
    year: rollups.Year | None = None
    units: Sequence[rollups.UnitSpend] = ()
    movers: rollups.Movers | None = None
    deciding: Sequence[rollups.Deciding] = ()


def _found(viewer: Any, at: rollups.Moment, since: dt.date, node: Any) -> _Found:
    """Ask for the figures; money and what is made of it only for those who may see it."""
    headline = rollups.home_headline(viewer=viewer, as_of=at, since=since, node=node)
    if not headline.initiatives and node is None:
        return _Found(headline)
    found = _Found(
        headline,
        funnel=initiatives.funnel(viewer=viewer, on=at.on, node=node),
        changes=rollups.changes_since(
            viewer=viewer, as_of=at, since=since, per_kind=PER_KIND, node=node
        ),
    )
    if headline.money is None:
        return found
    units = rollups.spend_by_unit(
        viewer=viewer, as_of=at, node=node,
        read_from=rollups.compared(at=at, since=since).before,
    )  # fmt: skip
    place = node or people.organisation()
    return replace(
        found,
        drawn=place
        and value.newest_simulation(viewer=viewer, node=place, on=at.on, until=at.known_at),
        year=rollups.cumulative_year(
            viewer=viewer, as_of=at, node=node, months=headline.money.months
        ),
        units=units,
        movers=rollups.spend_movers(
            viewer=viewer, as_of=at, since=since, units=units, per_kind=PER_KIND, node=node
        ),
        deciding=rollups.deciding_initiatives(viewer=viewer, as_of=at, limit=DECIDING, node=node),
    )


def _node(viewer: Any, text: str) -> Any:
    try:
        wanted = uuid.UUID(text)
    except ValueError:
        return None
    return people.units(viewer=viewer).filter(pk=wanted).first()


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _since(text: str, at: rollups.Moment) -> dt.date:
    """Read the day changes count from; a day that is not before the other means the default."""
    wanted = _day(text)
    return wanted if wanted and wanted < at.on else rollups.default_since(at=at)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _units(viewer: Any) -> list[dict[str, Any]]:
    return [
        {"id": str(unit.pk), "name": unit.name, "depth": unit.depth}
        for unit in people.units(viewer=viewer)
        if unit.depth <= 2
    ]


# --- the first question: are we getting what we were promised, for what we pay ------------------


def _passport(shown: rollups.Shown, at: rollups.Moment) -> str:
    return _address_of(shown.figure, shown.subject, at)


def _figure(shown: rollups.Shown, at: rollups.Moment) -> dict[str, Any]:
    """Give a figure as the page shows it: value or reason, passport, what it leaves out."""
    left_out = shown.left_out
    return {
        "value": shown.value,
        "reason": shown.reason,
        "passport": _passport(shown, at),
        "before": shown.before,
        "change": shown.change,
        "left_out": ngettext(
            "Leaves out %(count)s initiative.", "Leaves out %(count)s initiatives.", left_out
        )
        % {"count": spelling.plain(left_out)}
        if left_out
        else "",
    }


def _money(headline: rollups.Headline) -> dict[str, Any] | None:
    money = headline.money
    if money is None:
        return None
    at = headline.at
    names = (
        "promised", "validated", "banked", "measured", "spend", "spend_month", "budget",
        "budget_full_year", "forecast_full_year", "promised_ahead", "roi_validated",
        "awaiting_validation", "spend_unallocated", "validated_avoided",
    )  # fmt: skip
    shown = {name: _figure(getattr(money, name), at) for name in names}
    return {
        **shown,
        "currency": money.currency,
        "ladder": _ladder(money),
        "validated_ratio": money.validated_ratio,
        "gap": money.spend_gap,
        "gap_abs": abs(money.spend_gap) if money.spend_gap is not None else None,
        "coverage": _coverage(money),
        "since_year": money.since_month.year if money.since_month else "",
        "left_out": _left_out(money),
    }


def _ladder(money: rollups.MoneyHeadline) -> dict[str, Any]:
    """Split the promise: banked, validated, measured beyond that, not measured."""
    promised = _amount(money.promised)
    validated, banked = _amount(money.validated), _amount(money.banked)
    measured = _amount(money.measured)
    waiting = max(measured - validated, Decimal(0))
    rest = max(promised - max(measured, validated), Decimal(0))
    return {
        "parts": [banked, max(validated - banked, Decimal(0)), waiting, rest],
        "waiting": waiting,
        "rest": rest,
        "label": _("banked, validated, measured and not measured parts of the promise"),
    }


def _amount(shown: rollups.Shown) -> Decimal:
    return shown.value if isinstance(shown.value, Decimal) else Decimal(0)


def _coverage(money: rollups.MoneyHeadline) -> float | None:
    """Give the share of spend that rules give to somebody."""
    spend = _amount(money.spend)
    nobody = _amount(money.spend_unallocated)
    return float((spend - nobody) / spend) if spend > 0 else None


def _worth(run: Any, at: rollups.Moment) -> dict[str, Any] | None:
    """Give what going on is worth by the newest draws of this part, from P10 to P90."""
    if run is None:
        return None
    return {
        "currency": run.currency,
        "drawn_on": run.on,
        **{
            name: {
                "value": run.outcome[name],
                "passport": _address_of(f"chance_{name}", run.pk, at),
            }
            for name in ("p10", "p50", "p90")
        },
    }


def _freshness(viewer: Any, at: rollups.Moment) -> connectors.Freshness | None:
    """Say how fresh the sources are; a past day is not asked."""
    if at.on != timezone.localdate():
        return None
    found = connectors.freshness(viewer=viewer)
    return found if found.sources else None


def _left_out(money: rollups.MoneyHeadline) -> int:
    return max(each.left_out for each in (money.promised, money.validated, money.spend))


def _picture(year: rollups.Year | None) -> dict[str, Any]:
    if year is None:
        return {}
    return {
        "year_chart": promised_validated_banked.build(
            year.frame,
            as_of=year.as_of,
            currency=year.currency,
            period=year.year_label,
            reviewed_to=year.reviewed_to,
            height="xl",
        )
    }


# --- the second: what needs me -----------------------------------------------------------------


def _needs(needs: rollups.Needs, queue: list[dict[str, Any]]) -> dict[str, Any]:
    total, yours = needs.total + len(queue), needs.yours + len(queue)
    counts = {"yours": spelling.plain(yours), "total": spelling.plain(total)}
    if total == 0:
        words = _("Nothing is open")
    elif yours:
        words = _("%(yours)s of %(total)s open items are yours") % counts
    else:
        words = _("%(total)s open items, none of them yours") % counts
    lines = queue[: NEEDS // 2]
    lines += [
        {
            "title": need.title,
            "key": need.key,
            "name": need.name,
            "why": _why(need),
            "action": need.action,
            "url": f"{reverse(need.url_name, args=need.url_args)}#{need.anchor}",
        }
        for need in needs.lines
    ]
    return {"needs": lines[:NEEDS], "needs_words": words}


def _queue(viewer: Any, at: rollups.Moment) -> list[dict[str, Any]]:
    """Give what waits for the viewer at gates and from the rounds; a past day has no queue."""
    if at.on != timezone.localdate():
        return []
    found = oversight.queue(viewer=viewer, on=at.on, with_owed=False)
    return [
        {
            "title": line.title,
            "key": line.key,
            "name": line.name,
            "why": " · ".join(
                (wording.said(line.sentence), *([_("late")] if line.is_late else []))
            ),
            "action": line.action,
            "url": line.url,
        }
        for line in found.lines
        if line.kind not in TOLD_BY_FIGURES
    ]


def _sentence_of(line: oversight.Line) -> str:
    sentence = wording.said(line.sentence)
    return f"{sentence} · {_('late')}" if line.is_late else sentence


def _why(need: rollups.Need) -> str:
    amount = spelling.money(need.amount, need.currency) if need.amount is not None else ""
    parts = (need.owner or _("nobody owns it"), wording.said(need.sentence), amount)
    return " · ".join(part for part in parts if part)


# --- the third: what changed -------------------------------------------------------------------


def _changes(told: _Found, node: Any) -> dict[str, Any]:
    found, movers = told.changes, told.movers
    if found is None:
        return {}
    lines = [_change(line) for line in found.lines]
    if movers is not None:
        place = next(
            (n for n, line in enumerate(found.lines) if line.kind != "stage"), len(found.lines)
        )
        lines[place:place] = [_mover(line, movers, node) for line in movers.lines]
    return {
        "changes": lines,
        "changes_total": sum(found.counts.values()) + (movers.count if movers else 0),
        "changes_reason": movers.reason if movers else "",
    }


def _change(line: rollups.Change) -> dict[str, Any]:
    why = wording.said(line.sentence)
    if line.amount is not None:
        why = f"{spelling.money(line.amount, line.currency, plus=True)} {why}"
    return {
        "mark": MARKS[line.direction],
        "tone": {True: "good", False: "bad", None: ""}[line.is_good],
        "url": reverse("initiative", args=[line.key]),
        "name": line.name,
        "why": why,
        "on": line.on,
    }


def _mover(line: rollups.Mover, found: rollups.Movers, node: Any) -> dict[str, Any]:
    """Say what the spend of a unit or a category moved by, over which months, as part of what."""
    span = found.compared
    moved = spelling.money(line.moved, found.currency, plus=True)
    before = spelling.months(span.before, add_months(span.first, -1))
    why = _("%(moved)s against %(before)s") % {"moved": moved, "before": before}
    if line.share is not None:
        words = _("%(share)s of the rise") if line.moved > 0 else _("%(share)s of the fall")
        why = f"{why}, {words % {'share': spelling.percent(line.share)}}"
    name = _("Spend of %(unit)s") if line.kind == "unit" else _("Spend on %(category)s")
    return {
        "mark": MARKS["up" if line.moved > 0 else "down"],
        "tone": "",
        "url": _spend_of(line, span, node),
        "name": name % {line.kind: wording.said(line.name)},
        "why": why,
        "when": spelling.months(span.first, span.last),
    }


def _spend_of(line: rollups.Mover, span: rollups.Compared, node: Any) -> str:
    """Give the address of the spend behind a mover, over both spans of months."""
    asked = {
        "since": f"{span.before:%Y-%m}",
        "until": f"{span.last:%Y-%m}",
        "basis": "effective",
        "unit": str(node.pk) if node else "",
    }
    if line.kind == "category":
        asked |= {"category": line.code, "by": "service" if line.code else "category"}
    elif line.code:
        asked |= {"unit": line.code, "by": "category"}
    else:
        asked |= {"only": "unallocated", "by": "service"}
    return f"{reverse('spend')}?{urlencode({name: text for name, text in asked.items() if text})}"


# --- browsing: what decides the year, the funnel, the units --------------------------------------


def _tables(found: _Found, at: rollups.Moment) -> dict[str, Any]:
    rows = found.deciding
    return {
        "deciding": [_deciding(row, at) for row in rows],
        "deciding_title": _deciding_title(len(rows)),
        "deciding_words": rollups.EFFECT,
        "by_unit": [{"row": unit, **_unit_passports(unit, at)} for unit in found.units],
        "month": found.headline.through,
    }


def _deciding_title(count: int) -> str:
    return str(DECIDES[min(count, DECIDING)])


def _unit_passports(unit: rollups.UnitSpend, at: rollups.Moment) -> dict[str, str]:
    """Give where the figures of a unit come from; what nobody bears has its own page."""
    if unit.node_id is None:
        return {}
    return {
        name: _address_of(f"{figure}_month", str(unit.node_id), at)
        for name, figure in (("actual", "spend"), ("budget", "budget"))
    }


def _address_of(figure: str, subject: object, at: rollups.Moment) -> str:
    address = reverse("passport", args=[figure, subject])
    return f"{address}?as_of={at.on.isoformat()}"


def _deciding(row: rollups.Deciding, at: rollups.Moment) -> dict[str, Any]:
    alerts = []
    if row.risk_above_appetite:
        alerts.append(_("above appetite"))
    if row.days_past_time_box:
        alerts.append(_("%(days)s d past time box") % {"days": row.days_past_time_box})
    if row.is_stale:
        alerts.append(_("stale readings"))
    return {
        "row": row,
        "risk": _(risk_words.level_name(row.risk_level)).lower(),
        "alert": alerts[0] if alerts else "",
        "second": " · ".join(part for part in (row.key, row.owner) if part),
        "passports": {
            name: _address_of(figure, row.key, at)
            for name, figure in (
                ("spend", "spend_year"), ("promised", "promised_year"),
                ("validated", "validated_year"), ("to_go", "to_go"), ("risk", "risk_level"),
            )
        },
    }  # fmt: skip


def _stages(rows: Sequence[initiatives.FunnelStage]) -> dict[str, Any]:
    return {
        "funnel": rows,
        "funnel_most": max((row.count for row in rows), default=0),
        "funnel_title": _funnel_title(rows),
    }


def _funnel_title(rows: Sequence[initiatives.FunnelStage]) -> str:
    """Say how pilots move on when enough of them are old enough to tell."""
    pilot = next((row for row in rows if row.slug == "pilot"), None)
    if pilot is None or pilot.moved_on_ratio is None or pilot.entered < 10:
        return _("Initiatives by stage")
    share = spelling.percent(pilot.moved_on_ratio)
    if pilot.median_days is None:
        return _("%(share)s of pilots move on within a year") % {"share": share}
    return _("%(share)s of pilots move on within a year, after %(days)s days at the median") % {
        "share": share,
        "days": spelling.plain(pilot.median_days),
    }


urlpatterns = [path("", home, name="home")]
