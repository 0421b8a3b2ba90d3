"""The settings of a node among others."""

from pydantic import BaseModel, ConfigDict, Field

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.\-]{0,62}$"


class ClusterSettings(BaseModel):
    """They count where `store` is a Redis, but for `load_mark`, which always does."""

    model_config = ConfigDict(extra="forbid")

    node: str | None = Field(
        default=None, pattern=NAME_PATTERN, description="This node's name, unique; host name and port if left out."
    )
    url: str | None = Field(
        default=None,
        description="Where browsers reach this node; public_url/n/<node>, or http://host:port without a public_url.",
    )
    internal_url: str | None = Field(default=None, description="Where the other nodes reach it; http://host:port.")
    lease_ms: int = Field(default=3_000, ge=300, description="How long a workshop stays with a node that is silent.")
    heartbeat_ms: int = Field(default=1_000, ge=100, description="How often a node says that it is there.")
    load_mark: float = Field(default=0.8, gt=0, le=1, description="Above this load no new workshop is taken.")
    max_workshops: int = Field(default=2_000, ge=1, description="Workshops in memory that count as full load.")
    drain_within_s: float = Field(default=60.0, gt=0, description="After this a drain is forced.")
