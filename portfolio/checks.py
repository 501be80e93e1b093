"""Checks that ``manage.py check --deploy`` runs beside Django's own."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.template import TemplateSyntaxError
from django.template.loader import get_template


@register(Tags.templates, deploy=True)
def templates_compile(**_: Any) -> list[CheckMessage]:
    """Compile every template of ours, so that a typo is found before a page is opened."""
    folder: Path = settings.BASE_DIR / "templates"
    found: list[CheckMessage] = []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".html", ".txt"}:
            continue
        name = path.relative_to(folder).as_posix()
        try:
            get_template(name)
        except TemplateSyntaxError as error:
            found.append(Error(f"{name}: {error}", id="site.E001"))
    return found
