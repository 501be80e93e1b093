"""The running parts: broker, worker, beat, and jobs that were put aside."""

from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection

from portfolio.doctor.findings import Finding, weak, well, wrong
from portfolio.up.locks import Lock
from portfolio.up.places import Places
from portfolio.web.health import check_parts

_STARTS = "Start everything with make demo or python manage.py up; see the logs in var/log."


def examine() -> Iterator[Finding]:
    """Look at what should be running."""
    broker = check_parts(["broker"])["broker"]
    if not broker.is_well:
        yield wrong("broker", f"It {broker.says}.", "Check REDIS_URL, or unset it to embed one.")
        return
    yield well("broker", "It answers.")
    should_run = _is_up()
    for name, part in check_parts(["worker", "beat"]).items():
        if part.is_well:
            yield well(name, f"It {part.says}.")
        elif should_run:
            yield wrong(name, f"It {part.says}.", f"See {settings.VAR}/log/{name}.log.")
        else:
            yield weak(name, f"It {part.says}; nothing is running now.", _STARTS)
    yield _quarantine()


def _is_up() -> bool:
    """Tell whether a launcher serves this installation; another supervisor may, unknown to us."""
    path = Places(settings.VAR).up_lock
    if not path.exists():
        return False
    claim = Lock(path)
    try:
        return not claim.try_shared()
    finally:
        claim.close()


def _quarantine() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM jobs_job WHERE state = 'quarantined'")
            (aside,) = cursor.fetchone()
    except DatabaseError:
        return weak("jobs", "They cannot be counted.", "Look at the database first.")
    if aside:
        return wrong(
            "jobs",
            f"{aside} killed their worker again and again and were put aside.",
            "Open Connections, read each one's log, and try it again once the cause is mended.",
        )
    return well("jobs", "None is put aside.")
