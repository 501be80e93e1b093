"""Give a command the embedded servers when it needs a database and none was named."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from portfolio import env
from portfolio.up.places import Places

#: Commands that work without a database, or that start the servers themselves.
WITHOUT_DATABASE = {
    "bench", "check", "collectstatic", "compilemessages", "demo", "diffsettings", "findstatic",
    "help", "makemessages", "makemigrations", "spectacular", "startapp", "up", "version",
}  # fmt: skip
#: Commands that change tables or look at the installation as it stands: nothing is migrated first.
UNPREPARED = {"doctor", "migrate", "restore", "showmigrations", "sqlmigrate"}
#: Commands that run as the role that owns the tables.
AS_OWNER = {"backup", "migrate", "restore", "showmigrations"}


@contextmanager
def attached(arguments: Sequence[str]) -> Iterator[None]:
    """
    Run a command inside the surroundings it needs.

    Starts the servers of ``var/`` or joins them, brings their database up to date, names both in
    the environment and leaves them again; the last one out stops them. Nothing happens when
    DATABASE_URL and REDIS_URL are set or when the command needs no database.

    Raises:
        LauncherError: the servers cannot be started.
    """
    command = arguments[0] if arguments else "help"
    asks_for_help = {"-h", "--help", "--version"} & set(arguments)
    if command in WITHOUT_DATABASE or asks_for_help:
        yield
        return

    # These load the database driver, half a second that other commands need not wait.
    from portfolio.up.migrate import migrate
    from portfolio.up.servers import Servers
    from portfolio.up.surroundings import needs_servers, surroundings, wanted_servers

    places = Places(env.var_folder())
    if not needs_servers():
        told = surroundings(places, None)
        os.environ.update(told.owner if command in AS_OWNER else told.app)
        yield
        return
    with Servers(places.folder, parts=wanted_servers()) as servers:
        told = surroundings(places, servers)
        if command not in UNPREPARED:
            migrate(places, told.owner)
        os.environ.update(told.owner if command in AS_OWNER else told.app)
        yield
