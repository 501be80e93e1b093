"""The one shape of an amount in the ledger."""

from typing import Any

from django.db import models


def money(*, is_optional: bool = False, **options: Any) -> "models.DecimalField[Any, Any]":
    """Give a ``numeric(38,18)`` column; an optional one is null while the amount is unknown."""
    return models.DecimalField(
        max_digits=38, decimal_places=18, null=is_optional, blank=is_optional, **options
    )
