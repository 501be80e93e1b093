"""The texts of docs/how-to/: found in their folder, turned from Markdown into HTML once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from portfolio import env

if TYPE_CHECKING:
    from markdown_it.token import Token

FOLDER = env.BASE / "docs" / "how-to"


@dataclass(frozen=True)
class Text:
    """One text: its name in addresses, its title, how it begins, and what follows the title."""

    name: str
    title: str
    lead: str
    html: SafeString


def names() -> list[str]:
    """List the texts there are."""
    return sorted(path.stem for path in FOLDER.glob("*.md"))


def text(name: str) -> Text | None:
    """Give a text; None when there is none of this name."""
    return text_at(FOLDER / f"{name}.md") if name in names() else None


def text_at(path: Path) -> Text | None:
    """Give the text of a file of docs/; None when there is no such file."""
    return _made(path, path.stat().st_mtime_ns) if path.is_file() else None


@lru_cache(maxsize=128)
def _made(path: Path, _changed_ns: int) -> Text:
    from markdown_it import MarkdownIt  # needed by the first text, not by every start

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(path.read_text(encoding="utf-8"))
    title, rest = _apart(tokens)
    _lead_home(rest)
    # The text comes with the product, and raw HTML in it is escaped.
    html = mark_safe(reader.renderer.render(rest, reader.options, {}))  # noqa: S308
    return Text(path.stem, title or path.stem, _beginning(rest), html)


def _apart(tokens: "Sequence[Token]") -> "tuple[str, list[Token]]":
    """Take the title off: the page has a place of its own for it."""
    if len(tokens) > 2 and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        return tokens[1].content, list(tokens[3:])
    return "", list(tokens)


def _beginning(tokens: "Sequence[Token]") -> str:
    """Give the first sentence, without its marks, of a text that begins with a paragraph."""
    if len(tokens) < 2 or tokens[0].type != "paragraph_open":
        return ""
    words = "".join(
        " " if each.type == "softbreak" else each.content for each in tokens[1].children or ()
    )
    end = words.find(". ")
    return words if end < 0 else words[: end + 1]


def _lead_home(tokens: "Sequence[Token]") -> None:
    """Let links to other texts lead to their pages, and links out of the shelf lead nowhere."""
    known = names()
    for token in tokens:
        if token.type == "table_open":
            token.attrSet("class", "table ruled")
        for each in token.children or ():
            href = str(each.attrGet("href") or "") if each.type == "link_open" else ""
            target = PurePosixPath(href.partition("#")[0])
            if target.suffix == ".md" and target.stem in known and ".." not in href:
                each.attrSet("href", reverse("help-text", args=[target.stem]))
            elif href and "://" not in href:
                each.attrs.pop("href")
