"""
The keys of an installation, kept beside a backup and never in it.

Whoever has the archive alone can read no secret and sign no seal; whoever has both has everything.
"""

import datetime as dt
import json
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from governance_app.audit.sealing.keys import key_file
from governance_app.connectors import sealing
from governance_app.domain.errors import Sentence
from portfolio.up.places import Places

FORMAT = "portfolio-keys-1"


def needed() -> list[str]:
    """Name the keys that the secrets of connections are sealed with."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT sealed FROM connectors_connection WHERE sealed <> ''")
        return sorted({json.loads(row[0])["key"] for row in cursor.fetchall()})


def present() -> set[str]:
    """Name the keys that this installation opens secrets with."""
    return {sealing.name_of(key) for key in _secrets_keys()}


def write(path: Path) -> None:
    """Write the keys into a file that its owner alone may read."""
    seal = key_file()
    told = {
        "format": FORMAT,
        "secrets_key": ",".join(_secrets_keys()),
        "seal_key": seal.read_text() if seal.exists() else "",
    }
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(told, out, indent=1)


def read(path: Path) -> dict[str, Any]:
    """
    Read a file of keys.

    Raises:
        Sentence: it is none.
    """
    try:
        told: dict[str, Any] = json.loads(path.read_text())
        if told["format"] == FORMAT:
            return told
    except FileNotFoundError:
        raise Sentence(f"There is no {path}.") from None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise Sentence(f"{path} holds no keys of a backup.")


def take(told: dict[str, Any]) -> list[str]:
    """
    Let this installation use the keys; what was there is kept as well.

    Returns:
        Sentences about what a person has to do besides.
    """
    if told["seal_key"]:
        _replace(key_file(), told["seal_key"])
    wanted = [key for key in told["secrets_key"].split(",") if key]
    keys = ",".join(dict.fromkeys([*wanted, *_secrets_keys()]))
    passwords = Places(Path(settings.VAR)).passwords
    own = json.loads(passwords.read_text()) if passwords.exists() else {}
    if own.get("secrets_key") and own["secrets_key"] == settings.SECRETS_KEY:
        _replace(passwords, json.dumps({**own, "secrets_key": keys}, indent=2))
    elif not settings.SECRETS_KEY:
        _replace(_kept_key(), keys)
    elif {sealing.name_of(key) for key in wanted} - present():
        return ["Add the secrets_key of the file of keys to SECRETS_KEY, after a comma."]
    settings.SECRETS_KEY = keys
    return []


def _secrets_keys() -> list[str]:
    return sealing.keys_from(settings.SECRETS_KEY, file=_kept_key())


def _kept_key() -> Path:
    return Path(settings.VAR) / "secrets.key"


def _replace(path: Path, content: str) -> None:
    """Put a file in place at once, keeping the one that was there under a dated name."""
    if path.exists():
        if path.read_text() == content:
            return
        stamp = dt.datetime.now(dt.UTC).strftime("%Y%m%d-%H%M%S")
        path.with_name(f"{path.name}.before-{stamp}").write_bytes(b"")
        path.with_name(f"{path.name}.before-{stamp}").chmod(0o600)
        path.with_name(f"{path.name}.before-{stamp}").write_text(path.read_text())
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(content)
    fresh.replace(path)
