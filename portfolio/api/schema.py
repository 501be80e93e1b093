"""What the OpenAPI document says of every operation: how it is refused."""

from typing import Any

_SAID = {
    "400": "A field, question or page mark cannot be taken as it is.",
    "401": "No token, or one that is unknown, expired or revoked.",
    "403": "The grants of who asks do not allow it; the message says which would.",
    "404": "There is no such thing that you may see.",
    "406": "Only JSON is spoken.",
    "409": "Somebody changed it since the version it was read in.",
    "415": "Only JSON is read.",
    "422": "It was understood and cannot be done; the message says why.",
    "429": "Too many requests; wait as long as Retry-After says.",
}

_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["status", "message"],
            "properties": {
                "status": {"type": "integer"},
                "message": {"type": "string"},
                "fields": {"description": "Field -> what is wrong with it."},
                "current": {"type": "object", "description": "The row as it is now."},
            },
        }
    },
}


def add_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Describe the one shape of errors once, and name it in every operation."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Error"] = _ERROR
    shape = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            codes = dict(_SAID)
            if method in {"get", "head"}:
                for code in ("409", "415", "422"):
                    codes.pop(code)
            if not path.startswith("/api/v1/"):
                continue
            for code, words in codes.items():
                operation["responses"].setdefault(code, {"description": words, "content": shape})
    return result
