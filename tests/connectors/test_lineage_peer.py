"""The real OpenLineage and CloudEvents clients push into a running site."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from governance_app.connectors import services
from governance_app.connectors.models import InboundEvent
from governance_app.inventory.models import Dataset, Flow
from governance_app.people import services as people
from governance_app.people.services import system_user
from portfolio.bench.peers import peer_python
from portfolio.up.servers import Servers
from tests.site import Site, running

pytestmark = [pytest.mark.peer, pytest.mark.timeout(400)]

OPENLINEAGE = """
import os, datetime
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import output_statistics_output_dataset, schema_dataset
from openlineage.client.uuid import generate_new_uuid

client = OpenLineageClient()
run = Run(runId=str(generate_new_uuid()))
job = Job(namespace="airflow", name="claims_features")
fields = [schema_dataset.SchemaDatasetFacetFields(name="amount", type="numeric")]
schema = schema_dataset.SchemaDatasetFacet(fields)
table = InputDataset("postgres", "claims", facets={"schema": schema})
counted = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=1200)
features = OutputDataset("s3", "features", outputFacets={"outputStatistics": counted})
now = datetime.datetime.now(datetime.timezone.utc).isoformat()
for state in (RunState.START, RunState.COMPLETE):
    event = RunEvent(eventTime=now, eventType=state, run=run, job=job, producer="https://e.com",
                     inputs=[table], outputs=[features])
    client.emit(event)
    if state is RunState.COMPLETE:
        client.emit(event)
"""

CLOUDEVENTS = """
import os, urllib.request
from cloudevents.v1.http import CloudEvent
from cloudevents.v1.conversion import to_binary, to_structured

attributes = {"type": "com.example.trained", "source": "/ci", "id": "build-7"}
for convert in (to_structured, to_binary):
    headers, body = convert(CloudEvent(attributes, {"accuracy": 0.93}))
    headers |= {"Authorization": f"Bearer {os.environ['OPENLINEAGE_API_KEY']}"}
    request = urllib.request.Request(os.environ["OPENLINEAGE_URL"] + "/api/v1/events/",
                                     data=body, headers=headers, method="POST")
    print(urllib.request.urlopen(request, timeout=30).read().decode())
"""


@pytest.fixture
def site(
    servers: Servers, django_db_setup: None, django_db_blocker: Any, tmp_path: Path
) -> Iterator[Site]:
    with running(servers, django_db_blocker, tmp_path, "inbound", "web") as started:
        yield started


@pytest.fixture
def run_peer(site: Site) -> Callable[[str], str]:
    by = system_user("setup")
    people.found_organisation(name="Meridian Group", by=by)
    _, secret = services.add_inbound_token(name="CI", scopes=("lineage", "events"), by=by)

    def run(program: str) -> str:
        env = {"OPENLINEAGE_URL": site.url, "OPENLINEAGE_API_KEY": secret, "PATH": "/usr/bin"}
        done = subprocess.run(
            [str(peer_python()), "-c", program], env=env, capture_output=True, text=True, timeout=90
        )
        assert done.returncode == 0, done.stderr + site.logs()
        return done.stdout + done.stderr

    return run


def test_the_clients_of_both_standards_are_understood(run_peer: Callable[[str], str]) -> None:
    run_peer(OPENLINEAGE)
    assert set(Dataset.objects.values_list("name", flat=True)) == {"postgres/claims", "s3/features"}
    assert Dataset.objects.get(name="postgres/claims").schema == {"amount": "numeric"}
    assert Flow.objects.get().via == "airflow/claims_features"
    assert InboundEvent.objects.filter(scope="lineage").count() == 2
    told = [json.loads(line) for line in run_peer(CLOUDEVENTS).splitlines() if line.startswith("[")]
    assert [each["repeated"] for (each,) in told] == [False, True]
    kept = InboundEvent.objects.get(scope="events")
    assert (kept.kind, kept.body["data"]) == ("com.example.trained", {"accuracy": 0.93})
