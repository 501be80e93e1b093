"""Finds what is to be translated: in templates, in the site's modules, in the program's phrases."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from django.utils.translation.template import templatize

from portfolio import env
from portfolio.languages import borrowed, shipped
from portfolio.languages.catalogue import Message

_CALLED = re.compile(
    r"\b(n?p?gettext|_)\(\s*((?:(?:u?'(?:[^'\\]|\\.)*'|u?\"(?:[^\"\\]|\\.)*\")\s*,?\s*)+)"
)
#: A count with its noun, as pages write it: {{ 3|plural:"entry,entries" }}.
_PLURAL = re.compile(r'\|plural:"([^"]+)"')
_LITERAL = re.compile(r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")")
#: Names under which modules of the site import the functions of gettext.
_PLAIN = {"_", "gettext", "gettext_lazy", "worded", "phrase"}
_COUNTED = {"ngettext", "ngettext_lazy", "worded_count", "counted"}
#: What a module that has texts to translate imports; reasons why a figure is unknown are texts.
_SAYS = ("gettext", "phrase", "counted", "worded", "spelling.plural", "domain.figures")

Found = dict[Message, list[str]]


def everything() -> Found:
    """Give every text with the files it stands in."""
    found: Found = defaultdict(list)
    for path in sorted((env.BASE / "templates").rglob("*.html")):
        _of_template(path, found)
    for room in ("portfolio", "governance_app"):
        for path in sorted((env.BASE / room).rglob("*.py")):
            _of_module(path, found)
    for words in borrowed.texts():
        found[Message(words)].append("portfolio/languages/borrowed.py")
    for words in shipped.texts():
        found[Message(words)].append("portfolio/languages/shipped.py")
    return dict(found)


def _of_template(path: Path, found: Found) -> None:
    place = path.relative_to(env.BASE).as_posix()
    source = path.read_text(encoding="utf-8")
    for words in _PLURAL.findall(source):
        one, _, many = words.partition(",")
        found[Message(one, many or f"{one}s")].append(place)
    for name, literals in _CALLED.findall(templatize(source)):
        texts = [str(ast.literal_eval(each)) for each in _LITERAL.findall(literals)]
        context = texts.pop(0) if "p" in name else ""
        plural = texts[1] if name.startswith("n") else ""
        found[Message(texts[0], plural, context)].append(place)


def _of_module(path: Path, found: Found) -> None:
    source = path.read_text(encoding="utf-8")
    if not any(each in source for each in _SAYS):
        return
    place = path.relative_to(env.BASE).as_posix()
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
        match name, texts:
            case "plural", [_, str(one)] if place.startswith("portfolio/web"):
                found[Message(one, f"{one}s")].append(place)
            case "plural", [_, str(one), str(many)] if place.startswith("portfolio/web"):
                found[Message(one, many)].append(place)
            case ("Null", [str(one), *_]) | ("Figure", [_, str(one), *_]) if one:
                found[Message(one)].append(place)
            case _, [str(one), *_] if name in _PLAIN:
                found[Message(one)].append(place)
            case _, [str(one), str(many), *_] if name in _COUNTED:
                found[Message(one, many)].append(place)
