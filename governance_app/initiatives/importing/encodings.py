"""Bytes to text: find the encoding of a delimited file, or say where it breaks."""

import re

from charset_normalizer import from_bytes

from governance_app.domain.errors import Sentence

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_UNDEFINED_IN_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_MULTIBYTE = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
_HIGH = re.compile(rb"[\x80-\xff]")


def decode(content: bytes, *, file: str, encoding: str = "") -> tuple[str, str]:
    """
    Turn bytes into text.

    Args:
        content: the whole file.
        file: its name, for the sentence when it fails.
        encoding: the encoding a person chose; empty means find it.

    Returns:
        the text without byte-order mark, and the name of the encoding used.

    Raises:
        Sentence: the bytes are not text in the chosen or any likely encoding; names the row.
    """
    chosen = encoding or _likely(content)
    try:
        return content.decode(chosen).removeprefix("\ufeff"), chosen
    except LookupError:
        raise Sentence(
            f"There is no encoding named {encoding}. Try utf-8, windows-1252 or utf-16.",
            file=file,
        ) from None
    except UnicodeDecodeError as error:
        row = content.count(b"\n", 0, error.start) + 1
        bad = content[error.start : error.start + 1].hex()
        raise Sentence(
            f"Byte 0x{bad} is not {chosen.removesuffix('-sig')} text. Save the"
            " file as UTF-8, or choose its encoding.",
            file=file,
            row=row,
        ) from None


def _likely(content: bytes) -> str:
    for mark, name in _MARKS:
        if content.startswith(mark):
            return name
    wide = _wide_without_mark(content)
    if wide:
        return wide
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    if _is_damaged_utf8(content):
        return "utf-8"
    if not _UNDEFINED_IN_1252.search(content):
        return "windows-1252"
    best = from_bytes(content[:200_000]).best()
    return best.encoding if best is not None else "windows-1252"


def _wide_without_mark(content: bytes) -> str:
    """Find UTF-16 that lost its mark: plain text leaves every second byte zero."""
    sample = content[:4000]
    if len(sample) < 4 or sample.count(0) < len(sample) * 0.2:
        return ""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 10 * (even + 1) or (odd and not even):
        return "utf-16-le"
    if even > 10 * (odd + 1) or (even and not odd):
        return "utf-16-be"
    return ""


def _is_damaged_utf8(content: bytes) -> bool:
    """Tell UTF-8 with a broken byte from another encoding: most high bytes form sequences."""
    sequences = sum(len(match) for match in _MULTIBYTE.findall(content))
    return sequences > 4 and sequences > 0.8 * len(_HIGH.findall(content))
