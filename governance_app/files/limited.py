"""
Reading files that nobody vouches for in a process of its own, which may use only so much.

A file of two megabytes can unpack to twenty gigabytes, and a damaged one can break the library that
reads it. Here that ends the reader, not the worker: the file gets a sentence. The reader knows no
database and no secret; it is a fork of a small process (the nursery) that has only imported what it
needs, so that a file costs milliseconds and not the start of Python. What it finds comes back as
JSON and bytes, nothing that could run.
"""

import array
import contextlib
import importlib
import json
import os
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from governance_app.domain.errors import Sentence

GIBI = 1 << 30
_BASE = Path(__file__).resolve().parents[2]
_HEAD = struct.Struct("!I")
_LONGEST_ASKED = 1 << 17
_STARTS = 3
_BEGINS_WITHIN_SECONDS = 60.0
#: What a reader is told of the surroundings: nothing that opens a door.
_TOLD = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TZ", "POLARS_MAX_THREADS", "COVERAGE_PROCESS_START")

Send = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Bounds:
    """
    What reading one file may use.

    ``memory_bytes``: on top of the reader itself. ``cpu_seconds``: of all its threads.
    ``wall_seconds``: waited for it in all. ``silent_seconds``: without hearing from it.
    """

    memory_bytes: int = 3 * GIBI
    cpu_seconds: int = 3_600
    wall_seconds: float = 3_600.0
    silent_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class Message:
    """Something a reader found: JSON and any number of byte strings."""

    data: dict[str, Any]
    blobs: tuple[bytes, ...] = ()


class ReaderFailed(Exception):
    """The reader met an error of ours; the text is its traceback, for the log."""


def run(
    function: str, arguments: dict[str, Any], *, name: str, bounds: Bounds | None = None
) -> Iterator[Message]:
    """
    Call a function in a process of its own and yield what it sends.

    Args:
        function: ``package.module:name`` of a function ``(arguments, send)``; it sends by
            ``send(data, *blobs)``. Its module must import no Django.
        arguments: JSON.
        name: of the file, for the sentence.
        bounds: what it may use.

    Raises:
        Sentence: the function raised it, or it used more than it may, or it broke.
        ReaderFailed: the function met another error.
    """
    bounds = bounds or Bounds()
    reader = _begun(function, arguments, bounds)
    try:
        yield from reader.messages(name, bounds)
    finally:
        reader.end()


def _begun(function: str, arguments: dict[str, Any], bounds: Bounds) -> "_Reader":
    """Start a reader; again when the nursery was dying as it was asked."""
    for _ in range(_STARTS):
        nursery = _nursery()
        reader = nursery.start(function, arguments, bounds)
        if reader.has_begun():
            return reader
        reader.end()
        nursery.end()
    raise ReaderFailed("The process that reads files could not be started.")


class _Reader:
    """One reader at work, as its starter sees it."""

    def __init__(self, results: socket.socket, status: int) -> None:
        self._results, self._status = results, status
        self._pid = 0

    def has_begun(self) -> bool:
        """Wait for its first word, which says its number."""
        self._results.settimeout(_BEGINS_WITHIN_SECONDS)
        try:
            first = self._next()
        except TimeoutError:
            return False
        if first is not None:
            self._pid = first.data["pid"]
        return first is not None

    def messages(self, name: str, bounds: Bounds) -> Iterator[Message]:
        """Yield what it sends until it has ended."""
        waited = 0.0
        while True:
            began_at = time.monotonic()
            self._results.settimeout(
                max(0.01, min(bounds.silent_seconds, bounds.wall_seconds - waited))
            )
            try:
                message = self._next()
            except TimeoutError:
                raise Sentence(
                    f"{name} takes too long to read: it was given up after"
                    f" {waited + time.monotonic() - began_at:,.0f} seconds. Nothing was read;"
                    " split it and import the parts.",
                    file=name,
                ) from None
            waited += time.monotonic() - began_at
            if message is None:
                raise self._broken(name, bounds)
            kind = message.data.pop("kind")
            if kind == "end":
                return
            if kind == "sentence":
                raise Sentence(message.data.pop("says"), **message.data)
            elif kind == "memory":
                raise _too_large(name, bounds)
            elif kind == "error":
                raise ReaderFailed(message.data["traceback"])
            else:
                yield message

    def end(self) -> None:
        """Make sure that it is gone."""
        if self._pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        self._results.close()
        os.close(self._status)

    def _next(self) -> Message | None:
        head = self._exactly(_HEAD.size)
        if head is None:
            return None
        told = self._exactly(_HEAD.unpack(head)[0])
        if told is None:
            return None
        data = json.loads(told)
        blobs = []
        for size in data.pop("sizes"):
            blob = self._exactly(size)
            if blob is None:
                return None
            blobs.append(blob)
        return Message(data, tuple(blobs))

    def _exactly(self, size: int) -> bytes | None:
        """Read so many bytes; None when the reader ended before."""
        into = bytearray(size)
        view, done = memoryview(into), 0
        while done < size:
            try:
                got = self._results.recv_into(view[done:])
            except ConnectionError:
                return None
            if not got:
                return None
            done += got
        return bytes(into)

    def _broken(self, name: str, bounds: Bounds) -> Sentence:
        """Say why it ended without a word."""
        self._pid = 0
        ready, _, _ = select.select([self._status], [], [], 5.0)
        said = os.read(self._status, 16) if ready else b""
        sig = os.WTERMSIG(int(said)) if said and os.WIFSIGNALED(int(said)) else 0
        if sig == signal.SIGXCPU:
            return Sentence(
                f"{name} takes more than {bounds.cpu_seconds:,} seconds of computing to read."
                " Nothing was read; split it and import the parts.",
                file=name,
            )
        if sig in {signal.SIGABRT, signal.SIGKILL, signal.SIGTRAP}:  # an allocation was refused
            return _too_large(name, bounds)
        return Sentence(
            f"{name} broke the program that reads it: it is damaged, or made to do harm. Nothing"
            " was read; export it again.",
            file=name,
        )


class _Nursery:
    """The process that readers are forked from: clean, idle, without threads at work."""

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._lock = threading.Lock()
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        told = {key: os.environ[key] for key in _TOLD if key in os.environ}
        told["PYTHONPATH"] = os.pathsep.join([str(_BASE), *filter(None, sys.path)])
        told["OPENBLAS_NUM_THREADS"] = "1"
        # Blocks of a file come and go: memory that was given back is used again, not mapped anew.
        told["MALLOC_MMAP_THRESHOLD_"] = told["MALLOC_TRIM_THRESHOLD_"] = str(256 << 20)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "governance_app.files.limited"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=told,
                cwd=_BASE,
                start_new_session=True,
            )

    def is_alive(self) -> bool:
        """Tell whether this process started it and it still runs."""
        return self.pid == os.getpid() and self._process.poll() is None

    def end(self) -> None:
        """Make sure that it is gone."""
        self._process.kill()
        self._process.wait()
        self._socket.close()

    def start(self, function: str, arguments: dict[str, Any], bounds: Bounds) -> _Reader:
        """Have a reader forked that begins at once."""
        asked = json.dumps({"function": function, "bounds": asdict(bounds)}).encode()
        ours, theirs = socket.socketpair()
        read_status, write_status = os.pipe()
        try:
            with self._lock:
                socket.send_fds(self._socket, [asked], [theirs.fileno(), write_status])
            _write(ours, json.dumps(arguments).encode())
        except OSError:  # it is dying: the reader will not have begun
            pass
        finally:
            theirs.close()
            os.close(write_status)
        return _Reader(ours, read_status)


_standing: _Nursery | None = None
_starting = threading.Lock()


def _nursery() -> _Nursery:
    """Give this process's nursery; a fork of a process that had one starts its own."""
    global _standing
    with _starting:
        if _standing is None or not _standing.is_alive():
            _standing = _Nursery()
        return _standing


def _too_large(name: str, bounds: Bounds) -> Sentence:
    return Sentence(
        f"{name} would take more than {bounds.memory_bytes / 1e9:.3g} GB when opened. Nothing was"
        " read; split it and import the parts.",
        file=name,
    )


def _write(to: socket.socket, content: bytes) -> None:
    to.sendall(_HEAD.pack(len(content)) + content)


# --- in the nursery and in the readers ----------------------------------------------------


def _main() -> None:
    """Fork a reader for each request until the starter is gone."""
    asked = socket.socket(fileno=os.dup(0))
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    statuses: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([asked.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 1024)
            _reap(statuses)
        if asked.fileno() not in ready:
            continue
        request, files = _receive(asked)
        if not request:
            return
        results, status = files
        told = json.loads(request)
        failed = ""
        try:  # what is imported here is there for every later reader
            importlib.import_module(told["function"].partition(":")[0])
        except Exception:  # noqa: BLE001 - the reader says it
            failed = traceback.format_exc()
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            asked.close()
            _read(socket.socket(fileno=results), told, failed)
        os.close(results)
        statuses[pid] = status


def _receive(asked: socket.socket) -> tuple[bytes, list[int]]:
    """Receive one request and the two files that came with it."""
    files = array.array("i")
    request, extra, _flags, _address = asked.recvmsg(
        _LONGEST_ASKED, socket.CMSG_LEN(2 * files.itemsize)
    )
    for level, kind, content in extra:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            files.frombytes(content[: len(content) - len(content) % files.itemsize])
    return request, list(files)


def _reap(statuses: dict[int, int]) -> None:
    """Tell each starter how its reader ended."""
    while statuses:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        pipe = statuses.pop(pid)
        with contextlib.suppress(OSError):
            os.write(pipe, str(status).encode())
        os.close(pipe)


def _read(results: socket.socket, told: dict[str, Any], failed: str) -> None:
    """Be a reader: take the bounds on, do the work, leave without cleaning up."""
    code = 1
    try:
        _send(results, {"kind": "began", "pid": os.getpid()})
        if failed:
            _send(results, {"kind": "error", "traceback": failed})
            return
        _limit(Bounds(**told["bounds"]))
        with results.makefile("rb") as stream:
            arguments = json.loads(stream.read(_HEAD.unpack(stream.read(_HEAD.size))[0]))
        module, _, function = told["function"].partition(":")
        work = getattr(importlib.import_module(module), function)
        work(arguments, lambda data, *blobs: _send(results, {"kind": "data", **data}, *blobs))
        _send(results, {"kind": "end"})
        code = 0
    except MemoryError:
        _send(results, {"kind": "memory"})
    except Sentence as error:
        where = {key: getattr(error, key) for key in ("file", "row", "column", "value")}
        _send(results, {"kind": "sentence", "says": str(error), **where})
    except BrokenPipeError:
        pass  # nobody listens any more
    except BaseException as error:  # noqa: BLE001 - whatever it is, the starter has to hear it
        if _is_memory(error):
            _send(results, {"kind": "memory"})
        else:
            _send(results, {"kind": "error", "traceback": traceback.format_exc()})
    finally:
        os._exit(code)


def _is_memory(error: BaseException) -> bool:
    """Tell whether a library's own error means that memory was refused."""
    says = str(error).lower()
    return any(words in says for words in ("out of memory", "malloc of size", "could not spawn"))


def _limit(bounds: Bounds) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if sys.platform == "linux" else 0
    address_space = pages * resource.getpagesize() + bounds.memory_bytes
    for what, most, grace in (
        (resource.RLIMIT_AS, address_space, 0),
        (resource.RLIMIT_CPU, bounds.cpu_seconds, 5),  # first SIGXCPU, which says why, then an end
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_NOFILE, 256, 0),
    ):
        _, hard = resource.getrlimit(what)
        allowed = most + grace if hard == resource.RLIM_INFINITY else min(most + grace, hard)
        resource.setrlimit(what, (min(most, allowed), allowed))


def _send(to: socket.socket, data: dict[str, Any], *blobs: bytes) -> None:
    _write(to, json.dumps({**data, "sizes": [len(blob) for blob in blobs]}).encode())
    for blob in blobs:
        to.sendall(blob)


if __name__ == "__main__":
    _main()
