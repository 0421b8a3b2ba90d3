"""Layers that nobody takes: policy and forwarder together, without a network, on a clock of its own."""

from collections.abc import Sequence

import pytest

from server.media.policy import STEP_S, STEPS_A_TICK, TICK_S, Policy
from server.media.python_forwarder import PythonForwarder
from server.media.sdp import Offer, Section
from server.media.transport import Transport
from server.media.values import Binding, Tile
from tests.contract.forwarders import Peer

LAYERS = {"q": 180, "h": 360, "f": 720}


def picture(number: int, height: int) -> bytes:
    """A key frame (RFC 7741, RFC 6386 section 9.1)."""
    descriptor = bytes((0x90, 0x80)) + (0x8000 | number & 0x7FFF).to_bytes(2, "big")
    return descriptor + bytes.fromhex("0000009d012a") + bytes(2) + height.to_bytes(2, "little") + bytes(height)


class Listener:
    """What publishers were told last."""

    def __init__(self) -> None:
        self.stopped: dict[str, Sequence[str]] = {}

    def bound(self, endpoint: str, bindings: dict[str, Binding | None]) -> None: ...

    def speaking(self, room: str, endpoints: Sequence[str]) -> None: ...

    def spoke(self, endpoint: str, ms: int) -> None: ...

    def paused(self, endpoint: str, media: str, rids: Sequence[str]) -> None:
        self.stopped[endpoint] = list(rids)

    def closed(self, endpoint: str, code: str) -> None: ...


class Room:
    """Ann sends a camera in three layers, and stops those that she is told to; bob and cid have a slot each."""

    def __init__(self) -> None:
        self.forwarder = PythonForwarder()
        self.listener = Listener()
        transports = self.transports = dict[str, Transport]()
        self.policy = Policy(self.forwarder, self.listener, transports, lambda: None)
        self.ann = Peer(self.forwarder, 1)
        self._frames = self._now_us = 0
        for number, name in enumerate(("ann", "bob", "cid"), start=1):
            section = Section(line=1, kind="video", protocol="", payload_types=(96,), mid="0", rids=list(LAYERS))
            sends = name == "ann"
            transport = transports[name] = Transport(
                number=number,
                endpoint=name,
                offer=Offer(),
                sent={"camera": section} if sends else {},
                received={} if sends else {"0": ("video", section)},
                ssrcs={},
                started_s=0,
                last_check_s=0,
                state="connected",
            )
            if not sends:
                peer = Peer(self.forwarder, number)
                transport.slots["0"] = 10 * number
                peer.slot(10 * number, 7_000 + number, "video")
            self.policy.connected(transport)
            self.policy.place(name, "room")
        for source, rid in enumerate(LAYERS, start=101):
            self.ann.source(source, source, "video")
            self.policy.feeds.add("ann", "camera", rid, source)

    def stopped(self) -> list[str]:
        return list(self.listener.stopped.get("ann", ()))

    def pass_by(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK_S)):
            self._frames += 1
            for ssrc, (rid, height) in enumerate(LAYERS.items(), start=101):
                if rid not in self.stopped():
                    packet = self.ann.packet(ssrc, self._frames, 9_000 * self._frames, picture(self._frames, height))
                    self.forwarder.handle(self._now_us, [packet])
            for _ in range(STEPS_A_TICK):
                self._now_us += int(STEP_S * 1_000_000)
                self.policy.step(self._now_us)


def tile(height: int) -> list[Tile]:
    return [Tile(endpoint="ann", media="camera", width=height * 16 // 9, height=height)]


@pytest.mark.parametrize("how", ["not shown", "gone", "elsewhere"])
def test_a_layer_is_paused_also_when_its_last_viewer_stops_looking_at_anything(how: str) -> None:
    room = Room()
    room.policy.view("bob", tile(720))
    room.policy.view("cid", [])
    room.pass_by(6)
    assert room.stopped() == ["h"]
    match how:
        case "not shown":
            room.policy.view("bob", [])
        case "gone":
            del room.transports["bob"]
            room.policy.ended("bob")
        case _:
            room.policy.place("bob", "another room")
    room.pass_by(6)
    assert room.stopped() == ["h", "f"], "the smallest goes on, so that whoever begins to look sees something"
    room.policy.view("cid", tile(720))
    room.pass_by(1)
    assert room.stopped() == ["h"]
