"""Daily sums out of the archives, and what in them is unusual."""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.books import selectors as books
from governance_app.domain import texts
from governance_app.domain.anomalies import Found, unusual_days, unusual_months
from governance_app.domain.errors import Sentence
from governance_app.domain.periods import add_months, month_of
from governance_app.domain.phrases import Phrase, phrase
from governance_app.files import selectors as files
from governance_app.initiatives.models import Initiative
from governance_app.people import access
from governance_app.people.models import User
from governance_app.spend.focus.archive import KEY_ID
from governance_app.spend.models import Anomaly, LoadArchive, Source
from governance_app.spend.telling import tell

#: How far back a look goes, and how much history it reads.
JUDGED_DAYS, READ_DAYS = 40, 160
JUDGED_MONTHS, READ_MONTHS = 2, 16


@dataclass(frozen=True, slots=True)
class Watched:
    """What a look found: anomalies told for the first time, changed, and taken away."""

    new: int
    changed: int
    gone: int


@recorded
def keep_days(*, by: User, progress: Callable[[int], None] | None = None) -> int:
    """
    Sum the archived lines of current loads by day, where that was not done yet.

    Returns:
        how many loads were read.
    """
    access.require(by, "spend.import")
    waiting = LoadArchive.objects.filter(
        load__current_in__isnull=False, load__days=None
    ).select_related("file", "load")
    done = 0
    for archive in waiting.order_by("load__period", "pk"):
        frame = (
            pl.scan_parquet(files.local_path(file=archive.file))
            .select(
                pl.col(KEY_ID).alias("key"),
                pl.col("ChargePeriodStart").dt.replace_time_zone(None).dt.date().alias("day"),
                pl.col("BillingCurrency").alias("currency"),
                "BilledCost",
                "EffectiveCost",
            )
            .group_by("key", "day", "currency")
            .agg(
                pl.col("BilledCost").sum(),
                pl.col("EffectiveCost").sum(),
                pl.len().alias("lines"),
            )
            .collect(engine="streaming")
        )
        _keep(archive.load_id, frame)
        done += 1
        if progress is not None:
            progress(done)
    return done


def _keep(load: uuid.UUID, frame: pl.DataFrame) -> None:
    text = frame.with_columns(pl.col("key").bin.encode("hex")).write_csv(include_header=False)
    with connection.cursor() as cursor:
        cursor.execute(
            "DROP TABLE IF EXISTS pg_temp.stage_day; CREATE TEMP TABLE stage_day (key_id uuid,"
            " day date, currency varchar(3), billed numeric, effective numeric, lines bigint)"
            " ON COMMIT DROP"
        )
        with cursor.copy("COPY stage_day FROM STDIN (FORMAT csv)") as copy:
            copy.write(text.encode())
        cursor.execute(
            "INSERT INTO spend_spendday (load_id, facet_id, day, currency, billed, effective,"
            " lines) SELECT %s, k.facet_id, d.day, d.currency, sum(d.billed), sum(d.effective),"
            " sum(d.lines) FROM stage_day d JOIN spend_spendkey k ON k.id = d.key_id"
            " WHERE d.day IS NOT NULL GROUP BY 2, 3, 4",
            [load],
        )


@recorded
def watch(*, by: User, on: dt.date) -> Watched:
    """
    Look for days and months that cost far from what is usual, and keep what is found.

    An open anomaly whose figures changed is told anew; one that a restated bill took away is
    gone; what somebody explained or dismissed stays as it is.
    """
    access.require(by, "spend.rules")
    floor = float(books.setting(key="anomaly_floor", on=on))
    sources = Source.objects.in_bulk()
    since_day, since_month = on - dt.timedelta(days=JUDGED_DAYS), add_months(on, -JUDGED_MONTHS)
    since_month = month_of(since_month)
    told: dict[tuple[Any, ...], tuple[Found, str]] = {}
    for place, amounts in _daily(on - dt.timedelta(days=READ_DAYS)).items():
        for one in unusual_days(amounts, since=since_day, floor=floor):
            told[(*place, "day", one.on)] = (one, _day_sentence(place, one))
    for place, amounts in _monthly(add_months(month_of(on), -READ_MONTHS)).items():
        whole = {month: amount for month, amount in amounts.items() if month < month_of(on)}
        for one in unusual_months(whole, since=since_month, floor=floor):
            told[(*place, "month", one.on)] = (one, _month_sentence(place, one))
    standing = {
        (
            a.source_id,
            a.provider,
            a.service,
            a.account,
            a.account_name,
            a.currency,
            a.grain,
            a.on,
        ): a
        for a in Anomaly.objects.select_for_update(of=("self",)).filter(
            Q(grain="day", on__gte=since_day) | Q(grain="month", on__gte=since_month)
        )
    }
    new = changed = gone = 0
    for key, (one, sentence) in told.items():
        source, provider, service, account, name, currency, grain, day = key
        figures = {
            "actual": _money(one.actual),
            "usual": _money(one.usual),
            "ratio": one.ratio,
            "score": one.score,
            "sentence": sentence,
        }
        known = standing.get(key)
        if known is None:
            Anomaly.objects.create(
                source=sources[source], provider=provider, service=service, account=account,
                account_name=name, grain=grain, on=day, currency=currency,
                owner=_owner(sources[source], service, account, day), **figures,
            )  # fmt: skip
            new += 1
        elif known.state in (Anomaly.State.OPEN, Anomaly.State.GONE) and save_changes(
            known, state=Anomaly.State.OPEN, **figures
        ):
            changed += 1
    for key, known in standing.items():
        if key not in told and known.state == Anomaly.State.OPEN:
            save_changes(known, state=Anomaly.State.GONE)
            gone += 1
    return Watched(new, changed, gone)


@recorded
def decide_anomaly(
    *, anomaly: Anomaly, state: str, note: str, by: User, version: int | None = None
) -> Anomaly:
    """
    Explain an anomaly or dismiss it, with a note; or open it again.

    Raises:
        Sentence: the state is unknown, or there is no note.
        StaleWrite: somebody changed it meanwhile.
    """
    access.require(by, "spend.rules", anomaly)
    anomaly = Anomaly.objects.select_for_update(of=("self",)).get(pk=anomaly.pk)
    check_version(anomaly, version)
    if state == Anomaly.State.OPEN:
        save_changes(anomaly, state=state, note=note.strip(), decided_by=None, decided_at=None)
        return anomaly
    if state not in (Anomaly.State.EXPLAINED, Anomaly.State.DISMISSED):
        raise Sentence("An anomaly is explained, dismissed, or open again.")
    if not note.strip():
        raise Sentence("Say what happened; the next reader has only this note.")
    save_changes(anomaly, state=state, note=note.strip(), decided_by=by, decided_at=timezone.now())
    return anomaly


@recorded
def hand_anomaly(*, anomaly: Anomaly, owner: User | None, by: User) -> Anomaly:
    """Let somebody else answer for an anomaly."""
    access.require(by, "spend.rules", anomaly)
    anomaly = Anomaly.objects.select_for_update(of=("self",)).get(pk=anomaly.pk)
    save_changes(anomaly, owner=owner)
    if owner is not None:
        tell(
            to=[owner],
            dedupe=f"anomaly:{anomaly.pk}",
            subject="Unusual spend that you are asked to look into",
            sentence=anomaly.sentence,
            page="/spend/anomalies/",
            why=f"{by} handed it to you.",
            by=by,
        )
    return anomaly


_PLACE = "l.source_id, f.provider, f.service, f.account, f.account_name"


def _daily(since: dt.date) -> dict[tuple[Any, ...], dict[dt.date, float]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_PLACE}, d.currency, d.day, sum(d.effective) FROM spend_spendday d"  # noqa: S608
            " JOIN spend_currentload c ON c.load_id = d.load_id"
            " JOIN spend_load l ON l.id = d.load_id JOIN spend_spendfacet f ON f.id = d.facet_id"
            " WHERE d.day >= %s AND f.charge_category NOT IN ('Purchase', 'Tax', 'Credit')"
            " GROUP BY 1, 2, 3, 4, 5, 6, 7",
            [since],
        )
        return _series(cursor.fetchall())


def _monthly(since: dt.date) -> dict[tuple[Any, ...], dict[dt.date, float]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_PLACE}, a.currency, a.charge_month, sum(a.effective)"  # noqa: S608
            " FROM spend_spendallotment a JOIN spend_load l ON l.id = a.load_id"
            " JOIN spend_spendfacet f ON f.id = a.facet_id WHERE a.charge_month >= %s"
            " AND f.charge_category NOT IN ('Purchase', 'Tax', 'Credit')"
            " GROUP BY 1, 2, 3, 4, 5, 6, 7",
            [since],
        )
        return _series(cursor.fetchall())


def _series(rows: Sequence[Any]) -> dict[tuple[Any, ...], dict[dt.date, float]]:
    found: dict[tuple[Any, ...], dict[dt.date, float]] = {}
    for *place, on, amount in rows:
        found.setdefault(tuple(place), {})[on] = float(amount)
    return found


def _owner(source: Source, service: str, account: str, on: dt.date) -> User | None:
    """Give who runs the initiative that bears most of it; else who answers for the source."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.initiative_id FROM spend_spendallotment a"
            " JOIN spend_load l ON l.id = a.load_id JOIN spend_spendfacet f ON f.id = a.facet_id"
            " WHERE l.source_id = %s AND f.service = %s AND f.account = %s AND a.charge_month = %s"
            " AND a.initiative_id IS NOT NULL GROUP BY 1 ORDER BY sum(a.gross_effective) DESC, 1"
            " LIMIT 1",
            [source.pk, service, account, month_of(on)],
        )
        row = cursor.fetchone()
    if row:
        bearer = Initiative.objects.select_related("technical_owner", "business_owner").get(
            pk=row[0]
        )
        owner: User | None = bearer.technical_owner or bearer.business_owner
        if owner is not None:
            return owner
    return source.owner


def _what(place: tuple[Any, ...]) -> str:
    _, provider, service, account, name, _ = place
    where, what = name or account, service or provider or "Spend"
    return phrase(texts.IN_ACCOUNT.form, service=what, account=where) if where else what


def _day_sentence(place: tuple[Any, ...], one: Found) -> str:
    form = _form(one, texts.TIMES_A_DAY, texts.SOMETHING_ON_A_DAY, texts.NOTHING_ON_A_DAY)
    return phrase(form, day=f"{one.on:%A}", **_figures(place, one))


def _month_sentence(place: tuple[Any, ...], one: Found) -> str:
    form = _form(one, texts.TIMES_A_MONTH, texts.SOMETHING_IN_A_MONTH, texts.NOTHING_IN_A_MONTH)
    return phrase(form, **_figures(place, one))


def _form(one: Found, times: Phrase, something: Phrase, nothing: Phrase) -> str:
    if one.ratio is None:
        return something.form
    return nothing.form if one.actual <= 0 else times.form


def _figures(place: tuple[Any, ...], one: Found) -> dict[str, str]:
    difference = one.actual - one.usual
    form = texts.MORE.form if difference > 0 else texts.LESS.form
    more = phrase(form, amount=f"{abs(difference):,.0f}", currency=place[5])
    ratio = "" if one.ratio is None else f"{one.ratio:.1f}"
    return {"what": _what(place), "ratio": ratio, "more": more}


def _money(amount: float) -> Decimal:
    return Decimal(repr(amount)).quantize(Decimal("0.000001"))
