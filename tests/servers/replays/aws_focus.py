"""A bucket that an overwriting Data Export delivers into, as its delivery page describes."""

import json
from typing import Any

from tests.servers.buckets import Store
from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply
from tests.servers.tables import by_month, focus_csv, zipped

EXPORT = "konto-ü"


class DataExport(Scenario):
    plugin = "aws_focus"
    is_snapshot = True
    empties = False  # an export always writes the months it knows
    proof = "AWS4-HMAC-SHA256"
    _store: Store | None = None

    def settings(self) -> dict[str, Any]:
        return {
            "bucket": "bills",
            "prefix": "finance/focus",
            "export": EXPORT,
            "access_key_id": SECRET,
            "secret_access_key": SECRET,
            "endpoint": self.url,
        }

    @property
    def store(self) -> Store:
        if self._store is None:
            self._store, self._known = Store(), set[Any]()
        return self._store

    def refresh(self) -> None:
        """Rewrite the files of the months that changed, then their manifests."""
        self.write_files()
        self.write_manifests()

    def write_files(self) -> None:
        """Write one chunk a charge; chunks of a longer run before stay where they are."""
        months = by_month(self.held.charges)
        store = self.store
        self._known |= set(months)
        self._stale: list[Any] = []
        for month in sorted(self._known):
            charges = months.get(month, [])
            chunks = [[each] for each in charges] or [[]]
            place = f"finance/focus/{EXPORT}/data/BILLING_PERIOD={month:%Y-%m}"
            files = {
                f"{place}/{EXPORT}-{number:05}.csv.gz": zipped(focus_csv(month, chunk))
                for number, chunk in enumerate(chunks, 1)
            }
            manifest = self._manifest(month)
            listed = store.objects[manifest][0] if manifest in store.objects else b""
            is_same = listed == self._told(list(files)) and all(
                key in store.objects and store.objects[key][0] == content
                for key, content in files.items()
            )
            if not is_same:
                for key, content in files.items():
                    store.put(key, content)
                self._stale.append((manifest, self._told(list(files))))

    def write_manifests(self) -> None:
        """Finish what ``write_files`` began."""
        for key, content in self._stale:
            self.store.put(key, content)

    def answer(self, call: Call) -> Reply:
        return self.store.s3(call, page_size=self.page_size)

    def _manifest(self, month: Any) -> str:
        place = f"finance/focus/{EXPORT}/metadata/BILLING_PERIOD={month:%Y-%m}"
        return f"{place}/{EXPORT}-Manifest.json"

    def _told(self, keys: list[str]) -> bytes:
        return json.dumps({"dataFiles": [f"s3://bills/{key}" for key in keys]}).encode()
