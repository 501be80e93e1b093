"""Cursor paging: stable while rows arrive, and as fast on page 1,000 as on page 1."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class NewestFirst(CursorPagination):
    """Newest rows first; ``?limit=`` up to 500."""

    ordering = ("-created_at", "-id")
    page_size = 100
    page_size_query_param = "limit"
    max_page_size = 500

    def get_page_size(self, request: Request) -> int:
        """Give how many rows a page holds; what is no such number is refused, not ignored."""
        asked = request.query_params.getlist("limit")
        if not asked:
            return self.page_size
        text = asked[0]
        if len(asked) > 1 or not (text.isascii() and text.isdigit() and len(text) <= 3):
            raise ValidationError({"limit": [f"Give a number from 1 to {self.max_page_size}."]})
        if not 1 <= int(text) <= self.max_page_size:
            raise ValidationError({"limit": [f"Give a number from 1 to {self.max_page_size}."]})
        return int(text)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the two questions with their bounds."""
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "The mark of a page, as `next` and `previous` give it.",
                "schema": {"type": "string", "minLength": 1},
            },
            {
                "name": "limit",
                "in": "query",
                "required": False,
                "description": "Rows a page.",
                "schema": {"type": "integer", "minimum": 1, "maximum": self.max_page_size},
            },
        ]
