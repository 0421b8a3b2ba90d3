"""So many bots by one link, and what they saw."""

import argparse
import asyncio
import math
import random
import signal
import sys

import aiohttp
from socketio.exceptions import SocketIOError

from server.bots.bot import Bot
from server.bots.line import BotRefused

JOIN_PAUSE_S = 0.05
"""Between one bot and the next: people do not come in the same instant either."""
REPORT_EVERY_S = 10.0


async def crowd(arguments: argparse.Namespace) -> int:
    """Send them in and wait until they are out again; the command's exit status, 1 where no bot got in."""
    bots = [
        Bot(
            arguments.url,
            f"Bot {number + 1}",
            number,
            random.Random(arguments.seed * 10_000 + number),
            speak=arguments.speak,
            video=arguments.video,
        )
        for number in range(arguments.n)
    ]
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    present: list[Bot] = []
    lives: list[asyncio.Task[None]] = []
    try:
        async with aiohttp.ClientSession() as http:
            for bot in bots:
                if stop.is_set():
                    break
                try:
                    await bot.join(http)
                    present.append(bot)
                    # At once: who waited for the others would be taken for gone.
                    lives.append(asyncio.create_task(bot.live()))
                except (BotRefused, SocketIOError) as refused:  # not let in, or lost on the way
                    print(f"{bot.name}: {refused}", file=sys.stderr, flush=True)
                    if not present:
                        break
                await asyncio.sleep(JOIN_PAUSE_S)
        print(f"{len(present)} of {len(bots)} bots are in the workshop", flush=True)
        if present:
            await _stay(present, lives, stop, arguments.seconds)
    finally:
        for task in lives:
            task.cancel()
        if lives:
            await asyncio.wait(lives)
        await asyncio.gather(*(bot.close() for bot in bots))
    return 0 if present else 1


async def _stay(bots: list[Bot], lives: list[asyncio.Task[None]], stop: asyncio.Event, seconds: float | None) -> None:
    """Until `stop`, until nobody is left, or for so long from now, when all are in."""
    timer = asyncio.get_running_loop()
    ends = math.inf if seconds is None else timer.time() + seconds
    stopped = asyncio.ensure_future(stop.wait())
    everybody = asyncio.ensure_future(asyncio.wait(lives))
    try:
        while not (everybody.done() or stopped.done()) and (left_s := ends - timer.time()) > 0:
            pause_s = min(REPORT_EVERY_S, left_s)
            await asyncio.wait([everybody, stopped], timeout=pause_s, return_when=asyncio.FIRST_COMPLETED)
            _print(bots)
    finally:
        stopped.cancel()
        everybody.cancel()
    for bot in bots:
        if bot.ended is not None:
            print(f"{bot.name}: {bot.ended}", file=sys.stderr, flush=True)


def _print(bots: list[Bot]) -> None:
    received = [bot.peer.received for bot in bots if bot.peer is not None]
    there = sum(bot.ended is None for bot in bots)
    votes = sum(bot.voted for bot in bots)
    least, most = min(received, default=0), max(received, default=0)
    print(f"{there} present, {votes} ballots cast, media packets received {least} to {most}", flush=True)
