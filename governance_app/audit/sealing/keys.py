"""
The key that seals are signed with: Ed25519, in a file outside the database.

Whoever verifies needs only the public halves, which lie beside it as ``seal-NAME.pub``, one for
each key ever used. To change the key, move ``seal.pem`` away: the next seal makes a new one.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from governance_app.domain.errors import Sentence


@dataclass(frozen=True)
class SigningKey:
    """The installation's present key and its name, which every seal states."""

    private: Ed25519PrivateKey
    name: str

    def sign(self, statement: bytes) -> bytes:
        """Sign a statement."""
        return self.private.sign(statement)


@dataclass(frozen=True)
class PublicKeys:
    """The keys that signatures are checked against, by name."""

    by_name: dict[str, Ed25519PublicKey]

    def is_signed(self, statement: bytes, signature: bytes, key: str) -> bool:
        """Tell whether the named key signed exactly this statement; an unknown key did not."""
        public = self.by_name.get(key)
        if public is None:
            return False
        try:
            public.verify(signature, statement)
        except InvalidSignature:
            return False
        return True

    def pem(self, key: str) -> str:
        """Give a public key as text; empty when it is unknown."""
        public = self.by_name.get(key)
        return _public_pem(public).decode() if public is not None else ""


def key_file() -> Path:
    """Say where the private key is."""
    return Path(settings.SEAL_KEY)


def signing_key() -> SigningKey:
    """
    Read the private key, or make it, readable by its owner alone; the first maker wins.

    Raises:
        Sentence: the file holds something else, or others may read it.
    """
    file = key_file()
    if not file.exists():
        _make(file)
    if file.stat().st_mode & 0o077:
        raise Sentence(f"{file} may be read by others. Make it private: chmod 600 {file}.")
    try:
        private = serialization.load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise Sentence(f"{file} holds no key that seals can be signed with.") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise Sentence(f"{file} holds a key of another kind; seals are signed with Ed25519.")
    name = name_of(private.public_key())
    _keep_public(file.parent, private.public_key(), name)
    return SigningKey(private, name)


def public_keys(folder: Path | None = None) -> PublicKeys:
    """
    Read every public key of a folder, the installation's unless told otherwise.

    Raises:
        Sentence: a file holds no public key.
    """
    found: dict[str, Ed25519PublicKey] = {}
    for file in sorted((folder or key_file().parent).glob("seal-*.pub")):
        try:
            public = serialization.load_pem_public_key(file.read_bytes())
        except (ValueError, UnsupportedAlgorithm) as error:
            raise Sentence(f"{file} holds no public key.") from error
        if not isinstance(public, Ed25519PublicKey):
            raise Sentence(f"{file} holds a key of another kind; seals are signed with Ed25519.")
        found[name_of(public)] = public
    return PublicKeys(found)


def name_of(public: Ed25519PublicKey) -> str:
    """Name a key by the hash of its public half."""
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def _make(file: Path) -> None:
    file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _link(file, pem, mode=0o600)


def _keep_public(folder: Path, public: Ed25519PublicKey, name: str) -> None:
    file = folder / f"seal-{name}.pub"
    if not file.exists():
        _link(file, _public_pem(public), mode=0o644)


def _public_pem(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _link(file: Path, content: bytes, *, mode: int) -> None:
    """Make a file appear whole, unless somebody else made it meanwhile."""
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(fresh, file)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
