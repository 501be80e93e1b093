"""Readers of untrusted files: what they send arrives, what they break stays theirs."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from governance_app.domain.errors import Sentence
from governance_app.files import limited
from governance_app.files.limited import Bounds, Message, ReaderFailed
from portfolio.up import processes

MIB = 1 << 20


def run(work: str, *, bounds: Bounds | None = None, **asked: Any) -> list[Message]:
    return list(limited.run(f"tests.files.bombs:{work}", asked, name="bill.parquet", bounds=bounds))


def test_what_is_asked_and_found_crosses_over_whole() -> None:
    (message,) = run("echo", text="Zürich\n", number=7)
    assert message.data["asked"] == {"text": "Zürich\n", "number": 7}
    assert message.blobs == (b"\x00\xff", b"")
    assert message.data["pid"] != os.getpid() != message.data["parent"]


def test_much_is_read_in_order_and_a_reader_waits_for_its_listener() -> None:
    messages = limited.run(
        "tests.files.bombs:numbers", {"count": 60, "size": MIB}, name="f", bounds=None
    )
    seen = []
    for message in messages:
        seen.append(message.data["number"])
        assert len(message.blobs[0]) == MIB
    assert seen == list(range(60))


def test_a_sentence_arrives_with_its_place() -> None:
    with pytest.raises(Sentence, match=r"Row 7 is odd\.") as caught:
        run("refuse")
    error = caught.value
    assert (error.file, error.row, error.column, error.value) == ("f.csv", 7, "Cost", "abc")


def test_an_error_of_ours_is_told_with_its_traceback_for_the_log() -> None:
    with pytest.raises(ReaderFailed, match="ZeroDivisionError: ours"):
        run("fail")
    with pytest.raises(ReaderFailed, match="no_such_module"):
        list(limited.run("no_such_module:work", {}, name="f"))


@pytest.mark.parametrize("work", ["fill_memory", "fill_arrow", "fill_polars"])
def test_memory_that_a_file_may_not_take_is_one_sentence(work: str) -> None:
    with pytest.raises(Sentence, match=r"bill\.parquet would take more than 0\.537 GB when opened"):
        run(work, bounds=Bounds(memory_bytes=512 * MIB), step=16 * MIB)
    assert run("echo"), "the next file is read"


def test_computing_without_end_is_one_sentence() -> None:
    with pytest.raises(Sentence, match="takes more than 1 seconds of computing"):
        run("turn", bounds=Bounds(cpu_seconds=1))


@pytest.mark.parametrize("bounds", [Bounds(silent_seconds=0.5), Bounds(wall_seconds=0.5)])
def test_a_reader_that_says_nothing_is_given_up_and_ended(bounds: Bounds) -> None:
    began_at = time.monotonic()
    with pytest.raises(Sentence, match="takes too long to read"):
        run("sleep", bounds=bounds)
    assert time.monotonic() - began_at < 10


def test_a_library_that_breaks_is_one_sentence() -> None:
    with pytest.raises(Sentence, match="broke the program that reads it"):
        run("crash")
    assert run("echo")


def test_whoever_stops_listening_ends_the_reader() -> None:
    messages = limited.run("tests.files.bombs:echo", {}, name="f")
    pid = next(messages).data["pid"]
    messages.close()  # type: ignore[attr-defined]
    assert processes.wait_until(lambda: not processes.is_running(pid), timeout_seconds=5)
    messages = limited.run("tests.files.bombs:numbers", {"count": 10**9, "size": MIB}, name="f")
    next(messages)
    messages.close()  # type: ignore[attr-defined]


def test_a_reader_knows_no_address_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    (message,) = run("surroundings")
    assert not {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECRETS_KEY"} & set(
        message.data["names"]
    )
    assert message.data["files"] < 16, "no file of the worker is open in it"


def test_libraries_with_threads_work_in_every_fork() -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: run("group", rows=200_000), range(24)))
    assert [each[0].data["groups"] for each in done] == [7] * 24


def test_a_nursery_that_died_is_started_again() -> None:
    (first,) = run("echo")
    os.kill(first.data["parent"], 9)
    assert processes.wait_until(
        lambda: not processes.is_running(first.data["parent"]), timeout_seconds=5
    )
    (second,) = run("echo")
    assert second.data["parent"] != first.data["parent"]


def test_a_fork_of_this_process_starts_its_own() -> None:
    (before,) = run("echo")
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        (theirs,) = run("echo")
        os.write(write, str(theirs.data["parent"]).encode())
        limited._nursery()._process.kill()
        os._exit(0)
    os.waitpid(pid, 0)
    assert int(os.read(read, 20)) != before.data["parent"]
    (after,) = run("echo")
    assert after.data["parent"] == before.data["parent"]


def test_a_file_costs_little() -> None:
    run("echo")
    took = []
    for _ in range(20):
        began_at = time.perf_counter()
        run("echo")
        took.append(time.perf_counter() - began_at)
    assert sorted(took)[10] < 0.3
