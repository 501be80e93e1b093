"""The pack of a close: one file with everything the month stood on, the same bytes for ever."""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from governance_app.spend.services.close.journals import harmless

_EPOCH = (1980, 1, 1, 0, 0, 0)
_ROW_COLUMNS = (
    "load_id, key_id, invoice, billing_month, charge_month, currency, billed, effective,"
    " contracted, list, consumed, priced, lines"
)


def row_hash(month: date) -> str:
    """Digest the key-months of a billing month, in a fixed order, as the database writes them."""
    digest = hashlib.sha256()
    query = (
        f"COPY (SELECT {_ROW_COLUMNS} FROM spend_spendkeymonth WHERE billing_month = %s"  # noqa: S608
        " ORDER BY load_id, key_id, charge_month, currency, invoice) TO STDOUT (FORMAT csv)"
    )
    with connection.cursor() as cursor, cursor.copy(query, [month]) as copy:
        for row in copy:
            digest.update(row)
    return digest.hexdigest()


def write(*, facts: Mapping[str, Any], tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    """
    Write the pack: ``close.json`` with the facts, and a CSV of each table, as one ZIP file.

    The same facts and tables give the same bytes: order, times and compression are fixed.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as pack:
        _add(pack, "close.json", _json(facts))
        for name, rows in sorted(tables.items()):
            _add(pack, f"{name}.csv", _csv(rows))
    return out.getvalue()


def digest_of(rows: Iterable[Sequence[Any]]) -> str:
    """Digest rows of values in their order: what an approval is about."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps([_plain(value) for value in row]).encode())
    return digest.hexdigest()


def _add(pack: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    pack.writestr(info, content)


def _json(facts: Mapping[str, Any]) -> bytes:
    text = json.dumps(facts, cls=DjangoJSONEncoder, indent=1, sort_keys=True, ensure_ascii=False)
    return text.encode()


def _csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    out = io.StringIO()
    if rows:
        writer = csv.writer(out, lineterminator="\r\n")
        names = list(rows[0])
        writer.writerow(names)
        writer.writerows([_cell(row[name]) for name in names] for row in rows)
    return out.getvalue().encode()


def _cell(value: Any) -> str:
    return harmless(value) if isinstance(value, str) else _plain(value)


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:.18f}".rstrip("0").rstrip(".") if value else "0"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
