"""Where settings come from, which goes before which, and what is said of those that are wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.config import ConfigRefused, Settings, load

SECRET, KEY = "s" * 32, "k" * 32


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith("ATELIER_"):
            monkeypatch.delenv(name)


def written(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "config.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(config_file: Path | None = None, **flags: object) -> str:
    with pytest.raises(ConfigRefused) as refusal:
        load(config_file, **flags)
    message = str(refusal.value)
    assert message.endswith(".")
    assert "\n" not in message
    return message


def test_without_anything_the_defaults_hold() -> None:
    assert load() == Settings()
    assert load(host=None).host == "127.0.0.1"


def test_a_file_goes_before_the_defaults_the_environment_before_the_file_and_flags_before_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(
        tmp_path, "host: from-file\nport: 1001\nudp_port: 1002\nlimits: {max_sockets: 1003, commands_burst: 4}"
    )
    monkeypatch.setenv("ATELIER_PORT", "2001")
    monkeypatch.setenv("ATELIER_UDP_PORT", "2002")
    monkeypatch.setenv("ATELIER_LIMITS__MAX_SOCKETS", "2003")
    monkeypatch.setenv("ATELIER_PUBLIC_IP", '["192.0.2.1"]')
    settings = load(path, udp_port=3002, data_dir=None)
    assert (settings.host, settings.port, settings.udp_port) == ("from-file", 1001 + 1000, 3002)
    assert (settings.limits.max_sockets, settings.limits.commands_burst) == (2003, 4)
    assert settings.limits.max_transports == Settings().limits.max_transports
    assert settings.public_ip == ["192.0.2.1"]


def test_only_variables_with_the_prefix_count(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "HOST", "MAX_SOCKETS", "LIMITS__MAX_SOCKETS", "COMMANDS_BURST", "LOG_LEVEL"):
        monkeypatch.setenv(name, "7")
    defaults = Settings.model_fields
    settings = load()
    assert settings.port == defaults["port"].default
    assert settings.limits.max_sockets == type(settings.limits).model_fields["max_sockets"].default


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("prot: 80", "prot"),
        ("limits: {max_socket: 5}", "limits.max_socket"),
        ("publish: {sinks: [{kind: file, flder: x}]}", "flder"),
        ("port: many", "port"),
        ("port: 70000", "port"),
        ("limits: {max_frame_bytes: 1}", "limits.max_frame_bytes"),
        ("limits: 5", "limits"),
        ("public_ip: 192.0.2.1", "public_ip"),
        ("environment: staging", "environment"),
        ("a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7", "and 2 more"),
    ],
)
def test_a_wrong_or_unknown_key_in_the_file_is_refused_and_named(tmp_path: Path, text: str, named: str) -> None:
    assert named in refused(written(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port: [1", "not YAML at line"),
        ("\tport: 1", "not YAML at line 1"),
        ("- port", "must hold settings"),
        ("just text", "must hold settings"),
        (b"\xff\xfe\x00", "not UTF-8"),
        ("!!python/object/apply:os.system [id]", "not YAML"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, text: str | bytes, said: str) -> None:
    assert said in refused(written(tmp_path, text))


def test_an_empty_file_changes_nothing_and_a_missing_one_is_named(tmp_path: Path) -> None:
    assert load(written(tmp_path, "# nothing yet\n")) == Settings()
    assert "missing.yaml" in refused(tmp_path / "missing.yaml")
    assert str(tmp_path) in refused(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("ATELIER_PORT", "many", "port"),
        ("ATELIER_PUBLIC_IP", "192.0.2.1", "public_ip"),
        ("ATELIER_LIMITS__MAX_SOCKET", "5", "limits.max_socket"),
        ("ATELIER_LIMITS", "{", "limits"),
    ],
)
def test_a_wrong_variable_is_refused_and_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, named: str
) -> None:
    monkeypatch.setenv(name, value)
    assert named in refused()


@pytest.mark.parametrize("name", ["token_secret", "api_key"])
def test_a_short_secret_is_refused_without_being_told(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(f"ATELIER_{name.upper()}", "short-secret")
    message = refused()
    assert message == f"the configuration is wrong: {name} is too short; it needs at least 32 characters."


def test_production_needs_both_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATELIER_ENVIRONMENT", "production")
    assert "token_secret must be set in production (environment variable ATELIER_TOKEN_SECRET)." in refused()
    monkeypatch.setenv("ATELIER_TOKEN_SECRET", SECRET)
    assert "api_key must be set in production" in refused()
    monkeypatch.setenv("ATELIER_API_KEY", KEY)
    settings = load()
    assert SECRET not in repr(settings)
    assert KEY not in repr(settings)


def test_the_command_refuses_to_start_with_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "server", "serve", f"--data-dir={tmp_path / 'data'}"]
    environment = {**os.environ, "ATELIER_ENVIRONMENT": "production"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("atelier: the configuration is wrong: token_secret must be set in production")
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://w.example", "https://w.example"),
        ("https://w.example/", "https://w.example"),
        ("https://W.Example:443", "https://w.example"),
        ("http://w.example:80/", "http://w.example"),
        ("HTTP://w.example:8080", "http://w.example:8080"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_the_public_url_is_kept_as_browsers_send_it(url: str, origin: str) -> None:
    assert load(public_url=url).public_url == origin


@pytest.mark.parametrize(
    "url",
    [
        *("", "w.example", "ftp://w.example", "https://", "https://w.example/atelier", "https://w.example?x=1"),
        *("https://w.example#x", "https://me:pw@w.example", "https://w.example:port", "https://[::1"),
    ],
)
def test_a_public_url_that_no_browser_has_as_its_origin_is_refused(url: str) -> None:
    assert "public_url must be http:// or https://" in refused(public_url=url)


def test_http_and_media_cannot_have_one_number() -> None:
    assert "ICE-TCP" in refused(port=9000, udp_port=9000)
