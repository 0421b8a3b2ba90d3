"""given / when / then for the core: one workshop, commands by name, virtual time."""

import hashlib
import pickle
from typing import Any

from rooms.codec import decode, encode
from rooms.commands import Command, Stamp
from rooms.commands.people import Connect
from rooms.commands.workshop import CreateWorkshop, Tick
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.ids import API, SYSTEM, ConnectionId, ParticipantId, WorkshopId
from rooms.projection import Projection
from rooms.records import Record
from rooms.roles import Role
from rooms.state import WorkshopState
from rooms.workshop import decide, evolve, initial_state, next_deadline_ms


class Workshop:
    """A workshop in memory that does what the actor does, without a journal. Every event goes through the codec."""

    def __init__(self, *, seed: int = 0, created: bool = True, grace_ms: int = 60_000, programme: str = "") -> None:
        self.state = initial_state()
        self.projection = Projection(self.state)
        self.log: list[Recorded] = []
        self.now_ms = 1_000_000
        self._seed = seed
        self._stamps = 0
        if created:
            workshop_id = WorkshopId("w_1")
            self.do(API, CreateWorkshop(workshop_id=workshop_id, title="Test", grace_ms=grace_ms, programme=programme))

    def do(self, actor: str, command: Command) -> tuple[Event, ...]:
        """Decide and evolve; raises Rejected, after which the state is what it was."""
        self._stamps += 1
        entropy = hashlib.sha256(f"{self._seed}/{self._stamps}".encode()).digest()
        stamp = Stamp(now_ms=self.now_ms, actor=ParticipantId(actor), entropy=entropy)
        before = pickle.dumps(self.state)  # a tenth of the work of a copy
        try:
            events = decide(self.state, command, stamp)
        except Rejected:
            assert self._is(before), "a rejected command changed the state"
            raise
        assert self._is(before), "decide changed the state"
        for event in events:
            self.state_after(
                Recorded(seq=self.state.seq + 1, at_ms=self.now_ms, actor=stamp.actor, command_id="c", event=event)
            )
        return events

    def _is(self, before: bytes) -> bool:
        return pickle.dumps(self.state) == before or self.state == pickle.loads(before)

    def state_after(self, recorded: Recorded) -> None:
        assert decode(encode(recorded.event)) == recorded.event
        evolve(self.state, recorded)
        self.projection.note(recorded)
        self.log.append(recorded)

    def replayed(self) -> WorkshopState:
        """The state of a replay of the whole log."""
        state = initial_state()
        for recorded in self.log:
            state = evolve(state, recorded)
        return state

    def wait(self, ms: int) -> None:
        """Let time pass; ticks come when the core asked for them."""
        end = self.now_ms + ms
        while (due := next_deadline_ms(self.state)) is not None and due <= end:
            self.now_ms = max(self.now_ms, due)
            self.do(SYSTEM, Tick())
        self.now_ms = end

    def join(self, who: str, role: Role = "learner", connection: str = "") -> None:
        self.do(who, Connect(connection_id=ConnectionId(connection or f"c_{who}"), name=who.title(), role=role))

    def crowd(self, learners: int) -> list[str]:
        """A facilitator `fay`, and learners `l0`, `l1`, …"""
        self.join("fay", "facilitator")
        names = [f"l{index}" for index in range(learners)]
        for name in names:
            self.join(name)
        return names

    def sees(self, who: str) -> dict[str, Record]:
        """The records a viewer gets in a snapshot now, made of the state alone; the same as from the projection in use."""
        fresh = dict(Projection(self.state).snapshot(ParticipantId(who)).put)
        assert dict(self.projection.snapshot(ParticipantId(who)).put) == fresh
        return fresh

    def rejected(self, actor: str, command: Command) -> Rejected:
        """The refusal that the command gets."""
        try:
            self.do(actor, command)
        except Rejected as refusal:
            return refusal
        raise AssertionError(f"{command} was not rejected")


class Follower:
    """A client that has a snapshot and resumes from there; it must always have what a new snapshot has."""

    def __init__(self, workshop: Workshop, who: str) -> None:
        self._workshop, self._who = workshop, ParticipantId(who)
        workshop.projection.flush()
        self.records = workshop.sees(who)
        self._seq = workshop.state.seq

    def follow(self) -> None:
        self._workshop.projection.flush()
        resumed = self._workshop.projection.since(self._who, self._seq)
        assert resumed is not None
        for key in resumed.remove:
            self.records.pop(key, None)
        self.records.update(resumed.put)
        self._seq = resumed.seq
        assert self.records == self._workshop.sees(self._who)


def fields(record: Any, *names: str) -> tuple[Any, ...]:
    return tuple(getattr(record, name) for name in names)
