"""/healthz: does every part of the installation work? Read by launchers, probes and people."""

import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from portfolio import heartbeats

_up_to_date = False


@dataclass(frozen=True)
class Part:
    """One part of the installation: whether it works, and a sentence without secrets."""

    is_well: bool
    says: str


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """
    Answer 200 when all parts work, else 503, with a sentence for each part.

    ``?only=database,broker`` asks for these parts alone: a probe that restarts the web process
    must not do so because the worker is silent.
    """
    asked = [name for name in request.GET.get("only", "").split(",") if name] or list(_CHECKS)
    unknown = sorted(set(asked) - set(_CHECKS))
    if unknown:
        known = ", ".join(_CHECKS)
        return JsonResponse(
            {"error": f"Unknown parts: {', '.join(unknown)}. Known: {known}."}, status=400
        )
    parts = check_parts(asked)
    is_well = all(part.is_well for part in parts.values())
    body = {"is_well": is_well, "parts": {name: asdict(part) for name, part in parts.items()}}
    return JsonResponse(body, status=200 if is_well else 503)


def check_parts(names: Iterable[str]) -> dict[str, Part]:
    """Check parts once each; a check costs one round trip to its server at most."""
    return {name: _CHECKS[name]() for name in names}


def _database() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Part(False, "does not answer")
    return Part(True, "answers")


def _migrations() -> Part:
    """Compare once; what was applied under a running process stays applied."""
    global _up_to_date
    if not _up_to_date:
        try:
            pending = pending_migrations()
        except DatabaseError:
            return Part(False, "cannot be read")
        if pending:
            return Part(False, f"{len(pending)} wait to be applied")
        _up_to_date = True
    return Part(True, "are applied")


def pending_migrations() -> list[str]:
    """Give the migrations that the code has and the database lacks."""
    loader = MigrationLoader(connection)
    applied = set(loader.applied_migrations)
    return [f"{app}.{name}" for app, name in sorted(set(loader.graph.nodes) - applied)]


def _broker() -> Part:
    key, value = "healthz", str(time.time())
    try:
        cache.set(key, value, 60)
    except (RedisError, OSError):
        return Part(False, "does not answer")
    return Part(True, "answers")


def _heartbeat(part: str) -> Callable[[], Part]:
    def check() -> Part:
        try:
            age = heartbeats.age_seconds(part)
        except (RedisError, OSError):
            return Part(False, "cannot be heard while the broker is away")
        if age is None:
            return Part(False, "has not shown life yet")
        if age > heartbeats.SILENT_AFTER_SECONDS[part]:
            return Part(False, f"has been silent for {age:.0f} s")
        return Part(True, f"showed life {age:.0f} s ago")

    return check


_CHECKS: dict[str, Callable[[], Part]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "worker": _heartbeat(heartbeats.WORKER),
    "beat": _heartbeat(heartbeats.BEAT),
}

urlpatterns = [path("healthz", healthz, name="healthz")]
