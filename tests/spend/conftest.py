"""Sources, bills on disk and the people who load them."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

NOW = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def finance(person: Any) -> Any:
    """A finance partner of the whole organisation."""
    return person("finance_partner", name="Finance Partner")


@pytest.fixture
def source(organisation: Any, finance: Any) -> Any:
    """A strict source whose billing accounts are replaced one by one."""
    from governance_app.spend import services

    return services.add_source(name="Cloud bills", owner=finance, by=finance)


@pytest.fixture
def load(source: Any, finance: Any, tmp_path: Path) -> Callable[..., Any]:
    """Import bytes as a bill: ``load(csv_bytes, "bill.csv", now=..., manifest=...)``."""
    from governance_app.files.services import store
    from governance_app.spend import services

    def run(content: bytes | Path, name: str = "bill.csv", **options: Any) -> Any:
        kept = store(content=content, name=name, by=finance)
        return services.import_file(
            source=options.pop("source", source),
            files=[kept],
            names=[name],
            by=options.pop("by", finance),
            now=options.pop("now", NOW),
            **options,
        )

    return run
