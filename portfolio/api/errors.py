"""The one shape of every error: ``{"error": {"status", "message", "fields"?, "current"?}}``."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from governance_app.audit.rows import StaleWrite
from governance_app.domain.errors import Sentence
from governance_app.people.access import Refused


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what went wrong into the one shape; None lets the site's own 500 answer."""
    if isinstance(error, Refused):
        return _shape(403, str(error))
    if isinstance(error, StaleWrite):
        return _shape(409, str(error), current={"version": error.current.version})
    if isinstance(error, Sentence):
        where = {"file": error.file, "row": error.row, "column": error.column, "value": error.value}
        return _shape(422, str(error), **{k: v for k, v in where.items() if v not in ("", None)})
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, ValidationError):
        shaped = _shape(400, "Some fields cannot be taken as they are.", fields=response.data)
    else:
        shaped = _shape(response.status_code, _message(response.data))
    for header, value in response.headers.items():
        if header.lower() not in {"content-type", "content-length", "allow"}:
            shaped[header] = value
    return shaped


def _shape(status: int, message: str, **more: Any) -> Response:
    return Response({"error": {"status": status, "message": message, **more}}, status=status)


def _message(data: Any) -> str:
    return str(data.get("detail", data)) if isinstance(data, dict) else str(data)
