"""An HTTP server that answers what a test tells it to, faults included."""

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Call:
    """What a client asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Reply:
    """
    One answer. ``declared_length`` promises more bytes than come (a truncated body);
    ``pauses_s`` is waited before every byte of ``body``, ``holds_s`` before the status line.
    """

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    declared_length: int | None = None
    holds_s: float = 0
    pauses_s: float = 0

    @classmethod
    def exactly(cls, content: Any, **parts: Any) -> "Reply":
        """Answer JSON whose decimals are written digit by digit."""
        text = json.dumps(content, default=lambda number: f"@@{number:f}@@")
        return cls(body=re.sub(r'"@@(.*?)@@"', r"\1", text).encode(), **parts)

    @classmethod
    def of(cls, content: Any, **parts: Any) -> "Reply":
        return cls(body=json.dumps(content).encode(), **parts)


@dataclass
class Scripted:
    """A running server, and every call it got."""

    url: str
    calls: list[Call]

    @property
    def host_port(self) -> str:
        return self.url.removeprefix("http://")


@contextlib.contextmanager
def scripted_server(answer: Callable[[Call], Reply]) -> Iterator[Scripted]:
    """Serve on a free loopback port; ``answer`` turns each call into a reply."""
    calls: list[Call] = []
    is_over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            call = Call(
                method=self.command,
                path=address.path,
                query=dict(parse_qsl(address.query)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length),
            )
            calls.append(call)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self._send(answer(call))

        do_POST = do_HEAD = do_PUT = do_GET

        def _send(self, reply: Reply) -> None:
            is_over.wait(reply.holds_s)
            self.send_response(reply.status)
            self.send_header("content-type", reply.content_type)
            length = reply.declared_length
            self.send_header("content-length", str(len(reply.body) if length is None else length))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if not reply.pauses_s:
                self.wfile.write(reply.body)
                return
            for byte in reply.body:
                is_over.wait(reply.pauses_s)
                self.wfile.write(bytes([byte]))
                self.wfile.flush()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (its name there)
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Scripted(url=f"http://127.0.0.1:{server.server_address[1]}", calls=calls)
    finally:
        is_over.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
