"""Identifiers that sort by the moment they were made."""

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def uuid7() -> uuid.UUID:
    """
    Make a UUIDv7: 48 bits of Unix milliseconds, then a counter, then chance.

    Within one process the values rise strictly, also when the clock steps back:
    the 12 bits after the version count up inside a millisecond and carry into it.

    Source: RFC 9562, section 5.7 and section 6.2 method 1.

    >>> first, second = uuid7(), uuid7()
    >>> first < second, first.version
    (True, 7)
    """
    global _last
    with _lock:
        tick = time.time_ns() // 1_000_000 << 12
        _last = tick if tick > _last else _last + 1
        milliseconds, counter = _last >> 12, _last & 0xFFF
    tail = int.from_bytes(os.urandom(8), "big") & (1 << 62) - 1
    return uuid.UUID(int=milliseconds << 80 | 0x7 << 76 | counter << 64 | 0b10 << 62 | tail)
