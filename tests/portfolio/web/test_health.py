"""/healthz names the part that does not work, and nothing else."""

import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, override_settings

from portfolio import heartbeats
from portfolio.web import health

pytestmark = pytest.mark.django_db


@pytest.fixture
def alive() -> None:
    """Worker and beat showed life just now."""
    for part in (heartbeats.WORKER, heartbeats.BEAT):
        cache.set(f"heartbeat:{part}", time.time(), 60)


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Every test begins with processes that never showed life."""
    monkeypatch.setattr(health, "_up_to_date", False)
    yield
    cache.delete_many([f"heartbeat:{part}" for part in (heartbeats.WORKER, heartbeats.BEAT)])


def troubles(answer: Any) -> dict[str, str]:
    parts = answer.json()["parts"].items()
    return {name: part["says"] for name, part in parts if not part["is_well"]}


@pytest.mark.usefixtures("alive")
def test_all_parts_work(client: Client) -> None:
    answer = client.get("/healthz")
    assert troubles(answer) == {}
    assert answer.status_code == 200
    assert list(answer.json()["parts"]) == ["database", "migrations", "broker", "worker", "beat"]
    assert "no-store" in answer["Cache-Control"]


def test_parts_that_never_showed_life(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert troubles(answer) == {
        "worker": "has not shown life yet",
        "beat": "has not shown life yet",
    }


@pytest.mark.usefixtures("alive")
def test_a_worker_gone_silent(client: Client) -> None:
    cache.set("heartbeat:worker", time.time() - 50, 60)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert troubles(answer) == {"worker": "has been silent for 50 s"}


def test_some_parts_alone(client: Client) -> None:
    answer = client.get("/healthz?only=database,broker")
    assert answer.status_code == 200
    assert list(answer.json()["parts"]) == ["database", "broker"]


def test_an_unknown_part_is_refused_with_the_known_ones(client: Client) -> None:
    answer = client.get("/healthz?only=databse")
    assert answer.status_code == 400
    assert answer.json()["error"] == (
        "Unknown parts: databse. Known: database, migrations, broker, worker, beat."
    )


@pytest.mark.usefixtures("alive")
def test_a_broker_that_is_away(client: Client) -> None:
    nobody_listens = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
    with override_settings(CACHES={"default": nobody_listens}):
        answer = client.get("/healthz")
    assert answer.status_code == 503
    assert troubles(answer) == {
        "broker": "does not answer",
        "worker": "cannot be heard while the broker is away",
        "beat": "cannot be heard while the broker is away",
    }


@pytest.mark.usefixtures("alive")
def test_a_migration_that_waits(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "pending_migrations", lambda: ["spend.0002_rule"])
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert troubles(answer) == {"migrations": "1 wait to be applied"}
