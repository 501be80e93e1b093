"""Signs of life of the worker and of beat, kept in the cache for /healthz to read."""

import logging
import time
from typing import Any

from celery.signals import beat_init, before_task_publish, heartbeat_sent, worker_ready
from django.core.cache import cache
from redis.exceptions import RedisError

WORKER, BEAT = "worker", "beat"
#: A worker beats every 2 s, later on a crowded machine; beat sends a tick every 30 s.
SILENT_AFTER_SECONDS = {WORKER: 30.0, BEAT: 95.0}

_WRITES_EVERY_SECONDS = 2.0
_KEEP_SECONDS = 24 * 3600

log = logging.getLogger(__name__)
_written_at: dict[str, float] = {}


def age_seconds(part: str) -> float | None:
    """Give the seconds since a part last showed life; None when it never did in a day."""
    at = cache.get(_key(part))
    return None if at is None else max(0.0, time.time() - at)


def is_alive(part: str) -> bool:
    """Tell whether a part showed life lately; commands run jobs themselves when no worker does."""
    age = age_seconds(part)
    return age is not None and age <= SILENT_AFTER_SECONDS[part]


def _beat_now(part: str) -> None:
    """Show life; a broker that is away must not stop the part that wants to show it."""
    now = time.monotonic()
    if now - _written_at.get(part, -_WRITES_EVERY_SECONDS) < _WRITES_EVERY_SECONDS:
        return
    _written_at[part] = now
    try:
        cache.set(_key(part), time.time(), _KEEP_SECONDS)
    except (RedisError, OSError) as error:
        log.warning("no sign of life written for %s: %s", part, error)


def _key(part: str) -> str:
    return f"heartbeat:{part}"


@worker_ready.connect
@heartbeat_sent.connect
def _worker_lives(**_: Any) -> None:
    _beat_now(WORKER)


@beat_init.connect
def _beat_lives(**_: Any) -> None:
    _beat_now(BEAT)
    before_task_publish.connect(_beat_sends)  # only the beat process sends the ticks


def _beat_sends(**_: Any) -> None:
    _beat_now(BEAT)
