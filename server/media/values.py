"""What the rest of the server says to the media plane and hears from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

SlotMedia = Literal["mic", "camera", "screen", "screen_audio", "audio", "video"]
"""Send slots: mic, camera, screen, screen_audio. Receive slots: audio, video (anybody's mic or camera), screen, screen_audio."""


class OfferRefused(Exception):
    """The offer cannot be answered; `code` is stable, `message` names the line and what would be right. `retryable`: later it may be."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = retryable


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSpec:
    """What the client uses one m-line of its offer for."""

    mid: str
    direction: Literal["send", "receive"]
    media: SlotMedia


@dataclass(frozen=True, slots=True)
class Binding:
    """Whose medium a receive slot carries: `mic`, `camera`, `screen` or `screen_audio` of an endpoint."""

    endpoint: str
    media: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Something a viewer shows, and how large (CSS pixels)."""

    endpoint: str
    media: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaLimits:
    """Named limits of the media plane."""

    max_transports: int = 4_000
    max_sections: int = 40
    max_sources: int = 8
    """SSRCs that one transport may send."""
    max_receive_slots: int = 32
    max_packets_per_second: int = 5_000
    max_publish_bps: int = 30_000_000
    """What one transport may send, all sources together: some ten times what a browser with a camera and a screen does.

    Whoever sends more for two seconds is cut off."""
    mic_bps: int = 64_000
    camera_bps: int = 2_000_000
    """All layers of a camera together."""
    screen_bps: int = 2_500_000
    consent_s: float = 30.0
    """Without an authenticated binding request for so long a transport is closed (RFC 7675)."""
    handshake_s: float = 20.0
    """Time from the offer to the end of the DTLS handshake."""


class MediaListener(Protocol):
    """Who is told what the media plane finds out."""

    def bound(self, endpoint: str, bindings: dict[str, Binding | None]) -> None:
        """Receive slots (by mid) of an endpoint carry something else from now on; told before the first packet."""

    def speaking(self, room: str, endpoints: Sequence[str]) -> None:
        """Who speaks in a room, loudest first; told when it changes."""

    def spoke(self, endpoint: str, ms: int) -> None:
        """An endpoint has spoken for so long since the last time this was told."""

    def paused(self, endpoint: str, media: str, rids: Sequence[str]) -> None:
        """Nobody takes these layers of what an endpoint sends, so it need not send them; all others it should. Told when it changes."""

    def closed(self, endpoint: str, code: str) -> None:
        """A transport is gone: `consent_expired`, `dtls_closed`, `dtls_failed`, `flooding`, `handshake_timeout`."""
