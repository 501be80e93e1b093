"""The environment variables that each process of the site runs with."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from portfolio import env
from portfolio.up.places import Places
from portfolio.up.servers import Servers


@dataclass(frozen=True)
class Surroundings:
    """
    What the processes are told.

    ``app`` is for everything that serves; ``owner`` for migrations alone: nothing that
    listens to the outside ever holds the owner's password.
    """

    app: dict[str, str]
    owner: dict[str, str]


def needs_servers() -> bool:
    """Tell whether something must be embedded: not when both addresses are given."""
    return bool(wanted_servers())


def wanted_servers() -> frozenset[str]:
    """Name what must be embedded: what no address is given for."""
    addresses = {"postgres": "DATABASE_URL", "valkey": "REDIS_URL"}
    return frozenset(part for part, name in addresses.items() if not env.text(name))


def common(places: Places) -> dict[str, str]:
    """Give what every process is told, with or without servers."""
    told = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    told["DJANGO_SETTINGS_MODULE"] = env.text("DJANGO_SETTINGS_MODULE", "portfolio.settings")
    told["PYTHONUNBUFFERED"] = "1"
    told["PYTHONPATH"] = _joined(str(env.BASE), env.text("PYTHONPATH"))
    told["PATH"] = _joined(str(Path(sys.executable).parent), env.text("PATH"))
    told["VAR"] = str(places.folder)
    return told


def surroundings(places: Places, servers: Servers | None) -> Surroundings:
    """
    Work out the variables from the embedded servers and from what is set already.

    A variable that is set wins over the embedded server it would name.
    """
    app = common(places)
    owner_url = env.text("DATABASE_OWNER_URL") or env.text("DATABASE_URL")
    if servers is not None:
        app.setdefault("SECRET_KEY", servers.secret_key)
        app.setdefault("SECRETS_KEY", servers.secrets_key)
        if not env.text("REDIS_URL"):
            app["REDIS_URL"] = servers.redis_url
        if not env.text("DATABASE_URL"):
            app["DATABASE_URL"] = servers.app_url
            owner_url = servers.owner_url
    app.setdefault("DATABASE_APP_ROLE", urlsplit(app["DATABASE_URL"]).username or "")
    return Surroundings(app=app, owner={**app, "DATABASE_URL": owner_url})


def _joined(*paths: str) -> str:
    return os.pathsep.join(path for path in paths if path)
