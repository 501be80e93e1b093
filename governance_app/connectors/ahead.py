"""Reading ahead: the source answers the next question while the last answer is stored."""

import contextlib
import queue
import threading
from collections.abc import Generator, Iterator

from governance_app.connectors.base import Batch

AHEAD = 3


class _Stopped(Exception):
    """Nobody wants further batches."""


def reading_ahead(pull: Iterator[Batch]) -> Generator[Batch, None, None]:
    """
    Yield the batches of a plug-in, which goes on reading in a thread of its own.

    The plug-in knows no database, so its thread touches nothing of ours. A batch with
    deliveries is waited for: their files come over the very client that lists the next.
    What the plug-in raises is raised here, after the batches before it. When the consumer
    stops, the plug-in is closed at its next batch.
    """
    batches: queue.Queue[Batch | BaseException | None] = queue.Queue(AHEAD)
    is_over, is_stored = threading.Event(), threading.Event()

    def offer(item: Batch | BaseException | None) -> None:
        while not is_over.is_set():
            try:
                return batches.put(item, timeout=0.2)
            except queue.Full:
                continue
        raise _Stopped

    def read() -> None:
        try:
            for batch in pull:
                is_stored.clear()
                offer(batch)
                while batch.deliveries and not is_stored.wait(0.2):
                    if is_over.is_set():
                        raise _Stopped
            offer(None)
        except _Stopped:
            pass
        except BaseException as error:  # noqa: BLE001  (raised by the consumer)
            with contextlib.suppress(_Stopped):
                offer(error)
        finally:
            close = getattr(pull, "close", None)
            if close is not None:
                close()

    reader = threading.Thread(target=read, name="reading-ahead", daemon=True)
    reader.start()
    try:
        while True:
            item = batches.get()
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            yield item
            if item.deliveries:
                is_stored.set()
    finally:
        is_over.set()
        reader.join(timeout=60)
