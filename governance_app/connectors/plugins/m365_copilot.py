"""
Microsoft 365 Copilot: licences of a tenant, and how many people used them.

Microsoft Graph says how many licences are paid for and given out (subscribed SKUs), and how
many enabled people were active within 30 days (a usage report, two days late).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from governance_app.connectors import seating
from governance_app.connectors.azure import APP, AppToken
from governance_app.connectors.base import (
    Batch,
    Brings,
    Check,
    Errand,
    PermanentError,
    Plugin,
    Setting,
    SettingKind,
    shaped_as_documented,
    tried,
)
from governance_app.connectors.http import Outbound

REPORT = "beta/copilot/reports/getMicrosoft365CopilotUserCountSummary(period='D30')"
SKUS = "v1.0/subscribedSkus"


class M365Copilot(Plugin):
    """Two questions a run; both answer sums, no names."""

    name = "m365_copilot"
    title = "Microsoft 365 Copilot"
    summary = "Copilot licences of a Microsoft 365 tenant: bought, assigned, used."
    brings = (Brings.SEATS,)
    settings = (
        *APP,
        *seating.settings_for("Microsoft 365 Copilot"),
        Setting(
            "sku",
            "Part of the SKU's name",
            default="Copilot",
            help="Licences whose part number holds this text are counted.",
        ),
        Setting("address", "Address", SettingKind.ADDRESS, default="https://graph.microsoft.com"),
    )

    def clean(self, values: Mapping[str, Any]) -> dict[str, str | bool]:
        cleaned = super().clean(values)
        seating.check(cleaned)
        return cleaned

    def test(self, errand: Errand) -> list[Check]:
        """Ask for licences and for the report."""
        with _outbound(errand) as outbound:
            return [
                tried(
                    "Licences can be counted",
                    lambda: "{} bought, {} assigned.".format(*_licences(outbound, errand)),
                    needs="the application permission LicenseAssignment.Read.All",
                ),
                tried(
                    "Use can be read",
                    lambda: f"{_active(outbound, errand)[0]} active within 30 days.",
                    needs="the application permission Reports.Read.All",
                ),
            ]

    def pull(self, errand: Errand) -> Iterator[Batch]:
        """Yield the count of the day the report is of."""
        with _outbound(errand) as outbound, shaped_as_documented(self.title):
            bought, assigned = _licences(outbound, errand)
            active, on = _active(outbound, errand)
            count = seating.counted(
                errand, assigned=assigned, active=min(active, assigned), bought=bought, on=on
            )
            yield Batch("Licences", records=(count,))


def _outbound(errand: Errand) -> Outbound:
    scope = f"{str(errand.settings['address']).rstrip('/')}/.default"
    return Outbound(reach=errand.reach, auth=AppToken(errand, scope=scope))


def _licences(outbound: Outbound, errand: Errand) -> tuple[int, int]:
    """
    Count licences bought and assigned over all SKUs that are meant.

    Raises:
        PermanentError: no SKU of the tenant is one.
    """
    wanted = str(errand.settings["sku"]).casefold()
    place: str | None = f"{str(errand.settings['address']).rstrip('/')}/{SKUS}"
    bought = assigned = found = 0
    while place:
        answer = outbound.get_json(place)
        for row in answer["value"]:
            if wanted in str(row["skuPartNumber"]).casefold():
                found += 1
                bought += int(row["prepaidUnits"]["enabled"])
                assigned += int(row["consumedUnits"])
        place = answer.get("@odata.nextLink")
    if not found:
        raise PermanentError(f"The tenant has no licence whose name holds {wanted!r}.")
    return bought, assigned


def _active(outbound: Outbound, errand: Errand) -> tuple[int, dt.date]:
    """
    Count the people who used any app with Copilot, and the day the report is of.

    Raises:
        PermanentError: the report is empty.
    """
    address = str(errand.settings["address"]).rstrip("/")
    answer = outbound.get_json(f"{address}/{REPORT}", {"$format": "application/json"})
    for row in answer["value"]:
        for each in row["adoptionByProduct"]:
            return int(each["anyAppActiveUsers"]), dt.date.fromisoformat(row["reportRefreshDate"])
    raise PermanentError("Microsoft's report of Copilot use is empty. Is Copilot licensed yet?")
