"""What the rules say about sound and picture holds whatever a browser sends: core, bridge and media plane with synthetic endpoints."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest

from rooms.commands import Command
from rooms.commands.breakouts import CloseBreakouts, ListenIn, MoveParticipants, OpenBreakouts, SetVoiceBroadcast
from rooms.commands.people import Connect, Leave, SetMedia
from rooms.commands.stage import AllowMedia, StopMedia
from rooms.events.breakouts import ByHand
from rooms.ids import PLENARY, ConnectionId, ParticipantId, WorkshopId
from server.media import MediaLimits, MediaServer
from server.media_bridge import MediaBridge
from tests.synthetic import SyntheticEndpoint
from tests.unit.breakouts_case import ids, open_rooms
from tests.unit.workshop_case import Workshop

SLOTS = [("send", "mic"), ("send", "camera"), *[("receive", "audio")] * 3, *[("receive", "video")] * 3]
SETTLED_S = 0.15


class Sink:
    """Takes the signals, as the gateway does."""

    def signal(self, workshop_id: WorkshopId, audience: str, payload: dict[str, Any]) -> None: ...


class Stage:
    """A workshop whose people send and receive; everybody in it speaks and shows all the time."""

    def __init__(self) -> None:
        self.workshop = Workshop(seed=1)
        self.spoken_ms: Counter[str] = Counter()
        self.bridge = MediaBridge(Sink(), lambda _workshop_id, who, ms: self.spoken_ms.update({who: ms}))
        self.media = MediaServer(host="127.0.0.1", port=0, public_ips=[], limits=MediaLimits(), listener=self.bridge)
        self.bridge.attach(self.media)
        self.people: dict[str, SyntheticEndpoint] = {}

    async def join(self, *names: str) -> None:
        for who in names:
            self.do(
                who,
                Connect(
                    connection_id=ConnectionId(f"c_{who}"), name=who, role="facilitator" if who == "fay" else "learner"
                ),
            )
            endpoint = SyntheticEndpoint(SLOTS)
            answer = await self.bridge.offer(
                self.workshop.state, ParticipantId(who), endpoint.offer(), endpoint.specs()
            )
            await endpoint.connect(answer)
            self.people[who] = endpoint
            self.do(who, SetMedia(mic=True, camera=True, screen=False))

    def do(self, who: str, command: Command) -> None:
        """What the actor does: the bridge hears of events when they are durable."""
        known = len(self.workshop.log)
        self.workshop.do(who, command)
        self.bridge.recorded(self.workshop.state, self.workshop.log[known:])

    async def received(self) -> dict[str, int]:
        """How many packets of media each gets while everybody sends some rounds of sound and picture, in silence before and after."""
        await asyncio.sleep(SETTLED_S)
        for endpoint in self.people.values():
            drain(endpoint)
        for number in range(10):
            for endpoint in self.people.values():
                endpoint.socket.send(endpoint.audio_packet())
                endpoint.socket.send(endpoint.video_packet(key=number % 2 == 0))
            await asyncio.sleep(0.01)
        await asyncio.sleep(SETTLED_S)
        return {who: drain(endpoint) for who, endpoint in self.people.items()}

    async def heard(self, speaker: str) -> set[str]:
        """Who gets sound of a person."""
        return await self._reached(speaker, SyntheticEndpoint.audio_packet)

    async def seen(self, shower: str) -> set[str]:
        """Who gets the picture of a person."""
        return await self._reached(shower, lambda endpoint: endpoint.video_packet(key=True))

    async def _reached(self, sender: str, packet: Any) -> set[str]:
        await asyncio.sleep(SETTLED_S)
        for endpoint in self.people.values():
            drain(endpoint)
        for _ in range(10):
            self.people[sender].socket.send(packet(self.people[sender]))
            await asyncio.sleep(0.01)
        await asyncio.sleep(SETTLED_S)
        return {who for who, endpoint in self.people.items() if drain(endpoint)}


def drain(endpoint: SyntheticEndpoint) -> int:
    """Media packets that have come; what says how it is received (RTCP) and STUN are no media."""
    count = 0
    while True:
        try:
            packet = endpoint.socket.recv(4096)
        except (BlockingIOError, ConnectionError):
            return count
        count += packet[0] & 0xC0 == 0x80 and not 192 <= packet[1] <= 223


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    await made.media.start()
    await made.join("fay", "ann", "bob", "cid")
    yield made
    for endpoint in made.people.values():
        await endpoint.close()
    await made.media.close()


async def test_ST1_a_muted_microphone_is_heard_by_nobody_although_it_sends(stage: Stage) -> None:
    assert await stage.heard("ann") == {"fay", "bob", "cid"}
    stage.do("fay", StopMedia(participant_ids=ids("ann")))
    assert await stage.heard("ann") == set()
    assert await stage.seen("ann") == {"fay", "bob", "cid"}
    stage.do("ann", SetMedia(mic=True, camera=True, screen=False))
    assert await stage.heard("ann") == {"fay", "bob", "cid"}


async def test_ST2_what_is_forbidden_to_all_is_dropped_until_it_is_allowed_and_switched_on(stage: Stage) -> None:
    stage.do("fay", StopMedia(media=("mic", "camera"), may_restart=False))
    for who in ("ann", "bob"):
        assert await stage.heard(who) == await stage.seen(who) == set()
    assert await stage.heard("fay") == {"ann", "bob", "cid"}
    stage.do("fay", AllowMedia(participant_ids=ids("ann")))
    assert await stage.heard("ann") == set()  # allowed is not switched on: that is Ann's to do
    stage.do("ann", SetMedia(mic=True, camera=False, screen=False))
    assert await stage.heard("ann") == {"fay", "bob", "cid"}
    assert await stage.seen("ann") == set()


async def test_PE8_nothing_is_carried_that_somebody_has_not_said_they_send(stage: Stage) -> None:
    stage.do("ann", SetMedia(mic=False, camera=False, screen=False))
    assert await stage.heard("ann") == await stage.seen("ann") == set()


async def test_ST3_who_may_speak_in_the_rooms_only_is_silent_on_coming_back(stage: Stage) -> None:
    stage.do("fay", OpenBreakouts(assignment=ByHand(groups=(ids("ann", "bob"), ids("cid")))))
    stage.do("fay", StopMedia(may_restart=False))
    assert await stage.heard("ann") == {"bob"}
    stage.do("fay", CloseBreakouts())
    assert await stage.heard("ann") == set()
    assert await stage.seen("ann") == {"fay", "bob", "cid"}


async def test_BR21_a_listener_hears_the_room_and_the_room_not_the_listener(stage: Stage) -> None:
    stage.do("fay", OpenBreakouts(assignment=ByHand(groups=(ids("ann", "bob"), ids("cid")))))
    room = open_rooms(stage.workshop)[0]
    assert await stage.heard("ann") == {"bob"}
    stage.do("fay", ListenIn(room_ids=(room,)))
    assert await stage.heard("ann") == {"bob", "fay"}
    assert await stage.seen("bob") == {"ann", "fay"}
    assert await stage.heard("fay") == set()
    assert await stage.heard("cid") == set()
    stage.do("fay", ListenIn(room_ids=()))
    assert await stage.heard("ann") == {"bob"}


async def test_BR21_a_listener_to_several_rooms_sees_and_hears_all_of_them(stage: Stage) -> None:
    stage.do("fay", OpenBreakouts(assignment=ByHand(groups=(ids("ann"), ids("bob"), ids("cid")))))
    one, two, three = open_rooms(stage.workshop)
    stage.do("fay", ListenIn(room_ids=(one, three)))
    assert await stage.heard("ann") == await stage.seen("cid") == {"fay"}
    assert await stage.heard("bob") == set()
    stage.do("fay", ListenIn(room_ids=(three, two)))
    assert await stage.heard("ann") == set()
    assert await stage.heard("bob") == await stage.heard("cid") == {"fay"}
    assert await stage.heard("fay") == set()


async def test_BR22_a_voice_to_all_rooms_is_heard_in_all_and_a_picture_is_not(stage: Stage) -> None:
    stage.do("fay", OpenBreakouts(assignment=ByHand(groups=(ids("ann", "bob"), ids("cid")))))
    assert await stage.heard("fay") == set()
    stage.do("fay", SetVoiceBroadcast(on=True))
    assert await stage.heard("fay") == {"ann", "bob", "cid"}
    assert await stage.seen("fay") == set()
    assert await stage.heard("ann") == {"bob"}
    stage.do("fay", SetMedia(mic=False, camera=True, screen=False))
    assert await stage.heard("fay") == set()
    stage.do("fay", SetMedia(mic=True, camera=True, screen=False))
    stage.do("fay", MoveParticipants(participant_ids=ids("cid"), room_id=PLENARY))
    assert await stage.heard("fay") == {"ann", "bob", "cid"}
    stage.do("fay", SetVoiceBroadcast(on=False))
    assert await stage.heard("fay") == {"cid"}


async def test_BR22_the_voice_ends_with_the_rooms_and_with_who_speaks(stage: Stage) -> None:
    stage.do("fay", OpenBreakouts(assignment=ByHand(groups=(ids("ann", "bob"), ids("cid")))))
    stage.do("fay", SetVoiceBroadcast(on=True))
    stage.do("fay", CloseBreakouts())
    stage.do("fay", OpenBreakouts(assignment=ByHand(groups=(ids("ann", "bob"), ids("cid")))))
    assert await stage.heard("fay") == set()
    stage.do("fay", SetVoiceBroadcast(on=True))
    stage.do("fay", Leave())
    assert await stage.heard("fay") == set()


async def test_a_new_transport_of_somebody_muted_is_muted(stage: Stage) -> None:
    stage.do("fay", StopMedia(participant_ids=ids("ann"), may_restart=False))
    await stage.people["ann"].close()
    again = SyntheticEndpoint(SLOTS)
    await again.connect(
        await stage.bridge.offer(stage.workshop.state, ParticipantId("ann"), again.offer(), again.specs())
    )
    stage.people["ann"] = again
    assert await stage.heard("ann") == set()
    assert await stage.heard("bob") == {"fay", "ann", "cid"}


async def test_everybody_at_once(stage: Stage) -> None:
    """Nobody of four gets more than the three others send, and somebody muted takes away exactly theirs."""
    before = await stage.received()
    stage.do("fay", StopMedia(participant_ids=ids("ann"), media=("mic", "camera")))
    after = await stage.received()
    assert after["ann"] >= before["ann"] - 5
    for who in ("fay", "bob", "cid"):
        assert after[who] <= 42 < before[who] <= 63


async def test_AT4_what_somebody_said_last_is_counted_although_they_leave(stage: Stage) -> None:
    for _ in range(60):
        stage.people["ann"].socket.send(stage.people["ann"].audio_packet())
        await asyncio.sleep(0.02)
    assert stage.spoken_ms["ann"] == 0  # too little to be told so far
    stage.do("ann", Leave())
    assert 300 <= stage.spoken_ms["ann"] <= 5_000
