"""People enough for pictures of a workshop: a few with a moving picture and a voice, the others over the protocol alone.

Media of everybody would be more than a small machine encodes and forwards, and a picture shows no difference: a page shows few at a time.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp

from server.bots.bot import Bot
from tests.browser.staged import LONG_NAME
from tests.harness import ServerProcess
from tests.socket_client import WireClient

NAMES = (
    *(
        "Fay",
        LONG_NAME,
        "Bo",
        "佐藤 花子",
        "Amina Diallo",
        "Tomás Herrera",
        "Ingrid Solberg",
        "Kwame Mensah",
        "Priya Nair",
        "Luca Ferri",
    ),
    *(
        "Zofia Nowak",
        "Omar Haddad",
        "Mei Chen",
        "Jonas Weber",
        "Leila Karimi",
        "Noah Lindqvist",
        "Sara Popescu",
        "Dmitri",
        "Chiara",
        "Anouk",
    ),
    *(
        "Ravi",
        "Hanna Virtanen",
        "Thiago",
        "Yuki",
        "Eszter",
        "Marek",
        "Olga",
        "Samuel Okafor",
        "Nina",
        "Pavel",
        "Aylin",
        "Hugo",
        "Elif",
        "Mateo",
    ),
    *("Freya", "Idris", "Katarzyna", "Ben", "Wanjiru", "Émile"),
)
MOST_FILMED = 8
STAGGER_S = 0.02


@dataclass(slots=True)
class Company:
    """`spoken_for`: who speaks the protocol, Fay the facilitator first; `bots`: who has a camera."""

    workshop_id: str
    spoken_for: list[WireClient] = field(default_factory=list)
    bots: list[Bot] = field(default_factory=list)
    lives: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def fay(self) -> WireClient:
        return self.spoken_for[0]

    @property
    def learners(self) -> list[WireClient]:
        return self.spoken_for[1:]

    async def leave(self) -> None:
        for task in self.lives:
            task.cancel()
        if self.lives:
            await asyncio.wait(self.lives)
        await asyncio.gather(*(bot.close() for bot in self.bots), *(client.close() for client in self.spoken_for))


@asynccontextmanager
async def company(
    server: ServerProcess, title: str, count: int, *, names: Sequence[str] = NAMES, filmed: int = MOST_FILMED
) -> AsyncIterator[Company]:
    """`count` people (1 to 40), the first four without media; of the others so many with a camera. Each has the id `p_<number>`."""
    here = Company(await server.create_workshop(title))
    try:
        async with aiohttp.ClientSession() as http:
            for number, name in enumerate(names[:count]):
                token = await server.token(
                    here.workshop_id, "learner" if number else "facilitator", name, f"p_{number}"
                )
                if 4 <= number < 4 + filmed:
                    link = server.link(here.workshop_id, token)
                    bot = Bot(link, name, number, random.Random(number), speak=number in (5, 6), video=True)
                    await bot.join(http)
                    here.bots.append(bot)
                    here.lives.append(asyncio.create_task(bot.live()))
                else:
                    here.spoken_for.append(await WireClient(server.base_url, token).connect())
                await asyncio.sleep(STAGGER_S)
        yield here
    finally:
        await here.leave()
