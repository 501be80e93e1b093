"""Frameworks as they were read from their files."""

from django.db import models
from django.db.models import Q

from governance_app.audit.rows import Row, UncapturedRow
from governance_app.domain.frameworks import KINDS, RELATIONS
from governance_app.files.models import StoredFile
from governance_app.people.models import User
from governance_app.people.querysets import ScopedQuerySet


class Library(Row):
    """
    One version of a framework file; never changed once it is loaded.

    The file itself is kept, so that whatever was judged by it can be judged again. The version
    of a key that ``is_current`` is the one new work is done by.
    """

    key = models.CharField(max_length=60)
    number = models.PositiveIntegerField(help_text="The version the file states.")
    edition = models.CharField(max_length=100, blank=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=dict(KINDS))
    subject = models.CharField(max_length=40, blank=True, help_text="What an assessment is about.")
    publisher = models.CharField(max_length=200)
    licence = models.CharField(max_length=200)
    attribution = models.TextField()
    source_url = models.URLField(max_length=500)
    as_of = models.DateField()
    digest = models.CharField(max_length=64)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    is_shipped = models.BooleanField()
    is_current = models.BooleanField(default=True)
    nodes_total = models.PositiveIntegerField(help_text="Nodes that are covered or not.")
    loaded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="libraries_loaded")

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="compliance_library_once"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(is_current=True), name="compliance_library_one_current"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Node(UncapturedRow):
    """One requirement, control or heading of a library; written once with it."""

    library = models.ForeignKey(Library, on_delete=models.PROTECT, related_name="nodes")
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    ref = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    kind = models.CharField(max_length=40, blank=True)
    is_assessable = models.BooleanField(default=True)
    place = models.PositiveIntegerField(help_text="Order in the file.")

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["library", "ref"], name="compliance_node_once")
        ]

    def __str__(self) -> str:
        return f"{self.ref} {self.title}"


class Mapping(UncapturedRow):
    """
    That a node has something to do with a node of another framework; written with its library.

    The other side is named, not pointed at: it stays true when that framework gets a new version.
    """

    library = models.ForeignKey(Library, on_delete=models.PROTECT, related_name="mappings")
    ref = models.CharField(max_length=60)
    other_key = models.CharField(max_length=60)
    other_ref = models.CharField(max_length=60)
    relation = models.CharField(max_length=12, choices=dict(RELATIONS))
    why = models.TextField(blank=True)

    scope_lookup = None
    objects = ScopedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["library", "ref", "other_key", "other_ref"], name="compliance_mapping_once"
            )
        ]
        indexes = [models.Index(fields=["other_key", "other_ref"], name="compliance_mapping_other")]

    def __str__(self) -> str:
        return f"{self.ref} {RELATIONS[self.relation]} {self.other_key}:{self.other_ref}"
