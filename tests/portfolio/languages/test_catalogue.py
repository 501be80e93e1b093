"""Files of translations: written, read and compiled without gettext's programs."""

import gettext
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.languages.catalogue import Catalogue, Entry, Message, compiled, merged, read, write

HEAD = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
texts = st.text(
    # without surrogates, the two signs that gettext keeps for itself, and what ends a line
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")),
    min_size=1, max_size=30,
).filter(str.strip)  # fmt: skip
entries = st.lists(
    st.builds(Entry, st.builds(Message, texts), st.tuples(texts)),
    max_size=8,
    unique_by=lambda entry: entry.message,
)


@settings(deadline=None)
@given(entries)
def test_what_is_written_is_read_again(made: list[Entry]) -> None:
    catalogue = Catalogue(HEAD, tuple(made))
    assert read(write(catalogue)) == catalogue


@settings(deadline=None)
@given(entries)
def test_pythons_gettext_reads_what_is_compiled(made: list[Entry]) -> None:
    reader = gettext.GNUTranslations(io.BytesIO(compiled(Catalogue(HEAD, tuple(made)))))
    assert [reader.gettext(entry.message.text) for entry in made] == [e.said[0] for e in made]


def test_plurals_are_chosen_by_the_count() -> None:
    entry = Entry(Message("pilot", "pilots"), ("Pilot", "Piloten"))
    reader = gettext.GNUTranslations(io.BytesIO(compiled(Catalogue(HEAD, (entry,)))))
    assert [reader.ngettext("pilot", "pilots", n) for n in (1, 2)] == ["Pilot", "Piloten"]


def test_what_is_not_translated_stays_as_it_was_written() -> None:
    reader = gettext.GNUTranslations(
        io.BytesIO(compiled(Catalogue(HEAD, (Entry(Message("Spend")),))))
    )
    assert reader.gettext("Spend") == "Spend"


def test_collecting_keeps_translations_and_lets_go_of_what_is_gone() -> None:
    old = Catalogue(HEAD, (Entry(Message("Spend"), ("Ausgaben",)), Entry(Message("Gone"), ("x",))))
    new = merged(old, {Message("Spend"): ["a.html"], Message("pilot", "pilots"): ["b.html"]}, 2)
    assert [(e.message.text, e.said) for e in new.entries] == [
        ("Spend", ("Ausgaben",)),
        ("pilot", ("", "")),
    ]
