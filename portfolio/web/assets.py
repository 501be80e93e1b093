"""
Files that browsers need and that are made or found instead of being kept: those of others come
from the wheels that are installed, Inter is cut to the letters that pages use and packed as WOFF2,
and the style sheets of every page are put together, so that they arrive in one answer.
"""

import hashlib
import importlib.util
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage
from django.core.files.storage import FileSystemStorage, Storage
from django.utils._os import safe_join

# Latin, punctuation, currencies, arrows, mathematics and the shapes that mark a status.
UNICODES = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2028),
    *range(0x202F, 0x203B),
    *range(0x20A0, 0x20C1),
    0x0218, 0x0219, 0x021A, 0x021B, 0x1E9E, 0x2044, 0x2116, 0x2122, 0x2190, 0x2191, 0x2192, 0x2193,
    0x2194, 0x2206, 0x2211, 0x2212, 0x2248, 0x2260, 0x2264, 0x2265, 0x25A0, 0x25B2, 0x25BC, 0x25CB,
    0x25CF, 0x2713, 0x2715,
)  # fmt: skip
FEATURES = ("kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "case", "zero")
WEIGHTS = (400, 700)

# address below STATIC_URL -> module and path inside it
WHEEL_FILES = {
    "plotly/plotly.min.js": ("plotly", "package_data/plotly.min.js"),
    "htmx/htmx.min.js": ("django_htmx", "static/django_htmx/htmx-2.min.js"),
}
FONT_NAME = "fonts/inter-latin.woff2"
FONT_SOURCE = ("fontpkg_inter", "files/Inter[opsz,wght].ttf")


#: The style sheets of every page, in their order, and the address of all of them together.
SHEETS = (
    "tokens", "base", "layout", "components", "forms", "feedback", "charts", "explorer",
    "palette", "utilities", "print",
)  # fmt: skip
SHEETS_NAME = "css/all.css"

Checks = list[CheckMessage]


class AssetMissing(Exception):
    """A wheel that should hold a file does not; the sentence names both."""


def wheel_path(module: str, inside: str) -> Path:
    """
    Find a file of an installed wheel without importing the wheel.

    Raises:
        AssetMissing: the wheel or the file is not there.
    """
    spec = importlib.util.find_spec(module)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / inside
        if path.is_file():
            return path
    raise AssetMissing(
        f"{inside} is not in the installed package {module}. Install requirements/run.txt again."
    )


def font_path() -> Path:
    """Give the packed font, making it when this version of it has not been made yet."""
    source = wheel_path(*FONT_SOURCE)
    stat = source.stat()
    recipe = repr((stat.st_size, UNICODES, FEATURES, WEIGHTS)).encode()
    folder = Path(settings.VAR) / "assets"
    made = folder / f"inter-{hashlib.sha256(recipe).hexdigest()[:12]}.woff2"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, suffix=".part")
        os.close(handle)
        _pack(source, Path(name))
        Path(name).chmod(0o644)
        Path(name).replace(made)
    return made


def sheets_path() -> Path:
    """Give the style sheets put together, making them when one has changed."""
    folder = Path(settings.BASE_DIR) / "static" / "css"
    text = "\n".join((folder / f"{name}.css").read_text(encoding="utf-8") for name in SHEETS)
    made = (
        Path(settings.VAR) / "assets" / f"all-{hashlib.sha256(text.encode()).hexdigest()[:12]}.css"
    )
    if not made.exists():
        made.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=made.parent, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as part:
            part.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(made)
    return made


def _pack(source: Path, target: Path) -> None:
    from fontTools.subset import Options, Subsetter  # slow to import, needed once
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    font = TTFont(source)
    variations = font["gvar"].variations
    for glyph in font.getGlyphOrder():
        if glyph not in variations:  # a glyph without outline has none; the subsetter expects some
            variations[glyph] = []
    options = Options()
    options.layout_features = list(FEATURES)
    options.hinting = False
    options.notdef_outline = True
    subsetter = Subsetter(options=options)
    subsetter.populate(unicodes=UNICODES)
    subsetter.subset(font)
    limits = {"opsz": 14, "wght": WEIGHTS}
    instancer.instantiateVariableFont(font, limits, inplace=True, updateFontNames=False)
    font.flavor = "woff2"
    font.save(target)


class WheelFinder(BaseFinder):
    """Lets staticfiles find and collect ``WHEEL_FILES``, the packed font, the one style sheet."""

    def find(  # type: ignore[override]
        self, path: str, find_all: bool = False, **_later: Any
    ) -> str | list[str]:
        """Give the place of one address, or an empty list when it is not ours."""
        found = _places().get(path.replace(os.sep, "/"))
        if found is None:
            return []
        place = str(found())
        return [place] if find_all else place

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """List every address with a storage that opens it."""
        for name, place in _places().items():
            yield name, OneFile(name, place())

    def check(self, **_later: Any) -> Checks:
        """Have nothing to check: a missing wheel is said when its file is asked for."""
        return []


class OneFile(FileSystemStorage):
    """A storage that holds a single file under a name of our choice."""

    prefix = ""

    def __init__(self, name: str, place: Path) -> None:
        super().__init__(location=str(place.parent))
        self.only = name
        self.place = place

    def path(self, name: str) -> str:
        """Give the place of the one name."""
        if name.replace(os.sep, "/") == self.only:
            return str(self.place)
        return safe_join(self.location, name)


def _places() -> dict[str, Any]:
    places: dict[str, Any] = {
        address: (lambda at=at: wheel_path(*at)) for address, at in WHEEL_FILES.items()
    }
    places[FONT_NAME] = font_path
    places[SHEETS_NAME] = sheets_path
    return places
