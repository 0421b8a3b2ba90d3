"""Rules WS and PE."""

import pytest

from rooms.commands.breakouts import CloseBreakouts, OpenBreakouts
from rooms.commands.people import Connect, Disconnect, DropAllConnections, Leave, LowerHand, RaiseHand, SetMedia
from rooms.commands.polls import CreatePoll
from rooms.commands.workshop import CloseWorkshop, CreateWorkshop
from rooms.ids import API, PLENARY, SYSTEM, ConnectionId, ParticipantId, WorkshopId
from rooms.roles import ALLOWED
from tests.unit.workshop_case import Workshop


def presence(workshop: Workshop, who: str, viewer: str = "fay") -> str:
    return workshop.sees(viewer)[f"participant:{who}"].presence  # type: ignore[union-attr]


def test_WS1_a_workshop_is_created_once_with_sensible_values() -> None:
    workshop = Workshop()
    again = CreateWorkshop(workshop_id=WorkshopId("w_1"), title="Again")
    assert workshop.rejected(API, again).code == "workshop_exists"
    new = Workshop(created=False)
    assert new.rejected(API, CreateWorkshop(workshop_id=WorkshopId("w"), title=" ")).code == "title_empty"
    assert new.rejected(API, CreateWorkshop(workshop_id=WorkshopId("w"), title="x" * 201)).code == "title_too_long"
    assert new.rejected(API, CreateWorkshop(workshop_id=WorkshopId("w"), title="x", grace_ms=5)).code == "grace"


def test_WS2_nothing_can_be_done_before_creation() -> None:
    refusal = Workshop(created=False).rejected("ann", RaiseHand())
    assert (refusal.code, refusal.rule) == ("workshop_unknown", "WS2")


def test_WS3_closing_is_final_and_ends_everything() -> None:
    workshop = Workshop()
    workshop.crowd(2)
    workshop.do("fay", OpenBreakouts(count=2))
    closing = [event.type for event in workshop.do("fay", CloseWorkshop())]
    assert closing == ["BreakoutsClosed", "ParticipantLeft", "ParticipantLeft", "ParticipantLeft", "WorkshopClosed"]
    assert workshop.rejected("l0", RaiseHand()).code == "workshop_closed"
    assert workshop.do("fay", CloseWorkshop()) == ()
    assert workshop.do("l0", Disconnect(connection_id=ConnectionId("c_l0"))) == ()


def test_WS4_a_role_gives_only_its_commands() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    workshop.join("obi", "observer")
    for command in (
        OpenBreakouts(count=1),
        CloseBreakouts(),
        CreatePoll(question="?", options=("a", "b")),
        CloseWorkshop(),
    ):
        assert workshop.rejected("l0", command).code == "not_allowed"
        assert workshop.rejected("obi", command).code == "not_allowed"
    assert workshop.rejected("obi", RaiseHand()).code == "not_allowed"
    assert workshop.rejected(API, RaiseHand()).code == "needs_a_participant"
    me = workshop.sees("l0")["me:l0"]
    assert set(me.allowed) == {name for name, roles in ALLOWED.items() if "learner" in roles}  # type: ignore[union-attr]


def test_WS5_who_has_left_must_join_again_first() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    workshop.do("l0", Leave())
    assert workshop.rejected("l0", RaiseHand()).code == "not_present"
    workshop.join("l0")
    workshop.do("l0", RaiseHand())


def test_PE1_strangers_are_not_known() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    assert workshop.rejected("nobody", RaiseHand()).code == "unknown_participant"
    assert workshop.rejected("fay", LowerHand(participant_id=ParticipantId("nobody"))).code == "unknown_participant"


def test_PE2_the_first_connection_joins_in_the_plenary() -> None:
    workshop = Workshop()
    joined = workshop.do("ann", Connect(connection_id=ConnectionId("c1"), name="  Ann\x07 ", role="learner"))
    assert [event.type for event in joined] == ["ParticipantJoined", "ConnectionOpened"]
    assert (workshop.state.participants[ParticipantId("ann")].name, joined[0].room_id) == ("Ann", PLENARY)  # type: ignore[union-attr]
    nameless = Connect(connection_id=ConnectionId("c2"), name="\n", role="learner")
    assert workshop.rejected("bob", nameless).code == "name_empty"


def test_PE3_a_second_tab_is_the_same_person() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    again = workshop.do("l0", Connect(connection_id=ConnectionId("tab2"), name="L0", role="learner"))
    assert [event.type for event in again] == ["ConnectionOpened"]
    workshop.do("l0", Disconnect(connection_id=ConnectionId("c_l0")))
    workshop.wait(120_000)
    assert presence(workshop, "l0") == "present"
    for index in range(7):
        workshop.do("l0", Connect(connection_id=ConnectionId(f"t{index}"), name="L0", role="learner"))
    one_more = Connect(connection_id=ConnectionId("t9"), name="L0", role="learner")
    assert workshop.rejected("l0", one_more).code == "too_many_connections"


def test_PE4_the_grace_keeps_the_place_and_then_ends_it() -> None:
    workshop = Workshop(grace_ms=60_000)
    workshop.crowd(2)
    workshop.do("l0", RaiseHand())
    workshop.do("l0", Disconnect(connection_id=ConnectionId("c_l0")))
    workshop.wait(59_000)
    assert presence(workshop, "l0") == "reconnecting"
    workshop.join("l0")
    workshop.wait(200_000)
    assert presence(workshop, "l0") == "present"
    assert workshop.sees("fay")["participant:l0"].hand_raised_seq is not None  # type: ignore[union-attr]
    workshop.do("l0", Disconnect(connection_id=ConnectionId("c_l0")))
    workshop.wait(60_000)
    assert presence(workshop, "l0") == "left"
    assert workshop.log[-1].event.reason == "lost"  # type: ignore[union-attr]


@pytest.mark.parametrize("still_open", [True, False])
def test_PE5_who_returns_comes_back_to_the_room_if_it_is_still_open(still_open: bool) -> None:
    workshop = Workshop()
    workshop.crowd(2)
    workshop.do("fay", OpenBreakouts(count=2))
    room_id = workshop.state.participants[ParticipantId("l0")].room_id
    workshop.do("l0", Leave())
    if not still_open:
        workshop.do("fay", CloseBreakouts())
    workshop.join("l0")
    assert workshop.state.participants[ParticipantId("l0")].room_id == (room_id if still_open else PLENARY)


def test_PE6_a_server_restart_gives_everybody_the_grace() -> None:
    workshop = Workshop()
    workshop.crowd(3)
    dropped = workshop.do(SYSTEM, DropAllConnections())
    assert len(dropped) == 4
    assert {presence(workshop, who) for who in ("fay", "l0", "l1", "l2")} == {"reconnecting"}
    assert workshop.do(SYSTEM, DropAllConnections()) == ()
    workshop.join("l0", connection="new")
    workshop.wait(60_000)
    assert (presence(workshop, "l0", "l0"), presence(workshop, "l1", "l0")) == ("present", "left")


def test_PE7_hands_are_ordered_and_lowered_by_their_owner_or_a_facilitator() -> None:
    workshop = Workshop()
    workshop.crowd(2)
    workshop.do("l1", RaiseHand())
    workshop.do("l0", RaiseHand())
    assert workshop.do("l0", RaiseHand()) == ()
    raised = {who: workshop.sees("fay")[f"participant:{who}"].hand_raised_seq for who in ("l0", "l1")}  # type: ignore[union-attr]
    assert raised["l1"] < raised["l0"]  # type: ignore[operator]
    assert workshop.rejected("l0", LowerHand(participant_id=ParticipantId("l1"))).code == "not_allowed"
    workshop.do("fay", LowerHand(participant_id=ParticipantId("l1")))
    workshop.do("l0", Leave())
    assert all(p.hand_raised_seq is None for p in workshop.state.participants.values())


def test_PE8_what_a_person_sends_ends_with_leaving() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    workshop.do("l0", SetMedia(mic=True, camera=True, screen=False))
    assert workshop.do("l0", SetMedia(mic=True, camera=True, screen=False)) == ()
    workshop.do("l0", Leave())
    record = workshop.sees("fay")["participant:l0"]
    assert (record.mic, record.camera, record.screen) == (False, False, False)  # type: ignore[union-attr]
