"""A migration operation: columns that get a default in the database, all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AlterField
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class SetDatabaseDefaults(Operation):
    """Alterations that do nothing but that. SQLite writes each table anew once, instead of once for each column."""

    def __init__(self, alterations: Sequence[AlterField]) -> None:
        self.alterations = alterations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        for alteration in self.alterations:
            alteration.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        if schema_editor.connection.vendor == "sqlite":
            for name in dict.fromkeys(alteration.model_name for alteration in self.alterations):
                schema_editor._remake_table(to_state.apps.get_model(app_label, name))  # type: ignore[attr-defined] # of SQLite alone
            return
        for alteration in self.alterations:
            before = from_state.apps.get_model(app_label, alteration.model_name)
            after = to_state.apps.get_model(app_label, alteration.model_name)
            old, new = (model._meta.get_field(alteration.name) for model in (before, after))
            schema_editor.alter_field(before, old, new)

    database_backwards = database_forwards

    def describe(self) -> str:
        return f"Gives {len(self.alterations)} columns a default in the database"
