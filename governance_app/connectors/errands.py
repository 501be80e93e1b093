"""What a plug-in is handed: settings with their secrets, where it may reach, what is held."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings as site
from django.utils import timezone

from governance_app.connectors import registry, sealing
from governance_app.connectors.base import Errand, Plugin, Reach, Window
from governance_app.connectors.models import Connection, InboundToken, SyncRun
from governance_app.domain.records import ModelRecord, ModelVersionRecord
from governance_app.inventory import selectors as inventory
from governance_app.people.models import User
from governance_app.people.services import system_user

WINDOW_DAYS = 92


def errand_of(*, run: SyncRun) -> Errand:
    """
    Put together what the plug-in of a run needs, secrets opened.

    A backfill knows no marks: it reads its days as if for the first time.
    """
    connection, source = run.connection, run.connection.source
    kind = registry.plugin(connection.plugin)
    return Errand(
        settings=kind.clean({**connection.settings, **opened(connection)}),
        window=Window(run.since, run.until) if run.since and run.until else window(),
        watermark={} if run.kind == SyncRun.Kind.BACKFILL else run.watermark,
        reach=reach(),
        linked=inventory.linked_by_people(source=source),
        held={
            ModelRecord: inventory.held_models(source=source),
            ModelVersionRecord: inventory.held_versions(source=source),
        },
    )


def trial_of(*, kind: Plugin, settings: Mapping[str, Any]) -> Errand:
    """Put together what a plug-in needs to try settings."""
    return Errand(settings=kind.clean(settings), window=window(), reach=reach())


def split(kind: Plugin, cleaned: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part settings into those that may be shown and the secrets that are set."""
    shown = {name: value for name, value in cleaned.items() if name not in kind.secret_names}
    secret = {name: cleaned[name] for name in sorted(kind.secret_names) if cleaned.get(name)}
    return shown, secret


def sealed(connection: Connection, secret: Mapping[str, Any]) -> str:
    """Encrypt the secrets of a connection for its row."""
    return sealing.seal(secret, keys=_keys(), place=_place(connection))


def opened(connection: Connection) -> dict[str, Any]:
    """Give the secrets of a connection, for a plug-in and nothing else."""
    return sealing.open_sealed(connection.sealed, keys=_keys(), place=_place(connection))


def window() -> Window:
    """Give the days a run is asked for: the open month and those that may still be restated."""
    today = timezone.now().date()
    return Window(since=today - dt.timedelta(days=WINDOW_DAYS), until=today)


def reach() -> Reach:
    """Give what the administrator lets connections reach."""
    return Reach(hosts=tuple(site.OUTBOUND_ALLOWED), folders=tuple(site.FOLDERS_ALLOWED))


def sender(token: InboundToken) -> User:
    """Give the named system principal that stores what is pushed with a token."""
    return system_user(f"inbound:{token.name}")


def principal(connection: Connection) -> User:
    """Give the named system principal that stores what a connection brings."""
    return system_user(f"connector:{connection.name}")


def _keys() -> list[str]:
    return sealing.keys_from(site.SECRETS_KEY, file=Path(site.VAR) / "secrets.key")


def _place(connection: Connection) -> str:
    return f"connectors_connection/{connection.pk}/sealed"
