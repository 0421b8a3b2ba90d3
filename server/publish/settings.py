"""What is published where, as it stands in the configuration; and the sinks made from it.

A sink's name is its identity: its cursor is kept under it, so a sink that is renamed gets everything again.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from server.publish.sink import Sink
from server.publish.sinks.file import FileSink

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


SinkSettings = FileSinkSettings


class PublishSettings(BaseModel):
    """The published record."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    home_page: str | None = Field(
        default=None, description="URL that people's ids are unique within (xAPI homePage); `public_url` if left out."
    )
    chat_text: bool = Field(default=False, description="Publish what is said in open chat, not only its length.")
    sinks: tuple[SinkSettings, ...] = Field(default=(FileSinkSettings(),), description="Where events are delivered.")
