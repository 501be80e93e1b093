"""A local folder that somebody writes a manifest and files into, a folder for each month."""

import datetime as dt
import json
import os
from typing import Any

from tests.servers.scenario import Scenario
from tests.servers.tables import by_month, focus_csv


class Folder(Scenario):
    plugin = "focus_folder"
    label = "a real folder"
    speaks_http = False

    def settings(self) -> dict[str, Any]:
        return {"folder": str(self.folder / "bills")}

    def refresh(self) -> None:
        """Write every month anew, its manifest last."""
        self._times = getattr(self, "_times", 0) + 1
        at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC) + dt.timedelta(minutes=self._times)
        months = by_month(self.held.charges)
        self._known = getattr(self, "_known", set()) | set(months)
        for month in self._known:
            place = self.folder / "bills" / f"jährlich-{month:%Y-%m}"
            place.mkdir(parents=True, exist_ok=True)
            charges = months.get(month, [])
            halves = [charges[:1], charges[1:]] if len(charges) > 1 else [charges]
            if self.backwards:
                halves.reverse()
            names = [f"part-{number}.csv" for number in range(len(halves))]
            for name, half in zip(names, halves, strict=True):
                content = focus_csv(month, half)
                if not (place / name).exists() or (place / name).read_bytes() != content:
                    (place / name).write_bytes(content)
                    os.utime(place / name, (at.timestamp(), at.timestamp()))
            told = {"scope": "konto-ü", "billing_period": f"{month:%Y-%m}", "files": names}
            manifest = place / "manifest.json"
            standing = json.loads(manifest.read_text()) if manifest.exists() else {}
            if {**standing, "version": ""} == {**told, "version": ""} and not any(
                (place / name).stat().st_mtime == at.timestamp() for name in names
            ):
                continue
            manifest.write_text(json.dumps({**told, "version": at.isoformat()}))
            os.utime(manifest, (at.timestamp(), at.timestamp()))
