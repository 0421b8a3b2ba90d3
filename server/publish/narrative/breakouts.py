"""Breakout rooms: opened and closed."""

from collections.abc import Iterator

from rooms.ids import RoomId
from server.publish import catalogue as c
from server.publish.narrative.telling import Now, Told


class BreakoutsTold:
    """The rooms that were told to be open."""

    def __init__(self) -> None:
        self._rooms: dict[RoomId, int] = {}
        """Open breakout rooms → when they were opened."""

    def opened(self, now: Now) -> Iterator[Told]:
        ends_at_ms = None if now.state.breakouts is None else now.state.breakouts.ends_at_ms
        for room_id in now.rooms:
            room = now.state.rooms.get(room_id)
            if room is not None and room.kind == "breakout" and room.open and room_id not in self._rooms:
                self._rooms[room_id] = now.at_ms
                subject = f"rooms/{room_id}"
                yield now.told(c.BreakoutOpened, subject, room_id, name=room.name, ends_at_ms=ends_at_ms)

    def closed(self, now: Now) -> Iterator[Told]:
        for room_id in now.rooms:
            room = now.state.rooms.get(room_id)
            if room_id in self._rooms and (room is None or not room.open):
                duration_ms = now.at_ms - self._rooms.pop(room_id)
                yield now.told(c.BreakoutClosed, f"rooms/{room_id}", room_id, duration_ms=duration_ms)
