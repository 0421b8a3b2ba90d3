"""Transport-wide congestion control, the receiving side (draft-holmer-rmcat-transport-wide-cc-extensions-01).

A publisher numbers all packets of its transport; every tenth of a second it is told which came and when, and works out itself what its network
takes. Times are told in steps of 250 µs, each as the distance from the one before; a distance that does not fit begins another message.
"""

from operator import sub
from struct import Struct

from server.media.rtcp import RTPFB
from server.media.rtp import nearest

FORMAT = 15
MAX_STATUSES = 400
"""Packets told of in one message: it stays below the size of a datagram even if each distance needs two bytes."""
MAX_BEHIND = 4_096
"""A number that is further away from the newest one begins anew."""
_STEP_US = 250
_REFERENCE_US = 64_000
_HEAD = Struct("!BBHIIHHI")
_LOST, _SMALL, _LARGE = 0, 1, 2


class Arrivals:
    """Which packets of one publisher came, since it was last told."""

    __slots__ = ("_came", "_count", "_highest", "_next", "_straight")

    def __init__(self) -> None:
        self._came: dict[int, int] = {}
        self._next = self._highest = -1
        self._count = 0
        self._straight = True
        """Whether all since the last message have come, each after the one before."""

    def note(self, seq: int, now_us: int) -> None:
        """A packet with this 16-bit number has come. One that was told as lost before is not told again."""
        index = self._highest + 1
        if index & 0xFFFF == seq and index:
            self._highest = index
            self._came[index] = now_us
            return
        self._straight = False
        if self._highest < 0:
            self._next = self._highest = seq + 0x10000
        index = nearest(self._highest, seq)
        if index - self._highest > MAX_BEHIND:
            self._came.clear()
            self._next = index
        if index > self._highest:
            self._highest = index
        if index >= self._next:
            self._came[index] = now_us

    def feedback(self, sender: int, media: int) -> list[bytes]:
        """The messages that are due, oldest first; none if nothing came."""
        told = []
        while self._came:
            told.append(self._message(sender, media))
        return told

    def _message(self, sender: int, media: int) -> bytes:
        came = self._came
        first = self._next
        said = None
        if self._straight and len(came) <= MAX_STATUSES:
            said = self._straight_on()
        if said is None:
            said = self._one_by_one()
        reference, statuses, body = said
        self._straight = not came
        count = self._count
        self._count = count + 1 & 0xFF
        body += bytes(-len(body) % 4)
        words = 4 + len(body) // 4
        return (
            _HEAD.pack(
                0x80 | FORMAT,
                RTPFB,
                words,
                sender,
                media,
                first & 0xFFFF,
                statuses,
                (reference & 0xFFFFFF) << 8 | count,
            )
            + body
        )

    def _straight_on(self) -> tuple[int, int, bytes] | None:
        """As `_one_by_one`, where nothing was lost, late or long after the one before, as nearly always; else None, changing nothing."""
        came = self._came
        steps = [at_us // _STEP_US for at_us in came.values()]
        reference = steps[0] * _STEP_US // _REFERENCE_US
        steps.insert(0, reference * _REFERENCE_US // _STEP_US)
        try:
            deltas = bytes(map(sub, steps[1:], steps))
        except ValueError:  # it does not fit into an octet
            return None
        self._next = self._highest + 1
        count = len(came)
        came.clear()
        return reference, count, (_SMALL << 13 | count).to_bytes(2, "big") + deltas

    def _one_by_one(self) -> tuple[int, int, bytes]:
        """(reference time, statuses, chunks and deltas) of the next message; what it tells of is taken away."""
        came = self._came
        first = self._next
        arrived_us = next(came[index] for index in range(first, self._highest + 1) if index in came)
        reference = arrived_us // _REFERENCE_US
        before = reference * _REFERENCE_US // _STEP_US
        statuses = bytearray()
        deltas = bytearray()
        index = first
        while came and index - first < MAX_STATUSES:
            at_us = came.pop(index, None)
            if at_us is None:
                statuses.append(_LOST)
                index += 1
                continue
            delta = at_us // _STEP_US - before
            if 0 <= delta <= 0xFF:
                statuses.append(_SMALL)
                deltas.append(delta)
            elif -0x8000 <= delta < 0x8000:
                statuses.append(_LARGE)
                deltas += delta.to_bytes(2, "big", signed=True)
            else:
                came[index] = at_us
                break
            before += delta
            index += 1
        self._next = index
        return reference, len(statuses), _chunks(statuses) + bytes(deltas)


def _chunks(statuses: bytearray) -> bytes:
    """Run lengths where seven and more are alike, else seven two-bit symbols at a time."""
    packed = bytearray()
    at, size = 0, len(statuses)
    if statuses.count(statuses[:1]) == size:  # nothing was lost or late, as nearly always
        return (statuses[0] << 13 | size).to_bytes(2, "big")
    while at < size:
        run = at + 1
        while run < size and statuses[run] == statuses[at]:
            run += 1
        if run - at >= 7 or run == size:
            packed += (statuses[at] << 13 | run - at).to_bytes(2, "big")
            at = run
        else:
            word = 0xC000
            for place, status in enumerate(statuses[at : at + 7]):
                word |= status << 12 - 2 * place
            packed += word.to_bytes(2, "big")
            at += 7
    return bytes(packed)
