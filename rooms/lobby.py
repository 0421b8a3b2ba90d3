"""The door: the lobby, the lock, removing and banning. Rules LO in SPEC.md.

Joining itself is in `rooms.people`; here is what facilitators do about who may.
"""

from collections.abc import Iterable

from rooms.commands import Stamp
from rooms.commands.lobby import Admit, Deny, LiftBan, RemoveParticipant, SetLobby, SetLock
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.lobby import BanLifted, LobbyEntered, LobbyLeft, LobbySwitched, LockSwitched, ParticipantBanned
from rooms.events.people import (
    ConnectionClosed,
    ConnectionOpened,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantRenamed,
    ParticipantReturned,
)
from rooms.feature import AboutSomebody, Feature, Shown
from rooms.ids import API, ParticipantId
from rooms.people import arrival, evolve_lobby_entered, evolve_lobby_left, known
from rooms.records import FACILITATORS, BanRecord, WaitingRecord, waiting_audience
from rooms.roles import HOSTS
from rooms.rosters import keys_of
from rooms.state import Waiting, WorkshopState


# ── decide ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_set_lobby(state: WorkshopState, command: SetLobby, _stamp: Stamp) -> tuple[Event, ...]:
    if state.lobby_on == command.on:
        return ()
    # Whoever was put out waits for a decision of their own.
    admitted = [] if command.on else [waiting for waiting in state.lobby.values() if not _was_removed(state, waiting)]
    return (LobbySwitched(on=command.on), *_let_in(state, admitted))


def decide_set_lock(state: WorkshopState, command: SetLock, _stamp: Stamp) -> tuple[Event, ...]:
    return () if state.locked == command.on else (LockSwitched(on=command.on),)


def decide_admit(state: WorkshopState, command: Admit, _stamp: Stamp) -> tuple[Event, ...]:
    if command.participant_ids is None:
        return _let_in(state, state.lobby.values())
    return _let_in(state, [_waiting(state, who) for who in dict.fromkeys(command.participant_ids)])


def decide_deny(state: WorkshopState, command: Deny, _stamp: Stamp) -> tuple[Event, ...]:
    denied = [_waiting(state, who) for who in dict.fromkeys(command.participant_ids)]
    return tuple(LobbyLeft(participant_id=waiting.participant_id, reason="denied") for waiting in denied)


def decide_remove(state: WorkshopState, command: RemoveParticipant, stamp: Stamp) -> tuple[Event, ...]:
    who = command.participant_id
    waiting = state.lobby.get(who)
    person = waiting or known(state, who)
    _check_may_remove(state, person.role, who, stamp)
    banned = ParticipantBanned(participant_id=who, name=person.name) if command.ban else None
    gone: Event | None = None
    if waiting is not None:
        gone = LobbyLeft(participant_id=who, reason="denied")
    elif not state.participants[who].left:
        gone = ParticipantLeft(participant_id=who, reason="removed")
    if banned is None and gone is None:
        message = f"{person.name} is not here, so there is nobody to remove; ban them to keep them from coming back."
        raise Rejected("not_present", message, rule="LO6")
    if who in state.banned:
        return ()
    return tuple(event for event in (banned, gone) if event is not None)


def _check_may_remove(state: WorkshopState, role: str, who: ParticipantId, stamp: Stamp) -> None:
    if who == stamp.actor:
        raise Rejected("remove_self", "You cannot remove yourself; leave instead.", rule="LO8")
    if stamp.actor == API or state.participants[stamp.actor].role == "facilitator":
        return
    if role in HOSTS:
        raise Rejected("not_allowed", "Only a facilitator can remove facilitators and co-facilitators.", rule="LO8")


def decide_lift_ban(state: WorkshopState, command: LiftBan, _stamp: Stamp) -> tuple[Event, ...]:
    if command.participant_id not in state.banned:
        message = f"Nobody with the id {command.participant_id!r} is banned from this workshop."
        raise Rejected("not_banned", message, rule="LO7")
    return (BanLifted(participant_id=command.participant_id),)


def _waiting(state: WorkshopState, participant_id: ParticipantId) -> Waiting:
    waiting = state.lobby.get(participant_id)
    if waiting is None:
        message = f"Nobody with the id {participant_id!r} is waiting in the lobby; they may have left it."
        raise Rejected("not_waiting", message, rule="LO2")
    return waiting


def _was_removed(state: WorkshopState, waiting: Waiting) -> bool:
    person = state.participants.get(waiting.participant_id)
    return person is not None and person.removed


def _let_in(state: WorkshopState, admitted: Iterable[Waiting]) -> tuple[Event, ...]:
    return tuple(arrival(state, waiting) for waiting in admitted)


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_lobby(state: WorkshopState, event: LobbySwitched, _recorded: Recorded) -> None:
    state.lobby_on = event.on


def evolve_lock(state: WorkshopState, event: LockSwitched, _recorded: Recorded) -> None:
    state.locked = event.on


def evolve_banned(state: WorkshopState, event: ParticipantBanned, _recorded: Recorded) -> None:
    state.banned[event.participant_id] = event.name
    who = state.lobby.get(event.participant_id) or state.participants[event.participant_id]
    state.banned_keys[event.participant_id] = frozenset(keys_of(who.participant_id, who.external_id, who.email))


def evolve_lifted(state: WorkshopState, event: BanLifted, _recorded: Recorded) -> None:
    del state.banned[event.participant_id]
    del state.banned_keys[event.participant_id]


# ── views ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def touch_workshop(_state: WorkshopState, _event: Event) -> Iterable[str]:
    return ("workshop",)


def touch_waiting(_state: WorkshopState, event: AboutSomebody) -> Iterable[str]:
    # `participant:` may have no record yet, but tells the projection that this person's audiences changed.
    who = event.participant_id
    return (f"waiting:{who}", f"me:{who}", f"participant:{who}")


def touch_ban(_state: WorkshopState, event: ParticipantBanned | BanLifted) -> Iterable[str]:
    return (f"ban:{event.participant_id}",)


def render_waiting(state: WorkshopState, key_id: str) -> Shown | None:
    waiting = state.lobby.get(ParticipantId(key_id))
    if waiting is None:
        return None
    record = WaitingRecord(
        participant_id=waiting.participant_id,
        seq=waiting.seq,
        name=waiting.name,
        role=waiting.role,
        since_ms=waiting.since_ms,
        reconnecting=not waiting.connections,
    )
    return record, frozenset((FACILITATORS, waiting_audience(waiting.participant_id)))


def render_ban(state: WorkshopState, key_id: str) -> Shown | None:
    name = state.banned.get(ParticipantId(key_id))
    if name is None:
        return None
    return BanRecord(participant_id=ParticipantId(key_id), name=name), frozenset((FACILITATORS,))


def keys(state: WorkshopState) -> Iterable[str]:
    yield from (f"waiting:{participant_id}" for participant_id in state.lobby)
    yield from (f"ban:{participant_id}" for participant_id in state.banned)


FEATURE = Feature(
    deciders={
        SetLobby: decide_set_lobby,
        SetLock: decide_set_lock,
        Admit: decide_admit,
        Deny: decide_deny,
        RemoveParticipant: decide_remove,
        LiftBan: decide_lift_ban,
    },
    evolvers={
        LobbySwitched: evolve_lobby,
        LockSwitched: evolve_lock,
        LobbyEntered: evolve_lobby_entered,
        LobbyLeft: evolve_lobby_left,
        ParticipantBanned: evolve_banned,
        BanLifted: evolve_lifted,
    },
    touched={
        LobbySwitched: touch_workshop,
        LockSwitched: touch_workshop,
        ParticipantBanned: touch_ban,
        BanLifted: touch_ban,
        **dict.fromkeys(
            (
                LobbyEntered,
                LobbyLeft,
                ParticipantJoined,
                ParticipantReturned,
                ParticipantRenamed,
                ConnectionOpened,
                ConnectionClosed,
            ),
            touch_waiting,
        ),
    },
    renderers={"waiting": render_waiting, "ban": render_ban},
    keys=keys,
)
