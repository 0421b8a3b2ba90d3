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
from rooms.commands.people import Connect, Disconnect, DropAllConnections, Leave, LowerHand, RaiseHand, SetMedia
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, OpenPoll, ShareResults
from rooms.commands.workshop import CloseWorkshop
from rooms.errors import Rejected
from rooms.events.chat import MessagePosted
from rooms.events.polls import PollOpened, PollResultsShared
from rooms.ids import SYSTEM, ConnectionId, OptionId, ParticipantId, PollId, RoomId
from rooms.projection import Changes, Projection
from rooms.records import BallotRecord, MessageRecord, PollRecord, Record, TallyRecord
from rooms.roles import HOSTS
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

    @rule(who=people, mic=st.booleans(), camera=st.booleans())
    def media(self, who: str, mic: bool, camera: bool) -> None:
        self.attempt(who, SetMedia(mic=mic, camera=camera, screen=False))

    @rule(who=people, whose=people)
    def lower_other(self, who: str, whose: str) -> None:
        self.attempt(who, LowerHand(participant_id=ParticipantId(whose)))

    @rule(who=people, channel=st.sampled_from(["room", "everyone", "facilitators"]))
    def say(self, who: str, channel: str) -> None:
        self.attempt(who, PostMessage(channel=channel, text="words"))  # type: ignore[arg-type]

    @rule(who=people, to=people)
    def whisper(self, who: str, to: str) -> None:
        self.attempt(who, PostMessage(channel="private", text="psst", to_id=ParticipantId(to)))

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
        host = PEOPLE[who] in HOSTS
        opened = {event.poll_id for event in log if isinstance(event, PollOpened)}
        shared = {event.poll_id: event.results for event in log if isinstance(event, PollResultsShared)}
        posted = {event.message_id: event for event in log if isinstance(event, MessagePosted)}
        for record in records.values():
            match record:
                case BallotRecord():
                    assert record.participant_id == who
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
