"""
The exported FOCUS 1.2 file passes the validator of the FinOps Foundation as well as its input.

The validator needs a Python of its own: point FOCUS_VALIDATOR at its program, made by
``python3.12 -m venv V && V/bin/pip install focus-validator 'pyarrow<22'``.
"""

import datetime as dt
import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from governance_app.exports import services as exports
from governance_app.files.selectors import open_file
from governance_app.files.services import store
from governance_app.spend import services
from governance_app.spend.selectors import SpendFilter

FOLDER = Path(__file__).resolve().parents[3] / "shared/data/focus"
BILL = "focus-1.2-synthetic-aws-20k.csv.gz"
NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)
VALIDATOR = os.environ.get("FOCUS_VALIDATOR") or shutil.which("focus-validator") or ""
pytestmark = [
    pytest.mark.real,
    pytest.mark.django_db,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(
        not FOLDER.exists(), reason="the synthetic bill lies beside the project, in shared/data"
    ),
    pytest.mark.skipif(
        not VALIDATOR,
        reason="there is no focus-validator here; FOCUS_VALIDATOR names one with a Python 3.12",
    ),
]


def failures(path: Path) -> set[str]:
    """Run the validator; its exit code says nothing, so what failed is read from its words."""
    packages = next(Path(VALIDATOR).resolve().parents[1].glob("lib/python3*/site-packages"))
    ran = subprocess.run(
        [VALIDATOR, "--data-file", str(path), "--validate-version", "1.2", "--block-download",
         "--show-violations"],
        cwd=packages, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    total = re.search(r"Total: (\d+) \| Pass: (\d+) \| Fail: (\d+)", ran.stdout)
    assert total, f"the validator did not finish: {ran.stdout[-600:]} {ran.stderr[-600:]}"
    assert int(total[1]) > 500 and int(total[2]) > 100
    found = set(
        re.findall(r"[❌✗].*?([A-Za-z]+-[A-Z]-\d{3}-[MOC]|[A-Za-z]+-[A-Z]-\d{3})", ran.stdout)
    )
    assert found or total[3] == "0", ran.stdout[-600:]
    return found


def test_the_export_has_no_failure_that_its_input_did_not_have(organisation, finance, tmp_path):
    source = services.add_source(name="Bills", by=finance)
    kept = store(content=FOLDER / BILL, name=BILL, by=finance)
    loaded = services.import_file(source=source, files=[kept], names=[BILL], by=finance, now=NOW)
    services.archive(delivery_id=loaded.delivery_id, by=finance)
    asked = exports.request(
        sheet="lines", file_format="focus-1.2", chosen=SpendFilter(), by=finance
    )
    made = exports.make(export_id=asked.pk, by=finance, now=NOW)
    given, came = tmp_path / "given.csv", tmp_path / "came.csv"
    given.write_bytes(gzip.decompress((FOLDER / BILL).read_bytes()))
    with open_file(file=exports.download(export=made, by=finance)) as stream:
        came.write_bytes(stream.read())
    assert made.rows == 20_000
    assert failures(came) - failures(given) == set()
