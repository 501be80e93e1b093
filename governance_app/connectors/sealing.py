"""
Secrets at rest: envelope encryption, so that a stolen database gives nothing away.

Each sealing makes a data key of its own, encrypts with AES-256-GCM, and wraps the data key
with the installation's key, which lives outside the database. What is sealed is bound to
where it belongs, so a sealed text copied to another row does not open there.

The installation's key may be a list: the first one seals, all of them open, so a new key
can be put in front and everything sealed again before the old one is dropped.
"""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from governance_app.domain.errors import Sentence

_NONCE_BYTES = 12
_KEY_BYTES = 32
_SHORTEST_KEY = 32


class CannotOpen(Sentence):
    """The secrets were sealed with a key that is not among the installation's."""


def keys_from(text: str, *, file: Path) -> list[str]:
    """
    Give the installation's keys, newest first.

    Args:
        text: keys separated by commas, from the environment; empty when none is set.
        file: where a key is kept, made on first use, when the environment names none.

    Raises:
        Sentence: a key is too short to be one.
    """
    if not text:
        text = _kept_key(file)
    keys = [key.strip() for key in text.split(",") if key.strip()]
    if any(len(key) < _SHORTEST_KEY for key in keys):
        raise Sentence(
            f"SECRETS_KEY needs at least {_SHORTEST_KEY} characters; a random one is best."
        )
    return keys


def seal(secret: Mapping[str, Any], *, keys: Sequence[str], place: str) -> str:
    """
    Encrypt a mapping for one place; an empty mapping is an empty text.

    Args:
        place: what it belongs to (table, row and column); opening needs the same.
    """
    if not secret:
        return ""
    data_key = AESGCM.generate_key(_KEY_BYTES * 8)
    plain = json.dumps(dict(secret), ensure_ascii=False).encode()
    return json.dumps(
        {
            "key": name_of(keys[0]),
            "wrapped": _encrypt(_derived(keys[0]), data_key, place),
            "data": _encrypt(data_key, plain, place),
        }
    )


def open_sealed(sealed: str, *, keys: Sequence[str], place: str) -> dict[str, Any]:
    """
    Decrypt what :func:`seal` made for the same place.

    Raises:
        CannotOpen: the key is gone, or the text was altered or belongs elsewhere.
    """
    if not sealed:
        return {}
    parts = json.loads(sealed)
    for key in keys:
        if name_of(key) == parts["key"]:
            try:
                data_key = _decrypt(_derived(key), parts["wrapped"], place)
                opened: dict[str, Any] = json.loads(_decrypt(data_key, parts["data"], place))
            except InvalidTag as error:
                raise CannotOpen(
                    "The stored secrets cannot be opened; enter them again."
                ) from error
            return opened
    raise CannotOpen(
        "The stored secrets were sealed with another SECRETS_KEY."
        " Add that key after the present one, or enter the secrets again."
    )


def is_current(sealed: str, *, keys: Sequence[str]) -> bool:
    """Tell whether a text is sealed with the newest key; an empty one always is."""
    return not sealed or json.loads(sealed)["key"] == name_of(keys[0])


def _kept_key(file: Path) -> str:
    """Read the key file, or make it readable by its owner alone; the first writer wins."""
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(secrets.token_urlsafe(_KEY_BYTES))
    try:
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return file.read_text().strip()


def _derived(key: str) -> bytes:
    kdf = HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"connection secrets")
    return kdf.derive(key.encode())


def name_of(key: str) -> str:
    """Name a key without telling it."""
    return hashlib.sha256(b"name:" + _derived(key)).hexdigest()[:12]


def _encrypt(key: bytes, plain: bytes, place: str) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plain, place.encode())
    return base64.b64encode(nonce + sealed).decode()


def _decrypt(key: bytes, text: str, place: str) -> bytes:
    sealed = base64.b64decode(text)
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
