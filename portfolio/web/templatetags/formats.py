"""How numbers, money, dates and figures read on every page: filters and small components."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portfolio.charts import drawing, manners, sparkline, spelling, wording

register = template.Library()

NOT_KNOWN = gettext_lazy("Nothing has been recorded that this could be computed from.")


def _blank(value: object) -> bool:
    return value is None or value == "" or value != value


def unknown_text(reason: str = "") -> SafeString:
    """Write an unknown value as such, with the reason as its tooltip."""
    return format_html(
        '<span class="unknown" title="{}">{}</span>',
        wording.said(reason) or NOT_KNOWN,
        _("unknown"),
    )


@register.simple_tag
def unknown(reason: str = "") -> SafeString:
    """Write "unknown" with its reason."""
    return unknown_text(reason)


# --- filters: a value in, its text out --------------------------------------------------------


@register.filter
def money(value: Any, currency: str) -> SafeString:
    """Write money as people say it, full precision in the tooltip."""
    if _blank(value):
        return unknown_text()
    return format_html(
        '<span title="{}">{}</span>',
        spelling.money_exact(value, currency),
        spelling.money(value, currency),
    )


@register.filter
def money_change(value: Any, currency: str) -> SafeString:
    """Write a change of money with its sign."""
    if _blank(value):
        return unknown_text()
    return format_html(
        '<span title="{}">{}</span>',
        spelling.money_exact(value, currency),
        spelling.money(value, currency, plus=True),
    )


@register.filter
def money_text(value: Any, currency: str) -> str:
    """Write money as text alone, for titles, labels and attributes."""
    return _("unknown") if _blank(value) else spelling.money(value, currency)


@register.filter
def money_full(value: Any, currency: str) -> str:
    """Write money in full precision, losing nothing."""
    return _("unknown") if _blank(value) else spelling.money_exact(value, currency)


@register.filter
def money_small(value: Any, currency: str) -> str:
    """Write a price of one thing, often less than a cent, with four figures that count."""
    return _("unknown") if _blank(value) else spelling.price(value, currency)


@register.filter
def millions(value: Any, places: int = 1) -> SafeString:
    """Write an amount in millions, for a column whose header says so."""
    return _scaled(value, 1_000_000, places)


@register.filter
def thousands(value: Any, places: int = 0) -> SafeString:
    """Write an amount in thousands, for a column whose header says so."""
    return _scaled(value, 1_000, places)


def _scaled(value: Any, size: int, places: int) -> SafeString:
    if _blank(value):
        return unknown_text()
    figure = spelling.plain(spelling.decimal_of(value) / size, places)
    return format_html('<span title="{}">{}</span>', spelling.money_exact(value, ""), figure)


@register.filter
def count(value: Any) -> str:
    """Write a count with grouped thousands."""
    return _("unknown") if _blank(value) else spelling.plain(value)


@register.filter
def number(value: Any, places: int = 1) -> str:
    """Write a number with so many decimals."""
    return _("unknown") if _blank(value) else spelling.plain(value, places)


@register.filter
def signed(value: Any, places: int = 0) -> str:
    """Write a number with its sign."""
    return _("unknown") if _blank(value) else spelling.plain(value, places, plus=True)


@register.filter
def percent(value: Any, places: int = 0) -> SafeString | str:
    """Write a ratio as a percentage; 0.25 is 25%."""
    return unknown_text() if _blank(value) else spelling.percent(value, places)


@register.filter
def signed_percent(value: Any, places: int = 0) -> SafeString | str:
    """Write a ratio as a percentage with its sign."""
    return unknown_text() if _blank(value) else spelling.percent(value, places, plus=True)


def _as_day(value: date | datetime) -> date:
    if isinstance(value, datetime):
        return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return value


@register.filter
def day(value: date | datetime | None) -> SafeString | str:
    """Write a day as 21 Nov 2026, in the viewer's time zone."""
    return "" if value is None else spelling.day(_as_day(value))


@register.filter
def day_short(value: date | datetime | None) -> str:
    """Write a day without its year, as 21 Nov."""
    return "" if value is None else spelling.day_short(_as_day(value))


@register.filter
def month(value: date | datetime | None) -> str:
    """Write a month as Nov 2026."""
    return "" if value is None else spelling.month(_as_day(value))


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """Write a moment as 21 Nov 2026, 14:05, machine-readable besides."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}">{}</time>', value.isoformat(), f"{spelling.day(local)}, {local:%H:%M}"
    )


@register.filter
def ago(value: datetime | None) -> SafeString | str:
    """Say how long ago a moment was, the moment itself in the tooltip."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        value.isoformat(),
        f"{spelling.day(local)}, {local:%H:%M}",
        spelling.since(value, timezone.now()),
    )


@register.filter
def days_ago(value: date | datetime | None) -> str:
    """Say how many days ago a day was, the day itself when it is long past."""
    if value is None:
        return ""
    on = _as_day(value)
    gone = (timezone.localdate() - on).days
    if gone == 0:
        return _("today")
    if 0 < gone < 7:
        return spelling.days_gone(gone)
    return spelling.day_short(on) if on.year == timezone.localdate().year else spelling.day(on)


@register.filter
def took(seconds: Any) -> str:
    """Say how long something takes."""
    return "" if _blank(seconds) else spelling.duration(seconds)


@register.filter
def plural(value: int, words: str) -> str:
    """Write a count with its noun: {{ 3|plural:"pilot" }}, {{ 3|plural:"entry,entries" }}."""
    one, _comma, many = words.partition(",")
    return spelling.plural(value, one, many or None)


@register.filter
def said(words: Any) -> str:
    """Say a word or a phrase of the program, such as the name of a stage, in one's language."""
    return wording.said(words)


@register.filter
def called(name: str) -> str:
    """Say what a row is called: the program's own words are said, names that people gave stay."""
    return wording.called(name)


@register.filter
def inside(words: str) -> str:
    """Write a word as inside a sentence: small in English, as it stands where nouns are large."""
    return words.lower() if manners.present() is manners.ENGLISH else words


@register.filter
def bytes_size(value: int) -> str:
    """Write a size in bytes as people say it."""
    size, unit = float(value), "B"
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            break
        size /= 1000
    return f"{spelling.plain(size, 0 if unit == 'B' or size >= 100 else 1)}{spelling.NBSP}{unit}"


@register.filter
def cents(value: Any) -> str:
    """Write an amount with two decimals, for ledgers."""
    return _("unknown") if _blank(value) else spelling.plain(value, 2)


# --- components -------------------------------------------------------------------------------


@register.simple_tag
def change(
    value: Any, kind: str = "money", currency: str = "", *, up_is: str = "", places: int = 0
) -> SafeString:
    """
    Write a change with its sign, blue or orange where the direction means something.

    Args:
        value: the change in its own unit; a ratio for kind "percent".
        kind: money, percent or count.
        up_is: "good", "bad", or "" when more is neither.
    """
    if _blank(value):
        return unknown_text()
    if kind == "money":
        text = spelling.money(value, currency, plus=True)
    elif kind == "percent":
        text = spelling.percent(value, places, plus=True)
    else:
        text = spelling.plain(value, places, plus=True)
    tone = ""
    if up_is and value:
        tone = up_is if value > 0 else {"good": "bad", "bad": "good"}[up_is]
    return format_html('<span class="delta {}">{}</span>', tone, text)


@register.simple_tag
def figure(
    value: Any,
    kind: str = "money",
    currency: str = "",
    *,
    passport: str = "",
    reason: str = "",
    stale: str = "",
    places: int = 0,
    plus: bool = False,
    label: str = "",
) -> SafeString:
    """
    Write a number that opens its passport.

    Args:
        value: the number, None when unknown.
        kind: money, percent, count, number, millions, thousands or text.
        passport: the address of its passport; without one the number is plain.
        reason: why it is unknown.
        stale: why it may be out of date; it is greyed then.
        label: what the number is, for those who hear the page.
    """
    text = _figure_text(value, kind, currency, places, plus)
    title = _figure_title(value, kind, currency, reason, stale)
    css = "unknown" if _blank(value) else ""
    if stale:
        css = f"{css} stale".strip()
    if not passport:
        return format_html('<span class="{}" title="{}">{}</span>', css, title, text)
    return format_html(
        '<button type="button" class="figure {}" title="{}" aria-label="{}" data-passport '
        'aria-haspopup="dialog" aria-expanded="false" '
        'hx-get="{}" hx-target="#passport-body" hx-swap="innerHTML">{}</button>',
        css,
        title,
        f"{wording.said(label)}: {text}. {_('Show where it comes from')}"
        if label
        else f"{text}. {_('Show where it comes from')}",
        passport,
        text,
    )


def _figure_text(value: Any, kind: str, currency: str, places: int, plus: bool) -> str:
    if _blank(value):
        return _("unknown")
    if kind == "text":
        return str(value)
    if kind == "money":
        return spelling.money(value, currency, plus=plus)
    if kind == "percent":
        return spelling.percent(value, places, plus=plus)
    if kind in ("millions", "thousands"):
        size = 1_000_000 if kind == "millions" else 1_000
        places = places or (1 if kind == "millions" else 0)
        return spelling.plain(spelling.decimal_of(value) / size, places, plus=plus)
    return spelling.plain(value, places, plus=plus)


def _figure_title(value: Any, kind: str, currency: str, reason: str, stale: str) -> str:
    if _blank(value):
        return wording.said(reason) or str(NOT_KNOWN)
    exact = ""
    if kind in ("money", "millions", "thousands"):
        exact = spelling.money_exact(value, currency)
    elif kind == "percent":
        exact = spelling.percent(value, 2)
    return ". ".join(part for part in (exact, stale) if part)


@register.simple_tag
def bar(value: Any, most: Any, marker: Any = None, label: str = "") -> SafeString:
    """
    Draw a bar whose full width stands for ``most``; a marker may stand for a plan.

    It is SVG, since the page's security policy allows no style attribute.
    """
    if _blank(value) or _blank(most) or Decimal(str(most)) <= 0:
        return mark_safe("")
    width = max(0.0, min(100.0, float(value) / float(most) * 100))
    line = SafeString("")
    if not _blank(marker):
        at = max(0.0, min(100.0, float(marker) / float(most) * 100))
        line = format_html('<line class="marker" x1="{0}" x2="{0}" y1="0" y2="10"/>', f"{at:.2f}")
    return format_html(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" {}>'
        '<rect width="{}" height="10"/>{}</svg>',
        _said(label),
        f"{width:.2f}",
        line,
    )


@register.simple_tag
def split_bar(parts: Sequence[Any], label: str = "") -> SafeString:
    """
    Draw parts of one whole as a single bar.

    Args:
        parts: from the strongest to the weakest (banked, validated, measured, the rest): at most
            four amounts; unknown ones take no room.
    """
    amounts = [max(0.0, float(p)) if not _blank(p) else 0.0 for p in parts][:4]
    total = sum(amounts)
    if not total:
        return mark_safe("")
    at, boxes = 0.0, []
    for tone, amount in zip(("r3", "r2", "r1", "r0"), amounts, strict=False):
        width = amount / total * 100
        boxes.append(
            format_html(
                '<rect class="{}" x="{}" width="{}" height="10"/>',
                tone,
                f"{at:.2f}",
                f"{width:.2f}",
            )
        )
        at += width
    return format_html(
        '<svg class="split" viewBox="0 0 100 10" preserveAspectRatio="none" {}>{}</svg>',
        _said(label),
        format_html_join("", "{}", ((box,) for box in boxes)),
    )


def _said(label: str) -> SafeString:
    if label:
        return format_html('role="img" aria-label="{}"', label)
    return mark_safe('aria-hidden="true"')


@register.simple_tag
def spark(values: Sequence[Any], label: str = "", width: int = 88, height: int = 20) -> SafeString:
    """Draw a line of a table cell's size."""
    plain = [None if _blank(v) else float(v) for v in values]
    return mark_safe(sparkline.svg(plain, width=width, height=height, label=label))  # noqa: S308


@register.inclusion_tag("components/chart.html")
def chart(picture: Mapping[str, Any], key: str, url: str = "") -> dict[str, Any]:
    """
    Show a figure of ``portfolio.charts``: words, drawing and table at once; Plotly when asked.

    Args:
        picture: what a ``build`` gave.
        key: a name that is unique on the page.
        url: where to fetch the figure anew when the page is told that it changed.
    """
    meta = picture["layout"]["meta"]
    drawn = bool(picture["data"])
    ahead = drawing.html(picture, key) if drawn else ""
    return {
        "key": key,
        "url": url,
        "meta": meta,
        "drawn": drawn,
        "drawing": mark_safe(ahead),  # noqa: S308  (escaped by the drawing)
        "rows": [[_cell(v) for v in row] for row in meta["table"]["rows"]],
        "source": json_text(picture) if drawn else "",
    }


def _cell(value: Any) -> dict[str, Any]:
    if value is None:
        return {"text": "", "is_number": True}
    if isinstance(value, (int, float, Decimal)):
        size = abs(float(value))
        places = 0 if size >= 1000 else 2
        return {"text": spelling.plain(value, places), "is_number": True}
    return {"text": str(value), "is_number": False}


def json_text(picture: Mapping[str, Any]) -> SafeString:
    """Write a figure as JSON that cannot end its script element."""
    text = json.dumps(picture, allow_nan=False, separators=(",", ":"))
    for sign, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(sign, escaped)
    return mark_safe(text)  # noqa: S308  (escaped above)


@register.simple_tag(takes_context=True)
def sort_link(context: Context, column: str, words: str, first: str = "") -> SafeString:
    """
    Write a column head that sorts: the address keeps every filter and turns the order.

    Args:
        column: the value of ``sort`` in the address; a leading minus turns it.
        first: "-" when the first click should sort downwards, as for amounts.
    """
    request, words = context["request"], _(words)
    now = str(request.GET.get("sort") or context.get("default_sort", ""))
    query = request.GET.copy()
    query.pop("page", None)
    if now.lstrip("-") == column:
        query["sort"] = column if now.startswith("-") else f"-{column}"
        is_falling = now.startswith("-")
        arrow, order = ("▼", _("Sorted descending")) if is_falling else ("▲", _("Sorted ascending"))
        return format_html(
            '<a class="sort" aria-current="true" href="?{}" title="{}; {}">'
            '{}<i aria-hidden="true">{}</i></a>',
            query.urlencode(),
            order,
            _("turn the order"),
            words,
            arrow,
        )
    query["sort"] = f"{first}{column}"
    return format_html('<a class="sort" href="?{}">{}</a>', query.urlencode(), words)
