"""Rules ST, RL and PE9."""

import pytest

from rooms.commands.breakouts import CloseBreakouts, MoveParticipants, OpenBreakouts
from rooms.commands.people import ChangeRole, HandOver, Leave, RaiseHand, Rename, SetMedia
from rooms.commands.polls import CastBallot, CreatePoll, OpenPoll
from rooms.commands.stage import AllowMedia, StopMedia
from rooms.events.stage import Media
from rooms.ids import API, PLENARY, ParticipantId
from rooms.records import ParticipantRecord
from rooms.roles import Role
from tests.unit.workshop_case import Workshop

L0 = (ParticipantId("l0"),)


def on(*, mic: bool = False, camera: bool = False, screen: bool = False) -> SetMedia:
    return SetMedia(mic=mic, camera=camera, screen=screen)


def sends(workshop: Workshop, who: str) -> set[str]:
    record = workshop.sees("fay")[f"participant:{who}"]
    assert isinstance(record, ParticipantRecord)
    return {media for media in ("mic", "camera", "screen") if getattr(record, media)}


def stage(learners: int = 2) -> Workshop:
    workshop = Workshop()
    for who in ("fay", *workshop.crowd(learners)):
        workshop.do(who, on(mic=True, camera=True))
    return workshop


def test_ST1_muting_one_or_all_but_the_facilitators() -> None:
    workshop = stage()
    workshop.do("fay", StopMedia(participant_ids=L0))
    assert (sends(workshop, "l0"), sends(workshop, "l1")) == ({"camera"}, {"mic", "camera"})
    workshop.do("fay", StopMedia(media=("mic", "camera")))
    assert (sends(workshop, "l1"), sends(workshop, "fay")) == (set(), {"mic", "camera"})
    workshop.do("l1", on(mic=True))
    assert workshop.rejected("fay", StopMedia(media=())).code == "media_missing"
    assert workshop.rejected("l0", StopMedia()).code == "not_allowed"
    workshop.do("l1", Leave())
    assert workshop.rejected("fay", StopMedia(participant_ids=(ParticipantId("l1"),))).code == "not_present"


@pytest.mark.parametrize("media", ["mic", "camera", "screen"])
def test_ST2_what_is_forbidden_cannot_be_switched_on_until_it_is_allowed(media: Media) -> None:
    workshop = stage()
    wanted = on(**{media: True})
    workshop.do("fay", StopMedia(media=(media,), may_restart=False))
    assert workshop.rejected("l0", wanted).code == f"{media}_not_allowed"
    workshop.join("late")
    assert workshop.rejected("late", wanted).code == f"{media}_not_allowed"
    workshop.do("fay", wanted)
    workshop.do("fay", on())
    workshop.do("fay", AllowMedia(participant_ids=L0, media=(media,)))
    workshop.do("l0", wanted)
    assert workshop.rejected("l1", wanted).code == f"{media}_not_allowed"
    workshop.do("l0", on())
    workshop.do("fay", AllowMedia(media=(media,)))
    workshop.do("l1", wanted)
    fay = StopMedia(participant_ids=(ParticipantId("fay"),), may_restart=False)
    assert workshop.rejected(API, fay).code == "not_allowed"


def test_ST3_what_is_forbidden_in_the_plenary_is_not_in_breakouts() -> None:
    workshop = stage()
    workshop.do("fay", StopMedia(media=("mic",), may_restart=False))
    workshop.do("fay", OpenBreakouts(count=1))
    workshop.do("l0", on(mic=True, camera=True))
    assert "mic" in workshop.sees("l0")["participant:l0"].may_send  # type: ignore[union-attr]
    workshop.do("fay", CloseBreakouts())
    assert sends(workshop, "l0") == {"camera"}
    assert workshop.sees("l0")["participant:l0"].may_send == ("camera", "screen")  # type: ignore[union-attr]


def test_ST4_observers_send_nothing() -> None:
    workshop = stage()
    workshop.join("obi", "observer")
    assert workshop.rejected("obi", on(camera=True)).code == "not_allowed"
    assert workshop.sees("obi")["participant:obi"].may_send == ()  # type: ignore[union-attr]


def test_ST5_what_is_forbidden_to_one_is_forbidden_everywhere_and_after_a_return() -> None:
    workshop = stage()
    workshop.do("fay", StopMedia(participant_ids=L0, may_restart=False))
    workshop.do("fay", OpenBreakouts(count=1))
    assert workshop.rejected("l0", on(mic=True)).code == "mic_not_allowed"
    workshop.do("l0", Leave())
    workshop.join("l0")
    assert workshop.rejected("l0", on(mic=True)).code == "mic_not_allowed"
    workshop.do("fay", AllowMedia(participant_ids=L0))
    workshop.do("l0", on(mic=True))


def test_ST6_one_screen_at_a_time_in_a_room() -> None:
    workshop = stage(4)
    workshop.do("fay", OpenBreakouts(count=2))
    one, other = (room for room in workshop.state.rooms if room != PLENARY)
    first, second = workshop.state.rooms[one].people
    elsewhere = next(iter(workshop.state.rooms[other].people))
    workshop.do(first, on(screen=True))
    assert workshop.rejected(second, on(screen=True)).code == "screen_taken"
    workshop.do(elsewhere, on(screen=True))
    workshop.do("fay", MoveParticipants(participant_ids=(elsewhere,), room_id=one))
    assert (sends(workshop, first), sends(workshop, elsewhere)) == ({"screen"}, set())
    workshop.do("fay", MoveParticipants(participant_ids=(ParticipantId("fay"),), room_id=one))
    workshop.do("fay", on(screen=True))
    assert (sends(workshop, first), sends(workshop, "fay")) == (set(), {"screen"})
    workshop.do("fay", on())
    workshop.do(second, on(screen=True))
    assert sends(workshop, second) == {"screen"}


def test_RL1_the_last_facilitator_keeps_the_role() -> None:
    workshop = stage()
    fay = ParticipantId("fay")
    assert workshop.rejected("fay", ChangeRole(participant_id=fay, role="learner")).code == "last_facilitator"
    assert workshop.rejected("l0", ChangeRole(participant_id=fay, role="learner")).code == "not_allowed"
    workshop.do("fay", ChangeRole(participant_id=L0[0], role="facilitator"))
    workshop.do("l0", ChangeRole(participant_id=fay, role="observer"))
    workshop.do("l0", StopMedia())
    assert "StopMedia" not in workshop.sees("fay")["me:fay"].allowed  # type: ignore[union-attr]


def test_RL1_RL3_several_facilitators_are_equal_and_the_last_one_present_stays() -> None:
    workshop = stage()
    for who in ("fred", "fran"):
        workshop.join(who, "facilitator")
    fay = ParticipantId("fay")
    workshop.do("fred", ChangeRole(participant_id=fay, role="cofacilitator"))
    workshop.do("fran", HandOver(participant_id=fay))
    assert [workshop.state.participants[ParticipantId(who)].role for who in ("fay", "fred", "fran")] == [
        "facilitator",
        "facilitator",
        "cofacilitator",
    ]
    workshop.do("fred", Leave())
    demote = ChangeRole(participant_id=fay, role="learner")
    assert workshop.rejected("fay", demote).code == "last_facilitator"  # Fred is one, but not here
    workshop.join("fred", "facilitator")
    workshop.do("fay", demote)


def test_RL2_a_changed_role_and_name_outlive_a_return() -> None:
    workshop = stage()
    workshop.do("fay", ChangeRole(participant_id=L0[0], role="cofacilitator"))
    workshop.do("l0", Rename(name="Lou"))
    workshop.do("l0", Leave())
    workshop.join("l0", "learner")
    person = workshop.state.participants[L0[0]]
    assert (person.role, person.name) == ("cofacilitator", "Lou")


def test_RL3_handing_over() -> None:
    workshop = stage()
    assert workshop.rejected("fay", HandOver(participant_id=ParticipantId("fay"))).code == "hand_over_to_self"
    workshop.do("fay", HandOver(participant_id=L0[0]))
    roles: list[Role] = [workshop.state.participants[ParticipantId(who)].role for who in ("fay", "l0")]
    assert roles == ["cofacilitator", "facilitator"]
    workshop.do("fay", Leave())
    assert workshop.rejected("l0", HandOver(participant_id=ParticipantId("fay"))).code == "not_present"


def test_RL4_an_observer_keeps_ballots_but_neither_hand_nor_microphone() -> None:
    workshop = stage()
    (created,) = workshop.do("fay", CreatePoll(question="Which?", options=("A", "B")))
    workshop.do("fay", OpenPoll(poll_id=created.poll_id))  # type: ignore[union-attr]
    workshop.do("l0", CastBallot(poll_id=created.poll_id, option_ids=(created.options[0].option_id,)))  # type: ignore[union-attr]
    workshop.do("l0", RaiseHand())
    workshop.do("fay", ChangeRole(participant_id=L0[0], role="observer"))
    person = workshop.state.participants[L0[0]]
    assert (person.hand_raised_seq, sends(workshop, "l0")) == (None, set())
    tally = workshop.sees("fay")[f"tally:{created.poll_id}"]  # type: ignore[union-attr]
    assert (tally.ballots, tally.eligible) == (1, 3)  # type: ignore[union-attr]


def test_PE9_names_are_changed_by_their_owner_or_a_facilitator() -> None:
    workshop = stage()
    workshop.do("l0", Rename(name=" Lou "))
    assert workshop.do("l0", Rename(name="Lou")) == ()
    assert workshop.rejected("l0", Rename(name="x", participant_id=ParticipantId("l1"))).code == "not_allowed"
    assert workshop.rejected("l0", Rename(name="")).code == "name_empty"
    assert workshop.rejected(API, Rename(name="x")).code == "needs_a_participant"
    workshop.do("fay", Rename(name="Max", participant_id=ParticipantId("l1")))
    workshop.do(API, Rename(name="Fey", participant_id=ParticipantId("fay")))
    names = [workshop.sees("l0")[f"participant:{who}"].name for who in ("fay", "l0", "l1")]  # type: ignore[union-attr]
    assert names == ["Fey", "Lou", "Max"]
