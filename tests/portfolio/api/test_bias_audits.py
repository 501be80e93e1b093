"""Bias audits through the API: the same rows are refused, the same ratios come out."""

from typing import Any

import pytest

from governance_app.compliance.models import BiasAudit, Gap

pytestmark = pytest.mark.django_db
AT = "/api/v1/bias-audits/"


def test_an_audit_is_recorded_read_followed_up_and_withdrawn(
    program: Any, initiative: Any, unit: Any, other_unit: Any
) -> None:
    writer = program("program_manager")
    women, men = (
        {"category": "sex", "group": name, "selected": selected, "assessed": 100}
        for name, selected in (("Women", 30), ("Men", 50))
    )
    asked = {
        "initiative": initiative.key, "auditor": "Fair Labs", "independence": "No other work.",
        "outcome": "Invited", "data_from": "2026-01-01", "data_until": "2026-06-30",
        "audited_on": "2026-07-20", "groups": [women, {**men, "selected": 101}],
    }  # fmt: skip
    refused = writer.post(AT, asked, format="json")
    assert refused.status_code == 422, refused.content
    assert refused.data["error"]["row"] == 2
    assert "101 selected of 100 assessed" in refused.data["error"]["message"]
    assert not BiasAudit.objects.exists()
    made = writer.post(
        AT, {**asked, "groups": [women, men]}, format="json", headers={"Idempotency-Key": "k1"}
    )
    again = writer.post(
        AT, {**asked, "groups": [women, men]}, format="json", headers={"Idempotency-Key": "k1"}
    )
    assert (made.status_code, again.data["id"]) == (201, made.data["id"])
    assert BiasAudit.objects.count() == 1
    first = made.data["groups"][0]
    assert (first["impact_ratio"], first["is_below"], first["reason"]) == (0.6, True, "")
    assert [row["id"] for row in writer.get(f"{AT}?initiative={initiative.key}").data] == [
        made.data["id"]
    ]
    one = f"{AT}{made.data['id']}/"
    assert program("program_manager", other_unit).get(one).status_code == 404
    assert program("auditor").post(
        f"{one}findings/", {"group": first["id"]}, format="json"
    ).status_code == 403  # fmt: skip
    assert not Gap.objects.exists()
    gap = writer.post(f"{one}findings/", {"group": first["id"]}, format="json")
    assert (gap.status_code, gap.data["kind"]) == (201, "finding")
    assert writer.get(one).data["groups"][0]["gap"] == gap.data["id"]
    gone = writer.post(f"{one}withdraw/", {"because": "Wrong quarter."}, format="json")
    assert gone.data["withdrawn_because"] == "Wrong quarter."
