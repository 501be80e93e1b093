"""From when on an open vulnerability is a signal."""

import datetime as dt
from typing import Any

from governance_app.books.selectors import setting
from governance_app.domain import cyclonedx
from governance_app.domain.cyclonedx import BadBill


def limits_in_force(on: dt.date) -> dict[str, Any]:
    """
    Give what ``cyclonedx.is_grave`` judges by, as the organisation set it.

    Raises:
        BadBill: what is set cannot be used.
    """
    said = setting(key="open_vulnerabilities", on=on)
    try:
        limits = {
            "severity": str(said["severity"]),
            "score": float(said["score"]),
            "exploited_names": [str(each) for each in said["exploited_names"] if each],
        }
        cyclonedx.SEVERITIES.index(limits["severity"])
    except (TypeError, KeyError, ValueError) as error:
        known = ", ".join(cyclonedx.SEVERITIES)
        raise BadBill(
            "The setting open_vulnerabilities cannot be used: severity is one of "
            f"{known}, score a number, exploited_names a list."
        ) from error
    return limits
