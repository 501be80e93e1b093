"""
Django's ``migrate``, in a third of the time on an empty database (docs/performance.md).

Before each table, column, index and trigger Django renders anew every model that is related to the
one that changes, and here every model is, through people and initiatives. What is only added needs
none of that: no model points at a new one yet, and a column, an index, a constraint or a trigger
can be put into the model that stands.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands.migrate import Command as DjangoCommand
from django.db.migrations.state import ModelState, ProjectState, StateApps
from pgtrigger.migrations import AddTrigger


class Command(DjangoCommand):
    """Bring the database up to date."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the migrations that are missing."""
        with additions_in_place():
            super().handle(*args, **options)


@contextmanager
def additions_in_place() -> Iterator[None]:
    """Let a state take in what is added without rendering what is related to it."""
    usual: list[tuple[type, str, Callable[..., None]]] = []

    def instead(owner: type, name: str, make: Callable[..., Callable[..., None]]) -> None:
        method = getattr(owner, name)
        usual.append((owner, name, method))
        setattr(owner, name, make(method))

    instead(ProjectState, "add_model", _add_model)
    instead(ProjectState, "add_field", _add_field)
    instead(ProjectState, "_append_option", _append_option)
    instead(AddTrigger, "state_forwards", _add_trigger)
    try:
        yield
    finally:
        for owner, name, method in usual:
            setattr(owner, name, method)


def _add_model(usual: Callable[..., None]) -> Callable[..., None]:
    def add_model(self: ProjectState, model_state: ModelState) -> None:
        with _set_aside(self) as rendered:
            usual(self, model_state)
            if rendered is not None:
                rendered.render_multiple([model_state])

    return add_model


def _add_field(usual: Callable[..., None]) -> Callable[..., None]:
    def add_field(
        self: ProjectState, app_label: str, model_name: str, name: str, *rest: Any
    ) -> None:
        with _set_aside(self) as rendered:
            usual(self, app_label, model_name, name, *rest)
            if rendered is not None:
                field = self.models[app_label, model_name].fields[name].clone()
                field.contribute_to_class(rendered.get_model(app_label, model_name), name)

    return add_field


def _append_option(usual: Callable[..., None]) -> Callable[..., None]:
    def append_option(
        self: ProjectState, app_label: str, model_name: str, option: str, added: Any
    ) -> None:
        with _set_aside(self) as rendered:
            usual(self, app_label, model_name, option, added)
            _tell_options(self, rendered, app_label, model_name, option)

    return append_option


def _add_trigger(usual: Callable[..., None]) -> Callable[..., None]:
    def state_forwards(self: AddTrigger, app_label: str, state: ProjectState) -> None:
        with _set_aside(state) as rendered:
            usual(self, app_label, state)
            _tell_options(state, rendered, app_label, self.model_name, "triggers")

    return state_forwards


def _tell_options(
    state: ProjectState, rendered: StateApps | None, app_label: str, model_name: str, option: str
) -> None:
    if rendered is not None:
        model = rendered.get_model(app_label, model_name)
        setattr(model._meta, option, state.models[app_label, model_name.lower()].options[option])


@contextmanager
def _set_aside(state: ProjectState) -> Iterator[StateApps | None]:
    """Give the rendered models; while they are set aside the state renders nothing anew."""
    _bring_home(state)
    rendered = state.__dict__.pop("apps", None)
    yield rendered
    if rendered is not None:
        state.__dict__["apps"] = rendered


def _bring_home(state: ProjectState) -> None:
    """
    Render a copied state anew, once: its models look for each other where they were copied from.

    An upgrade goes on from a copy of what stood before; a column there that leads to a new model
    would never find it. An empty database has nothing to copy.
    """
    rendered = state.__dict__.get("apps")
    if rendered is None:
        return
    models = (model for found in rendered.all_models.values() for model in found.values())
    if any(model._meta.apps is not rendered for model in models):
        del state.__dict__["apps"]
        assert state.apps is not None
