"""Rules CH."""

from rooms import limits
from rooms.commands.breakouts import MoveParticipants, OpenBreakouts
from rooms.commands.chat import PostMessage
from rooms.ids import PLENARY, ParticipantId
from tests.unit.workshop_case import Workshop


def texts(workshop: Workshop, who: str) -> set[str]:
    return {record.text for record in workshop.sees(who).values() if record.kind == "message"}


def test_CH1_messages_have_a_length_and_no_control_characters() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    assert workshop.rejected("l0", PostMessage(channel="room", text=" \n ")).code == "message_empty"
    assert workshop.rejected("l0", PostMessage(channel="room", text="x" * 4001)).code == "message_too_long"
    workshop.do("l0", PostMessage(channel="room", text=" a\x00b\nc "))
    assert texts(workshop, "l0") == {"ab\nc"}


def test_CH2_only_private_messages_have_a_recipient() -> None:
    workshop = Workshop()
    workshop.crowd(2)
    l1 = ParticipantId("l1")
    assert workshop.rejected("l0", PostMessage(channel="private", text="x")).code == "recipient_mismatch"
    assert workshop.rejected("l0", PostMessage(channel="room", text="x", to_id=l1)).code == "recipient_mismatch"
    assert workshop.rejected("l1", PostMessage(channel="private", text="x", to_id=l1)).code == "recipient_is_author"


def test_CH3_each_channel_is_seen_by_its_audience_only() -> None:
    workshop = Workshop()
    workshop.crowd(3)
    workshop.join("obi", "observer")
    workshop.do("fay", OpenBreakouts(count=3))
    rooms = {who: workshop.state.participants[ParticipantId(who)].room_id for who in ("l0", "l1", "l2")}
    workshop.do("l0", PostMessage(channel="room", text="in my room"))
    workshop.do("l0", PostMessage(channel="everyone", text="to all"))
    workshop.do("l0", PostMessage(channel="facilitators", text="to fay"))
    workshop.do("l0", PostMessage(channel="private", text="to l1", to_id=ParticipantId("l1")))
    assert texts(workshop, "l0") == {"in my room", "to all", "to fay", "to l1"}
    assert texts(workshop, "l1") == {"to all", "to l1"}
    assert texts(workshop, "l2") == texts(workshop, "obi") == {"to all"}
    assert texts(workshop, "fay") == {"to all", "to fay"}
    workshop.do("fay", MoveParticipants(participant_ids=(ParticipantId("l2"),), room_id=rooms["l0"]))
    assert "in my room" in texts(workshop, "l2")
    workshop.do("fay", MoveParticipants(participant_ids=(ParticipantId("l2"),), room_id=PLENARY))
    assert "in my room" not in texts(workshop, "l2")


def test_CH4_views_keep_the_latest_messages() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    for index in range(limits.MAX_MESSAGES_SHOWN + 3):
        workshop.do("l0", PostMessage(channel="everyone", text=f"m{index}"))
        workshop.projection.flush()
    shown = texts(workshop, "fay")
    assert len(shown) == limits.MAX_MESSAGES_SHOWN
    assert "m2" not in shown
    assert "m3" in shown
