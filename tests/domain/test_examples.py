"""The examples in the docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

import governance_app.domain

MODULES = [info.name for info in pkgutil.iter_modules(governance_app.domain.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name: str) -> None:
    module = importlib.import_module(f"governance_app.domain.{name}")
    failed, _ = doctest.testmod(module)
    assert failed == 0
