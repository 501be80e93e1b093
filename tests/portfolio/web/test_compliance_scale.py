"""Heat map, register, coverage and inventory ask the same number of questions of any portfolio."""

import os
import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from governance_app.compliance import services
from governance_app.compliance.models import NodeStanding
from governance_app.domain.ids import uuid7
from governance_app.initiatives.models import Initiative, Stage
from governance_app.people.models import ScopeNode
from governance_app.risk.models import Risk

pytestmark = pytest.mark.django_db

#: SCALE=10000 tells how long the pages take over the whole size.
SMALL, LARGE = 20, int(os.environ.get("SCALE", "200"))
RISKS, STANDINGS = 5, 30
PAGES = {
    "/risk/": 20,
    "/risk/?only=above": 20,
    "/risk/incidents/": 12,
    "/compliance/": 24,
    "/compliance/frameworks/nist-ai-rmf/": 20,
    "/compliance/frameworks/nist-ai-rmf/?part=units": 12,
    "/risk/?part=units": 10,
    "/compliance/inventory/": 24,
}
CATEGORIES = ("bias", "security", "privacy", "regulatory", "performance")


def fill(units: list[Any], first: int, count: int, refs: list[str]) -> None:
    """Write initiatives with risks and known requirements at once, as an import would."""
    nodes, rows, risks, standings = [], [], [], []
    today = timezone.localdate()
    stage = Stage.objects.get(slug="production")
    for number in range(first, first + count):
        unit = units[number % len(units)]
        pk = uuid7()
        node = ScopeNode(
            pk=pk, kind="initiative", name=f"Initiative {number}", parent=unit,
            path=f"{unit.path}{pk.hex}/",
        )  # fmt: skip
        row = Initiative(
            number=number, key=f"AI-{number}", name=node.name, node=node, unit=unit, stage=stage
        )
        nodes.append(node)
        rows.append(row)
        for place, category in enumerate(CATEGORIES[:RISKS]):
            level = (number + place) % 5 + 1
            risks.append(
                Risk(
                    initiative=row, category=category, title="What may happen", likelihood=level,
                    impact=level, inherent=level, residual=level, points=4 * level * level,
                    likelihood_now=level, impact_now=level, appetite=3, reviewed_on=today,
                    review_due_on=today, confidence="high",
                )
            )  # fmt: skip
        for place, ref in enumerate(refs[:STANDINGS]):
            state = ("met", "partly", "gap")[(number + place) % 3]
            standings.append(
                NodeStanding(initiative=row, framework="nist-ai-rmf", ref=ref, state=state)
            )
    for model, made in (
        (ScopeNode, nodes), (Initiative, rows), (Risk, risks), (NodeStanding, standings),
    ):  # fmt: skip
        model.objects.bulk_create(made, batch_size=2000)  # type: ignore[attr-defined]


def test_pages_ask_no_more_of_a_large_portfolio(
    unit: Any, other_unit: Any, person: Any, admin: Any
) -> None:
    services.load_shipped(by=admin)
    from governance_app.compliance.models import Node

    refs = list(
        Node.objects.filter(library__key="nist-ai-rmf", is_assessable=True).values_list(
            "ref", flat=True
        )
    )
    client = Client()
    client.force_login(person("risk_officer"))
    asked: dict[int, dict[str, int]] = {}
    done = 0
    for size in (SMALL, LARGE):
        fill([unit, other_unit], done + 1, size - done, refs)
        done = size
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        asked[size] = {}
        for path in PAGES:
            client.get(path)  # what a process keeps is kept
            with CaptureQueriesContext(
                connection,
            ) as queries:
                began = time.perf_counter()
                assert client.get(path).status_code == 200
                took = time.perf_counter() - began
            asked[size][path] = len(queries)
            if "SCALE" in os.environ:
                print(f"{size:>6} {path:<40} {len(queries):>3} queries {took * 1000:>6.0f} ms")
    assert asked[LARGE] == asked[SMALL]
    assert {path: count for path, count in asked[LARGE].items() if count > PAGES[path]} == {}
