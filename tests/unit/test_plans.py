"""Rules BR2, BR8, BR10, BR11 and BR26 to BR32: assignments and plans."""

import itertools

from rooms.commands.breakouts import (
    AddPastGroups,
    CloseBreakouts,
    DiscardPlan,
    EditPlan,
    OpenBreakouts,
    OpenPlan,
    PlannedRoom,
    PrepareBreakouts,
    PrepareJigsaw,
    PrepareRotation,
    RedrawPlan,
    SetConstraints,
)
from rooms.commands.people import Connect, Leave
from rooms.commands.rosters import ImportRoster
from rooms.events.breakouts import BreakoutPolicy, ByHand, ByRoster, RoomSetup, RoomTask, SelfSelect
from rooms.grouping import Apart, ByAttributes, ByScore, Capacity, PastRound, Together
from rooms.ids import PLENARY, ConnectionId, ParticipantId, PlanId
from rooms.records import PlanRecord
from tests.unit.breakouts_case import breakouts, groups, ids, open_rooms, people, room_of, sizes
from tests.unit.workshop_case import Workshop

ROSTER = """external_id,name,room,score,attribute:team
l0,Ann,Harbour,1,red
l1,Bob,Harbour,2,red
l2,Cem,Bridge,3,blue
l3,Dee,Bridge,4,blue
absent,Eve,Bridge,5,red
"""


def plans(workshop: Workshop) -> list[PlanRecord]:
    found = [record for record in workshop.sees("fay").values() if isinstance(record, PlanRecord)]
    return sorted(found, key=lambda record: (record.seq, record.position))


def prepare(workshop: Workshop, **fields: object) -> PlanRecord:
    workshop.do("fay", PrepareBreakouts(**fields))  # type: ignore[arg-type]
    return plans(workshop)[-1]


def crowd(learners: int, roster: str = "") -> Workshop:
    workshop = Workshop(seed=learners)
    workshop.crowd(learners)
    if roster:
        workshop.do("fay", ImportRoster(text=roster))
    return workshop


def test_BR2_rooms_by_number_by_list_or_by_size() -> None:
    workshop = crowd(7)
    assert workshop.rejected("fay", OpenBreakouts()).code == "count_or_size"
    assert workshop.rejected("fay", OpenBreakouts(count=2, size=3)).code == "count_or_size"
    assert workshop.rejected("fay", OpenBreakouts(count=1, rooms=(RoomSetup(),) * 2)).code == "room_count"
    workshop.do("fay", OpenBreakouts(size=3))
    assert sizes(workshop) == [3, 2, 2]
    workshop.do("fay", OpenBreakouts(rooms=(RoomSetup(name="A"), RoomSetup(name="B")), switch=True))
    assert sizes(workshop) == [4, 3]


def test_BR8_by_attributes_and_by_score_with_an_explanation_for_facilitators() -> None:
    workshop = crowd(4, ROSTER)
    workshop.do("fay", OpenBreakouts(count=2, assignment=ByAttributes(attributes=("team",), mode="alike")))
    assert groups(workshop) == {frozenset(("l0", "l1")), frozenset(("l2", "l3"))}
    codes = [reason.code for reason in workshop.sees("fay")["breakouts_setup"].explanation]  # type: ignore[union-attr]
    assert codes[0] == "method_attributes_alike"
    assert "breakouts_setup" not in workshop.sees("l0")
    workshop.do("fay", OpenBreakouts(count=2, assignment=ByScore(mode="balanced"), switch=True))
    assert groups(workshop) == {frozenset(("l0", "l3")), frozenset(("l1", "l2"))}


def test_BR8_new_partners_are_new() -> None:
    """Asked of other tools again and again: guarantee new partners."""
    workshop = crowd(9)
    met: set[frozenset[str]] = set()
    for _ in range(4):
        workshop.do("fay", OpenBreakouts(count=3, new_partners=True))
        pairs = {frozenset(pair) for group in groups(workshop) for pair in itertools.combinations(group, 2)}
        assert not pairs & met
        met |= pairs
        workshop.do("fay", CloseBreakouts())


def test_BR10_by_hand() -> None:
    workshop = crowd(5)
    workshop.join("obi", "observer")
    listed = ByHand(groups=(ids("l0", "obi"), ids("l1")))
    workshop.do("fay", OpenBreakouts(assignment=listed))
    first, second = open_rooms(workshop)
    assert (people(workshop, first), people(workshop, second)) == (["l0", "obi"], ["l1"])
    assert room_of(workshop, "l2") == PLENARY
    filled = ByHand(groups=(ids("l0"), ids("l1")), rest="random")
    workshop.do("fay", OpenBreakouts(assignment=filled, switch=True))
    first, second = open_rooms(workshop)
    assert "l0" in people(workshop, first)
    assert "l1" in people(workshop, second)
    assert sizes(workshop) == [3, 2]
    twice = ByHand(groups=(ids("l0"), ids("l0")))
    assert workshop.rejected("fay", OpenBreakouts(assignment=twice, switch=True)).code == "person_twice"
    nobody = ByHand(groups=(ids("nobody"),))
    assert workshop.rejected("fay", OpenBreakouts(assignment=nobody, switch=True)).code == "unknown_participant"
    too_many = OpenBreakouts(count=1, assignment=filled, switch=True)
    assert workshop.rejected("fay", too_many).code == "room_count"


def test_BR11_by_roster_and_who_comes_later_finds_their_room() -> None:
    workshop = crowd(4)
    assert workshop.rejected("fay", OpenBreakouts(assignment=ByRoster())).code == "roster_missing"
    workshop.do("fay", ImportRoster(text=ROSTER))
    workshop.join("new")
    task = RoomTask(text="Cross it.")
    workshop.do("fay", OpenBreakouts(assignment=ByRoster(), rooms=(RoomSetup(name="Bridge", task=task),)))
    assert groups(workshop) == {frozenset(("l0", "l1")), frozenset(("l2", "l3"))}
    assert room_of(workshop, "new") == PLENARY
    bridge = room_of(workshop, "l2")
    assert (workshop.state.rooms[bridge].name, workshop.state.rooms[bridge].task) == ("Bridge", task)
    workshop.do(
        "eve", Connect(connection_id=ConnectionId("e"), name="Eve", role="learner", external_id="absent", email="")
    )
    assert room_of(workshop, "eve") == bridge


def test_BR26_preparing_moves_nobody_and_is_for_facilitators() -> None:
    """Prepare without blocking the main panel."""
    workshop, rooms = breakouts(4, 2)
    before = groups(workshop)
    plan = prepare(workshop, count=3, rooms=(RoomSetup(name="First"),))
    assert (groups(workshop), open_rooms(workshop)) == (before, rooms)
    assert sorted(who for room in plan.plan.rooms for who in room.participant_ids) == ["l0", "l1", "l2", "l3"]
    assert not any(key.startswith("plan:") for key in workshop.sees("l0"))
    workshop.do("fay", DiscardPlan(plan_id=plan.plan_id))
    assert plans(workshop) == []
    assert workshop.rejected("fay", OpenPlan(plan_id=plan.plan_id)).code == "unknown_plan"


def test_BR27_opening_a_plan_takes_people_as_they_are_then() -> None:
    workshop = crowd(6)
    plan = prepare(workshop, count=3, policy=BreakoutPolicy(late="smallest"))
    first, second = plan.plan.rooms[0].participant_ids
    workshop.do(first, Leave())
    workshop.do(second, Leave())
    third = plan.plan.rooms[1].participant_ids[0]
    workshop.do(third, Leave())
    workshop.join("new")
    workshop.do("fay", OpenPlan(plan_id=plan.plan_id))
    assert plans(workshop) == []
    assert plan.plan.rooms[0].room_id not in open_rooms(workshop)
    assert room_of(workshop, "new") == plan.plan.rooms[1].room_id
    workshop.join(third)
    assert room_of(workshop, third) == plan.plan.rooms[1].room_id


def test_BR27_a_plan_made_before_anybody_came_is_drawn_when_it_opens() -> None:
    workshop = crowd(0)
    plan = prepare(workshop, count=2, rooms=(RoomSetup(name="A"),))
    assert not plan.plan.drawn
    assert workshop.rejected("fay", OpenPlan(plan_id=plan.plan_id)).code == "too_many_rooms"
    for who in ("l0", "l1", "l2"):
        workshop.join(who)
    workshop.do("fay", OpenPlan(plan_id=plan.plan_id))
    assert sizes(workshop) == [2, 1]


def test_BR27_who_is_alone_because_the_others_never_came_counts_as_left_alone() -> None:
    workshop = crowd(4)
    plan = prepare(workshop, count=2, policy=BreakoutPolicy(repair="automatic"))
    workshop.do(plan.plan.rooms[0].participant_ids[0], Leave())
    workshop.do("fay", OpenPlan(plan_id=plan.plan_id))
    workshop.wait(20_000)
    assert sizes(workshop) == [3, 0]


def test_BR28_a_plan_is_edited_and_not_over_somebody_elses_change() -> None:
    workshop = crowd(4)
    plan = prepare(workshop, count=2)
    one, two = plan.plan.rooms
    rooms = (
        PlannedRoom(room_id=two.room_id, name="Second", participant_ids=two.participant_ids),
        PlannedRoom(name="New", participant_ids=one.participant_ids[:1], task=RoomTask(text="Do")),
    )
    edit = EditPlan(plan_id=plan.plan_id, seq=plan.seq, title="Mine", rooms=rooms, duration_ms=60_000)
    workshop.do("fay", edit)
    edited = plans(workshop)[0]
    assert [(r.name, r.participant_ids) for r in edited.plan.rooms] == [
        ("Second", two.participant_ids),
        ("New", one.participant_ids[:1]),
    ]
    assert edited.plan.explanation == ()
    assert workshop.rejected("fay", edit).code == "plan_changed"

    def refused(*rooms: PlannedRoom) -> str:
        command = EditPlan(plan_id=plan.plan_id, seq=edited.seq, title="", rooms=rooms)
        return workshop.rejected("fay", command).code

    assert refused() == "room_count"
    assert refused(PlannedRoom(room_id=one.room_id)) == "unknown_room"
    assert refused(*(PlannedRoom(participant_ids=ids("l0")),) * 2) == "person_twice"
    assert refused(PlannedRoom(participant_ids=ids("nobody"))) == "unknown_participant"
    workshop.do("fay", OpenPlan(plan_id=plan.plan_id))
    assert sizes(workshop) == [2, 1]


def test_BR29_redrawing_takes_those_present() -> None:
    workshop = crowd(4)
    plan = prepare(workshop, count=2)
    workshop.join("new")
    workshop.do("fay", RedrawPlan(plan_id=plan.plan_id))
    assert sum(len(room.participant_ids) for room in plans(workshop)[0].plan.rooms) == 5
    chosen = prepare(workshop, count=2, assignment=SelfSelect())
    assert workshop.rejected("fay", RedrawPlan(plan_id=chosen.plan_id)).code == "not_drawn"


def test_BR30_constraints_hold_in_every_automatic_assignment() -> None:
    workshop = crowd(6)
    constraints = (Together(people=ids("l0", "l1")), Apart(people=ids("l0", "l2")))
    workshop.do("fay", SetConstraints(constraints=constraints))
    assert "constraints" not in workshop.sees("l0")
    for seed in range(5):
        workshop.do("fay", OpenBreakouts(count=2, switch=seed > 0))
        assert room_of(workshop, "l0") == room_of(workshop, "l1") != room_of(workshop, "l2")
    one = SetConstraints(constraints=(Apart(people=ids("l0", "l0")),))
    assert workshop.rejected("fay", one).code == "constraint_of_one"
    numbered = SetConstraints(constraints=(Capacity(group=0, size=1),))
    assert workshop.rejected("fay", numbered).code == "constraint_of_a_group"
    clash = OpenBreakouts(count=2, constraints=(Together(people=ids("l0", "l2")),), switch=True)
    assert workshop.rejected("fay", clash).code == "constraints_clash"


def test_BR31_groups_of_earlier_workshops_count_as_meetings() -> None:
    workshop = crowd(4)
    past = AddPastGroups(past=PastRound(groups=(ids("l0", "l1"), ids("l2", "l3")), weight=0.5))
    workshop.do("fay", past)
    workshop.do("fay", AddPastGroups(past=PastRound(groups=(ids("l0", "l2"), ids("l1", "l3")))))
    workshop.do("fay", OpenBreakouts(count=2, new_partners=True))
    assert groups(workshop) == {frozenset(("l0", "l3")), frozenset(("l1", "l2"))}
    heavy = AddPastGroups(past=PastRound(groups=(), weight=2))
    assert workshop.rejected("fay", heavy).code == "weight"


def test_BR32_a_rotation_is_a_series_of_plans() -> None:
    workshop = crowd(9)
    workshop.do("fay", PrepareRotation(title="Round", rounds=3, count=3))
    series = plans(workshop)
    assert [(p.plan.title, p.position, p.of) for p in series] == [
        ("Round 1", 1, 3),
        ("Round 2", 2, 3),
        ("Round 3", 3, 3),
    ]
    met: set[frozenset[str]] = set()
    for plan in series:
        workshop.do("fay", OpenPlan(plan_id=plan.plan_id, switch=True))
        pairs = {frozenset(pair) for group in groups(workshop) for pair in itertools.combinations(group, 2)}
        assert not pairs & met
        met |= pairs
    assert workshop.rejected("fay", RedrawPlan(plan_id=PlanId("a_none"))).code == "unknown_plan"


def test_BR32_a_jigsaw_is_one_action() -> None:
    workshop = crowd(9)
    topics = tuple(RoomSetup(name=name, task=RoomTask(text=f"Read {name}")) for name in ("Red", "Green", "Blue"))
    workshop.do("fay", PrepareJigsaw(topics=topics, home=RoomSetup(name="Home"), open=True))
    topic_of = {
        who: workshop.state.rooms[room_id].name for room_id in open_rooms(workshop) for who in people(workshop, room_id)
    }
    assert sorted(topic_of.values()) == ["Blue"] * 3 + ["Green"] * 3 + ["Red"] * 3
    (homes,) = plans(workshop)
    workshop.do("fay", OpenPlan(plan_id=homes.plan_id, switch=True))
    for room_id in open_rooms(workshop):
        assert {topic_of[who] for who in people(workshop, room_id)} == {"Red", "Green", "Blue"}
        assert workshop.state.rooms[room_id].name.startswith("Home ")
    few = crowd(2)
    assert few.rejected("fay", PrepareJigsaw(topics=topics)).code == "too_few_for_jigsaw"


def test_RO4_people_are_matched_as_they_join_as_the_whole_file_would_be() -> None:
    workshop = Workshop()
    workshop.join("fay", "facilitator")
    workshop.do("fay", ImportRoster(text="email,external_id,name\nann@x.example,,Ann\n,b7,Bob\ncem@x.example,c7,Cem\n"))

    def join(who: str, email: str = "", external_id: str = "") -> None:
        connect = Connect(
            connection_id=ConnectionId(who), name=who, role="learner", email=email, external_id=external_id
        )
        workshop.do(who, connect)

    join("p1", email="Ann@X.example")
    join("p2", external_id="b7")
    join("p3", email="cem@x.example", external_id="b7")
    entries = sorted(
        (record for record in workshop.sees("fay").values() if record.kind == "roster_entry"), key=lambda r: r.line
    )
    assert [record.participant_id for record in entries] == ["p1", "p2", "p3"]
    assert not any(key.startswith("roster_entry:") for key in workshop.sees("p1"))
    workshop.do("fay", ImportRoster(text="external_id,room\np1,X\n"))
    (entry,) = [record for record in workshop.sees("fay").values() if record.kind == "roster_entry"]
    assert (entry.participant_id, entry.room) == (ParticipantId("p1"), "X")
    assert workshop.rejected("fay", ImportRoster(text="nonsense\n")).code == "roster_invalid"
