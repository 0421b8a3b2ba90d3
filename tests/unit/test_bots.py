"""Bots: how long a crowd stays, and what an endpoint says of an answer that leads nowhere."""

import argparse
import asyncio
import random
from typing import Any, ClassVar

import pytest

from server.bots import bot as bot_module
from server.bots import crowd
from server.bots.bot import Bot
from server.bots.endpoint import Endpoint
from server.bots.line import BotRefused, Line


class Someone:
    """A bot as far as the crowd sees it."""

    everybody: ClassVar[list["Someone"]] = []
    refuses_third: type[Exception] | None = None

    def __init__(self, link: str, name: str, number: int, *_: Any, **__: Any) -> None:
        self.number, self.name = number, name
        self.there = self.closed = False
        self.peer = self.ended = None
        self.voted = self.saw = 0
        self.everybody.append(self)

    async def join(self, _http: Any) -> None:
        if self.number == 2 and self.refuses_third is not None:
            raise self.refuses_third("not this one")
        self.there = True
        self.saw = sum(each.there for each in self.everybody)

    async def live(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.there = False

    async def close(self) -> None:
        assert not self.there, "it lives on"
        self.closed = True


@pytest.fixture(autouse=True)
def bots(monkeypatch: pytest.MonkeyPatch) -> list[Someone]:
    """Those that the crowd has made."""
    monkeypatch.setattr(crowd, "Bot", Someone)
    monkeypatch.setattr(Someone, "everybody", [])
    return Someone.everybody


ARGUMENTS = argparse.Namespace(url="", n=3, seed=1, speak=False, video=False, seconds=0.06)


async def test_nobody_leaves_before_all_are_in(bots: list[Someone]) -> None:
    assert await crowd.crowd(ARGUMENTS) == 0
    assert [each.saw for each in bots] == [1, 2, 3]
    assert all(each.closed for each in bots)


async def test_when_something_unexpected_happens_all_leave(
    bots: list[Someone], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Someone, "refuses_third", ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        await crowd.crowd(ARGUMENTS)
    assert all(each.closed for each in bots)


@pytest.mark.parametrize(
    "answer", ["", "a=ice-ufrag:x\r\na=ice-pwd:y\r\na=candidate:1 1 tcp 1 127.0.0.1 9 typ host\r\n"]
)
async def test_an_answer_without_a_way_by_udp_is_a_connection_error(answer: str) -> None:
    endpoint = Endpoint([("send", "mic")])
    with pytest.raises(ConnectionError):
        await endpoint.connect(answer)
    await endpoint.close()


async def test_media_that_are_refused_for_now_are_offered_again_and_the_bot_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bot_module, "FIRST_PAUSE_S", 0.01)
    bot = Bot("", "Bot", 1, random.Random(1), speak=False, video=False)
    tries: list[Line] = []
    line = bot._line = Line("", bot)

    async def offer(to: Line) -> None:
        tries.append(to)
        if len(tries) < 3:
            raise BotRefused("full", retryable=True)

    monkeypatch.setattr(bot, "_offer", offer)
    bot.signalled({"media": {"state": "closed", "code": "consent_expired"}})
    async with asyncio.timeout(30):
        while bot._tasks:
            await asyncio.sleep(0.01)
    assert (tries, bot.ended) == ([line] * 3, None)


async def test_a_line_that_is_lost_while_media_are_offered_is_looked_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    bot = Bot("", "Bot", 1, random.Random(1), speak=False, video=False)
    looked_for: list[Line] = []

    async def back(line: Line) -> None:
        looked_for.append(line)

    monkeypatch.setattr(bot, "_return", back)
    line = bot._line = Line("", bot)
    line._on_disconnect()
    line.take({"put": [], "remove": []})
    await asyncio.sleep(0)
    assert looked_for == [line]
