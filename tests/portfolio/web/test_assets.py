"""Files of installed wheels as browsers get them."""

from pathlib import Path
from typing import Any

import brotli
import pytest
from django.conf import settings as chosen
from fontTools.ttLib import TTFont

from portfolio.web import assets
from portfolio.web.assets import AssetMissing, WheelFinder, font_path, wheel_path
from portfolio.web.packed import PackedStaticFilesStorage


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests here: packing the font takes seconds."""
    return tmp_path_factory.mktemp("assets")


@pytest.fixture
def folder(settings: Any, shared: Path) -> Path:
    settings.VAR = shared
    return shared


def test_every_listed_file_is_found_and_opens(folder: Path) -> None:
    listed = dict(WheelFinder().list(None))
    assert set(listed) == {*assets.WHEEL_FILES, assets.FONT_NAME, assets.SHEETS_NAME}
    for name, storage in listed.items():
        with storage.open(name) as stream:
            assert stream.read(4)
        assert WheelFinder().find(name) == storage.path(name)


def test_the_font_is_small_has_figures_of_one_width_and_both_weights(folder: Path) -> None:
    path = font_path()
    font = TTFont(path)
    assert path.stat().st_size < 60_000
    (axis,) = font["fvar"].axes
    assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", 400, 700)
    assert "tnum" in {r.FeatureTag for r in font["GSUB"].table.FeatureList.FeatureRecord}
    letters = font.getBestCmap()
    assert all(ord(sign) in letters for sign in "Aäőß$€£¥−–…▲▼■●→✓")


def test_the_font_is_made_once(folder: Path) -> None:
    made = font_path().stat().st_mtime_ns
    assert font_path().stat().st_mtime_ns == made
    assert not list(folder.glob("assets/*.part"))


def test_a_missing_wheel_is_named() -> None:
    with pytest.raises(AssetMissing, match="not in the installed package plotly"):
        wheel_path("plotly", "package_data/nothing.js")


def test_other_addresses_are_left_to_other_finders(folder: Path) -> None:
    assert WheelFinder().find("css/tokens.css") == []


def test_every_style_sheet_is_in_the_one_of_every_page_or_belongs_to_some(folder: Path) -> None:
    sheets = Path(chosen.BASE_DIR) / "static" / "css"
    of_some = {"gate", "policy"}
    assert {path.stem for path in sheets.glob("*.css")} == set(assets.SHEETS) | of_some
    together = Path(str(WheelFinder().find(assets.SHEETS_NAME))).read_text()
    places = [together.index((sheets / f"{name}.css").read_text()) for name in assets.SHEETS]
    assert places == sorted(places)


def test_what_shrinks_lies_compressed_beside_itself(tmp_path: Path, settings: Any) -> None:
    settings.STATIC_ROOT = str(tmp_path)
    storage = PackedStaticFilesStorage(location=str(tmp_path))
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "a.css").write_text("b { color: red }\n" * 100)
    list(storage.post_process({"css/a.css": (storage, "css/a.css")}))
    packed = next(tmp_path.glob("css/a.*.css.br"))
    assert brotli.decompress(packed.read_bytes()) == (tmp_path / "css" / "a.css").read_bytes()
    assert packed.with_suffix(".gz").exists()
