"""Folders over SSH: signed in to as the user of this process is, on servers that are known."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import fsspec

from governance_app.domain.errors import Sentence

SECONDS = 30.0
#: What paramiko says where there is no key to try; it has no class of its own.
_NO_KEY = "No authentication methods available"


class Untrusted(Sentence):
    """A server that is not the known one, or that lets nobody in with these keys."""


class Unreachable(Sentence):
    """A server that does not answer now."""


def opened(address: str) -> tuple[Any, str, tuple[type[Exception], ...]]:
    """
    Sign in to the server of an address, with the keys of ``~/.ssh`` or of the agent.

    The server has to show a key that ``~/.ssh/known_hosts`` holds: nobody is there to be asked
    whether a new one may be trusted.

    Returns:
        The filesystem, the path in it, and what it raises when the connection breaks.

    Raises:
        ImportError: its package is not installed.
        Untrusted: the address holds a password, the server is not the known one, or it lets
            nobody in with these keys.
        Unreachable: it cannot be reached.
    """
    import paramiko

    place = urlsplit(address)
    if place.password is not None:
        raise Untrusted(
            "An address of a folder holds no password: it would stand in settings and logs. "
            "Sign in with a key in ~/.ssh of the server that this runs on."
        )

    class Known(paramiko.MissingHostKeyPolicy):
        """Lets those in that stand in the list of known servers."""

        def missing_host_key(self, client: Any, hostname: str, key: Any) -> None:
            if not known.check(hostname, key):
                raise Untrusted(
                    f"{hostname} shows a key that ~/.ssh/known_hosts does not hold"
                    f" ({key.fingerprint}). Compare it with its administrator, then add it."
                )

    known = paramiko.HostKeys()
    if (held := Path.home() / ".ssh" / "known_hosts").exists():
        known.load(str(held))
    breaks = (OSError, EOFError, paramiko.SSHException)
    try:
        filesystem, root = fsspec.core.url_to_fs(
            address, skip_instance_cache=True, host_key_policy=Known(),
            timeout=SECONDS, banner_timeout=SECONDS, auth_timeout=SECONDS,
        )  # fmt: skip
    except breaks as error:
        if isinstance(error, paramiko.AuthenticationException) or str(error) == _NO_KEY:
            raise Untrusted(
                f"{place.hostname} does not let {place.username or 'this user'} in with the keys"
                " of ~/.ssh."
            ) from error
        raise Unreachable(f"{place.hostname} cannot be reached: {error}.") from error
    return filesystem, root, breaks
