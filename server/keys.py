"""The server's two secrets: configured, or made once and kept in the data directory.

Theory of operation. A made secret appears under its name whole or not at all: it is written beside its place, made durable,
then linked there, which fails if another process was quicker. So a crash in between leaves no empty file that would sign
tokens with a key everybody knows, and two processes never hold different ones. Only its owner may read it.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Literal

from server.config import MIN_SECRET_CHARS, ConfigRefused, Settings

SecretName = Literal["token_secret", "api_key"]


def known(settings: Settings, name: SecretName) -> str | None:
    """The secret if there is one already. Raises `ConfigRefused` where the kept one cannot be used."""
    configured = settings.token_secret if name == "token_secret" else settings.api_key
    if configured is not None:
        return configured.get_secret_value()
    path = settings.data_dir / name
    try:
        secret = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        raise ConfigRefused(f"the secret kept in {path} cannot be read.") from None
    if len(secret) < MIN_SECRET_CHARS:
        raise ConfigRefused(f"the secret kept in {path} is too short; delete the file and a new one is made.")
    return secret


def made_once(settings: Settings, name: SecretName) -> str:
    """The secret, made now if there is none. The data directory must exist. Raises `ConfigRefused`."""
    secret = known(settings, name)
    if secret is None:
        try:
            _make(settings.data_dir / name)
        except OSError as error:
            raise ConfigRefused(f"{settings.data_dir} cannot keep a secret: {error.strerror}.") from None
        secret = known(settings, name)
        assert secret is not None
    return secret


def _make(path: Path) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was quicker; its secret counts
            os.link(draft, path)
    finally:
        draft.unlink()
