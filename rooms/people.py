"""People: joining, connections, grace, leaving, names, roles. Rules PE and RL in SPEC.md."""

from collections.abc import Iterable

from rooms import limits
from rooms.commands import Stamp
from rooms.commands.people import (
    ChangeRole,
    Connect,
    Disconnect,
    DropAllConnections,
    HandOver,
    Leave,
    Rename,
)
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.lobby import LobbyEntered, LobbyLeft
from rooms.events.people import (
    ConnectionClosed,
    ConnectionOpened,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantRenamed,
    ParticipantReturned,
    RoleChanged,
)
from rooms.feature import AboutSomebody, Feature, Shown
from rooms.ids import API, ParticipantId, RoomId
from rooms.placing import enter, hold_to_policy, landing_room, leave, listened_to, may_send
from rooms.records import (
    ALL,
    FACILITATORS,
    LOBBY,
    MeRecord,
    ParticipantRecord,
    person_audience,
    room_audience,
    waiting_audience,
)
from rooms.roles import HOSTS, VOTERS, WAITING_MAY, allowed_commands
from rooms.rosters import entry_for, keys_of
from rooms.state import Participant, Waiting, WorkshopState
from rooms.text import cleaned


def known(state: WorkshopState, participant_id: ParticipantId) -> Participant:
    """The participant of that id, or `Rejected` (PE1)."""
    person = state.participants.get(participant_id)
    if person is None:
        raise Rejected("unknown_participant", f"Nobody with the id {participant_id!r} is in this workshop.", rule="PE1")
    return person


def present(state: WorkshopState, participant_id: ParticipantId, *, rule: str) -> Participant:
    """The participant of that id who is here now, or `Rejected` (PE1, or `rule`)."""
    person = known(state, participant_id)
    if person.left:
        raise Rejected("not_present", f"{person.name} has left the workshop.", rule=rule)
    return person


def audiences_of(state: WorkshopState, participant_id: ParticipantId) -> frozenset[str]:
    """The audiences a viewer belongs to; none for somebody who is not there."""
    if participant_id in state.lobby:
        return frozenset((LOBBY, waiting_audience(participant_id)))
    person = state.participants.get(participant_id)
    if person is None or person.left:
        return frozenset()
    common = (ALL, person_audience(participant_id), room_audience(person.room_id))
    if person.role not in HOSTS:
        return frozenset(common)
    return frozenset((*common, FACILITATORS, *map(room_audience, listened_to(state, participant_id))))


# ── decide ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_connect(state: WorkshopState, command: Connect, stamp: Stamp) -> tuple[Event, ...]:
    who = stamp.actor
    opened = ConnectionOpened(participant_id=who, connection_id=command.connection_id)
    if who in state.banned:
        raise _banned()
    here = _here(state, who)
    if here is not None:
        if command.connection_id in here.connections:
            return ()
        if len(here.connections) >= limits.MAX_CONNECTIONS_PER_PARTICIPANT:
            message = (
                f"This person is connected {len(here.connections)} times already, which is the most allowed. "
                "Close another tab and try again."
            )
            raise Rejected("too_many_connections", message, rule="PE3")
        return (opened,)
    person = state.participants.get(who)
    comer = LobbyEntered(
        participant_id=who,
        name=cleaned(command.name, "name", limits.MAX_NAME_CHARS, rule="PE2") if person is None else person.name,
        role=command.role if person is None else person.role,
        external_id=command.external_id if person is None else person.external_id,
        email=command.email if person is None else person.email,
    )
    keys = frozenset(keys_of(who, comer.external_id, comer.email))
    if any(not keys.isdisjoint(banned) for banned in state.banned_keys.values()):
        raise _banned()
    role = comer.role
    newcomer = person is None or person.removed
    if newcomer and state.locked and role not in HOSTS:
        message = "The workshop is locked: nobody new is let in. Ask the facilitator to unlock it."
        raise Rejected("workshop_locked", message, rule="LO4")
    if person is None and len(state.participants) + len(state.lobby) >= limits.MAX_PARTICIPANTS:
        message = f"The workshop is full: it takes {limits.MAX_PARTICIPANTS} people."
        raise Rejected("workshop_full", message, rule="PE2")
    if (person is not None and person.removed) or (newcomer and state.lobby_on and role not in HOSTS):
        return (comer, opened)
    return (arrival(state, comer), opened)


def _banned() -> Rejected:
    return Rejected("banned", "You cannot join this workshop: a facilitator has removed you.", rule="LO7")


def arrival(state: WorkshopState, comer: LobbyEntered | Waiting) -> Event:
    """The event that makes somebody present: joined for the first time, or returned."""
    who = comer.participant_id
    entry = entry_for(state, who, comer.external_id, comer.email)
    room_id = landing_room(state, who, comer.role, "" if entry is None else entry.room)
    if who in state.participants:
        return ParticipantReturned(participant_id=who, room_id=room_id)
    return ParticipantJoined(
        participant_id=who,
        name=comer.name,
        role=comer.role,
        room_id=room_id,
        external_id=comer.external_id,
        email=comer.email,
    )


def _here(state: WorkshopState, participant_id: ParticipantId) -> Participant | Waiting | None:
    """The present participant, or who waits in the lobby, of that id."""
    person = state.participants.get(participant_id)
    return state.lobby.get(participant_id) if person is None or person.left else person


def decide_disconnect(state: WorkshopState, command: Disconnect, stamp: Stamp) -> tuple[Event, ...]:
    here = _here(state, stamp.actor)
    if here is None or command.connection_id not in here.connections:
        return ()
    lost = command.lost_at_ms
    lost_at_ms = None if lost is None or lost >= stamp.now_ms else lost
    closed = ConnectionClosed(participant_id=stamp.actor, connection_id=command.connection_id, lost_at_ms=lost_at_ms)
    return (closed,)


def decide_drop_all(state: WorkshopState, command: DropAllConnections, stamp: Stamp) -> tuple[Event, ...]:
    lost_at_ms = max(state.now_ms, min(command.alive_ms or 0, stamp.now_ms))
    before = {each.connection_id: min(each.at_ms, lost_at_ms) for each in command.lost}
    here: list[Participant | Waiting] = [*state.participants.values(), *state.lobby.values()]
    return tuple(
        ConnectionClosed(
            participant_id=person.participant_id,
            connection_id=connection_id,
            lost_at_ms=before.get(connection_id, lost_at_ms),
        )
        for person in here
        for connection_id in sorted(person.connections, key=lambda each: (before.get(each, lost_at_ms), each))
    )


def decide_leave(state: WorkshopState, _command: Leave, stamp: Stamp) -> tuple[Event, ...]:
    if stamp.actor in state.lobby:
        return (LobbyLeft(participant_id=stamp.actor, reason="left"),)
    return (ParticipantLeft(participant_id=stamp.actor, reason="left"),)


def decide_rename(state: WorkshopState, command: Rename, stamp: Stamp) -> tuple[Event, ...]:
    whose = command.participant_id or stamp.actor
    if whose == API:
        raise Rejected("needs_a_participant", "Say whose name it is with `participant_id`.", rule="WS4")
    if whose != stamp.actor and stamp.actor != API and known(state, stamp.actor).role not in HOSTS:
        message = "Only a facilitator can change somebody else's name; you can change your own."
        raise Rejected("not_allowed", message, rule="PE9")
    name = cleaned(command.name, "name", limits.MAX_NAME_CHARS, rule="PE9")
    named = state.lobby.get(whose) or known(state, whose)
    return () if named.name == name else (ParticipantRenamed(participant_id=whose, name=name),)


def decide_change_role(state: WorkshopState, command: ChangeRole, _stamp: Stamp) -> tuple[Event, ...]:
    person = known(state, command.participant_id)
    if person.role == command.role:
        return ()
    if person.role == "facilitator" and not person.left and state.present_facilitators == 1:
        message = "This is the only facilitator here; make somebody else a facilitator first."
        raise Rejected("last_facilitator", message, rule="RL1")
    return (RoleChanged(participant_id=person.participant_id, role=command.role),)


def decide_hand_over(state: WorkshopState, command: HandOver, stamp: Stamp) -> tuple[Event, ...]:
    heir = present(state, command.participant_id, rule="RL3")
    if heir.participant_id == stamp.actor:
        raise Rejected("hand_over_to_self", "Name somebody else: you are the facilitator already.", rule="RL3")
    raised = (
        () if heir.role == "facilitator" else (RoleChanged(participant_id=heir.participant_id, role="facilitator"),)
    )
    return (*raised, RoleChanged(participant_id=stamp.actor, role="cofacilitator"))


def tick(state: WorkshopState, stamp: Stamp) -> tuple[Event, ...]:
    due: list[Event] = []
    for participant_id, ends_ms in state.lost.items():
        if ends_ms > stamp.now_ms:
            break
        waits = participant_id in state.lobby
        gone = LobbyLeft if waits else ParticipantLeft
        due.append(gone(participant_id=participant_id, reason="lost"))
    return tuple(due)


def at_close(state: WorkshopState) -> Iterable[Event]:
    """Everybody leaves with the workshop."""
    for participant_id in state.lobby:
        yield LobbyLeft(participant_id=participant_id, reason="closed")
    for person in state.participants.values():
        if not person.left:
            yield ParticipantLeft(participant_id=person.participant_id, reason="closed")


def deadline_ms(state: WorkshopState) -> int | None:
    return next(iter(state.lost.values()), None)


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_joined(state: WorkshopState, event: ParticipantJoined, recorded: Recorded) -> None:
    person = Participant(
        participant_id=event.participant_id,
        name=event.name,
        role=event.role,
        room_id=event.room_id,
        external_id=event.external_id,
        email=event.email,
    )
    state.participants[event.participant_id] = person
    _arrive(state, person, event.room_id, recorded)


def evolve_returned(state: WorkshopState, event: ParticipantReturned, recorded: Recorded) -> None:
    person = state.participants[event.participant_id]
    person.left = person.removed = False
    _arrive(state, person, event.room_id, recorded)


def _arrive(state: WorkshopState, person: Participant, room_id: RoomId, recorded: Recorded) -> None:
    waited = state.lobby.pop(person.participant_id, None)
    if waited is not None:
        person.name = waited.name
        person.connections = waited.connections
    if not person.connections:
        _lose(state, person.participant_id, recorded.at_ms)
    _count(state, person, +1)
    enter(state, person, room_id)


def evolve_left(state: WorkshopState, event: ParticipantLeft, _recorded: Recorded) -> None:
    person = state.participants[event.participant_id]
    person.left = True
    person.removed = event.reason == "removed"
    person.connections.clear()
    person.hand_raised_seq = None
    person.mic = person.camera = person.screen = False
    state.lost.pop(event.participant_id, None)
    leave(state, person)
    _count(state, person, -1)


def evolve_lobby_entered(state: WorkshopState, event: LobbyEntered, recorded: Recorded) -> None:
    state.lobby[event.participant_id] = Waiting(
        participant_id=event.participant_id,
        seq=recorded.seq,
        name=event.name,
        role=event.role,
        since_ms=recorded.at_ms,
        external_id=event.external_id,
        email=event.email,
    )
    _lose(state, event.participant_id, recorded.at_ms)


def evolve_lobby_left(state: WorkshopState, event: LobbyLeft, _recorded: Recorded) -> None:
    del state.lobby[event.participant_id]
    state.lost.pop(event.participant_id, None)


def evolve_connection_opened(state: WorkshopState, event: ConnectionOpened, _recorded: Recorded) -> None:
    here = _here(state, event.participant_id)
    assert here is not None
    here.connections.add(event.connection_id)
    state.lost.pop(event.participant_id, None)


def evolve_connection_closed(state: WorkshopState, event: ConnectionClosed, recorded: Recorded) -> None:
    here = _here(state, event.participant_id)
    assert here is not None
    here.connections.discard(event.connection_id)
    if not here.connections:
        _lose(state, event.participant_id, recorded.at_ms)


def evolve_renamed(state: WorkshopState, event: ParticipantRenamed, _recorded: Recorded) -> None:
    waiting, person = state.lobby.get(event.participant_id), state.participants.get(event.participant_id)
    if waiting is not None:
        waiting.name = event.name
    if person is not None:
        person.name = event.name


def evolve_role(state: WorkshopState, event: RoleChanged, _recorded: Recorded) -> None:
    person = state.participants[event.participant_id]
    if not person.left:
        _count(state, person, -1)
    room = state.rooms[person.room_id]
    if person.participant_id in room.people:
        room.learners += (event.role == "learner") - (person.role == "learner")
    person.role = event.role
    if not person.left:
        _count(state, person, +1)
        hold_to_policy(state, person)
    if event.role not in VOTERS:
        person.hand_raised_seq = None


def _count(state: WorkshopState, person: Participant, by: int) -> None:
    """Keep the numbers of people present by what they may do."""
    state.present_voters += by * (person.role in VOTERS)
    state.present_facilitators += by * (person.role == "facilitator")


def _lose(state: WorkshopState, participant_id: ParticipantId, at_ms: int) -> None:
    """Start the grace. It also runs between joining and the first connection, so that nobody can be stuck as present."""
    state.lost.pop(participant_id, None)
    state.lost[participant_id] = at_ms + state.grace_ms


# ── views ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def participant_key(participant_id: ParticipantId) -> str:
    return f"participant:{participant_id}"


def touch(_state: WorkshopState, event: AboutSomebody) -> Iterable[str]:
    return (participant_key(event.participant_id), f"me:{event.participant_id}")


def render_participant(state: WorkshopState, key_id: str) -> Shown | None:
    person = state.participants.get(ParticipantId(key_id))
    if person is None:
        return None
    breakouts = state.breakouts
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
        home_room_id=None if breakouts is None else breakouts.home.get(person.participant_id),
        listening_to=listened_to(state, person.participant_id),
        may_send=tuple(sorted(may_send(state, person))),
    )
    return record, frozenset((ALL,))


def render_me(state: WorkshopState, key_id: str) -> Shown | None:
    who = ParticipantId(key_id)
    person = state.participants.get(who)
    allowed: tuple[str, ...]
    if who in state.lobby:
        allowed = WAITING_MAY
    elif person is not None:
        allowed = allowed_commands(person.role)
    else:
        return None
    return MeRecord(participant_id=who, allowed=allowed), frozenset((person_audience(who), waiting_audience(who)))


def keys(state: WorkshopState) -> Iterable[str]:
    for participant_id in state.participants:
        yield participant_key(participant_id)
        yield f"me:{participant_id}"
    yield from (f"me:{participant_id}" for participant_id in state.lobby if participant_id not in state.participants)


FEATURE = Feature(
    deciders={
        Connect: decide_connect,
        Disconnect: decide_disconnect,
        DropAllConnections: decide_drop_all,
        Leave: decide_leave,
        Rename: decide_rename,
        ChangeRole: decide_change_role,
        HandOver: decide_hand_over,
    },
    evolvers={
        ParticipantJoined: evolve_joined,
        ParticipantReturned: evolve_returned,
        ParticipantLeft: evolve_left,
        ConnectionOpened: evolve_connection_opened,
        ConnectionClosed: evolve_connection_closed,
        ParticipantRenamed: evolve_renamed,
        RoleChanged: evolve_role,
    },
    touched=dict.fromkeys(
        (
            ParticipantJoined,
            ParticipantReturned,
            ParticipantLeft,
            ConnectionOpened,
            ConnectionClosed,
            ParticipantRenamed,
            RoleChanged,
        ),
        touch,
    ),
    renderers={"participant": render_participant, "me": render_me},
    keys=keys,
    deadline_ms=deadline_ms,
    tick=tick,
    at_close=at_close,
)
