"""One KPI: where it stands, whether it worked, and what it says, to be edited."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from governance_app.domain.errors import Sentence
from governance_app.domain.phrases import phrase
from governance_app.people import access
from governance_app.value import choices, reading_file, services
from governance_app.value import selectors as value
from portfolio.charts import kpi_run, proof_of_effect, spelling
from portfolio.charts.wording import worded
from portfolio.web import fields
from portfolio.web.access import viewer_of
from portfolio.web.fields import Attempt
from portfolio.web.value import kpis

#: Field -> label, kind of input, help.
FIELDS: dict[str, tuple[str, str, str]] = {
    "name": (phrase("Name"), "text", ""),
    "unit": (phrase("Unit"), "text", ""),
    "direction": (phrase("Direction"), "select", ""),
    "value_type": (phrase("Type of value"), "select", ""),
    "population": (phrase("Whom it touches"), "text", ""),
    "baseline": (phrase("Baseline"), "text", ""),
    "baseline_month": (phrase("Month of the baseline"), "month", ""),
    "baseline_trend": (
        phrase("Its change per month"),
        "text",
        phrase("For a baseline that carries on its trend."),
    ),
    "baseline_evidence": (phrase("How the baseline is known"), "text", ""),
    "counterfactual": (phrase("Without the initiative"), "select", ""),
    "target": (phrase("Target"), "text", ""),
    "target_on": (phrase("Day of the target"), "date", ""),
    "target_band": (
        phrase("Band around the path"),
        "text",
        phrase("Readings within it are on track."),
    ),
    "unit_value": (phrase("Worth of one unit of change, per month"), "text", ""),
    "currency": (phrase("Currency"), "text", ""),
    "attribution": (phrase("Share due to it, %"), "text", ""),
    "formula": (phrase("Formula over other KPIs"), "text", phrase("Such as kept / outputs * 100.")),
}
OPTIONS: dict[str, Mapping[str, str]] = {
    "direction": choices.DIRECTIONS,
    "value_type": {"": phrase("Not said"), **choices.VALUE_TYPES},
    "counterfactual": choices.COUNTERFACTUALS,
}
_NUMBERS = ("baseline", "baseline_trend", "target", "target_band", "unit_value")
_MONEY = ("unit_value", "currency")


def context(
    request: HttpRequest, row: Any, kpi: Any, today: Any, attempt: Attempt
) -> dict[str, Any]:
    """Give the page; a refused edit comes back with what was typed and what stands now."""
    viewer = viewer_of(request)
    standings = value.kpi_standings(viewer=viewer, on=today, initiatives=[row.pk])[row.pk]
    standing = next(each for each in standings if each.kpi.pk == kpi.pk)
    frame = value.kpi_frame(initiative=row, viewer=viewer)
    sees_money = bool(access.sees_money(viewer, row.node))
    item = kpis.item(standing, frame[frame["kpi"] == kpi.name], today, sees_money, Attempt())
    proof = value.proof_of(kpi=kpi, viewer=viewer)
    now = written(kpi)
    tried = attempt.of("kpi-edit")
    typed: Mapping[str, Any] = tried["typed"]
    shown = [name for name in FIELDS if sees_money or name not in _MONEY]
    is_stale = bool(typed) and typed.get("version") != str(kpi.version)
    return {
        "row": row,
        "kpi": kpi,
        "item": item,
        "formula_key": value.key_of(kpi.name),
        "gain_words": _gain(standing),
        "band_words": _band(kpi),
        "proof": proof,
        "picture": _picture(kpi, proof),
        "proof_key": f"proof-{kpi.pk.hex}",
        "may_edit": access.can(viewer, "value.edit", row),
        "may_record": access.can(viewer, "reading.push", row),
        "sheet": attempt.of("kpi-sheet"),
        "version": kpi.version,
        "error": tried["error"],
        "differing": _differing(shown, typed, now) if is_stale else [],
        "form_fields": [
            {
                "name": name,
                "label": FIELDS[name][0],
                "kind": FIELDS[name][1],
                "help": FIELDS[name][2],
                "options": OPTIONS.get(name),
                "value": typed.get(name, now[name]),
            }
            for name in shown
        ],
    }


def _differing(
    shown: list[str], typed: Mapping[str, Any], now: Mapping[str, str]
) -> list[dict[str, str]]:
    return [
        {"label": FIELDS[name][0], "typed": typed[name], "now": now[name]}
        for name in shown
        if name in typed and typed[name] != now[name]
    ]


def written(kpi: Any) -> dict[str, str]:
    """Write every field of a KPI as its form holds it."""
    found = {name: _plain(getattr(kpi, name)) for name in FIELDS}
    found["baseline_month"] = f"{kpi.baseline_month:%Y-%m}" if kpi.baseline_month else ""
    found["target_on"] = f"{kpi.target_on:%Y-%m-%d}" if kpi.target_on else ""
    found["attribution"] = _plain(kpi.attribution * 100)
    return found


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def edit(request: HttpRequest, kpi: Any) -> str:
    """Save the form; give the sentence to show in passing."""
    asked = request.POST
    readers: dict[str, Callable[[str, str], Any]] = {
        **dict.fromkeys(_NUMBERS, fields.number),
        "baseline_month": fields.month,
        "target_on": fields.day,
        "attribution": fields.share,
    }
    changes = {
        name: readers[name](asked[name], label) if name in readers else asked[name].strip()
        for name, (label, _, _) in FIELDS.items()
        if name in asked
    }
    if changes.get("attribution", 1) is None:
        changes["attribution"] = Decimal(1)
    if "currency" in changes:
        changes["currency"] = changes["currency"].upper()[:3]
    saved = services.edit_kpi(
        kpi=kpi, by=viewer_of(request), version=fields.version(asked), **changes
    )
    return worded("{saved}: saved.", saved=saved)


def record_sheet(request: HttpRequest, kpi: Any, today: dt.date) -> str:
    """Take readings from a sheet, all or none; give the sentence to show in passing."""
    upload = request.FILES.get("file")
    if upload is not None:
        if (upload.size or 0) > reading_file.LIMITS.file_bytes:
            raise Sentence(f"{upload.name} is larger than 4 MB; readings of one KPI are not.")
        content, name = upload.read(), upload.name or "the file"
    else:
        content, name = request.POST.get("rows", "").strip().encode(), "The pasted readings"
        if not content:
            raise Sentence("Paste days and values, or choose a CSV or Excel file.")
    found = reading_file.read_readings(content, name=name, today=today)
    if found.problems:
        first = found.problems[0]
        rest = len(found.problems) - 1
        more = (
            " " + worded("{rest} more cannot be read.", rest=spelling.plural(rest, "row"))
            if rest
            else ""
        )
        raise Sentence(
            f"Nothing was recorded. Row {first.row}, {first.column or 'layout'}: "
            f"“{first.value[:40]}”. {first.sentence}{more}"
        )
    if not found.readings:
        raise Sentence("The sheet holds no reading.")
    outcome = services.record_kpi_readings(
        kpi=kpi, points=found.readings, source_ref=name[:200], by=viewer_of(request)
    )
    return worded(
        "{kpi}: {new} new, {changed} corrected, {unchanged} as they stood.",
        kpi=kpi,
        new=outcome.new,
        changed=outcome.changed,
        unchanged=outcome.unchanged,
    )


def _gain(standing: value.KpiStanding) -> str:
    """Say the gain beside what the field aims at: METHOD section 9."""
    if standing.gain_ratio.value is None:
        return standing.gain_ratio.reason
    gain = spelling.percent(standing.gain_ratio.value, plus=True)
    aim = spelling.percent(value.EFFICIENCY_AIM)
    side = (
        worded("at or above")
        if standing.gain_ratio.value >= value.EFFICIENCY_AIM
        else worded("below")
    )
    return worded(
        "{gain}, {side} the {aim} within two years that the field aims at",
        gain=gain,
        side=side,
        aim=aim,
    )


def _band(kpi: Any) -> str:
    if kpi.target_band is None:
        return ""
    return worded(
        "{band} around the path to the target",
        band=kpi_run.amount(float(kpi.target_band), kpi.unit),
    )


def _picture(kpi: Any, proof: value.Proof) -> Any:
    found = proof.effect.value
    if found is None or proof.change_on is None:
        return None
    return proof_of_effect.build(
        name=kpi.name,
        unit=kpi.unit,
        days=proof.days,
        readings=proof.values,
        expected=found.expected,
        low=found.low,
        high=found.high,
        change_on=proof.change_on,
        words=proof.words.rstrip("."),
    )
