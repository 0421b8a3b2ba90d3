"""Who gets what: from rooms, sources, speakers and what viewers show, to what every receive slot should carry. Pure.

Audio: in a room where everybody's microphone fits into the slots, each has one; above that the loudest. Video: what the viewer says it shows, in
its order; without that word, who spoke last first. Screens: the one that was started last. A slot keeps what it carries as long as that is wanted.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from server.media.slots import assign
from server.media.speakers import Speakers
from server.media.values import Binding, Tile


@dataclass(slots=True)
class Endpoint:
    """What the router knows of one connected endpoint."""

    name: str
    slots: Mapping[str, Sequence[str]]
    """Medium (`audio`, `video`, `screen`, `screen_audio`) → mids of the receive slots for it."""
    room: str | None = None
    sends: set[str] = field(default_factory=set)
    """Media it may send: negotiated, whether or not packets come."""
    active: list[str] = field(default_factory=list)
    """Media whose packets are coming."""
    tiles: Sequence[Tile] | None = None
    bindings: dict[str, Binding | None] = field(default_factory=dict)


class Router:
    """Owns the policy's state; `settle` says what has to change."""

    def __init__(self) -> None:
        self._endpoints: dict[str, Endpoint] = {}
        self._members: dict[str, dict[str, None]] = defaultdict(dict)
        self.speakers: dict[str, Speakers] = {}
        self._screens: dict[str, list[str]] = defaultdict(list)

    def add(self, endpoint: Endpoint) -> None:
        """A connected endpoint, in no room yet."""
        self._endpoints[endpoint.name] = endpoint

    def remove(self, name: str) -> str | None:
        """An endpoint is gone; the room it was in."""
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            return None
        room = endpoint.room
        self.place(name, None)
        del self._endpoints[name]
        return room

    def get(self, name: str) -> Endpoint | None:
        return self._endpoints.get(name)

    def endpoint(self, name: str) -> Endpoint:
        """A connected endpoint. Raises KeyError."""
        return self._endpoints[name]

    def place(self, name: str, room: str | None) -> set[str]:
        """Put an endpoint into a room; the rooms that must be settled."""
        endpoint = self._endpoints[name]
        before, endpoint.room = endpoint.room, room
        if before == room:
            return set()
        if before is not None:
            del self._members[before][name]
            if name in self._screens[before]:
                self._screens[before].remove(name)
            if not self._members[before]:
                for table in (self._members, self.speakers, self._screens):
                    table.pop(before, None)
        if room is not None:
            self._members[room][name] = None
            self.speakers.setdefault(room, Speakers())
            if "screen" in endpoint.active:
                self._screens[room].insert(0, name)
        return {each for each in (before, room) if each is not None}

    def set_active(self, name: str, media: Sequence[str]) -> bool:
        """What of an endpoint is coming; whether that may change what others get."""
        endpoint = self._endpoints[name]
        if endpoint.active == list(media):
            return False
        before, endpoint.active = endpoint.active, list(media)
        if endpoint.room is not None and ("screen" in before) != ("screen" in media):
            screens = self._screens[endpoint.room]
            if "screen" in media:
                screens.insert(0, name)
            else:
                screens.remove(name)
        return True

    def members(self, room: str) -> Iterable[Endpoint]:
        return (self._endpoints[name] for name in self._members.get(room, ()))

    def rooms(self) -> Sequence[str]:
        return tuple(self._members)

    def settle(self, room: str) -> Iterator[tuple[Endpoint, dict[str, Binding | None]]]:
        """(endpoint, the slots that change) for everybody in a room; the endpoint's bindings are brought up to date."""
        for viewer in tuple(self.members(room)):
            changed = self._changes(viewer, self._wanted(viewer, room))
            if changed:
                yield viewer, changed

    def clear(self, name: str) -> dict[str, Binding | None]:
        """The slots that an endpoint outside every room must be told are empty."""
        endpoint = self._endpoints[name]
        return self._changes(endpoint, {})

    def _changes(self, viewer: Endpoint, wanted: Mapping[str, Sequence[Binding]]) -> dict[str, Binding | None]:
        changed: dict[str, Binding | None] = {}
        for medium, mids in viewer.slots.items():
            for mid, binding in assign(mids, viewer.bindings, wanted.get(medium, ())).items():
                if viewer.bindings.get(mid) != binding:
                    viewer.bindings[mid] = changed[mid] = binding
        return changed

    def _wanted(self, viewer: Endpoint, room: str) -> dict[str, Sequence[Binding]]:
        others = [each for each in self.members(room) if each is not viewer]
        speakers = self.speakers[room]
        microphones = [each.name for each in others if "mic" in each.sends]
        if len(microphones) > len(viewer.slots.get("audio", ())):
            everybody = [each.name for each in self.members(room) if "mic" in each.sends]
            heard = speakers.loudest(len(viewer.slots.get("audio", ())), everybody)
            microphones = [name for name in heard if name != viewer.name]
        cameras = {each.name for each in others if "camera" in each.sends}
        if viewer.tiles is None:
            ranked = [*speakers.recent, *(each.name for each in others)]
        else:
            ranked = [tile.endpoint for tile in viewer.tiles if tile.media == "camera" and tile.width > 0]
        screens = [name for name in self._screens.get(room, ()) if name != viewer.name][:1]
        return {
            "audio": [Binding(name, "mic") for name in microphones],
            "video": [Binding(name, "camera") for name in ranked if name in cameras],
            "screen": [Binding(name, "screen") for name in screens],
            "screen_audio": [Binding(name, "screen_audio") for name in screens],
        }
