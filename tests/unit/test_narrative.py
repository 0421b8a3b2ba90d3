"""What is published of a workshop, and that it is always the same."""

import uuid
from typing import Any

from pydantic import TypeAdapter

from rooms.commands import Command
from rooms.commands.breakouts import CloseBreakouts, MoveParticipants, OpenBreakouts
from rooms.commands.chat import PostMessage
from rooms.commands.lobby import Admit, Deny, SetLobby
from rooms.commands.people import ChangeRole, Disconnect, Leave, LowerHand, RaiseHand, Rename, SetMedia
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, OpenPoll
from rooms.commands.workshop import CloseWorkshop
from rooms.events import Recorded
from rooms.events.polls import BallotCast
from rooms.ids import ConnectionId, ParticipantId, PollId, RoomId
from server.publish.catalogue import CATALOGUE, event_type, schema_uri
from server.publish.cloudevents import CloudEvent
from server.publish.narrative import Narrative, Options
from tests.unit.workshop_case import Workshop

OPTIONS = Options(home_page="https://learn.example", names=True)
ADAPTERS = {event_type(each): TypeAdapter(each) for each in CATALOGUE}


def published(log: list[Recorded], options: Options = OPTIONS) -> list[CloudEvent]:
    narrative = Narrative(options)
    return [event for recorded in log for event in narrative.tell(recorded)]


def names(events: list[CloudEvent]) -> list[str]:
    return [event["type"].removeprefix("org.atelier.").removesuffix(".v1") for event in events]


class Told:
    """A workshop, and what was published of the last things that were done."""

    def __init__(self) -> None:
        self.workshop = Workshop()
        self._told = 0

    def do(self, who: str, *commands: Command) -> list[CloudEvent]:
        for command in commands:
            self.workshop.do(who, command)
        return self.new()

    def new(self) -> list[CloudEvent]:
        events = published(self.workshop.log)
        new, self._told = events[self._told :], len(events)
        return new

    def poll(self, *, anonymous: bool) -> tuple[PollId, tuple[Any, ...]]:
        self.do("fay", CreatePoll(question="Which?", options=("A", "B"), anonymous=anonymous))
        (poll,) = list(self.workshop.state.polls.values())[-1:]
        return poll.poll_id, tuple(option.option_id for option in poll.content.options)


def test_the_envelope_is_a_cloud_event() -> None:
    told = Told()
    told.workshop.join("fay", "facilitator")
    opened, joined = told.new()
    assert opened["specversion"] == joined["specversion"] == "1.0"
    assert opened["source"] == "/workshops/w_1"
    assert opened["type"] == "org.atelier.workshop.opened.v1"
    assert joined["subject"] == "participants/fay"
    assert joined["time"] == "1970-01-01T00:16:40.000Z"
    assert joined["datacontenttype"] == "application/json"
    assert joined["dataschema"] == "urn:org-atelier:participant.joined:1"
    assert (opened["sequence"], joined["sequence"]) == ("0000000001", "0000000002")
    assert joined["partitionkey"] == "w_1"
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "/workshops/w_1")
    assert (opened["id"], joined["id"]) == (str(uuid.uuid5(namespace, "1")), str(uuid.uuid5(namespace, "2")))
    assert joined["data"]["participant"] == {"homePage": "https://learn.example", "name": "fay", "role": "facilitator"}
    assert joined["data"]["display_name"] == "Fay"
    assert uuid.UUID(joined["data"]["registration"]).version == 5


def test_several_events_of_one_are_told_apart_by_an_index_in_the_id() -> None:
    told = Told()
    told.workshop.crowd(4)
    told.new()
    events = told.do("fay", OpenBreakouts(count=2, duration_ms=600_000))
    assert names(events) == ["breakout.opened"] * 2 + ["breakout.entered"] * 4
    assert len({event["id"] for event in events}) == 6
    assert len({event["traceparent"] for event in events}) == 1
    assert {event["data"]["how"] for event in events[2:]} == {"assigned"}
    assert all(event["data"]["parent_room_id"] == "plenary" for event in events)
    assert events[0]["data"]["ends_at_ms"] == told.workshop.now_ms + 600_000


def test_moves_and_the_recall_are_told_with_how_long_somebody_was_there() -> None:
    told = Told()
    told.workshop.crowd(2)
    told.do("fay", OpenBreakouts(count=2))
    rooms = told.workshop.state.breakouts.room_ids  # type: ignore[union-attr]
    (ann,) = told.workshop.state.rooms[rooms[0]].people
    told.workshop.wait(5_000)
    left, entered = told.do("fay", MoveParticipants(participant_ids=(ann,), room_id=rooms[1]))
    assert names([left, entered]) == ["breakout.left", "breakout.entered"]
    assert (left["data"]["room_id"], left["data"]["duration_ms"]) == (rooms[0], 5_000)
    assert (entered["data"]["room_id"], entered["data"]["how"]) == (rooms[1], "moved")
    told.workshop.wait(1_000)
    recall = told.do("fay", CloseBreakouts())
    assert sorted(names(recall)) == ["breakout.closed"] * 2 + ["breakout.left"] * 2
    assert names(recall)[-2:] == ["breakout.closed"] * 2
    assert {e["data"]["duration_ms"] for e in recall if e["data"]["room_id"] == rooms[0]} == {6_000}
    stays = {e["data"]["participant"]["name"]: e["data"]["duration_ms"] for e in recall[:2]}
    assert stays[ann] == 1_000


def test_coming_being_lost_returning_and_leaving() -> None:
    told = Told()
    told.workshop.join("ann")
    told.new()
    told.workshop.wait(1_000)
    (lost,) = told.do("ann", Disconnect(connection_id=ConnectionId("c_ann")))
    assert (lost["type"], lost["data"]["presence"]) == ("org.atelier.participant.presence.v1", "reconnecting")
    told.workshop.join("ann", connection="again")
    (back,) = told.new()
    assert back["data"]["presence"] == "present"
    told.do("ann", Disconnect(connection_id=ConnectionId("again")))
    told.workshop.wait(60_000)
    (left,) = told.new()
    assert (names([left]), left["data"]["reason"], left["data"]["duration_ms"]) == (
        ["participant.left"],
        "lost",
        61_000,
    )
    told.workshop.join("ann")
    (joined,) = told.new()
    assert (names([joined]), joined["data"]["returned"]) == (["participant.joined"], True)


def test_a_second_tab_is_not_told() -> None:
    told = Told()
    told.workshop.join("ann")
    told.new()
    told.workshop.join("ann", connection="second")
    assert told.do("ann", Disconnect(connection_id=ConnectionId("second"))) == []


def test_hands_media_names_and_roles() -> None:
    told = Told()
    told.workshop.crowd(1)
    told.new()
    assert names(told.do("l0", RaiseHand(), LowerHand())) == ["hand.raised", "hand.lowered"]
    on = told.do("l0", SetMedia(mic=True, camera=True, screen=False))
    assert [(e["type"], e["data"]["media"]) for e in on] == [
        ("org.atelier.media.started.v1", "camera"),
        ("org.atelier.media.started.v1", "mic"),
    ]
    (renamed,) = told.do("l0", Rename(participant_id=ParticipantId("l0"), name="Lo"))
    assert renamed["data"]["display_name"] == "Lo"
    (role,) = told.do("fay", ChangeRole(participant_id=ParticipantId("l0"), role="cofacilitator"))
    assert (role["data"]["role_before"], role["data"]["role"]) == ("learner", "cofacilitator")
    told.do("l0", RaiseHand())
    assert names(told.do("l0", Leave())) == ["hand.lowered", "media.stopped", "media.stopped", "participant.left"]


def test_the_lobby() -> None:
    told = Told()
    told.workshop.crowd(0)
    told.do("fay", SetLobby(on=True))
    told.workshop.join("ann")
    told.workshop.join("bob")
    assert names(told.new()) == ["participant.waiting"] * 2
    assert names(told.do("fay", Admit(participant_ids=(ParticipantId("ann"),)))) == [
        "participant.admitted",
        "participant.joined",
    ]
    (denied,) = told.do("fay", Deny(participant_ids=(ParticipantId("bob"),)))
    assert (names([denied]), denied["data"]["reason"]) == (["participant.denied"], "denied")


def test_chat_is_told_by_its_length_and_only_open_chat_by_its_text_where_that_is_wanted() -> None:
    told = Told()
    told.workshop.crowd(2)
    told.new()
    told.do("l0", PostMessage(channel="everyone", text="hello"))
    told.do("l0", PostMessage(channel="private", to_id=ParticipantId("l1"), text="secret"))
    quiet = [e["data"] for e in published(told.workshop.log) if e["type"].endswith("chat.posted.v1")]
    assert [(data["length"], data["text"]) for data in quiet] == [(5, None), (6, None)]
    wordy = published(told.workshop.log, Options(home_page="https://x.example", chat_text=True))
    assert [e["data"]["text"] for e in wordy if e["type"].endswith("chat.posted.v1")] == ["hello", None]


def test_a_named_poll_is_told_as_it_happens() -> None:
    told = Told()
    told.workshop.crowd(2)
    poll_id, (a, b) = told.poll(anonymous=False)
    told.new()
    (opened,) = told.do("fay", OpenPoll(poll_id=poll_id))
    assert opened["data"]["question"] == "Which?"
    (first,) = told.do("l0", CastBallot(poll_id=poll_id, option_ids=(a,)))
    (second,) = told.do("l0", CastBallot(poll_id=poll_id, option_ids=(b,)))
    assert [(e["data"]["option_ids"], e["data"]["changed"]) for e in (first, second)] == [([a], False), ([b], True)]
    told.workshop.wait(3_000)
    (closed,) = told.do("fay", ClosePoll(poll_id=poll_id))
    assert closed["data"]["counts"] == [{"option_id": a, "count": 0}, {"option_id": b, "count": 1}]
    assert (closed["data"]["ballots"], closed["data"]["eligible"], closed["data"]["duration_ms"]) == (1, 3, 3_000)


def test_an_anonymous_poll_is_told_when_it_closes_and_without_the_answers() -> None:
    told = Told()
    learners = told.workshop.crowd(4)
    poll_id, (a, b) = told.poll(anonymous=True)
    told.do("fay", OpenPoll(poll_id=poll_id))
    for who in reversed(learners):
        assert told.do(who, CastBallot(poll_id=poll_id, option_ids=(b if who == "l2" else a,))) == []
    *answered, closed = told.do("fay", ClosePoll(poll_id=poll_id))
    assert [e["data"]["participant"]["name"] for e in answered] == sorted(learners)
    assert {(e["data"]["option_ids"], e["data"]["changed"], e["data"]["room_id"]) for e in answered} == {
        (None, None, None)
    }
    assert {e["data"]["command_id"] for e in answered} == {closed["data"]["command_id"]}
    assert [each["count"] for each in closed["data"]["counts"]] == [3, 1]


def test_counts_that_would_give_a_single_anonymous_ballot_away_are_withheld() -> None:
    told = Told()
    learners = told.workshop.crowd(10)
    poll_id, (a, b) = told.poll(anonymous=True)

    def round_of(voters: list[str], option: Any) -> Any:
        told.do("fay", OpenPoll(poll_id=poll_id))
        for who in voters:
            told.do(who, CastBallot(poll_id=poll_id, option_ids=(option,)))
        return told.do("fay", ClosePoll(poll_id=poll_id))[-1]["data"]["counts"]

    def answered() -> list[str]:
        events = published(told.workshop.log)
        return [each["data"]["participant"]["name"] for each in events if "poll.answered" in each["type"]]

    assert round_of(learners[:1], a) is None
    assert answered() == [], "who knows that it was l0, and sees the results, knows the vote"
    assert [each["count"] for each in round_of(learners[1:4], a)] == [4, 0]
    assert answered() == learners[:4]
    assert [each["count"] for each in round_of([], a)] == [4, 0]
    assert [each["count"] for each in round_of(learners[:1], b)] == [4, 0], "somebody changed their mind"
    assert [each["count"] for each in round_of(learners[4:5], b)] == [4, 0]
    assert answered() == learners[:4]
    assert [each["count"] for each in round_of(learners[5:6], b)] == [3, 3]
    assert answered() == learners[:4], "two people are new, and that they are is not told"
    assert [each["count"] for each in round_of(learners[6:9], b)] == [3, 6]
    assert answered() == learners[:9]


def test_who_said_what_and_when_in_an_anonymous_poll_changes_nothing_that_is_published() -> None:
    told = Told()
    learners = told.workshop.crowd(6)
    poll_id, (a, b) = told.poll(anonymous=True)
    told.do("fay", OpenPoll(poll_id=poll_id))
    for index, who in enumerate(learners):
        told.workshop.wait(1_000)
        told.do(who, CastBallot(poll_id=poll_id, option_ids=((a, b)[index % 2],)))
        told.do(who, RaiseHand())
    told.do("fay", CloseWorkshop())
    log = told.workshop.log
    ballots = [index for index, each in enumerate(log) if isinstance(each.event, BallotCast)]
    shuffled = list(log)
    for index, other in zip(ballots, [*ballots[3:], *ballots[:3]], strict=True):
        place, moved = log[index], log[other]
        shuffled[index] = Recorded(
            seq=place.seq, at_ms=place.at_ms, actor=moved.actor, command_id="another", event=moved.event
        )
    assert shuffled != log
    assert published(shuffled) == published(log)


def test_closing_the_workshop_tells_the_end_of_everything() -> None:
    told = Told()
    told.workshop.crowd(3)
    told.do("fay", OpenBreakouts(count=1))
    poll_id, _ = told.poll(anonymous=True)
    told.do("fay", OpenPoll(poll_id=poll_id))
    told.workshop.wait(9_000)
    events = told.do("fay", CloseWorkshop())
    told_names = names(events)
    assert told_names[-1] == "workshop.closed"
    assert events[-1]["data"]["duration_ms"] == 9_000
    for name, count in (("poll.closed", 1), ("breakout.left", 3), ("breakout.closed", 1), ("participant.left", 4)):
        assert told_names.count(name) == count


def test_every_schema_has_a_name_of_its_own() -> None:
    assert (
        len({event_type(each) for each in CATALOGUE}) == len({schema_uri(each) for each in CATALOGUE}) == len(CATALOGUE)
    )
    assert all(each.NAME for each in CATALOGUE)


def check(events: list[CloudEvent]) -> None:
    """What must hold for everything that is ever published of a workshop."""
    assert [int(event["sequence"]) for event in events] == list(range(1, len(events) + 1))
    assert len({event["id"] for event in events}) == len(events)
    for event in events:
        ADAPTERS[event["type"]].validate_python(event["data"], strict=False)


def test_a_long_story_keeps_to_the_schemas_and_is_told_the_same_twice() -> None:
    told = Told()
    learners = told.workshop.crowd(9)
    for turn in range(3):
        poll_id, (a, _) = told.poll(anonymous=turn % 2 == 0)
        told.do("fay", OpenPoll(poll_id=poll_id), OpenBreakouts(count=3, duration_ms=60_000))
        for who in learners:
            told.do(who, CastBallot(poll_id=poll_id, option_ids=(a,)), SetMedia(mic=True, camera=False, screen=False))
            told.do(who, PostMessage(channel="room", text="hi"), RaiseHand())
        told.do("fay", MoveParticipants(participant_ids=(ParticipantId("l1"),), room_id=RoomId("plenary")))
        told.workshop.wait(61_000)
        told.do("fay", ClosePoll(poll_id=poll_id))
        for who in learners:
            told.do(who, LowerHand(), SetMedia(mic=False, camera=False, screen=False))
    told.do("fay", CloseWorkshop())
    events = published(told.workshop.log)
    check(events)
    assert events == published(told.workshop.log)
    matters = {"attendance", "workshop", "participant", "media", "hand", "chat", "breakout", "poll"}
    assert {name.split(".")[0] for name in names(events)} == matters
