"""People: the door, coming and going, their names and roles, hands, what they send, and which breakout room they are in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rooms.events.breakouts import BreakoutsOpened, ParticipantMoved
from rooms.events.lobby import LobbyEntered, LobbyLeft
from rooms.events.people import ConnectionClosed, ParticipantLeft, ParticipantRenamed
from rooms.ids import PLENARY, ParticipantId, RoomId
from rooms.roles import Role
from rooms.state import Participant
from server.publish import catalogue as c
from server.publish.catalogue import breakouts as b
from server.publish.narrative.telling import Now, Told


@dataclass(frozen=True, slots=True)
class _Person:
    """What was last told of somebody."""

    present: bool
    role: Role
    room_id: RoomId
    connected: bool
    hand: bool
    media: frozenset[str]
    joined_at_ms: int
    entered_at_ms: int


class PeopleTold:
    """What was last told of everybody."""

    def __init__(self) -> None:
        self._people: dict[ParticipantId, _Person] = {}
        self._waiting: set[ParticipantId] = set()

    def door(self, now: Now) -> Iterator[Told]:
        event = now.recorded.event
        if isinstance(event, LobbyEntered):
            self._waiting.add(event.participant_id)
            yield now.about(c.ParticipantWaiting, event.participant_id, None, display_name=now.name(event.name))
        elif isinstance(event, LobbyLeft):
            self._waiting.discard(event.participant_id)
            yield now.about(c.ParticipantDenied, event.participant_id, None, reason=event.reason)

    def people(self, now: Now) -> Iterator[Told]:
        for participant_id in now.participants:
            yield from self._person(now, participant_id)

    def _person(self, now: Now, participant_id: ParticipantId) -> Iterator[Told]:
        person = now.state.participants.get(participant_id)
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

    def _came(self, now: Now, person: Participant, *, returned: bool) -> Iterator[Told]:
        who = person.participant_id
        self._people[who] = after = _seen(person, joined_at_ms=now.at_ms, entered_at_ms=now.at_ms, connected=True)
        if who in self._waiting:
            self._waiting.discard(who)
            yield now.about(c.ParticipantAdmitted, who, after.room_id)
        name = now.name(person.name)
        yield now.about(c.ParticipantJoined, who, after.room_id, display_name=name, returned=returned)
        if after.room_id != PLENARY:
            yield now.about(b.BreakoutEntered, who, after.room_id, how="returned" if returned else "assigned")
        yield from self._media(now, who, frozenset(), after.media, after.room_id)

    def _went(self, now: Now, before: _Person, person: Participant) -> Iterator[Told]:
        who, room_id = person.participant_id, before.room_id
        self._people[who] = replace(before, present=False, media=frozenset(), hand=False)
        if before.hand:
            yield now.about(c.HandLowered, who, room_id)
        yield from self._media(now, who, before.media, frozenset(), room_id)
        if room_id != PLENARY:
            yield now.about(b.BreakoutLeft, who, room_id, duration_ms=now.at_ms - before.entered_at_ms)
        event = now.recorded.event
        reason = event.reason if isinstance(event, ParticipantLeft) else "left"
        duration_ms = now.at_ms - before.joined_at_ms
        yield now.about(c.ParticipantLeft, who, room_id, reason=reason, duration_ms=duration_ms)

    def _changed(self, now: Now, before: _Person, person: Participant) -> Iterator[Told]:
        who = person.participant_id
        moved = before.room_id != person.room_id
        entered_at_ms = now.at_ms if moved else before.entered_at_ms
        # Between joining and the first connection nobody counts as reconnecting.
        connected = bool(person.connections) or (before.connected and not _disconnected(now, who))
        self._people[who] = after = _seen(
            person, joined_at_ms=before.joined_at_ms, entered_at_ms=entered_at_ms, connected=connected
        )
        if isinstance(now.recorded.event, ParticipantRenamed):
            # Not by comparing names: erased ones are all alike, and what is told must not depend on what was erased.
            yield now.about(c.ParticipantRenamed, who, after.room_id, display_name=now.name(person.name))
        if before.role != after.role:
            roles = {"role": after.role, "role_before": before.role}
            yield now.about(c.ParticipantRoleChanged, who, after.room_id, **roles)
        if before.connected != after.connected:
            presence = "present" if after.connected else "reconnecting"
            yield now.about(c.ParticipantPresence, who, after.room_id, presence=presence)
        if moved and before.room_id != PLENARY:
            duration_ms = now.at_ms - before.entered_at_ms
            yield now.about(b.BreakoutLeft, who, before.room_id, duration_ms=duration_ms)
        if moved and after.room_id != PLENARY:
            yield now.about(b.BreakoutEntered, who, after.room_id, how=_how(now, who))
        if before.hand != after.hand:
            yield now.about(c.HandRaised if after.hand else c.HandLowered, who, after.room_id)
        yield from self._media(now, who, before.media, after.media, after.room_id)

    def _media(
        self, now: Now, who: ParticipantId, before: frozenset[str], after: frozenset[str], room_id: RoomId
    ) -> Iterator[Told]:
        for media in sorted(before - after):
            yield now.about(c.MediaStopped, who, room_id, media=media)
        for media in sorted(after - before):
            yield now.about(c.MediaStarted, who, room_id, media=media)


def _disconnected(now: Now, who: ParticipantId) -> bool:
    event = now.recorded.event
    return isinstance(event, ConnectionClosed) and event.participant_id == who


def _how(now: Now, who: ParticipantId) -> str:
    """How somebody came into a breakout room."""
    if isinstance(now.recorded.event, BreakoutsOpened):
        return "assigned"
    if isinstance(now.recorded.event, ParticipantMoved) and now.recorded.event.reason == "repair":
        return "repaired"
    return "chosen" if now.recorded.actor == who else "moved"


def _seen(person: Participant, *, joined_at_ms: int, entered_at_ms: int, connected: bool) -> _Person:
    return _Person(
        present=not person.left,
        role=person.role,
        room_id=person.room_id,
        connected=connected,
        hand=person.hand_raised_seq is not None,
        media=frozenset(media for media in ("mic", "camera", "screen") if getattr(person, media)),
        joined_at_ms=joined_at_ms,
        entered_at_ms=entered_at_ms,
    )
