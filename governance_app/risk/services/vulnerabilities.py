"""Open vulnerabilities of what initiatives and their models are made of, as signals."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.refusing import refusals_noted
from governance_app.audit.rows import save_changes
from governance_app.domain import cyclonedx, spelling
from governance_app.domain.cyclonedx import BadBill
from governance_app.files import services as files
from governance_app.initiatives.models import Initiative
from governance_app.inventory.apart import read_bill
from governance_app.inventory.models import BillOfMaterials, ModelAsset, ModelLink
from governance_app.people import access
from governance_app.people.models import User
from governance_app.risk import scoring
from governance_app.risk.grave import limits_in_force
from governance_app.risk.models import Signal

KIND = "vuln.open"
#: What these signals are called, so that only a bill of materials clears them.
MARK = "bom:"
#: Parts that the evidence names; the rest are counted.
NAMED = 3
MEDIA_TYPE = "application/vnd.cyclonedx+json"


@dataclass(frozen=True, slots=True)
class Taken:
    """A bill of materials on record, whether it came just now, and the signals that it moved."""

    bill: BillOfMaterials
    is_new: bool
    raised: int
    cleared: int


@refusals_noted
@recorded
def take_bill(
    *,
    content: bytes,
    name: str,
    on: dt.date,
    by: User,
    initiative: Initiative | None = None,
    model: ModelAsset | None = None,
) -> Taken:
    """
    Take a CycloneDX bill of materials of an initiative or of a model, and raise what is open.

    What the newest bill no longer holds, or holds as resolved or not affected, is cleared. The
    same file again changes nothing.

    Args:
        model: the signals go to every initiative that it serves.

    Raises:
        BadBill: no bill of materials, or one made before the newest on record.
        Refused: the actor may not edit the inventory of every initiative concerned.
    """
    if (initiative is None) == (model is None):
        raise BadBill("A bill of materials is of one initiative or of one model.")
    served = _served(model) if model is not None else [initiative.pk] if initiative else []
    concerned = list(Initiative.objects.filter(pk__in=served).select_related("node").order_by("pk"))
    for each in concerned:
        access.require(by, "inventory.edit", each)
    if not concerned:
        access.require(by, "inventory.edit")
    read = read_bill(content, name=name)
    subject = {"initiative": initiative, "model": model}
    if model is not None:
        ModelAsset.objects.select_for_update(of=("self",)).get(pk=model.pk)
    list(Initiative.objects.select_for_update(of=("self",)).filter(pk__in=served).order_by("pk"))
    newest = BillOfMaterials.objects.filter(**subject).select_related("file").order_by("-pk")
    last = newest.first()
    file = files.store(content=content, name=name, media_type=MEDIA_TYPE, by=by)
    is_new = last is None or last.file_id != file.pk
    if last is not None and is_new:
        _refuse_older(read, last, name)
    bill = (
        last
        if last is not None and not is_new
        else BillOfMaterials.objects.create(
            **subject,
            file=file,
            spec_version=read.spec_version,
            serial_number=read.serial_number,
            number=read.number,
            made_at=read.made_at,
            components=read.components,
            vulnerabilities=[each.as_json() for each in read.vulnerabilities],
            taken_by=by,
        )
    )
    raised, cleared = _follow(served, on, by)
    return Taken(bill, is_new, raised, cleared)


@recorded
def follow_bills(*, initiatives: Collection[uuid.UUID], on: dt.date, by: User) -> int:
    """
    Bring the signals of open vulnerabilities in line with the newest bills, as set and linked now.

    Returns:
        How many signals were raised or cleared.
    """
    access.require(by, "risk.edit")
    return sum(_follow(list(initiatives), on, by))


def _served(model: ModelAsset) -> list[uuid.UUID]:
    """Give the initiatives that a model serves."""
    links = ModelLink.objects.filter(model=model, ended_at=None)
    return list(links.order_by("initiative_id").values_list("initiative_id", flat=True))


def _refuse_older(read: cyclonedx.Bill, last: BillOfMaterials, name: str) -> None:
    is_earlier = (
        read.made_at is not None and last.made_at is not None and (read.made_at < last.made_at)
    )
    is_lower = bool(read.serial_number) and (
        read.serial_number == last.serial_number and read.number < last.number
    )
    if is_earlier or is_lower:
        when = f" of {spelling.day(last.made_at.date())}" if last.made_at else ""
        raise BadBill(
            f"{name} was made before {last.file.name}{when}, version {last.number}, which is on "
            "record; only a newer one is taken.",
            file=name,
        )


def _follow(ids: Collection[uuid.UUID], on: dt.date, by: User) -> tuple[int, int]:
    """Raise and clear for some initiatives; give how many of each."""
    wanted = _wanted(ids, on)
    standing: dict[uuid.UUID, dict[str, Signal]] = defaultdict(dict)
    rows = Signal.objects.filter(
        initiative__in=ids, kind=KIND, ref__startswith=MARK, cleared_at=None
    )
    for signal in rows.order_by("initiative_id", "pk"):
        standing[signal.initiative_id][signal.ref] = signal
    raised = cleared = 0
    fields = scoring.signal_effects(KIND, on)
    for pk in sorted({*wanted, *standing}):
        initiative = Initiative.objects.select_for_update(of=("self",)).get(pk=pk)
        moved = False
        for ref, evidence in wanted.get(pk, {}).items():
            held = standing[pk].pop(ref, None)
            if held is not None:
                moved |= bool(save_changes(held, **fields, evidence=evidence))
                continue
            Signal.objects.create(
                initiative=initiative, kind=KIND, ref=ref, evidence=evidence,
                raised_at=timezone.now(), raised_by=by, **fields,
            )  # fmt: skip
            raised += 1
            moved = True
        for signal in standing[pk].values():
            save_changes(
                signal, cleared_at=timezone.now(), cleared_by=by,
                cleared_because="The newest bill of materials no longer holds it open.",
            )  # fmt: skip
            cleared += 1
            moved = True
        if moved:
            scoring.rescore(scoring.open_risks(initiative), on)
    return raised, cleared


def _wanted(ids: Collection[uuid.UUID], on: dt.date) -> dict[uuid.UUID, dict[str, str]]:
    """Give initiative -> name of a signal -> its evidence, from the newest bills."""
    limits = limits_in_force(on)
    bills = BillOfMaterials.objects.select_related("file", "model")
    own = bills.filter(initiative__in=ids).order_by("initiative_id", "-pk")
    found: list[tuple[uuid.UUID, BillOfMaterials]] = [
        (bill.initiative_id, bill)
        for bill in own.distinct("initiative_id")
        if bill.initiative_id is not None
    ]
    links = ModelLink.objects.filter(
        initiative__in=ids, ended_at=None, model__gone_at=None, model__bills__isnull=False
    ).distinct()
    serves: dict[uuid.UUID, list[uuid.UUID]] = defaultdict(list)
    for model, initiative in links.values_list("model_id", "initiative_id"):
        serves[model].append(initiative)
    of_models = bills.filter(model__in=list(serves)).order_by("model_id", "-pk")
    for bill in of_models.distinct("model_id"):
        assert bill.model_id is not None
        found += [(initiative, bill) for initiative in serves[bill.model_id]]
    wanted: dict[uuid.UUID, dict[str, str]] = defaultdict(dict)
    for initiative, bill in found:
        for each in map(cyclonedx.kept, bill.vulnerabilities):
            reason = cyclonedx.is_grave(each, **limits)
            if reason:
                ref = f"{MARK}{bill.model_id or ''}:{each.id}"
                wanted[initiative][ref] = _evidence(each, reason, bill)
    return wanted


def _evidence(found: cyclonedx.Vulnerability, reason: str, bill: BillOfMaterials) -> str:
    parts = ", ".join(found.parts[:NAMED]) or "no part that it names"
    more = len(found.parts) - NAMED + found.more
    others = f" and {more} more" if more > 0 else ""
    of = f" of the model {bill.model}" if bill.model else ""
    made = spelling.day((bill.made_at or bill.created_at).date())
    return f"{found.id} in {parts}{others}: {reason}. {bill.file.name}{of}, {made}."
