"""A real MLflow server for the tests of this folder."""

from collections.abc import Iterator

import pytest

from portfolio.bench.peers import Server, mlflow_server
from tests.servers.clouds import moto_server
from tests.servers.mlflow_registry import Registry


@pytest.fixture(scope="session")
def mlflow_peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One MLflow server for all tests of this process; each test uses names of its own."""
    with mlflow_server(tmp_path_factory.mktemp("mlflow")) as server:
        yield server


@pytest.fixture
def registry(mlflow_peer: Server) -> Iterator[Registry]:
    writer = Registry(mlflow_peer)
    yield writer
    writer.close()


@pytest.fixture(scope="session")
def moto_peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server that answers as AWS does, for all tests of this process."""
    with moto_server(tmp_path_factory.mktemp("moto")) as server:
        yield server
