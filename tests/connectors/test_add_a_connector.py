"""``docs/how-to/add-a-connector.md``, followed literally: one file and one recorded sample."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "how-to" / "add-a-connector.md"
NAME = "example_followed"


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A copy of what a plug-in and its contract need, so that the real tree stays as it is."""
    for part in ("governance_app", "tests", "docs", "portfolio", "templates", "static"):
        shutil.copytree(
            ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "screens")
        )
    for part in ("manage.py", "pyproject.toml"):
        shutil.copy(ROOT / part, tmp_path / part)
    yield tmp_path


def test_the_guide_leads_to_a_plug_in_that_keeps_the_contract(checkout: Path) -> None:
    guide = GUIDE.read_text()
    plugins = checkout / "governance_app" / "connectors" / "plugins"
    replays = checkout / "tests" / "servers" / "replays"

    # Step 1: copy and rename.
    assert "plugins/demo.py" in guide and "`plugins/<name>.py`" in guide
    text = (plugins / "demo.py").read_text()
    text = text.replace("class Demo(", "class ExampleFollowed(").replace(
        'name = "demo"', f'name = "{NAME}"'
    )
    text = text.replace('title = "Example registry"', 'title = "Followed registry"')
    text = text.replace("    is_example = True\n", "")
    (plugins / f"{NAME}.py").write_text(text)

    # Step 5: the recorded sample that the guide names.
    assert "tests/servers/replays/<name>.py" in guide
    sample = (replays / "demo.py").read_text().replace('plugin = "demo"', f'plugin = "{NAME}"')
    (replays / f"{NAME}.py").write_text(sample)

    # Step 6: its page.
    assert "docs/connections/<name>.md" in guide
    page = "# Followed registry\n\n## Settings\n\nAddress, Token\n\n## Permissions\n\nReading.\n"
    (checkout / "docs" / "connections" / f"{NAME}.md").write_text(page)

    # The command at its end.
    command = re.search(r'make test ARGS="(.+) -k <name>"', guide)
    assert command is not None
    environment = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("PYTEST", "COV"))
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", command[1],
         "-k", NAME],
        cwd=checkout, env=environment, capture_output=True, text=True, timeout=400,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None and int(passed[1]) > 25


def test_every_step_names_what_exists() -> None:
    """A guide that names a function that is gone leads nowhere."""
    import importlib

    guide = GUIDE.read_text()
    base = importlib.import_module("governance_app.connectors.base")
    billing = importlib.import_module("governance_app.connectors.billing")
    for name in re.findall(r"`billing\.(\w+)", guide):
        assert hasattr(billing, name), name
    for name in ("tried", "Setting", "Batch"):
        assert hasattr(base, name)
    for path in re.findall(r"`(plugins/\w+\.py|connectors/\w+\.py)`", guide):
        found = (
            ROOT / "governance_app" / ("connectors/" if path.startswith("plugins") else "") / path
        )
        assert found.exists(), path
