"""Feedback to publishers about when their packets came, read back by aiortc's independent understanding of the bits where it has one."""

import random
from collections.abc import Sequence

from server.media import rtcp
from server.media.twcc import Arrivals


def read(message: bytes) -> tuple[int, int, list[int | None]]:
    """(base sequence number, message count, arrival in µs of each packet or None) of a message, as the draft's section 3.1 says."""
    ((kind, fmt, packet),) = rtcp.split(message)
    assert (kind, fmt) == (205, 15)
    base, count = int.from_bytes(packet[12:14], "big"), int.from_bytes(packet[14:16], "big")
    reference, number = int.from_bytes(packet[16:19], "big"), packet[19]
    at, statuses = 20, list[int]()
    while len(statuses) < count:
        chunk = int.from_bytes(packet[at : at + 2], "big")
        at += 2
        if chunk & 0x8000 == 0:
            statuses += [chunk >> 13 & 3] * (chunk & 0x1FFF)
        elif chunk & 0x4000:
            statuses += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:
            statuses += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    time, arrivals = reference * 256, list[int | None]()
    for status in statuses[:count]:
        if status == 0:
            arrivals.append(None)
            continue
        size = 1 if status == 1 else 2
        time += int.from_bytes(packet[at : at + size], "big", signed=size == 2)
        at += size
        arrivals.append(time * 250)
    assert len(packet) - at < 4
    return base, number, arrivals


def told(messages: Sequence[bytes]) -> dict[int, int]:
    return {
        (base + place) & 0xFFFF: at
        for base, _, arrivals in map(read, messages)
        for place, at in enumerate(arrivals)
        if at is not None
    }


def test_what_came_is_told_once_with_its_time_whatever_was_lost_or_late() -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    arrivals, now_us, first = Arrivals(), 1_000_000_000_000_000, rng.randrange(65_536)
    for tick in range(60):
        batch = [first + tick * 40 + place for place in range(40) if rng.random() > 0.2]
        for at in range(0, len(batch), 5):  # up to four places out of order
            part = batch[at : at + 5]
            rng.shuffle(part)
            batch[at : at + 5] = part
        came = {}
        for seq in batch:
            now_us += rng.choice((0, 0, 300, 2_000, 90_000))
            came[seq & 0xFFFF] = now_us // 250 * 250 % (64_000 * 2**24)
            arrivals.note(seq & 0xFFFF, now_us)
        messages = arrivals.feedback(1, 2)
        found = told(messages)
        # The first message begins with the very first packet that came, which need not be the lowest.
        assert found == {seq: at for seq, at in came.items() if seq in found}
        assert len(came) - len(found) <= (4 if tick == 0 else 0)
        assert arrivals.feedback(1, 2) == []


def test_numbers_of_messages_go_on_and_long_pauses_begin_another() -> None:
    arrivals = Arrivals()
    for seq, at_s in ((65_535, 1), (0, 2), (1, 30), (2, 31)):
        arrivals.note(seq, at_s * 1_000_000)
    messages = [read(message) for message in arrivals.feedback(1, 2)]
    assert [(base, number) for base, number, _ in messages] == [(65_535, 0), (1, 1)]
    assert told(arrivals.feedback(1, 2)) == {}
    arrivals.note(30_000, 40_000_000)  # the peer has begun anew
    assert [read(message)[:2] for message in arrivals.feedback(1, 2)] == [(30_000, 2)]


def test_packets_in_order_are_told_with_their_times_also_after_a_pause_and_after_a_hole() -> None:
    arrivals, now_us = Arrivals(), 1_000_000_000_000_000
    came: dict[int, int] = {}
    seq = 65_500
    for tick in range(30):
        for place in range(10):
            now_us += 90_000 if (tick, place) == (7, 5) else 1_750  # longer than an octet of steps can say
            seq += 2 if (tick, place) == (12, 3) else 1
            arrivals.note(seq & 0xFFFF, now_us)
            came[seq & 0xFFFF] = now_us // 250 * 250 % (64_000 * 2**24)
        assert told(arrivals.feedback(1, 2)) == came, f"tick {tick}"
        assert arrivals.feedback(1, 2) == []
        came.clear()
