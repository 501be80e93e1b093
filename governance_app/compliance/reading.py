"""Framework files as the program knows them: shipped ones, and those of rows."""

from functools import lru_cache
from pathlib import Path

from governance_app.compliance.models import Library
from governance_app.domain import frameworks
from governance_app.files.selectors import open_file

SHIPPED = Path(__file__).parent / "library"
#: The keys that other parts of the program ask for by name.
EU_AI_ACT = "eu-ai-act"
OMB = "omb-m-25-21"
CONTROLS = "control-library"
THIRD_PARTIES = "assessment-third-party"
CLOCKS = "incident-clocks"
#: Who published what the product brings of its own; laws and frameworks are their publishers'.
OWN = "This product"


def shipped_files() -> list[Path]:
    """Give the framework files that come with this version, in the order they are loaded."""
    return sorted(SHIPPED.glob("*.json"))


def content_of(library: Library) -> frameworks.Library:
    """Read the file of a loaded library; the same file is parsed once in a process."""
    kept = _KEPT.get(library.digest)
    if kept is None:
        with open_file(file=library.file) as content:
            kept = frameworks.read(content.read(), name=library.file.name)
        _KEPT[library.digest] = kept
    return kept


_KEPT: dict[str, frameworks.Library] = {}


@lru_cache(maxsize=64)
def shipped(key: str) -> frameworks.Library:
    """
    Read the shipped file of a key, without a database.

    Raises:
        KeyError: no file of that key is shipped.
    """
    for path in shipped_files():
        if path.stem == key:
            return frameworks.read(path.read_bytes(), name=path.name)
    raise KeyError(key)
