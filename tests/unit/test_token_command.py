"""`atelier token`."""

import time
from pathlib import Path

import pytest

from server import __main__ as cli
from server.auth import Tokens

SECRET = "s" * 40


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_TOKEN_SECRET", SECRET)


def told(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["atelier", "token", *arguments])
    cli.main()


def test_a_persons_token(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    told(monkeypatch, "w_1", "--role=learner", "--name=Ann", "--participant-id=ann", "--expires-in-s=60")
    claims = Tokens(SECRET).verify(capsys.readouterr().out.strip())
    assert (claims.kind, claims.workshop_id, claims.role) == ("participant", "w_1", "learner")
    assert (claims.participant_id, claims.name) == ("ann", "Ann")
    assert 50 < claims.expires_at - time.time() <= 60


def test_a_token_that_matches_a_roster(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    told(monkeypatch, "w_1", "--role=learner", "--email=ann@example.org", "--external-id=4711")
    claims = Tokens(SECRET).verify(capsys.readouterr().out.strip())
    assert (claims.email, claims.external_id) == ("ann@example.org", "4711")


def test_an_invite(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    told(monkeypatch, "w_1", "--role=observer")
    claims = Tokens(SECRET).verify(capsys.readouterr().out.strip())
    assert (claims.kind, claims.participant_id, claims.role) == ("invite", None, "observer")


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (["w/1", "--role=learner"], "workshop"),
        (["w_1\n", "--role=learner"], "workshop"),
        (["w_1", "--role=learner", "--participant-id=ann"], "name"),
        (["w_1", "--role=learner", "--participant-id=a:b", "--name=Ann"], "participant_id"),
        (["w_1", "--role=facilitator", "--participant-id=system", "--name=Ann"], "participant_id"),
        (["w_1", "--role=learner", "--name="], "name"),
        (["w_1", "--role=learner", "--expires-in-s=0"], "expires_in_s"),
        (["w_1", "--role=learner", "--expires-in-s=999999999"], "expires_in_s"),
        (["w_1", "--role=learner", "--email=ann"], "email"),
        (["w_1", "--role=learner", "--external-id=" + "x" * 101], "external_id"),
    ],
)
def test_what_cannot_be_a_token_is_refused(monkeypatch: pytest.MonkeyPatch, arguments: list[str], about: str) -> None:
    with pytest.raises(SystemExit) as ended:
        told(monkeypatch, *arguments)
    assert str(ended.value).startswith(f"atelier: {about}: ")


def test_without_a_secret_it_says_where_one_comes_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ATELIER_TOKEN_SECRET")
    with pytest.raises(SystemExit, match="no secret to sign with"):
        told(monkeypatch, "w_1", "--role=learner", f"--data-dir={tmp_path}")
    assert list(tmp_path.iterdir()) == []
