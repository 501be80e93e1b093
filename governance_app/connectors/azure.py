"""Microsoft's clouds over plain HTTP: access tokens of an app registration, blob containers."""

import datetime as dt
import email.utils
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode
from xml.etree.ElementTree import Element

import httpx

from governance_app.connectors.base import (
    Errand,
    PermanentError,
    Setting,
    SettingKind,
    shaped_as_documented,
)
from governance_app.connectors.http import Outbound

BLOB_VERSION = "2021-12-02"
EARLY_S = 120

#: Settings of every plug-in that signs in as an app registration of Entra ID.
APP = (
    Setting("tenant_id", "Tenant ID"),
    Setting("client_id", "Client ID", help="Of the app registration that reads."),
    Setting("client_secret", "Client secret", is_secret=True),
    Setting(
        "authority",
        "Sign-in address",
        SettingKind.ADDRESS,
        default="https://login.microsoftonline.com",
        help="Another one for a national cloud.",
    ),
)


class AppToken:
    """Adds the access token of an app registration; asks for a new one before it ends."""

    def __init__(self, errand: Errand, *, scope: str) -> None:
        self._errand, self._scope = errand, scope
        self._value, self._until = "", 0.0

    def __call__(self, request: httpx.Request) -> httpx.Request:
        if time.monotonic() > self._until:
            self._renew()
        request.headers["authorization"] = f"Bearer {self._value}"
        return request

    def _renew(self) -> None:
        settings = self._errand.settings
        lacking = [
            name for name in ("tenant_id", "client_id", "client_secret") if not settings[name]
        ]
        if lacking:
            raise PermanentError(f"To sign in, {', '.join(lacking).replace('_', ' ')} is missing.")
        authority = str(settings["authority"]).rstrip("/")
        address = f"{authority}/{quote(str(settings['tenant_id']), safe='')}/oauth2/v2.0/token"
        fields = {
            "grant_type": "client_credentials",
            "client_id": str(settings["client_id"]),
            "client_secret": str(settings["client_secret"]),
            "scope": self._scope,
        }
        with (
            Outbound(reach=self._errand.reach, attempts=1) as outbound,
            shaped_as_documented(authority),
        ):
            answer = outbound.post_form(address, fields)
            self._value = str(answer["access_token"])
            self._until = time.monotonic() + max(int(answer["expires_in"]) - EARLY_S, 30)


@dataclass(frozen=True)
class Blob:
    """A blob as it was listed."""

    name: str
    etag: str
    size_bytes: int
    modified_at: dt.datetime


class Container:
    """One blob container, read only, by a shared access signature or an app registration."""

    def __init__(self, errand: Errand, address: str, *, signature: str) -> None:
        self.address = address.rstrip("/")
        self._signature = signature.lstrip("?")
        auth = None if signature else AppToken(errand, scope="https://storage.azure.com/.default")
        headers = {"x-ms-version": BLOB_VERSION, "accept": "*/*"}
        self._outbound = Outbound(reach=errand.reach, headers=headers, auth=auth)

    def __enter__(self) -> "Container":
        self._outbound.__enter__()
        return self

    def __exit__(self, *_: Any) -> None:
        self._outbound.__exit__(None, None, None)

    def list(self, prefix: str) -> Iterator[Blob]:
        """Yield the blobs below a prefix, by name."""
        marker = ""
        while True:
            params = {"restype": "container", "comp": "list", "prefix": prefix, "marker": marker}
            answer = self._outbound.send("GET", self._signed(self.address, urlencode(params)))
            root = answer.xml()
            if root.tag != "EnumerationResults":
                raise PermanentError(f"{self.address} is no blob container. Is the address right?")
            with shaped_as_documented(self.address):
                yield from [_blob(each) for each in root.iter("Blob")]
            following = root.findtext("NextMarker") or ""
            if not following or following == marker:
                return
            marker = following

    def read(self, blob: Blob) -> bytes:
        """Give the bytes of a small blob that must still be what was listed."""
        headers = {"if-match": blob.etag}
        return self._outbound.send("GET", self._place(blob.name), headers=headers).body

    def etag(self, name: str) -> str:
        """Ask what a blob is now, without its bytes."""
        return self._outbound.send("HEAD", self._place(name)).headers.get("etag", "")

    def download(self, blob: Blob) -> BinaryIO:
        """
        Fetch a blob that must still be what was listed.

        Raises:
            ChangedMeanwhile: it was overwritten since.
        """
        return self._outbound.download(self._place(blob.name), {"if-match": blob.etag})

    def _place(self, name: str) -> str:
        return self._signed(f"{self.address}/{quote(name, safe='/-_.~')}", "")

    def _signed(self, url: str, query: str) -> str:
        parts = [part for part in (query, self._signature) if part]
        return f"{url}?{'&'.join(parts)}" if parts else url


def _blob(element: Element) -> Blob:
    modified = email.utils.parsedate_to_datetime(element.findtext("Properties/Last-Modified") or "")
    etag = element.findtext("Properties/Etag") or ""
    return Blob(
        name=element.findtext("Name") or "",
        etag=etag if etag.startswith('"') else f'"{etag}"',
        size_bytes=int(element.findtext("Properties/Content-Length") or 0),
        modified_at=modified,
    )
