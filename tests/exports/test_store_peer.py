"""A delivery goes into real object stores: S3 as moto answers, Google's as fake-gcs-server does."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from governance_app.connectors.aws import Keys, Signer
from portfolio.bench.peers import ROOT, Server
from tests.servers.clouds import fake_gcs_server, moto_server, peer_packages
from tests.servers.sftp import sftp_server

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

CONTENT = "Σ,1\r\n".encode() * 1000
#: Delivers a kept file as a schedule does, with the packages that the extras would bring.
PUT = """
import sys
sys.path.append(sys.argv[1])
import django
django.setup()
from governance_app.domain.errors import Sentence
from governance_app.exports.services import schedules
from governance_app.files.models import StoredFile
try:
    print(schedules.put(sys.argv[2], "month-end-2026-10.csv", StoredFile(sha256=sys.argv[3])))
except Sentence as refused:
    print(f"refused: {refused}")
"""


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with moto_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="module")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with fake_gcs_server(tmp_path_factory.mktemp("gcs")) as server:
        yield server


def put(address: str, folder: Path, **env: str) -> str:
    digest = hashlib.sha256(CONTENT).hexdigest()
    kept = folder / digest[:2] / digest
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(CONTENT)
    done = subprocess.run(
        [sys.executable, "-c", PUT, str(peer_packages()), address, digest],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portfolio.settings",
             "EXPORT_STORES": "s3,gs", "FILES_URL": str(folder), **env},
        cwd=ROOT, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_a_report_arrives_in_s3_and_again_replaces_itself(s3: Server, tmp_path: Path) -> None:
    env = {
        "AWS_ENDPOINT_URL": s3.url, "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true",
    }  # fmt: skip
    signer = Signer(Keys("AKID", "secret"), region="us-east-1", service="s3")
    with httpx.Client(base_url=s3.url, auth=signer) as client:
        assert client.put("/reports").is_success
        for _ in range(2):
            place = put("s3://reports/finance/monthly", tmp_path, **env)
            assert place == "s3://reports/finance/monthly/month-end-2026-10.csv"
        assert client.get("/reports/finance/monthly/month-end-2026-10.csv").content == CONTENT
        listed = client.get("/reports", params={"list-type": "2"}).text
        assert listed.count("<Key>") == 1
        refused = put("s3://nowhere/finance", tmp_path, **env)
        assert refused.startswith("refused: s3://nowhere/finance/month-end-2026-10.csv cannot be")
        assert client.get("/nowhere").status_code == 404, "no bucket is made by a wrong address"


def test_a_report_arrives_in_google_cloud_storage(gcs: Server, tmp_path: Path) -> None:
    env = {"STORAGE_EMULATOR_HOST": gcs.url, "NO_GCE_CHECK": "true"}
    httpx.post(f"{gcs.url}/storage/v1/b?project=firm", json={"name": "reports"})
    place = put("gs://reports/finance", tmp_path, **env)
    assert place == "gs://reports/finance/month-end-2026-10.csv"
    address = f"{gcs.url}/storage/v1/b/reports/o/finance%2Fmonth-end-2026-10.csv?alt=media"
    assert httpx.get(address).content == CONTENT
    refused = put("gs://nowhere/finance", tmp_path, **env)
    assert refused.startswith("refused: gs://nowhere/finance/month-end-2026-10.csv cannot be")


def test_a_report_arrives_on_a_server_that_is_known(tmp_path: Path) -> None:
    with sftp_server(tmp_path) as served:
        (served.folder / "reports").mkdir()
        address = f"sftp://finance@{served.host_port}/reports"
        env = {"HOME": str(served.home), "SSH_AUTH_SOCK": "", "EXPORT_STORES": "sftp"}
        for _ in range(2):
            place = put(address, tmp_path / "kept", **env)
            assert place == f"{address}/month-end-2026-10.csv"
        assert [each.name for each in (served.folder / "reports").iterdir()] == [
            "month-end-2026-10.csv"
        ]
        assert (served.folder / "reports" / "month-end-2026-10.csv").read_bytes() == CONTENT

        (served.home / ".ssh" / "known_hosts").write_text("")
        (served.folder / "reports" / "month-end-2026-10.csv").unlink()
        told = put(address, tmp_path / "kept", **env)
        assert "shows a key that ~/.ssh/known_hosts does not hold" in told
        assert told.startswith("refused: ")
        assert not list((served.folder / "reports").iterdir()), "nothing went to a stranger"
