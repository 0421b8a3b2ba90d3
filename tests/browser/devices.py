"""Fake cameras and microphones that can be told apart.

Theory of operation. Each person in a browser test gets a Chromium of their own whose fake camera plays a file of one
colour and whose fake microphone plays beeps of one pitch. A receiving page is asked what colour its video element shows
and which pitch its audio has; so "who is seen and heard by whom" is measured on the decoded media itself, whatever the
server and the client claim about slots. Beeps, and a moving bar in the picture, because a steady tone would be taken for
noise and suppressed, and a still picture would be coded into almost nothing.
"""

import math
import struct
import wave
from dataclasses import dataclass
from pathlib import Path

WIDTH, HEIGHT, FPS, SECONDS = 320, 180, 15, 4
SAMPLE_RATE = 48_000
PROBE = Path(__file__).with_name("probe.js")
OUTPUT = Path(__file__).with_name("output")
"""Where the pages are pictured when a test fails."""


@dataclass(frozen=True, slots=True)
class Device:
    """`colour`: name and YUV (BT.601, studio range) of the camera's picture; `pitch_hz` of the microphone's beeps."""

    colour: str
    yuv: tuple[int, int, int]
    pitch_hz: int


DEVICES = (
    Device("red", (82, 90, 240), 500),
    Device("green", (145, 54, 34), 900),
    Device("blue", (41, 240, 110), 1400),
    Device("yellow", (210, 16, 146), 2100),
)


def write_camera(path: Path, yuv: tuple[int, int, int]) -> None:
    """A Y4M film of one colour with a darker bar that moves from left to right."""
    luma, cb, cr = yuv
    chroma = bytes([cb]) * (WIDTH * HEIGHT // 4) + bytes([cr]) * (WIDTH * HEIGHT // 4)
    with path.open("wb") as film:
        film.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FPS}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in range(FPS * SECONDS):
            row = bytearray([luma]) * WIDTH
            start = frame * (WIDTH - 24) // (FPS * SECONDS)
            row[start : start + 24] = bytes([max(16, luma - 25)]) * 24
            film.write(b"FRAME\n" + bytes(row) * HEIGHT + chroma)


def write_microphone(path: Path, pitch_hz: int) -> None:
    """A WAV of beeps, 250 ms on and 150 ms off."""
    on, period = SAMPLE_RATE // 4, SAMPLE_RATE * 2 // 5
    samples = bytearray()
    for index in range(period * 10):
        loud = (index % period) < on
        value = 0.4 * math.sin(2 * math.pi * pitch_hz * index / SAMPLE_RATE) if loud else 0.0
        samples += struct.pack("<h", int(value * 32767))
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(bytes(samples))


CHROMIUM = "/usr/bin/chromium"
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
)
ASKING = tuple(flag for flag in CHROMIUM_FLAGS if flag != "--use-fake-ui-for-media-stream")
"""With devices that the browser hands out only where the context was given the permission."""
QUIET = tuple(flag for flag in ASKING if flag != "--use-fake-device-for-media-stream")
"""Without any."""


def flags_for(device: Device, folder: Path) -> list[str]:
    """Chromium's flags for a person with this device; writes the films into `folder` where they are not there yet."""
    film, sound = folder / f"{device.colour}.y4m", folder / f"{device.colour}.wav"
    if not film.exists():
        write_camera(film, device.yuv)
        write_microphone(sound, device.pitch_hz)
    return [
        *CHROMIUM_FLAGS,
        f"--use-file-for-fake-video-capture={film}",
        f"--use-file-for-fake-audio-capture={sound}",
    ]
