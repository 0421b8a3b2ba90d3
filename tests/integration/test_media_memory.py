"""Nothing is kept of who is gone, and it does not wait for the garbage collector, which comes seldom in a server."""

import asyncio
import gc
import time
from typing import Any

from server.media import MediaLimits, MediaServer, streams
from server.media.dtls import Dtls
from server.media.transport import Transport
from tests.integration.test_media_hostile import Listener, join

KINDS = (Transport, streams.Slot, Dtls)
"""Of sources, a slot remembers those that it carried lately: as many as it has segments, which are bounded."""


async def test_a_transport_that_has_ended_is_freed_at_once() -> None:
    media = MediaServer(host="127.0.0.1", port=0, public_ips=[], limits=MediaLimits(), listener=Listener(), tcp=False)
    await media.start()
    ann = await join(media, "ann", [("send", "mic"), ("send", "camera"), ("receive", "audio")])
    gc.collect()
    gc.disable()
    try:
        before = _count()
        for name in ("bob", "cid"):
            carried = media.stats()["forwarded"]
            guest = await join(media, name, [("send", "mic"), ("receive", "audio"), ("receive", "video")])
            deadline = time.monotonic() + 20
            while media.stats()["forwarded"] == carried and time.monotonic() < deadline:
                ann.socket.send(ann.audio_packet())
                guest.socket.send(guest.audio_packet())
                await asyncio.sleep(0.02)
            assert media.stats()["forwarded"] > carried
            media.disconnect(name)
            await guest.close()
        del guest
        deadline = time.monotonic() + 20
        while _count() != before and time.monotonic() < deadline:  # the tasks that say goodbye have to end
            await asyncio.sleep(0.05)
        assert _count() == before
    finally:
        gc.enable()
    await ann.close()
    await media.close()


def _count() -> dict[str, int]:
    found: dict[str, int] = {}
    for each in gc.get_objects():
        kind: Any = type(each)
        if kind in KINDS:
            found[f"{kind.__module__}.{kind.__name__}"] = found.get(f"{kind.__module__}.{kind.__name__}", 0) + 1
    return found
