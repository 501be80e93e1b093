"""Taking framework files in."""

from pathlib import Path

from django.db import connection

from governance_app.audit import services as audit
from governance_app.audit.acting import recorded
from governance_app.compliance import reading
from governance_app.compliance.models import Library, Mapping, Node
from governance_app.domain import frameworks
from governance_app.domain.frameworks import BadFramework
from governance_app.files import services as files
from governance_app.people import access
from governance_app.people.models import User

#: Two who load at once, a job and a person, wait for each other.
_ONE_AT_A_TIME = 0xF4A3E


@recorded
def load_shipped(*, by: User) -> list[Library]:
    """Take in the frameworks that come with this version; those that stand already stay."""
    access.require(by, "framework.import")
    return [
        row
        for path in reading.shipped_files()
        if (row := _taken(path.read_bytes(), path.name, by, is_shipped=True)) is not None
    ]


@recorded
def import_library(*, content: bytes | Path, name: str, by: User) -> Library:
    """
    Take in a framework file; it becomes what new work is done by.

    Raises:
        BadFramework: the file cannot be used (with its line), stands already under that version
            with other content, or is older than what stands.
    """
    access.require(by, "framework.import")
    raw = content.read_bytes() if isinstance(content, Path) else content
    row = _taken(raw, name, by, is_shipped=False)
    if row is None:
        raise BadFramework(f"{name}: this very file is loaded already.", file=name)
    audit.note(
        by=by,
        action="compliance.framework_imported",
        subject=row,
        sentence=f"Imported {row.name}, version {row.number}.",
        data={"digest": row.digest},
    )
    return row


def _taken(raw: bytes, name: str, by: User, *, is_shipped: bool) -> Library | None:
    """Write a library with its nodes and mappings; None when this file stands already."""
    found = frameworks.read(raw, name=name)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_AT_A_TIME])
    standing = Library.objects.select_for_update().filter(key=found.key).order_by("-number")
    newest = standing.first()
    same = standing.filter(digest=found.digest).first()
    if same is not None:
        return None
    if newest is not None and found.version <= newest.number:
        if is_shipped:
            return None  # an administrator imported a newer one
        raise BadFramework(
            f"Line 1: version {found.version} of {found.key} is not newer than version "
            f"{newest.number}, which is loaded. Count “version” up.",
            file=name,
            row=1,
        )
    for each in standing.filter(is_current=True):
        each.is_current = False
        each.version += 1
        each.save(update_fields=["is_current", "version"])
    row = Library.objects.create(
        key=found.key,
        number=found.version,
        edition=found.edition,
        name=found.name,
        kind=found.kind,
        subject=found.subject,
        publisher=found.publisher,
        licence=found.licence,
        attribution=found.attribution,
        source_url=found.source_url,
        as_of=found.as_of,
        digest=found.digest,
        file=files.store(content=raw, name=name, media_type="application/json", by=by),
        is_shipped=is_shipped,
        nodes_total=sum(node.assessable for node in found.nodes),
        loaded_by=by,
    )
    nodes: dict[str, Node] = {}
    for place, node in enumerate(found.nodes):
        nodes[node.ref] = Node(
            library=row,
            parent=nodes.get(node.parent),
            ref=node.ref,
            title=node.title,
            text=node.text,
            kind=node.kind,
            is_assessable=node.assessable,
            place=place,
        )
    Node.objects.bulk_create(nodes.values(), batch_size=1000)
    mappings = []
    for each_mapping in found.mappings:
        key, _, ref = each_mapping.to.partition(":")
        mappings.append(
            Mapping(
                library=row,
                ref=each_mapping.ref,
                other_key=key,
                other_ref=ref,
                relation=each_mapping.relation,
                why=each_mapping.why,
            )
        )
    Mapping.objects.bulk_create(mappings, batch_size=1000)
    return row
