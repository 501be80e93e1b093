"""People, the scope tree they work in, and what each may do where."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from governance_app.audit.capture import capture
from governance_app.audit.rows import Row
from governance_app.people.querysets import ScopedQuerySet
from governance_app.people.roles import ROLES


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by e-mail, whatever its capitals."""
        return self.get(email__iexact=username)


class User(AbstractBaseUser, Row):
    """A person who signs in, or a named part of the product that acts by itself."""

    class Kind(models.TextChoices):
        PERSON = "person"
        SYSTEM = "system"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PERSON)
    is_active = models.BooleanField(default=True)
    locale = models.CharField(max_length=10, default="en")
    time_zone = models.CharField(max_length=64, default="UTC")
    currency = models.CharField(max_length=3, blank=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        triggers = capture("password")

    def __str__(self) -> str:
        return self.name

    @property
    def is_system(self) -> bool:
        return self.kind == self.Kind.SYSTEM


class ScopeNode(Row):
    """
    A place in the tree organisation > unit > initiative; rights flow down from it.

    ``path`` is the chain of ids from the root, each 32 hexadecimal digits and a slash,
    so "everything below" is a prefix. Only ``people.services`` writes it.
    """

    class Kind(models.TextChoices):
        ORGANISATION = "organisation"
        UNIT = "unit"
        INITIATIVE = "initiative"

    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(max_length=500)
    code = models.CharField(max_length=100, blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.TextField(unique=True)

    scope_lookup = "path"
    objects = ScopedQuerySet.as_manager()

    class Meta(Row.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "name"],
                condition=Q(kind="unit"),
                name="people_unit_name_once_per_parent",
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=["kind"], condition=Q(kind="organisation"), name="people_one_organisation"
            ),
            models.CheckConstraint(
                condition=Q(kind="organisation", parent=None)
                | ~Q(kind="organisation") & Q(parent__isnull=False),
                name="people_only_organisation_is_root",
            ),
        ]
        indexes = [
            models.Index(fields=["path"], name="people_path", opclasses=["text_pattern_ops"])
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_node(self) -> "ScopeNode":
        return self

    @property
    def depth(self) -> int:
        return self.path.count("/") - 1


class Grant(Row):
    """A role somebody holds on a node and everything below it, from a day until a day."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=30, choices=[(r.slug, r.name) for r in ROLES.values()])
    node = models.ForeignKey(ScopeNode, on_delete=models.PROTECT, related_name="grants")
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True, help_text="Last day, inclusive.")

    class Meta(Row.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("from_on")),
                name="people_grant_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {ROLES[self.role].name} of {self.node}"


class ApiToken(Row):
    """A secret that lets a program act as a person or connector; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta(Row.Meta):
        triggers = capture("digest")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
