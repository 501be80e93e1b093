"""The shape of a text is what a slow reading of it says, however it is cut into blocks."""

from hypothesis import given, settings
from hypothesis import strategies as st

from governance_app.spend.focus import shape
from governance_app.spend.focus.shape import Cutter, shape_of

LOOSE = st.text(alphabet='",\na\r', max_size=90)
FIELD = st.sampled_from(['"a""b"', '""', "x", '"q,\n"', '"""z"', "", '"k\r\n"'])
PROPER = st.lists(st.tuples(FIELD, st.sampled_from([",", "\n", "\r\n"])), max_size=30).map(
    lambda parts: "".join(field + edge for field, edge in parts)
)


def slowly(text: str) -> tuple[int, int, bool, bool]:
    """Read a text letter by letter."""
    records = separators = 0
    is_regular, has_empty, inside, begins, opened = True, False, False, True, -1
    at = 0
    while at < len(text):
        letter = text[at]
        following = text[at + 1] if at + 1 < len(text) else "\n"
        if inside:
            if letter == '"' and following == '"' and at + 1 < len(text):
                at += 1
            elif letter == '"':
                inside = False
                is_regular = is_regular and following in ",\n\r"
                has_empty = has_empty or opened == at - 1
        elif letter == '"':
            is_regular, inside, opened, begins = is_regular and begins, True, at, False
        else:
            separators += letter == ","
            records += letter == "\n"
            begins = letter in ",\n"
        at += 1
    records += bool(text) and not text.endswith("\n")
    return records, separators, is_regular and not inside, has_empty


@settings(max_examples=300, deadline=None)
@given(text=LOOSE | PROPER, cuts=st.lists(st.integers(1, 70), max_size=12))
def test_the_shape_of_blocks_is_the_shape_of_the_text(text, cuts):
    content = text.encode()
    blocks, at = [], 0
    for cut in cuts:
        blocks.append(content[at : at + cut])
        at += cut
    blocks = [block for block in (*blocks, content[at:]) if block]
    cutter, found = Cutter(","), []
    for number, block in enumerate(blocks):
        told = cutter.look(block, is_last=number == len(blocks) - 1)
        if told is not None:
            found.append(told)
    records, separators, is_regular, has_empty = slowly(text)
    assert all(one.is_regular for one in found) == is_regular or cutter.is_inside
    if is_regular and blocks:
        assert sum(one.records for one in found) == records
        assert sum(one.separators for one in found) == separators
        assert any(one.has_empty_quotes for one in found) == has_empty


@settings(max_examples=200, deadline=None)
@given(text=PROPER)
def test_pieces_make_no_difference(text):
    content = text.encode() * 20
    whole = shape_of(content, ",")
    large, shape.PIECE = shape.PIECE, 64
    try:
        assert shape_of(content, ",") == whole
    finally:
        shape.PIECE = large


def test_a_line_that_lacks_a_field_is_noticed():
    told = shape_of(b"1,2,3\n1,2\n", ",")
    assert told is not None
    assert told.is_regular
    assert not told.has(3)
