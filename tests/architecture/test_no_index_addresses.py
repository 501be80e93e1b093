"""Committed files name no package index: whoever installs brings their own."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

ADDRESS = re.compile(
    "|".join(
        [
            r'"resolved": *"http',
            r"--(?:extra-)?index-url|--find-links",
            r"https?://[^ \"']+/simple/?[\"' \n]",
            r"https?://[^ \"']+\.(?:whl|tar\.gz|tgz)\b",
        ]
    )
)


def test_no_committed_file_holds_an_index_address() -> None:
    found = []
    for path in _committed_files():
        if path == Path(__file__):
            continue
        try:
            lines = path.read_text().splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
            for number, line in enumerate(lines, start=1)
            if ADDRESS.search(line)
        ]
    assert found == []


def _committed_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]
