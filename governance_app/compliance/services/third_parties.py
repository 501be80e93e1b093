"""The register of what outside companies do."""

from typing import Any

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.compliance.models import Arrangement
from governance_app.domain.errors import Sentence
from governance_app.initiatives.models import Initiative
from governance_app.inventory.models import Vendor
from governance_app.people import access
from governance_app.people.models import User

FIELDS = frozenset(
    {
        "service", "service_type", "supported_function", "is_critical", "lei", "starts_on",
        "ends_on", "notice_days", "governing_law", "service_countries", "data_countries",
        "has_subcontractors", "substitutability", "exit_plan_on", "audited_on", "annual_cost",
        "currency",
    }
)  # fmt: skip


class BadArrangement(Sentence):
    """An arrangement that does not make sense; says what to mend."""


@recorded
def add_arrangement(
    *, initiative: Initiative, vendor: str, reference: str, by: User, **fields: Any
) -> Arrangement:
    """
    Put a contract with a supplier into the register.

    Args:
        vendor: its name; one the inventory does not know yet is added there.

    Raises:
        BadArrangement: no vendor or reference, the same contract again, or a field without sense.
    """
    access.require(by, "compliance.edit", initiative)
    if not reference.strip() or not vendor.strip():
        raise BadArrangement("A contract needs its number and the supplier's name.")
    known = Vendor.objects.filter(name__iexact=vendor.strip()).first()
    supplier = known or Vendor.objects.create(name=vendor.strip()[:200])
    same = Arrangement.objects.filter(
        initiative=initiative, vendor=supplier, reference=reference.strip(), ended_at=None
    )
    if same.exists():
        raise BadArrangement(f"{reference} with {supplier} stands in the register already.")
    kept = _checked(fields)
    return Arrangement.objects.create(
        initiative=initiative, vendor=supplier, reference=reference.strip()[:100], **kept
    )


@recorded
def change_arrangement(
    *, arrangement: Arrangement, by: User, version: int | None = None, **fields: Any
) -> Arrangement:
    """
    Change what the register says of a contract.

    Raises:
        BadArrangement: a field that makes no sense, or it has ended.
        StaleWrite: somebody changed it since ``version`` was read.
    """
    access.require(by, "compliance.edit", arrangement)
    row = Arrangement.objects.select_for_update(of=("self",)).get(pk=arrangement.pk)
    check_version(row, version)
    if row.ended_at is not None:
        raise BadArrangement(f"{row} has ended.")
    before = {name: getattr(row, name) for name in FIELDS}
    save_changes(row, **_checked({**before, **fields}))
    return row


@recorded
def end_arrangement(*, arrangement: Arrangement, by: User) -> Arrangement:
    """Take a contract that is over out of the register; its row stays."""
    access.require(by, "compliance.edit", arrangement)
    row = Arrangement.objects.select_for_update(of=("self",)).get(pk=arrangement.pk)
    if row.ended_at is None:
        save_changes(row, ended_at=timezone.now())
    return row


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(fields) - FIELDS):
        raise BadArrangement(f"The register has no column {', '.join(unknown)}.")
    starts, ends = fields.get("starts_on"), fields.get("ends_on")
    if starts and ends and ends < starts:
        raise BadArrangement(f"It ends on {ends}, before it starts on {starts}.")
    lei = fields.get("lei", "")
    if lei and (len(lei) != 20 or not lei.isalnum()):
        raise BadArrangement(f"“{lei}” is no LEI: it has twenty letters and digits.")
    kind = fields.get("service_type", "")
    if kind and not (kind[:1] == "S" and kind[1:].isdigit() and 1 <= int(kind[1:]) <= 19):
        raise BadArrangement(f"“{kind}” is no type of ICT service: they are S01 to S19.")
    for name in ("service_countries", "data_countries"):
        fields[name] = sorted({code.strip().upper() for code in fields.get(name) or [] if code})
        if wrong := [code for code in fields[name] if len(code) != 2 or not code.isalpha()]:
            raise BadArrangement(f"“{wrong[0]}” is no country code such as DE.")
    law = fields.get("governing_law", "")
    if law and (len(law) != 2 or not law.isalpha()):
        raise BadArrangement(f"“{law}” is no country code such as DE.")
    if fields.get("substitutability", "") not in ("", *Arrangement.Substitutability.values):
        known = ", ".join(Arrangement.Substitutability.values)
        raise BadArrangement(f"Substitutability is one of {known}.")
    cost, currency = fields.get("annual_cost"), fields.get("currency", "")
    if (cost is None) != (not currency) or (cost is not None and cost < 0):
        raise BadArrangement("The yearly expense stands with its currency and is not negative.")
    return fields
