"""What people ask of today's tools, and the bugs they report, as tests by name: breakouts and peer review.

Those of polls, attendance, and whatever needs a running server stand beside this module under the same kind of name (`test_known_…`).
"""

import pytest

from rooms.commands.breakouts import (
    Broadcast,
    CallForHelp,
    ChangeTimer,
    CloseBreakouts,
    CloseRoom,
    ExtendTimer,
    HandInWork,
    MoveParticipants,
    OpenBreakouts,
    OpenPlan,
    PrepareBreakouts,
    ReopenBreakouts,
    SetTask,
    SetVoiceBroadcast,
)
from rooms.commands.chat import PostMessage
from rooms.commands.people import Leave, SetMedia
from rooms.commands.review import AssignReview
from rooms.events.breakouts import BreakoutsOpened, BreakoutsPlanned, Material, RoomSetup, RoomTask
from rooms.events.review import PhaseTimes
from rooms.ids import PLENARY, ParticipantId
from rooms.records import (
    BreakoutsRecord,
    HelpRecord,
    MessageRecord,
    ParticipantRecord,
    RoomWorkRecord,
    WorkRecord,
)
from tests.unit.breakouts_case import breakouts, groups, ids, open_rooms, people, room_of, sizes
from tests.unit.review_case import Reviewing
from tests.unit.workshop_case import Workshop

MINUTE = 60_000


# ── breakouts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_known_nine_people_in_six_rooms() -> None:
    """A random assignment left rooms empty, or put three into one and one into another."""
    workshop, _ = breakouts(9, 6)
    assert sizes(workshop) == [2, 2, 2, 1, 1, 1]


@pytest.mark.parametrize("learners", [1, 2, 3, 5, 9, 12])
def test_known_random_rooms_are_even_and_none_is_empty(learners: int) -> None:
    for rooms in range(1, learners + 1):
        workshop, opened = breakouts(learners, rooms)
        assert len(opened) == rooms
        assert max(sizes(workshop)) - min(sizes(workshop)) <= 1
        assert min(sizes(workshop)) >= 1


def test_known_facilitators_are_not_drawn_into_rooms() -> None:
    workshop = Workshop()
    workshop.crowd(4)
    workshop.join("cora", "cofacilitator")
    workshop.join("obi", "observer")
    workshop.do("fay", OpenBreakouts(count=2))
    assert {who for who in ("fay", "cora", "obi") if room_of(workshop, who) != PLENARY} == set()
    assert sizes(workshop) == [2, 2]


def test_known_the_time_is_changed_while_it_runs() -> None:
    workshop, _ = breakouts(4, 2, duration_ms=10 * MINUTE)
    workshop.wait(9 * MINUTE)
    workshop.do("fay", ExtendTimer(by_ms=5 * MINUTE))
    workshop.wait(5 * MINUTE)
    assert workshop.state.breakouts is not None
    workshop.do("fay", ChangeTimer(remaining_ms=2 * MINUTE))
    record = workshop.sees("l0")["breakouts"]
    assert isinstance(record, BreakoutsRecord)
    assert record.ends_at_ms == workshop.now_ms + 2 * MINUTE
    workshop.wait(2 * MINUTE)
    assert workshop.state.breakouts is None


def test_known_preparing_rooms_blocks_nothing_that_runs() -> None:
    """Elsewhere the panel in which rooms are prepared is in the way of the meeting."""
    workshop, _ = breakouts(6, 3)
    before = {who: workshop.sees(who) for who in ("l0", "l5")}
    (planned,) = workshop.do("fay", PrepareBreakouts(count=2, title="Afterwards"))
    assert isinstance(planned, BreakoutsPlanned)
    assert {who: workshop.sees(who) for who in ("l0", "l5")} == before
    assert len(open_rooms(workshop)) == 3
    workshop.do("l0", PostMessage(channel="room", text="we go on"))
    workshop.do("fay", OpenPlan(plan_id=planned.plan_id, switch=True))
    assert sizes(workshop) == [3, 3]


def test_known_somebody_is_moved_while_the_rooms_run() -> None:
    workshop, rooms = breakouts(4, 2)
    who = people(workshop, rooms[0])[0]
    workshop.do("fay", MoveParticipants(participant_ids=ids(who), room_id=rooms[1]))
    assert room_of(workshop, who) == rooms[1]
    assert len(open_rooms(workshop)) == 2


def test_known_guests_are_moved_like_anybody() -> None:
    """People without an account could not be moved. Here nobody has one; who came late, by an invite, or just now returned is moved too."""
    workshop, rooms = breakouts(4, 2)
    workshop.join("guest")
    workshop.do("fay", MoveParticipants(participant_ids=ids("guest"), room_id=rooms[0]))
    assert room_of(workshop, "guest") == rooms[0]
    workshop.do("guest", Leave())
    workshop.do("fay", MoveParticipants(participant_ids=ids("guest"), room_id=rooms[1]))
    workshop.join("guest")
    assert room_of(workshop, "guest") == rooms[1]


def test_known_last_times_groups_are_used_again() -> None:
    workshop, rooms = breakouts(6, 3)
    first = groups(workshop)
    workshop.do("fay", CloseBreakouts())
    workshop.do("fay", ReopenBreakouts())
    assert groups(workshop) == first
    assert open_rooms(workshop) == rooms


def test_known_new_partners_are_guaranteed() -> None:
    workshop = Workshop(seed=3)
    workshop.crowd(16)
    met: set[frozenset[str]] = set()
    for _ in range(4):
        workshop.do("fay", OpenBreakouts(size=4, new_partners=True))
        now = {frozenset((a, b)) for group in groups(workshop) for a in group for b in group if a < b}
        assert not met & now
        met |= now
        workshop.do("fay", CloseBreakouts())


def test_known_a_room_calls_the_facilitator() -> None:
    workshop, rooms = breakouts(4, 2)
    who = people(workshop, rooms[1])[0]
    workshop.do(who, CallForHelp(text="We are stuck"))
    call = workshop.sees("fay")[f"help:{rooms[1]}"]
    assert isinstance(call, HelpRecord)
    assert (call.participant_id, call.text) == (who, "We are stuck")


def test_known_a_broadcast_reaches_all_rooms_by_text_and_by_voice() -> None:
    """The voice itself: `tests/integration/test_media_permissions.py`."""
    workshop, _ = breakouts(4, 2)
    workshop.do("fay", Broadcast(text="Two minutes left"))
    for who in ("l0", "l1", "l2", "l3"):
        texts = [record.text for record in workshop.sees(who).values() if isinstance(record, MessageRecord)]
        assert texts == ["Two minutes left"]
    workshop.do("fay", SetVoiceBroadcast(on=True))
    record = workshop.sees("l0")["breakouts"]
    assert isinstance(record, BreakoutsRecord)
    assert record.voice_id == "fay"


def test_known_chosen_devices_stay_chosen_in_every_room() -> None:
    """Elsewhere every room asks for devices anew, or starts muted. Here a move changes nothing about what is sent."""
    workshop = Workshop()
    workshop.crowd(2)
    workshop.do("l0", SetMedia(mic=True, camera=True, screen=False))

    def sent() -> tuple[bool, bool]:
        record = workshop.sees("l1")["participant:l0"]
        assert isinstance(record, ParticipantRecord)
        return record.mic, record.camera

    for command in (OpenBreakouts(count=2), OpenBreakouts(count=1, switch=True), CloseBreakouts()):
        workshop.do("fay", command)
        assert sent() == (True, True)


def test_known_notes_and_boards_come_back_to_the_plenary() -> None:
    workshop, rooms = breakouts(4, 2)
    who = people(workshop, rooms[0])[0]
    other = people(workshop, rooms[1])[0]
    workshop.do(who, HandInWork(title="Our board", url="https://board.example/1", text="Three ideas"))
    assert not [record for record in workshop.sees(other).values() if isinstance(record, WorkRecord)]
    workshop.do("fay", CloseBreakouts())
    (work,) = [record for record in workshop.sees(other).values() if isinstance(record, WorkRecord)]
    assert (work.title, work.url, work.text) == ("Our board", "https://board.example/1", "Three ideas")


def test_known_every_room_has_its_own_material() -> None:
    tasks = [
        RoomTask(text=f"Case {n}", materials=(Material(title="Case", url=f"https://x.example/{n}"),)) for n in (1, 2)
    ]
    workshop, rooms = breakouts(4, 2, rooms=tuple(RoomSetup(task=task) for task in tasks))
    for room_id, task in zip(rooms, tasks, strict=True):
        for who in people(workshop, room_id):
            (work,) = [record for record in workshop.sees(who).values() if isinstance(record, RoomWorkRecord)]
            assert work.task == task
    workshop.do("fay", SetTask(task=tasks[0], room_ids=(rooms[1],)))
    (work,) = [r for r in workshop.sees(people(workshop, rooms[1])[0]).values() if isinstance(r, RoomWorkRecord)]
    assert work.task == tasks[0]


def test_known_what_happens_in_rooms_is_on_the_record() -> None:
    """Analytics of meetings ended at the rooms' doors."""
    workshop, rooms = breakouts(4, 2)
    who = people(workshop, rooms[0])[0]
    workshop.do(who, PostMessage(channel="room", text="hello"))
    workshop.do(who, CallForHelp())
    events = [recorded.event for recorded in workshop.log]
    (opened,) = [event for event in events if isinstance(event, BreakoutsOpened)]
    assert {room.room_id: set(room.participant_ids) for room in opened.rooms} == {
        room_id: set(people(workshop, room_id)) for room_id in rooms
    }
    in_rooms = {event.type for event in events if getattr(event, "room_id", None) in rooms}
    assert in_rooms == {"MessagePosted", "HelpCalled"}


def test_known_a_single_room_is_closed() -> None:
    workshop, rooms = breakouts(6, 3)
    there = people(workshop, rooms[1])
    workshop.do("fay", CloseRoom(room_id=rooms[1], to_room_id=rooms[0]))
    assert set(there) <= set(people(workshop, rooms[0]))
    assert open_rooms(workshop) == [rooms[0], rooms[2]]


# ── peer review ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_known_random_allocation_on_top_of_a_manual_one_is_balanced() -> None:
    """Those chosen by hand got as many random ones as everybody else, on top."""
    case = Reviewing(10, reviews_each=3)
    case.submit(*case.learners)
    for author in ("l1", "l2", "l3"):
        submission_id = case.submission_of(author)
        case.do("fay", AssignReview(submission_id=submission_id, reviewer_id=ParticipantId("l0")))
    case.advance()
    loads = [len(case.reviews(by=who)) for who in case.learners]
    assert loads == [3] * 10
    assert {len(case.reviews(of=who)) for who in case.learners} == {3}
    assert {case.round.reviews[r.review_id].submission_id for r in case.reviews(by="l0")} == {
        case.submission_of(author) for author in ("l1", "l2", "l3")
    }


def test_known_dropouts_leave_no_work_unreviewed() -> None:
    case = Reviewing(8, reviews_each=3, times=PhaseTimes(read_ms=None))
    case.submit(*case.learners)
    case.advance()
    for who in ("l6", "l7"):
        case.do(who, Leave())
    case.advance()  # reviewing begins: a phase boundary
    here = case.learners[:6]
    assert all(review.reviewer_id in here for review in case.reviews())
    assert {len(case.reviews(of=who)) for who in case.learners} == {3}
    loads = [len(case.reviews(by=who)) for who in here]
    assert max(loads) - min(loads) <= 1
