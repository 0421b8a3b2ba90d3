"""What the server says beside records and commands: the shapes of PROTOCOL.md, from which the client's types are made.

They are written where they are sent, as plain maps; that what is sent has these shapes is checked on every message that a test's client
gets (`tests/socket_client.py`).
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field, TypeAdapter, with_config
from typing_extensions import TypedDict

from rooms.records import Record

Reaction = Literal["thumbs_up", "clap", "heart", "laugh", "celebrate", "think"]
SentMedia = Literal["mic", "camera", "screen", "screen_audio"]
_CLOSED = with_config(ConfigDict(extra="forbid"))


@_CLOSED
class Put(TypedDict):
    key: str
    record: Annotated[Record, Field(discriminator="kind")]


@_CLOSED
class Changes(TypedDict):
    """Removals first, then puts. `seq`: the journal's position after them, `since`: the one before."""

    since: int
    seq: int
    put: list[Put]
    remove: list[str]


@_CLOSED
class BrowserIceServer(TypedDict):
    """An RTCIceServer of the browser's."""

    urls: list[str]
    username: NotRequired[str]
    credential: NotRequired[str]


@_CLOSED
class Rtc(TypedDict):
    ice_servers: list[BrowserIceServer]


@_CLOSED
class HelloAck(TypedDict):
    """`snapshot`: the records are all there are. `node`: the server's process; where it differs, media must be offered anew. `entries`:
    servers to turn to when this one is lost."""

    ok: Literal[True]
    participant_id: str
    connection_id: str
    workshop_id: str
    now_ms: int
    since: int
    seq: int
    snapshot: bool
    put: list[Put]
    remove: list[str]
    rtc: Rtc
    node: str
    entries: list[str]


@_CLOSED
class Accepted(TypedDict):
    """`seq`: the journal's position of what the command caused."""

    ok: Literal[True]
    seq: int


@_CLOSED
class Refused(TypedDict):
    """`url`: where the workshop is instead."""

    ok: Literal[False]
    code: str
    message: str
    rule: str | None
    retryable: bool
    url: NotRequired[str]


@_CLOSED
class Answered(TypedDict):
    """The answer to an offer."""

    ok: Literal[True]
    sdp: str


@_CLOSED
class ClockAck(TypedDict):
    """The server's clock, Unix time in milliseconds."""

    ok: Literal[True]
    now_ms: int


@_CLOSED
class Noted(TypedDict):
    """The answer to a view, a reaction or a caption."""

    ok: Literal[True]


@_CLOSED
class SlotBinding(TypedDict):
    participant_id: str
    media: SentMedia


@_CLOSED
class MediaClosed(TypedDict):
    state: Literal["closed"]
    code: str


@_CLOSED
class CaptionLine(TypedDict):
    participant_id: str
    text: str
    final: bool
    lang: str


@_CLOSED
class Signals(TypedDict):
    """Any of these. `slots`: those that changed, by mid. `rooms`: who speaks in which room, for facilitators. `paused`: layers (by rid) of
    what this client sends that nobody takes."""

    slots: NotRequired[dict[str, SlotBinding | None]]
    speaking: NotRequired[list[str]]
    rooms: NotRequired[dict[str, list[str]]]
    reactions: NotRequired[dict[str, Reaction]]
    captions: NotRequired[dict[str, CaptionLine]]
    paused: NotRequired[dict[str, list[str]]]
    media: NotRequired[MediaClosed]


@_CLOSED
class Goodbye(TypedDict):
    code: str
    message: str


@_CLOSED
class Entries(TypedDict):
    """The servers to turn to when this one is lost, now that there is one which was not named before."""

    entries: list[str]


@_CLOSED
class Moved(TypedDict):
    """The workshop is there now; connect there, then close here."""

    url: str


class Adapters(Mapping[str, TypeAdapter[Any]]):
    """What checks and describes shapes, by name. Each is made when it is first looked up: a server that runs needs none, and would wait for them."""

    def __init__(self, shapes: Mapping[str, Any]) -> None:
        self._shapes = shapes
        self._made: dict[str, TypeAdapter[Any]] = {}

    def __getitem__(self, name: str) -> TypeAdapter[Any]:
        if name not in self._made:
            self._made[name] = TypeAdapter(self._shapes[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._shapes)

    def __len__(self) -> int:
        return len(self._shapes)


PUSHED = Adapters(
    {
        "changes": Changes,
        "signals": Signals,
        "goodbye": Goodbye,
        "moved": Moved,
        "entries": Entries,
    }
)
ANSWERS = Adapters(
    {
        "hello": HelloAck | Refused,
        "clock": ClockAck | Refused,
        "command": Accepted | Refused,
        "media.offer": Answered | Refused,
        "media.view": Noted | Refused,
        "react": Noted | Refused,
        "caption": Noted | Refused,
    }
)
"""Message → the shape of its answer."""
SAID = Adapters(
    {
        shape.__name__: shape
        for shape in (Changes, HelloAck, ClockAck, Accepted, Refused, Answered, Noted, Signals, Goodbye, Moved, Entries)
    }
)
