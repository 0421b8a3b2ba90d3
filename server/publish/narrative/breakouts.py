"""Breakout rooms: opened and closed, calls for help, work handed in."""

from collections.abc import Iterator

from rooms.events.breakouts import BreakoutsOpened, HelpCalled, HelpEnded, HelpTaken, WorkHandedIn
from rooms.ids import RoomId
from server.publish.catalogue import breakouts as b
from server.publish.narrative.telling import Now, Told


class BreakoutsTold:
    """The rooms and calls that were told to be open."""

    def __init__(self) -> None:
        self._rooms: dict[RoomId, int] = {}
        """Open breakout rooms → when they were opened."""
        self._calls: dict[RoomId, int] = {}
        """Rooms that call for help → since when."""
        self._assignment = "by_hand"

    def opened(self, now: Now) -> Iterator[Told]:
        event = now.recorded.event
        if isinstance(event, BreakoutsOpened):
            self._assignment = _assignment(event)
        breakouts = now.state.breakouts
        for room_id in now.rooms:
            room = now.state.rooms.get(room_id)
            if room is None or room.kind != "breakout" or not room.open or room_id in self._rooms:
                continue
            self._rooms[room_id] = now.at_ms
            yield now.told(
                b.BreakoutOpened,
                f"rooms/{room_id}",
                room_id,
                name=room.name,
                ends_at_ms=None if breakouts is None else breakouts.ends_at_ms,
                round_id=None if breakouts is None else breakouts.round_id,
                assignment=self._assignment,
                capacity=room.capacity,
            )

    def closed(self, now: Now) -> Iterator[Told]:
        for room_id in now.rooms:
            room = now.state.rooms.get(room_id)
            if room_id in self._rooms and (room is None or not room.open):
                if room_id in self._calls:
                    yield self._help_ended(now, room_id, "resolved")
                duration_ms = now.at_ms - self._rooms.pop(room_id)
                yield now.told(b.BreakoutClosed, f"rooms/{room_id}", room_id, duration_ms=duration_ms)

    def help(self, now: Now) -> Iterator[Told]:
        match now.recorded.event:
            case HelpCalled() as event:
                self._calls[event.room_id] = now.at_ms
                text = event.text if now.options.chat_text else None
                yield now.about(b.HelpAsked, event.participant_id, event.room_id, text=text)
            case HelpTaken() as event:
                waited_ms = now.at_ms - self._calls[event.room_id]
                yield now.about(b.HelpAnswered, event.participant_id, event.room_id, waited_ms=waited_ms)
            case HelpEnded() as event if event.room_id in self._calls:
                yield self._help_ended(now, event.room_id, event.reason)

    def _help_ended(self, now: Now, room_id: RoomId, reason: str) -> Told:
        duration_ms = now.at_ms - self._calls.pop(room_id)
        return now.told(b.HelpEnded, f"rooms/{room_id}", room_id, reason=reason, duration_ms=duration_ms)

    def work(self, now: Now) -> Iterator[Told]:
        event = now.recorded.event
        if isinstance(event, WorkHandedIn):
            what = {"work_id": event.work_id, "title": event.title, "url": event.url, "length": event.length}
            text = event.text if now.options.chat_text else None
            yield now.about(b.ArtefactSaved, event.author_id, event.room_id, text=text, **what)


def _assignment(event: BreakoutsOpened) -> str:
    """How people came into the rooms, as far as the event tells: its explanation begins with the method."""
    if event.choose:
        return "self_select"
    method = next((each.code for each in event.explanation if each.code.startswith("method_")), None)
    return "by_hand" if method is None else method.removeprefix("method_")
