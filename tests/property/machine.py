"""The state machine's frame: a workshop, its viewers, and what must hold after every step."""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from rooms.commands import Command
from rooms.commands.people import Connect, Disconnect
from rooms.errors import Rejected
from rooms.ids import ConnectionId, ParticipantId, PollId
from rooms.projection import Changes, Projection
from rooms.records import Record
from rooms.roles import Role
from tests.property.oracle import Oracle
from tests.unit.workshop_case import Workshop

PEOPLE: dict[str, Role] = {
    "fay": "facilitator",
    "cora": "cofacilitator",
    "obi": "observer",
    "l0": "learner",
    "l1": "learner",
    "l2": "learner",
    "l3": "learner",
}
people = st.sampled_from(sorted(PEOPLE))
learners = st.sampled_from(["l0", "l1", "l2", "l3"])
hosts = st.sampled_from(["fay", "fay", "fay", "cora", "l0"])
"""Who gives facilitators' commands: mostly those who may, so that things happen."""


def ids(names: list[str]) -> tuple[ParticipantId, ...]:
    return tuple(map(ParticipantId, names))


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


class Machine(RuleBasedStateMachine):
    """Rules are added by subclasses, a family of commands each."""

    @initialize(seed=st.integers(0, 2**16))
    def create(self, seed: int) -> None:
        self.workshop = Workshop(seed=seed, grace_ms=5_000)
        self.workshop.projection = Projection(self.workshop.state)
        self.oracle, self.heard = Oracle(), 0
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
            assert refusal.code.replace("_", "a").isalnum()

    @rule(who=people, tab=st.integers(0, 2))
    def connect(self, who: str, tab: int) -> None:
        self.attempt(who, Connect(connection_id=ConnectionId(f"{who}{tab}"), name=who, role=PEOPLE[who]))

    @rule(who=people, tab=st.integers(0, 2))
    def disconnect(self, who: str, tab: int) -> None:
        self.attempt(who, Disconnect(connection_id=ConnectionId(f"{who}{tab}")))

    @rule(ms=st.integers(0, 20_000))
    def time_passes(self, ms: int) -> None:
        self.workshop.wait(ms)

    @rule()
    def flush(self) -> None:
        """What the gateway does every 50 ms; then every viewer who is there must have exactly a fresh snapshot."""
        projection = self.workshop.projection
        changes = projection.flush()
        for recorded in self.workshop.log[self.heard :]:
            self.oracle.hear(recorded.event)
        self.heard = len(self.workshop.log)
        as_it_is = Projection(self.workshop.state)
        for who, viewer in self.viewers.items():
            if changes is not None:
                viewer.receive(who, changes)
            if not viewer.audiences:
                viewer.records.clear()
                continue
            fresh = dict(as_it_is.snapshot(who).put)
            assert dict(projection.snapshot(who).put) == fresh, f"{who} would be given something old"
            if not viewer.connected:
                viewer.records, viewer.connected = dict(fresh), True
            assert viewer.records == fresh, f"{who}'s records differ from a fresh snapshot"
            self.knows_only_what_it_may(who, fresh)

    def fresh(self, who: ParticipantId) -> dict[str, Record]:
        """What a viewer may see, of nothing but the state: the projection in use remembers what it has shown."""
        return dict(Projection(self.workshop.state).snapshot(who).put)

    def knows_only_what_it_may(self, who: ParticipantId, records: dict[str, Record]) -> None:
        """Subclasses add what the oracle does not know of."""
        self.oracle.check(who, records)

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
        assert viewer.records == self.fresh(ParticipantId(who))
        for key in resumed.remove:
            kind, _, ballot_of = key.partition(":")
            if kind == "ballot" and not key.endswith(f":{who}"):
                assert not self.workshop.state.polls[PollId(ballot_of.partition(":")[0])].content.anonymous

    @invariant()
    def everybody_is_in_one_place(self) -> None:
        if not hasattr(self, "workshop"):
            return
        state = self.workshop.state
        for room in state.rooms.values():
            there = [who for who, p in state.participants.items() if not p.left and p.room_id == room.room_id]
            assert sorted(room.people) == sorted(there)
            assert room.learners == sum(state.participants[who].role == "learner" for who in there)
            assert room.open or not there
            showing = [who for who in there if state.participants[who].screen]
            assert showing == ([room.screen_id] if room.screen_id else [])
        here = {who for who, p in state.participants.items() if not p.left}
        assert not here & state.lobby.keys()
        assert not here & state.banned.keys()

    @invariant()
    def who_belongs_where_is_kept_both_ways(self) -> None:
        if not hasattr(self, "workshop") or self.workshop.state.breakouts is None:
            return
        state, breakouts = self.workshop.state, self.workshop.state.breakouts
        assert len(breakouts.room_ids) == len(set(breakouts.room_ids)) > 0
        assert {room.room_id for room in state.rooms.values() if room.open and room.kind == "breakout"} == set(
            breakouts.room_ids
        )
        members = {who: room_id for room_id in breakouts.room_ids for who in state.rooms[room_id].members}
        assert members == breakouts.home
        for room_id in breakouts.alone:
            assert state.rooms[room_id].learners == 1
        for who, listened in breakouts.listening.items():
            assert state.participants[who].role in ("facilitator", "cofacilitator")
            assert len(listened) == len(set(listened)) > 0
            assert set(listened) <= set(breakouts.room_ids) - {state.participants[who].room_id}

    @invariant()
    def a_room_says_what_all_its_learners_say(self) -> None:
        if not hasattr(self, "workshop") or self.workshop.state.breakouts is None:
            return
        state = self.workshop.state
        for poll_id in state.open_polls:
            poll = state.polls[poll_id]
            for room in map(state.rooms.__getitem__, state.breakouts.room_ids):
                members = [who for who in room.people if state.participants[who].role == "learner"]
                said = {
                    ballot.answer if ballot is not None and ballot.room_id == room.room_id else None
                    for ballot in map(poll.ballots.get, members)
                }
                if poll.content.target == "groups" and members:
                    answer = poll.group_answers.get(room.room_id)
                    agreed = said.pop() if len(said) == 1 else None
                    assert agreed == (None if answer is None else answer.answer)

    @invariant()
    def replay_equals_live(self) -> None:
        if hasattr(self, "workshop"):
            assert self.workshop.replayed() == self.workshop.state
            assert [recorded.seq for recorded in self.workshop.log] == list(range(1, len(self.workshop.log) + 1))
