"""A small object store in memory that answers as S3 does; its clock moves with every write."""

import datetime as dt
import hashlib
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.sax.saxutils import escape

from tests.servers.scripted import Call, Reply


@dataclass
class Store:
    """Objects by key: bytes, ETag and moment of writing."""

    objects: dict[str, tuple[bytes, str, dt.datetime]] = field(default_factory=dict)
    now: dt.datetime = dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)

    def put(self, key: str, content: bytes) -> None:
        """Write an object, a minute later than the one before."""
        self.now += dt.timedelta(minutes=1)
        self.objects[key] = content, hashlib.md5(content).hexdigest(), self.now

    def s3(self, call: Call, *, page_size: int) -> Reply:
        """Answer ListObjectsV2, GetObject and HeadObject."""
        _, bucket, key = unquote(call.path).split("/", 2) if call.path.count("/") > 1 else (
            "", unquote(call.path).strip("/"), "",
        )  # fmt: skip
        if not key:
            return self._listed(bucket, call, page_size)
        if key not in self.objects:
            return Reply(status=404, body=b"<Error><Code>NoSuchKey</Code></Error>")
        content, etag, modified = self.objects[key]
        if call.headers.get("if-match", f'"{etag}"') != f'"{etag}"':
            return Reply(status=412, body=b"<Error><Code>PreconditionFailed</Code></Error>")
        headers = {"ETag": f'"{etag}"', "Last-Modified": f"{modified:%a, %d %b %Y %H:%M:%S GMT}"}
        body = b"" if call.method == "HEAD" else content
        return Reply(
            body=body,
            headers=headers,
            content_type="binary/octet-stream",
            declared_length=len(content),
        )

    def _listed(self, bucket: str, call: Call, page_size: int) -> Reply:
        keys = sorted(key for key in self.objects if key.startswith(call.query.get("prefix", "")))
        after = call.query.get("continuation-token", "")
        rest = [key for key in keys if key > after]
        page = rest[:page_size]
        rows = "".join(
            f"<Contents><Key>{escape(key)}</Key>"
            f"<LastModified>{self.objects[key][2]:%Y-%m-%dT%H:%M:%S.000Z}</LastModified>"
            f"<ETag>&quot;{self.objects[key][1]}&quot;</ETag>"
            f"<Size>{len(self.objects[key][0])}</Size></Contents>"
            for key in page
        )
        is_cut = len(rest) > len(page)
        token = (
            f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if is_cut else ""
        )
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>'
            '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{bucket}</Name><IsTruncated>{str(is_cut).lower()}</IsTruncated>{token}{rows}"
            "</ListBucketResult>"
        )
        return Reply(body=body.encode(), content_type="application/xml")
