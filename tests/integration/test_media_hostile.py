"""The UDP port against everybody: dropped and counted, never answered too much, never an exception, legitimate media unharmed.

The mutations are made from a printed seed; `ATELIER_MUTATIONS` sets how many.
"""

import asyncio
import os
import random
import socket
import struct
from collections.abc import AsyncIterator, Sequence

import pytest
from aioice import stun

from server.media import Binding, MediaLimits, MediaServer, tcp
from server.media.rtp import HEADER, extension_block
from server.media.tcp import TcpAddress
from server.media.transport import PREFERRED_S
from tests.packets import opened
from tests.synthetic import SyntheticEndpoint

MUTATIONS = int(os.environ.get("ATELIER_MUTATIONS", "200000"))


class Listener:
    def __init__(self) -> None:
        self.lost: list[tuple[str, str]] = []

    def bound(self, endpoint: str, bindings: dict[str, Binding | None]) -> None: ...

    def speaking(self, room: str, endpoints: Sequence[str]) -> None: ...

    def spoke(self, endpoint: str, ms: int) -> None: ...

    def paused(self, endpoint: str, media: str, rids: Sequence[str]) -> None: ...

    def closed(self, endpoint: str, code: str) -> None:
        self.lost.append((endpoint, code))


class Stage:
    """A server, somebody who sends and somebody who receives."""

    def __init__(self, media: MediaServer, listener: Listener, ann: SyntheticEndpoint, bob: SyntheticEndpoint) -> None:
        self.media, self.listener, self.ann, self.bob = media, listener, ann, bob
        self.stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.stranger.connect(("127.0.0.1", media.port))
        self.stranger.setblocking(False)

    async def heard(self, count: int = 20) -> int:
        """How many of `count` audio packets of ann reach bob, once the server has read what came before."""
        read = -1
        while read != (read := self.media.stats()["received"]):
            await asyncio.sleep(0.05)
        drain(self.bob.socket)
        for _ in range(count):
            self.ann.socket.send(self.ann.audio_packet())
        assert self.bob.receiver is not None
        got = 0
        for _ in range(200):
            await asyncio.sleep(0.05)
            for packet in drain(self.bob.socket):
                if packet[0] & 0xC0 == 0x80 and not 192 <= packet[1] <= 223:
                    opened(self.bob.receiver, packet)
                    got += 1
            if got >= count:
                break
        return got

    async def answers_to(self, *datagrams: bytes) -> list[bytes]:
        """What a stranger gets back."""
        for datagram in datagrams:
            self.stranger.send(datagram)
        await asyncio.sleep(0.1)
        return drain(self.stranger)

    def dropped(self) -> dict[str, int]:
        return {name: count for name, count in self.media.stats().items() if name.startswith("dropped")}


def drain(sock: socket.socket) -> list[bytes]:
    got = []
    while True:
        try:
            got.append(sock.recv(4096))
        except (BlockingIOError, ConnectionError):
            return got


async def join(media: MediaServer, name: str, slots: list[tuple[str, str]]) -> SyntheticEndpoint:
    endpoint = SyntheticEndpoint(slots)
    answer = await media.connect(name, endpoint.offer(), endpoint.specs())
    media.place(name, "room")
    await endpoint.connect(answer)
    return endpoint


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    listener = Listener()
    media = MediaServer(host="127.0.0.1", port=0, public_ips=[], limits=MediaLimits(), listener=listener)
    await media.start()
    unhandled: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: unhandled.append(context))
    ann = await join(media, "ann", [("send", "mic"), ("send", "camera")])
    bob = await join(media, "bob", [("receive", "audio"), ("receive", "video")])
    made = Stage(media, listener, ann, bob)
    assert await made.heard() == 20
    yield made
    assert unhandled == []
    made.stranger.close()
    for endpoint in (ann, bob):
        await endpoint.close()
    await media.close()


async def test_junk_gets_no_answer_and_is_counted(stage: Stage) -> None:
    junk = [
        b"\x00",
        b"\xff" * 40,
        b"\x50" * 30,
        b"\x80",
        b"\x16\xfe\xfd" + bytes(60),
        b"\x80\x6f" + bytes(50),
        b"\x80\xc8" + bytes(50),
    ]
    assert await stage.answers_to(*junk) == []
    dropped = stage.dropped()
    for reason in ("unknown protocol", "short", "dtls unbound", "unbound", "stun malformed or unauthentic"):
        assert dropped.get(f"dropped: {reason}"), (reason, dropped)
    assert await stage.heard() == 20


async def test_stun_without_or_with_wrong_integrity_or_cut_off_gets_no_answer(stage: Stage) -> None:
    good = stage.ann.check()
    bare = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    bare.attributes["USERNAME"] = f"{stage.ann.remote_ufrag}:x"
    bare.attributes["USE-CANDIDATE"] = None
    wrong = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    wrong.attributes["USERNAME"] = f"{stage.ann.remote_ufrag}:x"
    wrong.add_message_integrity(b"not the password")
    foreign = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    foreign.attributes["USERNAME"] = "nobody:x"
    foreign.add_message_integrity(b"x")
    cut = [good[:size] for size in range(1, len(good))]
    assert await stage.answers_to(bytes(bare), bytes(wrong), bytes(foreign), *cut) == []
    assert await stage.heard() == 20


async def test_a_check_repeated_from_elsewhere_or_cut_behind_its_integrity_takes_nothing_over(stage: Stage) -> None:
    check = stage.ann.check()
    stage.ann.socket.send(check)
    await asyncio.sleep(0.1)
    unfinished = bytearray(stage.ann.check())
    unfinished[-8:-6] = b"\xff\x28"  # what was FINGERPRINT is an attribute that nobody knows
    assert await stage.answers_to(check, bytes(unfinished)) == []
    assert await stage.heard() == 20


async def test_tcp_takes_no_connection_over_from_udp(stage: Stage) -> None:
    """Firefox nominates both at once, speaks over UDP, and closes TCP: what came last must not count."""
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.media.port)

    async def by_tcp() -> None:
        check = stage.ann.check()
        writer.write(struct.pack("!H", len(check)) + check)
        async with asyncio.timeout(60):
            await reader.readexactly(struct.unpack("!H", await reader.readexactly(2))[0])

    stage.ann.socket.send(stage.ann.check())
    await by_tcp()
    assert await stage.heard() == 20
    stage.media._transports["ann"].nominated_s -= PREFERRED_S  # as if UDP were not nominated any more
    await by_tcp()
    assert isinstance(stage.media._transports["ann"].address, TcpAddress)
    stage.ann.socket.send(stage.ann.check())
    assert await stage.heard() == 20
    writer.close()


async def test_who_floods_is_cut_off_and_the_others_are_not() -> None:
    listener = Listener()
    limits = MediaLimits(max_packets_per_second=300)
    media = MediaServer(host="127.0.0.1", port=0, public_ips=[], limits=limits, listener=listener, tcp=False)
    await media.start()
    ann, eve = [await join(media, name, [("send", "mic")]) for name in ("ann", "eve")]
    async with asyncio.timeout(60):
        while not listener.lost:
            ann.socket.send(ann.audio_packet())
            for _ in range(60):
                eve.socket.send(eve.audio_packet())
            await asyncio.sleep(0.02)
    assert listener.lost == [("eve", "flooding")]
    for endpoint in (ann, eve):
        await endpoint.close()
    await media.close()


async def taking_over(stage: Stage, name: str) -> SyntheticEndpoint:
    """An endpoint whose checks are good, whoever sends them."""
    endpoint = SyntheticEndpoint([("receive", "audio")])
    answer = await stage.media.connect(name, endpoint.offer(), endpoint.specs())
    values = dict(line[2:].partition(":")[::2] for line in answer.splitlines())
    endpoint.remote_ufrag, endpoint.remote_password = values["ice-ufrag"], values["ice-pwd"]
    return endpoint


async def test_who_takes_an_address_over_that_is_in_use_breaks_nothing_but_that(stage: Stage) -> None:
    """Somebody with two invitations nominates the address of one connection for the other, and goes on sending with the keys of the first."""
    thief = await taking_over(stage, "dee")
    ann = stage.ann
    assert ann.sender is not None
    unknown = ann.sender.protect(HEADER.pack(0x80, 111, 7, 1, 4_711), bytes(20), 4_711, 7)
    ann.socket.send(thief.check())
    for _ in range(3):
        ann.socket.send(unknown)
    await asyncio.sleep(0.1)
    ann.socket.send(ann.check())
    assert await stage.heard() == 20
    assert stage.listener.lost == []


async def test_an_address_taken_over_while_a_handshake_ends_fails_that_handshake_alone(stage: Stage) -> None:
    thief = await taking_over(stage, "dee")
    cid = SyntheticEndpoint([("receive", "audio")])
    plain = cid.send

    def send(packet: bytes) -> None:
        plain(packet)
        if b"\x16\xfe\xfd\x00\x01" in packet:  # the handshake's last message, the first that is encrypted
            plain(thief.check())

    cid.send = send  # type: ignore[method-assign]  # what it sends is what this test is about
    answer = await stage.media.connect("cid", cid.offer(), cid.specs())
    with pytest.raises(ConnectionError):
        await cid.connect(answer, within_s=3)
    async with asyncio.timeout(30):
        while ("cid", "dtls_failed") not in stage.listener.lost:
            await asyncio.sleep(0.05)
    await cid.close()
    assert await stage.heard() == 20


@pytest.mark.parametrize("who", ["nobody", "somebody", "who is gone"])
async def test_a_tcp_connection_stays_only_while_authenticated_checks_come_by_it(
    stage: Stage, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "FIRST_WITHIN_S", 1.0)
    monkeypatch.setattr(tcp, "NEXT_WITHIN_S", 1.0)
    person = await taking_over(stage, "dee")
    if who == "nobody":
        person.remote_ufrag = "unknown"
    reader, writer = await asyncio.open_connection("127.0.0.1", stage.media.port)
    loop, closed = asyncio.get_running_loop(), False
    began_s = loop.time()
    while not closed and loop.time() - began_s < (4 if who == "somebody" else 30):
        if who == "who is gone" and loop.time() - began_s > 0.5:
            stage.media.disconnect("dee")
        check = person.check()
        writer.write(bytes(2) + struct.pack("!H", len(check)) + check)
        await asyncio.sleep(0.05)
        try:
            async with asyncio.timeout(0.01):
                while await reader.read(4_096):
                    pass
            closed = True
        except ConnectionError:
            closed = True
        except TimeoutError:
            continue
    assert closed is (who != "somebody")
    writer.transport.abort()
    assert await stage.heard() == 20


async def test_an_answer_is_never_larger_than_its_question(stage: Stage) -> None:
    good = stage.ann.check(nominate=False)
    answers = await stage.answers_to(good)
    assert len(answers) == 1
    assert len(answers[0]) <= len(good)


async def test_a_client_hello_from_a_third_address_does_not_break_a_handshake(stage: Stage) -> None:
    cid = SyntheticEndpoint([("receive", "audio")])
    answer = await stage.media.connect("cid", cid.offer(), cid.specs())
    connecting = asyncio.ensure_future(cid.connect(answer))
    hello = bytes.fromhex("16feff000000000000000000") + bytes(180)
    while not connecting.done():
        stage.stranger.send(hello)
        await asyncio.sleep(0.002)
    await connecting
    await cid.close()
    assert await stage.heard() == 20


async def test_authentic_packets_with_wrong_contents_do_no_harm(stage: Stage) -> None:
    """A peer that has the keys and sends nonsense under them."""
    ann = stage.ann
    assert ann.sender is not None
    rng = random.Random(7)
    ssrc = ann.streams["camera"].ssrc
    for index in range(3_000):
        block = extension_block([(rng.randint(1, 14), rng.randbytes(rng.randint(1, 16)))]) if index % 3 else b""
        header = HEADER.pack(
            0x90 if block else 0x80,
            rng.choice([96, 111, 97]),
            index + 30_000 & 0xFFFF,
            1,
            rng.choice([ssrc, index + 1]),
        )
        size = rng.choice([0, 1, 2, 3, 4, 60])
        ann.socket.send(
            ann.sender.protect(header + block, rng.randbytes(size), int.from_bytes(header[8:12], "big"), index + 30_000)
        )
        control = bytes((0x80 | rng.randint(0, 31), rng.randint(192, 223))) + rng.randbytes(rng.choice([6, 10, 26, 40]))
        ann.socket.send(ann.sender.protect_rtcp(control))
        if index % 200 == 0:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert stage.dropped().get("dropped: malformed")
    assert await stage.heard() == 20
    assert stage.listener.lost == []


async def test_mutated_packets_are_dropped_and_legitimate_media_goes_on(stage: Stage) -> None:
    seed = int(os.environ.get("ATELIER_SEED", "0")) or random.SystemRandom().randrange(2**32)
    print(f"seed {seed} (ATELIER_SEED={seed} repeats it)")
    rng = random.Random(seed)
    samples = [
        stage.ann.check(),
        stage.ann.audio_packet(),
        stage.ann.video_packet(key=True),
        bytes.fromhex("16fefd0000000000000001") + bytes(80),
    ]
    assert stage.ann.sender is not None
    samples.append(stage.ann.sender.protect_rtcp(b"\x80\xc9\x00\x01" + bytes(4)))
    for sample in samples[:3]:  # an intact check may bind whoever is the first to send it, so its owner is
        stage.ann.socket.send(sample)
    await asyncio.sleep(0.1)
    before = stage.media.stats()["received"]
    for index in range(MUTATIONS):
        sample = rng.choice(samples)
        packet = bytearray(sample)
        for _ in range(rng.randint(1, 6)):
            packet[rng.randrange(len(packet))] = rng.randrange(256)
        if rng.random() < 0.2:
            del packet[rng.randrange(1, len(packet)) :]
        if packet == sample:
            packet[-1] ^= 1
        # From a stranger, and from the bound address itself; a handshake that is broken on purpose only breaks one's own.
        first = packet[0]
        sender = stage.stranger if index % 2 or 19 < first < 64 else stage.ann.socket
        sender.send(bytes(packet))
        if index % 100 == 0:
            await asyncio.sleep(0)
    await asyncio.sleep(0.3)
    assert stage.media.stats()["received"] - before >= MUTATIONS * 0.98
    assert await stage.heard() == 20
    assert stage.listener.lost == []
