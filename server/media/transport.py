"""One participant's connection: its ICE credentials, its bound address, its DTLS, its sections. State only; `server` drives it."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from server.media import sdp
from server.media.dtls import Dtls
from server.media.forwarder import Address, AddSlot, AddTransport
from server.media.layers import Downlink
from server.media.sdp import Offer, Section
from server.media.srtp import Receiver, Sender
from server.media.tcp import TcpAddress
from server.media.values import Binding, MediaLimits, OfferRefused, SlotSpec

KIND_OF = {
    "mic": "audio",
    "screen_audio": "audio",
    "audio": "audio",
    "camera": "video",
    "screen": "video",
    "video": "video",
}
SENT = ("mic", "camera", "screen", "screen_audio")
RECEIVED = ("audio", "video", "screen", "screen_audio")
PREFERRED_S = 5.0
"""So long UDP that was nominated is not given up for TCP. A client that wants TCP nominates it again and again (Chromium), or restarts ICE."""


@dataclass(slots=True)
class Transport:
    """`number` is what the forwarder knows it by."""

    number: int
    endpoint: str
    offer: Offer
    sent: dict[str, Section]
    """Medium → the section in which the client sends it."""
    received: dict[str, tuple[str, Section]]
    """Mid → (medium, section) of what the client receives."""
    ssrcs: dict[str, int]
    started_s: float
    last_check_s: float
    passwords: dict[str, str] = field(default_factory=dict)
    """User name → password, the newest last; after a restart of ICE the former ones hold until the new ones have been used."""
    session_id: int = field(default_factory=lambda: secrets.randbits(40))
    version: int = 0
    feedback_ssrc: int = field(default_factory=lambda: secrets.randbits(31) + 1)
    state: Literal["waiting", "handshake", "connected", "closed"] = "waiting"
    address: Address | None = None
    nominated_s: float = 0.0
    """When the address was nominated last."""
    transactions: dict[bytes, Address] = field(default_factory=dict)
    """Who made which of the latest connectivity checks."""
    dtls: Dtls | None = None
    downlink: Downlink = field(default_factory=Downlink)
    routed: dict[str, tuple[Binding | None, int | None]] = field(default_factory=dict)
    """Mid → what its slot carries, and the source that was routed to it."""
    wished: dict[str, int | None] = field(default_factory=dict)
    """Mid → the source it should carry, which may not come yet."""
    revision: int = -1
    """Of what those send who are seen and heard, when the routes were chosen."""
    limited: bool = False
    """Whether its network showed a limit then."""
    thin: set[str] = field(default_factory=set)
    """Mids whose slots carry half the frames."""
    repair_ssrcs: dict[str, int] = field(default_factory=dict)
    """Mid → SSRC of the slot's retransmissions, where the client takes them."""
    slots: dict[str, int] = field(default_factory=dict)
    """Mid → slot number."""

    def renew(self) -> str:
        """New ICE credentials; the user name."""
        ufrag = secrets.token_hex(6)
        self.passwords[ufrag] = secrets.token_hex(16)
        self.version += 1
        return ufrag

    def used_up(self, ufrag: str) -> list[str]:
        """The user names that hold no longer because `ufrag` has been used; their passwords are gone then."""
        if ufrag != next(reversed(self.passwords), None):
            return []
        old = list(self.passwords)[:-1]
        for each in old:
            del self.passwords[each]
        return old

    def takes(self, address: Address, now_s: float, *, anew: bool) -> bool:
        """Whether an address that is nominated now is the one to use; `anew`: by the first check after a restart of ICE.

        Of several pairs the best is taken (RFC 8445 section 8.1.1), so TCP replaces no UDP that was nominated just now: Firefox nominates both at
        once, in any order, then speaks over UDP and closes the other.
        """
        lesser = (
            isinstance(address, TcpAddress) and self.address is not None and not isinstance(self.address, TcpAddress)
        )
        if lesser and not anew and now_s - self.nominated_s < PREFERRED_S:
            return False
        self.nominated_s = now_s
        return True

    def announcement(
        self, receiver: Receiver, sender: Sender, *, numbers: Iterator[int]
    ) -> Iterator[AddTransport | AddSlot]:
        """What a forwarder is told once the keys are known: the peer, then its slots, which get their `numbers`."""
        assert self.address is not None
        yield AddTransport(
            transport=self.number,
            address=self.address,
            receiver=receiver,
            sender=sender,
            feedback_ssrc=self.feedback_ssrc,
            mid_extension=self.extension(sdp.MID),
            level_extension=self.extension(sdp.AUDIO_LEVEL),
            abs_time_extension=self.extension(sdp.ABS_SEND_TIME),
            rid_extension=self.extension(sdp.RID),
            repaired_rid_extension=self.extension(sdp.REPAIRED_RID),
            sequence_extension=self.extension(sdp.TRANSPORT_CC),
        )
        for mid, (_, section) in self.received.items():
            self.slots[mid] = next(numbers)
            assert section.payload_type is not None
            yield AddSlot(
                slot=self.slots[mid],
                transport=self.number,
                ssrc=self.ssrcs[mid],
                payload_type=section.payload_type,
                mid=mid.encode(),
                clock_hz=sdp.CLOCK_HZ[section.kind],
                repair_ssrc=self.repair_ssrcs.get(mid, 0),
                repair_payload_type=section.repair_payload_type or 0,
            )

    def same_as(self, offer: Offer, sent: Mapping[str, Section], received: Mapping[str, tuple[str, Section]]) -> bool:
        """Whether an offer comes from the connection that this transport belongs to: the same certificate and the same sections."""
        return (
            self.state != "closed"
            and self.offer.fingerprints == offer.fingerprints
            and {medium: section.mid for medium, section in self.sent.items()}
            == {medium: section.mid for medium, section in sent.items()}
            and {mid: medium for mid, (medium, _) in self.received.items()}
            == {mid: medium for mid, (medium, _) in received.items()}
        )

    def extension(self, uri: str) -> int:
        """The header extension id that the offer gives to `uri` in every section that has it; 0 without one."""
        return next((number for s in self.offer.sections if (number := s.extensions.get(uri, 0)) <= 14 and number), 0)


def match(
    offer: Offer, slots: list[SlotSpec], limits: MediaLimits
) -> tuple[dict[str, Section], dict[str, tuple[str, Section]]]:
    """(sent, received) of a `Transport`. Raises `OfferRefused` where offer and slots do not belong together."""
    by_mid = {section.mid: section for section in offer.sections}
    if sorted(by_mid) != sorted(slot.mid for slot in slots):
        message = "The slots must name each section of the offer once, by its mid."
        raise OfferRefused("slots_mismatch", message)
    sent: dict[str, Section] = {}
    received: dict[str, tuple[str, Section]] = {}
    for slot in slots:
        section = by_mid[slot.mid]
        where = f"The section at line {section.line} (mid {slot.mid})"
        if section.kind != KIND_OF[slot.media]:
            raise OfferRefused("slots_mismatch", f"{where} is {section.kind}, which cannot be used for {slot.media}.")
        wanted, known = ("sendonly", SENT) if slot.direction == "send" else ("recvonly", RECEIVED)
        if section.direction != wanted or slot.media not in known:
            message = f"{where} is {section.direction}, which cannot be used to {slot.direction} {slot.media}."
            raise OfferRefused("slots_mismatch", message)
        if slot.direction == "receive":
            received[slot.mid] = (slot.media, section)
        elif slot.media in sent:
            raise OfferRefused("slots_mismatch", f"{where} is a second one for {slot.media}; there can be one.")
        else:
            sent[slot.media] = section
    sources = sum(max(1, len(section.rids)) for section in sent.values())
    if sources > limits.max_sources:
        message = f"The offer sends {sources} streams, layers included; at most {limits.max_sources} are taken."
        raise OfferRefused("offer_too_large", message)
    if len(received) > limits.max_receive_slots:
        message = f"The offer has {len(received)} receive slots; at most {limits.max_receive_slots} are given."
        raise OfferRefused("offer_too_large", message)
    return sent, received
