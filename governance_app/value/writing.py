"""Writing many rows in one statement, column by column: several times faster than row by row."""

from collections.abc import Sequence

from django.db import connection, models

from governance_app.domain.ids import uuid7
from governance_app.domain.periods import month_of
from governance_app.domain.records import CaseLineRecord
from governance_app.value.models import BenefitMonth, BusinessCase

_INSERT_LINES = """
    INSERT INTO value_caseline
        (case_id, currency, id, side, category, month, amount, is_recurring, treatment, low, high)
    SELECT %s, %s, line.* FROM unnest(
        %s::uuid[], %s::text[], %s::text[], %s::date[], %s::numeric[], %s::boolean[], %s::text[],
        %s::numeric[], %s::numeric[]
    ) AS line
"""


def insert_lines(case: BusinessCase, lines: Sequence[CaseLineRecord]) -> None:
    """Write the lines of a draft in the currency of the case."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT_LINES,
            [
                case.pk,
                case.currency,
                [uuid7() for _ in lines],
                [line.side for line in lines],
                [line.category for line in lines],
                [month_of(line.month) for line in lines],
                [line.amount for line in lines],
                [line.is_recurring for line in lines],
                [line.treatment for line in lines],
                [line.low for line in lines],
                [line.high for line in lines],
            ],
        )


def update_months(rows: Sequence[BenefitMonth], names: Sequence[str]) -> None:
    """Write the named fields of months that stand already."""
    if not rows:
        return
    fields = [_field(name) for name in names]
    # Names and types come from the model, values travel as parameters.
    columns = ", ".join(f"{field.column} = new.{field.column}" for field in fields)
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    aliases = ", ".join(str(field.column) for field in fields)
    statement = (
        f"UPDATE value_benefitmonth SET {columns} "  # noqa: S608
        f"FROM unnest(%s::uuid[], {arrays}) AS new(row_id, {aliases}) "
        f"WHERE value_benefitmonth.id = new.row_id"
    )
    values = [
        [field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows]
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, [[row.pk for row in rows], *values])


def _field(name: str) -> "models.Field[object, object]":
    field = BenefitMonth._meta.get_field(name)
    assert isinstance(field, models.Field)
    return field
