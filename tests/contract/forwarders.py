"""The forwarders there are, and a transport seen from its other end: what the suite `test_forwarder*.py` is written with."""

import os
from collections.abc import Callable

from server.media import rtcp
from server.media.forwarder import (
    AddSlot,
    AddSource,
    AddTransport,
    Datagram,
    Forwarder,
)
from server.media.python_forwarder import PythonForwarder
from server.media.rtp import HEADER
from server.media.srtp import CmReceiver, CmSender, GcmReceiver, GcmSender, Receiver, Sender
from server.media.vp8 import Descriptor
from tests.packets import header_length, opened

MID, LEVEL, TIME = 4, 1, 2
FORWARDERS: list[Callable[[], Forwarder]] = [PythonForwarder]


class Peer:
    """A transport seen from its other end."""

    def __init__(self, forwarder: Forwarder, number: int, *, sequence: int = 0, cm: bool = False) -> None:
        receiver, sender, key_bytes = (CmReceiver, CmSender, 30) if cm else (GcmReceiver, GcmSender, 28)
        up, down = os.urandom(key_bytes), os.urandom(key_bytes)
        self.forwarder = forwarder
        self.number = number
        self.address = ("192.0.2.1", 10_000 + number)
        self.sender: Sender = sender(up)
        self.receiver: Receiver = receiver(down)
        self.servers_receiver: Receiver = receiver(up)
        forwarder.apply(
            AddTransport(
                transport=number,
                address=self.address,
                receiver=self.servers_receiver,
                sender=sender(down),
                feedback_ssrc=900 + number,
                mid_extension=MID,
                level_extension=LEVEL,
                abs_time_extension=TIME,
                sequence_extension=sequence,
            )
        )

    def source(self, number: int, ssrc: int, kind: str, *, nack: bool = False) -> None:
        payload_type, clock = (96, 90_000) if kind == "video" else (111, 48_000)
        self.forwarder.apply(
            AddSource(
                source=number,
                transport=self.number,
                ssrc=ssrc,
                payload_type=payload_type,
                kind=kind,
                clock_hz=clock,
                max_bps=0,
                nack=nack,
            )  # type: ignore[arg-type]  # the kind is one of the two
        )

    def slot(self, number: int, ssrc: int, kind: str) -> None:
        payload_type, clock = (120, 90_000) if kind == "video" else (109, 48_000)
        self.forwarder.apply(
            AddSlot(
                slot=number,
                transport=self.number,
                ssrc=ssrc,
                payload_type=payload_type,
                mid=b"m7",
                clock_hz=clock,
                repair_ssrc=ssrc + 1 if kind == "video" else 0,
                repair_payload_type=121,
            )
        )

    def packet(
        self, ssrc: int, seq: int, stamp: int, body: bytes, *, number: int = 96, block: bytes = b"", padding: int = 0
    ) -> Datagram:
        first = 0x80 | (0x10 if block else 0) | (0x20 if padding else 0)
        header = HEADER.pack(first, 0x80 | number, seq & 0xFFFF, stamp & 0xFFFFFFFF, ssrc) + block
        tail = bytes(padding - 1) + bytes((padding,)) if padding else b""
        return self.sender.protect(header, body + tail, ssrc, seq), self.address

    def opened(self, datagram: Datagram) -> tuple[int, int, int, bytes, bytes]:
        """(seq, timestamp, SSRC, header, payload) of a forwarded packet."""
        packet, address = datagram
        assert address == self.address
        size = header_length(packet)
        payload, _ = opened(self.receiver, packet)
        _, _, seq, stamp, ssrc = HEADER.unpack_from(packet)
        return seq, stamp, ssrc, packet[:size], payload

    def told(self, sends: list[Datagram]) -> list[tuple[int, int, bytes]]:
        """(packet type, format, packet) of the RTCP for this peer."""
        mine = [packet for packet, address in sends if address == self.address and 192 <= packet[1] <= 223]
        return [each for packet in mine for each in rtcp.split(self.receiver.unprotect_rtcp(packet))]

    def asked_again(self, sends: list[Datagram]) -> list[int]:
        """Sequence numbers that this peer is asked to send again."""
        found = [rtcp.missing(*each) for each in self.told(sends)]
        return [seq for each in found if each is not None for seq in each[1]]


def frame(picture_id: int, *, key: bool = False, tl0: int = 3, key_index: int = 5) -> bytes:
    """A VP8 payload with every optional number."""
    return (
        bytes((0x90, 0xF0))
        + (0x8000 | picture_id).to_bytes(2, "big")
        + bytes((tl0, 0x20 | key_index, 0x00 if key else 0x01))
        + b"video"
    )


def numbers(payload: bytes) -> tuple[int, int, int]:
    descriptor = Descriptor()
    descriptor.parse(payload)
    return descriptor.picture_id, descriptor.tl0, descriptor.key_index
