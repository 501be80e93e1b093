"""Amazon's services as moto answers them, and signatures as Amazon's own library makes them."""

import datetime as dt
import json
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from governance_app.connectors.aws import Keys, Service, Signer
from governance_app.domain.records import ModelRecord, ModelVersionRecord
from portfolio.bench.peers import Server, peer_python
from tests.connectors.program import Program
from tests.connectors.reaching import Reaching, read_folder
from tests.servers.replays.aws_focus import DataExport
from tests.servers.scenario import NOW
from tests.servers.scripted import Call, Reply, scripted_server

pytestmark = pytest.mark.peer

SIGN_WITH_BOTOCORE = """
import json, sys
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
import botocore.auth, datetime
asked = json.load(sys.stdin)
class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None): return cls(2026, 11, 21, 6, 0, tzinfo=tz)
    @classmethod
    def utcnow(cls): return cls(2026, 11, 21, 6, 0)
moment = datetime.datetime(2026, 11, 21, 6, 0)
botocore.auth.get_current_datetime = lambda *a, **k: moment
kind = S3SigV4Auth if asked["service"] == "s3" else SigV4Auth
keys = Credentials("AKID", "secret", asked["session"] or None)
signer = kind(keys, asked["service"], "eu-west-1")
request = AWSRequest(asked["method"], asked["url"], asked["headers"], asked["body"].encode())
if asked["service"] != "s3":
    request.headers["X-Amz-Content-SHA256"] = asked["digest"]
signer.add_auth(request)
print(request.headers["Authorization"])
"""


@pytest.mark.parametrize(
    ("service", "method", "url", "body", "session"),
    [
        ("s3", "GET", "https://h/b/a%20b/BILLING_PERIOD%3D2026-11/%C3%BC.csv", "", ""),
        ("s3", "GET", "https://h/b?list-type=2&max-keys=5&prefix=a%2Fb%3Dc%20d", "", "token"),
        ("sagemaker", "POST", "https://api.sagemaker.eu-west-1.amazonaws.com/", '{"a": "ü"}', ""),
    ],
)  # fmt: skip
def test_signatures_are_amazons(
    service: str, method: str, url: str, body: str, session: str
) -> None:
    headers = {"content-type": "application/x-amz-json-1.1"} if body else {}
    request = httpx.Request(method, url, headers=headers, content=body.encode())
    signer = Signer(
        Keys("AKID", "secret", session),
        region="eu-west-1",
        service=service,
        clock=lambda: NOW,
    )
    ours = signer(request).headers["authorization"]
    asked = {
        "service": service, "method": method, "url": url, "headers": headers, "body": body,
        "session": session, "digest": request.headers["x-amz-content-sha256"],
    }  # fmt: skip
    told = subprocess.run(
        [str(peer_python()), "-c", SIGN_WITH_BOTOCORE],
        input=json.dumps(asked), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert ours.replace(", ", ",") == told.stdout.strip().replace(", ", ",")


class MotoExport(DataExport):
    """The same export, delivered into a real S3 of moto's."""

    def refresh(self) -> None:
        super().refresh()
        signer = Signer(Keys("AKID", "secret"), region="us-east-1", service="s3")
        with httpx.Client(base_url=self.url, auth=signer) as client:
            client.put("/bills")
            for key, (content, _, _) in self.store.objects.items():
                put = client.put(f"/bills/{key}", content=content)
                assert put.is_success, put.text


@pytest.fixture
def source(moto_peer: Server, tmp_path: Path) -> Reaching:
    scenario = MotoExport(tmp_path)
    scenario.url = moto_peer.url
    httpx.post(f"{moto_peer.url}/moto-api/reset")
    scenario.refresh()
    return Reaching("aws_focus", moto_peer, scenario=scenario)


def test_an_export_arrives_from_s3(source: Reaching) -> None:
    assert all(check.is_ok for check in source.plugin.test(source.errand()))
    program = Program()
    program.run(source)
    assert program.refused == []
    assert program.billed() == source.scenario.expected_billed()
    program.run(source)
    assert program.delivered == []


def test_a_role_is_taken_on(source: Reaching) -> None:
    role = {"role_arn": "arn:aws:iam::123456789012:role/reader", "external_id": "x"}
    found = list(source.plugin.pull(source.errand(settings=role)))
    assert sum(len(batch.deliveries) for batch in found) == 2


def test_fewer_files_in_the_newer_manifest(source: Reaching) -> None:
    program = Program()
    program.run(source)
    source.scenario.held.charges[:] = source.scenario.held.charges[:1]
    source.scenario.refresh()
    program.run(source)
    assert program.billed() == {dt.date(2026, 10, 1): Decimal("10.500000000000001")}


def test_a_bucket_that_is_not_there_is_said(source: Reaching) -> None:
    checks = source.plugin.test(source.errand(settings={"bucket": "elsewhere"}))
    assert not checks[-1].is_ok and "elsewhere" in checks[-1].sentence


# SageMaker and Cost Explorer


def keys(peer: Server) -> dict[str, str]:
    return {"access_key_id": "AKID", "secret_access_key": "secret", "endpoint": peer.url}


def test_model_packages_arrive_from_sagemaker(moto_peer: Server) -> None:
    httpx.post(f"{moto_peer.url}/moto-api/reset")
    source = Reaching("sagemaker", moto_peer, settings=keys(moto_peer))
    writing = Service(source.errand(), service="sagemaker", host="", target="SageMaker")
    with writing:
        for name in ("claims-triage", "churn"):
            tags = [{"Key": "initiative", "Value": "AI-7"}] if name == "churn" else []
            writing.call(
                "CreateModelPackageGroup",
                {"ModelPackageGroupName": name, "ModelPackageGroupDescription": "ü", "Tags": tags},
            )
        for approval in ("Approved", "PendingManualApproval"):
            writing.call(
                "CreateModelPackage",
                {
                    "ModelPackageGroupName": "churn",
                    "ModelPackageDescription": "a version",
                    "ModelApprovalStatus": approval,
                },
            )
    assert all(check.is_ok for check in source.plugin.test(source.errand()))
    batches = list(source.plugin.pull(source.errand()))
    records = [each for batch in batches for each in batch.records]
    models = {each.name: each for each in records if isinstance(each, ModelRecord)}
    versions = [each for each in records if isinstance(each, ModelVersionRecord)]
    assert set(models) == {"claims-triage", "churn"}
    assert models["churn"].tags == {"initiative": "AI-7"}
    assert {(each.model_name, each.version, each.aliases) for each in versions} == {
        ("churn", "1", ("approved",)), ("churn", "2", ("pendingmanualapproval",)),
    }  # fmt: skip
    complete = frozenset().union(*(batch.complete for batch in batches))
    assert complete == {ModelRecord, ModelVersionRecord}


def test_costs_arrive_from_cost_explorer(moto_peer: Server) -> None:
    """moto answers what it was given, in turn: one answer for each month that is asked."""
    httpx.post(f"{moto_peer.url}/moto-api/reset")

    def answer(*days: tuple[str, str, str]) -> dict[str, Any]:
        return {
            "ResultsByTime": [
                {
                    "TimePeriod": {"Start": day, "End": day},
                    "Estimated": False,
                    "Groups": [{
                        "Keys": [service, "001234567890"],
                        "Metrics": {
                            name: {"Amount": amount, "Unit": "USD"}
                            for name in ("UnblendedCost", "AmortizedCost")
                        },
                    }],
                }
                for day, service, amount in days
            ],
            "DimensionValueAttributes": [], "GroupDefinitions": [],
        }  # fmt: skip

    answers = [
        answer(),
        answer(),
        answer(("2026-10-05", "Amazon Bedrock", "10.500000000000001")),
        answer(("2026-11-01", "Amazon SageMaker", "812.5"), ("2026-11-02", "Tax", "-1.25")),
    ]
    httpx.post(f"{moto_peer.url}/moto-api/static/ce/cost-and-usage-results",
               json={"results": answers})  # fmt: skip

    def named_rightly(call: Call) -> Reply:
        """Pass a call on to moto, which calls its JSON of this service text/html."""
        told = httpx.post(moto_peer.url, content=call.body, headers=dict(call.headers))
        assert told.is_success, told.text
        return Reply(body=told.content, content_type="application/x-amz-json-1.1")

    program = Program()
    with scripted_server(named_rightly) as front:
        peer = Server(front.url, moto_peer.pid, moto_peer.log)
        settings = {"account": "001234567890", **keys(peer)}
        program.run(Reaching("aws_cost_explorer", peer, settings=settings))
    assert program.refused == []
    assert program.billed() == {
        dt.date(2026, 10, 1): Decimal("10.500000000000001"),
        dt.date(2026, 11, 1): Decimal("811.25"),
    }


# Folders


@pytest.fixture
def bucket(moto_peer: Server) -> Server:
    httpx.post(f"{moto_peer.url}/moto-api/reset")
    assert send("PUT", f"{moto_peer.url}/bills").is_success
    return moto_peer


def send(method: str, url: str, content: bytes = b"") -> httpx.Response:
    with httpx.Client(auth=Signer(Keys("AKID", "secret"), region="us-east-1", service="s3")) as s3:
        return s3.request(method, url, content=content)


def surroundings(server: Server, **other: str) -> dict[str, str]:
    """What an administrator sets on the server: where S3 is, and whose keys are used."""
    return {
        "AWS_ENDPOINT_URL": server.url, "AWS_ACCESS_KEY_ID": "AKID", "AWS_REGION": "us-east-1",
        "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true", **other,
    }  # fmt: skip


def test_a_folder_of_bills_lies_in_a_bucket(bucket: Server) -> None:
    env, folder = surroundings(bucket), f"{bucket.url}/bills/finance/oktober%20%C3%BC"
    manifest = {"scope": "x", "billing_period": "2026-10", "version": "2026-11-03",
                "files": ["a.csv", "b.csv"]}  # fmt: skip
    for name in ("a.csv", "b.csv", "not-listed.csv"):
        assert send("PUT", f"{folder}/{name}", f"first {name}".encode()).is_success
    assert send("PUT", f"{folder}/manifest.json", json.dumps(manifest).encode()).is_success
    assert send("PUT", f"{bucket.url}/bills/elsewhere/c.csv", b"other").is_success
    told = read_folder("s3://bills/finance", **env)
    first = {f"oktober ü/{name}": f"first {name}" for name in ("a.csv", "b.csv")}
    assert (told["parts"], told["refused"], told["error"]) == (first, [], "")
    assert told["checks"] == [True, True]
    assert read_folder("s3://bills/finance", marks=told["marks"], **env)["parts"] == {}

    # The manifest of a later run lists fewer files: it replaces the month.
    manifest |= {"version": "2026-11-05", "files": ["a.csv"]}
    assert send("PUT", f"{folder}/a.csv", b"second").is_success
    assert send("PUT", f"{folder}/manifest.json", json.dumps(manifest).encode()).is_success
    later = read_folder("s3://bills/finance", marks=told["marks"], **env)
    assert later["parts"] == {"oktober ü/a.csv": "second"}

    # A file that a manifest names and that is not there makes it wait; nothing is taken.
    assert send("DELETE", f"{folder}/a.csv").is_success
    waiting = read_folder("s3://bills/finance", marks=later["marks"], **env)
    assert waiting["parts"] == {} and "a.csv, which is not there" in waiting["refused"][0]


def test_a_bucket_or_folder_that_is_not_there_is_said(bucket: Server) -> None:
    for address in ("s3://elsewhere", "s3://bills/nothing"):
        told = read_folder(address, **surroundings(bucket))
        assert told["checks"] == [False] and address in told["error"], told
