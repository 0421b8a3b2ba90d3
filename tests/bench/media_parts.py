"""Where the CPU time of forwarding goes, step by step, each in this process alone. A part of `media.py`.

The least of many short measurements is taken, so the figures are those of a machine that does nothing else, and comparable with one another. From them
follows what a forwarded packet costs in rooms of 4, where each received packet is forwarded to three only, and the least that it could.
"""

import itertools
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from server.media.forwarder import AddSlot, AddSource, AddTransport, Datagram, Route
from server.media.mux import UDP_SEGMENT
from server.media.python_forwarder import PythonForwarder
from server.media.receiving import OneByOne, reading
from server.media.rtp import HEADER, extension_block
from server.media.srtp import GcmReceiver, GcmSender

AUDIO, VIDEO = 80, 1_100
TICKS = 60
ROUNDS = 60
BATCH = 255
DRAIN = """
import select, socket, sys
sock = socket.socket(fileno=int(sys.argv[1])); sock.setblocking(False)
while True:
    select.select([sock], [], [])
    try:
        while True: sock.recv(2048)
    except BlockingIOError: pass
"""


def least_us(work: Callable[[], int]) -> float:
    """CPU µs for each of what `work` says it has done, in its best round."""
    found = []
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        count = work()
        found.append((time.process_time_ns() - began) / count / 1000)
    return min(found)


def handling_us(rooms: int, speakers: int, audience: int) -> float:
    """`handle` for each received packet; without an audience the speakers of a room hear and see each other."""
    forwarder, numbers = PythonForwarder(), itertools.count(1)
    batches: list[list[Datagram]] = [[] for _ in range(TICKS)]

    def transport() -> tuple[int, bytes, tuple[str, int]]:
        number, key, address = next(numbers), os.urandom(28), ("127.0.0.1", next(numbers))
        forwarder.apply(
            AddTransport(
                transport=number,
                address=address,
                receiver=GcmReceiver(key),
                sender=GcmSender(os.urandom(28)),
                feedback_ssrc=number,
                mid_extension=4,
                level_extension=1,
                abs_time_extension=2,
                sequence_extension=3,
            )
        )
        return number, key, address

    for _ in range(rooms):
        sources: list[tuple[int, int]] = []
        senders = [transport() for _ in range(speakers)]
        for number, key, address in senders:
            for kind, payload_type, clock in (("audio", 111, 48_000), ("video", 96, 90_000)):
                source = next(numbers)
                sources.append((number, source))
                forwarder.apply(
                    AddSource(
                        source=source,
                        transport=number,
                        ssrc=source,
                        payload_type=payload_type,
                        kind="audio" if kind == "audio" else "video",
                        clock_hz=clock,
                        max_bps=0,
                    )
                )
            _publish(batches, GcmSender(key), address, sources[-2][1], sources[-1][1])
        for viewer, _, _ in [transport() for _ in range(audience)] if audience else senders if speakers > 1 else []:
            for number, source in sources:
                if number == viewer:
                    continue
                slot = next(numbers)
                forwarder.apply(
                    AddSlot(slot=slot, transport=viewer, ssrc=slot, payload_type=100, mid=b"12", clock_hz=90_000)
                )
                forwarder.apply(Route(slot, source))
    found, now_us = [], 1_000_000
    for batch in batches:
        for at in range(0, len(batch), BATCH):
            part = batch[at : at + BATCH]
            began = time.process_time_ns()
            forwarder.handle(now_us, part)
            found.append((time.process_time_ns() - began) / len(part) / 1000)
        now_us += 20_000
        forwarder.tick(now_us)
    return min(found[2:])


def _publish(
    batches: list[list[Datagram]], sender: GcmSender, address: tuple[str, int], sound: int, picture: int
) -> None:
    count = itertools.count(1)

    def packet(ssrc: int, payload_type: int, seq: int, stamp: int, body: bytes, level: bytes) -> Datagram:
        elements = [(1, level)] if level else []
        block = extension_block([*elements, (3, (next(count) & 0xFFFF).to_bytes(2, "big"))])
        header = HEADER.pack(0x90, payload_type, seq & 0xFFFF, stamp, ssrc) + block
        return sender.protect(header, body, ssrc, seq), address

    for tick, batch in enumerate(batches):
        for part in range(2):
            first = tick % 2 == 0 and part == 0
            body = bytes((0x90 if first else 0x80, 0x80)) + (0x8000 | tick // 2).to_bytes(2, "big")
            body += bytes.fromhex("000000 9d012a 8002 6801" if tick == 0 and first else "01")
            batch.append(packet(picture, 96, 2 * tick + part + 1, tick // 2 * 3_600, body.ljust(VIDEO, b"\0"), b""))
        batch.append(packet(sound, 111, tick + 1, tick * 960, bytes(AUDIO), b"\x9e"))


def opening_us() -> float:
    """To unprotect a packet in order, and nothing else."""
    key = os.urandom(28)
    sender, receiver, indices = GcmSender(key), GcmReceiver(key), itertools.count(1)
    header = HEADER.pack(0x80, 96, 0, 0, 7)

    def work() -> float:
        packets = []
        for index in itertools.islice(indices, 100):
            head = header[:2] + (index & 0xFFFF).to_bytes(2, "big") + header[4:]
            packets.append((sender.protect(head, bytes(VIDEO), 7, index), index & 0xFFFF))
        began = time.process_time_ns()
        for packet, seq in packets:
            receiver.open(packet, 12, 7, seq)
        return (time.process_time_ns() - began) / 100_000

    return min(work() for _ in range(ROUNDS))


def receiving_us(count: int, *, together: bool) -> float:
    """One of `count` datagrams that wait when the socket is read, by one call for all or one for each."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, socket.socket(type=socket.SOCK_DGRAM) as sender:
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        way = reading(sock)
        read = (way if together else OneByOne(sock)).read
        found = []
        for _ in range(ROUNDS):
            for _ in range(count):
                sender.sendto(bytes(VIDEO), sock.getsockname())
            began = time.process_time_ns()
            assert len(read()[0]) == count
            found.append((time.process_time_ns() - began) / count / 1000)
        return min(found)


def sending_us(run: Sequence[int]) -> float:
    """One of a run of packets of these sizes to one address, read by another process: `sendto` for one, UDP_SEGMENT for more."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as target, socket.socket(type=socket.SOCK_DGRAM) as sock:
        target.bind(("127.0.0.1", 0))
        address, packets = target.getsockname(), [bytes(size) for size in run]
        said = [(socket.SOL_UDP, UDP_SEGMENT, run[0].to_bytes(2, sys.byteorder))]
        drain = subprocess.Popen([sys.executable, "-c", DRAIN, str(target.fileno())], pass_fds=[target.fileno()])
        try:
            time.sleep(0.2)

            def work() -> int:
                for _ in range(20):
                    if len(packets) == 1:
                        sock.sendto(packets[0], address)
                    else:
                        sock.sendmsg(packets, said, 0, address)
                return 20 * len(packets)

            return least_us(work)
        finally:
            drain.kill()
            drain.wait()


def run() -> str:
    """Print the steps; the last line."""
    receive = {together: receiving_us(15, together=together) for together in (False, True)}
    base = handling_us(100, 1, 0)
    many, few = (handling_us(1, 5, 50) - base) / 50, (handling_us(25, 4, 0) - base) / 3
    out = VIDEO + 40
    single, frame, row = sending_us([out]), sending_us([out, out, AUDIO + 40]), sending_us([out] * 6 + [AUDIO + 40])
    print(f"  receive one of 15: {receive[False]:.2f} us with recvmsg, {receive[True]:.2f} with recvmmsg")
    print(f"  unprotect, take note of, find the receivers: {base:.2f} us a received packet")
    print(f"  renumber and protect: {many:.2f} us a forwarded packet in 5->50, {few:.2f} in 25x4")
    print(f"  send: {single:.2f} us alone, {frame:.2f} in a run of 2 pictures and 1 sound, {row:.2f} in one of 6 and 1")
    received, floor = receive[True] + base, receive[True] + opening_us()
    print(f"  of what is received, reading and unprotecting alone: {floor:.2f} us")

    def ratio(each_received: float, send: float) -> float:
        return (each_received / 3 + few + send) / (each_received / 50 + many + send)

    return (
        f"parts: received_us={received:.2f} forwarded_us={many:.2f} (5->50), {few:.2f} (25x4); 25x4 over 5->50: "
        f"{ratio(received, frame):.2f} in runs of 3, {ratio(received, single):.2f} with one call a packet; in runs of 3 "
        f"{ratio(floor, frame):.2f} if receiving were reading and unprotecting alone"
    )
