"""The forwarder's interface: what it is told, what it says, and nothing of how.

Theory of operation. A forwarder is sans-I/O. It is told of transports (an address with keys), sources (an SSRC that a transport sends), slots
(an SSRC that a transport receives) and routes (which source a slot carries). It is given datagrams with the time, and gives back
datagrams to send and notes for the policy. It knows no room and no person, asks no clock and draws nothing.

A second implementation must pass the same suite (`tests/contract/test_forwarder*.py`), so the interface is small and byte-exact.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from server.media.srtp import Receiver, Sender

Address = tuple[str, int]
"""IP address and UDP port."""
Datagram = tuple[bytes, Address]
Kind = Literal["audio", "video"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTransport:
    """A peer whose keys are known. `feedback_ssrc` is the sender SSRC of what we say about its media."""

    transport: int
    address: Address
    receiver: Receiver
    sender: Sender
    feedback_ssrc: int
    mid_extension: int
    """Header extension ids of this connection; 0 where not negotiated."""
    level_extension: int
    abs_time_extension: int
    rid_extension: int = 0
    repaired_rid_extension: int = 0
    sequence_extension: int = 0
    """Transport-wide numbers: the peer is told which packets came and when, instead of a figure (REMB)."""


@dataclass(frozen=True, slots=True)
class MoveTransport:
    """The peer's address has changed (ICE found a better one, or its network did)."""

    transport: int
    address: Address


@dataclass(frozen=True, slots=True)
class RemoveTransport:
    """The peer is gone, with its sources, slots and routes."""

    transport: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSource:
    """A transport sends this SSRC: a microphone, or one layer of a picture. `clock_hz` is the RTP clock."""

    source: int
    transport: int
    ssrc: int
    payload_type: int
    kind: Kind
    clock_hz: int
    max_bps: int
    """What the peer is told it may send for this source, bits a second; 0 says nothing."""
    nack: bool = False
    """Whether the peer sends again what is missing when it is asked (RFC 4585)."""


@dataclass(frozen=True, slots=True)
class AddRepair:
    """A transport sends a source's retransmissions with this SSRC (RFC 4588)."""

    transport: int
    source: int
    ssrc: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSlot:
    """A transport receives this SSRC, whatever source it carries."""

    slot: int
    transport: int
    ssrc: int
    payload_type: int
    mid: bytes
    clock_hz: int
    repair_ssrc: int = 0
    """With what the slot's retransmissions are sent; 0 where the peer did not negotiate them."""
    repair_payload_type: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """A slot carries a source from now on; None: nothing. With `keep` it goes on with what it carries until the new source's key frame,

    which is right between two layers of one picture and wrong between two people.
    """

    slot: int
    source: int | None
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Thin:
    """A slot carries temporal layers up to this one (0 to 3; VP8, RFC 7741): less from its next frame on, more from where the picture allows it."""

    slot: int
    temporal: int


Change = AddTransport | MoveTransport | RemoveTransport | AddSource | AddRepair | AddSlot | Route | Thin


@dataclass(frozen=True, slots=True)
class UnknownSource:
    """A transport sent an SSRC that was not announced, with these identifiers (RFC 8852; each empty where it did not say)."""

    transport: int
    ssrc: int
    payload_type: int
    mid: bytes
    rid: bytes = b""
    repaired_rid: bytes = b""


@dataclass(frozen=True, slots=True)
class ReceiverEstimate:
    """A receiver can take this many bits a second (REMB)."""

    transport: int
    bps: int


@dataclass(frozen=True, slots=True)
class ReceiverLoss:
    """Of so many packets a receiver has lost so many since its last report, which also shows the round trip."""

    transport: int
    expected: int
    lost: int
    rtt_ms: int | None = None


Note = UnknownSource | ReceiverEstimate | ReceiverLoss


@dataclass(frozen=True, slots=True)
class SourceActivity:
    """What a source did since it was last asked: packets, and how loud (mean of 127 − dBov per packet, 0 is silence)."""

    source: int
    packets: int
    loudness: float
    octets: int = 0
    height: int = 0
    """Pixels, as the latest key frame said; 0 for sound."""
    temporal: bool = False
    """Whether it has temporal layers."""


class Forwarder(Protocol):
    """See the module's text."""

    dropped: Counter[str]
    """Packets dropped by reason."""

    def apply(self, change: Change) -> None:
        """Take a change over. Raises KeyError for an id it was not told of."""

    def handle(
        self, now_us: int, datagrams: Sequence[Datagram], came_us: Sequence[int] = ()
    ) -> tuple[list[Datagram], list[Note]]:
        """What to send because of these datagrams, pictures before sound and what has one SSRC in order.

        `now_us` is Unix time in microseconds, never smaller than before; `came_us` says when each of them came, where that is
        known better: not later than now.
        """

    def tick(self, now_us: int) -> list[Datagram]:
        """Reports and requests that are due; call every 20 ms."""

    def activity(self) -> list[SourceActivity]:
        """Of every source, since the last call."""
