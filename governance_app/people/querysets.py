"""Querysets that begin with what the viewer may see."""

from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from governance_app.people.models import User

M = TypeVar("M", bound=models.Model, covariant=True)


class ScopedQuerySet(models.QuerySet[M]):
    """
    Adds ``visible_to(viewer)``.

    The model names where its scope path is found: ``scope_lookup = "initiative__node__path"``.
    A model with ``scope_lookup = None`` is seen by everybody who is signed in.
    """

    def visible_to(self, viewer: "User", permission: str = "view") -> Self:
        """
        Keep the rows in those parts of the tree where the viewer holds the permission.

        Somebody without any grant sees nothing.
        """
        from governance_app.people.access import scope_paths

        lookup: str | None = getattr(self.model, "scope_lookup")
        if lookup is None:
            return self.all() if viewer.is_active else self.none()
        paths = scope_paths(viewer, permission)
        if not paths:
            return self.none()
        if paths == ("",):
            return self.all()
        below: Any = Q()
        for path in paths:
            below |= Q(**{f"{lookup}__startswith": path})
        return self.filter(below)
