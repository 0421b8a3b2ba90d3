"""Breakout rooms, the door and the stage through the running server, by the protocol alone: one test a family of commands."""

import time
from typing import Any

import pytest

from tests.harness import ServerProcess
from tests.integration.conftest import Join
from tests.socket_client import WireClient

pytestmark = pytest.mark.asyncio(loop_scope="module")
NAMES = ("ann", "bob", "cid", "dan")


class Crowd:
    """`fay` and four learners in a workshop of their own."""

    def __init__(self, workshop_id: str, fay: WireClient, learners: dict[str, WireClient]) -> None:
        self.workshop_id, self.fay, self.learners = workshop_id, fay, learners

    def room(self, who: str) -> str:
        return str(self.fay.records[f"participant:{who}"]["room_id"])

    def groups(self) -> set[frozenset[str]]:
        rooms: dict[str, set[str]] = {}
        for who in self.learners:
            rooms.setdefault(self.room(who), set()).add(who)
        rooms.pop("plenary", None)
        return {frozenset(group) for group in rooms.values()}

    async def do(self, kind: str, **fields: Any) -> int:
        """A facilitator's command, seen by everybody afterwards."""
        await self.fay.ok(kind, **fields)
        word = f"{kind} {time.monotonic_ns()}"
        seq = await self.fay.ok("PostMessage", channel="everyone", text=word)
        for client in (self.fay, *self.learners.values()):
            await client.until(lambda _, client=client: [m for m in client.of_kind("message") if m["text"] == word])
        return seq


async def crowd(server: ServerProcess, join: Join, **fields: Any) -> Crowd:
    workshop_id = await server.create_workshop(**fields)
    fay = await join(workshop_id, "facilitator", "fay")
    learners = {name: await join(workshop_id, "learner", name) for name in NAMES}
    made = Crowd(workshop_id, fay, learners)
    await made.do("SetLock", on=False)
    return made


def sizes(groups: set[frozenset[str]]) -> list[int]:
    return sorted(map(len, groups))


async def test_every_way_of_assignment(server: ServerProcess, join: Join) -> None:
    it = await crowd(server, join)
    roster = "external_id,room,score,attribute:team\n" + "".join(
        f"{name},{room},{score},{team}\n"
        for name, room, score, team in zip(NAMES, "AABB", (1, 2, 3, 4), ("red", "red", "blue", "blue"), strict=True)
    )
    await it.do("ImportRoster", text=roster)
    for assignment, expected in (
        ({"kind": "random"}, None),
        ({"kind": "attributes", "attributes": ["team"], "mode": "alike"}, {frozenset(NAMES[:2]), frozenset(NAMES[2:])}),
        ({"kind": "score", "mode": "balanced"}, {frozenset(("ann", "dan")), frozenset(("bob", "cid"))}),
        (
            {"kind": "by_hand", "groups": [["ann", "cid"], ["bob", "dan"]]},
            {frozenset(("ann", "cid")), frozenset(("bob", "dan"))},
        ),
        ({"kind": "roster"}, {frozenset(NAMES[:2]), frozenset(NAMES[2:])}),
    ):
        count = {} if assignment["kind"] == "roster" else {"count": 2}
        await it.do("OpenBreakouts", assignment=assignment, switch=True, **count)
        assert sizes(it.groups()) == [2, 2], assignment
        if expected is not None:
            assert it.groups() == expected, assignment
    await it.do("OpenBreakouts", size=3, switch=True)
    assert sizes(it.groups()) == [2, 2]
    await it.do("OpenBreakouts", count=2, assignment={"kind": "self_select"}, rooms=[{"capacity": 1}, {}], switch=True)
    assert it.groups() == set()
    full, other = sorted((r for r in it.fay.of_kind("room") if r["room_kind"] == "breakout"), key=lambda r: r["order"])
    await it.learners["ann"].ok("EnterRoom", room_id=full["room_id"])
    refused = await it.learners["bob"].command("EnterRoom", room_id=full["room_id"])
    assert (refused["code"], refused["rule"]) == ("room_full", "BR12")
    await it.learners["bob"].ok("EnterRoom", room_id=other["room_id"])
    refused = await it.fay.command("OpenBreakouts", count=9, switch=True)
    assert (refused["code"], refused["rule"]) == ("too_many_rooms", "BR3")
    assert (await it.learners["ann"].command("OpenBreakouts", count=2))["code"] == "not_allowed"


async def test_plans_rotation_and_jigsaw(server: ServerProcess, join: Join) -> None:
    it = await crowd(server, join)
    await it.do("PrepareRotation", rounds=3, count=2, title="Pairs")
    plans = sorted(it.fay.of_kind("plan"), key=lambda plan: plan["position"])
    assert [plan["plan"]["title"] for plan in plans] == ["Pairs 1", "Pairs 2", "Pairs 3"]
    assert not it.learners["ann"].of_kind("plan")
    met: set[frozenset[str]] = set()
    for plan in plans:
        await it.do("OpenPlan", plan_id=plan["plan_id"], switch=True)
        assert not met & it.groups()
        met |= it.groups()
    await it.do("CloseBreakouts")
    await it.do("PrepareJigsaw", topics=[{"name": "Causes"}, {"name": "Effects"}], open=True)
    experts = it.groups()
    (homes,) = it.fay.of_kind("plan")
    await it.do("OpenPlan", plan_id=homes["plan_id"], switch=True)
    assert all(len(home & expert) == 1 for home in it.groups() for expert in experts)
    explained = it.fay.of_kind("breakouts_setup")[0]["explanation"]
    assert "jigsaw_covered" in {reason["code"] for reason in explained}
    assert not it.learners["ann"].of_kind("breakouts_setup")
    await it.do("CloseBreakouts")
    await it.do("PrepareBreakouts", count=2, title="Again")
    (plan,) = it.fay.of_kind("plan")
    stale = {
        "title": "Edited",
        "plan_id": plan["plan_id"],
        "seq": plan["seq"] - 1,
        "rooms": [{"participant_ids": ["ann"]}],
    }
    assert (await it.fay.command("EditPlan", **stale))["code"] == "plan_changed"
    await it.do("EditPlan", **{**stale, "seq": plan["seq"]})
    await it.do("DiscardPlan", plan_id=plan["plan_id"])
    assert it.fay.of_kind("plan") == []


async def test_timers_a_countdown_and_the_same_rooms_again(server: ServerProcess, join: Join) -> None:
    it = await crowd(server, join)
    await it.do("OpenBreakouts", count=2, duration_ms=600_000)
    first, rooms = it.groups(), {room["room_id"] for room in it.fay.of_kind("room")}
    ends = it.fay.records["breakouts"]["ends_at_ms"]
    await it.do("ExtendTimer", by_ms=60_000)
    assert it.learners["ann"].records["breakouts"]["ends_at_ms"] == ends + 60_000
    await it.do("CloseBreakouts", countdown_ms=60_000)
    assert it.learners["ann"].records["breakouts"]["recall_at_ms"] is not None
    await it.do("CancelRecall")
    assert it.learners["ann"].records["breakouts"]["recall_at_ms"] is None
    await it.do("CloseBreakouts", countdown_ms=1_000)
    await it.learners["ann"].until(lambda records: "breakouts" not in records)
    await it.do("ReopenBreakouts", duration_ms=1_000)
    assert it.groups() == first
    assert {room["room_id"] for room in it.fay.of_kind("room")} == rooms
    await it.learners["ann"].until(lambda records: records["participant:ann"]["room_id"] == "plenary")
    assert (await it.fay.command("ExtendTimer", by_ms=1_000))["code"] == "breakouts_not_open"


async def test_help_tasks_work_listening_and_broadcast(server: ServerProcess, join: Join) -> None:
    it = await crowd(server, join)
    groups = [["ann", "bob"], ["cid", "dan"]]
    task = {
        "text": "Compare",
        "steps": ["Read", "Decide"],
        "materials": [{"title": "Case", "url": "https://x.example/1"}],
    }
    await it.do("OpenBreakouts", assignment={"kind": "by_hand", "groups": groups}, rooms=[{"task": task}, {}])
    ann, cid, room_id = it.learners["ann"], it.learners["cid"], it.room("ann")
    assert ann.records[f"room_work:{room_id}"]["task"] == task
    assert cid.of_kind("room_work") == []
    await ann.ok("MarkStep", step=1)
    await it.fay.until(lambda records: records[f"room_work:{room_id}"]["done"] == [1])
    await ann.ok("CallForHelp", text="Stuck")
    await it.fay.until(lambda records: records[f"help:{room_id}"]["text"] == "Stuck")
    await it.fay.ok("TakeHelp", room_id=room_id)
    await ann.until(lambda records: records[f"help:{room_id}"]["taken_by"] == "fay")
    assert cid.of_kind("help") == []
    await it.fay.ok("EndHelp", room_id=room_id)
    await ann.until(lambda records: f"help:{room_id}" not in records)

    await ann.ok("PostMessage", channel="room", text="among us")
    await it.fay.ok("ListenIn", room_ids=[room_id])
    await it.fay.until(lambda _: [m for m in it.fay.of_kind("message") if m["text"] == "among us"])
    await ann.until(lambda records: records["participant:fay"]["listening_to"] == [room_id])
    await it.do("ListenIn", room_ids=[])
    assert not [m for m in it.fay.of_kind("message") if m["text"] == "among us"]
    await it.do("Broadcast", text="Two minutes")
    assert all([m for m in client.of_kind("message") if m["announcement"]] for client in it.learners.values())
    await it.do("SetVoiceBroadcast", on=True)
    assert cid.records["breakouts"]["voice_id"] == "fay"

    await ann.ok("HandInWork", title="Our answer", text="Yes")
    await it.fay.until(lambda _: it.fay.of_kind("work"))
    assert cid.of_kind("work") == []
    await it.do("CloseBreakouts")
    assert [work["title"] for work in cid.of_kind("work")] == ["Our answer"]


async def test_single_rooms_moves_late_joiners_and_nobody_left_alone(server: ServerProcess, join: Join) -> None:
    it = await crowd(server, join)
    groups = [["ann", "bob"], ["cid", "dan"]]
    await it.do(
        "OpenBreakouts",
        assignment={"kind": "by_hand", "groups": groups},
        policy={"late": "smallest", "repair": "propose"},
    )
    one, two = it.room("ann"), it.room("cid")
    eve = await join(it.workshop_id, "learner", "eve")
    assert eve.records["participant:eve"]["room_id"] in (one, two)
    await it.do("SwapParticipants", first_id="ann", second_id="cid")
    assert (it.room("ann"), it.room("cid")) == (two, one)
    await it.do("AddRoom", name="Third")
    third = next(room["room_id"] for room in it.fay.of_kind("room") if room["name"] == "Third")
    await it.do("RenameRoom", room_id=third, name="Quiet")
    await it.do("MoveParticipants", participant_ids=["ann", "eve"], room_id=third)
    await it.learners["ann"].until(lambda records: records["participant:ann"]["room_id"] == third)
    await eve.ok("Leave")
    board = await it.fay.until(
        lambda records: records[f"room_board:{third}"]["alone_since_ms"] and records[f"room_board:{third}"]
    )
    assert board["proposed_room_id"] in (one, two)
    assert it.learners["ann"].of_kind("room_board") == []
    await it.do("CloseRoom", room_id=third, to_room_id=one)
    assert it.room("ann") == one
    again = await join(it.workshop_id, "learner", "eve")
    assert again.records["participant:eve"]["room_id"] != third


async def test_the_door_roles_and_the_stage(server: ServerProcess, join: Join) -> None:
    it = await crowd(server, join)
    ann = it.learners["ann"]
    await ann.ok("SetMedia", mic=True, camera=True, screen=False)
    await it.do("StopMedia", media=["mic"], may_restart=False)
    assert ann.records["participant:ann"]["mic"] is False
    refused = await ann.command("SetMedia", mic=True, camera=True, screen=False)
    assert (refused["code"], refused["rule"]) == ("mic_not_allowed", "ST2")
    await it.do("AllowMedia", participant_ids=["ann"], media=["mic"])
    await ann.ok("SetMedia", mic=True, camera=True, screen=False)
    await ann.ok("RaiseHand")
    await it.fay.until(lambda records: records["participant:ann"]["hand_raised_seq"])
    await it.do("LowerHand", participant_id="ann")

    await it.do("SetLobby", on=True)
    eve = await join(it.workshop_id, "learner", "eve")
    assert {record["kind"] for record in eve.records.values()} == {"workshop", "waiting", "me"}
    assert (await eve.command("RaiseHand"))["code"] == "in_lobby"
    await it.fay.until(lambda records: "waiting:eve" in records)
    await it.fay.ok("Admit", participant_ids=["eve"])
    await eve.until(lambda records: records["participant:eve"]["room_id"] == "plenary")

    await it.fay.ok("RemoveParticipant", participant_id="bob", ban=True)
    await it.learners["bob"].disconnected.wait()
    assert it.learners["bob"].goodbyes[0]["code"] == "removed"
    token = await server.token(it.workshop_id, "learner", "Somebody Else", "bob")
    with pytest.raises(Exception, match="banned"):
        await WireClient(server.base_url, token).connect()
    await it.fay.ok("HandOver", participant_id="cid")
    cid = it.learners["cid"]
    await cid.until(lambda records: "CloseWorkshop" in records["me:cid"]["allowed"])
    assert (await it.fay.command("HandOver", participant_id="ann"))["code"] == "not_allowed"
    await cid.ok("ChangeRole", participant_id="ann", role="observer")
    await ann.until(lambda records: "SetMedia" not in records["me:ann"]["allowed"])
    assert ann.records["participant:ann"]["camera"] is False
