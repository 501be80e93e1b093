"""Milestones, dependencies and comments."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection

from governance_app.audit.acting import recorded
from governance_app.audit.rows import save_changes
from governance_app.domain.errors import Sentence
from governance_app.files.models import StoredFile
from governance_app.initiatives.models import (
    Comment,
    CommentFile,
    Dependency,
    Initiative,
    Mention,
    Milestone,
)
from governance_app.initiatives.services import following, log
from governance_app.people import access
from governance_app.people.models import User

_DEPENDENCY_LOCK = 0x41492D32  # one at a time: two halves of a circle could cross


@recorded
def add_milestone(
    *,
    initiative: Initiative,
    name: str,
    due_on: dt.date,
    by: User,
    owner: User | None = None,
    done_on: dt.date | None = None,
) -> Milestone:
    """
    Say what an initiative shall have reached by a day, and when it was if it has been.

    Raises:
        Sentence: the name is blank or the initiative has this milestone already.
    """
    access.require(by, "initiative.edit", initiative)
    name = " ".join(name.split())
    if not name:
        raise Sentence("A milestone needs a name.")
    if Milestone.objects.filter(initiative=initiative, name=name).exists():
        raise Sentence(f"{initiative} already has a milestone called {name}.")
    return Milestone.objects.create(
        initiative=initiative, name=name, due_on=due_on, owner=owner, done_on=done_on
    )


@recorded
def complete_milestone(*, milestone: Milestone, done_on: dt.date, by: User) -> Milestone:
    """Say on which day a milestone was reached."""
    access.require(by, "initiative.edit", milestone)
    row = Milestone.objects.select_for_update().get(pk=milestone.pk)
    save_changes(row, done_on=done_on)
    return row


@recorded
def change_milestone(
    *, milestone: Milestone, name: str, due_on: dt.date, done_on: dt.date | None, by: User
) -> Milestone:
    """
    Let a milestone say what the tracker it comes from says now.

    Raises:
        Sentence: the name is blank or another milestone of the initiative has it.
    """
    access.require(by, "initiative.edit", milestone)
    row = Milestone.objects.select_for_update().get(pk=milestone.pk)
    name = " ".join(name.split())
    if not name:
        raise Sentence("A milestone needs a name.")
    others = Milestone.objects.filter(initiative=row.initiative_id, name=name).exclude(pk=row.pk)
    if others.exists():
        raise Sentence(f"{row.initiative} already has a milestone called {name}.")
    save_changes(row, name=name, due_on=due_on, done_on=done_on)
    return row


@recorded
def add_dependency(
    *,
    initiative: Initiative,
    needs: Initiative,
    by: User,
    note: str = "",
    needed_on: dt.date | None = None,
) -> Dependency:
    """
    Say that one initiative cannot go on before another delivers; both owners are told.

    Args:
        note: what shall be delivered.
        needed_on: by when.

    Raises:
        Sentence: it would need itself, at once or round a circle.
    """
    access.require(by, "initiative.edit", initiative)
    access.require(by, "view", needs)
    if initiative.pk == needs.pk:
        raise Sentence(f"{initiative} cannot depend on itself.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_DEPENDENCY_LOCK])
    chain = _chain(needs, initiative)
    if chain:
        raise Sentence(f"That would be a circle: {' needs '.join([initiative.key, *chain])}.")
    dependency, made = Dependency.objects.get_or_create(
        initiative=initiative,
        needs=needs,
        defaults={"note": note.strip(), "needed_on": needed_on},
    )
    changed = made or save_changes(dependency, note=note.strip(), needed_on=needed_on)
    if changed:
        until = f" by {needed_on:%d %b %Y}" if needed_on else ""
        words = f"{initiative.key} needs {needs.key}{until}"
        log.tell_both(
            dependency, by=by, sentence=f"{words}: {note.strip()}" if note.strip() else f"{words}."
        )
    return dependency


@recorded
def remove_dependency(*, dependency: Dependency, by: User) -> None:
    """Say that an initiative no longer waits for the other."""
    access.require(by, "initiative.edit", dependency.initiative)
    Mention.objects.filter(dependency=dependency).delete()
    dependency.delete()


@recorded
def comment(
    *,
    initiative: Initiative,
    text: str,
    by: User,
    answers: Comment | None = None,
    files: Sequence[StoredFile] = (),
) -> Comment:
    """
    Remark on an initiative, or answer a remark on it; whoever is named with an @ is told.

    What ``by`` was told in comments here counts as answered.

    Raises:
        Sentence: there is no text, the answered comment is on another initiative, or somebody
            who is named may not see the initiative.
    """
    access.require(by, "initiative.comment", initiative)
    text = text.strip()
    if not text:
        raise Sentence("A comment needs text.")
    if answers is not None and answers.initiative_id != initiative.pk:
        raise Sentence("The comment you answer is on another initiative.")
    named = following.people_named(text, initiative)
    made = Comment.objects.create(initiative=initiative, author=by, text=text, answers=answers)
    for file in files:
        CommentFile.objects.create(comment=made, file=file, name=file.name)
    following.tell(named, initiative=initiative, by=by, comment=made, sentence=text)
    following.answer_all(initiative=initiative, by=by)
    return made


def _chain(start: Initiative, goal: Initiative) -> list[str]:
    """Give the keys on the way of needs from one initiative to another; empty without a way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE way (id, keys) AS ("
            "  SELECT i.id, ARRAY[i.key::text] FROM initiatives_initiative i WHERE i.id = %s"
            "  UNION ALL"
            "  SELECT i.id, way.keys || i.key::text FROM way"
            "  JOIN initiatives_dependency d ON d.initiative_id = way.id"
            "  JOIN initiatives_initiative i ON i.id = d.needs_id"
            "  WHERE NOT i.key = ANY (way.keys)"
            ") SELECT keys FROM way WHERE id = %s ORDER BY cardinality(keys) LIMIT 1",
            [start.pk, goal.pk],
        )
        found = cursor.fetchone()
    return list(found[0]) if found else []
