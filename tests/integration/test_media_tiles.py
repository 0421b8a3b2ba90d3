"""A tile that is not shown costs nothing: no packet, no report, no encryption; and it costs again as soon as it is shown."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from server.media import MediaLimits, MediaServer, Tile
from tests.integration.test_media_hostile import Listener, drain, join
from tests.synthetic import SyntheticEndpoint

SHOWN = Tile(endpoint="ann", media="camera", width=320, height=180)


class Show:
    """Ann sends a camera; bob has a slot for one."""

    def __init__(self, media: MediaServer, ann: SyntheticEndpoint, bob: SyntheticEndpoint) -> None:
        self.media, self.ann, self.bob = media, ann, bob

    async def send(self, frames: int = 20) -> tuple[int, int, int]:
        """(forwarded, RTP packets that came, all packets that came) of so many frames, each of them a key frame."""
        drain(self.bob.socket)
        before = self.media.stats()
        for _ in range(frames):
            self.ann.socket.send(self.ann.video_packet(key=True, size=300))
        deadline = time.monotonic() + 10
        while self.media.stats()["received"] - before["received"] < frames and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        came = drain(self.bob.socket)
        video = [packet for packet in came if packet[0] & 0xC0 == 0x80 and not 192 <= packet[1] <= 223]
        return self.media.stats()["forwarded"] - before["forwarded"], len(video), len(came)


@pytest.fixture
async def show() -> AsyncIterator[Show]:
    media = MediaServer(host="127.0.0.1", port=0, public_ips=[], limits=MediaLimits(), listener=Listener(), tcp=False)
    await media.start()
    ann = await join(media, "ann", [("send", "camera")])
    bob = await join(media, "bob", [("receive", "video")])
    yield Show(media, ann, bob)
    for endpoint in (ann, bob):
        await endpoint.close()
    await media.close()


async def test_what_is_not_shown_is_neither_encrypted_nor_sent_nor_reported(show: Show) -> None:
    show.media.view("bob", [SHOWN])
    assert (await show.send())[:2] == (20, 20)
    for hidden in ([], [Tile(endpoint="ann", media="camera", width=0, height=0)]):
        show.media.view("bob", hidden)
        assert await show.send() == (0, 0, 0)
        drain(show.bob.socket)
        await asyncio.sleep(1.3)  # reports are sent once a second
        assert drain(show.bob.socket) == []
        show.media.view("bob", [SHOWN])
        assert (await show.send())[:2] == (20, 20)
