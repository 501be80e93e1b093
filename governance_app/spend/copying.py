"""
Columns into PostgreSQL's binary COPY format, without a Python step per row.

Only what key-months need: fixed-width integers, dates, 16-byte ids, 3-letter codes and exact
numerics. A missing numeric travels as NaN and becomes NULL in the statement that reads it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + b"\x00" * 8
TRAILER = b"\xff\xff"
ROWS_PER_BLOCK = 65_536

Kind = Literal["id", "int4", "int8", "date", "code", "numeric"]
_WIDTH = {"id": 16, "int4": 4, "int8": 8, "date": 4, "code": 3, "numeric": 28}
_POSTGRES_EPOCH = np.datetime64("2000-01-01", "D")

_GROUPS = 10  # of four decimal digits: five before the point, five after it
_NEGATIVE, _NAN = 0x4000, 0xC000


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the target table and the frame's column it is filled from."""

    column: str
    kind: Kind


def encoded(frame: pl.DataFrame, fields: Sequence[Field]) -> Iterator[bytes]:
    """
    Yield a frame as one binary COPY stream.

    Args:
        frame: "id" columns Binary of 16 bytes, "date" Date, "code" String of exactly three
            ASCII letters, "numeric" Decimal(38,18) below 10^20, null allowed there only.
        fields: in the order of the columns of COPY.
    """
    dtype = np.dtype(
        [("count", ">i2")]
        + [
            part
            for index, field in enumerate(fields)
            for part in ((f"length{index}", ">i4"), (f"value{index}", f"V{_WIDTH[field.kind]}"))
        ]
    )
    yield SIGNATURE
    for block in frame.iter_slices(ROWS_PER_BLOCK):
        out = np.zeros(block.height, dtype)
        out["count"] = len(fields)
        for index, field in enumerate(fields):
            out[f"length{index}"] = _WIDTH[field.kind]
            raw = _bytes(block[field.column], field.kind)
            out[f"value{index}"] = raw.view(f"V{_WIDTH[field.kind]}").reshape(-1)
        yield out.tobytes()
    yield TRAILER


def _bytes(series: pl.Series, kind: Kind) -> np.ndarray:
    """Give a column as rows of bytes in network order."""
    if kind == "id":
        return np.frombuffer(b"".join(series.to_list()), np.uint8).reshape(-1, 16)
    if kind == "code":
        return np.frombuffer("".join(series.to_list()).encode("ascii"), np.uint8).reshape(-1, 3)
    if kind == "date":
        days = series.to_numpy().astype("datetime64[D]") - _POSTGRES_EPOCH
        return (
            np.ascontiguousarray(days.astype(np.int64).astype(">i4")).view(np.uint8).reshape(-1, 4)
        )
    if kind == "numeric":
        return _numeric(series)
    width = _WIDTH[kind]
    return (
        np.ascontiguousarray(series.to_numpy().astype(f">i{width}"))
        .view(np.uint8)
        .reshape(-1, width)
    )


def _numeric(series: pl.Series) -> np.ndarray:
    """
    Give exact decimals as PostgreSQL's numeric: ten groups of four digits, 18 decimals shown.

    The 128-bit whole number of 10^-18 units is divided three times by 10^9 in limbs of 32 bits, so
    that every step fits 64 bits. PostgreSQL itself strips the leading and trailing zeros.
    """
    count = len(series)
    missing = series.is_null().to_numpy()
    arrow = series.fill_null(0).rechunk().to_arrow()
    buffer = arrow.buffers()[1]
    words = np.frombuffer(buffer, np.uint64, count * 2, arrow.offset * 16).reshape(-1, 2)
    low, high = words[:, 0].copy(), words[:, 1].copy()
    negative = high >> np.uint64(63) == 1
    low[negative] = ~low[negative] + np.uint64(1)
    high[negative] = ~high[negative] + (low[negative] == 0).astype(np.uint64)

    mask = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    limbs = [high >> shift, high & mask, low >> shift, low & mask]
    rests = []
    for _ in range(3):
        rest = np.zeros(count, np.uint64)
        quotient = []
        for limb in limbs:
            value = (rest << shift) | limb
            quotient.append(value // np.uint64(10**9))
            rest = value % np.uint64(10**9)
        limbs = quotient
        rests.append(rest)
    # Before the point stands upper * 10^9 + lower, after it the fraction.
    upper, lower = (limbs[2] << shift) | limbs[3], rests[2]
    fraction = rests[1] * np.uint64(10**9) + rests[0]

    out = np.zeros((count, 4 + _GROUPS), ">i2")
    out[:, 0] = _GROUPS
    out[:, 1] = 4  # weight: the first group counts 10000^4
    out[:, 2] = np.where(negative, _NEGATIVE, 0).astype(np.uint16).astype(np.int16)
    out[:, 3] = 18
    ten_thousand = np.uint64(10_000)
    out[:, 4] = upper // np.uint64(10**7)
    out[:, 5] = upper // np.uint64(10**3) % ten_thousand
    out[:, 6] = upper % np.uint64(10**3) * np.uint64(10) + lower // np.uint64(10**8)
    out[:, 7] = lower // ten_thousand % ten_thousand
    out[:, 8] = lower % ten_thousand
    for group in range(4):
        out[:, 9 + group] = fraction // np.uint64(10 ** (14 - 4 * group)) % ten_thousand
    out[:, 13] = fraction % np.uint64(100) * np.uint64(100)
    out[missing, 2] = np.array(_NAN, np.uint16).astype(np.int16)
    return np.ascontiguousarray(out).view(np.uint8).reshape(-1, 28)
