"""From what was journalled to what is published: a pure fold over one workshop's events.

Theory of operation. `tell(recorded)` folds an event into a state of its own and says what is to be published of it, as zero or more
CloudEvents. Most of them are *differences*: the people, rooms and polls that the event touched are compared with
what was last told of them. So a new kind of event that moves somebody or closes a room is told without a line here, and what is
told cannot contradict the state. The same events always give the same CloudEvents; nothing is read but the events.

Anonymity. Of an anonymous poll nothing is told while it is open, because the order or time of a ballot would say whose it is. When
it closes, those who answered are told (without the answer, in the order of their ids), and the counts. A poll can be reopened and closed
again: two publications of counts that differ by one ballot would give that ballot away. Therefore counts are published only
if at least `MIN_ANONYMOUS` people's ballots are new or changed since the last publication (or none is).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from rooms.events import Recorded
from rooms.events.breakouts import BreakoutsOpened
from rooms.events.chat import MessagePosted
from rooms.events.lobby import LobbyEntered, LobbyLeft
from rooms.events.people import ConnectionClosed, ParticipantLeft
from rooms.events.polls import BallotCast
from rooms.ids import PLENARY, OptionId, ParticipantId, PollId, RoomId
from rooms.roles import Role
from rooms.state import Participant, Poll
from rooms.views import touched
from rooms.workshop import evolve, initial_state
from server.publish import catalogue as c
from server.publish.cloudevents import CloudEvent, cloud_event, registration

MIN_ANONYMOUS = 3
"""Ballots that must be told together, so that none of them can be told apart."""


@dataclass(frozen=True, slots=True)
class Options:
    """`home_page` is the URL that account names are unique within; `chat_text` publishes what is said in the open."""

    home_page: str
    chat_text: bool = False


@dataclass(frozen=True, slots=True)
class _Person:
    """What was last told of somebody."""

    present: bool
    name: str
    role: Role
    room_id: RoomId
    connected: bool
    hand: bool
    media: frozenset[str]
    joined_at_ms: int
    entered_at_ms: int


@dataclass(slots=True)
class _PollTold:
    """What was last told of a poll. `ballots` are those in the last published counts."""

    status: Literal["draft", "open", "closed"] = "draft"
    opened_at_ms: int = 0
    answered: set[ParticipantId] = field(default_factory=set)
    ballots: dict[ParticipantId, tuple[OptionId, ...]] = field(default_factory=dict)


Told = tuple[str, c.Data]
"""A subject and what is said of it."""


class Narrative:
    """One workshop's story so far. Give it every event from the first, in order."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._state = initial_state()
        self._sequence = 0
        self._status = "new"
        self._opened_at_ms = 0
        self._people: dict[ParticipantId, _Person] = {}
        self._rooms: dict[RoomId, int] = {}
        """Open breakout rooms → when they were opened."""
        self._waiting: set[ParticipantId] = set()
        self._polls: dict[PollId, _PollTold] = {}

    @property
    def seq(self) -> int:
        """The last event told."""
        return self._state.seq

    def tell(self, recorded: Recorded) -> list[CloudEvent]:
        """What is to be published of the next event."""
        self._state = evolve(self._state, recorded)
        events: list[CloudEvent] = []
        for index, (subject, data) in enumerate(self._told_of(recorded)):
            self._sequence += 1
            place = {"seq": recorded.seq, "index": index, "sequence": self._sequence}
            events.append(cloud_event(data, **place, at_ms=recorded.at_ms, subject=subject))
        return events

    def _told_of(self, recorded: Recorded) -> Iterator[Told]:
        now = _Now(recorded)
        for key in touched(self._state, recorded):
            now.add(key)
        yield from self._workshop_opened(now)
        yield from self._door(now)
        yield from self._rooms_opened(now)
        for participant_id in now.participants:
            yield from self._person(now, participant_id)
        yield from self._rooms_closed(now)
        yield from self._chat(now)
        yield from self._ballot(now)
        for poll_id in now.polls:
            yield from self._poll(now, poll_id)
        yield from self._workshop_closed(now)

    # ── the workshop and its door ────────────────────────────────────────────────────────────────────────────────────
    def _workshop_opened(self, now: "_Now") -> Iterator[Told]:
        if self._status == "new" and self._state.status != "new":
            self._status, self._opened_at_ms = "open", now.at_ms
            yield self._told(now, c.WorkshopOpened, "workshop")

    def _workshop_closed(self, now: "_Now") -> Iterator[Told]:
        if self._status == "open" and self._state.status == "closed":
            self._status = "closed"
            yield self._told(now, c.WorkshopClosed, "workshop", duration_ms=now.at_ms - self._opened_at_ms)

    def _door(self, now: "_Now") -> Iterator[Told]:
        event = now.recorded.event
        if isinstance(event, LobbyEntered):
            self._waiting.add(event.participant_id)
            yield self._about(now, c.ParticipantWaiting, event.participant_id, None, display_name=event.name)
        elif isinstance(event, LobbyLeft):
            self._waiting.discard(event.participant_id)
            yield self._about(now, c.ParticipantDenied, event.participant_id, None, reason=event.reason)

    # ── people ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _person(self, now: "_Now", participant_id: ParticipantId) -> Iterator[Told]:
        person = self._state.participants.get(participant_id)
        if person is None:
            return
        before = self._people.get(participant_id)
        if before is None or not before.present:
            if person.left:
                return
            yield from self._came(now, person, returned=before is not None)
        elif person.left:
            yield from self._went(now, before, person)
        else:
            yield from self._changed(now, before, person)

    def _came(self, now: "_Now", person: Participant, *, returned: bool) -> Iterator[Told]:
        who = person.participant_id
        self._people[who] = after = _seen(person, joined_at_ms=now.at_ms, entered_at_ms=now.at_ms, connected=True)
        if who in self._waiting:
            self._waiting.discard(who)
            yield self._about(now, c.ParticipantAdmitted, who, after.room_id)
        name = person.name
        yield self._about(now, c.ParticipantJoined, who, after.room_id, display_name=name, returned=returned)
        if after.room_id != PLENARY:
            yield self._about(now, c.BreakoutEntered, who, after.room_id, how="returned" if returned else "assigned")
        yield from self._media(now, who, frozenset(), after.media, after.room_id)

    def _went(self, now: "_Now", before: _Person, person: Participant) -> Iterator[Told]:
        who, room_id = person.participant_id, before.room_id
        self._people[who] = replace(before, present=False, media=frozenset(), hand=False)
        if before.hand:
            yield self._about(now, c.HandLowered, who, room_id)
        yield from self._media(now, who, before.media, frozenset(), room_id)
        if room_id != PLENARY:
            yield self._about(now, c.BreakoutLeft, who, room_id, duration_ms=now.at_ms - before.entered_at_ms)
        event = now.recorded.event
        reason = event.reason if isinstance(event, ParticipantLeft) else "left"
        duration_ms = now.at_ms - before.joined_at_ms
        yield self._about(now, c.ParticipantLeft, who, room_id, reason=reason, duration_ms=duration_ms)

    def _changed(self, now: "_Now", before: _Person, person: Participant) -> Iterator[Told]:
        who = person.participant_id
        moved = before.room_id != person.room_id
        entered_at_ms = now.at_ms if moved else before.entered_at_ms
        # Between joining and the first connection nobody counts as reconnecting.
        connected = bool(person.connections) or (before.connected and not now.disconnected(who))
        self._people[who] = after = _seen(
            person, joined_at_ms=before.joined_at_ms, entered_at_ms=entered_at_ms, connected=connected
        )
        if before.name != after.name:
            yield self._about(now, c.ParticipantRenamed, who, after.room_id, display_name=after.name)
        if before.role != after.role:
            roles = {"role": after.role, "role_before": before.role}
            yield self._about(now, c.ParticipantRoleChanged, who, after.room_id, **roles)
        if before.connected != after.connected:
            presence = "present" if after.connected else "reconnecting"
            yield self._about(now, c.ParticipantPresence, who, after.room_id, presence=presence)
        if moved and before.room_id != PLENARY:
            duration_ms = now.at_ms - before.entered_at_ms
            yield self._about(now, c.BreakoutLeft, who, before.room_id, duration_ms=duration_ms)
        if moved and after.room_id != PLENARY:
            yield self._about(now, c.BreakoutEntered, who, after.room_id, how=now.how(who))
        if before.hand != after.hand:
            yield self._about(now, c.HandRaised if after.hand else c.HandLowered, who, after.room_id)
        yield from self._media(now, who, before.media, after.media, after.room_id)

    def _media(
        self, now: "_Now", who: ParticipantId, before: frozenset[str], after: frozenset[str], room_id: RoomId
    ) -> Iterator[Told]:
        for media in sorted(before - after):
            yield self._about(now, c.MediaStopped, who, room_id, media=media)
        for media in sorted(after - before):
            yield self._about(now, c.MediaStarted, who, room_id, media=media)

    # ── rooms ────────────────────────────────────────────────────────────────────────────────────────────────────────
    def _rooms_opened(self, now: "_Now") -> Iterator[Told]:
        ends_at_ms = None if self._state.breakouts is None else self._state.breakouts.ends_at_ms
        for room_id in now.rooms:
            room = self._state.rooms.get(room_id)
            if room is not None and room.kind == "breakout" and room.open and room_id not in self._rooms:
                self._rooms[room_id] = now.at_ms
                subject = f"rooms/{room_id}"
                yield self._told(now, c.BreakoutOpened, subject, room_id, name=room.name, ends_at_ms=ends_at_ms)

    def _rooms_closed(self, now: "_Now") -> Iterator[Told]:
        for room_id in now.rooms:
            room = self._state.rooms.get(room_id)
            if room_id in self._rooms and (room is None or not room.open):
                duration_ms = now.at_ms - self._rooms.pop(room_id)
                yield self._told(now, c.BreakoutClosed, f"rooms/{room_id}", room_id, duration_ms=duration_ms)

    # ── chat and polls ───────────────────────────────────────────────────────────────────────────────────────────────
    def _chat(self, now: "_Now") -> Iterator[Told]:
        event = now.recorded.event
        if isinstance(event, MessagePosted):
            open_channel = event.channel in ("room", "everyone")
            yield self._about(
                now,
                c.ChatPosted,
                event.author_id,
                event.room_id,
                message_id=event.message_id,
                channel=event.channel,
                length=len(event.text),
                text=event.text if self._options.chat_text and open_channel else None,
            )

    def _ballot(self, now: "_Now") -> Iterator[Told]:
        event = now.recorded.event
        if not isinstance(event, BallotCast) or self._state.polls[event.poll_id].anonymous:
            return
        told = self._polls[event.poll_id]
        again = event.participant_id in told.answered
        told.answered.add(event.participant_id)
        room_id = self._state.participants[event.participant_id].room_id
        answer = {"poll_id": event.poll_id, "anonymous": False, "option_ids": event.option_ids, "changed": again}
        yield self._about(now, c.PollAnswered, event.participant_id, room_id, **answer)

    def _poll(self, now: "_Now", poll_id: PollId) -> Iterator[Told]:
        poll = self._state.polls.get(poll_id)
        if poll is None:
            return
        told = self._polls.setdefault(poll_id, _PollTold())
        if told.status == poll.status:
            return
        told.status = poll.status
        if poll.status == "open":
            told.opened_at_ms = now.at_ms
            options = tuple(c.Choice(option_id=each.option_id, text=each.text) for each in poll.options)
            asked: dict[str, Any] = {"question": poll.question, "options": options, "anonymous": poll.anonymous}
            yield self._told(now, c.PollOpened, f"polls/{poll_id}", poll_id=poll_id, **asked)
        elif poll.status == "closed":
            yield from self._poll_closed(now, poll, told)

    def _poll_closed(self, now: "_Now", poll: Poll, told: _PollTold) -> Iterator[Told]:
        if poll.anonymous:
            for who in sorted(poll.ballots.keys() - told.answered):
                told.answered.add(who)
                answer = {"poll_id": poll.poll_id, "anonymous": True, "option_ids": None, "changed": None}
                yield self._about(now, c.PollAnswered, who, None, **answer)
        counts = None
        new = sum(told.ballots.get(who) != ballot for who, ballot in poll.ballots.items())
        if not poll.anonymous or new == 0 or new >= MIN_ANONYMOUS:
            told.ballots = dict(poll.ballots)
            counts = tuple(c.Count(option_id=option_id, count=n) for option_id, n in poll.counts.items())
        yield self._told(
            now,
            c.PollClosed,
            f"polls/{poll.poll_id}",
            poll_id=poll.poll_id,
            anonymous=poll.anonymous,
            ballots=len(poll.ballots),
            eligible=poll.closed_eligible,
            counts=counts,
            duration_ms=now.at_ms - told.opened_at_ms,
        )

    # ── what all events say ──────────────────────────────────────────────────────────────────────────────────────────
    def _about(
        self, now: "_Now", data: type[c.Data], who: ParticipantId, room_id: RoomId | None, **fields: Any
    ) -> Told:
        fields["participant"] = self._account(who)
        fields["registration"] = registration(self._state.workshop_id, who)
        return self._told(now, data, f"participants/{who}", room_id, **fields)

    def _told(
        self, now: "_Now", data: type[c.Data], subject: str, room_id: RoomId | None = None, **fields: Any
    ) -> Told:
        room = None if room_id is None else self._state.rooms.get(room_id)
        common: dict[str, Any] = {
            "workshop_id": self._state.workshop_id,
            "workshop_title": self._state.title,
            "actor": self._account(now.recorded.actor),
            "command_id": now.recorded.command_id,
            "room_id": room_id,
            "parent_room_id": PLENARY if room is not None and room.kind == "breakout" else None,
        }
        return subject, data(**common, **fields)

    def _account(self, who: ParticipantId) -> c.Account:
        person = self._state.participants.get(who)
        waiting = self._state.lobby.get(who)
        role = person.role if person is not None else waiting.role if waiting is not None else None
        return c.Account(homePage=self._options.home_page, name=who, role=role)


class _Now:
    """The event being told, and the keys it touched, each once and in order."""

    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded
        self.at_ms = recorded.at_ms
        self.participants: dict[ParticipantId, None] = {}
        self.rooms: dict[RoomId, None] = {}
        self.polls: dict[PollId, None] = {}

    def add(self, key: str) -> None:
        kind, _, key_id = key.partition(":")
        match kind:
            case "participant":
                self.participants[ParticipantId(key_id)] = None
            case "room":
                self.rooms[RoomId(key_id)] = None
            case "poll":
                self.polls[PollId(key_id)] = None

    def disconnected(self, who: ParticipantId) -> bool:
        event = self.recorded.event
        return isinstance(event, ConnectionClosed) and event.participant_id == who

    def how(self, who: ParticipantId) -> str:
        """How somebody came into a breakout room."""
        if isinstance(self.recorded.event, BreakoutsOpened):
            return "assigned"
        return "chosen" if self.recorded.actor == who else "moved"


def _seen(person: Participant, *, joined_at_ms: int, entered_at_ms: int, connected: bool) -> _Person:
    return _Person(
        present=not person.left,
        name=person.name,
        role=person.role,
        room_id=person.room_id,
        connected=connected,
        hand=person.hand_raised_seq is not None,
        media=frozenset(media for media in ("mic", "camera", "screen") if getattr(person, media)),
        joined_at_ms=joined_at_ms,
        entered_at_ms=entered_at_ms,
    )
