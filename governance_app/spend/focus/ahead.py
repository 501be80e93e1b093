"""Reading one step ahead: the next batch is parsed while this one is added up."""

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

T = TypeVar("T")

_DONE = object()
#: How long a closed reader may take to notice it.
_LOOKS_EVERY_SECONDS = 0.1


def ahead(items: Iterator[T], *, by: int = 1) -> Iterator[T]:
    """
    Yield the items in their order, making up to ``by`` of them in advance on a second thread.

    An error comes out where its item would have. When whoever listens leaves, so does the thread.
    """
    made: queue.Queue[object] = queue.Queue(maxsize=by)
    left = threading.Event()

    def put(item: object) -> bool:
        while not left.is_set():
            try:
                made.put(item, timeout=_LOOKS_EVERY_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def make() -> None:
        try:
            for item in items:
                if not put(item):
                    return
            put(_DONE)
        except BaseException as error:  # noqa: BLE001 - raised again where the item was awaited
            put(_Failed(error))

    thread = threading.Thread(target=make, name="reading-ahead", daemon=True)
    thread.start()
    try:
        while (item := made.get()) is not _DONE:
            if isinstance(item, _Failed):
                raise item.error
            yield item  # type: ignore[misc]
    finally:
        left.set()
        thread.join()


class _Failed:
    def __init__(self, error: BaseException) -> None:
        self.error = error
