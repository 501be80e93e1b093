"""
Amazon Web Services over plain HTTP: signed requests, buckets, roles.

The requests go out through the one client of ``http.py``, so its guard over addresses, its
deadlines and caps hold for them too; a vendor's SDK would open connections of its own.
Signature: AWS Signature Version 4, as documented for the header form.
"""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, quote, urlencode
from xml.etree.ElementTree import Element

import httpx

from governance_app.connectors.base import (
    Errand,
    PermanentError,
    Setting,
    SettingKind,
    shaped_as_documented,
)
from governance_app.connectors.http import Answer, Outbound

SESSION_S = 3600
PATH_SAFE = "/-_.~"

#: Settings of every plug-in that signs its requests.
ACCESS = (
    Setting("access_key_id", "Access key ID", is_secret=True, is_required=True),
    Setting("secret_access_key", "Secret access key", is_secret=True, is_required=True),
    Setting(
        "role_arn",
        "Role to take on",
        help="Its ARN, when the data belongs to another account; empty: the key itself reads.",
    ),
    Setting("external_id", "External ID", help="As the trust policy of that role demands it."),
    Setting("region", "Region", default="us-east-1"),
    Setting(
        "endpoint",
        "Endpoint",
        SettingKind.ADDRESS,
        help="Only for a private endpoint or a compatible server; empty: Amazon's own.",
    ),
)


@dataclass(frozen=True)
class Keys:
    """What signs a request."""

    key_id: str
    secret: str
    session: str = ""


class Signer:
    """Signs requests to one service in one region."""

    def __init__(
        self,
        keys: Keys,
        *,
        region: str,
        service: str,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._keys, self._region, self._service, self._clock = keys, region, service, clock

    def __call__(self, request: httpx.Request) -> httpx.Request:
        """Add the headers that prove who asks; each attempt is signed anew."""
        moment = self._clock().strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(request.read()).hexdigest()
        request.headers["x-amz-date"] = moment
        request.headers["x-amz-content-sha256"] = digest
        if self._keys.session:
            request.headers["x-amz-security-token"] = self._keys.session
        signed = {
            name: " ".join(value.split())
            for name, value in sorted(request.headers.items())
            if name == "host" or name == "content-type" or name.startswith("x-amz-")
        }
        path = request.url.raw_path.partition(b"?")[0].decode()
        canonical = "\n".join(
            (
                request.method,
                path if self._service == "s3" else quote(path, safe=PATH_SAFE),
                _canonical_query(request.url.query.decode()),
                *(f"{name}:{value}" for name, value in signed.items()),
                "",
                ";".join(signed),
                digest,
            )
        )
        scope = f"{moment[:8]}/{self._region}/{self._service}/aws4_request"
        hashed = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashed}"
        key = f"AWS4{self._keys.secret}".encode()
        for step in (moment[:8], self._region, self._service, "aws4_request"):
            key = hmac.new(key, step.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        request.headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self._keys.key_id}/{scope},"
            f" SignedHeaders={';'.join(signed)}, Signature={signature}"
        )
        return request


def _canonical_query(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(sorted(pairs), quote_via=quote, safe="-_.~")


class Service:
    """One service of AWS that speaks JSON, such as Cost Explorer or SageMaker."""

    def __init__(self, errand: Errand, *, service: str, host: str, target: str) -> None:
        settings = errand.settings
        self.address = str(settings["endpoint"]).rstrip("/") or f"https://{host}"
        self._target = target
        self._outbound = signed(errand, service=service)

    def __enter__(self) -> "Service":
        self._outbound.__enter__()
        return self

    def __exit__(self, *_: Any) -> None:
        self._outbound.__exit__(None, None, None)

    def call(self, operation: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make one call that reads."""
        headers = {
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"{self._target}.{operation}",
        }
        answer = self._outbound.json(
            "POST", f"{self.address}/", content=json.dumps(body).encode(), headers=headers
        )
        if not isinstance(answer, dict):
            raise PermanentError(f"{self.address} answers no JSON object to {operation}.")
        return answer

    def pages(
        self, operation: str, body: Mapping[str, Any], *, continues: str = "NextToken"
    ) -> Iterator[dict[str, Any]]:
        """Yield every page of a listing."""
        asked = dict(body)
        while True:
            answer = self.call(operation, asked)
            yield answer
            following = answer.get(continues)
            if not following or following == asked.get(continues):
                return
            asked[continues] = following


def signed(errand: Errand, *, service: str) -> Outbound:
    """Give a client whose requests are signed, in the role of the settings if one is named."""
    settings = errand.settings
    region = str(settings["region"])
    keys = Keys(str(settings["access_key_id"]), str(settings["secret_access_key"]))
    if settings["role_arn"]:
        keys = _in_role(errand, keys)
    return Outbound(reach=errand.reach, auth=Signer(keys, region=region, service=service))


def _in_role(errand: Errand, keys: Keys) -> Keys:
    """
    Take on the role of the settings for an hour.

    Raises:
        PermanentError: its trust policy does not let this key in (``sts:AssumeRole``).
    """
    settings = errand.settings
    region = str(settings["region"])
    address = str(settings["endpoint"]).rstrip("/") or f"https://sts.{region}.amazonaws.com"
    fields = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": str(settings["role_arn"]),
        "RoleSessionName": "ai-portfolio",
        "DurationSeconds": str(SESSION_S),
    }
    if settings["external_id"]:
        fields["ExternalId"] = str(settings["external_id"])
    signer = Signer(keys, region=region, service="sts")
    with Outbound(reach=errand.reach, auth=signer) as outbound:
        answer = outbound.send("POST", f"{address}/", data=fields, headers={"accept": "text/xml"})
    found = {_plain(each): each.text or "" for each in answer.xml().iter()}
    with shaped_as_documented("AWS STS"):
        return Keys(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


@dataclass(frozen=True)
class Stored:
    """An object in a bucket as it was listed."""

    key: str
    etag: str
    size_bytes: int
    modified_at: dt.datetime


class Bucket:
    """One S3 bucket, read only."""

    def __init__(self, errand: Errand, name: str) -> None:
        settings = errand.settings
        region = str(settings["region"])
        base = str(settings["endpoint"]).rstrip("/") or f"https://s3.{region}.amazonaws.com"
        self.name = name
        self.address = f"{base}/{quote(name, safe=PATH_SAFE)}"
        self._outbound = signed(errand, service="s3")

    def __enter__(self) -> "Bucket":
        self._outbound.__enter__()
        return self

    def __exit__(self, *_: Any) -> None:
        self._outbound.__exit__(None, None, None)

    def list(self, prefix: str, *, limit: int = 1000) -> Iterator[Stored]:
        """Yield the objects below a prefix, in the order of their keys."""
        token = ""
        while True:
            params = {"list-type": "2", "max-keys": str(limit), "prefix": prefix}
            if token:
                params["continuation-token"] = token
            query = urlencode(sorted(params.items()), quote_via=quote, safe="-_.~")
            answer = self._answer(f"{self.address}?{query}")
            root = answer.xml()
            if _plain(root) != "ListBucketResult":
                raise PermanentError(f"{self.address} is no bucket. Is the endpoint right?")
            with shaped_as_documented(self.address):
                yield from [_stored(each) for each in root if _plain(each) == "Contents"]
            said = {_plain(each): each.text or "" for each in root}
            following = said.get("NextContinuationToken", "")
            if said.get("IsTruncated") != "true" or not following or following == token:
                return
            token = following

    def read(self, key: str) -> tuple[bytes, str]:
        """Give the bytes of a small object and their ETag."""
        answer = self._answer(self._place(key))
        return answer.body, _bare(answer.headers.get("etag", ""))

    def etag(self, key: str) -> str:
        """Ask what an object is now, without its bytes."""
        answer = self._outbound.send("HEAD", self._place(key), headers={"accept": "*/*"})
        return _bare(answer.headers.get("etag", ""))

    def download(self, stored: Stored) -> BinaryIO:
        """
        Fetch an object that must still be what was listed.

        Raises:
            ChangedMeanwhile: it was overwritten since.
        """
        return self._outbound.download(self._place(stored.key), {"if-match": f'"{stored.etag}"'})

    def _answer(self, url: str) -> Answer:
        return self._outbound.send("GET", url, headers={"accept": "*/*"})

    def _place(self, key: str) -> str:
        return f"{self.address}/{quote(key, safe=PATH_SAFE)}"


def _stored(element: Element) -> Stored:
    said = {_plain(each): each.text or "" for each in element}
    return Stored(
        key=said["Key"],
        etag=_bare(said["ETag"]),
        size_bytes=int(said["Size"]),
        modified_at=dt.datetime.fromisoformat(said["LastModified"]),
    )


def _bare(etag: str) -> str:
    return etag.strip().strip('"')


def _plain(element: Element) -> str:
    """Give the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]
