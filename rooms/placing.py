"""Where somebody is, and what follows from it: who is in which room, and what may be sent there.

Every change of place goes through `enter` and `leave`, from whichever feature's event, so that these hold:
- `Room.people` is exactly the people present whose `room_id` it is, in the order they came;
- nobody sends what they may not send where they are (ST2, ST3, ST4), and at most one screen is shown in a room (ST6).
"""

from typing import Final

from rooms.events.stage import MEDIA, Media
from rooms.grouping.model import Apart
from rooms.ids import PLENARY, ParticipantId, RoomId
from rooms.roles import HOSTS, VOTERS, Role
from rooms.state import Breakouts, Participant, Room, WorkshopState

NOTHING: Final = frozenset[Media]()


def may_send(state: WorkshopState, person: Participant) -> frozenset[Media]:
    """What the person may send in the room they are in."""
    if person.role not in VOTERS:
        return NOTHING
    if person.role in HOSTS:
        return MEDIA
    everybodys = state.forbidden if person.room_id == PLENARY else NOTHING
    return MEDIA - person.forbidden - (everybodys - person.granted)


def listened_to(state: WorkshopState, who: ParticipantId) -> tuple[RoomId, ...]:
    """The rooms that somebody sees, hears and reads without being in them."""
    return () if state.breakouts is None else state.breakouts.listening.get(who, ())


def stop_listening(breakouts: Breakouts, who: ParticipantId, room_id: RoomId) -> bool:
    """Take one room from those that somebody listens to; whether it was one of them."""
    before = breakouts.listening.get(who, ())
    if room_id not in before:
        return False
    after = tuple(each for each in before if each != room_id)
    if after:
        breakouts.listening[who] = after
    else:
        del breakouts.listening[who]
    return True


def enter(state: WorkshopState, person: Participant, room_id: RoomId) -> None:
    """Put somebody present into a room; out of the one they were in."""
    leave(state, person)
    room = state.rooms[room_id]
    person.room_id = room_id
    room.people[person.participant_id] = None
    room.learners += person.role == "learner"
    if state.breakouts is not None:
        stop_listening(state.breakouts, person.participant_id, room_id)
    hold_to_policy(state, person)


def leave(state: WorkshopState, person: Participant) -> None:
    """Take somebody out of their room (they stay to be put into another, or left the workshop)."""
    room = state.rooms[person.room_id]
    if person.participant_id in room.people:
        del room.people[person.participant_id]
        room.learners -= person.role == "learner"
    if room.screen_id == person.participant_id:
        room.screen_id = None


def belong(state: WorkshopState, who: ParticipantId, room_id: RoomId | None) -> None:
    """Say which open breakout room is somebody's; None (or the plenary): no room any longer."""
    assert state.breakouts is not None
    before = state.breakouts.home.pop(who, None)
    if before is not None:
        state.rooms[before].members.pop(who, None)
    if room_id is not None and room_id != PLENARY:
        state.breakouts.home[who] = room_id
        state.rooms[room_id].members[who] = None


def send(state: WorkshopState, person: Participant, sent: frozenset[Media]) -> None:
    """What the person sends from now on."""
    person.mic, person.camera, person.screen = "mic" in sent, "camera" in sent, "screen" in sent
    room = state.rooms[person.room_id]
    if person.screen:
        room.screen_id = person.participant_id
    elif room.screen_id == person.participant_id:
        room.screen_id = None


def sent_by(person: Participant) -> frozenset[Media]:
    sent: dict[Media, bool] = {"mic": person.mic, "camera": person.camera, "screen": person.screen}
    return frozenset(media for media, on in sent.items() if on)


def hold_to_policy(state: WorkshopState, person: Participant) -> None:
    """End what the person may not send where they are now."""
    allowed = may_send(state, person)
    if state.rooms[person.room_id].screen_id not in (None, person.participant_id):
        allowed -= {"screen"}
    send(state, person, sent_by(person) & allowed)


def people_in(state: WorkshopState, room_id: RoomId) -> list[Participant]:
    """Who is in a room now, in the order they came."""
    return [state.participants[participant_id] for participant_id in state.rooms[room_id].people]


# ── where somebody goes ──────────────────────────────────────────────────────────────────────────────────────────────
def landing_room(state: WorkshopState, who: ParticipantId, role: Role, roster_room: str = "") -> RoomId:
    """Where somebody who comes (back) is put: PE2, PE5, BR17. `roster_room`: the room's name the roster has for them."""
    breakouts = state.breakouts
    person = state.participants.get(who)
    if breakouts is None or (role == "learner" and breakouts.policy.late == "hold"):
        return PLENARY
    if person is not None and person.room_id != PLENARY and state.rooms[person.room_id].open:
        return person.room_id
    if role != "learner":
        return PLENARY
    if who in breakouts.home:
        return breakouts.home[who]
    named = [room_id for room_id in breakouts.room_ids if roster_room and state.rooms[room_id].name == roster_room]
    if named:
        return named[0]
    if breakouts.policy.late == "smallest" and not breakouts.choose:
        return smallest_room(state, who) or PLENARY
    return PLENARY


def smallest_room(state: WorkshopState, who: ParticipantId, *, inhabited: bool = False) -> RoomId | None:
    """The open breakout room with the fewest learners that takes this person, other than the one they are in.

    `inhabited`: only one where somebody is.
    """
    if state.breakouts is None:
        return None
    person = state.participants.get(who)
    possible = [
        room
        for room in map(state.rooms.__getitem__, state.breakouts.room_ids)
        if (person is None or person.left or person.room_id != room.room_id)
        and has_place(room)
        and (room.learners or not inhabited)
        and not must_not_meet(state, who, room)
    ]
    return min(possible, key=lambda room: (room.learners, room.order)).room_id if possible else None


def has_place(room: Room) -> bool:
    """Whether one more learner may choose the room."""
    return room.capacity is None or room.learners < room.capacity


def must_not_meet(state: WorkshopState, who: ParticipantId, room: Room) -> bool:
    """Whether somebody is in the room whom the workshop's constraints keep apart from this person."""
    return any(
        other != who and other in room.people
        for constraint in state.constraints
        if isinstance(constraint, Apart) and who in constraint.people
        for other in constraint.people
    )
