"""What the plug-ins that count seats share: settings people enter, and the count itself."""

import datetime as dt
from decimal import Decimal, InvalidOperation

from governance_app.connectors.base import Errand, PermanentError, Setting, Settings
from governance_app.domain.records import SeatRecord

ACTIVE_DAYS = 30


def settings_for(product: str) -> tuple[Setting, ...]:
    """Give the settings of every plug-in that counts seats of a product."""
    return (
        Setting("product", "Product", default=product, help="How its seats are called here."),
        Setting("price", "Price of a seat", help="A month, such as 19 or 19.50."),
        Setting("currency", "Currency", default="USD", help="Of that price, such as USD."),
        Setting("bought", "Seats bought", help="Where the vendor does not say; a whole number."),
        Setting(
            "initiative", "Initiative", help="Such as AI-142: the counts become its readings too."
        ),
    )


def check(settings: Settings) -> None:
    """
    Check what was entered for seats.

    Raises:
        PermanentError: a price or a number is none, or the currency is no code of three letters.
    """
    _price(settings), _bought(settings)
    currency = str(settings["currency"])
    if len(currency) != 3 or not currency.isalpha():
        raise PermanentError(f"Currency is a code of three letters such as USD, not {currency!r}.")


def since(errand: Errand) -> dt.datetime:
    """Give the moment from which a use makes a seat an active one."""
    midnight = dt.datetime.combine(errand.window.until, dt.time(), dt.UTC)
    return midnight - dt.timedelta(days=ACTIVE_DAYS - 1)


def counted(
    errand: Errand,
    *,
    assigned: int,
    active: int | None,
    bought: int | None = None,
    on: dt.date | None = None,
) -> SeatRecord:
    """Give the count of a day; what the vendor does not say is taken from the settings."""
    settings = errand.settings
    return SeatRecord(
        product=str(settings["product"]),
        counted_on=on or errand.window.until,
        assigned=assigned,
        active=active,
        active_days=ACTIVE_DAYS,
        bought=bought if bought is not None else _bought(settings),
        price=_price(settings),
        currency=str(settings["currency"]).upper(),
        initiative_key=str(settings["initiative"]).strip().upper(),
    )


def _price(settings: Settings) -> Decimal | None:
    text = str(settings["price"]).strip()
    try:
        price = Decimal(text) if text else None
    except InvalidOperation:
        price = Decimal(-1)
    if price is not None and not (price.is_finite() and 0 <= price < 10**9):
        raise PermanentError(f"Price of a seat is an amount such as 19.50, not {text!r}.")
    return price


def _bought(settings: Settings) -> int | None:
    text = str(settings["bought"]).strip()
    if text and not text.isdigit():
        raise PermanentError(f"Seats bought is a whole number, not {text!r}.")
    return int(text) if text else None
