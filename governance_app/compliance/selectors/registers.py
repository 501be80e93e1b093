"""Inventories and registers as regulators want them: rows by the columns of a library's file."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max

from governance_app.compliance.models import (
    AppliedControl,
    Arrangement,
    Assessment,
    Classification,
    Library,
    ModelValidation,
    TierNow,
)
from governance_app.compliance.reading import THIRD_PARTIES, content_of
from governance_app.compliance.selectors.records import arrangements
from governance_app.domain.frameworks import InventoryColumn
from governance_app.domain.frameworks import Library as Content
from governance_app.initiatives import choices
from governance_app.initiatives.models import Initiative, StageMove
from governance_app.people import selectors as people
from governance_app.people.access import sees_money
from governance_app.people.models import User

Cell = str | int | dt.date | None

#: Initiatives read at a time.
BATCH = 500
PERSONAL = {"personal", "sensitive", "health", "biometric"}
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a regulator's inventory: an initiative and its cells, in order of columns."""

    initiative: Initiative
    tier: str
    is_confirmed: bool
    cells: tuple[Cell, ...]


def inventory_columns(*, viewer: User, scheme: str) -> tuple[InventoryColumn, ...]:
    """Give the columns of the inventory that a scheme asks for."""
    row = Library.objects.visible_to(viewer).filter(key=scheme, is_current=True).first()
    return content_of(row).columns if row is not None else ()


def inventory(
    *, viewer: User, scheme: str, tier: str = "", limit: int | None = None
) -> Iterator[Entry]:
    """
    Give the regulatory inventory of a scheme: every initiative that is not a mere container.

    Retired ones stay in it. What nobody filled in is an empty cell; an unknown tier says so.
    """
    library = Library.objects.visible_to(viewer).filter(key=scheme, is_current=True).first()
    if library is None:
        return
    content = content_of(library)
    rows = Initiative.objects.visible_to(viewer).filter(kind="initiative")
    if tier == UNKNOWN:
        known = TierNow.objects.filter(scheme=scheme).exclude(tier=UNKNOWN)
        rows = rows.exclude(pk__in=known.values("initiative"))
    elif tier:
        held = TierNow.objects.filter(scheme=scheme, tier=tier)
        rows = rows.filter(pk__in=held.values("initiative"))
    found = list(rows.order_by("number").values_list("pk", flat=True)[:limit])
    for start in range(0, len(found), BATCH):
        yield from _entries(found[start : start + BATCH], content, scheme)


def tier_counts(*, viewer: User, scheme: str) -> dict[str, int]:
    """Count initiatives by the tier that counts; what nobody classified is unknown."""
    every = Initiative.objects.visible_to(viewer).filter(kind="initiative")
    total = every.count()
    held = TierNow.objects.visible_to(viewer).filter(scheme=scheme, initiative__kind="initiative")
    tiers = held.order_by().values_list("tier").annotate(count=Count("pk"))
    counts = {UNKNOWN: 0, **dict(tiers)}
    counts[UNKNOWN] += total - sum(counts.values())
    return counts


def third_party_register(
    *, viewer: User
) -> tuple[tuple[InventoryColumn, ...], Iterator[tuple[Cell, ...]]]:
    """Give the register of third-party arrangements: columns, then rows in that order."""
    library = Library.objects.visible_to(viewer).filter(key=THIRD_PARTIES, is_current=True).first()
    columns = content_of(library).columns if library is not None else ()

    def rows() -> Iterator[tuple[Cell, ...]]:
        for row in arrangements(viewer=viewer).iterator(chunk_size=BATCH):
            may_see = sees_money(viewer, row.initiative.node)
            yield tuple(
                _ARRANGED[column.source](row) if may_see or column.source not in _MONEY else ""
                for column in columns
            )

    return columns, rows()


class _Reader:
    """What is known of a batch of initiatives, read in a fixed number of queries."""

    def __init__(self, ids: Sequence[Any], content: Content, scheme: str) -> None:
        self.content, self.scheme = content, scheme
        organisation = people.organisation()
        self.organisation = organisation.name if organisation else ""
        self.rows = {
            row.pk: row
            for row in Initiative.objects.filter(pk__in=ids).select_related("stage", "unit")
            .prefetch_related("business_owner", "technical_owner")
        }  # fmt: skip
        held = TierNow.objects.filter(initiative__in=ids, scheme=scheme)
        self.tiers = {
            row.initiative_id: row
            for row in held.select_related("confirmed__review__reviewer", "proposed")
        }
        approved = Assessment.objects.filter(initiative__in=ids, state="approved")
        self.assessed: dict[Any, dict[str, Assessment]] = defaultdict(dict)
        for assessment in approved.order_by("number"):
            self.assessed[assessment.initiative_id][assessment.subject] = assessment
        self.controls: dict[Any, dict[str, str]] = defaultdict(dict)
        for control in AppliedControl.objects.filter(initiative__in=ids):
            said = control.get_state_display()
            self.controls[control.initiative_id][control.ref] = said
        newest = ModelValidation.objects.filter(initiative__in=ids).order_by("validated_on")
        self.validated = {row.initiative_id: row for row in newest}
        live = StageMove.objects.filter(initiative__in=ids, to_stage__slug="production")
        self.live = dict(live.order_by().values_list("initiative_id").annotate(on=Max("on")))
        self.tier_names = {tier.slug: tier.name for tier in content.tree.tiers}
        self.labels = {
            question.key: {choice.value: choice.label for choice in question.choices}
            for question in content.tree.questions
        }

    def judged(self, pk: Any) -> Classification | None:
        row = self.tiers.get(pk)
        return (row.confirmed or row.proposed) if row else None

    def cell(self, pk: Any, source: str) -> Cell:
        """Fill one column of one initiative."""
        kind, _, name = source.partition(":")
        if name:
            return {"answer": self._answer, "assessment": self._assessed, "control": self._control}[
                kind
            ](pk, name)
        plain = _PLAIN.get(source)
        if plain is not None:
            return plain(self.rows[pk])
        return {
            "organisation": lambda: self.organisation,
            "provider": lambda: self._if_role(pk, "provider"),
            "deployer": lambda: self._if_role(pk, "deployer"),
            "roles": lambda: ", ".join(self.tiers[pk].roles) if pk in self.tiers else "",
            "tier": lambda: self._tier(pk),
            "derogation_grounds": lambda: self._note(pk, "H5"),
            "classified_on": lambda: row.on if (row := self.judged(pk)) else None,
            "confirmed_by": lambda: self._confirmed_by(pk),
            "duties": lambda: self._duties(pk),
            "first_duty_on": lambda: self._first_duty(pk),
            "validation": lambda: self._validation(pk),
            "live_on": lambda: self.live.get(pk),
            "checked_on": lambda: row.on if (row := self.judged(pk)) else None,
        }[source]()

    def _tier(self, pk: Any) -> str:
        row = self.tiers.get(pk)
        slug = row.tier if row else UNKNOWN
        return self.tier_names.get(slug, "Unknown")

    def _if_role(self, pk: Any, role: str) -> str:
        row = self.tiers.get(pk)
        if row is not None and role in row.roles:
            return self.organisation
        return self.rows[pk].vendor if role == "provider" else ""

    def _answer(self, pk: Any, key: str) -> str:
        row = self.judged(pk)
        said = row.answers.get(key) if row else None
        values = [said] if isinstance(said, str) else list(said or [])
        labels = self.labels.get(key, {})
        return "; ".join(labels.get(value, value) for value in values)

    def _note(self, pk: Any, key: str) -> str:
        row = self.judged(pk)
        return str(row.notes.get(key, "")) if row else ""

    def _assessed(self, pk: Any, subject: str) -> str:
        row = self.assessed[pk].get(subject)
        return f"Yes, approved {row.decided_on:%Y-%m-%d}" if row and row.decided_on else "No"

    def _control(self, pk: Any, ref: str) -> str:
        return self.controls[pk].get(ref, "Unknown")

    def _confirmed_by(self, pk: Any) -> str:
        row = self.tiers.get(pk)
        return row.confirmed.review.reviewer.name if row and row.confirmed else ""

    def _duties(self, pk: Any) -> str:
        row = self.judged(pk)
        found = [duty["article"] for duty in row.duties if duty["is_certain"]] if row else []
        return "; ".join(dict.fromkeys(found))

    def _first_duty(self, pk: Any) -> dt.date | None:
        row = self.judged(pk)
        days = [
            duty["applies_from"]
            for duty in (row.duties if row else ())
            if duty["is_certain"] and duty["applies_from"]
        ]
        return dt.date.fromisoformat(min(days)) if days else None

    def _validation(self, pk: Any) -> str:
        row = self.validated.get(pk)
        return f"{row.get_outcome_display()}, {row.validated_on:%Y-%m-%d}" if row else "No"


def _entries(ids: Sequence[Any], content: Content, scheme: str) -> Iterator[Entry]:
    reader = _Reader(ids, content, scheme)
    for pk in ids:
        row = reader.tiers.get(pk)
        yield Entry(
            initiative=reader.rows[pk],
            tier=row.tier if row else UNKNOWN,
            is_confirmed=bool(row and row.confirmed and row.confirmed.tier == row.tier),
            cells=tuple(reader.cell(pk, column.source) for column in content.columns),
        )


def _words(known: dict[str, str], values: Sequence[str] | None) -> str:
    return "; ".join(known.get(value, value) for value in values or ())


def _name(person: User | None) -> str:
    return person.name if person else ""


def _personal(row: Initiative) -> str:
    if row.data_classes is None:
        return "Unknown"
    return "Yes" if PERSONAL & set(row.data_classes) else "No"


_PLAIN: dict[str, Callable[[Initiative], Cell]] = {
    "key": lambda row: row.key,
    "name": lambda row: row.name,
    "purpose": lambda row: row.purpose,
    "unit": lambda row: row.unit.name,
    "owner": lambda row: _name(row.business_owner),
    "owner_email": lambda row: row.business_owner.email if row.business_owner else "",
    "technical_owner": lambda row: _name(row.technical_owner),
    "stage": lambda row: row.stage.name if row.stage else "Unknown",
    "started_on": lambda row: row.started_on,
    "ended_on": lambda row: row.ended_on,
    "ai_type": lambda row: choices.AI_TYPES.get(row.ai_type, "Unknown"),
    "modality": lambda row: choices.MODALITIES.get(row.modality, "Unknown"),
    "autonomy": lambda row: choices.AUTONOMIES.get(row.autonomy, "Unknown"),
    "sourcing": lambda row: choices.SOURCINGS.get(row.sourcing, "Unknown"),
    "vendor": lambda row: row.vendor,
    "data_classes": lambda row: _words(choices.DATA_CLASSES, row.data_classes),
    "personal_data": _personal,
}
_MONEY = ("annual_cost", "currency")
_YES_NO: dict[bool | None, str] = {True: "Yes", False: "No", None: "Unknown"}
_ARRANGED: dict[str, Callable[[Arrangement], Cell]] = {
    "reference": lambda row: row.reference,
    "vendor": lambda row: row.vendor.name,
    "lei": lambda row: row.lei,
    "vendor_country": lambda row: row.vendor.country,
    "service_type": lambda row: row.service_type,
    "service": lambda row: row.service,
    "supported_function": lambda row: row.supported_function,
    "is_critical": lambda row: _YES_NO[row.is_critical],
    "starts_on": lambda row: row.starts_on,
    "ends_on": lambda row: row.ends_on,
    "notice_days": lambda row: row.notice_days,
    "governing_law": lambda row: row.governing_law,
    "service_countries": lambda row: " ".join(row.service_countries),
    "data_countries": lambda row: " ".join(row.data_countries),
    "has_subcontractors": lambda row: _YES_NO[row.has_subcontractors],
    "substitutability": lambda row: row.get_substitutability_display(),
    "exit_plan_on": lambda row: row.exit_plan_on,
    "audited_on": lambda row: row.audited_on,
    "annual_cost": lambda row: f"{row.annual_cost.normalize():f}" if row.annual_cost else "",
    "currency": lambda row: row.currency,
    "initiative": lambda row: row.initiative.key,
    "unit": lambda row: row.initiative.unit.name,
    "owner": lambda row: _name(row.initiative.business_owner),
}
