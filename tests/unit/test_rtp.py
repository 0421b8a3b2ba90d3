"""Header extensions and VP8 descriptors: the quick ways find what the plain ones find."""

import random

from server.media.python_forwarder import PythonForwarder
from server.media.rtp import HEADER, Malformed, extension, two_extensions
from server.media.vp8 import Descriptor, renumbered
from tests.contract.forwarders import Peer
from tests.packets import header_length


def test_two_extensions_in_one_pass_are_where_each_alone_is_found() -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    found = 0
    for _ in range(3_000):
        body = b""
        two_byte = rng.random() < 0.3
        for number in rng.sample(range(1, 15), rng.randrange(8)):
            data = rng.randbytes(rng.choice((1, 2, 3)))
            body += bytes((number, len(data))) if two_byte else bytes((number << 4 | len(data) - 1,))
            body += data + bytes(rng.randrange(2))
        body += bytes(-len(body) % 4)
        profile = b"\x10\x00" if two_byte else b"\xbe\xde"
        packet = HEADER.pack(0x90, 96, 1, 2, 3) + profile + (len(body) // 4).to_bytes(2, "big") + body + b"payload"
        one, other = rng.sample(range(1, 15), 2)
        at = two_extensions(packet, 12, one << 4 | 1, other << 4)
        for number, size, place in ((one, 2, at[0]), (other, 1, at[1])):
            data_there = extension(packet, number)
            if data_there is not None and len(data_there) == size:
                found += 1
                assert packet[place : place + size] == data_there
            else:
                assert place == 0
    assert found > 200


def test_broken_extensions_are_never_found_behind_their_block() -> None:
    rng = random.Random(5)
    for _ in range(5_000):
        packet = (
            HEADER.pack(0x90, 96, 1, 2, 3) + rng.choice((b"\xbe\xde", b"\x10\x00")) + b"\x00\x02" + rng.randbytes(8)
        )
        assert header_length(packet) == len(packet)
        try:
            places = two_extensions(packet, 12, rng.randint(1, 14) << 4 | 1, rng.randint(1, 14) << 4)
        except IndexError:  # which the forwarder counts as malformed
            continue
        assert all(place + 1 <= len(packet) for place in places)


def test_the_forwarder_measures_headers_as_the_plain_way_does() -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    forwarder = PythonForwarder()
    peer = Peer(forwarder, 1, sequence=3)
    refused = 0
    for number in range(3_000):
        packet = bytearray(HEADER.pack(0x80, 96, number, 2, number)) + rng.randbytes(rng.choice((0, 1, 3, 8, 40, 100)))
        packet[0] = rng.choice((0x90, 0x80, 0x92, 0x8F, 0x9F, 0x50, rng.randrange(256)))
        if packet[0] & 0x10 and len(packet) > 15:
            packet[14:16] = rng.randrange(12).to_bytes(2, "big")
        del packet[rng.choice((0, 1, 2, 11, 12)) if rng.random() < 0.1 else len(packet) :]
        if len(packet) < 2:
            continue  # is not handed to the forwarder
        dropped = forwarder.dropped.copy()
        forwarder.handle(1_000_000, [(bytes(packet), peer.address)])
        try:
            header_length(bytes(packet))
        except Malformed:
            refused += 1
            assert forwarder.dropped - dropped == {"malformed": 1}, packet.hex()
        else:
            assert forwarder.dropped - dropped == {"unauthentic": 1}, packet.hex()
    assert refused > 500


def test_a_descriptor_that_is_reused_knows_what_a_new_one_reads() -> None:
    """The further packets of a frame are known by their first bytes and not read again."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    reused = Descriptor()
    names = [
        name for name in Descriptor.__slots__ if name not in ("continuation", "height", "layered", "picture_id_bits")
    ]
    read = 0
    for _ in range(400):
        frame = bytes((0x80, rng.choice((0x80, 0xE0, 0xF0, 0xC0)))) + (0x8000 | rng.randrange(0x8000)).to_bytes(
            2, "big"
        )
        frame += bytes((rng.randrange(256), rng.randrange(256)))
        for part in range(rng.randrange(1, 5)):
            first = 0x90 if part == 0 and rng.random() < 0.9 else rng.choice((0x80, 0x80, 0x81, 0x10, 0x00))
            payload = bytes((first,)) + frame[1:] + rng.randbytes(rng.choice((0, 3, 12)))
            fresh = Descriptor()
            try:
                fresh.parse(payload)
            except Malformed:
                continue
            reused.parse(payload)
            read += 1
            for name in names:
                at = f"{name}_at"
                if not hasattr(fresh, at) or getattr(fresh, at):  # a number that is absent stays what it was
                    assert getattr(reused, name) == getattr(fresh, name), (name, payload.hex())
    assert read > 200


def test_renumbering_changes_the_numbers_and_nothing_else() -> None:
    payload = bytes.fromhex("90f0 fffe ff 7f 01") + b"picture"
    descriptor = Descriptor()
    descriptor.parse(payload)
    again = renumbered(payload, descriptor, 3, 2, 1)
    assert again == bytes.fromhex("90f0 8001 01 60 01") + b"picture"
    short = bytes.fromhex("90 80 7f 01")
    descriptor.parse(short)
    assert renumbered(short, descriptor, 2, 9, 9) == bytes.fromhex("90 80 01 01")
