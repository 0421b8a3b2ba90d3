"""What a client has after each message of the server's, as vectors that the client's reducers replay, too.

One workshop is looked at by several people through the hub that serves sockets: snapshots, differences, removals, a connection that is lost and
resumed, one that comes back too late. `ATELIER_WRITE_VECTORS=1` writes them anew.
"""

import itertools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rooms.codec import plain
from rooms.commands.breakouts import CloseBreakouts, EnterRoom, MoveParticipants, OpenBreakouts
from rooms.commands.chat import PostMessage
from rooms.commands.lobby import Admit, RemoveParticipant, SetLobby
from rooms.commands.people import RaiseHand
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll
from rooms.ids import ConnectionId, ParticipantId, RoomId
from rooms.projection import Snapshot
from server.hub import Connection, Hub
from tests.unit.workshop_case import Workshop

FILE = Path(__file__).parents[1] / "vectors" / "records.json"


class Line:
    """Where the hub sends to: the messages of each connection, as they would be encoded."""

    def __init__(self) -> None:
        self.sent: dict[str, list[dict[str, Any]]] = {}

    def encode(self, event: str, payload: Any) -> Any:
        return {"message": event, **payload}

    def send(self, sid: str, packet: Any) -> bool:
        self.sent.setdefault(sid, []).append(packet)
        return True


class Viewer:
    """One person's client: what it was told, and what the server says that it should have then."""

    def __init__(self, made: Workshop, hub: Hub, line: Line, who: str) -> None:
        self._made, self._hub, self._line, self._who = made, hub, line, who
        self._connections = 0
        self._since: int | None = None
        self.steps: list[dict[str, Any]] = []

    def hello(self) -> None:
        """Connect; resume where there is something to resume."""
        self._connections += 1
        connection = Connection(self._sid, ConnectionId(self._sid), ParticipantId(self._who))
        first = self._hub.enter(connection, self._since)
        snapshot = isinstance(first, Snapshot)
        put = [{"key": key, "record": plain(record)} for key, record in first.put]
        self._note(
            {
                "message": "hello",
                "snapshot": snapshot,
                "since": first.seq if isinstance(first, Snapshot) else first.since,
                "seq": first.seq,
                "put": put,
                "remove": [] if isinstance(first, Snapshot) else list(first.remove),
            }
        )

    def lose(self) -> None:
        self._hub.leave(self._sid)

    def take(self) -> None:
        """Whatever was sent since the last time."""
        for message in self._line.sent.pop(self._sid, ()):
            self._note(message)

    @property
    def _sid(self) -> str:
        return f"{self._who}-{self._connections}"

    def _note(self, message: dict[str, Any]) -> None:
        self._since = message["since"] if message.get("snapshot") else max(self._since or 0, message["since"])
        self.steps.append(message)

    def expected(self) -> dict[str, Any]:
        """The records that a newcomer with this person's eyes would get."""
        seen = self._made.sees(self._who)
        return {key: plain(record) for key, record in sorted(seen.items())}


def play(made: Workshop, viewers: dict[str, Viewer], then: Callable[[], None]) -> None:
    """A workshop of half an hour; `then` after everything that happens."""
    fay, ann = "fay", "ann"
    made.do(ann, PostMessage(channel="everyone", text="Hello"))
    made.do(ann, RaiseHand())
    then()
    made.do(fay, OpenBreakouts(count=2))
    then()
    rooms = [room_id for room_id in made.state.rooms if room_id != RoomId("plenary")]
    there = made.state.participants[ParticipantId(ann)].room_id
    other = next(room_id for room_id in rooms if room_id != there)
    made.do(ann, PostMessage(channel="room", text="Only here"))
    made.do(fay, EnterRoom(room_id=there))
    then()
    made.do(fay, MoveParticipants(participant_ids=(ParticipantId(ann),), room_id=other))
    then()
    made.do(fay, CreatePoll(question="Well?", options=("Yes", "No"), open=True, results="everyone", anonymous=False))
    poll = next(iter(made.state.polls.values()))
    made.do(ann, CastBallot(poll_id=poll.poll_id, option_ids=(poll.content.options[0].option_id,)))
    then()
    viewers[ann].lose()
    made.do(fay, PostMessage(channel="private", to_id=ParticipantId(ann), text="Are you there?"))
    made.do(fay, ClosePoll(poll_id=poll.poll_id))
    then()
    viewers[ann].hello()
    made.do(fay, CloseBreakouts())
    then()
    made.do(fay, SetLobby(on=True))
    made.join("cid")
    viewers["cid"].hello()
    then()
    made.do(fay, Admit())
    then()
    made.do(fay, RemoveParticipant(participant_id=ParticipantId("bob")))
    then()


def vectors() -> list[dict[str, Any]]:
    made = Workshop()
    for who, role in (("fay", "facilitator"), ("ann", "learner"), ("bob", "learner"), ("obi", "observer")):
        made.join(who, role)  # type: ignore[arg-type]
    line = Line()
    hub = Hub(made, line, lambda _sid: None)
    viewers = {who: Viewer(made, hub, line, who) for who in ("fay", "ann", "obi", "cid")}
    made.projection.flush()
    for who in ("fay", "ann", "obi"):
        viewers[who].hello()

    def then() -> None:
        hub.flush()
        made.now_ms += 60_000
        for viewer in viewers.values():
            viewer.take()

    play(made, viewers, then)
    return [{"viewer": who, "steps": in_order(each.steps), "records": each.expected()} for who, each in viewers.items()]


def in_order(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By key, what only removes first: the order of what is told of one instant is that of sets, another in every process."""
    ordered = [
        {**step, "put": sorted(step["put"], key=lambda put: str(put["key"])), "remove": sorted(step["remove"])}
        for step in steps
    ]
    return [
        step
        for _, told in itertools.groupby(ordered, lambda step: (step["message"], step["since"], step["seq"]))
        for step in sorted(told, key=lambda step: (bool(step["put"]), json.dumps(step, sort_keys=True)))
    ]


def replayed(steps: list[dict[str, Any]]) -> dict[str, Any]:
    """What section 3 of PROTOCOL.md says that a client does."""
    records: dict[str, Any] = {}
    for step in steps:
        if step.get("snapshot"):
            records.clear()
        for key in step["remove"]:
            records.pop(key, None)
        records |= {put["key"]: put["record"] for put in step["put"]}
    return dict(sorted(records.items()))


def test_the_vectors_are_what_the_server_sends() -> None:
    made = vectors()
    kinds = {(step["message"], step.get("snapshot"), bool(step["remove"])) for each in made for step in each["steps"]}
    assert {("hello", True, False), ("changes", None, True), ("changes", None, False)} <= kinds
    assert any(step["message"] == "hello" and not step["snapshot"] for each in made for step in each["steps"])
    for each in made:
        assert replayed(each["steps"]) == each["records"], each["viewer"]
    if os.environ.get("ATELIER_WRITE_VECTORS"):
        lines = [json.dumps(each, ensure_ascii=False) for each in made]
        FILE.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    assert json.loads(FILE.read_text()) == json.loads(json.dumps(made)), "ATELIER_WRITE_VECTORS=1 writes them anew"
