"""
The one way out: every HTTP call of every plug-in goes through :class:`Outbound`.

Addresses are checked when the connection is made, on the very address it is made to, so a
name that resolves differently a moment later gains nothing. Metadata services are refused
always, private and loopback addresses unless an administrator allowed that host and port.
Every attempt has a deadline for the whole answer (a server that drips bytes meets it too)
and a cap on its size; what may pass is tried again with growing, jittered pauses.
"""

import contextlib
import datetime as dt
import email.utils
import functools
import ipaddress
import json
import random
import re
import socket
import ssl
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from typing import Any, BinaryIO, Self, cast
from xml.etree.ElementTree import Element, ParseError

import httpcore
import httpx
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from governance_app.connectors.base import PassingError, PermanentError, Reach

MAX_BYTES = 64 * 1024 * 1024
MAX_FILE_BYTES = 20 * 1024 * 1024 * 1024
DEADLINE_S = 30.0
DOWNLOAD_S = 3600.0
CONNECT_S = 10.0
ATTEMPTS = 4
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
REDIRECTS = 3
RETRIED = frozenset({429, 500, 502, 503, 504})
# What AWS and Azure write into a 403 whose cause is our clock.
CLOCK_WORDS = (b"RequestTimeTooSkewed", b"Signature expired", b"Signature not yet current")

_MESSAGE = re.compile(r"<Message>(.*?)</Message>", re.DOTALL)

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where clouds answer with credentials to whoever asks from inside: never a data source.
_METADATA = (
    ipaddress.ip_network("169.254.0.0/16"),
    ipaddress.ip_network("fe80::/10"),
    ipaddress.ip_network("fd00:ec2::/32"),
    ipaddress.ip_network("100.100.100.200/32"),
    ipaddress.ip_network("168.63.129.16/32"),
    ipaddress.ip_network("192.0.0.192/32"),
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


Auth = tuple[str, str] | Callable[[httpx.Request], httpx.Request]


class AddressRefused(PermanentError):
    """The address is one that connections may not reach."""


class NotThere(PermanentError):
    """The source has no such thing (404)."""


class TooLarge(PermanentError):
    """The answer is longer than is read at once; a smaller page may not be."""


class ChangedMeanwhile(PassingError):
    """What was listed has been overwritten since (412): the next run lists it anew."""


@dataclass(frozen=True)
class Answer:
    """A complete answer of status 2xx."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """
        Read the body as JSON, numbers exactly (``Decimal``).

        Raises:
            PermanentError: it is something else, such as a sign-in page.
            PassingError: it breaks off.
        """
        kind = self.headers.get("content-type", "").split(";")[0].strip()
        if kind and "json" not in kind:
            raise PermanentError(
                f"{_shown(self.url)} answered {kind} where JSON was expected. Is the address right?"
            )
        try:
            return json.loads(self.body, parse_float=Decimal)
        except ValueError as error:
            raise PassingError(f"{_shown(self.url)} answered JSON that breaks off.") from error

    def xml(self) -> Element:
        """
        Read the body as XML, without entities and outside references.

        Raises:
            PermanentError: it is something else, such as a sign-in page.
            PassingError: it breaks off.
        """
        kind = self.headers.get("content-type", "").split(";")[0].strip()
        if kind and "xml" not in kind:
            raise PermanentError(
                f"{_shown(self.url)} answered {kind} where XML was expected. Is the address right?"
            )
        try:
            return cast(Element, fromstring(self.body, forbid_dtd=True))
        except ParseError as error:
            raise PassingError(f"{_shown(self.url)} answered XML that breaks off.") from error
        except DefusedXmlException as error:
            raise PermanentError(f"{_shown(self.url)} answered XML that is not read.") from error


class Outbound:
    """
    An HTTP client for one source, used by one thread.

    Args:
        reach: which private hosts the administrator allows.
        headers: sent with every call, credentials included.
        auth: user and password for basic authentication.
        sleep, chance: how to wait and to draw the jitter; tests pass their own.
    """

    def __init__(
        self,
        *,
        reach: Reach,
        headers: Mapping[str, str] | None = None,
        auth: Auth | None = None,
        deadline_s: float | None = None,
        max_bytes: int = MAX_BYTES,
        attempts: int = ATTEMPTS,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        deadline_s = DEADLINE_S if deadline_s is None else deadline_s
        self._deadline = _Deadline(deadline_s)
        self._max_bytes, self._attempts = max_bytes, attempts
        self._sleep, self._chance = sleep, chance
        self._client = httpx.Client(
            transport=_Transport(_GuardedBackend(reach, self._deadline)),
            headers={"user-agent": "ai-portfolio", "accept": "application/json", **(headers or {})},
            auth=auth,
            timeout=httpx.Timeout(deadline_s, connect=min(CONNECT_S, deadline_s)),
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def get_json(self, url: str, params: Any = None) -> Any:
        """Read JSON from an address; see :meth:`send` for what can go wrong."""
        return self.json("GET", url, params=params)

    def post_json(
        self, url: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Any:
        """Ask with a JSON body. Only for calls that read: it is sent again after a failure."""
        return self.json("POST", url, json=body, headers=headers)

    def post_form(self, url: str, fields: Mapping[str, str]) -> Any:
        """Ask with the fields of a form, as for an access token; the answer is JSON."""
        return self.json("POST", url, data=dict(fields))

    def download(self, url: str, headers: Mapping[str, str] | None = None) -> BinaryIO:
        """
        Fetch a whole file into one without a name on disk, so that size costs no memory.

        The bytes are as stored, never unpacked. A pause longer than the deadline of a call
        ends the attempt; the whole may take an hour.
        """
        asked = {"accept": "*/*", "accept-encoding": "identity", **(headers or {})}
        return cast(BinaryIO, self._trying(lambda: self._fetched(url, asked)))

    def send(self, method: str, url: str, **parts: Any) -> Answer:
        """
        Make one call, trying again what may pass.

        Raises:
            AddressRefused: the address, or one it redirects to, may not be reached.
            PermanentError: refused credentials or permission, no such thing, bad request.
            PassingError: busy, down, too slow or broken off, after the last attempt.
        """
        return self._trying(lambda: self._once(method, url, parts))

    def json(self, method: str, url: str, **parts: Any) -> Any:
        """Make one call as :meth:`send` does and read the answer as JSON."""
        return self._trying(lambda: self._once(method, url, parts).json())

    def _trying(self, call: Callable[[], Any]) -> Any:
        for attempt in range(1, self._attempts + 1):
            try:
                return call()
            except ChangedMeanwhile:
                raise
            except PassingError as error:
                pause = self._pause(attempt, error.retry_in)
                if attempt == self._attempts or pause > LONGEST_PAUSE_S:
                    raise
                self._sleep(pause)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _pause(self, attempt: int, asked_s: float | None) -> float:
        """Give the seconds to wait: what the source asked for, plus growing jitter."""
        jitter = self._chance() * FIRST_PAUSE_S * float(2**attempt)
        return (asked_s or 0.0) + min(jitter, LONGEST_PAUSE_S)

    def _once(self, method: str, url: str, parts: Mapping[str, Any]) -> Answer:
        self._deadline.start()
        request = self._request(method, url, **parts)
        for _ in range(REDIRECTS + 1):
            with _as_sentences(request.url):
                response = self._client.send(request, stream=True)
                with contextlib.closing(response):
                    body = self._read(response)
            if response.next_request is None:
                return _judge(response, body)
            request = _followed(request, response)
        raise PermanentError(f"{_shown(url)} redirects in a circle.")

    def _request(self, method: str, url: str, **parts: Any) -> httpx.Request:
        try:
            return self._client.build_request(method, url, **parts)
        except httpx.InvalidURL as error:
            raise PermanentError(f"The address cannot be read: {error}.") from error

    def _fetched(self, url: str, headers: Mapping[str, str]) -> BinaryIO:
        self._deadline.start(DOWNLOAD_S)
        request = self._request("GET", url, headers=headers)
        with _as_sentences(request.url):
            response = self._client.send(request, stream=True)
            with contextlib.closing(response):
                if response.status_code != 200:
                    _judge(response, self._read(response))
                    raise PermanentError(
                        f"{_shown(url)} answered no file ({response.status_code})."
                    )
                kept = tempfile.TemporaryFile(prefix="portfolio-download-")  # noqa: SIM115  (returned)
                size = 0
                for chunk in response.iter_raw():
                    size += len(chunk)
                    if size > MAX_FILE_BYTES:
                        raise PermanentError(
                            f"{_shown(url)} has more than {MAX_FILE_BYTES >> 30} GB."
                        )
                    kept.write(chunk)
        kept.seek(0)
        return cast(BinaryIO, kept)

    def _read(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._max_bytes:
                raise TooLarge(
                    f"{_shown(response.url)} answered more than "
                    f"{self._max_bytes // 1024 // 1024} MB, which is more than is read at once."
                )
        return bytes(body)


class _Deadline:
    """When the present call must be over; every read and write is cut to what is left."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.start()

    def start(self, seconds: float | None = None) -> None:
        self._until = time.monotonic() + (self.seconds if seconds is None else seconds)

    def left(self, wanted: float | None) -> float:
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline of the call has passed")
        return left if wanted is None else min(left, wanted)


class _GuardedBackend(httpcore.NetworkBackend):
    """Opens connections, after looking at the address they really go to."""

    def __init__(self, reach: Reach, deadline: _Deadline) -> None:
        self._reach, self._deadline = reach, deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in _resolve(host, port, self._reach):
            try:
                stream = self._sockets.connect_tcp(
                    str(address), port, self._deadline.left(timeout), local_address, socket_options
                )
                return _TimedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"no address for {host}")


class _TimedStream(httpcore.NetworkStream):
    """A connection whose every wait ends with the deadline of the call."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: _Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, left)
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Read the authorities once a process: that takes longer than most calls."""
    return httpx.create_ssl_context()


class _Transport(httpx.BaseTransport):
    """httpx over our own connection pool; proxies named in the environment are not used."""

    def __init__(self, backend: httpcore.NetworkBackend) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_certificates(), network_backend=backend, max_connections=4
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            status_code=answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions=answer.extensions,
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def reachable(host: str, port: int, reach: Reach) -> list[str]:
    """
    Give the addresses of a host that may be reached, for protocols other than HTTP.

    Connect to one of these and not to the name, which may resolve differently a moment later.

    Raises:
        AddressRefused: a metadata address, or a private one that is not allowed.
        PassingError: the name has no address now.
    """
    try:
        return [str(address) for address in _resolve(host, port, reach)]
    except httpcore.ConnectError as error:
        raise PassingError(f"{host} has no address.") from error


def _resolve(host: str, port: int, reach: Reach) -> list[_Address]:
    """
    Look a host up and refuse it when any of its addresses is out of reach.

    Raises:
        AddressRefused: a metadata address, or a private one that is not allowed.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"no address for {host}") from error
    addresses = list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))
    for address in map(_unwrapped, addresses):
        if any(address in network for network in _METADATA):
            raise AddressRefused(
                f"{host} is a metadata address of a cloud, which no connection may reach."
            )
        if not address.is_global and not _is_allowed(host, address, port, reach):
            raise AddressRefused(
                f"{host}:{port} is a private address. An administrator can allow it by"
                f" adding {host}:{port} to OUTBOUND_ALLOWED."
            )
    return addresses


def _unwrapped(address: _Address) -> _Address:
    """Give the IPv4 address that an IPv6 one stands for, else the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _is_allowed(host: str, address: _Address, port: int, reach: Reach) -> bool:
    for entry in reach.hosts:
        name, _, allowed_port = entry.rpartition(":")
        if allowed_port != str(port):
            continue
        if name.strip("[]").lower() == host.lower():
            return True
        with contextlib.suppress(ValueError):
            if address in ipaddress.ip_network(name):
                return True
    return False


def _followed(request: httpx.Request, response: httpx.Response) -> httpx.Request:
    """Give the next request of a redirect; credentials must not travel to another host."""
    following = response.next_request
    assert following is not None
    downgraded = request.url.scheme == "https" and following.url.scheme != "https"
    if following.url.host != request.url.host or downgraded:
        raise PermanentError(
            f"{_shown(request.url)} redirects to {_shown(following.url)}."
            " Enter that address if it is the right one."
        )
    return following


def _judge(response: httpx.Response, body: bytes) -> Answer:
    """Turn a status into an answer, a passing or a permanent error."""
    status, place = response.status_code, _shown(response.url)
    if 200 <= status < 300:
        return Answer(url=str(response.url), headers=response.headers, body=body)
    if status == 401:
        raise PermanentError(f"{place} does not accept the credentials (401). Enter them again.")
    skewed = status == 403 and any(word in body for word in CLOCK_WORDS)
    if skewed:
        raise PermanentError(
            f"{place} finds our clock wrong (403): {_reason(body)} Set the server's clock."
        )
    if status == 403:
        raise PermanentError(
            f"{place} refuses access (403), so the credentials lack a permission: {_reason(body)}"
        )
    if status == 412:
        raise ChangedMeanwhile(f"{place} was overwritten after it was listed; it is read again.")
    if status == 404:
        raise NotThere(f"{place} does not exist (404). Is the address right?")
    if status in RETRIED:
        why = "asks us to come back later" if status == 429 else "has a fault of its own"
        raise PassingError(f"{place} {why} ({status}).", retry_in=_retry_after(response))
    raise PermanentError(f"{place} refused the call ({status}): {_reason(body)}")


def _retry_after(response: httpx.Response) -> float | None:
    """Read Retry-After in either form, seconds or a moment; never negative."""
    value = response.headers.get("retry-after", "")
    if value.strip().isdigit():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return max(0.0, (moment - dt.datetime.now(dt.UTC)).total_seconds())


def _reason(body: bytes) -> str:
    """Give the first words of what a server said about its refusal."""
    text = body[:2000].decode("utf-8", "replace")
    with contextlib.suppress(ValueError):
        said = json.loads(body)
        for _ in range(2):  # {"message"}, {"error": "..."}, {"error": {"message"}}
            if isinstance(said, dict):
                kept = {str(key).lower(): value for key, value in said.items()}
                told = (kept.get(name) for name in ("message", "error_description", "error"))
                said = next((each for each in told if each), text)
        text = str(said)
    if text.lstrip().startswith("<") and (found := _MESSAGE.search(text)):
        text = found.group(1)
    return " ".join(text.split())[:200] or "it gave no reason."


@contextlib.contextmanager
def _as_sentences(url: httpx.URL) -> Iterator[None]:
    """Turn what the network throws into errors that say what happened."""
    place = _shown(url)
    try:
        yield
    except (httpcore.TimeoutException, httpx.TimeoutException) as error:
        raise PassingError(f"{place} did not answer in time.") from error
    except (httpcore.ConnectError, httpx.ConnectError) as error:
        raise PassingError(f"{place} cannot be reached: {error}.") from error
    except (httpcore.UnsupportedProtocol, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise PermanentError(f"{place} is no http or https address.") from error
    except httpx.DecodingError as error:
        raise PassingError(f"{place} answered something that cannot be unpacked.") from error
    except (httpcore.ProtocolError, httpcore.NetworkError, httpx.TransportError) as error:
        raise PassingError(f"{place} broke off in mid-answer.") from error


def _shown(url: httpx.URL | str) -> str:
    """Write an address without user, password, query or fragment, which may hold secrets."""
    url = httpx.URL(url)
    port = f":{url.port}" if url.port else ""
    return f"{url.scheme}://{url.host}{port}{url.path}"
