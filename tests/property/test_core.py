"""Random commands over the whole core. Hypothesis prints the seed and the shrunk story of a failure.

What must hold after every step: replayed state == live state; a rejected command and a decision change nothing (the case checks
it at each command); for every viewer, an old snapshot changed by the batches for its audiences equals a new one; and no viewer has
what it may not know, worked out here from the events and not from the code under test.
"""

import os
from dataclasses import dataclass, field

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from rooms.commands import Command
from rooms.commands.breakouts import CloseBreakouts, MoveParticipants, OpenBreakouts
from rooms.commands.chat import PostMessage
from rooms.commands.lobby import Admit, Deny, LiftBan, RemoveParticipant, SetLobby, SetLock
from rooms.commands.people import (
    ChangeRole,
    Connect,
    Disconnect,
    DropAllConnections,
    HandOver,
    Leave,
    LowerHand,
    RaiseHand,
    Rename,
    SetMedia,
)
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, OpenPoll, ShareResults
from rooms.commands.stage import AllowMedia, StopMedia
from rooms.commands.workshop import CloseWorkshop
from rooms.errors import Rejected
from rooms.events import Event
from rooms.events.chat import MessagePosted
from rooms.events.lobby import LobbyEntered, LobbyLeft
from rooms.events.people import ParticipantJoined, ParticipantReturned, RoleChanged
from rooms.events.polls import PollOpened, PollResultsShared
from rooms.events.stage import Media
from rooms.ids import SYSTEM, ConnectionId, OptionId, ParticipantId, PollId, RoomId
from rooms.projection import Changes, Projection
from rooms.records import (
    BallotRecord,
    BanRecord,
    MeRecord,
    MessageRecord,
    PollRecord,
    Record,
    TallyRecord,
    WaitingRecord,
)
from rooms.roles import HOSTS, Role
from tests.unit.workshop_case import Workshop

PEOPLE = {
    "fay": "facilitator",
    "cora": "cofacilitator",
    "obi": "observer",
    "l0": "learner",
    "l1": "learner",
    "l2": "learner",
}
people = st.sampled_from(sorted(PEOPLE))
hosts = st.sampled_from(["fay", "fay", "cora", "l0"])
"""Who gives facilitators' commands: mostly those who may, so that things happen."""


@dataclass
class Viewer:
    """A client's view of the world: what it was sent, and to which audiences the gateway has put it."""

    records: dict[str, Record] = field(default_factory=dict)
    audiences: frozenset[str] = frozenset()
    connected: bool = False

    def receive(self, who: ParticipantId, changes: Changes) -> None:
        before = self.audiences
        self.audiences = changes.audiences.get(who, before)
        if not before and self.audiences:
            self.connected = False  # came (back): a snapshot comes with hello
        for batch in changes.batches:
            if batch.audience in self.audiences:
                for key in batch.remove:
                    self.records.pop(key, None)
                self.records.update(batch.put)


class CoreMachine(RuleBasedStateMachine):
    polls = Bundle("polls")

    @initialize(seed=st.integers(0, 2**16))
    def create(self, seed: int) -> None:
        self.workshop = Workshop(seed=seed, grace_ms=5_000)
        self.workshop.projection = Projection(self.workshop.state)
        self.viewers = {ParticipantId(who): Viewer() for who in PEOPLE}
        for who in PEOPLE:
            self.connect(who, 0)
        self.flush()

    def attempt(self, who: str, command: Command) -> None:
        try:
            self.workshop.do(who, command)
        except Rejected as refusal:
            assert refusal.rule
            assert refusal.message.endswith(".")

    @rule(who=people, tab=st.integers(0, 2))
    def connect(self, who: str, tab: int) -> None:
        self.attempt(who, Connect(connection_id=ConnectionId(f"{who}{tab}"), name=who, role=PEOPLE[who]))  # type: ignore[arg-type]

    @rule(who=people, tab=st.integers(0, 2))
    def disconnect(self, who: str, tab: int) -> None:
        self.attempt(who, Disconnect(connection_id=ConnectionId(f"{who}{tab}")))

    @rule(who=people, command=st.sampled_from([Leave(), RaiseHand(), LowerHand()]))
    def person_acts(self, who: str, command: Command) -> None:
        self.attempt(who, command)

    @rule(who=people, mic=st.booleans(), camera=st.booleans(), screen=st.booleans())
    def media(self, who: str, mic: bool, camera: bool, screen: bool) -> None:
        self.attempt(who, SetMedia(mic=mic, camera=camera, screen=screen))

    @rule(who=people, whose=people)
    def lower_other(self, who: str, whose: str) -> None:
        self.attempt(who, LowerHand(participant_id=ParticipantId(whose)))

    @rule(who=people, channel=st.sampled_from(["room", "everyone", "facilitators"]))
    def say(self, who: str, channel: str) -> None:
        self.attempt(who, PostMessage(channel=channel, text="words"))  # type: ignore[arg-type]

    @rule(who=people, to=people)
    def whisper(self, who: str, to: str) -> None:
        self.attempt(who, PostMessage(channel="private", text="psst", to_id=ParticipantId(to)))

    @rule(who=hosts, whose=people, on=st.booleans(), what=st.integers(0, 9))
    def the_door(self, who: str, whose: str, on: bool, what: int) -> None:
        named = ParticipantId(whose)
        commands: list[Command] = [
            SetLobby(on=on), SetLock(on=on), Admit(), Admit(participant_ids=(named,)), Deny(participant_ids=(named,)),
            RemoveParticipant(participant_id=named), RemoveParticipant(participant_id=named, ban=on),
            LiftBan(participant_id=named), SetLobby(on=True), SetLock(on=False),
        ]  # fmt: skip
        self.attempt(who, commands[what])

    @rule(who=hosts, whose=people, role=st.sampled_from(["facilitator", "cofacilitator", "learner", "observer"]))
    def change_role(self, who: str, whose: str, role: Role) -> None:
        self.attempt(who, ChangeRole(participant_id=ParticipantId(whose), role=role))

    @rule(who=hosts, whose=people)
    def hand_over(self, who: str, whose: str) -> None:
        self.attempt(who, HandOver(participant_id=ParticipantId(whose)))

    @rule(who=people, whose=st.none() | people)
    def rename(self, who: str, whose: str | None) -> None:
        self.attempt(who, Rename(name=f"{who}'s", participant_id=ParticipantId(whose) if whose else None))

    @rule(
        who=hosts, whose=st.none() | people, media=st.sampled_from(["mic", "camera", "screen"]), what=st.integers(0, 2)
    )
    def police(self, who: str, whose: str | None, media: Media, what: int) -> None:
        named = (ParticipantId(whose),) if whose else None
        if what == 0:
            self.attempt(who, AllowMedia(participant_ids=named, media=(media,)))
        else:
            self.attempt(who, StopMedia(participant_ids=named, media=(media,), may_restart=what == 1))

    @rule(who=hosts, count=st.integers(0, 4), duration=st.sampled_from([None, 2_000]))
    def open_breakouts(self, who: str, count: int, duration: int | None) -> None:
        self.attempt(who, OpenBreakouts(count=count, duration_ms=duration))

    @rule(who=hosts, moved=st.lists(people, max_size=3), index=st.integers(0, 5))
    def move(self, who: str, moved: list[str], index: int) -> None:
        rooms = list(self.workshop.state.rooms)
        room_id = rooms[index] if index < len(rooms) else RoomId("r_none")
        self.attempt(who, MoveParticipants(participant_ids=tuple(map(ParticipantId, moved)), room_id=room_id))

    @rule(who=hosts)
    def recall(self, who: str) -> None:
        self.attempt(who, CloseBreakouts())

    @rule(target=polls, who=st.sampled_from(["fay", "fay", "cora", "l0"]), opened=st.booleans())
    def create_poll(self, who: str, opened: bool) -> PollId:
        self.attempt(who, CreatePoll(question="Which?", options=("a", "b", "c")))
        poll_id = next(reversed(self.workshop.state.polls), PollId("p_none"))
        if opened:
            self.attempt(who, OpenPoll(poll_id=poll_id))
        return poll_id

    @rule(who=hosts, poll=polls, kind=st.sampled_from([OpenPoll, ClosePoll]))
    def run_poll(self, who: str, poll: PollId, kind: type[OpenPoll] | type[ClosePoll]) -> None:
        self.attempt(who, kind(poll_id=poll))

    @rule(who=people, poll=polls, index=st.integers(0, 3))
    def vote(self, who: str, poll: PollId, index: int) -> None:
        known = self.workshop.state.polls.get(poll)
        options = [option.option_id for option in known.options] if known else []
        chosen = [*options, OptionId("o_none")][min(index, len(options))]
        self.attempt(who, CastBallot(poll_id=poll, option_ids=(chosen,)))

    @rule(who=hosts, poll=polls, results=st.sampled_from(["hidden", "facilitators", "everyone"]))
    def share(self, who: str, poll: PollId, results: str) -> None:
        self.attempt(who, ShareResults(poll_id=poll, results=results))  # type: ignore[arg-type]

    @rule(ms=st.integers(0, 8_000))
    def time_passes(self, ms: int) -> None:
        self.workshop.wait(ms)

    @rule()
    def restart(self) -> None:
        self.attempt(SYSTEM, DropAllConnections())

    @rule(really=st.integers(0, 9))
    def close(self, really: int) -> None:
        if really == 0:
            self.attempt("fay", CloseWorkshop())

    @rule()
    def flush(self) -> None:
        """What the gateway does every 50 ms; then every viewer who is there must have exactly a fresh snapshot."""
        projection = self.workshop.projection
        changes = projection.flush()
        for who, viewer in self.viewers.items():
            if changes is not None:
                viewer.receive(who, changes)
            if not viewer.audiences:
                viewer.records.clear()
                continue
            fresh = dict(projection.snapshot(who).put)
            if not viewer.connected:
                viewer.records, viewer.connected = dict(fresh), True
            assert viewer.records == fresh, f"{who}'s records differ from a fresh snapshot"
            self.knows_only_what_it_may(who, fresh)

    @rule(who=people, back=st.integers(0, 30))
    def resume(self, who: str, back: int) -> None:
        """A client that resumes gets no more keys than it may have known, and ends with a fresh snapshot."""
        viewer, projection = self.viewers[ParticipantId(who)], self.workshop.projection
        self.flush()
        resumed = projection.since(ParticipantId(who), max(0, self.workshop.state.seq - back))
        if resumed is None or not viewer.connected:
            return
        for key in resumed.remove:
            viewer.records.pop(key, None)
        viewer.records.update(resumed.put)
        assert viewer.records == dict(projection.snapshot(ParticipantId(who)).put)
        assert not [key for key in resumed.remove if key.startswith("ballot:") and not key.endswith(f":{who}")]

    def knows_only_what_it_may(self, who: ParticipantId, records: dict[str, Record]) -> None:
        log = [recorded.event for recorded in self.workshop.log]
        if who in self.waiting_now(log):
            assert {record.kind for record in records.values()} <= {"workshop", "waiting", "me"}
        host = self.role_of(who, log) in HOSTS
        opened = {event.poll_id for event in log if isinstance(event, PollOpened)}
        shared = {event.poll_id: event.results for event in log if isinstance(event, PollResultsShared)}
        posted = {event.message_id: event for event in log if isinstance(event, MessagePosted)}
        for record in records.values():
            match record:
                case BallotRecord() | MeRecord():
                    assert record.participant_id == who
                case WaitingRecord():
                    assert host or record.participant_id == who
                case BanRecord():
                    assert host
                case PollRecord():
                    assert host or record.poll_id in opened
                case TallyRecord():
                    results = shared.get(record.poll_id, "facilitators")
                    assert results == "everyone" or (host and results == "facilitators")
                case MessageRecord():
                    event = posted[record.message_id]
                    here = self.workshop.state.participants[who].room_id
                    assert {
                        "everyone": True,
                        "room": event.room_id == here,
                        "facilitators": host or event.author_id == who,
                        "private": who in (event.author_id, event.to_id),
                    }[event.channel]
                case _:
                    pass

    @staticmethod
    def role_of(who: ParticipantId, log: list[Event]) -> str:
        role = PEOPLE[who]
        for event in log:
            if isinstance(event, RoleChanged) and event.participant_id == who:
                role = event.role
        return role

    @staticmethod
    def waiting_now(log: list[Event]) -> set[ParticipantId]:
        waiting: set[ParticipantId] = set()
        for event in log:
            match event:
                case LobbyEntered():
                    waiting.add(event.participant_id)
                case LobbyLeft() | ParticipantJoined() | ParticipantReturned():
                    waiting.discard(event.participant_id)
                case _:
                    pass
        return waiting

    @invariant()
    def everybody_is_in_one_place(self) -> None:
        if not hasattr(self, "workshop"):
            return
        state = self.workshop.state
        for room in state.rooms.values():
            there = [who for who, p in state.participants.items() if not p.left and p.room_id == room.room_id]
            assert sorted(room.people) == sorted(there)
            showing = [who for who in there if state.participants[who].screen]
            assert showing == ([room.screen_id] if room.screen_id else [])
        here = {who for who, p in state.participants.items() if not p.left}
        assert not here & state.lobby.keys()
        assert not here & state.banned.keys()

    @invariant()
    def replay_equals_live(self) -> None:
        if hasattr(self, "workshop"):
            assert self.workshop.replayed() == self.workshop.state
            assert [recorded.seq for recorded in self.workshop.log] == list(range(1, len(self.workshop.log) + 1))


CoreMachine.TestCase.settings = settings(
    max_examples=int(os.environ.get("ATELIER_EXAMPLES", "300")),
    stateful_step_count=50,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
TestCore = CoreMachine.TestCase
