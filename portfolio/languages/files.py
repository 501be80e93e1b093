"""The files of a language: locale/<language>/LC_MESSAGES/django.po and the .mo made from it."""

from pathlib import Path

from django.conf import settings

from portfolio.languages import catalogue
from portfolio.languages.catalogue import Catalogue

#: Plural forms of a language: how many, and the rule that chooses one.
PLURALS = {"de": (2, "n != 1")}


def languages() -> list[str]:
    """List the languages that are translated into; English is what is written."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def source(language: str) -> Path:
    """Give the file that translators write."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def compiled(language: str) -> Path:
    """Give the file that the product reads."""
    return source(language).with_suffix(".mo")


def read(language: str) -> Catalogue:
    """Read a language's translations; an empty catalogue before there are any."""
    path = source(language)
    if path.exists():
        return catalogue.read(path.read_text(encoding="utf-8"))
    count, rule = PLURALS[language]
    head = (
        "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\n"
        f"Language: {language}\nPlural-Forms: nplurals={count}; plural=({rule});\n"
    )
    return Catalogue(head, ())
