"""The one way out: what it refuses, how it waits, where it stops."""

import gzip
import socket
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from governance_app.connectors.base import PassingError, PermanentError, Reach
from governance_app.connectors.http import AddressRefused, Outbound
from tests.servers.scripted import Call, Reply, Scripted, scripted_server


class Script:
    """Replies in order; the last one again and again."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def __call__(self, call: Call) -> Reply:
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@pytest.fixture
def pauses() -> list[float]:
    return []


def outbound(server: Scripted | None, pauses: list[float], **parts: Any) -> Outbound:
    reach = Reach(hosts=(server.host_port,) if server else ())
    return Outbound(reach=reach, sleep=pauses.append, chance=lambda: 0.5, **parts)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "0.0.0.0",
        "10.1.2.3",
        "192.168.0.1",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "2130706433",
        "0x7f000001",
    ],
)
def test_private_addresses_are_refused(host: str, pauses: list[float]) -> None:
    with outbound(None, pauses) as client, pytest.raises(AddressRefused, match="private address"):
        client.get_json(f"http://{host}:9/x")
    assert pauses == []


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "[::ffff:169.254.169.254]"]
)
def test_metadata_is_refused_even_when_allowed(host: str, pauses: list[float]) -> None:
    reach = Reach(hosts=(f"{host}:80", "0.0.0.0/0:80"))
    with (
        Outbound(reach=reach, sleep=pauses.append) as client,
        pytest.raises(AddressRefused, match="metadata"),
    ):
        client.get_json(f"http://{host}/latest/meta-data/")


def test_a_network_can_be_allowed(pauses: list[float]) -> None:
    with scripted_server(Script(Reply.of({"a": 1}))) as server:
        port = server.url.rpartition(":")[2]
        with Outbound(reach=Reach(hosts=(f"127.0.0.0/8:{port}",))) as client:
            assert client.get_json(f"{server.url}/x") == {"a": 1}
        with (
            Outbound(reach=Reach(hosts=("127.0.0.0/8:1",))) as client,
            pytest.raises(AddressRefused),
        ):
            client.get_json(f"{server.url}/x")


def test_the_address_is_checked_where_the_connection_is_made(
    pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: a name that was public when looked at and is loopback when connecting."""
    looked_up: list[str] = []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    with scripted_server(Script(Reply())) as server:
        port = server.url.rpartition(":")[2]
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        with outbound(None, pauses) as client, pytest.raises(AddressRefused):
            client.get_json(f"http://public.example:{port}/x")
        assert looked_up == ["public.example"]
        assert server.calls == []


def test_a_redirect_to_another_host_is_not_followed(pauses: list[float]) -> None:
    away = Reply(status=302, headers={"location": "http://169.254.169.254/latest"})
    with scripted_server(Script(away)) as server, outbound(server, pauses) as client:
        with pytest.raises(PermanentError, match=r"redirects to http://169\.254\.169\.254/latest"):
            client.get_json(f"{server.url}/x")
        assert len(server.calls) == 1


def test_a_redirect_on_the_same_host_is_followed(pauses: list[float]) -> None:
    script = Script(Reply(status=301, headers={"location": "/y"}), Reply.of({"at": "y"}))
    with scripted_server(script) as server, outbound(server, pauses) as client:
        assert client.get_json(f"{server.url}/x") == {"at": "y"}
        assert [call.path for call in server.calls] == ["/x", "/y"]


def test_a_circle_of_redirects_ends(pauses: list[float]) -> None:
    script = Script(Reply(status=301, headers={"location": "/x"}))
    with scripted_server(script) as server, outbound(server, pauses) as client:
        with pytest.raises(PermanentError, match="circle"):
            client.get_json(f"{server.url}/x")
        assert len(server.calls) == 4


@pytest.mark.parametrize(
    ("status", "said"), [(401, "credentials"), (403, "permission"), (404, "not exist")]
)
def test_a_permanent_refusal_is_not_tried_again(
    status: int, said: str, pauses: list[float]
) -> None:
    with scripted_server(Script(Reply(status=status))) as server:
        with outbound(server, pauses) as client, pytest.raises(PermanentError, match=said):
            client.get_json(f"{server.url}/x")
        assert len(server.calls) == 1
    assert pauses == []


def test_a_fault_is_tried_again_with_growing_pauses(pauses: list[float]) -> None:
    script = Script(Reply(status=500), Reply(status=503), Reply(status=502), Reply.of({"a": 1}))
    with scripted_server(script) as server, outbound(server, pauses) as client:
        assert client.get_json(f"{server.url}/x") == {"a": 1}
    assert pauses == [0.5, 1.0, 2.0]


def test_a_lasting_fault_is_passing(pauses: list[float]) -> None:
    with scripted_server(Script(Reply(status=500))) as server:
        with outbound(server, pauses) as client, pytest.raises(PassingError, match="500"):
            client.get_json(f"{server.url}/x")
        assert len(server.calls) == 4


def test_retry_after_is_honoured(pauses: list[float]) -> None:
    script = Script(Reply(status=429, headers={"retry-after": "7"}), Reply.of([]))
    with scripted_server(script) as server, outbound(server, pauses) as client:
        assert client.get_json(f"{server.url}/x") == []
    assert pauses == [7.5]


def test_a_long_retry_after_goes_back_to_the_queue(pauses: list[float]) -> None:
    script = Script(Reply(status=429, headers={"retry-after": "3600"}))
    with scripted_server(script) as server, outbound(server, pauses) as client:
        with pytest.raises(PassingError) as caught:
            client.get_json(f"{server.url}/x")
        assert caught.value.retry_in == 3600
        assert len(server.calls) == 1
    assert pauses == []


def test_retry_after_may_be_a_moment(pauses: list[float]) -> None:
    script = Script(
        Reply(status=503, headers={"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}), Reply.of({})
    )
    with scripted_server(script) as server, outbound(server, pauses) as client:
        client.get_json(f"{server.url}/x")
    assert pauses == [0.5]


def test_an_answer_that_never_comes_meets_the_deadline(pauses: list[float]) -> None:
    with (
        scripted_server(Script(Reply(holds_s=30))) as server,
        outbound(server, pauses, deadline_s=0.3, attempts=1) as client,
        pytest.raises(PassingError, match="in time"),
    ):
        client.get_json(f"{server.url}/x")


def test_an_answer_that_drips_meets_the_deadline(pauses: list[float]) -> None:
    slow = Reply(body=b"x" * 100, pauses_s=0.1)
    with (
        scripted_server(Script(slow)) as server,
        outbound(server, pauses, deadline_s=0.5, attempts=1) as client,
    ):
        began = time.monotonic()
        with pytest.raises(PassingError, match="in time"):
            client.get_json(f"{server.url}/x")
        assert time.monotonic() - began < 2


def test_a_body_that_breaks_off_is_passing(pauses: list[float]) -> None:
    script = Script(Reply(body=b'{"a": 1', declared_length=100))
    with scripted_server(script) as server:
        with outbound(server, pauses) as client, pytest.raises(PassingError, match="broke off"):
            client.get_json(f"{server.url}/x")
        assert len(server.calls) == 4


def test_json_that_breaks_off_is_tried_again(pauses: list[float]) -> None:
    script = Script(Reply(body=b'{"a": '), Reply.of({"a": 1}))
    with scripted_server(script) as server, outbound(server, pauses) as client:
        assert client.get_json(f"{server.url}/x") == {"a": 1}


def test_a_page_instead_of_json_names_what_came(pauses: list[float]) -> None:
    script = Script(Reply(body=b"<html>", content_type="text/html; charset=utf-8"))
    with (
        scripted_server(script) as server,
        outbound(server, pauses) as client,
        pytest.raises(PermanentError, match="answered text/html where JSON was expected"),
    ):
        client.get_json(f"{server.url}/x")


@pytest.mark.parametrize("is_packed", [False, True])
def test_too_much_is_refused(pauses: list[float], is_packed: bool) -> None:
    body = b" " * (3 << 20)
    reply = (
        Reply(body=gzip.compress(body), headers={"content-encoding": "gzip"})
        if is_packed
        else Reply(body=body)
    )
    with (
        scripted_server(Script(reply)) as server,
        outbound(server, pauses, max_bytes=2 << 20) as client,
        pytest.raises(PermanentError, match="more than 2 MB"),
    ):
        client.get_json(f"{server.url}/x")


def test_numbers_are_exact(pauses: list[float]) -> None:
    script = Script(Reply(body=b'{"amount": 0.100000000000000005551}'))
    with scripted_server(script) as server, outbound(server, pauses) as client:
        answer = client.get_json(f"{server.url}/x")
    assert answer == {"amount": Decimal("0.100000000000000005551")}


def test_nobody_there_is_passing(pauses: list[float]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    reach = Reach(hosts=(f"127.0.0.1:{port}",))
    with (
        Outbound(reach=reach, sleep=pauses.append) as client,
        pytest.raises(PassingError, match="cannot be reached"),
    ):
        client.get_json(f"http://127.0.0.1:{port}/x")


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/x", "file:///etc/passwd"])
def test_other_schemes_are_refused(address: str, pauses: list[float]) -> None:
    with outbound(None, pauses) as client, pytest.raises(PermanentError):
        client.get_json(address)


def test_secrets_stay_out_of_messages(pauses: list[float]) -> None:
    with scripted_server(Script(Reply(status=400, body=b"no"))) as server:
        address = server.url.replace("http://", "http://user:hunter2@") + "/x?api_key=hunter2"
        with outbound(server, pauses) as client, pytest.raises(PermanentError) as caught:
            client.get_json(address)
    assert "hunter2" not in str(caught.value)


@pytest.fixture(autouse=True)
def _proxies_are_not_used(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    yield
