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
    return not (env.text("DATABASE_URL") and env.text("REDIS_URL"))


def surroundings(places: Places, servers: Servers | None) -> Surroundings:
    """
    Work out the variables from the embedded servers and from what is set already.

    A variable that is set wins over the embedded server it would name.
    """
    base = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    base["DJANGO_SETTINGS_MODULE"] = env.text("DJANGO_SETTINGS_MODULE", "portfolio.settings")
    base["PYTHONUNBUFFERED"] = "1"
    base["PYTHONPATH"] = os.pathsep.join(
        part for part in (str(env.BASE), env.text("PYTHONPATH")) if part
    )
    base["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env.text("PATH")])
    base["VAR"] = str(places.folder)
    owner_url = env.text("DATABASE_OWNER_URL") or env.text("DATABASE_URL")
    if servers is not None:
        base.setdefault("SECRET_KEY", servers.secret_key)
        base.setdefault("SECRETS_KEY", servers.secrets_key)
        base.setdefault("REDIS_URL", servers.redis_url)
        if not env.text("DATABASE_URL"):
            base["DATABASE_URL"] = servers.app_url
            owner_url = servers.owner_url
    base.setdefault("DATABASE_APP_ROLE", urlsplit(base["DATABASE_URL"]).username or "")
    return Surroundings(app=base, owner={**base, "DATABASE_URL": owner_url})
