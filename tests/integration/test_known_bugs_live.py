"""Bugs people report of today's tools, as tests by name, where they need sockets: media, guests, restarts.

The rest is in `tests/unit/test_known_bugs.py`.
"""

import asyncio
import time
from itertools import pairwise
from pathlib import Path

from rooms.commands.breakouts import MoveParticipants, OpenBreakouts
from rooms.events.breakouts import ByHand
from rooms.ids import PLENARY, ParticipantId
from server.media.rtp import HEADER
from server.media.vp8 import Descriptor
from tests.harness import ServerProcess
from tests.integration.test_media_permissions import SLOTS, Stage, drain
from tests.integration.test_media_permissions import stage as stage
from tests.packets import opened
from tests.socket_client import WireClient
from tests.synthetic import SyntheticEndpoint
from tests.unit.breakouts_case import ids, open_rooms


async def test_known_no_silence_at_a_change_of_room(stage: Stage) -> None:
    """Elsewhere a move makes a new connection and costs seconds. Here the very next packets go to the new room."""
    stage.do("fay", OpenBreakouts(assignment=ByHand(groups=(ids("ann", "bob"), ids("cid")))))
    for room_id in (*reversed(open_rooms(stage.workshop)), PLENARY):
        stage.do("fay", MoveParticipants(participant_ids=ids("ann"), room_id=room_id))
        stage.do("fay", MoveParticipants(participant_ids=ids("bob"), room_id=room_id))
        await asyncio.sleep(0.05)
        drain(stage.people["bob"])
        sent = 0
        while not drain(stage.people["bob"]):
            assert sent < 10
            stage.people["ann"].socket.send(stage.people["ann"].audio_packet())
            sent += 1
            await asyncio.sleep(0.02)


async def test_known_a_speaker_whose_packets_came_before_the_signalling_is_heard(stage: Stage) -> None:
    """One listener never heard somebody who had begun to speak before that listener was told of them."""
    told: list[float] = []
    bound = stage.bridge.bound
    stage.bridge.bound = lambda endpoint, bindings: (told.append(time.monotonic()), bound(endpoint, bindings))[1]  # type: ignore[method-assign]
    speaking = asyncio.Event()

    async def speak() -> None:
        while not speaking.is_set():
            stage.people["ann"].socket.send(stage.people["ann"].audio_packet())
            await asyncio.sleep(0.005)

    speaker = asyncio.create_task(speak())
    try:
        for name in ("late1", "late2"):
            await stage.join(name)
            first: float | None = None
            async with asyncio.timeout(60):
                while first is None:
                    await asyncio.sleep(0.005)
                    first = time.monotonic() if drain(stage.people[name]) else None
            assert told
            assert min(told) < first
            told.clear()
    finally:
        speaking.set()
        await speaker


async def test_known_no_picture_freezes_because_numbers_jump_when_a_slot_changes_its_source(stage: Stage) -> None:
    """Picture ids, sequence numbers and time of a receive slot go on whoever it carries; each switch begins at a key frame."""
    cid = SyntheticEndpoint([*SLOTS[:2], ("receive", "video")])
    await stage.people["cid"].close()
    answer = await stage.bridge.offer(stage.workshop.state, ParticipantId("cid"), cid.offer(), cid.specs())
    await cid.connect(answer)
    stage.people["cid"] = cid
    pictures: list[tuple[int, int, int]] = []
    for turn in range(12):
        shown = ("ann", "bob")[turn % 2]
        stage.bridge.view(stage.workshop.state.workshop_id, ParticipantId("cid"), [(shown, "camera", 640, 360)])
        await asyncio.sleep(0.05)
        for number in range(4):
            for who in ("ann", "bob"):
                stage.people[who].socket.send(stage.people[who].video_packet(key=number == 0))
            await asyncio.sleep(0.02)
        pictures += pictures_of(cid)
    assert len(pictures) == 12 * 4
    for (seq, stamp, picture), (next_seq, next_stamp, next_picture) in pairwise(pictures):
        assert (next_seq - seq) & 0xFFFF == 1
        assert (next_picture - picture) & 0x7FFF == 1
        assert (
            0 < (next_stamp - stamp) & 0xFFFFFFFF < 60 * 90_000
        )  # a minute: the clock goes on, also where this machine stands still


def pictures_of(endpoint: SyntheticEndpoint) -> list[tuple[int, int, int]]:
    """(sequence number, timestamp, picture id) of the video packets that have come."""
    found = []
    while True:
        try:
            packet = endpoint.socket.recv(4096)
        except (BlockingIOError, ConnectionError):
            return found
        if packet[0] & 0xC0 == 0x80 and not 192 <= packet[1] <= 223:
            assert endpoint.receiver is not None
            payload, _ = opened(endpoint.receiver, packet)
            _, _, seq, stamp, _ = HEADER.unpack_from(packet)
            descriptor = Descriptor()
            descriptor.parse(payload)
            found.append((seq, stamp, descriptor.picture_id))


async def test_known_one_idle_person_does_not_keep_a_node_from_stopping(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    await server.start()
    workshop_id = await server.create_workshop()
    token = await server.token(workshop_id, "learner", "Ann", "ann")
    idle = await WireClient(server.base_url, token).connect()
    silent = await WireClient(server.base_url, token).connect(hello=False)
    asked = time.monotonic()
    await server.stop()
    assert time.monotonic() - asked < 30  # not the minute that an open request is given
    await server.start()
    again = await WireClient(server.base_url, token).connect()
    assert again.records["participant:ann"]["presence"] == "present"
    for client in (idle, silent, again):
        await client.close()
    await server.stop()


async def test_known_a_guest_by_an_invite_is_moved_and_comes_back_to_the_same_room(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    await server.start()
    workshop_id = await server.create_workshop()
    fay = await WireClient(server.base_url, await server.token(workshop_id, "facilitator", "Fay", "fay")).connect()
    invite = await server.token(workshop_id, "learner")
    tokens = []
    for name in ("Ann", "Bob"):
        _, joined = await server.api("POST", "/api/join", {"invite": invite, "name": name}, key=None)
        tokens.append(joined)
    ann, bob = [await WireClient(server.base_url, joined["token"]).connect() for joined in tokens]
    me, other = (joined["participant_id"] for joined in tokens)
    await fay.ok("OpenBreakouts", count=2)
    room_id = await fay.until(
        lambda r: r[f"participant:{other}"]["room_id"] != "plenary" and r[f"participant:{other}"]["room_id"]
    )
    await fay.ok("MoveParticipants", participant_ids=[me], room_id=room_id)
    await ann.until(lambda r: r[f"participant:{me}"]["room_id"] == room_id)
    await ann.ok("Leave")
    again = await WireClient(server.base_url, tokens[0]["token"]).connect()
    assert again.records[f"participant:{me}"]["room_id"] == room_id
    for client in (fay, ann, bob, again):
        await client.close()
    await server.stop()
