"""
Django's ``migrate``, in about two thirds of the time on an empty database (docs/performance.md).

Before each table Django renders anew every model that is related to it, and here every model is,
through people and initiatives. A model that is only now created has no model pointing at it yet,
so it is rendered alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands.migrate import Command as DjangoCommand
from django.db.migrations.state import ModelState, ProjectState


class Command(DjangoCommand):
    """Bring the database up to date."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the migrations that are missing."""
        with new_models_rendered_alone():
            super().handle(*args, **options)


@contextmanager
def new_models_rendered_alone() -> Iterator[None]:
    """Let a state render a model that is added without those it points at."""
    usual = ProjectState.add_model

    def add_model(self: ProjectState, model_state: ModelState) -> None:
        rendered = self.__dict__.pop("apps", None)
        usual(self, model_state)
        if rendered is not None:
            self.__dict__["apps"] = rendered
            rendered.render_multiple([model_state])

    ProjectState.add_model = add_model  # type: ignore[method-assign]
    try:
        yield
    finally:
        ProjectState.add_model = usual  # type: ignore[method-assign]
