"""Secrets at rest: only the right key, at the right place, opens them."""

import json
from pathlib import Path

import pytest

from governance_app.connectors import sealing
from governance_app.domain.errors import Sentence

OLD, NEW = "o" * 40, "n" * 40


def test_what_was_sealed_opens_again_and_shows_nothing() -> None:
    sealed = sealing.seal({"token": "hunter2-ü"}, keys=[OLD], place="a")
    assert "hunter2" not in sealed
    assert sealing.open_sealed(sealed, keys=[OLD], place="a") == {"token": "hunter2-ü"}


def test_two_sealings_of_one_secret_differ() -> None:
    first, second = (sealing.seal({"a": "b"}, keys=[OLD], place="x") for _ in range(2))
    assert first != second


def test_nothing_is_sealed_as_nothing() -> None:
    assert sealing.seal({}, keys=[OLD], place="a") == ""
    assert sealing.open_sealed("", keys=[OLD], place="a") == {}


def test_a_sealed_text_opens_at_its_place_only() -> None:
    sealed = sealing.seal({"token": "t"}, keys=[OLD], place="row 1")
    with pytest.raises(sealing.CannotOpen):
        sealing.open_sealed(sealed, keys=[OLD], place="row 2")


def test_an_altered_text_does_not_open() -> None:
    parts = json.loads(sealing.seal({"token": "t"}, keys=[OLD], place="a"))
    parts["data"] = ("A" if parts["data"][20] != "A" else "B").join(
        (parts["data"][:20], parts["data"][21:])
    )
    with pytest.raises(sealing.CannotOpen):
        sealing.open_sealed(json.dumps(parts), keys=[OLD], place="a")


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    sealed = sealing.seal({"token": "t"}, keys=[OLD], place="a")
    assert sealing.open_sealed(sealed, keys=[NEW, OLD], place="a") == {"token": "t"}
    assert not sealing.is_current(sealed, keys=[NEW, OLD])
    assert sealing.is_current(sealing.seal({"a": "b"}, keys=[NEW, OLD], place="a"), keys=[NEW])


def test_a_lost_key_says_what_to_do() -> None:
    sealed = sealing.seal({"token": "t"}, keys=[OLD], place="a")
    with pytest.raises(sealing.CannotOpen, match="another SECRETS_KEY"):
        sealing.open_sealed(sealed, keys=[NEW], place="a")


def test_the_key_file_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secrets.key"
    first = sealing.keys_from("", file=file)
    assert sealing.keys_from("", file=file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["secrets.key"]


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Sentence, match="at least 32 characters"):
        sealing.keys_from("short", file=tmp_path / "k")
