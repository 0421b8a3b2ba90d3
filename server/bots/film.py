"""What bots send: a picture and a sound that decode, encoded once and sent again and again.

A film is a loop of VP8 frames that begins with a key frame, so whoever needs one gets it by starting the loop over; the picture has a colour of its own
and a bar that moves. A sound is a loop of Opus packets with a tone of its own, in syllables, so that it is taken for speech and not for noise.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import av

WIDTH, HEIGHT, FPS, SECONDS = 320, 180, 10, 3
SAMPLE_RATE, PACKET_MS = 48_000, 20
PALETTE = (
    (82, 90, 240),
    (145, 54, 34),
    (41, 240, 110),
    (210, 16, 146),
    (170, 166, 16),
    (107, 202, 222),
    (150, 60, 200),
    (120, 150, 100),
)
"""Colours as YUV, BT.601."""


@dataclass(frozen=True, slots=True)
class Loop:
    """`video`: encoded frames, the first a key frame; `audio`: encoded packets of 20 ms."""

    video: Sequence[bytes]
    audio: Sequence[bytes]


def loop(number: int) -> Loop:
    """One of eight; making one takes a while the first time."""
    return _made(number % len(PALETTE))


@cache
def _made(kind: int) -> Loop:
    return Loop(_film(PALETTE[kind]), _sound(180 + 60 * kind))


def _film(yuv: tuple[int, int, int]) -> list[bytes]:
    codec = av.CodecContext.create("libvpx", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    codec.framerate, codec.bit_rate, codec.gop_size = Fraction(FPS), 120_000, FPS * SECONDS * 2
    codec.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "error-resilient": "1"}
    frames: list[bytes] = []
    for at in range(FPS * SECONDS):
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        bar = at * (WIDTH - 24) // (FPS * SECONDS)
        for plane, value in zip(frame.planes, yuv, strict=True):
            row = bytearray([value]) * plane.line_size
            if plane is frame.planes[0]:
                row[bar : bar + 24] = bytes([max(16, value - 30)]) * 24
            plane.update(bytes(row) * plane.height)
        frame.pts = at
        frames += [bytes(packet) for packet in codec.encode(frame)]
    return frames + [bytes(packet) for packet in codec.encode(None)]


def _sound(pitch_hz: int) -> list[bytes]:
    codec = av.CodecContext.create("libopus", "w")
    assert isinstance(codec, av.AudioCodecContext)
    codec.sample_rate, codec.layout, codec.format, codec.bit_rate = SAMPLE_RATE, "mono", "s16", 24_000
    samples = SAMPLE_RATE * PACKET_MS // 1000
    packets: list[bytes] = []
    for at in range(1000 // PACKET_MS * SECONDS):
        values = []
        for place in range(at * samples, (at + 1) * samples):
            seconds = place / SAMPLE_RATE
            syllable = max(0.0, math.sin(2 * math.pi * 3.5 * seconds))
            tone = sum(math.sin(2 * math.pi * pitch_hz * part * seconds) / part for part in (1, 2, 3))
            values.append(int(6_000 * syllable * tone))
        frame = av.AudioFrame(format="s16", layout="mono", samples=samples)
        frame.sample_rate, frame.pts = SAMPLE_RATE, at * samples
        frame.planes[0].update(struct.pack(f"<{samples}h", *values).ljust(frame.planes[0].buffer_size, b"\0"))
        packets += [bytes(packet) for packet in codec.encode(frame)]
    return packets
