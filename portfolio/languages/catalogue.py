"""A file of translations (.po) read and written, and compiled as gettext reads it (.mo); pure."""

import ast
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_MAGIC = 0x950412DE
_GLUE = "\x04"


@dataclass(frozen=True)
class Message:
    """A text to translate: its context, its plural where it has one."""

    text: str
    plural: str = ""
    context: str = ""

    @property
    def key(self) -> str:
        """Give the key under which the compiled form holds it."""
        words = f"{self.text}\0{self.plural}" if self.plural else self.text
        return f"{self.context}{_GLUE}{words}" if self.context else words


@dataclass(frozen=True)
class Entry:
    """A message with its translations (one, or one for each plural form) and where it is used."""

    message: Message
    said: tuple[str, ...] = ("",)
    places: tuple[str, ...] = ()

    @property
    def is_done(self) -> bool:
        """Tell whether nothing is missing."""
        return all(self.said)


@dataclass(frozen=True)
class Catalogue:
    """All translations into one language; the head names it and its plural forms."""

    head: str
    entries: tuple[Entry, ...]

    def said(self) -> dict[Message, tuple[str, ...]]:
        """Give the translations by message."""
        return {entry.message: entry.said for entry in self.entries}


def read(text: str) -> Catalogue:
    """Read what :func:`write` or a translator's program wrote."""
    head, entries = "", []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = _fields(block)
        if "msgid" not in fields:
            continue
        forms = tuple(fields[name] for name in sorted(fields) if name.startswith("msgstr"))
        if not fields["msgid"]:
            head = forms[0]
            continue
        message = Message(
            fields["msgid"], fields.get("msgid_plural", ""), fields.get("msgctxt", "")
        )
        entries.append(Entry(message, forms))
    return Catalogue(head, tuple(entries))


def _fields(block: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in block.splitlines():
        if line.startswith("msg"):
            name, _, quoted = line.partition(" ")
            found[name] = ast.literal_eval(quoted)
        elif line.startswith('"') and name:
            found[name] += ast.literal_eval(line)
    return found


def write(catalogue: Catalogue) -> str:
    """Write a catalogue as a .po file, one line for each text."""
    lines = ["msgid " + _quoted(""), "msgstr " + _quoted(""), *_head_lines(catalogue.head), ""]
    for entry in catalogue.entries:
        if entry.places:
            lines.append(f"#: {' '.join(entry.places)}")
        if entry.message.context:
            lines.append(f"msgctxt {_quoted(entry.message.context)}")
        lines.append(f"msgid {_quoted(entry.message.text)}")
        if entry.message.plural:
            lines.append(f"msgid_plural {_quoted(entry.message.plural)}")
            lines += [f"msgstr[{n}] {_quoted(each)}" for n, each in enumerate(entry.said)]
        else:
            lines.append(f"msgstr {_quoted(entry.said[0])}")
        lines.append("")
    return "\n".join(lines)


def _head_lines(head: str) -> list[str]:
    return [_quoted(f"{line}\n") for line in head.splitlines()]


def _quoted(text: str) -> str:
    for sign, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t")):
        text = text.replace(sign, escaped)
    return f'"{text}"'


def merged(old: Catalogue, wanted: Mapping[Message, Iterable[str]], forms: int) -> Catalogue:
    """Keep the translations of what is still wanted, add what is new, let go of the rest."""
    known = old.said()
    entries = [
        Entry(
            message,
            known.get(message, ("",) * (forms if message.plural else 1)),
            tuple(sorted(set(places))),
        )
        for message, places in sorted(
            wanted.items(), key=lambda pair: (sorted(pair[1])[0], pair[0].text, pair[0].context)
        )
    ]
    return Catalogue(old.head, tuple(entries))


def compiled(catalogue: Catalogue) -> bytes:
    """
    Compile for gettext: the same catalogue gives the same bytes.

    What is not translated is left out, so that the reader gets the text as it stands.

    Source: GNU gettext manual, "The Format of GNU MO Files".
    """
    texts = {"": catalogue.head}
    texts |= {
        entry.message.key: "\0".join(entry.said) for entry in catalogue.entries if entry.is_done
    }
    pairs = sorted((key.encode(), value.encode()) for key, value in texts.items())
    count = len(pairs)
    keys_at, values_at = 28, 28 + 8 * count
    at = values_at + 8 * count
    keys: list[bytes] = []
    values: list[bytes] = []
    body = b""
    for part, index in ((0, keys), (1, values)):
        for pair in pairs:
            index.append(struct.pack("<II", len(pair[part]), at + len(body)))
            body += pair[part] + b"\0"
    head = struct.pack("<7I", _MAGIC, 0, count, keys_at, values_at, 0, at)
    return head + b"".join(keys) + b"".join(values) + body
