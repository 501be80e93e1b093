"""The first migrate takes a shortcut; what it renders must be what Django renders."""

from typing import Any

import pytest
from django.apps.registry import Apps
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from portfolio.management.commands.migrate import additions_in_place


def test_what_is_added_in_place_is_what_rendering_everything_gives() -> None:
    loader = MigrationLoader(None)
    with additions_in_place():
        state = ProjectState(real_apps=loader.unmigrated_apps)
        assert state.apps.get_models() is not None  # rendered from the start, as migrate does
        for key in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
            loader.graph.nodes[key].mutate_state(state, preserve=False)

    assert _said(state.apps) == _said(loader.project_state().apps)


@pytest.mark.parametrize("left", [0.2, 0.9])
def test_an_upgrade_renders_likewise_from_wherever_it_goes_on(left: float) -> None:
    loader = MigrationLoader(None)
    plan = loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True)
    stood = plan[: round(len(plan) * (1 - left))]
    with additions_in_place():
        before = loader.project_state(stood, at_end=True)
        assert before.apps.get_models() is not None
        state = before.clone()  # as migrate does
        for key in plan[len(stood) :]:
            loader.graph.nodes[key].mutate_state(state, preserve=False)

    assert _said(state.apps) == _said(loader.project_state().apps)


def test_the_shortcut_ends_with_the_command() -> None:
    usual = (ProjectState.add_model, ProjectState.add_field)
    with additions_in_place():
        assert ProjectState.add_field is not usual[1]
    assert usual == (ProjectState.add_model, ProjectState.add_field)


def _said(apps: Apps) -> dict[str, Any]:
    return {
        model._meta.label: {
            "fields": {
                field.name: (repr(field.deconstruct()[1:]), str(field.related_model))
                for field in model._meta.local_fields
            },
            "related": sorted(str(one.name) for one in model._meta.related_objects),
            "indexes": [one.deconstruct() for one in model._meta.indexes],
            "constraints": [one.deconstruct() for one in model._meta.constraints],
            "triggers": [one.name for one in getattr(model._meta, "triggers", [])],
        }
        for model in apps.get_models()
    }
