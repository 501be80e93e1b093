"""The environment becomes values, or a sentence that names the variable."""

import pytest

from portfolio import env


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("Yes", True), ("off", False), ("", False)]
)
def test_flags(monkeypatch: pytest.MonkeyPatch, text: str, value: bool) -> None:
    monkeypatch.setenv("HTTPS", text)
    assert env.flag("HTTPS", default=not value) is value


def test_a_flag_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS", "perhaps")
    with pytest.raises(env.BadEnvironment, match="HTTPS=perhaps is neither yes nor no"):
        env.flag("HTTPS", default=False)


def test_a_number_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(env.BadEnvironment, match="PORT=eighty is not a whole number"):
        env.whole("PORT", default=8000)


@pytest.mark.parametrize("url", ["mysql://somewhere/portfolio", "postgresql://host", "portfolio"])
def test_only_postgresql_is_a_database(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(env.BadEnvironment, match="DATABASE_URL must be a PostgreSQL URL"):
        env.database("DATABASE_URL")


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example, b.example,")
    assert env.listed("ALLOWED_HOSTS") == ["a.example", "b.example"]
