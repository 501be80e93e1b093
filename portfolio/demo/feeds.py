"""What vendors count, registries list and programs push in the invented company."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any, Protocol

from django.db import transaction
from django.utils import timezone

from governance_app.connectors import errands
from governance_app.connectors import services as connectors
from governance_app.connectors.base import Batch
from governance_app.connectors.models import Connection, InboundToken, MappingRule, SyncRun
from governance_app.domain.records import (
    ModelRecord,
    ModelVersionRecord,
    Reading,
    ReadingRecord,
    SeatRecord,
    WorkItemRecord,
)
from governance_app.initiatives.models import Initiative
from governance_app.people.models import User
from portfolio.demo.company import SEED
from portfolio.demo.dice import draw
from portfolio.demo.names import slug
from portfolio.demo.shapes import Company
from portfolio.demo.shapes import Initiative as Story

#: Addresses that are nobody's: none of these connections runs by itself.
NOWHERE = "meridian.example"
WEEKS = 13
DAYS = 14
#: Initiatives that something of this is about; a small company has each of them twice.
CHOSEN = 18
CALLS_A_TOKEN = 40
#: Plug-in, name, its settings; seats bought, assigned, active then and now; price of one a month.
SEATS: tuple[tuple[str, str, dict[str, str], tuple[int, int, int, int], str], ...] = (
    (
        "m365_copilot", "Microsoft 365 Copilot",
        {"tenant_id": "invented", "client_id": "invented", "client_secret": "invented"},
        (2_400, 2_310, 1_120, 1_485), "30",
    ),
    (
        "github_copilot", "GitHub Copilot",
        {"organization": "meridian", "access_token": "invented"},
        (640, 602, 431, 533), "19",
    ),
    ("openai_seats", "ChatGPT Enterprise", {"admin_key": "invented"}, (400, 371, 322, 296), "60"),
    ("anthropic_seats", "Claude", {"admin_key": "invented"}, (180, 174, 88, 161), "40"),
)  # fmt: skip
#: Models that somebody registered without telling anybody what for.
SHADOW = (
    "cv-screening-poc", "trader-notes-summary", "campaign-copy-writer", "voice-clone-test",
    "supplier-mail-sorter", "meeting-minutes-v3",
)  # fmt: skip
_SUFFIXES = ("v2", "poc", "finetuned", "lite")
_METERED = (("requests", "Requests", "calls", 40_000), ("latency_p95", "Latency p95", "ms", 420))
#: What reports to the gateway under a name that no initiative has: name, account.
_UNKNOWN = (
    ("contract-chat", "4471-2210"), ("refund-assistant", "4471-2210"), ("pricing-whatif", ""),
)  # fmt: skip


class Progress(Protocol):
    """How a step says how far it is; a job's run fits."""

    def stage(self, name: str, total: int | None = None) -> None: ...


def load_feeds(company: Company, *, job: Progress, by: User) -> dict[str, Any]:
    """Add connections of vendors, a registry and a tracker with what they brought, and pushes."""
    today = timezone.localdate()
    rows = {row.key: row for row in Initiative.objects.select_related("node").order_by("number")}
    running = [
        story for story in company.initiatives
        if story.kind == "initiative" and story.stage in {"pilot", "scaling", "production"}
    ]  # fmt: skip
    if not running:
        return {"connections": 0, "tokens": 0}
    random = draw(SEED, "feeds")
    random.shuffle(running)
    chosen = [running[place % len(running)] for place in range(CHOSEN)]
    job.stage("Seats")
    for plugin, product, settings, counts, price in SEATS:
        _seats(plugin, product, settings, counts, Decimal(price), today, by)
    job.stage("A registry and a tracker")
    _registry(chosen, random, today, by)
    _tracker(chosen, rows, today, by)
    job.stage("What programs push")
    with transaction.atomic():
        _rules(chosen, rows, by)
        _metrics(chosen, random, today, by)
        _pipelines(chosen, today, by)
        _events(chosen, today, by)
    return {"connections": len(SEATS) + 2, "tokens": InboundToken.objects.count()}


def _connection(plugin: str, name: str, settings: Mapping[str, str], by: User) -> Connection | None:
    """Set a connection up that runs by hand; None when it stands already."""
    if Connection.objects.filter(name=name).exists():
        return None
    return connectors.add_connection(plugin=plugin, name=name, settings=dict(settings), by=by)


def _brought(connection: Connection, batches: Sequence[Batch]) -> None:
    """Store what a connection brought, as one run of it."""
    actor = errands.principal(connection)
    run = connectors.begin_run(connection=connection, job=None, by=actor)
    assert run is not None
    for batch in batches:
        run = connectors.store_records(run=run, batch=batch, by=actor)
    records = [record for batch in batches for record in batch.records]
    models = {record.name for record in records if isinstance(record, ModelRecord)}
    if models:
        run = connectors.settle_listing(run=run, models=models, versions=None, by=actor)
    state = SyncRun.State.PARTIAL if run.rows_refused else SyncRun.State.DONE
    connectors.end_run(run=run, state=state, by=actor)


@transaction.atomic
def _seats(
    plugin: str,
    product: str,
    settings: Mapping[str, str],
    counts: tuple[int, int, int, int],
    price: Decimal,
    today: dt.date,
    by: User,
) -> None:
    """Count the seats of a product once a week for a quarter."""
    told = {**settings, "product": product, "address": f"https://{slug(plugin)}.{NOWHERE}"}
    connection = _connection(plugin, f"{product} seats", told, by)
    if connection is None:
        return
    bought, assigned, then, now = counts
    records = []
    for week in range(WEEKS):
        share = week / (WEEKS - 1)
        given = round(assigned * (0.86 + 0.14 * share))
        records.append(
            SeatRecord(
                product=product,
                counted_on=today - dt.timedelta(weeks=WEEKS - 1 - week),
                assigned=given,
                active=min(round(then + (now - then) * share), given),
                bought=bought,
                price=price,
                currency="USD",
            )
        )
    _brought(connection, [Batch("Seats", records=tuple(records))])


@transaction.atomic
def _registry(chosen: Sequence[Story], random: Random, today: dt.date, by: User) -> None:
    """List models of a registry: some tagged with their initiative, more that nobody claims."""
    settings = {"address": f"https://mlflow.{NOWHERE}"}
    connection = _connection("mlflow", "Data science MLflow", settings, by)
    if connection is None:
        return
    models: list[ModelRecord] = []
    versions: list[ModelVersionRecord] = []
    named = [(_stem(story), story) for story in chosen[:12]]
    for place, (stem, story) in enumerate(named):
        tags = {"team": story.unit_code.lower(), "framework": random.choice(("xgboost", "torch"))}
        if place < 4:
            tags["initiative"] = story.key
        name = f"{stem}-{random.choice(_SUFFIXES)}"
        models.append(ModelRecord(name, story.purpose if place % 2 else "", tags, _at(today, 90)))
        versions += _versions(name, f"/{story.unit_code.lower()}/{stem}", random, today)
    for name in SHADOW:
        models.append(ModelRecord(name, "", {"owner": "unknown"}, _at(today, 40)))
        versions += _versions(name, "/sandbox", random, today)
    _brought(
        connection,
        [Batch("Models", records=tuple(models)), Batch("Versions", records=tuple(versions))],
    )


def _versions(
    name: str, experiment: str, random: Random, today: dt.date
) -> list[ModelVersionRecord]:
    count = random.randint(1, 3)
    return [
        ModelVersionRecord(
            model_name=name,
            version=str(number),
            aliases=("champion",) if number == count else (),
            metrics={"auc": round(0.71 + 0.04 * number + random.random() * 0.03, 3)},
            run_ref=f"{random.getrandbits(128):032x}",
            experiment=experiment,
            status="READY",
            created_at=_at(today, 30 - 8 * number),
            source_ref=f"models:/{name}/{number}",
        )
        for number in range(1, count + 1)
    ]


@transaction.atomic
def _tracker(
    chosen: Sequence[Story], rows: Mapping[str, Initiative], today: dt.date, by: User
) -> None:
    """List epics of a tracker: milestones of initiatives, and two of no initiative."""
    settings = {
        "address": f"https://jira.{NOWHERE}",
        "access_token": "invented",
        "jql": 'labels = "ai" and type = Epic',
    }
    connection = _connection("jira", "Delivery board", settings, by)
    if connection is None:
        return
    items = [
        WorkItemRecord(
            key=f"DEL-{120 + place}",
            title=f"Roll-out of {story.name}",
            state="In Progress",
            due_on=today + dt.timedelta(days=21 + 9 * place),
            address=f"https://jira.{NOWHERE}/browse/DEL-{120 + place}",
            initiative_key=story.key,
        )
        for place, story in enumerate(chosen[:5])
        if story.key in rows
    ]
    items += [
        WorkItemRecord(
            key=key, title=title, state="To Do", due_on=today + dt.timedelta(days=45),
            labels={"name": title, "project": "Delivery"},
        )
        for key, title in (
            ("DEL-201", "Assistant for the works council portal"),
            ("DEL-202", f"Second site for {chosen[-1].name}"),
        )
    ]  # fmt: skip
    _brought(connection, [Batch("Issues", records=tuple(items))])


def _rules(chosen: Sequence[Story], rows: Mapping[str, Initiative], by: User) -> None:
    """Say by rules where three kinds of things belong."""
    if MappingRule.objects.exists():
        return
    for looks_at, tag, pattern, story in (
        ("name", "", f"{_stem(chosen[4])}-*", chosen[4]),
        ("experiment", "", f"/{chosen[5].unit_code.lower()}/{_stem(chosen[5])}", chosen[5]),
        ("tag", "service", "payments-*", chosen[6]),
    ):
        connectors.add_mapping_rule(
            looks_at=looks_at, tag=tag, pattern=pattern, initiative=rows[story.key], by=by
        )


def _token(name: str, scopes: Sequence[str], by: User) -> InboundToken | None:
    """Make a token that nobody knows the secret of, used through the last day; None if it is."""
    if InboundToken.objects.filter(name=name).exists():
        return None
    token, _ = connectors.add_inbound_token(name=name, scopes=scopes, by=by)
    now = timezone.now()
    for call in range(CALLS_A_TOKEN):
        at = now - dt.timedelta(minutes=1 + 31 * call)
        connectors.count_call(token=token, by=errands.sender(token), now=at)
    return token


def _metrics(chosen: Sequence[Story], random: Random, today: dt.date, by: User) -> None:
    """Let a gateway push what it meters: of initiatives, and of names that nobody knows."""
    token = _token("Model gateway", ("metrics",), by)
    if token is None:
        return
    days = [today - dt.timedelta(days=ago) for ago in range(DAYS, 0, -1)]

    def record(key: str, labels: Mapping[str, str], level: float) -> list[ReadingRecord]:
        return [
            ReadingRecord(
                initiative_key=key, series_key=f"gateway/{series}", name=f"{name}, gateway",
                unit=unit, cadence_days=1, labels=labels,
                reading=Reading(on, Decimal(round(usual * level * random.uniform(0.8, 1.2)))),
            )
            for series, name, unit, usual in _METERED
            for on in days
        ]  # fmt: skip

    records: list[ReadingRecord] = []
    for story in chosen[:8]:
        records += record(story.key, {}, random.uniform(0.3, 1.6))
    for name, account in _UNKNOWN:
        records += record("", {"name": name, **({"account": account} if account else {})}, 0.2)
    near = chosen[9]
    records += record("", {"name": f"{_stem(near)}-api", "team": near.unit_code.lower()}, 0.5)
    connectors.take_metrics(token=token, records=records, by=errands.sender(token))


def _pipelines(chosen: Sequence[Story], today: dt.date, by: User) -> None:
    """Let a scheduler push the lineage of its pipelines."""
    token = _token("Airflow", ("lineage",), by)
    if token is None:
        return
    for place, story in enumerate(chosen[10:16]):
        stem = _stem(story)
        tags = [{"key": "initiative", "value": story.key}] if place < 4 else []
        event = {
            "eventTime": f"{today - dt.timedelta(days=1)}T02:15:00Z",
            "eventType": "COMPLETE",
            "run": {"runId": f"{place:08d}-0000-7000-8000-000000000000"},
            "job": {
                "namespace": "airflow",
                "name": f"{stem}_features",
                "facets": {"tags": {"tags": tags}},
            },
            "inputs": [{"namespace": "warehouse", "name": f"{story.unit_code.lower()}.events"}],
            "outputs": [
                {
                    "namespace": "lake",
                    "name": f"features/{stem}",
                    "outputFacets": {"outputStatistics": {"rowCount": 120_000 + 7_919 * place}},
                }
            ],
            "producer": f"https://airflow.{NOWHERE}",
        }
        connectors.take_lineage(token=token, event=event, by=errands.sender(token))


def _events(chosen: Sequence[Story], today: dt.date, by: User) -> None:
    """Let a build server push what it trained."""
    token = _token("Build server", ("events",), by)
    if token is None:
        return
    for number, story in enumerate(chosen[:6], start=1):
        attributes = {
            "id": f"build-{1200 + number}",
            "source": f"https://ci.{NOWHERE}",
            "type": "com.meridian.model.trained",
            "subject": _stem(story),
            "time": f"{today}T03:{10 + number}:00Z",
        }
        connectors.take_cloud_event(
            token=token, attributes=attributes, records=(), status=None,
            data={"model": _stem(story), "auc": 0.8 + number / 100}, by=errands.sender(token),
        )  # fmt: skip


def _stem(story: Story) -> str:
    """Name things as engineers would: the initiative's words, short and hyphenated."""
    return "-".join(re.findall(r"[a-z0-9]+", slug(story.name))[:4])


def _at(today: dt.date, days_ago: int) -> dt.datetime:
    on = today - dt.timedelta(days=max(days_ago, 0))
    return dt.datetime.combine(on, dt.time(9), tzinfo=dt.UTC)
