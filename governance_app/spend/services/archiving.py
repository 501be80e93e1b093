"""The lines of a delivery into the file store, as sorted Parquet."""

import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.utils.text import slugify

from governance_app.audit.acting import recorded
from governance_app.files import selectors as files
from governance_app.files import services as store
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend.focus import Limits, Part, Reading, open_bill
from governance_app.spend.focus.archive import write_archives
from governance_app.spend.ledger import in_part
from governance_app.spend.models import Delivery, Load, LoadArchive


class ArchiveDiffers(RuntimeError):
    """The lines written are not as many as the load counted: the archive is not kept."""


@recorded
def archive(
    *,
    delivery_id: uuid.UUID | str,
    by: User,
    progress: Callable[[int], None] | None = None,
) -> list[LoadArchive]:
    """
    Write the lines of each load of a delivery to an archive; loads that have one are left alone.

    Raises:
        ArchiveDiffers: a load counted another number of lines; nothing is kept then.
    """
    delivery = Delivery.objects.select_related("source").get(pk=delivery_id)
    access.require(by, "spend.import", delivery)
    loads = {
        (load.scope, load.period): load
        for load in delivery.loads.filter(archive=None, kind=Load.Kind.BILL).exclude(rows=0)
    }
    if not loads:
        return []
    source = delivery.source
    parts = [
        Part(files.local_path(file=one.file), one.name)
        for one in delivery.files.select_related("file").order_by("position")
    ]
    bill = open_bill(
        parts,
        reading=Reading(
            on=delivery.created_at.date(),
            is_day_first=source.is_day_first,
            host_is_provider=source.host_is_provider,
        ),
        limits=Limits(decoded_bytes=settings.DECODED_BYTES),
    )
    made = []
    with tempfile.TemporaryDirectory(prefix="portfolio-archive-") as folder:
        written = write_archives(
            bill,
            Path(folder),
            place=lambda account: in_part(delivery.scope or account, delivery.part),
            wanted=list(loads),
            progress=progress,
        )
        for place, load in loads.items():
            rows = written[place].rows if place in written else 0
            if rows != load.rows:
                raise ArchiveDiffers(f"{load} counted {load.rows} lines, {rows} were archived.")
            made.append(_keep(load, written[place].path, by))
    return made


def _keep(load: Load, path: Path, by: User) -> LoadArchive:
    name = f"{slugify(load.source.name)}-{slugify(load.scope)}-{load.period:%Y-%m}-v{load.number}"
    kept = store.store(
        content=path, name=f"{name}.parquet", by=by, media_type="application/vnd.apache.parquet"
    )
    return LoadArchive.objects.create(load=load, file=kept, rows=load.rows)
