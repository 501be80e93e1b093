"""
The shape of CSV text, told without parsing it: where records end, how many fields they have in
sum, and whether every quote stands where RFC 4180 lets one stand.

Each kind of byte becomes a bit per place, 64 places a word, so that a gigabyte takes a fraction
of a second. Whether a place is inside quotes is the parity of the quotes before it, which for a
word is six shifts. A text whose shape is regular can be left to the fastest parser there is,
which is also the most forgiving one; any other is read slowly and judged line by line.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Bytes looked at in one go: what fits a core's cache.
PIECE = 1 << 18

_Words = NDArray[np.uint64]
_ONE, _LAST = np.uint64(1), np.uint64(63)
_QUOTE, _LINE_END, _RETURN = ord('"'), ord("\n"), ord("\r")


@dataclass(frozen=True, slots=True)
class Shape:
    """
    What the whole records of a text consist of.

    ``end``: how far into the block that was looked at last they reach. ``separators``: between
    fields. ``is_regular``: every quote opens or closes a whole field or is doubled inside one.
    ``has_empty_quotes``: some field is written ``""``.
    """

    end: int
    records: int
    separators: int
    is_regular: bool
    has_empty_quotes: bool

    def has(self, columns: int) -> bool:
        """Tell whether the records can have that many fields each, as far as sums can tell."""
        return self.is_regular and self.separators == self.records * (columns - 1)


class Cutter:
    """
    Looks at a text block by block and says where its records can be cut.

    Each answer is about what lies between the cut of the one before and its own; what the records
    of a block leave over counts into the next.
    """

    def __init__(self, separator: str) -> None:
        self._separator = ord(separator)
        self._inside = False  # quotes are open
        self._after_edge = True  # a field begins here
        self._after_opening = False  # the last place opened a quote
        self._closed = False  # the last place closed a quote,
        self._closed_empty = False  # one with nothing in it
        self._records = self._separators = self._after_end = 0
        self._is_regular, self._has_empty = True, False
        self._has_returns = False

    @property
    def is_inside(self) -> bool:
        """Tell whether the text so far breaks off inside quotes."""
        return self._inside

    def look(self, block: bytes, *, is_last: bool = False) -> Shape | None:
        """Take the next block; None when no record ends in it. The last one ends its record."""
        end = 0
        places = np.frombuffer(block, np.uint8)
        self._has_returns = b"\r" in block
        for start in range(0, len(places), PIECE):
            if (found := self._look_at(places[start : start + PIECE])) >= 0:
                end = start + found + 1
        if is_last and end < len(block):
            self._records += 1
            self._separators += self._after_end
            end, self._after_end = len(block), 0
            self._is_regular = self._is_regular and not self._inside
            self._has_empty = self._has_empty or self._closed_empty
        if not end:
            return None
        shape = Shape(
            end, self._records, self._separators, self._is_regular, self._has_empty
        )  # fmt: skip
        self._records, self._separators = 0, 0
        if end == len(block):
            self._is_regular, self._has_empty = True, False
        return shape

    def _look_at(self, piece: NDArray[np.uint8]) -> int:
        """Count a piece; gives the place of the last line end outside quotes, or -1."""
        count = len(piece)
        if count % 64:
            piece = np.concatenate([piece, np.zeros(64 - count % 64, np.uint8)])
        quotes, ends = _bits(piece == _QUOTE), _bits(piece == _LINE_END)
        splits = _bits(piece == self._separator)
        # A place is inside when an odd number of quotes stands at or before it: an opening
        # quote is inside, a closing one is not.
        within = _parity(quotes, begun=self._inside)
        opening, closing = quotes & within, quotes & ~within
        ends_out, splits_out = ends & ~within, splits & ~within
        edges = ends_out | splits_out
        after_edge = _later(edges, first=self._after_edge)
        after_closing = _later(closing, first=self._closed)
        # A quote that opens right after one that closed is the second half of a doubled one.
        odd_open = opening & ~after_edge & ~after_closing
        begins = edges | quotes
        if self._has_returns:
            begins |= _bits(piece == _RETURN)
        odd_after = after_closing & ~begins
        empty = closing & _later(opening & after_edge, first=self._after_opening)
        ended = _later(empty, first=self._closed_empty) & ~quotes
        if count % 64:  # what follows the text is not known yet
            beyond = ~np.uint64(0) << np.uint64(count % 64)
            odd_after[-1] &= ~beyond
            ended[-1] &= ~beyond
        if odd_open.any() or odd_after.any():
            self._is_regular = False
        if ended.any():
            self._has_empty = True

        last = _last_bit(ends_out)
        if last >= 0:
            upto = _first_bits(splits_out, last)
            self._records += int(np.bitwise_count(ends_out).sum())
            self._separators += self._after_end + upto
            self._after_end = int(np.bitwise_count(splits_out).sum()) - upto
        else:
            self._after_end += int(np.bitwise_count(splits_out).sum())

        at = count - 1
        self._inside = _has(within, at)
        self._after_edge = _has(edges, at)
        self._after_opening = _has(opening & after_edge, at)
        self._closed = _has(closing, at)
        self._closed_empty = _has(empty, at)
        return last


def shape_of(text: bytes, separator: str) -> Shape | None:
    """
    Tell the shape of a whole text; None when it is empty.

    >>> shape_of(b'1,"a, b"\\n2,c', ",")
    Shape(end=12, records=2, separators=2, is_regular=True, has_empty_quotes=False)
    >>> shape_of(b'1,a"b\\n2,"c"d\\n', ",").is_regular
    False
    """
    return Cutter(separator).look(text, is_last=True)


def _bits(flags: NDArray[np.bool_]) -> _Words:
    """Pack flags, 64 a word, the first in the lowest bit."""
    return np.packbits(flags, bitorder="little").view(np.uint64)


def _has(words: _Words, place: int) -> bool:
    return bool(words[place // 64] >> np.uint64(place % 64) & _ONE)


def _last_bit(words: _Words) -> int:
    """Give the place of the last bit that is set, or -1."""
    found = np.flatnonzero(words)
    if not found.size:
        return -1
    word = int(found[-1])
    return word * 64 + int(words[word]).bit_length() - 1


def _first_bits(words: _Words, place: int) -> int:
    """Count the bits that are set before a place."""
    word, rest = divmod(place, 64)
    whole = int(np.bitwise_count(words[:word]).sum())
    return whole + int(np.bitwise_count(words[word] & np.uint64((1 << rest) - 1)))


def _parity(words: _Words, *, begun: bool) -> _Words:
    """Give for each place the parity of the bits up to it, itself included."""
    inside = words.copy()
    for shift in (1, 2, 4, 8, 16, 32):
        inside ^= inside << np.uint64(shift)
    odd = np.bitwise_xor.accumulate((inside >> _LAST).astype(np.uint8))
    before = np.empty_like(odd)
    before[0] = begun
    before[1:] = odd[:-1] ^ np.uint8(begun)
    inside ^= np.uint64(0) - before.astype(np.uint64)
    return inside


def _later(words: _Words, *, first: bool) -> _Words:
    """Move every bit one place further; ``first`` comes in at the start."""
    moved = words << _ONE
    moved[1:] |= words[:-1] >> _LAST
    if first:
        moved[0] |= _ONE
    return moved
