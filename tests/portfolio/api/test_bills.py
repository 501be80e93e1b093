"""Bills of materials through the API: the file is the body, and again it changes nothing."""

from typing import Any

import pytest

from governance_app.inventory.models import BillOfMaterials
from governance_app.risk.models import Signal
from tests.risk.test_vulnerabilities import bill

pytestmark = pytest.mark.django_db
AT = "/api/v1/bills/"
CYCLONEDX = "application/vnd.cyclonedx+json"


def test_a_pipeline_sends_the_file_it_made(
    program: Any, initiative: Any, other_unit: Any, unit: Any
) -> None:
    pipeline = program("program_manager", unit)
    at, content = f"{AT}?initiative={initiative.key}&name=app.json", bill(("CVE-1", "critical", ""))
    bad = pipeline.post(at, b'{"bomFormat": "SPDX"}', content_type="application/json")
    assert bad.status_code == 422 and bad.data["error"]["file"] == "app.json"
    assert pipeline.post(AT, content, content_type=CYCLONEDX).status_code == 400
    assert pipeline.post(at, content, content_type="text/xml").status_code == 415
    assert program("auditor").post(at, content, content_type=CYCLONEDX).status_code == 403
    stranger = program("program_manager", other_unit)
    assert stranger.post(at, content, content_type=CYCLONEDX).status_code == 404
    assert not BillOfMaterials.objects.exists() and not Signal.objects.exists()
    made = pipeline.post(at, content, content_type=CYCLONEDX)
    assert (made.status_code, made.data["raised"], made.data["bill"]["file"]) == (
        201, 1, "app.json"
    )  # fmt: skip
    again = pipeline.post(at, content, content_type="application/json")
    assert (again.status_code, again.data["is_new"], again.data["raised"]) == (200, False, 0)
    assert BillOfMaterials.objects.count() == 1
    (row,) = pipeline.get(f"{AT}?initiative={initiative.key}").data["results"]
    one = pipeline.get(f"{AT}{row['id']}/").data
    assert one["vulnerabilities"][0]["parts"] == ["openssl 3.0.1"]
    assert stranger.get(f"{AT}{row['id']}/").status_code == 404
    assert pipeline.get(f"{AT}?model=x").status_code == 400
    large = bill(("CVE-1", "critical", "resolved"), day="2026-11-05", comment="x" * 3_000_000)
    assert pipeline.post(at, large, content_type=CYCLONEDX).data["cleared"] == 1
