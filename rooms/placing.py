"""Where somebody is, and what follows from it: who is in which room, and what may be sent there.

Every change of place goes through `enter` and `leave`, from whichever feature's event, so that these hold:
- `Room.people` is exactly the people present whose `room_id` it is, in the order they came;
- nobody sends what they may not send where they are (ST2, ST3, ST4), and at most one screen is shown in a room (ST6).
"""

from typing import Final

from rooms.events.stage import MEDIA, Media
from rooms.ids import PLENARY, ParticipantId, RoomId
from rooms.roles import HOSTS, VOTERS
from rooms.state import Participant, WorkshopState

NOTHING: Final = frozenset[Media]()


def may_send(state: WorkshopState, person: Participant) -> frozenset[Media]:
    """What the person may send in the room they are in."""
    if person.role not in VOTERS:
        return NOTHING
    if person.role in HOSTS:
        return MEDIA
    everybodys = state.forbidden if person.room_id == PLENARY else NOTHING
    return MEDIA - person.forbidden - (everybodys - person.granted)


def enter(state: WorkshopState, person: Participant, room_id: RoomId) -> None:
    """Put somebody present into a room; out of the one they were in."""
    leave(state, person)
    person.room_id = room_id
    state.rooms[room_id].people[person.participant_id] = None
    hold_to_policy(state, person)


def leave(state: WorkshopState, person: Participant) -> None:
    """Take somebody out of their room (they stay to be put into another, or left the workshop)."""
    room = state.rooms[person.room_id]
    room.people.pop(person.participant_id, None)
    if room.screen_id == person.participant_id:
        room.screen_id = None


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


def landing_room(state: WorkshopState, participant_id: ParticipantId) -> RoomId:
    """Where somebody who comes (back) is put: PE2, PE5."""
    person = state.participants.get(participant_id)
    if person is not None and state.rooms[person.room_id].open:
        return person.room_id
    return PLENARY
