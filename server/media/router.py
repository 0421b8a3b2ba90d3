"""Who gets what: from rooms, sources, speakers and what viewers show, to what every receive slot should carry. Pure.

Audio: in a room where everybody's microphone fits into the slots, each has one; above that the loudest. Video: what the viewer says it shows, in
its order; without that word, who spoke last first. Screens: the one that was started last of those that are shown, with its sound; the sound alone
where none is shown. A slot keeps what it carries as long as that is wanted.

Two exceptions to "who is in a room gets what is sent there": an endpoint may *listen* to further rooms, which do not notice: it gets something of
each in turn, and whoever speaks in one of them first; and an endpoint's *voice* may go to rooms it is not in, where it has the first slot.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest

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
    listens: tuple[str, ...] = ()
    """Further rooms whose media it gets."""
    sends: set[str] = field(default_factory=set)
    """Media it may send: negotiated, whether or not packets come."""
    active: list[str] = field(default_factory=list)
    """Media whose packets are coming."""
    tiles: Sequence[Tile] | None = None
    bindings: dict[str, Binding | None] = field(default_factory=dict)

    def shows(self, name: str, medium: str) -> bool:
        """Whether it shows this; everything as long as it has not said what."""
        return self.tiles is None or any(
            tile.endpoint == name and tile.media == medium and tile.width > 0 for tile in self.tiles
        )


class Router:
    """Owns the policy's state; `settle` says what has to change."""

    def __init__(self) -> None:
        self._endpoints: dict[str, Endpoint] = {}
        self._members: dict[str, dict[str, None]] = defaultdict(dict)
        self.speakers: dict[str, Speakers] = {}
        self._screens: dict[str, list[str]] = defaultdict(list)
        self._listeners: dict[str, dict[str, None]] = {}
        self._voices: dict[str, frozenset[str]] = {}
        """Endpoint → rooms its voice goes to."""

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
        self.listen(name, ())
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

    def listen(self, name: str, rooms: Sequence[str]) -> None:
        """Let an endpoint have the media of these further rooms, and of no others. Settle the endpoint's own room afterwards."""
        endpoint = self._endpoints[name]
        for room in endpoint.listens:
            listeners = self._listeners[room]
            del listeners[name]
            if not listeners:
                del self._listeners[room]
        endpoint.listens = tuple(rooms)
        for room in endpoint.listens:
            self._listeners.setdefault(room, {})[name] = None

    def voice(self, name: str, rooms: frozenset[str]) -> frozenset[str]:
        """Say in which rooms an endpoint is heard besides its own (kept for endpoints yet to connect); the rooms that must be settled."""
        before = self._voices.pop(name, frozenset())
        if rooms:
            self._voices[name] = rooms
        return before ^ rooms

    def voices(self, room: str) -> Sequence[str]:
        """Who is heard in a room without being in it."""
        return [
            name
            for name, rooms in self._voices.items()
            if room in rooms and name in self._endpoints and self._endpoints[name].room != room
        ]

    def heard_in(self, name: str) -> frozenset[str]:
        """The rooms outside its own to which an endpoint's voice goes."""
        return self._voices.get(name, frozenset())

    def audience(self, room: str) -> Iterator[Endpoint]:
        """Who gets what is sent in a room: those in it, and those who listen."""
        for name in dict.fromkeys((*self._members.get(room, ()), *self._listeners.get(room, ()))):
            yield self._endpoints[name]

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

    def names(self, room: str) -> Collection[str]:
        return self._members.get(room, {}).keys()

    def rooms(self) -> Sequence[str]:
        return tuple(self._members)

    def settle(self, room: str) -> Iterator[tuple[Endpoint, dict[str, Binding | None]]]:
        """(endpoint, the slots that change) for everybody who gets what is sent in a room; their bindings are brought up to date."""
        crowds: dict[tuple[str, int], Sequence[str]] = {}
        for viewer in tuple(self.audience(room)):
            changed = self._changes(viewer, self._wanted(viewer, crowds))
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

    def _wanted(self, viewer: Endpoint, crowds: dict[tuple[str, int], Sequence[str]]) -> dict[str, Sequence[Binding]]:
        """By medium; `crowds` keeps what is the same for all viewers of a room."""
        # The rooms listened to come first: they were chosen.
        rooms = [room for room in dict.fromkeys((*viewer.listens, viewer.room)) if room is not None]
        others = {each.name: each for room in rooms for each in self.members(room) if each is not viewer}
        voices = [name for room in rooms for name in self.voices(room) if name != viewer.name]
        shared = len(rooms) > 1 or bool(voices)
        audible = [self._audible(viewer, room, crowds, shared=shared) for room in rooms]
        inside = _in_turn(audible)
        if len(rooms) > 1:
            inside = self._speaking_first(viewer, rooms, inside)
        microphones = list(dict.fromkeys((*voices, *inside)))
        if viewer.tiles is None:
            recent = _in_turn([list(self._speakers_of(room).recent) for room in rooms])
            ranked = [*recent, *others]
        else:
            ranked = [tile.endpoint for tile in viewer.tiles if tile.media == "camera" and tile.width > 0]
        filmed = dict.fromkeys(name for name in ranked if name in others and "camera" in others[name].sends)
        screens = [name for room in rooms for name in self._screens.get(room, ()) if name != viewer.name]
        shown = [name for name in screens if viewer.shows(name, "screen")][:1]
        return {
            "audio": [Binding(name, "mic") for name in microphones],
            "video": [Binding(name, "camera") for name in islice(filmed, len(viewer.slots.get("video", ())))],
            "screen": [Binding(name, "screen") for name in shown],
            "screen_audio": [Binding(name, "screen_audio") for name in shown or screens[:1]],
        }

    def _audible(
        self, viewer: Endpoint, room: str, crowds: dict[tuple[str, int], Sequence[str]], *, shared: bool
    ) -> Sequence[str]:
        """Those in a room whose microphones are for this viewer: all, or the loudest.

        Where the slots are `shared` with what comes from elsewhere, the last of them may not fit, so those who spoke last come first.
        """
        slots = len(viewer.slots.get("audio", ()))
        speakers = self._speakers_of(room)
        crowd = crowds.get((room, slots))
        if crowd is None:
            crowd = [each.name for each in self.members(room) if "mic" in each.sends]
            crowds[room, slots] = crowd = crowd if len(crowd) <= slots else speakers.loudest(slots, crowd)
        others = [name for name in crowd if name != viewer.name]
        return speakers.latest_first(others) if shared else others

    def _speaking_first(self, viewer: Endpoint, rooms: Sequence[str], names: Sequence[str]) -> list[str]:
        """Of several rooms: who speaks now, whichever room it is, then those who are heard already, so that a pause for breath costs nobody their slot."""
        speaking = {name for room in rooms for name in self._speakers_of(room).speaking}
        bound = {
            each.endpoint for mid in viewer.slots.get("audio", ()) if (each := viewer.bindings.get(mid)) is not None
        }
        return sorted(names, key=lambda name: 0 if name in speaking else 1 if name in bound else 2)

    def _speakers_of(self, room: str) -> Speakers:
        return self.speakers.get(room) or _NOBODY


_NOBODY = Speakers()


def _in_turn(lists: Sequence[Sequence[str]]) -> list[str]:
    """One of each list, then the next of each."""
    return [name for names in zip_longest(*lists) for name in names if name is not None]
