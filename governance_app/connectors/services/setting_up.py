"""Setting connections up: settings, secrets, schedules, rehearsals accepted."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.connectors import errands, registry
from governance_app.connectors.base import Check, Plugin, SourceError
from governance_app.connectors.models import Connection, SyncRun
from governance_app.connectors.services.running import SYNC, request_sync
from governance_app.domain.errors import Sentence
from governance_app.jobs import selectors as jobs_selectors
from governance_app.jobs import services as jobs
from governance_app.jobs.models import Job
from governance_app.people import access
from governance_app.people.models import ScopeNode, User


@recorded
def add_connection(
    *,
    plugin: str,
    name: str,
    settings: Mapping[str, Any],
    by: User,
    node: ScopeNode | None = None,
    every_seconds: int | None = None,
    fresh_within_seconds: int | None = None,
    is_on_trial: bool = False,
) -> Connection:
    """
    Set a source up; with ``every_seconds`` it runs by itself, the first time at once.

    Args:
        settings: values of the plug-in's declared settings, secrets included.
        node: where it belongs; the whole organisation when None.
        fresh_within_seconds: how old its last good run may be before people are told.
        is_on_trial: keep nothing and run nothing by itself until its rehearsal is accepted.

    Raises:
        Sentence: the name is blank or taken, or a setting is missing or wrong.
    """
    node = node or ScopeNode.objects.get(kind=ScopeNode.Kind.ORGANISATION)
    access.require(by, "connection.edit", node)
    name = _free_name(name)
    kind = registry.plugin(plugin)
    shown, secret = errands.split(kind, kind.clean(settings))
    connection = Connection(
        name=name,
        plugin=kind.name,
        settings=shown,
        node=node,
        every_seconds=every_seconds,
        fresh_within_seconds=fresh_within_seconds,
        is_on_trial=is_on_trial,
    )
    connection.sealed = errands.sealed(connection, secret)
    connection.save()
    plan(connection)
    return connection


@recorded
def edit_connection(
    *,
    connection: Connection,
    name: str,
    settings: Mapping[str, Any],
    every_seconds: int | None,
    by: User,
    version: int | None = None,
    fresh_within_seconds: int | None = None,
) -> Connection:
    """
    Change a connection; a secret left empty stays as it is.

    Raises:
        Sentence: the name is taken, or a setting is missing or wrong.
        StaleWrite: somebody changed it meanwhile.
    """
    connection = _locked(connection, by, "connection.edit")
    check_version(connection, version)
    kind = registry.plugin(connection.plugin)
    kept = errands.opened(connection)
    shown, secret = errands.split(kind, kind.clean(_merged(kind, kept, settings)))
    changes: dict[str, Any] = {
        "settings": shown,
        "every_seconds": every_seconds,
        "fresh_within_seconds": fresh_within_seconds,
    }
    if name.strip() != connection.name:
        changes["name"] = _free_name(name)
    if secret != kept:
        changes["sealed"] = errands.sealed(connection, secret)
    save_changes(connection, **changes)
    plan(connection)
    return connection


@recorded
def accept_rehearsal(*, run: SyncRun, by: User) -> Job:
    """
    Let a connection do what its rehearsal showed: it runs now, and from now on by itself.

    Raises:
        Sentence: the run is no rehearsal, it failed, or a newer one says something else.
    """
    connection = _locked(run.connection, by, "connection.edit")
    newest = SyncRun.objects.filter(connection=connection, kind=SyncRun.Kind.REHEARSAL)
    newest_run = newest.select_for_update().order_by("-started_at", "-pk").first()
    if newest_run is None or newest_run.pk != run.pk:
        raise Sentence("Only the newest rehearsal can be accepted.")
    if newest_run.state not in (SyncRun.State.DONE, SyncRun.State.PARTIAL):
        raise Sentence("A rehearsal that did not come to its end cannot be accepted.")
    save_changes(newest_run, accepted_at=timezone.now())
    save_changes(connection, is_on_trial=False)
    plan(connection, is_under_way=True)
    return request_sync(connection=connection, by=by)


@recorded
def pause_connection(*, connection: Connection, by: User) -> Connection:
    """Stop a connection from running by itself until it is resumed."""
    connection = _locked(connection, by, "connection.edit")
    if connection.paused_at is None:
        save_changes(connection, paused_at=timezone.now())
        plan(connection)
    return connection


@recorded
def resume_connection(*, connection: Connection, by: User) -> Connection:
    """Let a paused connection run by itself again."""
    connection = _locked(connection, by, "connection.edit")
    save_changes(connection, paused_at=None)
    plan(connection)
    return connection


@recorded
def delete_connection(*, connection: Connection, by: User) -> Connection:
    """Take a connection away: its secrets are forgotten; its runs and what they brought stay."""
    connection = _locked(connection, by, "connection.edit")
    save_changes(connection, deleted_at=timezone.now(), sealed="")
    plan(connection)
    return connection


@recorded
def test_connection(*, connection: Connection, by: User) -> list[Check]:
    """Try the settings of a connection; writes nothing but a note."""
    access.require(by, "connection.run", connection)
    kind = registry.plugin(connection.plugin)
    entered = {**connection.settings, **errands.opened(connection)}
    checks = kind.test(errands.trial_of(kind=kind, settings=entered))
    found = "works" if all(check.is_ok for check in checks) else "does not work"
    audit.note(
        by=by, action="test", subject=connection, sentence=f"Tested {connection}: it {found}."
    )
    return checks


@recorded
def try_settings(
    *,
    plugin: str,
    settings: Mapping[str, Any],
    by: User,
    node: ScopeNode | None = None,
    stored: Connection | None = None,
) -> list[Check]:
    """
    Try settings that are not stored yet.

    Args:
        stored: the connection they would change; secrets left empty are taken from it.
    """
    access.require(by, "connection.edit", stored or node)
    kind = registry.plugin(plugin)
    kept = errands.opened(stored) if stored is not None and stored.plugin == plugin else {}
    try:
        return kind.test(errands.trial_of(kind=kind, settings=_merged(kind, kept, settings)))
    except SourceError as error:
        return [Check("Settings are complete", False, str(error))]


def _merged(kind: Plugin, kept: Mapping[str, Any], entered: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was entered; a secret left empty is the one that is kept."""
    filled = {
        name: value
        for name, value in entered.items()
        if name not in kind.secret_names or str(value or "").strip()
    }
    return {**kept, **filled}


def _locked(connection: Connection, by: User, permission: str) -> Connection:
    access.require(by, permission, connection)
    connection = Connection.objects.select_for_update().get(pk=connection.pk)
    if connection.deleted_at is not None:
        raise Sentence(f"{connection} was deleted.")
    return connection


def _free_name(name: str) -> str:
    name = name.strip()
    if not name:
        raise Sentence("A connection needs a name.")
    if Connection.objects.filter(name=name, deleted_at=None).exists():
        raise Sentence(f"There is already a connection called {name}.")
    return name


def plan(connection: Connection, *, is_under_way: bool = False) -> None:
    """
    Make the schedule say what the connection says.

    Args:
        is_under_way: a run was asked for just now, so a new schedule waits a period for its first.
    """
    name = f"connection:{connection.pk}"
    is_active = connection.every_seconds is not None and not (
        connection.paused_at or connection.deleted_at or connection.is_on_trial
    )
    standing = jobs_selectors.schedule(name=name)
    if not is_active and standing is None:
        return
    jobs.schedule(
        name=name,
        title=f"Sync {connection}",
        kind=SYNC,
        payload={"connection": str(connection.pk)},
        every_seconds=connection.every_seconds or (standing.every_seconds if standing else 0),
        by=errands.principal(connection),
        node=connection.node,
        is_active=is_active,
        is_under_way=is_under_way,
    )
