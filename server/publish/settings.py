"""What is published where, as it stands in the configuration; and the sinks made from it.

A sink's name is its identity: its cursor is kept under it, so a sink that is renamed gets everything again.
"""

import base64
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr, model_validator

from server.publish.sink import Sink
from server.publish.sinks.addresses import is_public
from server.publish.sinks.file import FileSink
from server.publish.sinks.redis_stream import RedisStreamSink
from server.publish.sinks.webhook import WebhookSink
from server.publish.sinks.xapi import XapiSink

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]


class _SinkSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileSinkSettings(_SinkSettings):
    """NDJSON files, put aside when they are full."""

    kind: Literal["file"] = "file"
    name: Name = "file"
    folder: Path = Field(default=Path("events"), description="Where; a relative path is within the data directory.")
    max_bytes: int = Field(default=64 << 20, ge=10_000, description="Size at which a file is put aside.")
    keep: int | None = Field(default=None, ge=1, description="How many files put aside are kept; all if left out.")

    def sink(self, data_dir: Path) -> Sink:
        return FileSink(self.name, data_dir / self.folder, max_bytes=self.max_bytes, keep=self.keep)


class WebhookSinkSettings(_SinkSettings):
    """A receiver of Standard Webhooks."""

    kind: Literal["webhook"] = "webhook"
    name: Name
    url: HttpUrl = Field(description="Where to post to; https, without a user name.")
    secrets: tuple[SecretStr, ...] = Field(
        min_length=1, max_length=2, description="`whsec_…` with 24 to 64 bytes in base64; two while changing over."
    )
    allow_private_addresses: bool = Field(default=False, description="The receiver stands in a private network.")
    allow_http: bool = Field(default=False, description="Without TLS; for a private network only.")

    @model_validator(mode="after")
    def _is_safe(self) -> "WebhookSinkSettings":
        _check_url(self.url, allow_http=self.allow_http, allow_private=self.allow_private_addresses)
        for secret in self.secrets:
            _check_secret(secret.get_secret_value())
        return self

    def sink(self, _data_dir: Path) -> Sink:
        secrets = [secret.get_secret_value() for secret in self.secrets]
        return WebhookSink(self.name, str(self.url), secrets, allow_private_addresses=self.allow_private_addresses)


class RedisSinkSettings(_SinkSettings):
    """A Redis stream, for consumer groups."""

    kind: Literal["redis"] = "redis"
    name: Name
    url: SecretStr = Field(description="redis://… or rediss://…, with the password if there is one.")
    stream: str = Field(default="{atelier}:events", min_length=1, max_length=200, description="The stream's key.")
    max_length: int = Field(default=1_000_000, ge=1_000, description="Entries kept at most.")

    @model_validator(mode="after")
    def _is_redis(self) -> "RedisSinkSettings":
        if urlsplit(self.url.get_secret_value()).scheme not in ("redis", "rediss", "unix"):
            raise ValueError("the url must begin with redis://, rediss:// or unix://")
        return self

    def sink(self, _data_dir: Path) -> Sink:
        return RedisStreamSink(self.name, self.url.get_secret_value(), stream=self.stream, max_length=self.max_length)


class XapiSinkSettings(_SinkSettings):
    """A learning record store that speaks xAPI 1.0.3."""

    kind: Literal["xapi"] = "xapi"
    name: Name
    endpoint: HttpUrl = Field(
        description="The LRS's base URL, to which /statements is added; https, without a user name."
    )
    username: str | None = Field(default=None, description="For HTTP Basic, together with `password`.")
    password: SecretStr | None = None
    token: SecretStr | None = Field(default=None, description="For HTTP Bearer, instead of username and password.")
    allow_private_addresses: bool = Field(default=False, description="The LRS stands in a private network.")
    allow_http: bool = Field(default=False, description="Without TLS; for a private network only.")

    @model_validator(mode="after")
    def _is_safe(self) -> "XapiSinkSettings":
        _check_url(self.endpoint, allow_http=self.allow_http, allow_private=self.allow_private_addresses)
        basic = self.username is not None and self.password is not None
        if basic == (self.token is not None) or (self.username is None) != (self.password is None):
            raise ValueError("give either username and password, or token")
        return self

    def sink(self, _data_dir: Path) -> Sink:
        if self.token is not None:
            authorization = f"Bearer {self.token.get_secret_value()}"
        else:
            assert self.password is not None
            pair = f"{self.username}:{self.password.get_secret_value()}"
            authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return XapiSink(
            self.name, str(self.endpoint), authorization, allow_private_addresses=self.allow_private_addresses
        )


SinkSettings = Annotated[
    FileSinkSettings | RedisSinkSettings | WebhookSinkSettings | XapiSinkSettings, Field(discriminator="kind")
]


def _check_url(url: HttpUrl, *, allow_http: bool, allow_private: bool) -> None:
    if url.scheme != "https" and not allow_http:
        raise ValueError("the url must begin with https:// (allow_http permits http://)")
    if url.username or url.password:
        raise ValueError("the url must hold no user name or password: urls end up in logs")
    host = (url.host or "").strip("[]")
    if not allow_private and (host == "localhost" or not _may_be_public(host)):
        raise ValueError(f"{host} is not a public address (allow_private_addresses permits it)")


def _may_be_public(host: str) -> bool:
    """False only for an IP address that is known not to be; names are looked at when they are resolved."""
    try:
        return is_public(host)
    except ValueError:
        return True


def _check_secret(secret: str) -> None:
    try:
        size = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) if secret[:6] == "whsec_" else 0
    except ValueError:
        size = 0
    if not 24 <= size <= 64:
        raise ValueError("a secret is whsec_ and 24 to 64 random bytes in base64: whsec_$(openssl rand -base64 32)")


class PublishSettings(BaseModel):
    """The published record."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    home_page: str | None = Field(
        default=None, description="URL that people's ids are unique within (xAPI homePage); `public_url` if left out."
    )
    names: bool = Field(default=False, description="Publish what people call themselves, not only their ids.")
    chat_text: bool = Field(default=False, description="Publish what is said in open chat, not only its length.")
    workshop_sinks_private: bool = Field(
        default=False, description="Sinks set for single workshops may be in private networks, without TLS, or a Redis."
    )
    sinks: tuple[SinkSettings, ...] = Field(default=(FileSinkSettings(),), description="Where events are delivered.")
