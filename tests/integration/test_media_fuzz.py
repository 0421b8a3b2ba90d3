"""Real packets with something wrong in them, by the thousand: no exception escapes, nothing of it is forwarded, and media goes on.

Two sorts: bytes changed on the way, which fail authentication, and packets that are authentic but say nonsense, which only a participant can send.
`make fuzz-media` does a million; the seed is printed.
"""

import argparse
import asyncio
import random
import time

from server.media import MediaLimits, MediaServer, rtcp
from server.media.rtp import HEADER, extension_block
from tests.bench.media_node import rss_kib
from tests.integration.test_media_hostile import Listener, drain, join
from tests.packets import opened
from tests.synthetic import LEVEL_EXT, SyntheticEndpoint

EVERY = 500
"""Packets between two looks at whether media still gets through."""
HELLO = bytes.fromhex("16fefd00000000000000000030010000240000000000000024fefd") + bytes(40)


def mutated(rng: random.Random, packet: bytes) -> bytes:
    """A packet with a few things changed: bits, bytes, its length, its head."""
    changed = bytearray(packet)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        if not changed:
            break
        at = rng.randrange(len(changed)) if rng.random() < 0.5 else rng.randrange(min(24, len(changed)))
        match rng.randrange(6):
            case 0:
                changed[at] ^= 1 << rng.randrange(8)
            case 1:
                changed[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
            case 2:
                del changed[at : at + rng.randrange(1, 30)]
            case 3:
                changed[at:at] = rng.randbytes(rng.randrange(1, 30))
            case 4:
                del changed[at:]
            case 5:
                changed += changed[at:][:100]
    return bytes(changed)


def authentic_nonsense(rng: random.Random, ann: SyntheticEndpoint) -> bytes:
    """A packet with the right tag and the wrong contents: RTP with broken extensions, padding and VP8 descriptors, RTCP of every kind."""
    assert ann.sender is not None
    stream = rng.choice(list(ann.streams.values()))
    if rng.random() < 0.5:
        bodies = [
            rtcp.nack(1, rng.getrandbits(32), [rng.randrange(65_536) for _ in range(rng.randrange(1, 60))]),
            rtcp.picture_loss(1, rng.getrandbits(32)),
            rtcp.bandwidth(1, rng.getrandbits(rng.randrange(1, 60)) & 0x3FFFF, [stream.ssrc]),
            rtcp.sender_report(stream.ssrc, rng.getrandbits(64), rng.getrandbits(32), 1, 1),
            rtcp.receiver_report(
                1, [(stream.ssrc, 255, rng.getrandbits(23), rng.getrandbits(32), 0, rng.getrandbits(64))]
            ),
            rng.randbytes(rng.randrange(8, 80)),
        ]
        return ann.sender.protect_rtcp(mutated(rng, rng.choice(bodies))[:1_200].ljust(8, b"\x80"))
    stream.index += rng.choice((1, 1, 1, 2, 200))
    number = rng.choice((111, 96, 97, rng.randrange(128)))
    first = 0x80 | rng.choice((0, 0x10, 0x20, 0x30))
    header = HEADER.pack(first, rng.choice((0, 0x80)) | number, stream.index & 0xFFFF, rng.getrandbits(32), stream.ssrc)
    if first & 0x10:
        block = extension_block([(LEVEL_EXT, b"\x80"), (rng.randrange(1, 15), rng.randbytes(rng.randrange(1, 16)))])
        words = len(block) - 4
        header += block[:4] + (mutated(rng, block[4:])[:words].ljust(words, b"\xff"))
    body = rng.choice((b"", b"\x90", b"\x90\xff", rng.randbytes(rng.randrange(1, 200)), b"\x90\x80\xff"))
    return ann.sender.protect(header, body, stream.ssrc, stream.index)


async def fuzz(count: int, seed: int) -> dict[str, int]:
    """Send so many; the server's counters. Raises AssertionError where an exception escaped or media did not get through."""
    rng = random.Random(seed)
    escaped: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: escaped.append(context))
    listener = Listener()
    media = MediaServer(host="127.0.0.1", port=0, public_ips=[], limits=MediaLimits(), listener=listener, tcp=False)
    await media.start()
    sending = [("send", "mic"), ("send", "camera")]
    ann, eve = await join(media, "ann", sending), await join(media, "eve", sending)
    bob = await join(media, "bob", [("receive", "audio"), ("receive", "video"), ("receive", "audio")])
    media.place("eve", "cell")  # her nonsense may be forwarded to those who are with her, and to nobody else
    jailer = await join(media, "jailer", [("receive", "audio"), ("receive", "video")])
    media.place("jailer", "cell")
    for sent in range(count):
        kind = rng.randrange(5)
        if kind == 0:
            eve.socket.send(authentic_nonsense(rng, eve))
        elif kind == 1:
            ann.socket.send(mutated(rng, ann.audio_packet()))
        elif kind == 2:
            bob.socket.send(mutated(rng, rng.choice((bob.check(), HELLO))))
        elif kind == 3:
            assert bob.sender is not None
            body = rtcp.nack(1, rng.getrandbits(32), [1, 2, 3]) + rtcp.picture_loss(1, 5)
            bob.socket.send(mutated(rng, bob.sender.protect_rtcp(body)))
        else:
            ann.socket.send(mutated(rng, ann.video_packet(size=200)))
        if sent % 50 == 49:
            await asyncio.sleep(0)
        if sent % EVERY == EVERY - 1:
            await asyncio.sleep(0.01)
            drain(jailer.socket)
            drain(eve.socket)
            await heard(ann, bob)
            for endpoint in (ann, bob, eve, jailer):  # or the server takes them for gone
                endpoint.socket.send(endpoint.check())
            assert listener.lost == []
            assert escaped == [], escaped[:1]
    stats = media.stats()
    for endpoint in (ann, bob, eve, jailer):
        await endpoint.close()
    await media.close()
    return stats


async def heard(ann: SyntheticEndpoint, bob: SyntheticEndpoint) -> None:
    """Ten good packets get through, and nothing else but what they say."""
    assert bob.receiver is not None
    drain(bob.socket)
    mine = set()
    for _ in range(10):
        packet = ann.audio_packet()
        mine.add(packet)
        ann.socket.send(packet)
    got = 0
    deadline = time.monotonic() + 5
    while got < 10 and time.monotonic() < deadline:
        await asyncio.sleep(0.005)
        for packet in drain(bob.socket):
            if packet[0] & 0xC0 == 0x80 and not 192 <= packet[1] <= 223:
                payload, _ = opened(bob.receiver, packet)
                assert len(payload) == 80, "something that nobody sent was forwarded"
                got += 1
    assert got == 10, f"{got} of 10 packets got through"


async def test_ten_thousand_mutated_packets_harm_nobody() -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    stats = await fuzz(10_000, seed)
    print(stats)
    for reason in ("unauthentic", "malformed", "stun malformed or unauthentic"):
        assert stats[f"dropped: {reason}"] > 50, reason


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    began = time.monotonic()
    asyncio.run(fuzz(min(arguments.count, 20_000), arguments.seed + 1))  # what is made once has been made
    before_kib = rss_kib()
    print(asyncio.run(fuzz(arguments.count, arguments.seed)))
    print(
        f"fuzz: {arguments.count} packets, no exception, media unharmed; rss_mib before={before_kib / 1024:.1f} "
        f"after={rss_kib() / 1024:.1f}; {time.monotonic() - began:.0f} s"
    )
