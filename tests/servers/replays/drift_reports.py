"""A local folder that a monitoring job writes Evidently reports into, one a value and day."""

import datetime as dt
import json
import os
from decimal import Decimal
from typing import Any

from tests.servers.scenario import Scenario


class Reports(Scenario):
    plugin = "drift_reports"
    label = "a real folder"
    speaks_http = False

    def settings(self) -> dict[str, Any]:
        return {"folder": str(self.folder / "reports"), "initiative": "AI-7"}

    def refresh(self) -> None:
        """Write every report whose value differs, each write a minute later."""
        place = self.folder / "reports" / "jährlich"
        place.mkdir(parents=True, exist_ok=True)
        for number, ((series, on), value) in enumerate(self.held.values.items()):
            text = json.dumps(
                {
                    "metrics": [
                        {
                            "metric_name": f"ValueDrift(column={series})",
                            "config": {
                                "type": "evidently:metric_v2:ValueDrift",
                                "column": series,
                                "method": "Wasserstein distance (normed)",
                                "threshold": 0.1,
                            },
                            "value": float(value),
                        }
                    ],
                    "tests": [],
                }
            )
            path = place / f"report-{number}-{on}.json"
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
                self._at = getattr(self, "_at", dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
                self._at += dt.timedelta(minutes=1)
                os.utime(path, (self._at.timestamp(), self._at.timestamp()))

    def expected_readings(self) -> dict[tuple[str, dt.date], Decimal]:
        return {
            (f"drift/ValueDrift of {series}", on): value
            for (series, on), value in self.held.values.items()
        }
