"""Settings: defaults, then a YAML file, then environment variables (`ATELIER_…`), then command-line flags; the later wins.

Unknown keys are refused in the file, so that a misspelt one is found when the server starts and not when its default bites.
`deploy/config.example.yaml` shows every setting.
"""

import ipaddress
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)

from rooms.limits import MAX_RETENTION_DAYS
from server.cluster.settings import ClusterSettings
from server.ice_servers import IceServer
from server.journal.redis_store import problem_of
from server.publish.settings import PublishSettings
from server.refusals import explain
from server.tracing import TracingSettings

MIN_SECRET_CHARS = 32
DEFAULT_PORTS = {"http": 80, "https": 443}


class ConfigRefused(Exception):
    """The configuration cannot be used; the message says which setting and why, and never repeats its value."""


class Limits(BaseModel):
    """Every limit of the server's edge, by name. Those of the rules are in `rooms/limits.py`."""

    model_config = ConfigDict(extra="forbid")

    max_frame_bytes: int = Field(default=200_000, ge=1_000, description="Largest message a client may send.")
    max_queued_frames: int = Field(
        default=400, ge=10, description="Frames waiting for one client before it is too slow."
    )
    max_sockets: int = Field(default=12_000, ge=1, description="Open sockets on this node.")
    commands_per_second: float = Field(default=25.0, gt=0, description="Sustained rate of one connection.")
    commands_burst: int = Field(default=100, ge=1, description="Commands a connection may send at once.")
    hello_within_s: float = Field(default=10.0, gt=0, description="Time for `hello` after connecting.")
    max_tokens_s: int = Field(default=90 * 24 * 3600, ge=60, description="Longest life of a token, seconds.")
    calls_per_second: float = Field(default=50.0, gt=0, description="Sustained HTTP calls and connects of one address.")
    calls_burst: int = Field(
        default=2_000, ge=10, description="Those it may make at once: a whole class behind one NAT."
    )
    connects_per_second: float = Field(default=1.0, gt=0, description="Sustained connects with one token.")
    connects_burst: int = Field(default=20, ge=2, description="Connects with one token at once.")
    captions_per_second: float = Field(default=6.0, gt=0, description="Sustained caption messages of one person.")
    captions_burst: int = Field(default=20, ge=1, description="Caption messages one person may send at once.")
    max_transports: int = Field(default=4_000, ge=1, description="Media transports on this node.")


class RedisSettings(BaseModel):
    """How Redis is used where `store` names one."""

    model_config = ConfigDict(extra="forbid")

    prefix: str = Field(default="atelier", pattern=r"^[A-Za-z0-9_.\-]{1,32}$", description="Begins every key.")
    timeout_ms: int = Field(default=2_000, ge=100, description="Longest wait for an answer of Redis.")
    wait_replicas: int = Field(default=0, ge=0, description="Replicas that must have a command before its ack.")
    wait_ms: int = Field(default=1_000, ge=10, description="Longest wait for those.")
    allow_volatile: bool = Field(default=False, description="Use a Redis that writes nothing to disk; loses acks.")


class RetentionSettings(BaseModel):
    """For workshops that say nothing themselves, in days after their end; 0: for ever."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    personal_data_days: int = Field(default=0, ge=0, le=MAX_RETENTION_DAYS, description="Names, addresses, free texts.")
    everything_days: int = Field(default=0, ge=0, le=MAX_RETENTION_DAYS, description="The workshop itself.")
    check_every_s: float = Field(default=3600.0, ge=1.0, description="How often it is looked what is due.")


class Settings(BaseSettings):
    """One node's settings."""

    model_config = SettingsConfigDict(env_prefix="ATELIER_", env_nested_delimiter="__", extra="forbid")

    host: str = Field(default="127.0.0.1", description="Address to listen on for HTTP.")
    port: int = Field(default=8080, ge=0, le=65535, description="TCP port for HTTP; 0 takes a free one.")
    udp_host: str | None = Field(default=None, description="Address for media; `host` if left out.")
    udp_port: int = Field(
        default=3478, ge=0, le=65535, description="The one port for media, UDP and TCP; 0 takes a free one."
    )
    public_ip: list[str] = Field(default=[], description="Addresses that browsers reach this node's UDP port by.")
    public_url: str | None = Field(default=None, description="What links begin with; http://host:port if left out.")
    data_dir: Path = Field(default=Path(".atelier"), description="Where the journal and generated secrets are kept.")
    store: str = Field(default="sqlite", description="`sqlite` (in data_dir), or the URL of a Redis, for many nodes.")
    redis: RedisSettings = RedisSettings()
    cluster: ClusterSettings = ClusterSettings()
    environment: Literal["development", "production"] = "development"
    token_secret: SecretStr | None = Field(default=None, description="Signs tokens; at least 32 characters.")
    api_key: SecretStr | None = Field(default=None, description="For the HTTP API; at least 32 characters.")
    client_dir: Path = Field(
        default=Path(__file__).parent.parent / "client_web" / "dist", description="The built browser client."
    )
    trusted_proxies: list[str] = Field(
        default=[], description="Addresses or networks whose X-Forwarded-For is believed, for the limits by address."
    )
    ice_servers: list[IceServer] = Field(default=[], description="STUN and TURN servers given to browsers.")
    turn_ttl_s: int = Field(default=6 * 3600, ge=60, description="How long TURN credentials made from a secret hold.")
    publish: PublishSettings = PublishSettings()
    retention: RetentionSettings = RetentionSettings()
    tracing: TracingSettings = TracingSettings()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    limits: Limits = Limits()

    @field_validator("public_url")
    @classmethod
    def _public_url_is_an_origin(cls, value: str | None) -> str | None:
        return None if value is None else _origin(value)

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_are_networks(cls, value: list[str]) -> list[str]:
        for each in value:
            try:
                ipaddress.ip_network(each, strict=False)
            except ValueError:
                raise ValueError("trusted_proxies holds addresses or networks, like 10.0.0.0/8") from None
        return value

    @field_validator("store")
    @classmethod
    def _store_is_known(cls, value: str) -> str:
        problem = None if value == "sqlite" else problem_of(value)
        if problem is not None:
            raise ValueError(problem)
        return value

    @model_validator(mode="after")
    def _ports_differ(self) -> "Settings":
        if self.port == self.udp_port != 0:
            raise ValueError(
                f"port and udp_port are both {self.port}; media takes TCP at the number of udp_port, too (ICE-TCP), "
                "so HTTP needs another"
            )
        return self

    @model_validator(mode="after")
    def _secrets_are_secret(self) -> "Settings":
        for name in ("token_secret", "api_key"):
            secret: SecretStr | None = getattr(self, name)
            if secret is None and self.environment == "production":
                raise ValueError(f"{name} must be set in production (environment variable ATELIER_{name.upper()})")
            if secret is not None and len(secret.get_secret_value()) < MIN_SECRET_CHARS:
                raise ValueError(f"{name} is too short; it needs at least {MIN_SECRET_CHARS} characters")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        assert isinstance(init_settings, InitSettingsSource)
        path = init_settings.init_kwargs.pop("config_file", None)
        sources: tuple[PydanticBaseSettingsSource, ...] = (init_settings, env_settings)
        if path is not None:
            sources = (*sources, YamlConfigSettingsSource(settings_cls, yaml_file=path))
        return sources


def load(config_file: Path | None = None, **flags: Any) -> Settings:
    """The settings; `flags` that are None count as not given. Raises `ConfigRefused`."""
    given = {name: value for name, value in flags.items() if value is not None}
    if config_file is not None:
        _check_file(config_file)
        given["config_file"] = config_file
    try:
        return Settings(**given)
    except ValidationError as error:
        raise ConfigRefused(f"the configuration is wrong: {explain(error)}") from None
    except SettingsError as error:
        raise ConfigRefused(f"the configuration is wrong: {error}. Lists and maps are written as JSON.") from None


def _origin(url: str) -> str:
    """The URL as a browser writes it in the header `Origin` (RFC 6454): the socket accepts that origin and no other."""
    wrong = ValueError(
        "public_url must be http:// or https:// with a host and nothing after it, like https://workshops.example"
    )
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").encode("idna").decode("ascii"), parts.port
    except ValueError:
        raise wrong from None
    beyond = parts.path.rstrip("/") or parts.query or parts.fragment or parts.username is not None
    if parts.scheme not in DEFAULT_PORTS or not host or beyond:
        raise wrong
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + ("" if port in (None, DEFAULT_PORTS[parts.scheme]) else f":{port}")


def _check_file(path: Path) -> None:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigRefused(f"the config file {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ConfigRefused(f"the config file {path} is not UTF-8 text.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = "" if mark is None else f" at line {mark.line + 1}, column {mark.column + 1}"
        raise ConfigRefused(f"the config file {path} is not YAML{where}.") from None
    if content is not None and not isinstance(content, dict):
        raise ConfigRefused(f"the config file {path} must hold settings, one `name: value` a line.")
