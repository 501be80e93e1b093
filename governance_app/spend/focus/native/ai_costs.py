"""
Costs of OpenAI and Anthropic, as their administration interfaces answer: pages of JSON buckets.

They are what the vendors bill; metered usage is always less. Each result becomes one line with
its model, token direction and cache action. OpenAI writes amounts as numbers of a currency,
Anthropic as text in its hundredths; both are read digit by digit.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from governance_app.domain.errors import Sentence
from governance_app.domain.periods import add_months
from governance_app.spend.focus import values
from governance_app.spend.focus.readers import MEBI, Batch, Limits, Meter, Reader, sniff

#: Pages of costs are small: a month of days by project and model.
LARGEST_BYTES = 64 * MEBI
COLUMNS = (
    "BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart",
    "ChargeCategory", "ChargeDescription", "ChargeFrequency", "ChargePeriodEnd",
    "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "ContractedCost", "EffectiveCost",
    "InvoiceIssuerName", "ListCost", "ServiceCategory", "ServiceName", "ServiceProviderName",
    "ServiceSubcategory", "SkuMeter", "SubAccountId", "x_CostBasis", "x_CredentialId",
    "x_ModelDeveloper", "x_ModelId", "x_PrincipalId", "x_TokenCacheAction", "x_TokenDirection",
)  # fmt: skip

Line = dict[str, str | None]


class AiCosts(Reader):
    """Pages of costs of one AI vendor, in FOCUS columns."""

    def __init__(
        self, path: Path, name: str, limits: Limits, lines: Sequence[Line], title: str
    ) -> None:
        super().__init__(path, name, limits)
        self._lines, self.title = lines, title
        self.received = self.columns = COLUMNS

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[Batch]:
        wanted = [name for name in COLUMNS if columns is None or name in set(columns)]
        for start in range(0, len(self._lines), self.limits.parquet_batch_rows):
            part = self._lines[start : start + self.limits.parquet_batch_rows]
            frame = pl.DataFrame(
                {name: [line.get(name) for line in part] for name in wanted},
                schema=dict.fromkeys(wanted, pl.String),
            )
            first = self.first_row + start
            yield Batch(frame, pl.int_range(first, first + len(part), eager=True))


def find(path: Path, *, name: str, limits: Limits) -> AiCosts | None:
    """
    Give a reader of pages of costs; None for a file that is none.

    Raises:
        Sentence: it is JSON of costs, but damaged or larger than such pages can be.
    """
    with path.open("rb") as stream:
        if sniff(stream.read(65_536)) != "json":
            return None
    if path.stat().st_size > LARGEST_BYTES:
        raise Sentence(
            f"{name} is JSON of more than {LARGEST_BYTES >> 20} MB. Import costs of AI vendors "
            "month by month.",
            file=name,
        )
    Meter(path, name, limits).add(path.stat().st_size)
    lines: list[Line] = []
    vendors: set[str] = set()
    for page in _pages(path.read_bytes(), name):
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            return None
        for bucket in page["data"]:
            for result in bucket.get("results", ()) if isinstance(bucket, dict) else ():
                vendor = "OpenAI" if isinstance(result.get("amount"), dict) else "Anthropic"
                vendors.add(vendor)
                made = _of_openai if vendor == "OpenAI" else _of_anthropic
                try:
                    lines.append({**_bucket(bucket), **made(result)})
                except (KeyError, TypeError, ValueError) as error:
                    raise Sentence(
                        f"{name} looks like costs of {vendor} but its result {len(lines) + 1} "
                        f"cannot be read ({error}). Fetch it again.",
                        file=name,
                        row=len(lines) + 1,
                    ) from error
    if not lines and not vendors:
        return None
    if len(vendors) > 1:
        raise Sentence(f"{name} holds costs of two vendors; import each by itself.", file=name)
    return AiCosts(path, name, limits, lines, f"{vendors.pop()} costs")


def _pages(content: bytes, name: str) -> list[Any]:
    """Read one page, a list of pages, or a page a line; numbers stay as they are written."""
    try:
        text = content.decode("utf-8-sig")
        read = json.loads(text, parse_float=str, parse_int=str)
    except UnicodeDecodeError as error:
        raise Sentence(f"{name} is not UTF-8 text.", file=name) from error
    except ValueError:
        try:
            lines = [line for line in text.splitlines() if line.strip()]
            return [json.loads(line, parse_float=str, parse_int=str) for line in lines]
        except ValueError as error:
            raise Sentence(
                f"{name} is JSON that breaks off or is damaged. Fetch it again.", file=name
            ) from error
    return read if isinstance(read, list) else [read]


def _bucket(bucket: Mapping[str, Any]) -> Line:
    """Say when a bucket begins and ends, and in which month of UTC it is billed."""
    begun = _at(bucket.get("start_time") or bucket["starting_at"])
    ended = _at(bucket.get("end_time") or bucket.get("ending_at") or begun + timedelta(days=1))
    month = begun.date().replace(day=1)
    return {
        "ChargePeriodStart": _written(begun),
        "ChargePeriodEnd": _written(ended),
        "BillingPeriodStart": f"{month}T00:00:00Z",
        "BillingPeriodEnd": f"{add_months(month, 1)}T00:00:00Z",
    }


def _at(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if re.fullmatch(r"\d{9,11}", str(value)):
        return datetime.fromtimestamp(int(str(value)), UTC)
    return values.read_moment(str(value)).at


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _of_openai(result: Mapping[str, Any]) -> Line:
    amount = str(result["amount"]["value"])
    item = result.get("line_item") or ""
    model, _, kind = item.rpartition(",") if "," in item else (item, "", "")
    return {
        **_charged(amount, str(result["amount"]["currency"]), "OpenAI", item),
        **_token(kind),
        "BillingAccountId": result.get("organization_id") or "openai",
        "SubAccountId": result.get("project_id"),
        "ServiceName": "OpenAI API",
        "ConsumedQuantity": result.get("quantity"),
        "ConsumedUnit": result.get("quantity_unit") or ("Tokens" if "token" in kind else None),
        "SkuMeter": kind.strip().replace("_", " ").title() or None,
        "x_CredentialId": result.get("api_key_id"),
        "x_ModelId": model.strip() or None,
        "x_PrincipalId": result.get("user_id"),
    }


def _of_anthropic(result: Mapping[str, Any]) -> Line:
    cents = values.read_decimal(str(result["amount"]))
    kind = str(result.get("token_type") or result.get("cost_type") or "")
    return {
        **_charged(
            f"{cents.scaleb(-2):f}", str(result.get("currency") or "USD"), "Anthropic",
            str(result.get("description") or kind),
        ),
        **_token(kind),
        "BillingAccountId": result.get("organization_id") or "anthropic",
        "SubAccountId": result.get("workspace_id") or "default",
        "ServiceName": "Claude API",
        "SkuMeter": kind.replace("_", " ").replace(".", " ").title() or None,
        "x_ModelId": result.get("model"),
    }  # fmt: skip


def _charged(amount: str, currency: str, vendor: str, description: str) -> Line:
    """Say what a line costs; the vendors know one cost, so the other bases are the same."""
    if not Decimal(amount).is_finite():
        raise ValueError(f"the amount {amount}")
    return {
        "BilledCost": amount, "EffectiveCost": amount, "ContractedCost": amount, "ListCost": amount,
        "x_CostBasis": "billed-only", "BillingCurrency": currency.upper(),
        "ChargeCategory": "Usage", "ChargeFrequency": "Usage-Based",
        "ChargeDescription": description or None, "InvoiceIssuerName": vendor,
        "ServiceProviderName": vendor, "ServiceCategory": "AI and Machine Learning",
        "ServiceSubcategory": "Generative AI", "x_ModelDeveloper": vendor,
    }  # fmt: skip


def _token(kind: str) -> Line:
    """
    Tell the direction of tokens and what the cache did, from what a vendor calls them.

    >>> _token("cache_read_input_tokens")
    {'x_TokenDirection': 'Input', 'x_TokenCacheAction': 'Read'}
    >>> _token(" output")
    {'x_TokenDirection': 'Output', 'x_TokenCacheAction': None}
    """
    plain = kind.lower()
    direction = "Output" if "output" in plain else "Input" if "input" in plain else None
    action = None
    if "cache_creation" in plain or "cache write" in plain or "cache_write" in plain:
        direction, action = "Input", "Write"
    elif "uncached" in plain:
        action = "Uncached"
    elif "cache" in plain:
        direction, action = "Input", "Read"
    elif direction == "Input":
        action = "Uncached"
    return {"x_TokenDirection": direction, "x_TokenCacheAction": action}
