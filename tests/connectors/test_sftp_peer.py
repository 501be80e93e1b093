"""Folders over SFTP as asyncssh, a server of somebody else's, serves them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.connectors.reaching import read_folder
from tests.servers.sftp import Served, sftp_server

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]


class Sftp(Served):
    """A server of a folder, read as the plug-in reads it."""

    def read(
        self, path: str, *, user: str = "finance", home: Path | None = None,
        marks: dict[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        """Let the plug-in read a folder of it, as a process of that home would."""
        return read_folder(
            f"sftp://{user}@{self.host_port}{path}", marks=marks, hosts=[self.host_port],
            HOME=str(home or self.home), SSH_AUTH_SOCK="",
        )  # fmt: skip


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[Sftp]:
    with sftp_server(tmp_path) as served:
        yield Sftp(served.folder, served.home, served.host_port)


def test_a_folder_of_bills_lies_on_a_server(sftp: Sftp) -> None:
    months = sftp.folder / "bills" / "oktober ü"
    months.mkdir(parents=True)
    for name in ("a.csv", "b.csv"):
        (months / name).write_text(f"first {name}")
    (sftp.folder / "bills" / "notes.txt").write_text("no bill")
    told = sftp.read("/bills")
    assert (told["error"], told["refused"], told["checks"]) == ("", [], [True, True])
    assert told["parts"] == {f"oktober ü/{name}": f"first {name}" for name in ("a.csv", "b.csv")}
    assert sftp.read("/bills", marks=told["marks"])["parts"] == {}

    (months / "a.csv").write_text("second, and longer")
    later = sftp.read("/bills", marks=told["marks"])
    assert later["parts"] == {"oktober ü/a.csv": "second, and longer"}


def test_a_folder_that_is_not_there_is_said(sftp: Sftp) -> None:
    told = sftp.read("/nothing")
    assert told["checks"] == [False]
    assert f"There is no folder sftp://finance@{sftp.host_port}/nothing." in told["error"]


def test_a_server_that_is_not_the_known_one_is_not_signed_in_to(sftp: Sftp) -> None:
    known = sftp.home / ".ssh" / "known_hosts"
    other = "AAAAC3NzaC1lZDI1NTE5AAAAIPfZ3V2W5h2Gz7n1mMZ3XoTtGqvXyX1k0bJ6mUoV0mPq"
    for held in ("", f"[{sftp.host_port.replace(':', ']:')} ssh-ed25519 {other}\n"):
        known.write_text(held)
        told = sftp.read("/")
        assert told["checks"] == [False]
        assert "shows a key that ~/.ssh/known_hosts does not hold (SHA256:" in told["error"]


@pytest.mark.parametrize("has_key", [False, True])
def test_who_has_no_key_for_it_is_told(sftp: Sftp, tmp_path: Path, has_key: bool) -> None:
    ssh = tmp_path / "stranger" / ".ssh"
    ssh.mkdir(parents=True)
    (ssh / "known_hosts").write_text((sftp.home / ".ssh" / "known_hosts").read_text())
    if has_key:
        key = Ed25519PrivateKey.generate()
        forms = Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
        (ssh / "id_ed25519").write_bytes(key.private_bytes(*forms))
    told = sftp.read("/", home=ssh.parent)
    assert told["checks"] == [False]
    assert "does not let finance in with the keys of ~/.ssh" in told["error"]


def test_a_password_does_not_stand_in_an_address(sftp: Sftp) -> None:
    told = sftp.read("/", user="finance:hunter2")
    assert told["checks"] == [False]
    assert "holds no password" in told["error"] and "hunter2" not in told["error"]


def test_a_server_that_is_gone_is_tried_again_later(sftp: Sftp) -> None:
    gone = Sftp(sftp.folder, sftp.home, "127.0.0.1:1")
    told = gone.read("/")
    assert told["checks"] == [False] and "127.0.0.1 cannot be reached" in told["error"]
