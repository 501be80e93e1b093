"""Reports that come round: made as their owner sees them, delivered once for each period."""

import datetime as dt
import re
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import fsspec
from django.conf import settings
from django.utils import timezone
from django.utils.text import slugify

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.books.models import AccountingMonth
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import add_months, last_day, month_of
from governance_app.exports.documents import DOCUMENTS, Wish, document_of
from governance_app.exports.models import ColumnSet, ExportDelivery, ExportJob, ExportSchedule
from governance_app.exports.services.documents import settle
from governance_app.exports.services.making import judge, make, request
from governance_app.exports.writers import MEDIA_TYPES, SUFFIXES
from governance_app.files import over_ssh
from governance_app.files.models import StoredFile
from governance_app.files.selectors import open_file
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend import selectors as spend
from governance_app.spend.selectors import SpendFilter

RUN = "governance_app.exports.tasks.run_schedule"
#: A schedule is asked this often whether a period waits; what was delivered is not sent again.
EVERY_SECONDS = {"day": 86_400, "week": 86_400, "month": 86_400, "close": 3_600}
#: A larger file goes by its link alone.
MOST_ATTACHED = 10_000_000
#: Stores of buckets have no folders to make, and making one makes a bucket of a misspelt name.
_BUCKETS = {"s3", "gs", "abfs", "az"}
_ADDRESS = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,]+")


class BadSchedule(Sentence):
    """A schedule that cannot deliver: an address that is none, a place nobody may write to."""


@recorded
def add_schedule(
    *,
    name: str,
    sheet: str,
    file_format: str,
    chosen: SpendFilter | Wish,
    every: str,
    target: str,
    address: str,
    by: User,
    months: int = 1,
    layout: ColumnSet | None = None,
) -> ExportSchedule:
    """
    Let a report come round.

    Args:
        sheet: a sheet, or a kind of document.
        chosen: the filter, whose months are replaced by those of each period; or what a document
            tells of, which is told of the last day of each.
        every: ``day``, ``week``, ``month``, or ``close`` (once a month is closed).
        target: ``email`` (addresses by comma) or ``store`` (a folder or an object store's URL).
        months: how many months each file holds, the newest last.

    Raises:
        BadSchedule: names what cannot be delivered.
    """
    access.require(by, "export.edit")
    name = " ".join(name.split())[:100]
    if not name or ExportSchedule.objects.filter(name__iexact=name).exists():
        raise BadSchedule("Give the schedule a name that no other has.")
    if every not in ExportSchedule.Every.values:
        raise BadSchedule(f"Every {every!r}? Choose {', '.join(ExportSchedule.Every.values)}.")
    if not 1 <= months <= 120:
        raise BadSchedule("A file holds 1 to 120 months.")
    if isinstance(chosen, Wish):
        kept = settle(document_of(sheet, file_format), chosen, by, is_lasting=True).as_json()
    else:
        judge(sheet, file_format, layout, by)
        kept = replace(chosen, since=None, until=None).as_json()
    schedule = ExportSchedule.objects.create(
        name=name,
        sheet=sheet,
        format=file_format,
        layout=layout,
        chosen=kept,
        months=months,
        every=every,
        target=target,
        address=_judged_address(target, address),
        owner=by,
    )
    _plan(schedule, by)
    return schedule


@recorded
def change_schedule(
    *,
    schedule: ExportSchedule,
    by: User,
    version: int | None = None,
    address: str | None = None,
    is_active: bool | None = None,
) -> ExportSchedule:
    """Send a schedule somewhere else, stop it, or let it go on."""
    access.require(by, "export.edit")
    schedule = ExportSchedule.objects.select_for_update().get(pk=schedule.pk)
    check_version(schedule, version)
    changes: dict[str, Any] = {}
    if address is not None:
        changes["address"] = _judged_address(schedule.target, address)
    if is_active is not None:
        changes["is_active"] = is_active
    save_changes(schedule, **changes)
    _plan(schedule, by)
    return schedule


def _plan(schedule: ExportSchedule, by: User) -> None:
    jobs.schedule(
        name=f"export:{schedule.pk}",
        title=f"Deliver {schedule.name}"[:300],
        kind=RUN,
        payload={"schedule": str(schedule.pk)},
        every_seconds=EVERY_SECONDS[schedule.every],
        is_active=schedule.is_active,
        by=by,
    )


@dataclass(frozen=True, slots=True)
class Period:
    """
    One turn of a schedule: its name, the last month a sheet holds, and the day that a document
    tells of.
    """

    name: str
    last: dt.date
    on: dt.date


@recorded
def run_schedule(
    *,
    schedule_id: uuid.UUID | str,
    by: User,
    now: dt.datetime,
    progress: Callable[[int], None] | None = None,
) -> ExportDelivery | None:
    """
    Make and deliver what is due, once for each period; give None when nothing is.

    A delivery that fails leaves nothing behind and is tried again.

    Raises:
        ControlDiffers: the totals do not tie; nothing is sent.
        BadSchedule: the place cannot be written.
    """
    schedule = ExportSchedule.objects.select_for_update().get(pk=schedule_id)
    if by.pk != schedule.owner_id:
        raise Sentence("A schedule runs for the person it belongs to.")
    period = _due(schedule, now)
    if not schedule.is_active or period is None:
        return None
    if ExportDelivery.objects.filter(schedule=schedule, period=period.name).exists():
        return None
    asked = request(
        sheet=schedule.sheet, file_format=schedule.format, chosen=_chosen(schedule, period), by=by,
        layout=schedule.layout, schedule=schedule, is_now=True,
    )  # fmt: skip
    made = make(export_id=asked.pk, by=by, now=now, progress=progress)
    assert made.file is not None
    name = f"{slugify(schedule.name)}-{period.name}.{SUFFIXES[schedule.format]}"
    if schedule.target == ExportSchedule.Target.EMAIL:
        place = _post(schedule, made, period, name, by)
    else:
        place = put(schedule.address, name, made.file)
    audit.note(
        by=by,
        action="deliver",
        subject=made,
        sentence=f"Delivered {schedule.name} for {period.name} to {place}.",
        data={"sha256": made.file.sha256, "rows": made.rows, "control": made.control},
    )
    return ExportDelivery.objects.create(
        schedule=schedule, period=period.name, export=made, place=place
    )


def _chosen(schedule: ExportSchedule, period: Period) -> SpendFilter | Wish:
    """Give what a turn holds."""
    if schedule.sheet in DOCUMENTS:
        return replace(Wish.from_json(schedule.chosen), on=period.on)
    return replace(
        SpendFilter.from_json(schedule.chosen),
        since=add_months(period.last, 1 - schedule.months),
        until=period.last,
    )


def _due(schedule: ExportSchedule, now: dt.datetime) -> Period | None:
    today = timezone.localdate(now)
    if schedule.every == ExportSchedule.Every.CLOSE:
        closed = AccountingMonth.objects.filter(state=AccountingMonth.State.CLOSED)
        last = closed.order_by("-month").values_list("month", flat=True).first()
        return Period(f"{last:%Y-%m}", last, last_day(last)) if last is not None else None
    if schedule.every == ExportSchedule.Every.MONTH:
        last = add_months(month_of(today), -1)
        return Period(f"{last:%Y-%m}", last, last_day(last))
    last = _newest_month(schedule)
    if last is None:
        return None
    if schedule.every == ExportSchedule.Every.WEEK:
        year, week, _ = now.isocalendar()
        return Period(f"{year}-W{week:02d}", last, today)
    return Period(f"{now:%Y-%m-%d}", last, today)


def _newest_month(schedule: ExportSchedule) -> dt.date | None:
    """Give the newest month of the ledger; a document needs none."""
    if schedule.sheet in DOCUMENTS:
        return month_of(timezone.localdate())
    held = spend.months_held(dated=SpendFilter.from_json(schedule.chosen).dated)
    return held[1] if held is not None else None


def _post(schedule: ExportSchedule, made: ExportJob, period: Period, name: str, by: User) -> str:
    assert made.file is not None
    to = [one.strip() for one in schedule.address.split(",")]
    is_attached = made.file.size <= MOST_ATTACHED
    jobs.put_in_outbox(
        channel="email",
        dedupe=f"export:{schedule.pk}:{period.name}",
        payload={
            "to": to,
            "template": "export-delivered",
            "context": {
                "schedule": schedule.name,
                "period": period.name,
                "title": made.title,
                "rows": made.rows,
                "is_document": made.is_document,
                "words": made.words,
                "control": made.control,
                "sha256": made.file.sha256,
                "is_attached": is_attached,
                "link": f"{settings.SITE_URL}/reports/{made.pk}/",
                "owner": str(by),
            },
            "attachments": [
                {
                    "file": str(made.file.pk), "name": name,
                    "media_type": MEDIA_TYPES[schedule.format],
                }
            ] if is_attached else [],
        },
        by=by,
    )  # fmt: skip
    return ", ".join(to)


def put(address: str, name: str, file: StoredFile) -> str:
    """Write a file to its place; a reader never sees half of it."""
    place = f"{_folder(address).rstrip('/')}/{name}"
    filesystem, path, breaks = _store(place)
    is_local = "file" in filesystem.protocol
    target = f"{path}.part" if is_local else path
    try:
        if _BUCKETS.isdisjoint(_protocols(filesystem)):
            filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        with open_file(file=file) as source, filesystem.open(target, "wb") as out:
            shutil.copyfileobj(source, out, 1 << 20)
        if is_local:
            filesystem.mv(target, path)
    except breaks as error:
        why = getattr(error, "strerror", None) or error
        raise BadSchedule(f"{place} cannot be written: {why}.") from error
    return place


def _store(place: str) -> tuple[Any, str, tuple[type[Exception], ...]]:
    """Give the filesystem of an address, the path in it, and what it raises when it breaks."""
    if place.startswith(("sftp://", "ssh://")):
        try:
            return over_ssh.opened(place)
        except (over_ssh.Untrusted, over_ssh.Unreachable) as error:
            raise BadSchedule(str(error)) from error
    return (*fsspec.core.url_to_fs(place), (OSError,))


def _protocols(filesystem: Any) -> set[str]:
    known = filesystem.protocol
    return {known} if isinstance(known, str) else set(known)


def _folder(address: str) -> str:
    """
    Give the folder an address means: below one that is allowed, or in a store that is.

    Raises:
        BadSchedule: it is neither.
    """
    scheme, mark, rest = address.partition("://")
    if mark and scheme not in ("file", "local"):
        if scheme not in settings.EXPORT_STORES:
            known = ", ".join(settings.EXPORT_STORES) or "none"
            raise BadSchedule(f"{scheme}:// is no store that exports may go to; they are {known}.")
        try:
            fsspec.get_filesystem_class(scheme)
        except (ImportError, ValueError) as error:
            raise BadSchedule(f"This installation cannot reach {scheme}:// ({error}).") from error
        return address
    wanted = Path(rest if mark else address)
    roots = [Path(root).resolve() for root in settings.EXPORT_FOLDERS]
    folder = (wanted if wanted.is_absolute() else roots[0] / wanted).resolve()
    if not any(folder == root or root in folder.parents for root in roots):
        named = ", ".join(str(root) for root in roots)
        raise BadSchedule(f"{folder} is outside the folders that exports may go to ({named}).")
    return str(folder)


def _judged_address(target: str, address: str) -> str:
    address = address.strip()
    if target == ExportSchedule.Target.EMAIL:
        wrong = [one for one in address.split(",") if not _ADDRESS.fullmatch(one.strip())]
        if wrong:
            raise BadSchedule(f"“{wrong[0].strip()}” is no e-mail address.")
    elif target == ExportSchedule.Target.STORE:
        if not address:
            raise BadSchedule("Name the folder, or the address of the store, such as s3://bucket.")
        _folder(address)
    else:
        raise BadSchedule(f"Send to {target!r}? Choose {', '.join(ExportSchedule.Target.values)}.")
    return address
