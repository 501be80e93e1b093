"""A server of files over SSH, somebody else's, with the home of a user whose key it knows."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portfolio.bench.peers import peer_python

PROGRAM = Path(__file__).parent / "run_sftp.py"


@dataclass(frozen=True)
class Served:
    """``folder`` is what it serves; ``home`` holds key and known hosts; ``host:port``."""

    folder: Path
    home: Path
    host_port: str


@contextmanager
def sftp_server(place: Path) -> Iterator[Served]:
    """Serve a new folder in ``place`` until it is left."""
    folder, home = place / "served", place / "home"
    folder.mkdir()
    process = subprocess.Popen([str(peer_python()), str(PROGRAM), str(folder), str(home)])
    try:
        until = time.monotonic() + 60
        while not (home / "port").exists():
            assert process.poll() is None and time.monotonic() < until
            time.sleep(0.05)
        yield Served(folder, home, f"127.0.0.1:{(home / 'port').read_text()}")
    finally:
        process.kill()
        process.wait()
