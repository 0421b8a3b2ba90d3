"""What bots send: a picture and a sound that decode, encoded once and sent again and again.

A film is a loop of VP8 frames that begins with a key frame, so whoever needs one gets it by starting the loop over; the picture is a head and
shoulders that sway before a colour of their own. A sound is a loop of Opus packets with a tone of its own, in syllables, so that it is taken for
speech and not for noise.
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
    (110, 116, 160),
    (125, 112, 112),
    (95, 150, 118),
    (165, 98, 140),
    (150, 138, 108),
    (120, 140, 146),
    (140, 104, 156),
    (105, 136, 122),
)
"""Colours as YUV, BT.601."""
SKIN, SECOND_SKIN, HAIR = (190, 112, 148), (120, 116, 146), (50, 126, 132)


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


def picture(yuv: tuple[int, int, int], at: int) -> av.VideoFrame:
    """Frame `at` of a loop, `WIDTH` by `HEIGHT`, YUV 4:2:0: a figure before a ground of this colour, in a shirt of a darker one."""
    frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
    sway = math.sin(2 * math.pi * at / (FPS * SECONDS))
    skin = (SKIN, SECOND_SKIN)[yuv[0] % 2]
    for index, plane in enumerate(frame.planes):
        shirt = yuv[0] // 2 if index == 0 else yuv[index]
        ellipses = (  # value, top and bottom (of the height), half of the width (of the width)
            (HAIR[index], 0.15 + 0.01 * sway, 0.68, 0.115),
            (shirt, 0.68, 1.7, 0.26),
            (skin[index], 0.22 + 0.01 * sway, 0.74, 0.095),
        )
        rows = bytearray()
        for line in range(plane.height):
            down = line / plane.height
            row = bytearray((int(yuv[index] * (1.1 - 0.3 * down)) if index == 0 else yuv[index],)) * plane.line_size
            for value, top, bottom, half in ellipses:
                across = 2 * (down - top) / (bottom - top) - 1
                if -1 < across < 1:
                    reach = half * math.sqrt(1 - across * across)
                    first, last = (int(plane.width * (0.5 + 0.02 * sway + side * reach)) for side in (-1, 1))
                    row[first:last] = bytes((value,)) * (last - first)
            rows += row
        plane.update(bytes(rows))
    return frame


def _film(yuv: tuple[int, int, int]) -> list[bytes]:
    codec = av.CodecContext.create("libvpx", "w")
    assert isinstance(codec, av.VideoCodecContext)
    codec.width, codec.height, codec.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    codec.framerate, codec.bit_rate, codec.gop_size = Fraction(FPS), 120_000, FPS * SECONDS * 2
    codec.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "error-resilient": "1"}
    frames: list[bytes] = []
    for at in range(FPS * SECONDS):
        frame = picture(yuv, at)
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
