"""What the media plane reports becomes signals, each for those who may know it."""

from typing import Any

from rooms.ids import RoomId, WorkshopId
from rooms.records import FACILITATORS, room_audience
from server.media_bridge import MediaBridge
from server.outgoing import PUSHED


class Sink:
    """Keeps what is signalled, checked as the wire has it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, dict[str, Any]]] = []

    def signal(self, workshop_id: WorkshopId, audience: str, payload: dict[str, Any]) -> None:
        PUSHED["signals"].validate_python(payload)
        self.sent.append((workshop_id, audience, payload))


def test_who_speaks_is_told_in_the_room_and_for_every_room_to_facilitators() -> None:
    sink = Sink()
    MediaBridge(sink, lambda *_: None).speaking("w_1/r_2", ["w_1/ann", "w_1/bob"])
    assert sink.sent == [
        ("w_1", room_audience(RoomId("r_2")), {"speaking": ["ann", "bob"]}),
        ("w_1", FACILITATORS, {"rooms": {"r_2": ["ann", "bob"]}}),
    ]
