"""Secrets that the server makes for itself."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from server import keys
from server.config import MIN_SECRET_CHARS, ConfigRefused, Settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("ATELIER_TOKEN_SECRET", "ATELIER_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return Settings(data_dir=tmp_path)


def test_a_secret_is_made_once_and_only_its_owner_reads_it(settings: Settings, tmp_path: Path) -> None:
    assert keys.known(settings, "token_secret") is None
    made = keys.made_once(settings, "token_secret")
    assert len(made) >= MIN_SECRET_CHARS
    assert keys.made_once(settings, "token_secret") == keys.known(settings, "token_secret") == made
    assert keys.made_once(settings, "api_key") != made
    assert sorted(path.name for path in tmp_path.iterdir()) == ["api_key", "token_secret"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_those_who_make_it_at_once_hold_the_same(settings: Settings) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: keys.made_once(settings, "token_secret"), range(64)))
    assert len(made) == 1


@pytest.mark.parametrize("content", [b"", b"\n", b"short", "é".encode() * 40])
def test_a_kept_secret_that_is_none_is_refused_and_not_used(settings: Settings, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token_secret").write_bytes(content)
    for ask in (keys.known, keys.made_once):
        with pytest.raises(ConfigRefused, match="token_secret"):
            ask(settings, "token_secret")


def test_a_configured_secret_goes_before_the_kept_one(settings: Settings, tmp_path: Path) -> None:
    keys.made_once(settings, "token_secret")
    configured = settings.model_copy(update={"token_secret": SecretStr("c" * MIN_SECRET_CHARS)})
    assert keys.made_once(configured, "token_secret") == "c" * MIN_SECRET_CHARS


def test_a_directory_that_cannot_keep_it_is_named(settings: Settings, tmp_path: Path) -> None:
    nowhere = settings.model_copy(update={"data_dir": tmp_path / "missing"})
    with pytest.raises(ConfigRefused, match="missing"):
        keys.made_once(nowhere, "token_secret")
