"""``Idempotency-Key``: the same request sent again changes nothing and is answered the same."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from governance_app.jobs import services
from portfolio.api.strict import Door

LONGEST = 200

HEADER = OpenApiParameter(
    name="Idempotency-Key",
    location=OpenApiParameter.HEADER,
    type={"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
    description="Chosen by the sender, one for each thing to be done. Sending the same request "
    "again with the same key gives the first answer and changes nothing.",
)

Handler = Callable[..., Response]


def once(handler: Handler) -> Handler:
    """Let a POST be sent again safely when it carries an ``Idempotency-Key``."""

    @wraps(handler)
    def run(self: Door, request: Any, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key", "")
        if not key:
            return handler(self, request, *args, **kwargs)
        if len(key) > LONGEST or not key.isascii() or not key.isprintable():
            reason = f"At most {LONGEST} printable ASCII characters."
            raise ValidationError({"Idempotency-Key": [reason]})
        asked = json.dumps(request.data, sort_keys=True, default=str).encode()

        def answer() -> tuple[int, Any]:
            response = handler(self, request, *args, **kwargs)
            return response.status_code, json.loads(_json(response.data))

        status, body, is_again = services.answer_once(
            key=key,
            route=f"{request.method} {request.path}"[:300],
            digest=hashlib.sha256(asked).hexdigest(),
            answer=answer,
            by=self.viewer,
        )
        response = Response(body, status=status)
        if is_again:
            response["Idempotency-Replayed"] = "true"
        return response

    return run


def _json(data: Any) -> bytes:
    from rest_framework.renderers import JSONRenderer

    written: bytes = JSONRenderer().render(data)
    return written
