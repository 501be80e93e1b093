"""Changing people, units and grants."""

import datetime as dt
import hashlib
import secrets
import zoneinfo

from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from governance_app.audit import services as audit
from governance_app.audit.acting import acting, recorded
from governance_app.audit.rows import check_version, save_changes
from governance_app.domain.errors import Sentence
from governance_app.domain.ids import uuid7
from governance_app.people import access
from governance_app.people.models import ApiToken, Grant, ScopeNode, User
from governance_app.people.roles import ROLES

TOKEN_DAYS = 90
NO_PASSWORD = "!"  # noqa: S105 - Django's mark of a password that never fits


def system_user(name: str) -> User:
    """
    Give the named system principal, made on first use: ``jobs``, ``rollups``, ``demo``.

    It has no password and cannot sign in.
    """
    email = f"{name}@system.invalid"
    found = User.objects.filter(email=email).first()
    if found is None:
        principal = User(
            email=email, name=f"System: {name}", kind=User.Kind.SYSTEM, password=NO_PASSWORD
        )
        with acting(principal):
            User.objects.bulk_create([principal], ignore_conflicts=True)
        found = User.objects.get(email=email)
    return found


@recorded
def found_organisation(*, name: str, by: User) -> ScopeNode:
    """Make the root of the tree, or rename it when it stands."""
    access.require(by, "people.edit")
    root = ScopeNode.objects.filter(kind=ScopeNode.Kind.ORGANISATION).first()
    if root is not None:
        save_changes(root, name=name)
        return root
    node_id = uuid7()
    return ScopeNode.objects.create(
        id=node_id, kind=ScopeNode.Kind.ORGANISATION, name=name, path=f"{node_id.hex}/"
    )


@recorded
def add_unit(*, name: str, parent: ScopeNode, by: User, code: str = "") -> ScopeNode:
    """
    Add a business unit below another one or the organisation.

    Raises:
        Sentence: the name is blank or taken under this parent, or the parent is an initiative.
    """
    access.require(by, "people.edit", parent)
    name = name.strip()
    if not name:
        raise Sentence("A unit needs a name.")
    if parent.kind == ScopeNode.Kind.INITIATIVE:
        raise Sentence(f"{parent} is an initiative; units stand below units or the organisation.")
    if parent.children.filter(kind=ScopeNode.Kind.UNIT, name=name).exists():
        raise Sentence(f"{parent} already has a unit called {name}.")
    return ScopeNode.objects.create(**node_fields(ScopeNode.Kind.UNIT, name, parent, code))


def node_fields(kind: str, name: str, parent: ScopeNode, code: str = "") -> dict[str, object]:
    """Give the fields of a new node below ``parent``, for services that make many at once."""
    node_id = uuid7()
    return {
        "id": node_id,
        "kind": kind,
        "name": name,
        "code": code,
        "parent": parent,
        "path": f"{parent.path}{node_id.hex}/",
    }


@recorded
def rename_node(*, node: ScopeNode, name: str, by: User, version: int | None = None) -> ScopeNode:
    """Give a unit another name."""
    access.require(by, "people.edit", node)
    node = ScopeNode.objects.select_for_update().get(pk=node.pk)
    check_version(node, version)
    if not name.strip():
        raise Sentence("A unit needs a name.")
    save_changes(node, name=name.strip())
    return node


@recorded
def move_node(*, node: ScopeNode, parent: ScopeNode, by: User) -> ScopeNode:
    """
    Hang a node and everything below it under another parent; rights follow at once.

    Raises:
        Sentence: the new parent is the node itself or stands below it.
    """
    access.require(by, "people.edit" if node.kind == "unit" else "initiative.edit", node)
    access.require(by, "people.edit" if node.kind == "unit" else "initiative.edit", parent)
    # One lock for the whole tree: two moves crossing each other could make a circle.
    ScopeNode.objects.select_for_update().get(kind=ScopeNode.Kind.ORGANISATION)
    node, parent = (
        ScopeNode.objects.get(pk=node.pk),
        ScopeNode.objects.get(pk=parent.pk),
    )
    if parent.path.startswith(node.path):
        raise Sentence(f"{node} cannot move below itself ({parent}).")
    old_path, new_path = node.path, f"{parent.path}{node.pk.hex}/"
    if old_path == new_path:
        return node
    ScopeNode.objects.filter(pk=node.pk).update(parent=parent)
    ScopeNode.objects.filter(path__startswith=old_path).update(
        path=Concat(Value(new_path), Substr("path", len(old_path) + 1)), version=F("version") + 1
    )
    node.refresh_from_db()
    return node


@recorded
def add_user(
    *,
    email: str,
    name: str,
    by: User,
    password: str | None = None,
    title: str = "",
    time_zone: str = "UTC",
    currency: str = "",
) -> User:
    """
    Add a person who can sign in; without a password they set one by the reset link.

    Raises:
        Sentence: the address is taken, whatever its capitals.
    """
    access.require(by, "people.edit")
    email = email.strip().lower()
    if not name.strip() or "@" not in email:
        raise Sentence("A person needs a name and an e-mail address.")
    if User.objects.filter(email__iexact=email).exists():
        raise Sentence(f"{email} already belongs to somebody.")
    user = User(email=email, name=name.strip(), title=title, time_zone=time_zone, currency=currency)
    user.set_password(password)
    user.save()
    return user


@recorded
def set_active(*, user: User, is_active: bool, by: User) -> User:
    """Let a person in again, or keep them out: their sessions and tokens stop counting at once."""
    access.require(by, "people.edit")
    if user.pk == by.pk and not is_active:
        raise Sentence("You cannot lock yourself out.")
    user = User.objects.select_for_update().get(pk=user.pk)
    save_changes(user, is_active=is_active)
    return user


@recorded
def set_preferences(
    *, user: User, locale: str, time_zone: str, currency: str, by: User, version: int | None = None
) -> User:
    """
    Choose the language, the time zone and the currency in which somebody reads the pages.

    Args:
        currency: a code of three letters, or empty for the currency the installation reports in.

    Raises:
        Sentence: the time zone is none, or the currency no code.
    """
    if by.pk != user.pk:
        access.require(by, "people.edit")
    if time_zone not in zoneinfo.available_timezones():
        raise Sentence(f"{time_zone} is no time zone. Choose one such as Europe/Berlin.")
    currency = currency.strip().upper()
    if currency and not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        raise Sentence(f"{currency} is no currency. A code has three letters, such as EUR.")
    if not 2 <= len(locale) <= 10:
        raise Sentence("Choose a language.")
    user = User.objects.select_for_update().get(pk=user.pk)
    check_version(user, version)
    save_changes(user, locale=locale, time_zone=time_zone, currency=currency)
    return user


@recorded
def grant(
    *,
    user: User,
    role: str,
    node: ScopeNode,
    by: User,
    from_on: dt.date | None = None,
    until_on: dt.date | None = None,
) -> Grant:
    """
    Give somebody a role on a node and everything below it.

    Raises:
        Sentence: the role is unknown or not for people, or the dates run backwards.
    """
    access.require(by, "people.edit", node)
    if role not in ROLES or role == "system":
        known = ", ".join(slug for slug in ROLES if slug != "system")
        raise Sentence(f"Unknown role {role!r}; the roles are {known}.")
    start = from_on or timezone.localdate()
    if until_on is not None and until_on < start:
        raise Sentence(f"The grant would end on {until_on}, before it starts on {start}.")
    access.forget_grants(user)
    return Grant.objects.create(user=user, role=role, node=node, from_on=start, until_on=until_on)


@recorded
def revoke(*, grant: Grant, by: User) -> Grant:
    """End a grant with yesterday; the row stays as history."""
    access.require(by, "people.edit", grant.node)
    grant = Grant.objects.select_for_update().get(pk=grant.pk)
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    if grant.from_on > yesterday:  # never counted for a whole day: its from_on moves with it
        save_changes(grant, from_on=yesterday, until_on=yesterday)
    else:
        save_changes(grant, until_on=yesterday)
    access.forget_grants(grant.user)
    return grant


@recorded
def add_token(*, user: User, name: str, by: User, days: int = TOKEN_DAYS) -> tuple[ApiToken, str]:
    """
    Make an API token that acts as ``user``.

    Returns:
        The row, and the secret: shown once, kept only as a hash.
    """
    if by.pk != user.pk:
        access.require(by, "people.edit")
    secret = f"aip_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user,
        name=name,
        prefix=secret[:12],
        digest=hashlib.sha256(secret.encode()).hexdigest(),
        expires_at=timezone.now() + dt.timedelta(days=days),
    )
    audit.note(by=by, action="token", subject=token, sentence=f"Made the API token {name}.")
    return token, secret


@recorded
def revoke_token(*, token: ApiToken, by: User) -> ApiToken:
    """Stop a token at once."""
    if by.pk != token.user_id:
        access.require(by, "people.edit")
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is None:
        save_changes(token, revoked_at=timezone.now())
    return token
