"""
Serves a folder over SFTP with asyncssh: ``run_sftp.py FOLDER HOME``.

Writes what a user's ``~/.ssh`` holds into HOME, then the port into ``HOME/port``.
"""

import asyncio
import sys
from pathlib import Path

import asyncssh


async def main(folder: Path, home: Path) -> None:
    """Listen until killed."""
    ssh = home / ".ssh"
    ssh.mkdir(mode=0o700, parents=True)
    server, person = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
    person.write_private_key(str(ssh / "id_ed25519"))
    person.write_public_key(str(ssh / "authorized_keys"))
    listener = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[server],
        authorized_client_keys=str(ssh / "authorized_keys"),
        sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder)),
    )  # fmt: skip
    port = listener.get_port()
    shown = server.export_public_key().decode().strip()
    (ssh / "known_hosts").write_text(f"[127.0.0.1]:{port} {shown}\n")
    (home / "port.part").write_text(str(port))
    (home / "port.part").rename(home / "port")
    await asyncio.Event().wait()


asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
