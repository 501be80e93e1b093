"""
What the plug-ins that count seats share: settings people enter, and the count itself.

A vendor whose members are the seats and whose use names them is a :class:`Members`.
"""

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    PermanentError,
    Plugin,
    Setting,
    SettingKind,
    Settings,
    shaped_as_documented,
    tried,
)
from governance_app.connectors.http import Outbound
from governance_app.domain.records import SeatRecord

ACTIVE_DAYS = 30


class Members(Plugin):
    """
    Counts the members of an organization, and those of them who were active of late.

    Whom the vendor names is counted and never kept. ``needs_members`` and ``needs_use``: the
    permission that listing the one and the other takes, in the vendor's own words.
    """

    brings = (Brings.SEATS,)
    needs_members: ClassVar[str]
    needs_use: ClassVar[str]

    @abstractmethod
    def headers(self, errand: Errand) -> dict[str, str]:
        """Give what proves who asks."""

    @abstractmethod
    def members(self, outbound: Outbound, errand: Errand) -> set[str]:
        """Give every member by what the vendor knows them by."""

    @abstractmethod
    def active(self, outbound: Outbound, errand: Errand) -> set[str]:
        """Give whoever was active within the days that count, by the same."""

    def tried_use(self, outbound: Outbound, errand: Errand) -> set[str]:
        """Give whoever was active, as far as *Test* needs to look."""
        return self.active(outbound, errand)

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        check(cleaned)
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """List members, and ask for their use."""
        with self._outbound(errand) as outbound:
            return [
                tried(
                    "Members can be listed",
                    lambda: f"{len(self.members(outbound, errand))} member(s).",
                    needs=self.needs_members,
                ),
                tried(
                    "Use can be read",
                    lambda: f"{len(self.tried_use(outbound, errand))} active.",
                    needs=self.needs_use,
                ),
            ]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the count of today."""
        with self._outbound(errand) as outbound, shaped_as_documented(self.title):
            members = self.members(outbound, errand)
            used = members & self.active(outbound, errand)
            count = counted(errand, assigned=len(members), active=len(used))
            yield Batch("Members", records=(count,))

    def _outbound(self, errand: Errand) -> Outbound:
        return Outbound(reach=errand.reach, headers=self.headers(errand))


def settings_of_members(*, product: str, key: str, address: str) -> tuple[Setting, ...]:
    """
    Give the settings of a plug-in that counts members.

    Args:
        key: how the vendor's admin key begins.
        address: of the vendor's API.
    """
    return (
        Setting("admin_key", "Admin key", is_secret=True, is_required=True, help=key),
        *settings_for(product),
        Setting("address", "Address", SettingKind.ADDRESS, default=address),
    )


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
