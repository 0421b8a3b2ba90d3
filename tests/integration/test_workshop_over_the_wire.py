"""A workshop through the running server, by the protocol alone."""

import asyncio
from typing import Any

import pytest

from tests.harness import ServerProcess
from tests.integration.conftest import Join
from tests.socket_client import WireClient

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_people_chat_go_into_breakouts_vote_and_come_back(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    ann = await join(workshop_id, "learner", "ann")
    bob = await join(workshop_id, "learner", "bob")
    await fay.until(
        lambda records: "participant:bob" in records and records["participant:bob"]["presence"] == "present"
    )

    await ann.ok("PostMessage", channel="everyone", text="Hello")
    await bob.until(lambda _: [m for m in bob.of_kind("message") if m["text"] == "Hello"])
    await ann.ok("PostMessage", channel="facilitators", text="Only for you")
    await fay.until(lambda _: len(fay.of_kind("message")) == 2)

    await fay.ok("OpenBreakouts", count=2)
    await ann.until(lambda records: records["participant:ann"]["room_id"] != "plenary")
    rooms = {ann.records[f"participant:{who}"]["room_id"] for who in ("ann", "bob")}
    assert len(rooms) == 2
    await fay.ok("MoveParticipants", participant_ids=["ann"], room_id=ann.records["participant:bob"]["room_id"])
    await ann.until(lambda r: r["participant:ann"]["room_id"] == r["participant:bob"]["room_id"])
    await fay.ok("CloseBreakouts")
    await ann.until(lambda records: records["participant:ann"]["room_id"] == "plenary")
    assert [room["name"] for room in ann.of_kind("room")] == ["Plenary"]

    await fay.ok("CreatePoll", question="Which?", options=["A", "B"], anonymous=False)
    (poll,) = await fay.until(lambda _: fay.of_kind("poll"))
    assert ann.of_kind("poll") == []
    await fay.ok("OpenPoll", poll_id=poll["poll_id"])
    await ann.until(lambda _: ann.of_kind("poll"))
    await ann.ok("CastBallot", poll_id=poll["poll_id"], option_ids=[poll["options"][1]["option_id"]])
    tally = await fay.until(lambda _: [t for t in fay.of_kind("tally") if t["ballots"] == 1])
    assert [each["count"] for each in tally[0]["counts"]] == [0, 1]
    await ann.until(lambda _: ann.of_kind("ballot"))
    await ann.ok("PostMessage", channel="everyone", text="Bye")  # once Bob has this, he has all that came before it
    await bob.until(lambda _: [m for m in bob.of_kind("message") if m["text"] == "Bye"])
    assert bob.of_kind("ballot") == bob.of_kind("tally") == []
    assert {m["text"] for m in bob.of_kind("message")} == {"Hello", "Bye"}


async def test_a_resumed_client_gets_what_it_missed_and_no_more(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    ann = await join(workshop_id, "learner", "ann")
    await ann.ok("PostMessage", channel="everyone", text="one")
    await ann.until(lambda _: ann.of_kind("message"))
    seen, since = dict(ann.records), ann.since
    await ann.close()
    await fay.ok("PostMessage", channel="everyone", text="two")
    again = WireClient(server.base_url, await server.token(workshop_id, "learner", "Ann", "ann"))
    again.records = seen
    await again.connect(last_seq=since)
    assert again.hello["snapshot"] is False
    await again.until(lambda _: {m["text"] for m in again.of_kind("message")} == {"one", "two"})
    fresh = await join(workshop_id, "learner", "ann")
    await again.until(lambda records: records == fresh.records)
    await again.close()


async def test_a_repeated_command_gets_the_first_answer_and_does_nothing(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    ann = await join(workshop_id, "learner", "ann")
    first = await ann.command("PostMessage", command_id="same", channel="everyone", text="once")
    again = await ann.command("PostMessage", command_id="same", channel="everyone", text="once")
    assert first == again
    await ann.ok("RaiseHand")
    await ann.until(lambda records: records["participant:ann"]["hand_raised_seq"])
    assert len(ann.of_kind("message")) == 1


async def test_a_second_tab_is_the_same_person_and_leaving_ends_both(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    first = await join(workshop_id, "learner", "ann")
    second = await join(workshop_id, "learner", "ann")
    assert len(second.of_kind("participant")) == 2
    await first.close()
    await second.ok("RaiseHand")
    await fay.until(lambda records: records["participant:ann"]["hand_raised_seq"])
    assert fay.records["participant:ann"]["presence"] == "present"
    await second.ok("Leave")
    async with asyncio.timeout(60):
        await second.disconnected.wait()
    assert [told["code"] for told in second.goodbyes] == ["left"]
    await fay.until(lambda records: records["participant:ann"]["presence"] == "left")


async def test_closing_says_goodbye_to_everybody_and_lets_nobody_in(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    ann = await join(workshop_id, "learner", "ann")
    await fay.ok("CloseWorkshop")
    for client in (fay, ann):
        async with asyncio.timeout(60):
            await client.disconnected.wait()
        assert [told["code"] for told in client.goodbyes] == ["workshop_closed"]
    status, body = await server.api("GET", f"/api/workshops/{workshop_id}")
    assert (status, body["status"], body["present"]) == (200, "closed", 0)
    with pytest.raises(Exception, match="workshop_closed"):
        await join(workshop_id, "learner", "ann")


async def test_a_killed_server_loses_nothing_that_was_acknowledged(
    tmp_path: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = ServerProcess(tmp_path_factory.mktemp("killed") / "data")
    await server.start()
    workshop_id = await server.create_workshop()
    token = await server.token(workshop_id, "facilitator", "Fay", "fay")
    fay = await WireClient(server.base_url, token).connect()
    ann = await WireClient(server.base_url, await server.token(workshop_id, "learner", "Ann", "ann")).connect()
    await fay.ok("OpenBreakouts", count=1, duration_ms=600_000)
    for index in range(20):
        await ann.ok("PostMessage", channel="everyone", text=f"m{index}")
    await fay.until(lambda _: len(fay.of_kind("message")) == 20)
    # What is told of one instant comes in several messages, in any order; all of them are there once something later is.
    await fay.ok("PostMessage", channel="everyone", text="later")
    await fay.until(lambda _: len(fay.of_kind("message")) == 21)

    def lasting(client: WireClient) -> dict[str, object]:
        """What has nothing to do with who is connected at the moment."""
        passing = ("participant", "attendance")
        return {key: record for key, record in client.records.items() if not record["kind"].startswith(passing)}

    before = lasting(fay)
    await server.kill()
    await server.start()
    back = await WireClient(server.base_url, token).connect(last_seq=fay.since)
    assert back.hello["snapshot"] is True
    await back.until(lambda records: records["participant:fay"]["presence"] == "present")
    assert lasting(back) == before
    assert back.records["participant:ann"]["presence"] == "reconnecting"
    assert back.records["participant:ann"]["room_id"] != "plenary"
    for client in (fay, ann, back):
        await client.close()
    await server.stop()


async def test_a_reaction_is_seen_in_the_room_and_nowhere_else(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    fay, ann, bob = [
        await join(workshop_id, role, who)
        for role, who in (("facilitator", "fay"), ("learner", "ann"), ("learner", "bob"))
    ]
    await fay.ok("OpenBreakouts", count=2)
    await ann.until(lambda records: records["participant:ann"]["room_id"] != "plenary")
    await fay.ok("EnterRoom", room_id=ann.records["participant:ann"]["room_id"])
    assert await ann.call("react", {"reaction": "clap"}) == {"ok": True}
    await fay.until(lambda _: [each for each in fay.signals if each.get("reactions") == {"ann": "clap"}])
    refused = await ann.call("react", {"reaction": "boo"})
    assert (refused["ok"], refused["code"]) == (False, "reaction_invalid")
    await ann.ok("Leave")
    assert not [each for each in bob.signals if "reactions" in each]


async def test_the_servers_clock_can_be_asked_for(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    ann = await join(workshop_id, "learner", "ann")
    first = await ann.call("clock", {})
    second = await ann.call("clock", {})
    assert first["ok"]
    assert second["ok"]
    assert ann.hello["now_ms"] <= first["now_ms"] <= second["now_ms"] < ann.hello["now_ms"] + 60_000


async def test_captions_reach_who_hears_the_speaker_and_nobody_else(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    fay, cof, ann, bob = [
        await join(workshop_id, role, who)
        for role, who in (("facilitator", "fay"), ("cofacilitator", "cof"), ("learner", "ann"), ("learner", "bob"))
    ]
    await fay.ok("OpenBreakouts", count=2)
    room = await ann.until(
        lambda records: (
            records["participant:ann"]["room_id"] not in ("", "plenary") and records["participant:ann"]["room_id"]
        )
    )
    await fay.ok("EnterRoom", room_id=room)
    await cof.ok("ListenIn", room_ids=[room])

    def heard(client: WireClient, text: str) -> Any:
        lines = (line for each in client.signals for line in each.get("captions", {}).values())
        return next((line for line in lines if line["text"] == text), None)

    said = {"line": 1, "text": "my first offer", "final": False, "lang": "en-GB"}
    refused = await ann.call("caption", said)
    assert (refused["ok"], refused["code"]) == (False, "caption_muted")
    await ann.ok("SetMedia", mic=True, camera=False, screen=False)
    assert await ann.call("caption", said) == {"ok": True}
    for client in (fay, cof):
        line = await client.until(lambda _, client=client: heard(client, "my first offer"))
        assert line == {"participant_id": "ann", "text": "my first offer", "final": False, "lang": "en-GB"}
    for wrong in ({**said, "text": "x" * 501}, {**said, "line": -1}, {**said, "lang": "<b>"}, {**said, "more": 1}):
        assert (await ann.call("caption", wrong))["code"] == "caption_invalid"

    answers = await asyncio.gather(*(ann.call("caption", {**said, "line": line}) for line in range(60)))
    assert {answer["code"] for answer in answers if not answer["ok"]} == {"rate_limited"}
    await fay.ok("SetMedia", mic=True, camera=False, screen=False)
    await fay.ok("SetVoiceBroadcast", on=True)
    await fay.call("caption", {"line": 1, "text": "two minutes left", "final": True})
    await bob.until(lambda _: heard(bob, "two minutes left"))
    assert heard(bob, "my first offer") is None
    again = await join(workshop_id, "facilitator", "fay", last_seq=None)
    assert "first offer" not in str(again.records)
