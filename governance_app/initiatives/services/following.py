"""Following initiatives, and answering when one was named."""

import re
from collections.abc import Iterable

from django.utils import timezone

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.initiatives.models import (
    Comment,
    Dependency,
    Follow,
    Initiative,
    LogEntry,
    Mention,
)
from governance_app.people import access
from governance_app.people.models import User

_NAMED = re.compile(r"@([\w.'-]+(?: [\w.'-]+){0,3})")
_WORDS = 4


@recorded
def follow(*, initiative: Initiative, by: User) -> Follow:
    """Hear of what happens to an initiative from now on."""
    access.require(by, "view", initiative)
    made, _new = Follow.objects.get_or_create(initiative=initiative, person=by)
    return made


@recorded
def unfollow(*, initiative: Initiative, by: User) -> None:
    """Hear no more of an initiative."""
    access.require(by, "view", initiative)
    Follow.objects.filter(initiative=initiative, person=by).delete()


@recorded
def answer_mention(*, mention: Mention, by: User) -> Mention:
    """
    Say that what one was told of is dealt with.

    Raises:
        Sentence: it was somebody else who was told.
    """
    access.require(by, "view", mention.initiative)
    row = Mention.objects.select_for_update().get(pk=mention.pk)
    if row.person_id != by.pk:
        raise Sentence("Only the person who was told can say that it is dealt with.")
    if row.answered_at is None:
        save_changes(row, answered_at=timezone.now())
    return row


def people_named(text: str, initiative: Initiative) -> list[User]:
    """
    Find who is named with an @ in a text, among those who may see the initiative.

    Raises:
        Sentence: an @ names nobody, or somebody who may not see the initiative.
    """
    found: dict[object, User] = {}
    for said in _NAMED.findall(text):
        words = said.rstrip(".").split()
        tries = [" ".join(words[:count]) for count in range(min(len(words), _WORDS), 0, -1)]
        person = _person(tries)
        if person is None:
            continue  # an @ in prose names nobody
        if not access.can(person, "view", initiative):
            raise Sentence(f"{person.name} may not see {initiative.key}, so they cannot be told.")
        found[person.pk] = person
    return list(found.values())


def tell(
    people: Iterable[User | None],
    *,
    initiative: Initiative,
    by: User,
    sentence: str,
    comment: Comment | None = None,
    dependency: Dependency | None = None,
    entry: LogEntry | None = None,
) -> list[Mention]:
    """Write down for each person but ``by`` that they were told of one thing, once."""
    told = {person.pk: person for person in people if person is not None and person.pk != by.pk}
    return [
        Mention.objects.create(
            initiative=initiative, person=person, by=by, sentence=sentence, comment=comment,
            dependency=dependency, entry=entry,
        )
        for person in told.values()
        if access.can(person, "view", initiative)
    ]  # fmt: skip


def answer_all(*, initiative: Initiative, by: User) -> None:
    """Close what ``by`` was told in comments on an initiative: they have answered."""
    rows = Mention.objects.select_for_update().filter(
        initiative=initiative, person=by, answered_at=None, comment__isnull=False
    )
    for row in rows:
        save_changes(row, answered_at=timezone.now())


def owner_of(initiative: Initiative) -> User | None:
    """Give who answers for an initiative."""
    return (
        initiative.program_manager
        or initiative.business_owner
        or initiative.technical_owner
        or initiative.sponsor
    )


def _person(tries: list[str]) -> User | None:
    for name in tries:
        people = User.objects.filter(is_active=True, kind=User.Kind.PERSON)
        found = people.filter(name__iexact=name)[:2]
        if len(found) == 1:
            return found[0]
    return None
