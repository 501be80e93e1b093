"""
Sources on loopback for measuring: a vendor's API that takes its time, and a bucket of files.

Both replay documented answers and are nobody's real server; what is measured is our side.
"""

import contextlib
import datetime as dt
import email.utils
import hashlib
import json
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.sax.saxutils import escape

#: What a vendor's API takes to answer.
VENDOR_SECONDS = 0.2


@contextlib.contextmanager
def vendor() -> Iterator[str]:
    """Answer one number of today to every question; gives the address."""

    class Vendor(_Handler):
        def do_GET(self) -> None:
            time.sleep(VENDOR_SECONDS)
            told = {"date": dt.datetime.now(dt.UTC).date().isoformat(), "value": 42}
            self.answer(200, json.dumps(told).encode(), {"content-type": "application/json"})

    with _serving(Vendor) as address:
        yield address


@contextlib.contextmanager
def bucket(files: Mapping[str, Path]) -> Iterator[str]:
    """Serve files by their keys, whatever the bucket is called, as S3 lists and gives objects."""
    tags = {key: hashlib.md5(key.encode(), usedforsecurity=False).hexdigest() for key in files}

    class Bucket(_Handler):
        def do_GET(self) -> None:
            place = urlsplit(self.path)
            key = unquote(place.path).lstrip("/").partition("/")[2]
            if not key:
                prefix = dict(parse_qsl(place.query)).get("prefix", "")
                self.answer(200, _listing(files, tags, prefix), {"content-type": "application/xml"})
            elif key not in files:
                self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>", {})
            elif self.headers.get("if-match", f'"{tags[key]}"') != f'"{tags[key]}"':
                self.answer(412, b"<Error><Code>PreconditionFailed</Code></Error>", {})
            else:
                self.give(files[key], tags[key])

        do_HEAD = do_GET  # noqa: N815  (its name there)

        def give(self, path: Path, tag: str) -> None:
            self.send_response(200)
            self.send_header("content-length", str(path.stat().st_size))
            self.send_header("etag", f'"{tag}"')
            self.send_header("last-modified", email.utils.formatdate(path.stat().st_mtime))
            self.end_headers()
            if self.command == "GET":
                with path.open("rb") as stream:
                    shutil.copyfileobj(stream, self.wfile, 1 << 20)

    with _serving(Bucket) as address:
        yield address


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name there)
        """Keep quiet."""


@contextlib.contextmanager
def _serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def _listing(files: Mapping[str, Path], tags: Mapping[str, str], prefix: str) -> bytes:
    rows = "".join(
        f"<Contents><Key>{escape(key)}</Key><LastModified>{_moment(path)}</LastModified>"
        f"<ETag>&quot;{tags[key]}&quot;</ETag><Size>{path.stat().st_size}</Size></Contents>"
        for key, path in sorted(files.items())
        if key.startswith(prefix)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<IsTruncated>false</IsTruncated>{rows}</ListBucketResult>"
    ).encode()


def _moment(path: Path) -> str:
    moment = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S.000Z}"
