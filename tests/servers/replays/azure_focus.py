"""A blob container with Cost Management exports, as Microsoft documents their layout."""

import json
from typing import Any
from urllib.parse import unquote
from xml.sax.saxutils import escape

from tests.servers.buckets import Store
from tests.servers.scenario import SECRET, Scenario
from tests.servers.scripted import Call, Reply
from tests.servers.tables import by_month, focus_csv

EXPORT = "/providers/Microsoft.Billing/exports/täglich"


class CostExport(Scenario):
    plugin = "azure_focus"
    is_snapshot = True
    empties = False  # an export always writes the months it knows
    proof = SECRET
    _store: Store | None = None

    def settings(self) -> dict[str, Any]:
        return {
            "container": f"{self.url}/exports",
            "path": "focus",
            "tenant_id": "tenant",
            "client_id": "client",
            "client_secret": SECRET,
            "authority": self.url,
        }

    @property
    def store(self) -> Store:
        if self._store is None:
            self._store, self._known, self._last = Store(), set[Any](), dict[Any, Any]()
        return self._store

    def refresh(self) -> None:
        """Run the export: a folder for each month that changed, the earlier run removed."""
        store, months = self.store, by_month(self.held.charges)
        self._known |= set(months)
        for month in sorted(self._known):
            charges = months.get(month, [])
            if self._last.get(month) == charges:
                continue
            self._last[month] = list(charges)
            place = f"focus/täglich/{month:%Y%m}01-{month:%Y%m}30"
            for key in [key for key in store.objects if key.startswith(place)]:
                del store.objects[key]
            run = f"{place}/run-{len(store.objects)}-{store.now:%H%M}"
            blobs = []
            for number, chunk in enumerate([[each] for each in charges] or [[]]):
                name = f"{run}/part_{number}.csv"
                store.put(name, focus_csv(month, chunk, vendor="Microsoft"))
                blobs.append({"blobName": name, "byteCount": len(store.objects[name][0])})
            told = {
                "blobCount": len(blobs),
                "dataRowCount": len(charges),
                "exportConfig": {
                    "exportName": "täglich",
                    "resourceId": EXPORT,
                    "type": "FocusCost",
                },
                "runInfo": {"runId": run, "startDate": f"{month}T00:00:00Z"},
                "blobs": blobs,
            }
            store.put(f"{run}/manifest.json", json.dumps(told).encode())

    def is_question(self, call: Call) -> bool:
        return not call.path.endswith("/token")

    def answer(self, call: Call) -> Reply:
        if call.path == "/tenant/oauth2/v2.0/token":
            return Reply.of({"access_token": "passing", "expires_in": 3599})
        if call.headers.get("authorization") != "Bearer passing":
            return Reply(status=401)
        _, _, name = unquote(call.path).split("/", 2) if call.path.count("/") > 1 else ("", "", "")
        if not name:
            return self._listed(call)
        return self.store.s3(call, page_size=1)

    def _listed(self, call: Call) -> Reply:
        keys = sorted(key for key in self.store.objects if key.startswith(call.query["prefix"]))
        page, token = self.paged(keys, call.query.get("marker") or None)
        rows = ""
        for key in page:
            content, etag, modified = self.store.objects[key]
            rows += (
                f"<Blob><Name>{escape(key)}</Name><Properties>"
                f"<Last-Modified>{modified:%a, %d %b %Y %H:%M:%S GMT}</Last-Modified>"
                f"<Etag>{etag}</Etag><Content-Length>{len(content)}</Content-Length>"
                "</Properties></Blob>"
            )
        body = (
            '<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="exports">'
            f"<Blobs>{rows}</Blobs><NextMarker>{token}</NextMarker></EnumerationResults>"
        )
        return Reply(body=body.encode(), content_type="application/xml")
