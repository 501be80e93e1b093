"""The passwords of the embedded servers: made once, kept in a file that only its owner reads."""

import base64
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Passwords:
    """One password per way in, the key that the site signs with, and the key of its secrets."""

    superuser: str
    owner: str
    app: str
    valkey: str
    secret_key: str
    secrets_key: str


def load_passwords(path: Path) -> Passwords:
    """Read the passwords, or make them and write them with mode 0600."""
    if path.exists():
        return Passwords(**json.loads(path.read_text()))
    made = Passwords(
        superuser=secrets.token_urlsafe(24),
        owner=secrets.token_urlsafe(24),
        app=secrets.token_urlsafe(24),
        valkey=secrets.token_urlsafe(24),
        secret_key=secrets.token_urlsafe(48),
        secrets_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    )
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(asdict(made), out, indent=2)
    unfinished.rename(path)
    return made
