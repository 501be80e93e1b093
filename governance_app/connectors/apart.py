"""Downloaded files read in a process of their own, for nobody vouches for them."""

import functools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from governance_app.connectors.base import PermanentError
from governance_app.domain.errors import Sentence
from governance_app.files import limited

BOUNDS = limited.Bounds(
    memory_bytes=limited.GIBI, cpu_seconds=120, wall_seconds=120.0, silent_seconds=120.0
)

Read = Callable[[dict[str, Any], limited.Send], None]


def reader(what: str) -> Callable[[Callable[..., Any]], Read]:
    """
    Make a function of bytes, whose result is JSON, one that :func:`told` can call.

    Args:
        what: the kind of file it reads, for the sentence about one that is none.
    """

    def wrap(function: Callable[..., Any]) -> Read:
        @functools.wraps(function)
        def read(asked: dict[str, Any], send: limited.Send) -> None:
            content = Path(asked.pop("path")).read_bytes()
            try:
                found = function(content, **asked)
            except (
                ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError,
            ) as error:  # fmt: skip
                raise Sentence(
                    f"It is no {what} that is known ({type(error).__name__}: {error})."
                ) from error
            send({}, json.dumps(found).encode())

        return read

    return wrap


def told(function: str, content: bytes, *, name: str, **asked: Any) -> Any:
    """
    Read a downloaded file in a process that may use only so much; give what its reader found.

    Args:
        function: ``package.module:name`` of a function made by :func:`reader`.
        name: of the file, for the sentence.
        asked: JSON, handed to the function.

    Raises:
        PermanentError: it is no such file, takes more than it may, or broke its reader.
    """
    with tempfile.NamedTemporaryFile(prefix="download-") as kept:
        kept.write(content)
        kept.flush()
        try:
            messages = list(
                limited.run(function, {"path": kept.name, **asked}, name=name, bounds=BOUNDS)
            )
        except Sentence as refused:
            raise PermanentError(str(refused)) from refused
    return json.loads(messages[0].blobs[0])
