"""Reading a kept bill again."""

from collections.abc import Callable
from datetime import datetime

from governance_app.audit.acting import recorded
from governance_app.domain.errors import Sentence
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend.models import Delivery, Source
from governance_app.spend.services.importing import Imported, Manifest, import_file


@recorded
def replay(
    *,
    delivery: Delivery,
    by: User,
    now: datetime,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """
    Load the kept files of a bill again, read as its source reads files today.

    It becomes the newest version of its scopes and months, so an earlier bill counts again when
    it is replayed. Nothing is fetched: what the source offers meanwhile plays no part.

    Raises:
        BillRefused: as the source reads files today, lines cannot be counted.
        Sentence: the bill has no file any more.
    """
    access.require(by, "spend.import", delivery)
    kept = list(delivery.files.select_related("file").order_by("position"))
    if not kept:
        raise Sentence(f"The bill of {delivery} has no kept file to read again.")
    source = delivery.source
    whole_export = source.scope_by == Source.ScopeBy.EXPORT and delivery.scope == source.name
    periods = set(delivery.loads.values_list("period", flat=True))
    return import_file(
        source=source,
        files=[one.file for one in kept],
        names=[one.name for one in kept],
        by=by,
        now=now,
        manifest=Manifest(
            identity=f"{delivery.identity.split(' read again ')[0]} read again {now.isoformat()}",
            made_at=now,
            scope="" if whole_export else delivery.scope,
            period=periods.pop() if delivery.scope and len(periods) == 1 else None,
            part=delivery.part,
        ),
        dry_run=dry_run,
        progress=progress,
    )
