"""The line in a table cell."""

from xml.etree import ElementTree

from portfolio.charts import sparkline


def test_unknown_values_leave_a_gap() -> None:
    drawn = sparkline.svg([1.0, 2.0, None, 3.0, 4.0])
    path = ElementTree.fromstring(drawn).find("path")
    assert path is not None
    assert path.attrib["d"].count("M") == 2


def test_a_level_line_lies_in_the_middle() -> None:
    assert 'd="M0 10L88 10"' in sparkline.svg([5.0, 5.0])


def test_words_are_escaped() -> None:
    assert "<b>" not in sparkline.svg([1.0, 2.0], label="<b>")
