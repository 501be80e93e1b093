"""The look of a company, taken from a presentation of its own: colour, typeface, logo."""

import base64
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree  # type: ignore[import-untyped]
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

_DRAWING = {"a": "http://schemas.openxmlformats.org/drawingml/2006/main"}
_THEME = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/theme"
_COLOUR = re.compile(r"[0-9A-Fa-f]{6}")
#: A typeface as CSS may name it; anything else in a theme is left out.
_TYPEFACE = re.compile(r"[\w .-]{1,60}")
_LOGOS = ("image/png", "image/jpeg")
MOST_LOGO_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class Brand:
    """How paper looks: our own unless a template says otherwise. ``logo`` is a data address."""

    accent: str = "#1f4e8c"
    typeface: str = "Inter"
    logo: str = ""


def brand_of(template: Path) -> Brand:
    """
    Read the first accent colour, the typeface of headings and the logo of the master.

    What a template does not say keeps our own look.
    """
    show = Presentation(str(template))
    master = show.slide_masters[0]
    own = Brand()
    theme = _theme(master)
    accent, typeface = own.accent, own.typeface
    if theme is not None:
        colours = theme.xpath(".//a:accent1/a:srgbClr/@val", namespaces=_DRAWING)
        if colours and _COLOUR.fullmatch(colours[0]):
            accent = f"#{colours[0].lower()}"
        faces = theme.xpath(".//a:majorFont/a:latin/@typeface", namespaces=_DRAWING)
        if faces and _TYPEFACE.fullmatch(faces[0]):
            typeface = str(faces[0])
    return Brand(accent, typeface, _logo(master))


def _theme(master: Any) -> Any:
    for relation in master.part.rels.values():
        if relation.reltype == _THEME:
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            return etree.fromstring(relation.target_part.blob, parser)
    return None


def _logo(master: Any) -> str:
    """Give the first picture of the master, or of a layout, that is small enough."""
    for shapes in (master.shapes, *(layout.shapes for layout in master.slide_layouts)):
        for shape in shapes:
            if shape.shape_type != MSO_SHAPE_TYPE.PICTURE:
                continue
            image = shape.image
            if image.content_type in _LOGOS and len(image.blob) <= MOST_LOGO_BYTES:
                text = base64.b64encode(image.blob).decode()
                return f"data:{image.content_type};base64,{text}"
    return ""
