"""What lies where in the folder of a running portfolio (``var/`` unless told otherwise)."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The paths of one folder."""

    folder: Path

    @property
    def postgres(self) -> Path:
        """The database's data folder."""
        return self.folder / "postgres"

    @property
    def valkey(self) -> Path:
        """The broker's append-only file."""
        return self.folder / "valkey"

    @property
    def files(self) -> Path:
        """The content-addressed store of uploads, source files and archives."""
        return self.folder / "files"

    @property
    def static(self) -> Path:
        """The collected static files."""
        return self.folder / "static"

    @property
    def passwords(self) -> Path:
        """The passwords of the embedded servers (mode 0600)."""
        return self.folder / "passwords.json"

    @property
    def users_lock(self) -> Path:
        """Held together by everybody who uses the embedded servers."""
        return self.folder / "run" / "users.lock"

    @property
    def gate_lock(self) -> Path:
        """Held by the one who decides whether a keeper must be started."""
        return self.folder / "run" / "gate.lock"

    @property
    def keeper(self) -> Path:
        """Held by the keeper; says its number and the ports."""
        return self.folder / "run" / "keeper.json"

    @property
    def up_lock(self) -> Path:
        """Held by the one launcher that may serve this folder; says its number and address."""
        return self.folder / "run" / "up.json"

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.folder / "log" / f"{name}.log"
