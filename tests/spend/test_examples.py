"""The examples in the docstrings of the reader run as tests."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    ["focus.values", "focus.versions", "focus.readers", "focus.columns", "services.importing"],
)
def test_examples(name: str) -> None:
    module = importlib.import_module(f"governance_app.spend.{name}")
    assert doctest.testmod(module).failed == 0
