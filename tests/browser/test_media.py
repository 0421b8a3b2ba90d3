"""The media plane alone with real browsers: a page that talks to a MediaServer through two HTTP calls, nothing else of the product."""

import json
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from server.media import Binding, MediaLimits, MediaServer, SlotSpec
from tests.browser.browsers import Browsers
from tests.browser.devices import DEVICES
from tests.browser.person import Person, expect_company, people

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.quiet]

PAGE = """<!doctype html><body><script>
window.start = async (name, width = 320, sendEncodings = [{}], configuration = {}) => {
  const pc = window.pc = new RTCPeerConnection(configuration), slots = [];
  const size = {width: {exact: width}, height: {exact: width * 9 / 16}};
  const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: size});
  const add = (what, direction, media, more) => slots.push([pc.addTransceiver(what, {direction, ...more}), direction, media]);
  add(stream.getAudioTracks()[0], "sendonly", "mic");
  add(stream.getVideoTracks()[0], "sendonly", "camera", {sendEncodings});
  for (let i = 0; i < 3; i += 1) add("audio", "recvonly", "audio");
  for (let i = 0; i < 4; i += 1) add("video", "recvonly", "video");
  window.offer = async () => {
    await pc.setLocalDescription(await pc.createOffer());
    const body = JSON.stringify({name, sdp: pc.localDescription.sdp, slots: slots.map(([t, direction, media]) =>
      ({mid: t.mid, direction: direction === "sendonly" ? "send" : "receive", media}))});
    const answer = await (await fetch("/offer", {method: "POST", body})).text();
    await pc.setRemoteDescription({type: "answer", sdp: answer});
  };
  await window.offer();
  // What is received has to be played, or else Chromium does not decode the sound.
  const played = new Audio();
  played.srcObject = new MediaStream(pc.getReceivers().map((receiver) => receiver.track).filter((track) => track.kind === "audio"));
  played.play().catch(() => {});
};
window.watch = (mid) => {
  // The longest time that the picture of a slot has stood still, from frame to frame.
  const video = document.createElement("video");
  Object.assign(video, {muted: true, srcObject: new MediaStream([window.pc.getTransceivers().find((t) => t.mid === mid).receiver.track])});
  document.body.append(video);
  const seen = window.seen = {frames: 0, longestMs: 0, last: null};
  const onFrame = (now) => {
    if (seen.last !== null) seen.longestMs = Math.max(seen.longestMs, now - seen.last);
    seen.last = now;
    seen.frames += 1;
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
  return video.play();
};
window.stats = async (type, kind) => [...(await window.pc.getStats()).values()].filter((stat) => stat.type === type && stat.kind === kind);
window.pause = async (rids) => {
  const sender = window.pc.getSenders()[1], parameters = sender.getParameters();
  for (const encoding of parameters.encodings) encoding.active = !rids.includes(encoding.rid);
  await sender.setParameters(parameters);
};
window.pair = async () => [...(await window.pc.getStats()).values()].filter((stat) => stat.type === "candidate-pair" && stat.nominated)
  .map((pair) => ({...pair}));
window.inbound = async () => [...(await window.pc.getStats()).values()]
  .filter((stat) => stat.type === "inbound-rtp" && stat.kind === "video" && stat.framesDecoded)
  .map(({frameHeight, framesDecoded, freezeCount, keyFramesDecoded, nackCount, pliCount}) =>
    ({frameHeight, framesDecoded, freezeCount, keyFramesDecoded, nackCount, pliCount}));
</script>"""


class Listener:
    """Remembers what was said, in order."""

    def __init__(self) -> None:
        self.bindings: dict[str, dict[str, Binding | None]] = {}
        self.speakers: list[tuple[str, list[str]]] = []
        self.lost: list[tuple[str, str]] = []
        self.pauses: list[tuple[str, str, list[str]]] = []
        self.spoken_ms: dict[str, int] = {}

    def bound(self, endpoint: str, bindings: dict[str, Binding | None]) -> None:
        self.bindings.setdefault(endpoint, {}).update(bindings)

    def speaking(self, room: str, endpoints: Sequence[str]) -> None:
        self.speakers.append((room, list(endpoints)))

    def spoke(self, endpoint: str, ms: int) -> None:
        self.spoken_ms[endpoint] = self.spoken_ms.get(endpoint, 0) + ms

    def paused(self, endpoint: str, media: str, rids: Sequence[str]) -> None:
        self.pauses.append((endpoint, media, list(rids)))

    def closed(self, endpoint: str, code: str) -> None:
        self.lost.append((endpoint, code))


@asynccontextmanager
async def media_server(
    listener: Listener, ports: dict[str, int] | None = None, host: str = "127.0.0.1", **settings: Any
) -> AsyncIterator[tuple[MediaServer, str]]:
    """A media server and the URL of the page; `ports` sends an endpoint (by name) to another port, that of a relay."""
    media = MediaServer(host=host, port=0, public_ips=[], limits=MediaLimits(**settings), listener=listener)
    await media.start()

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def offer(request: web.Request) -> web.Response:
        asked = json.loads(await request.text())
        answer = await media.connect(asked["name"], asked["sdp"], [SlotSpec(**slot) for slot in asked["slots"]])
        port = (ports or {}).get(asked["name"], media.port)
        return web.Response(text=re.sub(rf"( udp \d+ \S+) {media.port} typ", rf"\1 {port} typ", answer))

    app = web.Application()
    app.add_routes([web.get("/", page), web.post("/offer", offer)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield media, f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()
        await media.close()


async def arrive(media: MediaServer, url: str, person: Person, room: str) -> None:
    media.place(person.name, room)
    await person.page.goto(url)
    await person.page.evaluate("(name) => window.start(name)", person.name)


async def three(browsers: Browsers) -> None:
    listener = Listener()
    named = [("ann", DEVICES[0]), ("bob", DEVICES[1]), ("cid", DEVICES[2])]
    async with media_server(listener) as (media, url), people(browsers, named) as crowd:
        ann, bob, cid = crowd
        for person in crowd:
            await arrive(media, url, person, "one")
        await expect_company([crowd])
        media.place("cid", "two")
        await expect_company([[ann, bob], [cid]])
        media.place("bob", "two")
        await expect_company([[ann], [bob, cid]])
        for name in ("ann", "bob", "cid"):
            media.place(name, "one")
        await expect_company([crowd])
        assert [await person.negotiations() for person in crowd] == [[1], [1], [1]]
        assert listener.lost == []
        assert any(set(names) == {"ann", "bob", "cid"} for _, names in listener.speakers)
        assert not [reason for reason in media.stats() if reason.startswith("dropped: malformed")]


async def test_three_browsers_see_and_hear_exactly_their_room_through_moves(browsers: Browsers) -> None:
    await three(browsers)
