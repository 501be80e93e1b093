"""Blob containers as Azurite, Microsoft's own server for tests, answers them."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest

from governance_app.connectors.http import ChangedMeanwhile
from portfolio.bench.peers import Server
from tests.connectors.program import Program
from tests.connectors.reaching import Reaching, read_folder
from tests.servers.clouds import AZURITE_ACCOUNT, AZURITE_KEY, azurite
from tests.servers.replays.azure_focus import CostExport

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

VERSION = "2019-12-12"


@pytest.fixture(scope="module")
def blobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with azurite(tmp_path_factory.mktemp("azurite")) as server:
        yield server


def signature(permissions: str) -> str:
    """Sign an access to blobs and containers of the account, as Microsoft documents it."""
    said = {
        "sp": permissions, "ss": "b", "srt": "co", "st": "2026-01-01T00:00:00Z",
        "se": "2040-01-01T00:00:00Z", "sip": "", "spr": "https,http", "sv": VERSION,
    }  # fmt: skip
    text = "\n".join([AZURITE_ACCOUNT, *said.values(), ""])
    key = hmac.new(base64.b64decode(AZURITE_KEY), text.encode(), hashlib.sha256).digest()
    return urlencode({**said, "sig": base64.b64encode(key).decode()}, quote_via=quote)


def put(server: Server, container: str, name: str, content: bytes) -> None:
    """Write a blob into a container that is made on first use."""
    place = f"{server.url}/{AZURITE_ACCOUNT}/{container}"
    signed = signature("rwdlac")
    made = httpx.put(f"{place}?restype=container&{signed}", headers={"x-ms-version": VERSION})
    assert made.status_code in (201, 409), made.text
    headers = {"x-ms-version": VERSION, "x-ms-blob-type": "BlockBlob"}
    wrote = httpx.put(f"{place}/{quote(name)}?{signed}", content=content, headers=headers)
    assert wrote.status_code == 201, wrote.text


def delete(server: Server, container: str, name: str) -> None:
    place = f"{server.url}/{AZURITE_ACCOUNT}/{container}/{quote(name)}?{signature('rwdlac')}"
    assert httpx.delete(place, headers={"x-ms-version": VERSION}).status_code == 202


class AzuriteExport(CostExport):
    """The same export, written into a container of Azurite's."""

    server: Server
    container = "exports"

    def settings(self) -> dict[str, Any]:
        return {
            "container": f"{self.url}/{AZURITE_ACCOUNT}/{self.container}",
            "path": "focus",
            "sas_token": signature("rl"),
        }

    def refresh(self) -> None:
        before = dict(self.store.objects)
        super().refresh()
        for name, (content, etag, _) in self.store.objects.items():
            if before.get(name, (b"", "", None))[1] != etag:
                put(self.server, self.container, name, content)
        for name in set(before) - set(self.store.objects):
            delete(self.server, self.container, name)


@pytest.fixture
def source(blobs: Server, tmp_path: Any, request: pytest.FixtureRequest) -> Reaching:
    scenario = AzuriteExport(tmp_path)
    scenario.url, scenario.server = blobs.url, blobs
    scenario.container = hashlib.md5(request.node.name.encode()).hexdigest()
    scenario.refresh()
    return Reaching("azure_focus", blobs, scenario=scenario)


def test_an_export_arrives_from_a_container(source: Reaching) -> None:
    assert all(check.is_ok for check in source.plugin.test(source.errand()))
    program = Program()
    program.run(source)
    assert program.refused == []
    assert program.billed() == source.scenario.expected_billed()
    program.run(source)
    assert program.delivered == []


def test_a_later_run_of_the_export_replaces_the_month(source: Reaching) -> None:
    program = Program()
    program.run(source)
    source.scenario.held.charges.pop()
    source.scenario.refresh()
    program.run(source)
    assert len(program.delivered) == 1
    assert program.billed() == source.scenario.expected_billed()


def test_a_blob_overwritten_after_it_was_listed_is_not_taken(
    source: Reaching, blobs: Server
) -> None:
    for batch in source.plugin.pull(source.errand()):
        for name in source.scenario.store.objects:
            put(blobs, source.scenario.container, name, b"other")
        with pytest.raises(ChangedMeanwhile):
            batch.deliveries[0].parts[0].open()
        return


@pytest.mark.parametrize(
    ("signed", "said"),
    [
        ("sp=rl&sig=wrong", "lack"),
        (signature("r"), "Storage Blob Data Reader"),
    ],
)
def test_what_a_signature_lacks_is_named(source: Reaching, signed: str, said: str) -> None:
    [check] = source.plugin.test(source.errand(settings={"sas_token": signed}))
    assert not check.is_ok and said in check.sentence
    assert "sig=" not in check.sentence


def test_a_folder_of_bills_lies_in_a_container(blobs: Server) -> None:
    connection = (
        f"DefaultEndpointsProtocol=http;AccountName={AZURITE_ACCOUNT};AccountKey={AZURITE_KEY};"
        f"BlobEndpoint={blobs.url}/{AZURITE_ACCOUNT};"
    )
    put(blobs, "bills", "october/märz.csv", b"first")
    told = read_folder("abfs://bills/october", AZURE_STORAGE_CONNECTION_STRING=connection)
    assert (told["parts"], told["refused"], told["error"]) == ({"märz.csv": "first"}, [], "")
    assert told["checks"] == [True, True]
    again = read_folder(
        "abfs://bills/october", marks=told["marks"], AZURE_STORAGE_CONNECTION_STRING=connection
    )
    assert again["parts"] == {}
    put(blobs, "bills", "october/märz.csv", b"second")
    changed = read_folder(
        "abfs://bills/october", marks=told["marks"], AZURE_STORAGE_CONNECTION_STRING=connection
    )
    assert changed["parts"] == {"märz.csv": "second"}
