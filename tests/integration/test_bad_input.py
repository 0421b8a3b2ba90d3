"""What bad tokens, hellos, commands and offers get: a code and a sentence, and nobody else notices."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from rooms.ids import ParticipantId, WorkshopId
from server.auth import Claims, Tokens
from tests.harness import TOKEN_SECRET, ServerProcess
from tests.integration.conftest import Join
from tests.raw_socket import CONNECT_ERROR, raw_socket
from tests.socket_client import Refused, WireClient

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Scene:
    """A workshop in which somebody else is all the time."""

    server: ServerProcess
    workshop_id: str
    fay: WireClient

    async def token(self, participant_id: str = "ann", role: str = "learner") -> str:
        return await self.server.token(self.workshop_id, role, participant_id.title(), participant_id)

    def signed(self, secret: str = TOKEN_SECRET, **changes: Any) -> str:
        """A token made outside of the server."""
        claims = {
            "kind": "participant",
            "workshop_id": WorkshopId(self.workshop_id),
            "role": "learner",
            "participant_id": ParticipantId("ann"),
            "name": "Ann",
            "expires_at": int(time.time()) + 600,
        }
        return Tokens(secret).sign(Claims(**{**claims, **changes}))


@pytest_asyncio.fixture(loop_scope="module")
async def scene(server: ServerProcess, join: Join) -> AsyncIterator[Scene]:
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    yield Scene(server, workshop_id, fay)
    await fay.ok("RaiseHand")
    await fay.until(lambda records: records["participant:fay"]["hand_raised_seq"])
    assert fay.goodbyes == []


def refusal(answer: dict[str, Any], code: str, *, retryable: bool = False) -> str:
    """The sentence of a refusal, which must have this code."""
    assert set(answer) == {"ok", "code", "message", "rule", "retryable"}
    assert (answer["ok"], answer["code"], answer["retryable"]) == (False, code, retryable), answer
    assert answer["message"].endswith((".", "!"))
    return str(answer["message"])


# ── tokens ───────────────────────────────────────────────────────────────────────────────────────────────────────────
async def refused(scene: Scene, token: Any, **auth: Any) -> str:
    client = WireClient(scene.server.base_url, token)
    with pytest.raises(Refused) as refusal:
        await client.connect(**auth)
    assert refusal.value.message.endswith(".")
    return refusal.value.code


async def test_tokens_that_let_nobody_in(scene: Scene) -> None:
    good = await scene.token()
    header, payload, _ = good.split(".")
    invite = await scene.server.token(scene.workshop_id, "learner")
    for token, code in (
        (None, "token_missing"),
        ("", "token_missing"),
        (5, "token_invalid"),
        ("junk", "token_invalid"),
        ("x" * 100_000, "token_invalid"),
        (f"eyJhbGciOiJub25lIn0.{payload}.", "token_invalid"),
        (f"{header}.{payload}.", "token_invalid"),
        (scene.signed("another-secret-another-secret-another-secret"), "token_invalid"),
        (scene.signed(participant_id=ParticipantId("system")), "token_invalid"),
        (scene.signed(expires_at=int(time.time()) - 60), "token_expired"),
        (scene.signed(workshop_id=WorkshopId("w_another")), "workshop_unknown"),
        (invite, "token_is_invite"),
    ):
        assert await refused(scene, token) == code, str(token)[:40]
    assert await refused(scene, good, protocol=2) == "protocol_unsupported"
    assert await refused(scene, good, protocol="1") == "protocol_unsupported"
    assert list(scene.fay.of_kind("participant")) == [scene.fay.records["participant:fay"]]


async def test_a_token_of_one_workshop_shows_nothing_of_another(scene: Scene, join: Join) -> None:
    other = await scene.server.create_workshop("Other")
    ann = await join(other, "learner", "ann")
    assert ann.records["workshop"]["title"] == "Other"
    assert ann.hello["workshop_id"] == other
    refusal(await ann.command("MoveParticipants", participant_ids=["fay"], room_id="plenary"), "not_allowed")
    assert "participant:ann" not in scene.fay.records


async def test_the_connection_ends_with_the_token(scene: Scene) -> None:
    ann = WireClient(scene.server.base_url, scene.signed(expires_at=int(time.time()) - 7))  # the leeway is 10 s
    await ann.connect()
    async with asyncio.timeout(60):
        await ann.disconnected.wait()
    assert [told["code"] for told in ann.goodbyes] == ["token_expired"]
    await ann.close()


async def test_a_refused_socket_is_closed(scene: Scene) -> None:
    async with raw_socket(scene.server.base_url) as socket:
        answer = await socket.connect("junk")
        assert answer["type"] == CONNECT_ERROR
        assert answer["data"]["data"]["code"] == "token_invalid"
        await socket.ended()


# ── hello ────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_hello_once_and_before_everything_else(scene: Scene) -> None:
    ann = await WireClient(scene.server.base_url, await scene.token()).connect(hello=False)
    refusal(await ann.command("RaiseHand"), "hello_first")
    refusal(await ann.call("media.offer", {"sdp": "v=0", "slots": []}), "hello_first")
    refusal(await ann.call("media.view", {"tiles": []}), "hello_first")
    for payload in (
        5,
        "x",
        [],
        {"last_seq": "1"},
        {"last_seq": -1},
        {"last_seq": 1.5},
        {"last_seq": True},
        {"more": 1},
    ):
        refusal(await ann.call("hello", payload), "hello_invalid")
    both = await asyncio.gather(ann.call("hello", {"last_seq": None}), ann.call("hello", {}))
    assert sorted(each["ok"] for each in both) == [False, True]
    refusal(await ann.call("hello", {"last_seq": None}), "hello_repeated")
    await ann.ok("RaiseHand")
    await ann.close()


async def test_a_last_seq_from_nowhere_gets_a_snapshot(scene: Scene, join: Join) -> None:
    for last_seq in (0, 1, 10**6, 2**63 - 1, 2**64 - 1):
        ann = await join(scene.workshop_id, "learner", "ann", last_seq=last_seq)
        assert ann.hello["snapshot"] or last_seq <= ann.hello["seq"]
        await ann.close()


async def test_without_hello_the_socket_is_closed(tmp_path_factory: pytest.TempPathFactory) -> None:
    hasty = ServerProcess(tmp_path_factory.mktemp("hasty") / "data", ATELIER_LIMITS__HELLO_WITHIN_S="2")
    await hasty.start()
    workshop_id = await hasty.create_workshop()
    token = await hasty.token(workshop_id, "learner", "Ann", "ann")
    async with raw_socket(hasty.base_url) as silent:
        await silent.ended()
        assert silent.packets == []
    async with raw_socket(hasty.base_url) as mute:
        await mute.connect(token)
        await mute.ended()
        assert [told["code"] for told in mute.goodbyes] == ["malformed"]
    await hasty.stop()
    assert "Traceback" not in hasty.log.read_text()


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_commands_that_are_no_commands(scene: Scene, join: Join) -> None:
    ann = await join(scene.workshop_id)
    for fields, code, named in (
        ({"id": "1"}, "command_unknown", "type"),
        ({"id": "1", "type": "Nonsense"}, "command_unknown", "type"),
        ({"id": "1", "type": 5}, "command_unknown", "type"),
        ({"id": "1", "type": ["RaiseHand"]}, "command_unknown", "type"),
        ({"id": "1", "type": {"a": 1}}, "command_unknown", "type"),
        (
            {"id": "1", "type": "Connect", "connection_id": "c", "name": "x", "role": "facilitator"},
            "command_unknown",
            "type",
        ),
        ({"id": "1", "type": "Tick"}, "command_unknown", "type"),
        ({"type": "RaiseHand"}, "command_invalid", "id"),
        ({"id": "", "type": "RaiseHand"}, "command_invalid", "id"),
        ({"id": "x" * 65, "type": "RaiseHand"}, "command_invalid", "id"),
        ({"id": 5, "type": "RaiseHand"}, "command_invalid", "id"),
        ({"id": None, "type": "RaiseHand"}, "command_invalid", "id"),
        ({"id": "1", "type": "RaiseHand", "participant_id": "fay"}, "command_invalid", "participant_id"),
        ({"id": "1", "type": "PostMessage"}, "command_invalid", "channel"),
        ({"id": "1", "type": "PostMessage", "channel": "everyone", "text": 5}, "command_invalid", "text"),
        ({"id": "1", "type": "PostMessage", "channel": "everyone", "text": ["x"]}, "command_invalid", "text"),
        ({"id": "1", "type": "PostMessage", "channel": "nowhere", "text": "x"}, "command_invalid", "channel"),
        ({"id": "1", "type": "OpenBreakouts", "count": "many"}, "command_invalid", "count"),
        ({"id": "1", "type": "OpenBreakouts", "count": 1.5}, "command_invalid", "count"),
        ({"id": "1", "type": "MoveParticipants", "participant_ids": "fay", "room_id": "r"}, "command_invalid", "ids"),
        ({"id": "1", "type": "MoveParticipants", "participant_ids": [[]], "room_id": "r"}, "command_invalid", "ids"),
        ({"id": "1", "type": "SetMedia", "mic": True}, "command_invalid", "camera"),
    ):
        assert named in refusal(await ann.call("command", fields), code), fields
    await ann.ok("RaiseHand")
    assert ann.goodbyes == []


async def test_a_field_is_not_said_back(scene: Scene, join: Join) -> None:
    ann = await join(scene.workshop_id)
    answer = await ann.command("PostMessage", channel="a-secret-value", text=["a-secret-value"])
    assert "a-secret-value" not in refusal(answer, "command_invalid")


async def test_commands_that_are_not_for_this_person_or_this_workshop(scene: Scene, join: Join) -> None:
    ann = await join(scene.workshop_id)
    other_id = await scene.server.create_workshop("Other")
    other = await join(other_id, "facilitator", "fay")
    await other.ok("CreatePoll", question="?", options=["A", "B"])
    (poll,) = await other.until(lambda _: other.of_kind("poll"))
    await other.ok("OpenPoll", poll_id=poll["poll_id"])
    await join(other_id, "learner", "bob")
    await other.ok("OpenBreakouts", count=1)
    (room,) = await other.until(lambda _: [room for room in other.of_kind("room") if room["room_kind"] == "breakout"])
    option_id, elsewhere = poll["options"][0]["option_id"], room["room_id"]
    fay = scene.fay
    await fay.ok("OpenBreakouts", count=1)
    for client, code, kind, fields in (
        (ann, "not_allowed", "OpenBreakouts", {"count": 2}),
        (ann, "not_allowed", "CloseWorkshop", {}),
        (ann, "not_allowed", "CreatePoll", {"question": "?", "options": ["A", "B"]}),
        (ann, "not_allowed", "LowerHand", {"participant_id": "fay"}),
        (ann, "not_allowed", "RemoveParticipant", {"participant_id": "fay"}),
        (ann, "not_allowed", "ChangeRole", {"participant_id": "ann", "role": "facilitator"}),
        (ann, "unknown_poll", "CastBallot", {"poll_id": poll["poll_id"], "option_ids": [option_id]}),
        (fay, "unknown_poll", "ClosePoll", {"poll_id": poll["poll_id"]}),
        (fay, "unknown_room", "MoveParticipants", {"participant_ids": ["ann"], "room_id": elsewhere}),
        (fay, "unknown_participant", "MoveParticipants", {"participant_ids": ["bob"], "room_id": "plenary"}),
        (fay, "unknown_participant", "RemoveParticipant", {"participant_id": "nobody"}),
    ):
        refusal(await client.command(kind, **fields), code)
    assert ann.goodbyes == []


async def test_texts_at_the_edges(scene: Scene, join: Join) -> None:
    ann = await join(scene.workshop_id)
    refusal(await ann.command("PostMessage", channel="everyone", text="x" * 150_000), "message_too_long")
    refusal(await ann.command("PostMessage", channel="everyone", text="\x00\x01 \u202e"), "message_empty")
    await ann.ok("PostMessage", channel="everyone", text="\x00a\x1b[31m\ud7ff\U0010ffff")
    await scene.fay.until(lambda _: scene.fay.of_kind("message"))


async def test_a_payload_that_is_no_map_ends_the_connection(scene: Scene) -> None:
    for payload in (None, 5, "RaiseHand", ["RaiseHand"], b"bytes"):
        async with raw_socket(scene.server.base_url) as socket:
            await socket.enter(await scene.token())
            await socket.event("command", payload, ack=1)
            await socket.ended()
            assert [told["code"] for told in socket.goodbyes] == ["malformed"]


async def test_too_many_commands_are_refused_and_then_end_the_connection(scene: Scene) -> None:
    async with raw_socket(scene.server.base_url) as socket:
        await socket.enter(await scene.token())
        reader = asyncio.ensure_future(socket.ended())
        try:
            for number in range(10_000):
                fields = {"id": f"c{number}", "type": "LowerHand", "participant_id": None}
                await socket.event("command", fields, ack=1 + number)
                await asyncio.sleep(0)  # read what came, or else this is cut for being too slow
        except ConnectionError:
            pass  # cut while still sending
        await reader
        answers = [packet["data"][0] for packet in socket.packets if packet.get("id")]
        codes = [answer.get("code", "ok") for answer in answers]
        assert set(codes) <= {"ok", "rate_limited", "gone", "hello_first"}
        assert 50 <= codes.count("ok") <= 250  # answers that were on their way when it was cut are lost
        assert codes.count("rate_limited") >= 100
        refusal(
            next(answer for answer in answers if answer.get("code") == "rate_limited"), "rate_limited", retryable=True
        )
        assert [told["code"] for told in socket.goodbyes] == ["flooding"]


async def test_a_burst_that_is_refused_may_be_repeated_later(scene: Scene, join: Join) -> None:
    ann = await join(scene.workshop_id)
    acks = await asyncio.gather(*(ann.command("LowerHand", command_id=f"c{number}") for number in range(150)))
    late = [number for number, ack in enumerate(acks) if not ack["ok"]]
    assert late
    assert {acks[number]["code"] for number in late} == {"rate_limited"}
    async with asyncio.timeout(30):
        while not (await ann.command("LowerHand", command_id=f"c{late[0]}"))["ok"]:
            await asyncio.sleep(0.5)
    assert ann.goodbyes == []


# ── media ────────────────────────────────────────────────────────────────────────────────────────────────────────────
async def test_offers_that_cannot_be_answered(scene: Scene, join: Join) -> None:
    ann = await join(scene.workshop_id)
    slot = {"mid": "0", "direction": "send", "media": "mic"}
    for payload, code in (
        (5, "offer_invalid"),
        ([], "offer_invalid"),
        ({}, "offer_invalid"),
        ({"sdp": "", "slots": []}, "offer_invalid"),
        ({"sdp": b"v=0", "slots": []}, "offer_invalid"),
        ({"sdp": "v=0", "slots": [], "more": 1}, "offer_invalid"),
        ({"sdp": "x" * 150_001, "slots": []}, "offer_invalid"),
        ({"sdp": "v=0", "slots": [slot] * 65}, "offer_invalid"),
    ):
        refusal(await ann.call("media.offer", payload), code)
    bob = await join(scene.workshop_id, "learner", "bob")
    for payload, code in (
        ({"sdp": "v=0", "slots": [{**slot, "media": "smell"}]}, "offer_invalid"),
        ({"sdp": "v=0", "slots": [{**slot, "mid": "x" * 17}]}, "offer_invalid"),
        ({"sdp": "junk", "slots": [slot]}, "offer_malformed"),
        ({"sdp": "v=0\r\n" * 20_000, "slots": [slot]}, "offer_too_large"),
        ({"sdp": "v=0\r\na=" + "x" * 100_000, "slots": [slot]}, "offer_too_large"),
        ({"sdp": "v=0", "slots": [slot]}, "offer_malformed"),
        ({"sdp": "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n", "slots": [slot]}, "offer_without_ice"),
    ):
        refusal(await bob.call("media.offer", payload), code)
    assert ann.goodbyes == bob.goodbyes == []


async def test_views_that_show_nothing(scene: Scene, join: Join) -> None:
    ann = await join(scene.workshop_id)
    tile = {"participant_id": "fay", "media": "camera", "width": 640, "height": 360}
    for payload in (
        "all",
        {"tiles": 5},
        {"tiles": [tile] * 65},
        {"tiles": [{**tile, "width": -1}]},
        {"tiles": [{**tile, "width": 1e9}]},
        {"tiles": [{**tile, "media": "mic"}]},
    ):
        refusal(await ann.call("media.view", payload), "view_invalid")
    for shown in ({**tile, "participant_id": "nobody"}, {**tile, "participant_id": "../x"}, tile):
        assert (await ann.call("media.view", {"tiles": [shown, shown]}))["ok"]
