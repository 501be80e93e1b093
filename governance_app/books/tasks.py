"""Kinds of work of the books; each calls one service."""

from typing import Any

from governance_app.books import services
from governance_app.domain.errors import Sentence
from governance_app.files.models import StoredFile
from governance_app.jobs.errors import Permanent
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User

#: More rates than this are counted in the log, not listed.
LISTED = 200


def import_rates(
    *,
    job: JobRun,
    by: User,
    file: str,
    file_name: str,
    quotes: list[str],
    dry_run: bool = False,
    **_later: Any,
) -> dict[str, Any]:
    """Enter the rates of a file; the log lists them, and in words the months without any."""
    job.stage("Reading days")
    try:
        made = services.import_rates(
            file=StoredFile.objects.get(pk=file),
            name=file_name,
            quotes=quotes,
            dry_run=dry_run,
            by=by,
            progress=job.advance,
        )
    except Sentence as refused:
        where = f"{refused.where}: " if refused.where else ""
        raise Permanent(f"{where}{refused}") from refused
    for one in made.rates[:LISTED]:
        job.log(
            f"{one.base} to {one.quote}, {one.month:%B %Y}, {one.kind}: {one.value.normalize():f}"
        )
    if len(made.rates) > LISTED:
        job.log(f"and {len(made.rates) - LISTED:,} more.")
    for remark in made.remarks:
        job.log(remark)
    return {
        "would enter" if dry_run else "entered": len(made.rates),
        "stand already": made.unchanged,
        "remarks": len(made.remarks),
    }
