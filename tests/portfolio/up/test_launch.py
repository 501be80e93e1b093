"""What the launcher refuses before it starts anything."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio.up.errors import LauncherError
from portfolio.up.launch import Launcher, Options
from portfolio.up.locks import Lock
from portfolio.up.places import Places


@pytest.fixture
def busy_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def launch(options: Options) -> int:
    return Launcher(options, prepare=lambda _: None).run(ready=lambda: True)


def test_a_busy_port_is_named_with_what_to_do(open_folder: Path, busy_port: int) -> None:
    folder = open_folder / "busy"
    with pytest.raises(LauncherError) as refusal:
        launch(Options(port=busy_port, var=folder))
    assert str(refusal.value).startswith(
        f"Port {busy_port} is in use by another program. Stop that program, or choose another "
        f"port: make demo PORT="
    )
    assert not (folder / "postgres").exists()


def test_a_folder_is_served_once(open_folder: Path) -> None:
    places = Places(open_folder / "served")
    claim = Lock(places.up_lock)
    assert claim.try_exclusive()
    claim.write(json.dumps({"pid": 12, "address": "http://127.0.0.1:8123"}))
    with pytest.raises(
        LauncherError, match=r"already runs at http://127.0.0.1:8123 \(process 12\)"
    ):
        launch(Options(port=8124, var=places.folder))
    claim.close()
