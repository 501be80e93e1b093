"""A bill into the ledger: read, judged, compared, and put in place of what it restates."""

import hashlib
import tempfile
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Max

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.domain.money import EXACT
from governance_app.files import selectors as stored
from governance_app.files import services as store
from governance_app.files.models import StoredFile
from governance_app.jobs import services as jobs
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend import shares
from governance_app.spend.closed import is_frozen
from governance_app.spend.focus import Bill, Limits, Part, Reading, Report, open_bill
from governance_app.spend.focus.judge import REFUSED_KEPT, first_refusal
from governance_app.spend.ledger import Staging, Totals
from governance_app.spend.models import (
    AllocationRun,
    CurrentLoad,
    Delivery,
    DeliveryFile,
    Invoice,
    Load,
    LoadTotal,
    Source,
)
from governance_app.spend.services.close.adjusting import take_parked

ARCHIVE = "governance_app.spend.tasks.archive"

#: How much of a digest names one of many deliveries that add up.
PART_LETTERS = 16

Key = tuple[str, date]


class BillRefused(Sentence):
    """A bill was judged and not applied; ``report`` says what is wrong, line by line."""

    def __init__(self, sentence: str, *, report: Report) -> None:
        first = report.first_refused
        super().__init__(
            sentence,
            file=report.file,
            row=first.row if first else None,
            column=first.column if first else "",
            value=first.value if first else "",
        )
        self.report = report


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    What a source says about its delivery.

    ``identity``: equal identities are the same delivery. ``made_at`` orders deliveries. A
    ``scope`` makes the delivery one snapshot: of its ``period``, or, without one, of every
    month that this scope brought before. ``rows`` and ``billed`` (currency -> amount) are
    control totals the source vouches for. ``part``: names the delivery among those that add up.
    """

    identity: str
    made_at: datetime
    scope: str = ""
    period: date | None = None
    rows: int | None = None
    billed: Mapping[str, Decimal] = field(default_factory=dict)
    part: str = ""


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What became of one scope and month: current, unchanged, superseded or parked."""

    scope: str
    period: date
    outcome: str
    number: int
    rows: int
    load_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Imported:
    """
    What an import did. Amounts are per currency; allocated and unallocated are of billed cost
    and of these lines only.
    """

    report: Report
    loads: tuple[LoadOutcome, ...]
    billed: Mapping[str, Decimal]
    effective: Mapping[str, Decimal]
    allocated: Mapping[str, Decimal]
    unallocated: Mapping[str, Decimal]
    delivery_id: uuid.UUID | None = None

    def as_json(self) -> dict[str, Any]:
        """Give the answer of the command and the API."""
        return {
            "rows": self.report.rows,
            "refused": self.report.refused_rows,
            "billed": _texts(self.billed),
            "effective": _texts(self.effective),
            "allocated": _texts(self.allocated),
            "unallocated": _texts(self.unallocated),
        }


@recorded
def import_file(
    *,
    source: Source,
    files: Sequence[StoredFile],
    by: User,
    now: datetime,
    names: Sequence[str] = (),
    manifest: Manifest | None = None,
    dry_run: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """
    Load a bill, whole or not at all; the same bill again changes nothing.

    A source that overwrites has each scope and month replaced by what the bill says of them; one
    that appends has it added.

    Args:
        source: whose bill it is and how its files are read.
        files: the kept bytes; together they are one delivery.
        now: the moment of receipt, which orders deliveries that have no manifest.
        names: what the sender called the files, when other than what they were kept as.
        manifest: what the source says about the delivery.
        dry_run: do everything and undo it: the answer says what would be.
        progress: hears how many lines have been read.

    Raises:
        BillRefused: lines cannot be counted and the source is strict; or the control totals of
            the manifest are not those of the lines.
        Sentence: a file is no FOCUS bill.
    """
    access.require(by, "spend.import", source)
    called = list(names) or [file.name for file in files]
    parts = [Part(_local(file), name) for file, name in zip(files, called, strict=True)]
    bill = open_bill(
        parts,
        reading=Reading(
            on=now.date(),
            is_day_first=source.is_day_first,
            host_is_provider=source.host_is_provider,
        ),
        limits=Limits(decoded_bytes=settings.DECODED_BYTES),
    )
    manifest = manifest or Manifest(identity=_identity(files), made_at=now)
    # A file that is a scope of its own adds up as it is.
    is_own_scope = bool(manifest.scope) and manifest.period is None
    if source.delivery == Source.Delivery.APPEND and not (manifest.part or is_own_scope):
        digest = hashlib.sha256(manifest.identity.encode()).hexdigest()
        manifest = replace(manifest, part=digest[:PART_LETTERS])
    with (
        tempfile.TemporaryDirectory(prefix="portfolio-bill-") as folder,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        staging = _staging(source, manifest, cursor, Path(folder))
        imported = _Import(source, manifest, by, now, staging).run(bill, files, called, progress)
        if dry_run:
            transaction.set_rollback(True)
    return imported


def _local(file: StoredFile) -> Any:
    return stored.local_path(file=file)


def _identity(files: Sequence[StoredFile]) -> str:
    if len(files) == 1:
        return f"sha256:{files[0].sha256}"
    joined = "".join(sorted(file.sha256 for file in files))
    return f"sha256:{hashlib.sha256(joined.encode()).hexdigest()}"


def _staging(source: Source, manifest: Manifest, cursor: CursorWrapper, folder: Path) -> Staging:
    scope = manifest.scope
    if not scope and source.scope_by == Source.ScopeBy.EXPORT:
        scope = source.name
    return Staging(cursor, folder, scope, manifest.part)


class _Import:
    """One delivery being applied; every method runs in the caller's transaction."""

    def __init__(
        self, source: Source, manifest: Manifest, by: User, now: datetime, staging: Staging
    ) -> None:
        self.source, self.manifest, self.by, self.now = source, manifest, by, now
        self.staging, self.cursor = staging, staging.cursor
        #: The scope whose earlier months this delivery speaks about even where it has no line.
        self.snapshot = "" if manifest.part else manifest.scope

    def run(
        self,
        bill: Bill,
        received: Sequence[StoredFile],
        names: Sequence[str],
        progress: Callable[[int], None] | None,
    ) -> Imported:
        """Stage, judge, decide, replace, share, balance."""
        self.staging.open()
        for partial in bill.partials(progress):
            self.staging.add(partial)
        report = bill.report
        self._judge(report)
        self._compare(report)

        current = self._lock_current()
        self._refuse_mixed(report)
        made: list[tuple[Key, Load, CurrentLoad | None]] = []
        parked: list[tuple[Key, Load]] = []
        outcomes: list[LoadOutcome] = []
        delivery: Delivery | None = None
        for key in self._keys(current):
            before = current.get(key)
            rows = sum(sums.lines for sums in self.staging.totals.get(key, {}).values())
            outcome = self._outcome(key, before)
            late = self._last_parked(key)
            if late is not None and late.identity == self.manifest.identity:
                outcomes.append(LoadOutcome(*key, "parked", late.number, rows, late.pk))
                continue
            if outcome == "unchanged" and before is not None:
                outcomes.append(
                    LoadOutcome(*key, outcome, before.load.number, rows, before.load_id)
                )
                continue
            if delivery is None:
                delivery = self._keep_delivery(bill, received, names)
            load = self._keep_load(key, delivery, Load.State(outcome), rows, report)
            outcomes.append(LoadOutcome(*key, outcome, load.number, rows, load.pk))
            if outcome == Load.State.CURRENT:
                made.append((key, load, before))
            elif outcome == Load.State.PARKED:
                parked.append((key, load))
        self._apply(made, delivery)
        self._park(parked)
        self._compare_with_invoices(report, delivery)
        allocated, unallocated = self._allocated(outcomes)
        return Imported(
            report=report,
            loads=tuple(outcomes),
            billed=self._sum(lambda totals: totals.billed),
            effective=self._sum(lambda totals: totals.effective),
            allocated=allocated,
            unallocated=unallocated,
            delivery_id=delivery.pk if delivery else None,
        )

    def _judge(self, report: Report) -> None:
        is_too_bad = report.refused_rows == report.rows or report.refused_rows > REFUSED_KEPT
        if report.refused_rows and (self.source.is_strict or is_too_bad):
            raise BillRefused(first_refusal(report), report=report)
        months = {month for _, month in self.staging.totals}
        if self.manifest.period is not None and (foreign := months - {self.manifest.period}):
            raise BillRefused(
                f"{report.file} is delivered as the bill of {self.manifest.period:%B %Y} but has "
                f"lines of {min(foreign):%B %Y}. Nothing was applied.",
                report=report,
            )

    def _compare(self, report: Report) -> None:
        """Hold the lines against what the source vouches for."""
        if self.manifest.rows is not None and self.manifest.rows != report.rows:
            raise BillRefused(
                f"The manifest of {report.file} declares {self.manifest.rows:,} lines, "
                f"{report.rows:,} were read. Nothing was applied; fetch the delivery again.",
                report=report,
            )
        billed = self._sum(lambda totals: totals.billed)
        for currency, declared in self.manifest.billed.items():
            counted = billed.get(currency, Decimal(0))
            if counted != declared:
                raise BillRefused(
                    f"The manifest of {report.file} declares {declared:f} {currency} billed, the "
                    f"lines sum to {counted:f}. Nothing was applied; fetch the delivery again.",
                    report=report,
                )

    def _refuse_mixed(self, report: Report) -> None:
        """Refuse a second way of counting beside the one that a month of an account has already."""
        others = CurrentLoad.objects.filter(
            source=self.source, period__in={month for _, month in self.staging.totals}
        ).exclude(load__delivery__form__in=("", report.form))
        found = others.select_related("load__delivery").order_by("period", "scope")
        for other in found:
            if (other.scope, other.period) in self.staging.totals or other.scope == self.snapshot:
                continue
            self.cursor.execute(
                "SELECT k.billing_account FROM spend_spendkeymonth m"
                " JOIN spend_spendkey k ON k.id = m.key_id WHERE m.billing_month = %s"
                " AND m.load_id = %s AND k.billing_account = ANY(%s) LIMIT 1",
                [other.period, other.load_id, sorted(self.staging.accounts)],
            )
            if row := self.cursor.fetchone():
                raise BillRefused(
                    f"{report.file} follows {report.form}, but {other.period:%B %Y} of account "
                    f"{row[0]} already holds lines of {other.scope} in {other.load.delivery.form}. "
                    "They count differently, so one month cannot mix them: load the whole month "
                    "anew in one of them. Nothing was applied.",
                    report=report,
                )

    def _keys(self, current: Mapping[Key, CurrentLoad]) -> list[Key]:
        """Give every scope and month the delivery speaks about, also those it now leaves empty."""
        keys = set(self.staging.totals)
        if self.snapshot:
            if self.manifest.period is not None:
                keys.add((self.snapshot, self.manifest.period))
            else:
                keys |= {key for key, pointer in current.items() if pointer.load.rows}
        return sorted(keys)

    def _lock_current(self) -> dict[Key, CurrentLoad]:
        """Lock the scopes and months of the delivery, in order, and give what is current there."""
        pointers = CurrentLoad.objects.filter(source=self.source).select_related("load")
        known = pointers.filter(scope=self.snapshot) if self.snapshot else pointers.none()
        keys = {*self.staging.totals, *known.values_list("scope", "period")}
        if self.snapshot and self.manifest.period is not None:
            keys = {(self.snapshot, self.manifest.period), *self.staging.totals}
        shares.lock_rules(self.cursor, alone=False)
        for scope, period in sorted(keys):
            self.cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                [f"spend.load {self.source.pk} {period} {scope}"],
            )
        return {
            (pointer.scope, pointer.period): pointer
            for pointer in pointers.filter(scope__in={scope for scope, _ in keys})
            if (pointer.scope, pointer.period) in keys
        }

    def _outcome(self, key: Key, before: CurrentLoad | None) -> str:
        """Decide what becomes of a scope and month."""
        known = self._last_parked(key) or (before.load if before is not None else None)
        if known is not None and known.identity == self.manifest.identity:
            return "unchanged"
        if known is not None and known.made_at > self.manifest.made_at:
            return Load.State.SUPERSEDED.value
        if is_frozen(source_id=self.source.pk, scope=key[0], month=key[1]):
            return Load.State.PARKED.value
        return Load.State.CURRENT.value

    def _last_parked(self, key: Key) -> Load | None:
        """Give the newest bill that came after a scope and month were closed, if they still are."""
        if not is_frozen(source_id=self.source.pk, scope=key[0], month=key[1]):
            return None
        late = Load.objects.filter(
            source=self.source, scope=key[0], period=key[1], state=Load.State.PARKED
        )
        return late.order_by("-made_at", "-number").first()

    def _keep_delivery(
        self, bill: Bill, received: Sequence[StoredFile], names: Sequence[str]
    ) -> Delivery:
        report = bill.report
        delivery = Delivery.objects.create(
            source=self.source,
            identity=self.manifest.identity,
            made_at=self.manifest.made_at,
            scope=self.staging.scope,
            received_by=self.by,
            part=self.staging.part,
            focus_version=report.version,
            form=report.form,
            rows=report.rows,
            refused_rows=report.refused_rows,
            refused=self._keep_refused(bill),
            report=report.as_json(),
        )
        for position, (file, name) in enumerate(zip(received, names, strict=True)):
            DeliveryFile.objects.create(
                delivery=delivery, file=file, name=name[:255], position=position
            )
        return delivery

    def _keep_refused(self, bill: Bill) -> StoredFile | None:
        """Keep the lines a lenient source leaves out, so that they can be mended and sent again."""
        if not bill.report.refused_rows:
            return None
        with tempfile.TemporaryDirectory(prefix="portfolio-refused-") as folder:
            path = Path(folder) / "refused.csv"
            bill.write_refused(path)
            return store.store(
                content=path, name=f"refused {bill.report.file}"[:250], by=self.by,
                media_type="text/csv",
            )  # fmt: skip

    def _keep_load(
        self, key: Key, delivery: Delivery, state: Load.State, rows: int, report: Report
    ) -> Load:
        scope, period = key
        versions = Load.objects.filter(source=self.source, scope=scope, period=period)
        is_whole = len(self.staging.totals) == 1 and not report.refused_rows
        load = Load.objects.create(
            source=self.source,
            scope=scope,
            period=period,
            number=(versions.aggregate(last=Max("number"))["last"] or 0) + 1,
            delivery=delivery,
            identity=self.manifest.identity,
            made_at=self.manifest.made_at,
            state=state,
            rows=rows,
            declared_rows=self.manifest.rows if is_whole else None,
        )
        if state != Load.State.CURRENT:  # those of current loads follow, from the ledger
            for currency, totals in self.staging.totals.get(key, {}).items():
                LoadTotal.objects.create(
                    load=load, currency=currency, billed=totals.billed,
                    effective=totals.effective, lines=totals.lines,
                )  # fmt: skip
        return load

    def _apply(
        self, made: Sequence[tuple[Key, Load, CurrentLoad | None]], delivery: Delivery | None
    ) -> None:
        if not made or delivery is None:
            return
        months = sorted({key[1] for key, _, _ in made})
        for month in months:
            self.cursor.execute("SELECT spend_make_month(%s)", [month])
        superseded = [before.load for _, _, before in made if before is not None]
        self.staging.accept((*key, load.pk) for key, load, _ in made)
        self.staging.add_new_keys()
        self.staging.replace(superseded=[load.pk for load in superseded], months=months)
        self._keep_totals(made)
        for key, load, before in made:
            if before is None:
                CurrentLoad.objects.create(
                    source=self.source, scope=key[0], period=key[1], load=load
                )
            else:
                save_changes(before.load, state=Load.State.SUPERSEDED)
                save_changes(before, load=load)
        added = shares.share_new_keys(self.cursor)
        shares.balance(
            self.cursor,
            cause=AllocationRun.Cause.DELIVERY,
            months=months,
            added=added,
            removed=0,
            delivery=delivery,
        )
        rows = sum(load.rows for _, load, _ in made)
        audit.note(
            by=self.by,
            action="load",
            subject=delivery,
            sentence=f"Loaded {rows:,} lines of {self.source} for "
            f"{', '.join(f'{month:%b %Y}' for month in months)}.",
            data={"loads": [str(load.pk) for _, load, _ in made], "report": delivery.report},
        )
        jobs.receive(
            kind=ARCHIVE,
            title=f"Archive the lines of {self.source}, {months[0]:%b %Y}",
            payload={"delivery": str(delivery.pk)},
            by=self.by,
            node=self.source.node,
            key=f"{ARCHIVE}:{delivery.pk}",
        )

    def _park(self, parked: Sequence[tuple[Key, Load]]) -> None:
        """Keep late bills of closed months beside the ledger, and book what they change."""
        if not parked:
            return
        self.staging.accept((*key, load.pk) for key, load in parked)
        self.staging.add_new_keys()
        shares.share_new_keys(self.cursor)
        self.staging.park([load.pk for _, load in parked])
        for _, load in parked:
            take_parked(cursor=self.cursor, load=load, by=self.by, now=self.now)

    def _keep_totals(self, made: Sequence[tuple[Key, Load, CurrentLoad | None]]) -> None:
        """Hold the ledger against what was counted while reading, and keep the totals."""
        held = self.staging.held()
        for key, load, _ in made:
            counted = self.staging.totals.get(key, {})
            found = held.get(load.pk, {})
            for currency in {*counted, *found}:
                read, kept = counted.get(currency, Totals()), found.get(currency)
                if kept is None or (read.billed, read.effective, read.lines) != (
                    kept.billed,
                    kept.effective,
                    kept.lines,
                ):
                    raise shares.InvariantBroken(
                        f"{load}: read {read.lines} lines, {read.billed} {currency} billed; "
                        f"the ledger holds {kept}."
                    )
                is_only = len(self.staging.totals) == 1
                LoadTotal.objects.create(
                    load=load,
                    currency=currency,
                    billed=kept.billed,
                    effective=kept.effective,
                    contracted=kept.contracted,
                    list=kept.list,
                    lines=kept.lines,
                    declared_billed=self.manifest.billed.get(currency) if is_only else None,
                )

    def _compare_with_invoices(self, report: Report, delivery: Delivery | None) -> None:
        """Say which invoices the ledger's lines do not sum to; the bill loads all the same."""
        numbers = sorted(self.staging.invoices)
        known = Invoice.objects.filter(number__in=numbers, typed_total__isnull=False)
        stated = {(one.number, one.currency): one for one in known.exclude(status="voided")}
        if delivery is None or not stated:
            return
        self.cursor.execute(
            "SELECT m.invoice, m.currency, sum(m.billed) FROM spend_spendkeymonth m"
            " JOIN spend_load l ON l.id = m.load_id"
            " WHERE l.source_id = %s AND m.invoice = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2",
            [self.source.pk, sorted({number for number, _ in stated})],
        )
        for number, currency, billed in self.cursor.fetchall():
            invoice = stated.get((number, currency))
            total = invoice.typed_total if invoice is not None else None
            if invoice is not None and total is not None and total != billed:
                report.remark(
                    f"Invoice {number} of {invoice.issuer} states {as_text(total)} {currency}, its "
                    f"lines sum to {as_text(billed)}: {as_text(EXACT.subtract(total, billed))} "
                    "differs. Reconcile it under Close."
                )
        if report.remarks != delivery.report["remarks"]:
            save_changes(delivery, report=report.as_json())

    def _allocated(
        self, outcomes: Sequence[LoadOutcome]
    ) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        """Sum what the ledger allocates of these loads; what is not current is in neither."""
        loads = [
            one.load_id
            for one in outcomes
            if one.load_id is not None and one.outcome in ("current", "unchanged")
        ]
        billed: dict[str, Decimal] = {}
        for one in outcomes:
            if one.outcome in ("current", "unchanged"):
                for currency, totals in self.staging.totals.get(
                    (one.scope, one.period), {}
                ).items():
                    billed[currency] = EXACT.add(billed.get(currency, Decimal(0)), totals.billed)
        found = shares.allocated_of(self.cursor, loads=loads)
        allocated = {currency: found.get(currency, Decimal(0)) for currency in billed}
        return allocated, {
            currency: EXACT.subtract(billed[currency], allocated[currency]) for currency in billed
        }

    def _sum(self, part: Callable[[Totals], Decimal]) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = {}
        for of_month in self.staging.totals.values():
            for currency, totals in of_month.items():
                sums[currency] = EXACT.add(sums.get(currency, Decimal(0)), part(totals))
        return dict(sorted(sums.items()))


def _texts(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    return {currency: as_text(amount) for currency, amount in amounts.items()}


def as_text(amount: Decimal) -> str:
    """
    Write an exact amount without a forest of zeros: at least two decimals, no exponent.

    >>> as_text(Decimal("23.133926728990000000")), as_text(Decimal("0E-18"))
    ('23.13392672899', '0.00')
    """
    text = f"{amount:f}"
    if "." not in text:
        return f"{text}.00"
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
