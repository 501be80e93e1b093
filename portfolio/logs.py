"""Logs: one JSON object a line, with the request and job that wrote it."""

import logging
import sys
from typing import Any

import structlog

from governance_app.audit.acting import current


def _with_context(_: Any, __: str, event: dict[str, Any]) -> dict[str, Any]:
    now = current()
    for name, value in (("request", now.request_id), ("job", now.job_id), ("actor", now.actor_id)):
        if value:
            event[name] = value
    return event


def configure(config: dict[str, Any]) -> None:
    """Send everything the standard library logs to stderr as JSON lines."""
    before: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_context,
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(config.get("level", "INFO"))
    logging.getLogger("httpx").setLevel("WARNING")
    logging.getLogger("fontTools").setLevel("WARNING")
    logging.captureWarnings(True)
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
