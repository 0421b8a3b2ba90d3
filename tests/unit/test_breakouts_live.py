"""Rules BR9 and BR12 to BR25: what happens while breakouts are open."""

import pytest

from rooms.codec import decode
from rooms.commands.attendance import SumSpeech
from rooms.commands.breakouts import (
    AddRoom,
    Broadcast,
    CallForHelp,
    CancelRecall,
    ChangeTimer,
    CloseBreakouts,
    CloseRoom,
    EndHelp,
    EnterRoom,
    ExtendTimer,
    HandInWork,
    ListenIn,
    MarkStep,
    MoveParticipants,
    OpenBreakouts,
    RenameRoom,
    ReopenBreakouts,
    SetCapacity,
    SetConstraints,
    SetTask,
    SetVoiceBroadcast,
    SwapParticipants,
    TakeHelp,
    WithdrawWork,
)
from rooms.commands.chat import PostMessage
from rooms.commands.people import ChangeRole, Leave
from rooms.commands.workshop import Tick
from rooms.events.attendance import Spoken
from rooms.events.breakouts import BreakoutPolicy, ListeningChanged, Material, RoomSetup, RoomTask, SelfSelect
from rooms.grouping import Apart
from rooms.ids import PLENARY, SYSTEM, RoomId, WorkId
from tests.unit.breakouts_case import board, breakouts, groups, ids, open_rooms, people, room_of, sizes
from tests.unit.workshop_case import Workshop

MINUTE_MS = 60_000


def test_BR1_switching_rooms_passes_nobody_through_the_plenary_for_the_viewer() -> None:
    workshop, before = breakouts(4, 2)
    workshop.projection.flush()
    workshop.do("fay", OpenBreakouts(count=2, switch=True))
    assert not set(before) & set(open_rooms(workshop))
    changes = workshop.projection.flush()
    assert changes is not None
    moved = next(dict(batch.put) for batch in changes.batches if batch.audience == "all" and batch.put)
    assert all(record.room_id != PLENARY for key, record in moved.items() if key.startswith("participant:l"))  # type: ignore[union-attr]


def test_BR9_rooms_are_named_and_renamed() -> None:
    workshop, (first, second) = breakouts(2, 2, rooms=(RoomSetup(name="Harbour"),))
    assert [workshop.state.rooms[room_id].name for room_id in (first, second)] == ["Harbour", "Room 2"]
    workshop.do("fay", RenameRoom(room_id=second, name=" Bridge "))
    assert workshop.sees("l0")[f"room:{second}"].name == "Bridge"  # type: ignore[union-attr]
    assert workshop.rejected("fay", RenameRoom(room_id=second, name="")).code == "room_name_empty"
    assert workshop.rejected("fay", RenameRoom(room_id=PLENARY, name="x")).code == "not_a_breakout_room"


def test_BR12_people_choose_a_room_that_has_a_place_left() -> None:
    workshop, (first, second) = breakouts(
        3, 2, assignment=SelfSelect(), rooms=(RoomSetup(capacity=1), RoomSetup(capacity=2))
    )
    assert sizes(workshop) == [0, 0]
    workshop.do("l0", EnterRoom(room_id=first))
    refusal = workshop.rejected("l1", EnterRoom(room_id=first))
    assert (refusal.code, "takes 1" in refusal.message) == ("room_full", True)
    workshop.do("l1", EnterRoom(room_id=second))
    workshop.do("l0", EnterRoom(room_id=second))
    assert workshop.rejected("l2", EnterRoom(room_id=second)).code == "room_full"
    workshop.do("fay", EnterRoom(room_id=second))
    workshop.do("fay", SetCapacity(room_id=second, capacity=1))
    assert people(workshop, second) == ["fay", "l0", "l1"]
    workshop.do("l2", EnterRoom(room_id=first))
    workshop.do("l2", EnterRoom(room_id=PLENARY))
    assert workshop.rejected("fay", SetCapacity(room_id=second, capacity=0)).code == "capacity"


def test_BR13_the_time_is_changed_while_it_runs() -> None:
    workshop, (first, second) = breakouts(2, 2, duration_ms=10 * MINUTE_MS)
    workshop.wait(9 * MINUTE_MS)
    workshop.do("fay", ExtendTimer(by_ms=5 * MINUTE_MS))
    workshop.wait(5 * MINUTE_MS)
    assert len(open_rooms(workshop)) == 2
    workshop.do("fay", ChangeTimer(remaining_ms=2 * MINUTE_MS))
    workshop.do("fay", ChangeTimer(remaining_ms=MINUTE_MS, room_id=first))
    assert workshop.sees("l0")["breakouts"].warn_at_ms == workshop.now_ms + MINUTE_MS  # type: ignore[union-attr]
    workshop.wait(MINUTE_MS)
    assert open_rooms(workshop) == [second]
    workshop.do("fay", ChangeTimer(remaining_ms=None))
    workshop.wait(60 * MINUTE_MS)
    assert open_rooms(workshop) == [second]
    assert workshop.rejected("fay", ExtendTimer(by_ms=MINUTE_MS)).code == "no_timer"
    workshop.do("fay", ChangeTimer(remaining_ms=MINUTE_MS))
    assert workshop.rejected("fay", ExtendTimer(by_ms=-2 * MINUTE_MS)).code == "duration"


def test_BR13_when_every_rooms_own_time_is_over_the_breakouts_close() -> None:
    workshop, rooms = breakouts(2, 2, rooms=(RoomSetup(duration_ms=MINUTE_MS), RoomSetup(duration_ms=2 * MINUTE_MS)))
    workshop.wait(MINUTE_MS)
    assert open_rooms(workshop) == rooms[1:]
    workshop.wait(MINUTE_MS)
    assert workshop.state.breakouts is None


def test_BR14_a_recall_counts_down_and_can_be_cancelled() -> None:
    workshop, _ = breakouts(2, 2, duration_ms=10 * MINUTE_MS)
    workshop.do("fay", CloseBreakouts(countdown_ms=MINUTE_MS))
    assert workshop.sees("l0")["breakouts"].recall_at_ms == workshop.now_ms + MINUTE_MS  # type: ignore[union-attr]
    workshop.wait(MINUTE_MS - 1)
    workshop.do("fay", CancelRecall())
    workshop.wait(8 * MINUTE_MS)
    assert sizes(workshop) == [1, 1]
    workshop.do("fay", CloseBreakouts(countdown_ms=10 * MINUTE_MS))
    workshop.wait(MINUTE_MS + 1)
    assert open_rooms(workshop) == []
    assert workshop.rejected("fay", CancelRecall()).code == "breakouts_not_open"
    other, _ = breakouts(2, 2)
    assert other.rejected("fay", CloseBreakouts(countdown_ms=10)).code == "duration"
    other.do("fay", CloseBreakouts(countdown_ms=MINUTE_MS))
    other.wait(MINUTE_MS)
    assert other.log[-1].event.reason == "recalled"  # type: ignore[union-attr]


def test_BR15_last_times_groups_are_reopened_with_their_rooms() -> None:
    """Asked of other tools again and again: reuse the last groups."""
    workshop, rooms = breakouts(6, 3, rooms=(RoomSetup(name="Harbour", task=RoomTask(text="Draw it.")),))
    before = groups(workshop)
    workshop.do("l0", PostMessage(channel="room", text="here"))
    workshop.do("l1", Leave())
    workshop.do("fay", CloseBreakouts())
    workshop.join("late")
    workshop.do("fay", ReopenBreakouts())
    assert open_rooms(workshop) == rooms
    assert groups(workshop) == {group - {"l1"} for group in before}
    assert any(key.startswith("message:") for key in workshop.sees("l0"))
    assert workshop.state.rooms[rooms[0]].task == RoomTask(text="Draw it.")
    workshop.join("l1")
    assert groups(workshop) == before
    assert workshop.rejected("fay", ReopenBreakouts()).code == "breakouts_open"
    assert Workshop().rejected("api", ReopenBreakouts()).code == "unknown_round"


def test_BR16_single_rooms_are_added_and_closed() -> None:
    workshop, (first, second) = breakouts(4, 2)
    workshop.do("fay", AddRoom(name="Extra"))
    third = open_rooms(workshop)[-1]
    workshop.do("fay", CloseRoom(room_id=first, to_room_id=third))
    assert (sizes(workshop), len(people(workshop, third))) == ([2, 2], 2)
    assert workshop.rejected("fay", CloseRoom(room_id=second, to_room_id=second)).code == "room_is_closing"
    workshop.do("fay", CloseRoom(room_id=third))
    assert len(people(workshop, PLENARY)) == 3
    workshop.do("fay", CloseRoom(room_id=second))
    assert workshop.state.breakouts is None
    assert workshop.rejected("fay", AddRoom()).code == "breakouts_not_open"


@pytest.mark.parametrize("late", ["hold", "same_room", "smallest"])
def test_BR17_late_joiners_go_where_the_policy_says(late: str) -> None:
    workshop, _ = breakouts(5, 2, policy=BreakoutPolicy(late=late))  # type: ignore[arg-type]
    own = room_of(workshop, "l0")
    smaller = min(open_rooms(workshop), key=lambda room_id: len(people(workshop, room_id)))
    workshop.join("new")
    workshop.do("l0", Leave())
    workshop.join("l0")
    assert room_of(workshop, "new") == (smaller if late == "smallest" else PLENARY)
    assert room_of(workshop, "l0") == (PLENARY if late == "hold" else own)
    workshop.join("obi", "observer")
    assert room_of(workshop, "obi") == PLENARY


def test_BR17_the_smallest_room_respects_capacity_and_who_must_not_meet() -> None:
    workshop, rooms = breakouts(4, 2, policy=BreakoutPolicy(late="smallest"), rooms=(RoomSetup(capacity=3),) * 2)
    enemy = people(workshop, rooms[0])[0]
    workshop.do("fay", SetConstraints(constraints=(Apart(people=ids("new", enemy)),)))
    workshop.join("new")
    assert room_of(workshop, "new") == rooms[1]
    workshop.join("next")
    assert room_of(workshop, "next") == rooms[0]
    workshop.join("last")
    assert room_of(workshop, "last") == PLENARY


def test_BR18_two_people_are_swapped() -> None:
    workshop, (first, second) = breakouts(4, 2)
    (one, mate), other = people(workshop, first), people(workshop, second)[0]
    workshop.do("fay", SwapParticipants(first_id=ids(one)[0], second_id=ids(other)[0]))
    assert (room_of(workshop, one), room_of(workshop, other)) == (second, first)
    assert workshop.sees("l0")[f"participant:{one}"].home_room_id == second  # type: ignore[union-attr]
    same = SwapParticipants(first_id=ids(other)[0], second_id=ids(mate)[0])
    assert workshop.rejected("fay", same).code == "same_room"


def test_BR19_who_may_go_where_by_themselves() -> None:
    workshop, (first, second) = breakouts(4, 2)
    learner = people(workshop, first)[0]
    workshop.do(learner, EnterRoom(room_id=PLENARY))
    assert workshop.rejected(learner, EnterRoom(room_id=second)).code == "not_your_room"
    workshop.do(learner, EnterRoom(room_id=first))
    workshop.do("fay", EnterRoom(room_id=second))
    workshop.join("obi", "observer")
    workshop.do("obi", EnterRoom(room_id=second))
    strict, (room, _) = breakouts(4, 2, policy=BreakoutPolicy(may_leave=False))
    inside = people(strict, room)[0]
    assert strict.rejected(inside, EnterRoom(room_id=PLENARY)).code == "may_not_leave"
    strict.do("fay", MoveParticipants(participant_ids=ids(inside), room_id=PLENARY))
    assert strict.rejected(inside, EnterRoom(room_id=room)).code == "not_your_room"


def test_BR20_a_room_has_a_task_and_marks_its_steps() -> None:
    """The right material per room."""
    task = RoomTask(
        text="Read, then write.",
        steps=("Read", "Write"),
        materials=(Material(title="Text", url="https://x.example/t"),),
    )
    workshop, (first, second) = breakouts(4, 2, rooms=(RoomSetup(task=task),))
    inside, outside = people(workshop, first)[0], people(workshop, second)[0]
    assert f"room_work:{first}" not in workshop.sees(outside)
    assert workshop.sees(inside)[f"room_work:{first}"].task == task  # type: ignore[union-attr]
    workshop.do(inside, MarkStep(step=1))
    assert workshop.do(inside, MarkStep(step=1)) == ()
    assert workshop.sees("fay")[f"room_work:{first}"].done == (1,)  # type: ignore[union-attr]
    assert workshop.rejected(inside, MarkStep(step=2)).code == "unknown_step"
    assert workshop.rejected(outside, MarkStep()).code == "unknown_step"
    assert workshop.rejected("fay", MarkStep()).code == "not_in_a_breakout_room"
    workshop.do("fay", SetTask(task=RoomTask(text="Both"), room_ids=()))
    assert workshop.sees("fay")[f"room_work:{first}"].done == ()  # type: ignore[union-attr]
    workshop.do(outside, MarkStep())
    workshop.do(outside, MarkStep(done=False))
    bad = RoomTask(materials=(Material(title="x", url="javascript:alert(1)"),))
    assert workshop.rejected("fay", SetTask(task=bad)).code == "link_invalid"
    assert workshop.rejected("fay", SetTask(task=RoomTask(steps=("s",) * 21))).code == "too_many_steps"


def test_BR21_a_facilitator_listens_to_a_room_without_entering_it() -> None:
    workshop, (first, second) = breakouts(4, 2)
    inside = people(workshop, first)[0]
    workshop.do(inside, PostMessage(channel="room", text="psst"))
    assert not any(key.startswith("message:") for key in workshop.sees("fay"))
    workshop.do("fay", ListenIn(room_ids=(first,)))
    assert any(key.startswith("message:") for key in workshop.sees("fay"))
    assert workshop.sees(inside)["participant:fay"].listening_to == (first,)  # type: ignore[union-attr]
    assert board(workshop, first).visited_at_ms == workshop.now_ms
    workshop.do("fay", EnterRoom(room_id=first))
    assert workshop.sees(inside)["participant:fay"].listening_to == ()  # type: ignore[union-attr]
    assert workshop.rejected("fay", ListenIn(room_ids=(first,))).code == "in_the_room"
    workshop.do("fay", ListenIn(room_ids=(second,)))
    workshop.do("fay", CloseRoom(room_id=second))
    assert workshop.sees("fay")["participant:fay"].listening_to == ()  # type: ignore[union-attr]
    assert workshop.rejected(inside, ListenIn(room_ids=(first,))).code == "not_allowed"


def test_BR21_a_facilitator_listens_to_several_rooms_at_once() -> None:
    workshop, (first, second, third) = breakouts(6, 3)

    def listened() -> tuple[RoomId, ...]:
        return workshop.sees("l0")["participant:fay"].listening_to  # type: ignore[union-attr,no-any-return]

    for room in (first, second, third):
        workshop.do(people(workshop, room)[0], PostMessage(channel="room", text="psst"))
    workshop.do("fay", ListenIn(room_ids=(first, third, first)))
    assert listened() == (first, third)
    assert sum(key.startswith("message:") for key in workshop.sees("fay")) == 2
    before = len(workshop.log)
    workshop.do("fay", ListenIn(room_ids=(third, first)))
    assert len(workshop.log) == before
    looked_at_ms = workshop.now_ms
    workshop.now_ms += MINUTE_MS
    workshop.do("fay", ListenIn(room_ids=(first, second)))
    assert [board(workshop, room).visited_at_ms for room in (first, second, third)] == [
        looked_at_ms,
        workshop.now_ms,
        workshop.now_ms,
    ]
    workshop.do("fay", EnterRoom(room_id=first))
    assert listened() == (second,)
    assert workshop.rejected("fay", ListenIn(room_ids=(first, second))).code == "in_the_room"
    workshop.do("fay", ListenIn(room_ids=(second, third)))
    workshop.do("fay", CloseRoom(room_id=second))
    assert listened() == (third,)
    assert workshop.rejected("fay", ListenIn(room_ids=(second,))).code == "unknown_room"
    assert workshop.rejected("fay", ListenIn(room_ids=(third,) * 13)).code == "too_many_rooms"
    workshop.do("fay", ListenIn(room_ids=()))
    assert listened() == ()


def test_BR21_what_was_journalled_of_one_room_is_of_several_now() -> None:
    old = {"type": "ListeningChanged", "v": 1, "participant_id": "fay"}
    assert decode({**old, "room_id": "r1"}) == ListeningChanged(participant_id=ids("fay")[0], room_ids=(RoomId("r1"),))
    assert decode({**old, "room_id": None}) == ListeningChanged(participant_id=ids("fay")[0], room_ids=())


def test_BR21_listening_ends_with_the_role_and_with_leaving() -> None:
    workshop, (first, _) = breakouts(4, 2)
    workshop.join("cora", "cofacilitator")
    workshop.do("cora", ListenIn(room_ids=(first,)))
    workshop.do("fay", ListenIn(room_ids=(first,)))
    workshop.do("fay", ChangeRole(participant_id=ids("cora")[0], role="learner"))
    workshop.do("fay", Leave())
    workshop.join("fay", "facilitator")
    listening = [workshop.sees("l0")[f"participant:{who}"].listening_to for who in ("fay", "cora")]  # type: ignore[union-attr]
    assert listening == [(), ()]


def test_BR22_broadcast_by_text_and_by_voice() -> None:
    workshop, (first, second) = breakouts(4, 2)
    workshop.join("cora", "cofacilitator")
    one, other = people(workshop, first)[0], people(workshop, second)[0]

    def announcements(who: str) -> list[str]:
        return [
            record.text for record in workshop.sees(who).values() if record.kind == "message" and record.announcement
        ]

    workshop.do("fay", Broadcast(text="Five minutes"))
    workshop.do("fay", Broadcast(text="Only you", room_ids=(first,)))
    assert (announcements(one), announcements(other)) == (["Five minutes", "Only you"], ["Five minutes"])
    workshop.do("fay", SetVoiceBroadcast(on=True))
    assert workshop.sees(one)["breakouts"].voice_id == "fay"  # type: ignore[union-attr]
    assert workshop.rejected("cora", SetVoiceBroadcast(on=True)).code == "voice_taken"
    workshop.do("fay", Leave())
    workshop.do("cora", SetVoiceBroadcast(on=True))
    workshop.do("cora", SetVoiceBroadcast(on=False))
    assert workshop.sees(one)["breakouts"].voice_id is None  # type: ignore[union-attr]
    workshop.do("cora", CloseBreakouts())
    assert workshop.rejected("cora", Broadcast(text="x")).code == "breakouts_not_open"


@pytest.mark.parametrize("repair", ["off", "propose", "automatic"])
def test_BR23_nobody_is_left_alone_when_the_others_drop_out(repair: str) -> None:
    workshop, (first, second) = breakouts(5, 2, policy=BreakoutPolicy(repair=repair))  # type: ignore[arg-type]
    pair = first if len(people(workshop, first)) == 2 else second
    gone, lone = people(workshop, pair)
    workshop.do(gone, Leave())
    assert board(workshop, pair).alone_since_ms == workshop.now_ms
    assert board(workshop, pair).proposed_room_id == (second if pair == first else first)
    workshop.wait(14_999)
    assert room_of(workshop, lone) == pair
    workshop.wait(1)
    assert (room_of(workshop, lone) == pair) == (repair != "automatic")


def test_BR23_who_comes_back_in_time_ends_it_and_a_facilitators_wish_counts() -> None:
    workshop, (first, second) = breakouts(4, 2, policy=BreakoutPolicy(repair="automatic"))
    gone, lone = people(workshop, first)
    workshop.do(gone, EnterRoom(room_id=PLENARY))
    assert board(workshop, first).alone_since_ms is not None
    workshop.wait(10_000)
    workshop.do(gone, EnterRoom(room_id=first))
    assert board(workshop, first).alone_since_ms is None
    workshop.do("fay", MoveParticipants(participant_ids=ids(gone), room_id=second))
    workshop.wait(60_000)
    assert people(workshop, first) == [lone]


def test_BR23_two_who_are_alone_come_together_and_do_not_swap() -> None:
    workshop, (first, second) = breakouts(4, 2, policy=BreakoutPolicy(repair="automatic"))
    for room_id in (first, second):
        workshop.do(people(workshop, room_id)[0], Leave())
    workshop.wait(60_000)
    assert sizes(workshop) == [2, 0]


def test_WS6_what_was_due_while_the_server_was_down_happens_in_order() -> None:
    workshop, (first, _) = breakouts(4, 2, duration_ms=MINUTE_MS, policy=BreakoutPolicy(repair="automatic"))
    workshop.do(people(workshop, first)[0], Leave())
    workshop.now_ms += 10 * MINUTE_MS
    happened = [event.type for _ in range(2) for event in workshop.do(SYSTEM, Tick())]
    assert happened == ["ParticipantMoved", "BreakoutsClosed"]
    assert workshop.do(SYSTEM, Tick()) == ()
    assert {p.room_id for p in workshop.state.participants.values() if not p.left} == {PLENARY}


def test_BR23_who_must_not_meet_is_not_brought_together() -> None:
    workshop, (first, second) = breakouts(4, 2, policy=BreakoutPolicy(repair="automatic"))
    gone, lone = people(workshop, first)
    workshop.do("fay", SetConstraints(constraints=(Apart(people=ids(lone, people(workshop, second)[0])),)))
    workshop.do(gone, Leave())
    assert board(workshop, first).proposed_room_id is None
    workshop.wait(60_000)
    assert people(workshop, first) == [lone]


def test_BR24_a_room_calls_for_help_and_the_queue_is_in_order() -> None:
    """Call the facilitator from a room."""
    workshop, (first, second) = breakouts(4, 2)
    one, mate, other = *people(workshop, first), people(workshop, second)[0]
    workshop.do(other, CallForHelp(text="stuck"))
    workshop.do(one, CallForHelp())
    assert workshop.do(mate, CallForHelp()) == ()
    queue = [record for record in workshop.sees("fay").values() if record.kind == "help"]
    assert [record.room_id for record in sorted(queue, key=lambda record: record.seq)] == [second, first]
    assert f"help:{second}" not in workshop.sees(one)
    workshop.do("fay", TakeHelp(room_id=first))
    workshop.do("fay", EnterRoom(room_id=second))
    assert workshop.sees(other)[f"help:{second}"].taken_by == "fay"  # type: ignore[union-attr]
    workshop.do("fay", EndHelp(room_id=second))
    assert workshop.rejected(other, EndHelp(room_id=first)).code == "not_your_room"
    workshop.do(mate, EndHelp(room_id=first))
    assert workshop.rejected("fay", TakeHelp(room_id=first)).code == "no_call"
    workshop.do(one, EnterRoom(room_id=PLENARY))
    assert workshop.rejected(one, CallForHelp()).code == "not_in_a_breakout_room"


def test_BR25_work_comes_back_to_the_plenary() -> None:
    """Bring notes and boards back."""
    workshop, (first, second) = breakouts(4, 2)
    inside, outside = people(workshop, first)[0], people(workshop, second)[0]
    (handed_in,) = workshop.do(inside, HandInWork(title="Our board", url="https://board.example/7"))
    work_id: WorkId = handed_in.work_id  # type: ignore[union-attr]
    assert f"work:{work_id}" not in workshop.sees(outside)
    assert workshop.rejected(outside, WithdrawWork(work_id=work_id)).code == "not_allowed"
    assert workshop.rejected(inside, HandInWork(title="Nothing")).code == "work_empty"
    workshop.do("fay", CloseRoom(room_id=first))
    assert workshop.sees(outside)[f"work:{work_id}"].title == "Our board"  # type: ignore[union-attr]
    workshop.do(inside, WithdrawWork(work_id=work_id))
    assert f"work:{work_id}" not in workshop.sees("fay")
    assert workshop.rejected("fay", WithdrawWork(work_id=work_id)).code == "unknown_work"
    assert workshop.rejected(inside, HandInWork(title="x", text="y")).code == "not_in_a_breakout_room"


def test_BR21_the_board_tells_how_long_those_in_a_room_were_heard_there() -> None:
    workshop, (first, second) = breakouts(4, 2)
    one, two = people(workshop, first)
    spoken = tuple(Spoken(participant_id=who, ms=4_000) for who in ids(one, two, "fay"))
    workshop.do(SYSTEM, SumSpeech(spoken=spoken))
    workshop.do(SYSTEM, SumSpeech(spoken=spoken[:1]))
    heard = {each.participant_id: each.ms for each in board(workshop, first).spoken}
    assert heard == {one: 8_000, two: 4_000}
    workshop.do("fay", MoveParticipants(participant_ids=ids(one), room_id=second))
    assert [each.participant_id for each in board(workshop, first).spoken] == [two]
    assert board(workshop, second).spoken == (), "what was said elsewhere is not said here"
    workshop.do("fay", CloseBreakouts())
    workshop.do("fay", ReopenBreakouts(round_id=next(iter(workshop.state.rounds))))
    assert board(workshop, first).spoken == ()
