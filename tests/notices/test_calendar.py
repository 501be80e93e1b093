"""A calendar that programs read."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from governance_app.notices.calendar import Entry, written

AT = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)


@given(title=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=200))
def test_any_title_comes_back_from_folded_lines_of_75_octets(title: str) -> None:
    entry = Entry("x-1", dt.date(2026, 12, 31), title, "two\nlines", "https://x.test/1")
    text = written([entry], name="Mine", at=AT)
    assert text.endswith("END:VCALENDAR\r\n")
    for line in text.split("\r\n"):
        assert len(line.encode()) <= 75
    unfolded = text.replace("\r\n ", "")
    (line,) = [one for one in unfolded.split("\r\n") if one.startswith("SUMMARY:")]
    read, letters = "", iter(line.removeprefix("SUMMARY:"))
    for letter in letters:
        read += next(letters) if letter == "\\" else letter
    assert read == title
    assert "DTEND;VALUE=DATE:20270101" in unfolded and "two\\nlines" in unfolded
