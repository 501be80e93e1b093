"""Words in a drawing: how wide they are, and how marked-up text becomes SVG."""

import html
import re

# Widths of Inter in em, by letter; figures are tabular. All others are taken as the mean.
_WIDTHS = {
    letter: width
    for width, letters in (
        (0.26, "Iijl"), (0.30, " !',.:;`\u00a0"), (0.36, "()/[\\]ft|r"), (0.46, "\"-^_{}*?"),
        (0.57, "7JLacksvxyz"), (0.63, "0123456789#$&+<=>BKPRSTZ~EFbdeghnopqu\u2212\u20ac"),
        (0.69, "ADVXY"), (0.75, "CGHNOQU"), (0.82, "w"), (0.90, "Mm\u2026"), (0.98, "%W@"),
    )
    for letter in letters
}  # fmt: skip
_MEAN = 0.6
# Only to a page of ours: a name that somebody typed may look like a link to anywhere.
_LINK = re.compile(r'<a href="(/(?!/)[^"]*)">(.*?)</a>')


def lines(text: str) -> list[str]:
    """Part a text where its figure breaks it."""
    return text.split("<br>")


def plain(text: str) -> str:
    """Give what a reader sees of one line."""
    return html.unescape(_LINK.sub(r"\2", text))


def width_px(text: str, size: float) -> float:
    """
    Estimate how wide the widest line is.

    >>> round(width_px("$80M", 11))
    31
    """
    return max(
        sum(_WIDTHS.get(letter, _MEAN) for letter in plain(line)) * size for line in lines(text)
    )


def markup(line: str) -> str:
    """
    Write one line as the inside of a text element; an address stays a link.

    A link is not a stop of the Tab key, because a drawing is hidden from those who do not see it.

    >>> markup("R&D <b>")
    'R&amp;D &lt;b&gt;'
    >>> markup('<a href="/x/">A &amp; B</a>')
    '<a href="/x/" tabindex="-1">A &amp; B</a>'
    >>> markup('<a href="javascript:alert()">A</a>')
    '&lt;a href=&quot;javascript:alert()&quot;&gt;A&lt;/a&gt;'
    """
    found = _LINK.fullmatch(line)
    if found is None:
        return html.escape(html.unescape(line))
    address = html.escape(html.unescape(found[1]))
    return f'<a href="{address}" tabindex="-1">{html.escape(html.unescape(found[2]))}</a>'
