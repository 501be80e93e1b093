"""``docs/how-to/add-a-connector.md``, followed literally: one file and one recorded sample."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "how-to" / "add-a-connector.md"
CHOSEN = {"<name>": "example_followed", "<Class>": "ExampleFollowed", "<Title>": "Followed source"}
NAME = CHOSEN["<name>"]

#: What the site offers of the new source: its place in the catalogue, its form, its page.
ASKED = """
import json, sys
import django
django.setup()
from governance_app.connectors import selectors
from portfolio.web.connections.guide import FOLDER, has_guide
from portfolio.web.help import texts
[offer] = [each for each in selectors.catalogue() if each.name == sys.argv[1]]
plugin = selectors.plugin(name=offer.name)
print(json.dumps({
    "title": offer.title, "is_example": offer.is_example, "missing": offer.missing,
    "form": [[each.title, each.is_secret] for each in plugin.settings],
    "page": has_guide(offer.name) and str(texts.text_at(FOLDER / f"{offer.name}.md")),
}))
"""


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


def blocks() -> list[str]:
    """Give the commands of the guide, block by block, with what was chosen filled in."""
    found = re.findall(r"^```sh\n(.+?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    filled = []
    for block in found:
        for place, chosen in CHOSEN.items():
            block = block.replace(place, chosen)
        assert not re.search(r"<\w+>", block), f"nothing is said about a place in: {block}"
        filled.append(block)
    return filled


def files_of(checkout: Path) -> set[str]:
    return {
        str(path.relative_to(checkout))
        for path in checkout.rglob("*")
        if path.is_file() and path.suffix in (".py", ".md", ".html")
    }


def run(command: list[str], checkout: Path) -> str:
    environment = {
        name: value for name, value in os.environ.items()
        if not name.startswith(("PYTEST", "COV"))
    }  # fmt: skip
    environment |= {
        "DJANGO_SETTINGS_MODULE": "portfolio.settings", "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, timeout=400
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    return done.stdout


def test_the_guide_leads_to_a_plug_in_that_keeps_the_contract(checkout: Path) -> None:
    copying, testing = blocks()
    before = files_of(checkout)
    run(["bash", "-euo", "pipefail", "-c", copying], checkout)
    assert files_of(checkout) - before == {
        f"governance_app/connectors/plugins/{NAME}.py",
        f"tests/servers/replays/{NAME}.py",
        f"docs/connections/{NAME}.md",
    }

    # The command at its end, as `make test` passes it on.
    asked = re.fullmatch(r'make test ARGS="(.+)"\n', testing)
    assert asked is not None
    chosen = ["-q", "-x", "-p", "no:cacheprovider", *asked[1].split()]
    told = run([sys.executable, "-m", "pytest", *chosen], checkout)
    passed = re.search(r"(\d+) passed", told)
    assert passed is not None and int(passed[1]) > 25

    # What the guide says comes by itself: the catalogue, the form, the page.
    offer: dict[str, Any] = json.loads(run([sys.executable, "-c", ASKED, NAME], checkout))
    assert (offer["title"], offer["is_example"], offer["missing"]) == (
        CHOSEN["<Title>"], False, "",
    )  # fmt: skip
    assert offer["form"] == [["Address", False], ["Token", True]]
    assert "Permissions" in offer["page"] and "How it reads" in offer["page"]


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
