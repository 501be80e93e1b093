"""What the import linter cannot hold."""

import ast
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

import governance_app
from governance_app.audit.exempt import EXEMPT

ROOT = Path(governance_app.__file__).parent.parent
LAYERS = [
    {"exports", "notices"},
    {"oversight", "scenarios"},
    {"rollups"},
    {"connectors", "gates"},
    {"value"},
    {"risk"},
    {"compliance", "spend"},
    {"readings"},
    {"inventory"},
    {"initiatives", "books"},
    {"files", "jobs"},
    {"people"},
    {"audit"},
]
#: Public functions of a services module that are no service, each with its reason.
NO_SERVICE = {
    "people.system_user": "names the actor itself",
    "people.node_fields": "gives fields for bulk services; writes nothing",
}


def _public(noun: str, name: str) -> dict[str, Any]:
    """Give what a noun's module offers: its own functions, or what its package hands out."""
    path = f"governance_app.{noun}.{name}"
    try:
        module = importlib.import_module(path)
    except ModuleNotFoundError as error:
        if error.name != path:
            raise
        return {}
    return {
        known: function
        for known, function in vars(module).items()
        if inspect.isfunction(function)
        and not known.startswith("_")
        and (function.__module__ == path or function.__module__.startswith(f"{path}."))
    }


SERVICES = [
    pytest.param(noun, function, id=f"{noun}.{name}")
    for noun in settings.NOUNS
    for name, function in _public(noun, "services").items()
    if f"{noun}.{name}" not in NO_SERVICE
]
SELECTORS = [
    pytest.param(function, id=f"{noun}.{name}")
    for noun in settings.NOUNS
    for name, function in _public(noun, "selectors").items()
]
MODELS = [
    pytest.param(model, id=model._meta.label)
    for model in apps.get_models()
    if model._meta.app_label in settings.NOUNS
]


@pytest.mark.parametrize(("noun", "service"), SERVICES)
def test_a_service_is_keyword_only_and_takes_by_and_is_recorded(noun: str, service: Any) -> None:
    parameters = inspect.signature(service).parameters
    assert "by" in parameters, "who does it?"
    assert all(p.kind in {p.KEYWORD_ONLY, p.VAR_KEYWORD} for p in parameters.values())
    assert getattr(service, "__recorded__", False), "wrap it in @recorded"


@pytest.mark.parametrize("selector", SELECTORS)
def test_a_selector_is_keyword_only(selector: Any) -> None:
    kinds = [p.kind for p in inspect.signature(selector).parameters.values()]
    assert all(kind in {inspect.Parameter.KEYWORD_ONLY} for kind in kinds)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_captured_or_exempt_with_a_reason(model: type[models.Model]) -> None:
    captured = "capture" in {t.name for t in getattr(model._meta, "triggers", [])}
    reason = EXEMPT.get(model._meta.label, "")
    assert captured != bool(reason), "capture it, or give the reason in audit/exempt.py"


def test_exemptions_name_models_that_exist() -> None:
    known = {model._meta.label for model in apps.get_models(include_auto_created=True)}
    assert set(EXEMPT) - known == set()


@pytest.mark.django_db
def test_the_database_has_the_triggers_that_the_models_declare() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
            " JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = p.pronamespace"
            " WHERE n.nspname = 'ledger' AND p.proname = 'capture' AND t.tgenabled <> 'D'"
        )
        captured = {row[0] for row in cursor.fetchall()}
    declared = {
        p.values[0]._meta.db_table  # type: ignore[union-attr]
        for p in MODELS
        if p.values[0]._meta.label not in EXEMPT  # type: ignore[union-attr]
    }
    assert declared - captured == set()


@pytest.mark.parametrize("model", MODELS)
def test_foreign_keys_point_downhill(model: type[models.Model]) -> None:
    level = {noun: depth for depth, nouns in enumerate(LAYERS) for noun in nouns}
    mine = level[model._meta.app_label]
    for field in model._meta.get_fields():
        if isinstance(field, models.ForeignKey | models.ManyToManyField):
            theirs = field.related_model._meta.app_label
            assert theirs == model._meta.app_label or level[theirs] > mine, f"{field} points uphill"


@pytest.mark.parametrize("model", MODELS)
def test_every_model_says_what_a_row_is(model: type[models.Model]) -> None:
    assert model.__doc__ and not model.__doc__.startswith(f"{model.__name__}(")


def test_no_page_or_serializer_reads_a_model_without_asking_who_looks() -> None:
    guilty = []
    for path in [*(ROOT / "portfolio/web").rglob("*.py"), *(ROOT / "portfolio/api").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr == "objects":
                guilty.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert guilty == []


def test_no_signals_and_no_save_side_effects() -> None:
    guilty = []
    for path in (ROOT / "governance_app").rglob("*.py"):
        text = path.read_text()
        if "django.dispatch" in text or "db.models.signals" in text:
            guilty.append(f"{path.relative_to(ROOT)}: signals")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.name == "save" and "models" in path.parts:
                guilty.append(f"{path.relative_to(ROOT)}:{node.lineno}: save()")
    assert guilty == []


@pytest.mark.django_db
def test_a_migration_is_committed_for_every_model_change(capsys: Any) -> None:
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_task_that_is_named_exists() -> None:
    """Jobs and schedules name their function in a text that no import checks."""
    named = re.compile(r'"((?:governance_app|portfolio)[\w.]*\.tasks\.\w+)"')
    found = {
        name
        for package in ("governance_app", "portfolio")
        for path in (ROOT / package).rglob("*.py")
        for name in named.findall(path.read_text())
    }
    assert found
    missing = []
    for name in sorted(found):
        module, _, function = name.rpartition(".")
        if not hasattr(importlib.import_module(module), function):
            missing.append(name)
    assert missing == []
