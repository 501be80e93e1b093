"""The steps of measuring governance; each runs in a process of its own, see ``steps``."""

import datetime as dt
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

UNITS, RISKS, STANDINGS = 20, 5, 30
CATEGORIES = ("bias", "security", "privacy", "regulatory", "performance")
BATCH = 2_000
#: The page that others are compared with: the frame of every page, and one sentence in it.
SENTENCE = '{% extends "base.html" %}{% block content %}<p>One sentence.</p>{% endblock content %}'


def fill(*, initiatives: int) -> Any:
    """
    Give a database live initiatives with owners, cases, KPIs, classes and five risks each, and
    the recommended policy in force; one in ten is not green.
    """
    from governance_app.compliance import services as compliance
    from governance_app.gates import services as gates
    from governance_app.gates.starting import starter
    from governance_app.people import services as people
    from governance_app.people.services import system_user

    by = system_user("command")
    root = people.found_organisation(name="Bench", by=by)
    units = [people.add_unit(name=f"Unit {number}", parent=root, by=by) for number in range(UNITS)]
    held: dict[str, list[Any]] = {}
    for role in ("governance_board", "governance_board", "risk_officer", "risk_officer"):
        person = people.add_user(
            email=f"{role}{len(held.get(role, []))}@bench.example", name=role, by=by
        )
        people.grant(user=person, role=role, node=root, by=by)
        held.setdefault(role, []).append(person)
    owner = people.add_user(email="owner@bench.example", name="Owner", by=by)
    people.grant(user=owner, role="business_owner", node=root, by=by)
    people.grant(user=owner, role="program_manager", node=root, by=by)
    compliance.load_shipped(by=by)
    given = starter()
    draft = gates.write_policy(
        node=root, title=given["title"], document=given["document"], by=held["risk_officer"][0]
    )
    gates.activate_policy(policy=draft, by=held["governance_board"][0])
    for first in range(0, initiatives, BATCH):
        _write(units, owner, range(first, min(first + BATCH, initiatives)))
    return {"seconds": 0.0}


def _write(units: list[Any], owner: Any, numbers: range) -> None:
    """Write rows at once, as an import would."""
    from governance_app.audit.acting import acting
    from governance_app.compliance.models import Node, NodeStanding, TierNow
    from governance_app.domain.ids import uuid7
    from governance_app.initiatives.models import Initiative, Stage
    from governance_app.people.models import ScopeNode
    from governance_app.readings.models import Series
    from governance_app.risk.models import Risk
    from governance_app.value.models import BusinessCase, Kpi

    today = dt.date.today()  # noqa: DTZ011
    month = today.replace(day=1)
    stage = Stage.objects.get(slug="production", template__is_default=True)
    nist = Node.objects.filter(library__key="nist-ai-rmf", is_assessable=True).order_by("ref")
    refs = list(nist.values_list("ref", flat=True)[:STANDINGS])
    made: dict[Any, list[Any]] = {
        model: []
        for model in (
            ScopeNode, Initiative, Series, Kpi, BusinessCase, TierNow, Risk, NodeStanding,
        )
    }  # fmt: skip
    for number in numbers:
        unit, pk = units[number % len(units)], uuid7()
        node = ScopeNode(
            pk=pk, kind="initiative", name=f"Initiative {number}", parent=unit,
            path=f"{unit.path}{pk.hex}/",
        )  # fmt: skip
        row = Initiative(
            number=number + 1, key=f"AI-{number + 1}", name=node.name, node=node, unit=unit,
            stage=stage, business_owner=owner, technical_owner=owner, autonomy="recommends",
            data_classes=["internal"], ai_type="language",
        )  # fmt: skip
        series = Series(initiative=row, key="kpi", name="Minutes", source="push")
        level = number % 3 + 1
        is_bad = number % 10 == 0
        made[ScopeNode].append(node)
        made[Initiative].append(row)
        made[Series].append(series)
        made[Kpi].append(
            Kpi(
                initiative=row, series=series, name="Minutes", direction="lower",
                baseline=Decimal(12), baseline_month=month,
            )
        )  # fmt: skip
        made[BusinessCase].append(
            BusinessCase(
                initiative=row, number=1, currency="USD", annual_rate=Decimal("0.1"),
                valuation_month=month, written_by=owner, lines_sha256="0" * 64,
            )
        )  # fmt: skip
        tier = "high" if is_bad else "minimal"
        made[TierNow].append(TierNow(initiative=row, scheme="eu-ai-act", tier=tier))
        made[Risk] += [
            Risk(
                initiative=row, category=category, title="What may happen", likelihood=level,
                impact=level, inherent=level, residual=level, points=4 * level * level,
                likelihood_now=level, impact_now=level, appetite=3, reviewed_on=today,
                review_due_on=today + dt.timedelta(days=90), confidence="high",
            )
            for category in CATEGORIES[:RISKS]
        ]  # fmt: skip
        made[NodeStanding] += [
            NodeStanding(
                initiative=row, framework="nist-ai-rmf", ref=ref,
                state=("met", "partly", "gap")[(number + place) % 3],
            )
            for place, ref in enumerate(refs)
        ]  # fmt: skip
    with acting(owner):
        for model, rows in made.items():
            model.objects.bulk_create(rows, batch_size=BATCH)


def settle() -> Any:
    """Let the planner know the sizes, as autovacuum does in an installation."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("DELETE FROM audit_change")
    return {"seconds": 0.0}


def look(*, days: int = 0) -> Any:
    """Look at every guardrail, as the daily round does."""
    from governance_app.gates import services
    from governance_app.people.services import system_user

    on = dt.date.today() + dt.timedelta(days=days)  # noqa: DTZ011
    begun = time.perf_counter()
    done = services.look_at_guardrails(on=on, by=system_user("oversight"))
    return {"seconds": time.perf_counter() - begun, "looked": done.looked, "judged": done.judged,
            "not_green": done.not_green}  # fmt: skip


def move(*, share: float) -> Any:
    """Change what is known of a share of the initiatives, by services or at once."""
    from governance_app.compliance.models import TierNow

    rows = list(TierNow.objects.order_by("pk").values_list("pk", flat=True))
    chosen = rows[:: max(1, round(1 / share))]
    TierNow.objects.filter(pk__in=chosen).update(tier="limited")
    return {"seconds": 0.0, "moved": len(chosen)}


def verdicts(*, count: int) -> Any:
    """Ask the gate check of deploy pipelines about many initiatives; seconds of each."""
    from django.utils import timezone

    from governance_app.gates import selectors
    from governance_app.initiatives.models import Initiative
    from governance_app.people.services import system_user

    by = system_user("command")
    rows = list(Initiative.objects.order_by("pk").select_related("node", "stage")[: count + 3])
    took = []
    for row in rows:
        begun = time.perf_counter()
        selectors.check(
            viewer=by, initiative=row, stage="production", model_version="", now=timezone.now()
        )
        took.append(time.perf_counter() - begun)
    return {"seconds": sum(took[3:]), "each": took[3:]}


def invoice(*, tag: str, source: str, months: list[str]) -> Any:
    """
    Give the initiatives a source of spend, a rule on its tag, rates, and people who see money.

    Args:
        months: first days, for each of which a rate from EUR to USD is entered.
    """
    from governance_app.books import services as books
    from governance_app.people import services as people
    from governance_app.people.models import ScopeNode
    from governance_app.people.services import system_user
    from governance_app.spend import services as spend

    by = system_user("command")
    root = ScopeNode.objects.get(parent=None)
    for role in ("executive", "finance_partner", "administrator"):
        person = people.add_user(email=f"{role}0@bench.example", name=role.title(), by=by)
        people.grant(user=person, role=role, node=root, by=by)
    spend.add_source(name=source, by=by)
    spend.add_rule(name="By tag", dimension="tag", tag=tag, by=by)
    rate = Decimal("1.0852")
    rates = [("EUR", "USD", dt.date.fromisoformat(month), "average", rate) for month in months]
    books.enter_rates(rates=rates, source="bench", by=by)
    return {"seconds": 0.0}


def sign_in(*, email: str, count: int) -> Any:
    """Open sessions of one person; gives what a browser keeps of each."""
    from django.conf import settings
    from django.test import Client

    from governance_app.people.models import User

    settings.ALLOWED_HOSTS = ["*"]
    kept = []
    for _ in range(count):
        client = Client()
        client.force_login(User.objects.get(email=email))
        kept.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    return {"seconds": 0.0, "cookie": settings.SESSION_COOKIE_NAME, "kept": kept}


def pages(*, addresses: list[str], times: int, email: str = "risk_officer0@bench.example") -> Any:
    """
    Open pages and the page of one sentence in turn, signed in as somebody.

    Returns:
        ``each``: the seconds of every time by address; those of the sentence under "sentence".
    """
    from django.conf import settings
    from django.http import HttpRequest, HttpResponse
    from django.template import engines
    from django.test import Client
    from django.urls import clear_url_caches, path

    from governance_app.people.models import User
    from portfolio import urls
    from portfolio.web.access import page

    template = engines["django"].from_string(SENTENCE)

    @page("view")
    def sentence(request: HttpRequest) -> HttpResponse:
        return HttpResponse(template.render({}, request))

    urls.urlpatterns.append(path("bench/sentence/", sentence))
    clear_url_caches()
    settings.ALLOWED_HOSTS = ["*"]
    # Nothing was collected here; the addresses of files are those of the source.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    client = Client()
    client.force_login(User.objects.get(email=email))
    took: dict[str, list[float]] = {"sentence": [], **{address: [] for address in addresses}}
    for number in range(times + 2):
        for name in took:
            seconds = _opened(client, "/bench/sentence/" if name == "sentence" else name)
            if number > 1:  # a site that has just started imports its pages with the first
                took[name].append(seconds)
    return {"seconds": sum(map(sum, took.values())), "each": took}


def _opened(client: Any, address: str) -> float:
    begun = time.perf_counter()
    answer = client.get(address)
    seconds = time.perf_counter() - begun
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return seconds


def readings(*, count: int) -> Any:
    """Let single KPI readings arrive one by one and bring their initiatives up to date."""
    from django.utils import timezone

    from governance_app.domain.records import Reading
    from governance_app.people.services import system_user
    from governance_app.rollups.catching_up import absorb_all
    from governance_app.value import services as value
    from governance_app.value.models import Kpi

    by, rollups = system_user("command"), system_user("rollups")
    absorb_all(by=rollups, clock=timezone.now)
    took = []
    today = dt.date.today()  # noqa: DTZ011
    for at, kpi in enumerate(Kpi.objects.order_by("pk")[:count]):
        value.record_kpi_readings(
            kpi=kpi, points=[Reading(today, Decimal(10 + at), "bench")], by=by
        )
        begun = time.perf_counter()
        absorb_all(by=rollups, clock=timezone.now)
        took.append(time.perf_counter() - begun)
    return {"seconds": sum(took), "each": took}


def _as_step(function: Callable[..., Any]) -> str:
    return f"{__name__}:{function.__name__}"


FILL, SETTLE, LOOK, MOVE = (_as_step(each) for each in (fill, settle, look, move))
VERDICTS, PAGES, READINGS = (_as_step(each) for each in (verdicts, pages, readings))
INVOICE, SIGN_IN = (_as_step(each) for each in (invoice, sign_in))
