"""People: joining, connections, grace, leaving, hands, what they send. Rules PE in SPEC.md."""

from collections.abc import Iterable

from rooms import limits
from rooms.commands import Stamp
from rooms.commands.people import (
    Connect,
    Disconnect,
    DropAllConnections,
    Leave,
    LowerHand,
    RaiseHand,
    SetMedia,
)
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.people import (
    ConnectionClosed,
    ConnectionOpened,
    HandLowered,
    HandRaised,
    MediaChanged,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantReturned,
)
from rooms.feature import Feature, Shown
from rooms.ids import PLENARY, ParticipantId, RoomId
from rooms.records import ALL, FACILITATORS, MeRecord, ParticipantRecord, person_audience, room_audience
from rooms.roles import HOSTS, VOTERS, allowed_commands
from rooms.state import Participant, WorkshopState
from rooms.text import cleaned


def known(state: WorkshopState, participant_id: ParticipantId) -> Participant:
    """The participant of that id, or `Rejected` (PE1)."""
    person = state.participants.get(participant_id)
    if person is None:
        raise Rejected("unknown_participant", f"Nobody with the id {participant_id!r} is in this workshop.", rule="PE1")
    return person


def audiences_of(state: WorkshopState, participant_id: ParticipantId) -> frozenset[str]:
    """The audiences a viewer belongs to; none for somebody who is not there."""
    person = state.participants.get(participant_id)
    if person is None or person.left:
        return frozenset()
    common = (ALL, person_audience(participant_id), room_audience(person.room_id))
    return frozenset((*common, FACILITATORS) if person.role in HOSTS else common)


# ── decide ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_connect(state: WorkshopState, command: Connect, stamp: Stamp) -> tuple[Event, ...]:
    opened = ConnectionOpened(participant_id=stamp.actor, connection_id=command.connection_id)
    person = state.participants.get(stamp.actor)
    if person is None:
        if len(state.participants) >= limits.MAX_PARTICIPANTS:
            message = f"The workshop is full: it takes {limits.MAX_PARTICIPANTS} people."
            raise Rejected("workshop_full", message, rule="PE2")
        name = cleaned(command.name, "name", limits.MAX_NAME_CHARS, rule="PE2")
        joined = ParticipantJoined(participant_id=stamp.actor, name=name, role=command.role, room_id=PLENARY)
        return (joined, opened)
    if person.left:
        room_id = person.room_id if state.rooms[person.room_id].open else PLENARY
        return (ParticipantReturned(participant_id=stamp.actor, room_id=room_id), opened)
    if command.connection_id in person.connections:
        return ()
    if len(person.connections) >= limits.MAX_CONNECTIONS_PER_PARTICIPANT:
        message = (
            f"This person is connected {len(person.connections)} times already, which is the most allowed. "
            "Close another tab and try again."
        )
        raise Rejected("too_many_connections", message, rule="PE3")
    return (opened,)


def decide_disconnect(state: WorkshopState, command: Disconnect, stamp: Stamp) -> tuple[Event, ...]:
    person = state.participants.get(stamp.actor)
    if person is None or command.connection_id not in person.connections:
        return ()
    return (ConnectionClosed(participant_id=stamp.actor, connection_id=command.connection_id),)


def decide_drop_all(state: WorkshopState, _command: DropAllConnections, _stamp: Stamp) -> tuple[Event, ...]:
    return tuple(
        ConnectionClosed(participant_id=person.participant_id, connection_id=connection_id)
        for person in state.participants.values()
        for connection_id in sorted(person.connections)
    )


def decide_leave(state: WorkshopState, _command: Leave, stamp: Stamp) -> tuple[Event, ...]:
    if known(state, stamp.actor).left:
        return ()
    return (ParticipantLeft(participant_id=stamp.actor, reason="left"),)


def decide_raise_hand(state: WorkshopState, _command: RaiseHand, stamp: Stamp) -> tuple[Event, ...]:
    if known(state, stamp.actor).hand_raised_seq is not None:
        return ()
    return (HandRaised(participant_id=stamp.actor),)


def decide_lower_hand(state: WorkshopState, command: LowerHand, stamp: Stamp) -> tuple[Event, ...]:
    whose = command.participant_id or stamp.actor
    if whose != stamp.actor and known(state, stamp.actor).role not in HOSTS:
        message = "Only a facilitator can lower somebody else's hand; you can lower your own."
        raise Rejected("not_allowed", message, rule="PE7")
    if known(state, whose).hand_raised_seq is None:
        return ()
    return (HandLowered(participant_id=whose),)


def decide_set_media(state: WorkshopState, command: SetMedia, stamp: Stamp) -> tuple[Event, ...]:
    person = known(state, stamp.actor)
    if (person.mic, person.camera, person.screen) == (command.mic, command.camera, command.screen):
        return ()
    return (MediaChanged(participant_id=stamp.actor, mic=command.mic, camera=command.camera, screen=command.screen),)


def tick(state: WorkshopState, stamp: Stamp) -> tuple[Event, ...]:
    due: list[Event] = []
    for participant_id, ends_ms in state.lost.items():
        if ends_ms > stamp.now_ms:
            break
        due.append(ParticipantLeft(participant_id=participant_id, reason="lost"))
    return tuple(due)


def deadline_ms(state: WorkshopState) -> int | None:
    return next(iter(state.lost.values()), None)


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_joined(state: WorkshopState, event: ParticipantJoined, recorded: Recorded) -> None:
    state.participants[event.participant_id] = Participant(
        participant_id=event.participant_id, name=event.name, role=event.role, room_id=event.room_id
    )
    _lose(state, event.participant_id, recorded.at_ms)
    if event.role in VOTERS:
        state.present_voters += 1


def evolve_returned(state: WorkshopState, event: ParticipantReturned, recorded: Recorded) -> None:
    person = state.participants[event.participant_id]
    person.left = False
    person.room_id = event.room_id
    state.left.discard(event.participant_id)
    _lose(state, event.participant_id, recorded.at_ms)
    if person.role in VOTERS:
        state.present_voters += 1


def evolve_left(state: WorkshopState, event: ParticipantLeft, _recorded: Recorded) -> None:
    person = state.participants[event.participant_id]
    person.left = True
    person.connections.clear()
    person.lost_at_ms = None
    person.hand_raised_seq = None
    person.mic = person.camera = person.screen = False
    state.lost.pop(event.participant_id, None)
    state.left.add(event.participant_id)
    if person.role in VOTERS:
        state.present_voters -= 1


def evolve_connection_opened(state: WorkshopState, event: ConnectionOpened, _recorded: Recorded) -> None:
    person = state.participants[event.participant_id]
    person.connections.add(event.connection_id)
    person.lost_at_ms = None
    state.lost.pop(event.participant_id, None)


def evolve_connection_closed(state: WorkshopState, event: ConnectionClosed, recorded: Recorded) -> None:
    person = state.participants[event.participant_id]
    person.connections.discard(event.connection_id)
    if not person.connections and not person.left:
        _lose(state, event.participant_id, recorded.at_ms)


def evolve_hand_raised(state: WorkshopState, event: HandRaised, recorded: Recorded) -> None:
    state.participants[event.participant_id].hand_raised_seq = recorded.seq


def evolve_hand_lowered(state: WorkshopState, event: HandLowered, _recorded: Recorded) -> None:
    state.participants[event.participant_id].hand_raised_seq = None


def evolve_media(state: WorkshopState, event: MediaChanged, _recorded: Recorded) -> None:
    person = state.participants[event.participant_id]
    person.mic, person.camera, person.screen = event.mic, event.camera, event.screen


def _lose(state: WorkshopState, participant_id: ParticipantId, at_ms: int) -> None:
    """Start the grace. It also runs between joining and the first connection, so that nobody can be stuck as present."""
    state.participants[participant_id].lost_at_ms = at_ms
    state.lost.pop(participant_id, None)
    state.lost[participant_id] = at_ms + state.grace_ms


# ── views ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def participant_key(participant_id: ParticipantId) -> str:
    return f"participant:{participant_id}"


def touch(_state: WorkshopState, event: Event) -> Iterable[str]:
    participant_id: ParticipantId = event.participant_id  # type: ignore[union-attr]  # all of people's events have one
    return (participant_key(participant_id), f"me:{participant_id}")


def render_participant(state: WorkshopState, key_id: str) -> Shown | None:
    person = state.participants.get(ParticipantId(key_id))
    if person is None:
        return None
    presence = "left" if person.left else "present" if person.connections else "reconnecting"
    record = ParticipantRecord(
        participant_id=person.participant_id,
        name=person.name,
        role=person.role,
        presence=presence,  # type: ignore[arg-type]  # mypy widens a conditional of literals
        room_id=person.room_id,
        hand_raised_seq=person.hand_raised_seq,
        mic=person.mic,
        camera=person.camera,
        screen=person.screen,
    )
    return record, frozenset((ALL,))


def render_me(state: WorkshopState, key_id: str) -> Shown | None:
    person = state.participants.get(ParticipantId(key_id))
    if person is None:
        return None
    record = MeRecord(participant_id=person.participant_id, allowed=allowed_commands(person.role))
    return record, frozenset((person_audience(person.participant_id),))


def keys(state: WorkshopState) -> Iterable[str]:
    for participant_id in state.participants:
        yield participant_key(participant_id)
        yield f"me:{participant_id}"


def present_in(state: WorkshopState, room_id: RoomId) -> list[Participant]:
    """Who is in a room now; costs a look at everybody."""
    return [person for person in state.participants.values() if not person.left and person.room_id == room_id]


FEATURE = Feature(
    deciders={
        Connect: decide_connect,
        Disconnect: decide_disconnect,
        DropAllConnections: decide_drop_all,
        Leave: decide_leave,
        RaiseHand: decide_raise_hand,
        LowerHand: decide_lower_hand,
        SetMedia: decide_set_media,
    },
    evolvers={
        ParticipantJoined: evolve_joined,
        ParticipantReturned: evolve_returned,
        ParticipantLeft: evolve_left,
        ConnectionOpened: evolve_connection_opened,
        ConnectionClosed: evolve_connection_closed,
        HandRaised: evolve_hand_raised,
        HandLowered: evolve_hand_lowered,
        MediaChanged: evolve_media,
    },
    touched=dict.fromkeys(
        (
            ParticipantJoined,
            ParticipantReturned,
            ParticipantLeft,
            ConnectionOpened,
            ConnectionClosed,
            HandRaised,
            HandLowered,
            MediaChanged,
        ),
        touch,
    ),
    renderers={"participant": render_participant, "me": render_me},
    keys=keys,
    deadline_ms=deadline_ms,
    tick=tick,
)
