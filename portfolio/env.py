"""
The environment variables that this installation reads, and how their text becomes values.

Every name is listed in ``docs/settings.md``. Nothing here imports Django.
"""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

BASE = Path(__file__).resolve().parent.parent

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}


class BadEnvironment(Exception):
    """A variable holds something that cannot be read; the sentence names it and the choices."""


def text(name: str, default: str = "") -> str:
    """Read a variable as it is."""
    return os.environ.get(name, default)


def flag(name: str, *, default: bool) -> bool:
    """
    Read a yes or no.

    Raises:
        BadEnvironment: it is neither.
    """
    value = os.environ.get(name)
    if value is None:
        return default
    lowered = value.strip().lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise BadEnvironment(f"{name}={value} is neither yes nor no. Write 1 or 0.")


def whole(name: str, *, default: int) -> int:
    """
    Read a whole number.

    Raises:
        BadEnvironment: it is none.
    """
    value = os.environ.get(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError as error:
        raise BadEnvironment(f"{name}={value} is not a whole number.") from error


def listed(name: str, *, default: str = "") -> list[str]:
    """Read a list separated by commas."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def var_folder() -> Path:
    """Give the folder that holds what this installation made: ``VAR``, else ``var/``."""
    return Path(os.environ.get("VAR") or BASE / "var").absolute()


def database(name: str, *, default: str = "") -> dict[str, object]:
    """
    Read a connection URL into the keys of Django's DATABASES.

    >>> os.environ["EXAMPLE_URL"] = "postgresql://app:p%40ss@db:5433/portfolio?sslmode=require"
    >>> sorted(database("EXAMPLE_URL").items())  # doctest: +NORMALIZE_WHITESPACE
    [('ENGINE', 'django.db.backends.postgresql'), ('HOST', 'db'), ('NAME', 'portfolio'),
     ('OPTIONS', {'connect_timeout': '10', 'sslmode': 'require'}), ('PASSWORD', 'p@ss'),
     ('PORT', '5433'), ('USER', 'app')]

    Raises:
        BadEnvironment: it is no PostgreSQL URL.
    """
    parts = urlsplit(os.environ.get(name) or default)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise BadEnvironment(
            f"{name} must be a PostgreSQL URL such as postgresql://user:password@host:5432/name."
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": {"connect_timeout": "10", **dict(parse_qsl(parts.query))},
    }
