"""What people notice of their connection and devices: whose way is bad, a shared screen that can be read and heard, another microphone without a gap."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.browsers import Browsers
from tests.browser.devices import DEVICES
from tests.browser.network import BEHIND, more_frames
from tests.browser.person import Person, people
from tests.harness import ServerProcess
from tests.relay import Link, Relay

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOSSY = Link(loss=0.15)


async def test_the_indicator_says_whose_way_is_bad(server: ServerProcess, browsers: Browsers) -> None:
    relay = Relay(("127.0.0.1", server.udp_port), seed=3)
    await relay.start()
    workshop = await server.create_workshop("Negotiation basics")
    named = [(name, device) for name, device in zip(("Fay", "Ann", "Lou"), DEVICES, strict=False)]
    async with people(browsers, named) as (fay, ann, lou):
        await lou.page.context.add_init_script(f"window.__mediaPort = {relay.port}; ({BEHIND})()")
        for person in (fay, ann, lou):
            await person.join(server.link(workshop, await server.token(workshop, "learner", person.name)))
        await asyncio.gather(*(more_frames(person.page, 60) for person in (fay, ann, lou)))
        weak = fay.page.get_by_label("The connection of Lou is weak")
        await expect(weak).to_be_hidden()
        await lou.page.get_by_role("button", name=re.compile("^Your connection")).click()

        relay.up = LOSSY
        await expect(lou.page.get_by_text("On the way from you to the server")).to_be_visible()
        await expect(weak).to_be_visible()
        await expect(fay.page.get_by_label("The connection of Ann is weak")).to_be_hidden()

        relay.up, relay.down = Link(), LOSSY
        await expect(lou.page.get_by_text("On the way to you packets are lost or late")).to_be_visible()
        await expect(weak).to_be_hidden()
    relay.close()


SCREEN = """(() => {
  // A window of thin black lines, and a sound; a browser without a screen has none to share.
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 1280, height: 720});
    const paint = canvas.getContext("2d");
    let at = 0;
    setInterval(() => {
      paint.fillStyle = "white";
      paint.fillRect(0, 0, 1280, 720);
      paint.fillStyle = "black";
      for (let x = 0; x < 1280; x += 4) paint.fillRect(x, 0, 2, 600);
      paint.fillRect((at = (at + 8) % 1280), 640, 40, 40);
    }, 100);
    const stream = canvas.captureStream(10);
    const audio = new AudioContext();
    const tone = new OscillatorNode(audio, {frequency: PITCH});
    const to = audio.createMediaStreamDestination();
    tone.connect(to);
    tone.start();
    stream.addTrack(to.stream.getAudioTracks()[0]);
    return stream;
  };
})()"""
CONTRAST = """(() => {
  const video = [...document.querySelectorAll("video")].find((each) => each.videoWidth === 1280);
  if (!video) return 0;
  const paint = Object.assign(document.createElement("canvas"), {width: 256, height: 1}).getContext("2d");
  paint.drawImage(video, 100, 300, 256, 1, 0, 0, 256, 1);
  const {data} = paint.getImageData(0, 0, 256, 1);
  let sum = 0;
  for (let x = 0; x < 254; x += 1) sum += Math.abs(data[4 * (x + 2)] - data[4 * x]) / 255;
  return sum / 254;
})()"""
"""Of lines of two pixels, as thin as those of small letters; 1 is black beside white, 0 a grey."""
OTHER_MICROPHONE = """(async () => {
  const {devices} = window.__atelier;
  const {track} = devices.mic.get();
  const others = devices.list.get().filter(({kind, deviceId}) => kind === "audioinput" && deviceId !== devices.chosen("mic"));
  await devices.choose("mic", others[0].deviceId);
  return {was: track.id, ended: track.readyState, now: devices.mic.get().track.id};
})()"""
SOUND = """(async () => {
  let packets = 0, at = 0;
  for (const pc of window.__probe.pcs()) for (const stat of (await pc.getStats()).values()) {
    if (stat.type !== "inbound-rtp" || stat.kind !== "audio") continue;
    packets += stat.packetsReceived ?? 0;
    at = stat.timestamp;
  }
  return {packets, at};
})()"""
PACKET_MS = 20


async def test_a_shared_screen_can_be_read_and_heard_and_a_microphone_changed(
    server: ServerProcess, browsers: Browsers
) -> None:
    workshop = await server.create_workshop("Negotiation basics")
    shares, listens, sounds = DEVICES[0], DEVICES[1], DEVICES[3]
    named = [("Fay", shares), ("Lou", listens)]
    async with people(browsers, named) as (fay, lou):
        await fay.page.context.add_init_script(SCREEN.replace("PITCH", str(sounds.pitch_hz)))
        await fay.join(server.link(workshop, await server.token(workshop, "facilitator", "Fay")))
        await lou.join(server.link(workshop, await server.token(workshop, "learner", "Lou")))
        await asyncio.gather(*(more_frames(person.page, 60) for person in (fay, lou)))
        await change_the_microphone(fay, lou)

        await fay.page.get_by_role("button", name="Share screen").click()
        contrast = heard = None
        async with asyncio.timeout(60):
            while not (contrast and contrast > 0.6 and heard and {shares.colour, sounds.colour} <= heard):
                _, heard, _ = await lou.perceive(1_500)
                contrast = await lou.page.evaluate(CONTRAST)
                print(contrast, heard)
        await fay.page.get_by_role("button", name="Stop sharing").first.click()
        assert await fay.negotiations() == await lou.negotiations() == [1]


async def change_the_microphone(fay: Person, lou: Person) -> None:
    """Fay takes another one, and the packets that Lou gets fill the time; twice of some times, because a busy machine makes gaps, too."""
    gaps_ms: list[float] = []
    while sum(gap_ms < 80 for gap_ms in gaps_ms) < 2:
        assert len(gaps_ms) < 8, gaps_ms
        before: dict[str, Any] = await lou.page.evaluate(SOUND)
        await asyncio.sleep(0.3)
        changed = await fay.page.evaluate(OTHER_MICROPHONE)
        assert changed["now"] != changed["was"]
        assert changed["ended"] == "ended"
        await asyncio.sleep(0.7)
        after = await lou.page.evaluate(SOUND)
        gaps_ms.append(after["at"] - before["at"] - PACKET_MS * (after["packets"] - before["packets"]))
    async with asyncio.timeout(60):
        while (await lou.perceive())[1] != {fay.device.colour}:
            pass
