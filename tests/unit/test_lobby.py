"""Rules LO."""

from rooms.commands.chat import PostMessage
from rooms.commands.lobby import Admit, Deny, LiftBan, RemoveParticipant, SetLobby, SetLock
from rooms.commands.people import Connect, Disconnect, Leave, RaiseHand, Rename
from rooms.commands.workshop import CloseWorkshop
from rooms.ids import PLENARY, ConnectionId, ParticipantId
from tests.unit.workshop_case import Workshop


def connect(name: str = "Ann", connection: str = "x") -> Connect:
    return Connect(connection_id=ConnectionId(connection), name=name, role="learner")


def waiting(workshop: Workshop) -> list[str]:
    records = [record for record in workshop.sees("fay").values() if record.kind == "waiting"]
    return [record.participant_id for record in sorted(records, key=lambda record: record.seq)]


def with_lobby() -> Workshop:
    workshop = Workshop()
    workshop.crowd(1)
    workshop.do("fay", SetLobby(on=True))
    return workshop


def remove(who: str, *, ban: bool = False) -> RemoveParticipant:
    return RemoveParticipant(participant_id=ParticipantId(who), ban=ban)


def admit(*who: str) -> Admit:
    return Admit(participant_ids=tuple(map(ParticipantId, who)))


def test_LO1_newcomers_wait_and_see_nothing_but_that() -> None:
    workshop = with_lobby()
    workshop.join("ann")
    assert set(workshop.sees("ann")) == {"workshop", "waiting:ann", "me:ann"}
    assert not [key for key in workshop.sees("l0") if "ann" in key]
    assert workshop.rejected("ann", RaiseHand()).code == "in_lobby"
    workshop.do("ann", Rename(name="Anna"))
    assert workshop.sees("fay")["waiting:ann"].name == "Anna"  # type: ignore[union-attr]
    workshop.join("cora", "cofacilitator")
    assert ParticipantId("cora") in workshop.state.participants
    workshop.do("ann", Leave())
    assert (waiting(workshop), workshop.sees("ann")) == ([], {})


def test_LO1_who_was_in_comes_back_without_waiting() -> None:
    workshop = with_lobby()
    workshop.do("l0", Leave())
    workshop.join("l0")
    assert waiting(workshop) == []


def test_LO2_facilitators_admit_and_deny() -> None:
    workshop = with_lobby()
    for who in ("ann", "bob", "cem", "dee"):
        workshop.join(who)
    assert waiting(workshop) == ["ann", "bob", "cem", "dee"]
    assert workshop.rejected("l0", Admit()).code == "not_allowed"
    joined = workshop.do("fay", admit("bob"))
    assert [event.type for event in joined] == ["ParticipantJoined"]
    assert workshop.sees("bob")["participant:bob"].presence == "present"  # type: ignore[union-attr]
    workshop.do("fay", Deny(participant_ids=(ParticipantId("ann"),)))
    assert workshop.sees("ann") == {}
    assert workshop.rejected("fay", admit("ann")).code == "not_waiting"
    workshop.join("ann")
    assert waiting(workshop) == ["cem", "dee", "ann"]
    workshop.do("fay", Admit())
    assert waiting(workshop) == []
    assert workshop.state.rooms[PLENARY].people.keys() == {"fay", "l0", "bob", "cem", "dee", "ann"}


def test_LO3_switching_the_lobby_off_admits_who_waits() -> None:
    workshop = with_lobby()
    workshop.do("fay", remove("l0"))
    workshop.join("l0")
    workshop.join("ann")
    workshop.do("fay", SetLobby(on=False))
    assert waiting(workshop) == ["l0"]
    assert ParticipantId("ann") in workshop.state.participants


def test_LO4_a_locked_workshop_takes_nobody_new_but_who_dropped_out() -> None:
    workshop = Workshop()
    workshop.crowd(2)
    workshop.do("fay", SetLock(on=True))
    assert workshop.rejected("ann", connect()).code == "workshop_locked"
    workshop.do("l0", Disconnect(connection_id=ConnectionId("c_l0")))
    workshop.wait(120_000)
    workshop.join("l0")
    workshop.do("fay", remove("l1"))
    assert workshop.rejected("l1", connect()).code == "workshop_locked"
    workshop.do("fay", SetLock(on=False))
    workshop.join("ann")


def test_LO5_who_waits_is_one_person_and_keeps_the_place_for_the_grace() -> None:
    workshop = with_lobby()
    workshop.join("ann")
    workshop.join("bob")
    again = workshop.do("ann", connect(connection="tab2"))
    assert [event.type for event in again] == ["ConnectionOpened"]
    workshop.do("ann", Disconnect(connection_id=ConnectionId("tab2")))
    workshop.do("ann", Disconnect(connection_id=ConnectionId("c_ann")))
    workshop.wait(59_000)
    assert workshop.sees("fay")["waiting:ann"].reconnecting  # type: ignore[union-attr]
    workshop.do("ann", connect(connection="tab3"))
    workshop.wait(120_000)
    assert waiting(workshop) == ["ann", "bob"]
    workshop.do("bob", Disconnect(connection_id=ConnectionId("c_bob")))
    workshop.wait(60_000)
    assert waiting(workshop) == ["ann"]


def test_LO6_who_was_removed_comes_back_only_if_admitted() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    workshop.do("fay", remove("l0"))
    assert workshop.sees("l0") == {}
    assert workshop.rejected("fay", remove("l0")).code == "not_present"
    workshop.join("l0")
    assert waiting(workshop) == ["l0"]
    returned = workshop.do("fay", admit("l0"))
    assert [event.type for event in returned] == ["ParticipantReturned"]
    workshop.do("l0", Leave())
    workshop.join("l0")
    assert waiting(workshop) == []


def test_LO7_a_ban_survives_reconnecting_and_renaming() -> None:
    workshop = with_lobby()
    workshop.do("fay", remove("l0", ban=True))
    assert workshop.rejected("l0", connect()).code == "banned"
    assert workshop.rejected("l0", connect(name="Somebody Else", connection="y")).code == "banned"
    workshop.join("ann")
    workshop.do("fay", remove("ann", ban=True))
    assert workshop.rejected("ann", connect()).code == "banned"
    assert {key for key in workshop.sees("fay") if key.startswith("ban:")} == {"ban:l0", "ban:ann"}
    workshop.do("fay", LiftBan(participant_id=ParticipantId("l0")))
    workshop.join("l0")
    assert workshop.rejected("fay", LiftBan(participant_id=ParticipantId("l0"))).code == "not_banned"


def test_LO7_a_ban_holds_for_another_link_of_the_same_person() -> None:
    """Somebody banned who becomes a new person by an invite is known by what other systems call them."""
    workshop = Workshop()
    workshop.crowd(1)
    known = Connect(
        connection_id=ConnectionId("c"), name="Ann", role="learner", external_id="E1", email="ann@x.example"
    )
    workshop.do("ann", known)
    workshop.do("fay", remove("ann", ban=True))
    for elsewhere in ({"external_id": "E1"}, {"email": " Ann@X.example "}, {"external_id": "ann"}):
        again = Connect(connection_id=ConnectionId("d"), name="Zoe", role="learner", **elsewhere)
        assert workshop.rejected("zoe", again).code == "banned", elsewhere
    workshop.do("bob", Connect(connection_id=ConnectionId("e"), name="Bob", role="learner", email="bob@x.example"))
    workshop.do("fay", LiftBan(participant_id=ParticipantId("ann")))
    workshop.do("zoe", Connect(connection_id=ConnectionId("d"), name="Zoe", role="learner", email="ann@x.example"))


def test_LO7_a_ban_from_the_lobby_holds_for_another_link_too() -> None:
    workshop = with_lobby()
    workshop.do("ann", Connect(connection_id=ConnectionId("c"), name="Ann", role="learner", email="ann@x.example"))
    workshop.do("fay", remove("ann", ban=True))
    again = Connect(connection_id=ConnectionId("d"), name="Zoe", role="learner", email="ann@x.example")
    assert workshop.rejected("zoe", again).code == "banned"


def test_LO8_cofacilitators_remove_learners_only_and_nobody_themselves() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    workshop.join("cora", "cofacilitator")
    assert workshop.rejected("cora", remove("fay")).code == "not_allowed"
    assert workshop.rejected("fay", remove("fay")).code == "remove_self"
    workshop.do("cora", remove("l0"))
    workshop.do("fay", remove("cora"))
    assert workshop.state.rooms[PLENARY].people.keys() == {"fay"}


def test_WS3_closing_sends_away_also_those_who_wait() -> None:
    workshop = with_lobby()
    workshop.join("ann")
    workshop.do("fay", CloseWorkshop())
    assert workshop.state.lobby == {}


def test_LO6_who_was_removed_and_waits_again_gets_back_nothing_that_was_said_inside() -> None:
    workshop = Workshop()
    workshop.crowd(2)
    workshop.do("l0", PostMessage(channel="private", text="psst", to_id=ParticipantId("l1")))
    workshop.do("l1", PostMessage(channel="facilitators", text="to fay"))
    workshop.do("fay", RemoveParticipant(participant_id=ParticipantId("l1")))
    workshop.join("l1")
    assert ParticipantId("l1") in workshop.state.lobby
    assert {record.kind for record in workshop.sees("l1").values()} == {"workshop", "waiting", "me"}
    workshop.do("fay", Admit(participant_ids=(ParticipantId("l1"),)))
    assert {record.text for record in workshop.sees("l1").values() if record.kind == "message"} == {"psst", "to fay"}
