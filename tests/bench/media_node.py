"""A media server in a process of its own, driven by JSON lines on standard input: what `media.py` measures."""

import asyncio
import json
import resource
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop

from server import pauses
from server.media import Binding, MediaLimits, MediaServer, SlotSpec
from tests.bench.alone import take_core


class Quiet:
    """A listener that takes note of nothing."""

    def bound(self, endpoint: str, bindings: dict[str, Binding | None]) -> None: ...

    def speaking(self, room: str, endpoints: Sequence[str]) -> None: ...

    def spoke(self, endpoint: str, ms: int) -> None: ...

    def paused(self, endpoint: str, media: str, rids: Sequence[str]) -> None: ...

    def closed(self, endpoint: str, code: str) -> None: ...


def cpu_s() -> float:
    """CPU seconds of this process, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def rss_kib() -> int:
    """Memory of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024


def kept_waiting_ms() -> float:
    """For how long this process, ready to run, had to wait for a core, since it began; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e6
    except OSError:
        return 0.0


def bare_sendto(
    sock: socket.socket,
    addresses: Sequence[tuple[str, int]],
    sizes: Sequence[int],
    packets_per_s: int,
    burst: int,
    seconds: float,
) -> dict[str, float]:
    """Send as many packets of the same sizes to the same readers, in bursts of as many, and do nothing else.

    `sock` is the server's own: the readers take nothing from any other address, and the system would answer each packet with ICMP instead of delivering it.
    """
    payloads = [bytes((0,)) + bytes(size - 1) for size in sizes]
    sends = [(payload, address) for payload in payloads for address in addresses]
    bursts = [sends[at : at + burst] for at in range(0, len(sends), burst)]
    before, count, due = cpu_s(), 0, time.perf_counter()
    end = due + seconds
    while due < end:
        for each in bursts:
            for payload, address in each:
                sock.sendto(payload, address)
            count += len(each)
            due += len(each) / packets_per_s
            time.sleep(max(0.0, due - time.perf_counter()))
    return {"cpu_s": cpu_s() - before, "packets": count}


async def main() -> None:
    if "--alone" in sys.argv:
        take_core(0)
    media = MediaServer(
        host="127.0.0.1",
        port=0,
        public_ips=[],
        limits=MediaLimits(consent_s=600, handshake_s=60),
        listener=Quiet(),
        tcp=False,
        segments="--no-segments" not in sys.argv,
    )
    await media.start()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        print(json.dumps(await answer(media, json.loads(line))), flush=True)
    await media.close()


async def answer(media: MediaServer, asked: dict[str, Any]) -> Any:
    match asked["do"]:
        case "connect":
            slots = [SlotSpec(**slot) for slot in asked["slots"]]
            sdp = await media.connect(asked["endpoint"], asked["sdp"], slots)
            media.place(asked["endpoint"], asked["room"])
            return sdp
        case "stats":
            peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            own = {"cpu_s": cpu_s(), "waited_ms": kept_waiting_ms(), "peak_mib": peak_mib, "rss_kib": rss_kib()}
            return {**media.stats(), **own}
        case "disconnect":
            media.disconnect(asked["endpoint"])
            return None
        case "settle":
            pauses.shorten()
            return None
        case "sendto":
            addresses = [tuple(address) for address in asked["addresses"]]
            sock = media._mux._socket
            assert sock is not None
            return bare_sendto(
                sock, addresses, asked["sizes"], asked["packets_per_s"], asked["burst"], asked["seconds"]
            )
    raise ValueError(asked["do"])


if __name__ == "__main__":
    uvloop.run(main())
