"""A migration operation that installs triggers which a model's creation already states."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class InstallTriggers(Operation):
    """
    Install the triggers of the named models of this app.

    ``CreateModel(options={"triggers": [...]})`` puts them into the state; this puts them into
    the database. One operation for an app instead of one for each trigger spares Django from
    rendering every related model anew each time: a first migrate takes a third of the time.
    """

    reversible = True

    def __init__(self, models: list[str]) -> None:
        self.models = models

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Give what a migration file writes down."""
        return type(self).__name__, [], {"models": self.models}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing: the models state their triggers themselves."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Install."""
        for trigger in self._triggers(app_label, to_state):
            schema_editor.execute(trigger.install_sql, params=None)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Uninstall."""
        for trigger in self._triggers(app_label, from_state):
            schema_editor.execute(trigger.uninstall_sql, params=None)

    def describe(self) -> str:
        """Say what it does in the list that ``migrate`` prints."""
        return f"Install the triggers of {', '.join(self.models)}"

    def _triggers(self, app_label: str, state: ProjectState) -> list[Any]:
        return [
            trigger
            for model in self.models
            for trigger in state.models[app_label, model.lower()].options["triggers"]
        ]
