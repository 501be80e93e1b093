"""Which plug-ins there are. A module put into ``plugins/`` is found; nobody lists it."""

import functools
import importlib
import importlib.util
import pkgutil
from dataclasses import dataclass

from governance_app.connectors import plugins
from governance_app.connectors.base import PermanentError, Plugin


@dataclass(frozen=True)
class Entry:
    """A plug-in of the catalogue, and what is missing on this installation, if anything."""

    plugin: Plugin
    missing: str = ""

    @property
    def is_usable(self) -> bool:
        return not self.missing


@functools.cache
def catalogue() -> dict[str, Entry]:
    """Give every plug-in by name, in the order of their titles, examples last."""
    found: dict[str, Entry] = {}
    for module_info in pkgutil.iter_modules(plugins.__path__):
        module = importlib.import_module(f"{plugins.__name__}.{module_info.name}")
        for kind in vars(module).values():
            is_own = isinstance(kind, type) and kind.__module__ == module.__name__
            if is_own and issubclass(kind, Plugin):
                found[kind.name] = Entry(kind(), missing=_missing(kind()))
    ordered = sorted(found.values(), key=lambda e: (e.plugin.is_example, e.plugin.title))
    return {entry.plugin.name: entry for entry in ordered}


def plugin(name: str) -> Plugin:
    """
    Give a plug-in ready to run.

    Raises:
        PermanentError: there is none of that name, or its vendor's SDK is not installed.
    """
    entry = catalogue().get(name)
    if entry is None:
        raise PermanentError(f"There is no source {name!r}; there are {', '.join(catalogue())}.")
    if entry.missing:
        raise PermanentError(entry.missing)
    return entry.plugin


def _missing(plugin: Plugin) -> str:
    """Say how to add what a plug-in needs and this installation lacks; empty when nothing."""
    lacking = {
        extra
        for module, extra in plugin.requires.items()
        if importlib.util.find_spec(module) is None
    }
    if not lacking:
        return ""
    extras = ",".join(sorted(lacking))
    return f"{plugin.title} needs a package: pip install 'ai-portfolio[{extras}]', then restart."
