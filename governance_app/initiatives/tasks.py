"""Work of the register that runs as jobs."""

from typing import Any

from governance_app.initiatives.models import InventoryImport
from governance_app.initiatives.services import imports
from governance_app.jobs.progress import JobRun
from governance_app.people.models import User


def apply_import(
    *, job: JobRun, by: User, inventory_id: str, currency: str = "", **_later: Any
) -> dict[str, Any]:
    """Apply an uploaded inventory; a second run finds it applied and changes nothing."""
    inventory = InventoryImport.objects.select_related("under", "file").get(pk=inventory_id)
    report = imports.apply(inventory=inventory, by=by, currency=currency, progress=job)
    return report.figures()
