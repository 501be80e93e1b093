"""What some models of the company are made of, as a scanner of its pipeline would write it."""

import datetime as dt
import json
from typing import Any

from django.db import transaction

from governance_app.inventory.models import BillOfMaterials, ModelAsset
from governance_app.people.models import User
from governance_app.risk import services as risk

#: How many models send what they are made of.
SCANNED = 6
PARTS = (
    ("numpy", "1.21.0"), ("requests", "2.30.0"), ("libwebp", "1.3.1"), ("zlib", "1.2.12"),
    ("onnxruntime", "1.18.1"), ("tokenizers", "0.19.1"), ("pydantic", "2.8.2"),
    ("uvicorn", "0.30.3"),
)  # fmt: skip
#: Known against parts in public: id, part, severity, score, what the analysis says, exploited.
KNOWN = (
    ("CVE-2022-37434", "zlib", "critical", 9.8, "exploitable", False),
    ("CVE-2023-4863", "libwebp", "high", 8.8, "in_triage", True),
    ("CVE-2023-32681", "requests", "medium", 6.1, "", False),
    ("CVE-2021-41495", "numpy", "medium", 5.3, "not_affected", False),
)
#: Of what is not live yet everything is open; what is live was mended.
MENDED = {"CVE-2022-37434", "CVE-2023-4863"}


def take_bills(*, source: str, as_of: dt.date, by: User) -> int:
    """Take what some models of a registry are made of; give how many came just now."""
    rows = ModelAsset.objects.filter(
        source=source,
        links__ended_at=None,
        links__initiative__stage__slug__in=("pilot", "production"),
    )
    live = set(
        rows.filter(links__initiative__stage__slug="production").values_list("pk", flat=True)
    )
    count = 0
    for row in rows.distinct().order_by("name", "pk")[:SCANNED]:
        if BillOfMaterials.objects.filter(model=row).exists():
            continue
        with transaction.atomic():
            risk.take_bill(
                content=_bill(row.name, as_of, is_live=row.pk in live),
                name=f"{row.name}.cdx.json", model=row, on=as_of, by=by,
            )  # fmt: skip
        count += 1
    return count


def _bill(name: str, as_of: dt.date, *, is_live: bool) -> bytes:
    """Write a CycloneDX file of a model and the packages it is served with."""

    def known(row: tuple[str, str, str, float, str, bool]) -> dict[str, Any]:
        id_, part, severity, score, state, is_exploited = row
        said = "resolved" if is_live and id_ in MENDED else state
        return {
            "id": id_,
            "source": {"name": "NVD", "url": f"https://nvd.nist.gov/vuln/detail/{id_}"},
            "ratings": [{"severity": severity, "score": score, "method": "CVSSv31"}],
            "affects": [{"ref": part}],
            **({"analysis": {"state": said}} if said else {}),
            **({"properties": [{"name": "cisa:kev", "value": "true"}]} if is_exploited else {}),
        }

    parts = [
        {"type": "library", "name": part, "version": version, "bom-ref": part,
         "purl": f"pkg:generic/{part}@{version}"}
        for part, version in PARTS
    ]  # fmt: skip
    model = {"type": "machine-learning-model", "name": name, "bom-ref": "model"}
    return json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.6",
            "version": 1,
            "metadata": {"timestamp": f"{as_of:%Y-%m-%d}T05:00:00Z", "component": model},
            "components": parts,
            "vulnerabilities": [known(row) for row in KNOWN],
        },
        indent=1,
    ).encode()
