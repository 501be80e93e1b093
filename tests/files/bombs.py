"""What a reader of files must survive: work for ``limited`` that uses too much, or breaks."""

import ctypes
import os
import time
from typing import Any

import polars as pl
import pyarrow as pa

from governance_app.domain.errors import Sentence
from governance_app.files.limited import Send


def echo(asked: dict[str, Any], send: Send) -> None:
    send({"asked": asked, "pid": os.getpid(), "parent": os.getppid()}, b"\x00\xff", b"")


def numbers(asked: dict[str, Any], send: Send) -> None:
    for number in range(asked["count"]):
        send({"number": number}, bytes(asked["size"]))


def refuse(_: dict[str, Any], __: Send) -> None:
    raise Sentence("Row 7 is odd.", file="f.csv", row=7, column="Cost", value="abc")


def fail(_: dict[str, Any], __: Send) -> None:
    raise ZeroDivisionError("ours")


def fill_memory(asked: dict[str, Any], _: Send) -> None:
    held = []
    while True:
        held.append(bytearray(asked["step"]))


def fill_arrow(_: dict[str, Any], __: Send) -> None:
    held = [pa.repeat(1, 20_000_000) for _ in range(1_000)]
    raise AssertionError(len(held))


def fill_polars(_: dict[str, Any], __: Send) -> None:
    held = [pl.repeat(n, 50_000_000, eager=True) for n in range(1_000)]
    raise AssertionError(len(held))


def turn(_: dict[str, Any], __: Send) -> None:
    while True:
        pass


def sleep(_: dict[str, Any], send: Send) -> None:
    send({})
    time.sleep(60)


def crash(_: dict[str, Any], __: Send) -> None:
    ctypes.string_at(0)


def surroundings(_: dict[str, Any], send: Send) -> None:
    send({"names": sorted(os.environ), "files": len(os.listdir("/proc/self/fd"))})


def group(asked: dict[str, Any], send: Send) -> None:
    """Use polars with all its threads, which a fork must not have broken."""
    frame = pl.DataFrame({"a": [n % 7 for n in range(asked["rows"])]})
    send({"groups": frame.group_by("a").agg(pl.len()).height})
