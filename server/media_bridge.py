"""The only meeting point of rooms and media.

Theory of operation. The media plane knows endpoints and places; the core knows participants and rooms. This module
translates in both directions and decides nothing:

- Whoever an event is about is brought in line: where they are (`place`), what they send with permission (`allow`), which room they
  listen to (`listen`), whose voice goes to all rooms (`voice`); who left is disconnected. All of it is read from the
  state after the events, never worked out again from their contents, so the two cannot differ. What somebody has not said they send
  (`SetMedia`), or what was switched off for them, is dropped by the media plane, whatever their browser does.
- What the media plane reports (which slot carries whom, who speaks) becomes signals. Signals are not journalled and may be
  lost with a connection, so the last binding of every slot is kept and sent again when a client says hello.

A lost socket does not end the media: the transport stays until its own consent expires or the person has left, so a
short break of the signalling costs nobody sound or picture.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from rooms.events import Recorded
from rooms.events.breakouts import BreakoutsClosed, BreakoutsOpened, RoomClosed
from rooms.events.people import ParticipantLeft
from rooms.events.stage import MediaAllowed, MediaForbidden
from rooms.events.workshop import WorkshopClosed
from rooms.ids import PLENARY, ParticipantId, RoomId, WorkshopId
from rooms.placing import listened_to, sent_by
from rooms.records import FACILITATORS, person_audience, room_audience
from rooms.state import WorkshopState
from server.media import Binding, MediaServer, OfferRefused, SlotSpec, Tile

SEPARATOR = "/"
"""Between workshop and participant (or room) in the media plane's names; no id contains it."""


class SignalSink(Protocol):
    """Where signals go: the gateway."""

    def signal(self, workshop_id: WorkshopId, audience: str, payload: dict[str, Any]) -> None:
        """Send a payload to everyone of an audience who is connected; it is lost for the others."""


def _endpoint(workshop_id: WorkshopId, part: str) -> str:
    return f"{workshop_id}{SEPARATOR}{part}"


def _split(name: str) -> tuple[WorkshopId, str]:
    workshop_id, _, part = name.partition(SEPARATOR)
    return WorkshopId(workshop_id), part


class MediaBridge:
    """Implements `server.media.MediaListener`; owns the bindings that clients were last told.

    `spoken` takes how long somebody has spoken: `server.speech`.
    """

    def __init__(self, sink: SignalSink, spoken: Callable[[WorkshopId, ParticipantId, int], None]) -> None:
        self._sink = sink
        self._spoken = spoken
        self._media: MediaServer | None = None
        self._bindings: dict[str, dict[str, dict[str, str] | None]] = {}
        self._paused: dict[str, dict[str, list[str]]] = {}
        """Endpoint → medium → layers that it need not send."""
        self._voices: dict[WorkshopId, tuple[str, frozenset[str]]] = {}
        """Who is heard in which rooms, as the media plane was told."""

    def attach(self, media: MediaServer) -> None:
        """Name the media plane; bridge and media plane each need the other, so one of them comes second."""
        self._media = media

    # ── from the rooms to the media ─────────────────────────────────────────────────────────────────────────────────
    async def offer(
        self, state: WorkshopState, participant_id: ParticipantId, sdp: str, slots: Sequence[SlotSpec]
    ) -> str:
        """Connect a participant's browser; returns the SDP answer. Raises `server.media.OfferRefused`."""
        person = state.participants.get(participant_id)
        if person is None or person.left:
            raise OfferRefused("not_present", "Only people who are in the workshop can send and receive media.")
        media = self._connected()
        endpoint = _endpoint(state.workshop_id, participant_id)
        if not media.keeps(endpoint, sdp, slots):  # else the slots go on as they are
            self._bindings[endpoint] = {}
            self._paused.pop(endpoint, None)
        answer = await media.connect(endpoint, sdp, slots)
        self._bring_in_line(state, participant_id)
        self._spread_voice(state)
        return answer

    def view(
        self, workshop_id: WorkshopId, participant_id: ParticipantId, tiles: Sequence[tuple[str, str, int, int]]
    ) -> None:
        """What the client shows: (participant id, media, width, height in CSS pixels) each, most important first."""
        self._connected().view(
            _endpoint(workshop_id, participant_id),
            [
                Tile(endpoint=_endpoint(workshop_id, shown), media=media, width=width, height=height)
                for shown, media, width, height in tiles
            ],
        )

    def drop(self, workshop_id: WorkshopId, participant_id: ParticipantId) -> None:
        """End a participant's media transport, if there is one."""
        endpoint = _endpoint(workshop_id, participant_id)
        self._bindings.pop(endpoint, None)
        self._paused.pop(endpoint, None)
        self._connected().disconnect(endpoint)

    def forget(self, state: WorkshopState) -> None:
        """The workshop is on another node now: end everybody's media here."""
        self._voices.pop(state.workshop_id, None)
        for participant_id in state.participants:
            self.drop(state.workshop_id, participant_id)

    def bindings(self, workshop_id: WorkshopId, participant_id: ParticipantId) -> dict[str, Any] | None:
        """The signal that tells a returning client what its slots carry and what it need not send, or None without a transport."""
        endpoint = _endpoint(workshop_id, participant_id)
        known = self._bindings.get(endpoint)
        return None if known is None else {"slots": dict(known), "paused": dict(self._paused.get(endpoint, {}))}

    def recorded(self, state: WorkshopState, events: Sequence[Recorded]) -> None:
        """Follow what happened; `state` is the workshop after all of `events`."""
        concerned: dict[ParticipantId, None] = {}
        for recorded in events:
            match recorded.event:
                case ParticipantLeft() as event:
                    self.drop(state.workshop_id, event.participant_id)
                    concerned[event.participant_id] = None  # who may be back by now
                case WorkshopClosed():
                    for participant_id in state.participants:
                        self.drop(state.workshop_id, participant_id)
                case BreakoutsOpened() | BreakoutsClosed() | RoomClosed():
                    concerned.update(dict.fromkeys(state.participants))
                case MediaForbidden(participant_id=None) | MediaAllowed(participant_id=None):
                    concerned.update(dict.fromkeys(state.participants))
                case event:
                    who = getattr(event, "participant_id", None)
                    if who is not None:
                        concerned[who] = None
        for participant_id in concerned:
            self._bring_in_line(state, participant_id)
        self._spread_voice(state)

    def _bring_in_line(self, state: WorkshopState, participant_id: ParticipantId) -> None:
        """Tell the media plane where somebody is and what they may send and get; what it knows already costs nothing."""
        person = state.participants.get(participant_id)
        if person is None or person.left:
            return
        media, endpoint = self._connected(), _endpoint(state.workshop_id, participant_id)
        # First what is not to be sent, so that nobody hears in the new room what may be sent in the old one only.
        media.allow(endpoint, sent_by(person))
        media.listen(
            endpoint, [_endpoint(state.workshop_id, room_id) for room_id in listened_to(state, participant_id)]
        )
        media.place(endpoint, _endpoint(state.workshop_id, person.room_id))

    def _spread_voice(self, state: WorkshopState) -> None:
        breakouts, workshop_id = state.breakouts, state.workshop_id
        before, now = self._voices.get(workshop_id), None
        if breakouts is not None and breakouts.voice_id is not None:
            rooms = frozenset(_endpoint(workshop_id, room_id) for room_id in (PLENARY, *breakouts.room_ids))
            now = (_endpoint(workshop_id, breakouts.voice_id), rooms)
        if now == before:
            return
        if before is not None:
            del self._voices[workshop_id]
            if now is None or now[0] != before[0]:
                self._connected().voice(before[0], frozenset())
        if now is not None:
            self._voices[workshop_id] = now
            self._connected().voice(*now)

    def _connected(self) -> MediaServer:
        if self._media is None:
            raise RuntimeError("MediaBridge is used before attach()")
        return self._media

    # ── from the media to the rooms (MediaListener) ─────────────────────────────────────────────────────────────────
    def bound(self, endpoint: str, bindings: dict[str, Binding | None]) -> None:
        """Slots of an endpoint carry somebody else from now on."""
        workshop_id, participant_id = _split(endpoint)
        changed = {
            mid: None if binding is None else {"participant_id": _split(binding.endpoint)[1], "media": binding.media}
            for mid, binding in bindings.items()
        }
        self._bindings.setdefault(endpoint, {}).update(changed)
        self._sink.signal(workshop_id, person_audience(ParticipantId(participant_id)), {"slots": changed})

    def speaking(self, room: str, endpoints: Sequence[str]) -> None:
        """Who speaks in a room, loudest first."""
        workshop_id, room_id = _split(room)
        speakers = [_split(endpoint)[1] for endpoint in endpoints]
        self._sink.signal(workshop_id, room_audience(RoomId(room_id)), {"speaking": speakers})
        self._sink.signal(workshop_id, FACILITATORS, {"rooms": {room_id: speakers}})

    def spoke(self, endpoint: str, ms: int) -> None:
        """Somebody has spoken for so long since this was last told; summed up for the attendance record."""
        workshop_id, participant_id = _split(endpoint)
        self._spoken(workshop_id, ParticipantId(participant_id), ms)

    def paused(self, endpoint: str, media: str, rids: Sequence[str]) -> None:
        """Nobody takes these layers."""
        workshop_id, participant_id = _split(endpoint)
        self._paused.setdefault(endpoint, {})[media] = list(rids)
        self._sink.signal(workshop_id, person_audience(ParticipantId(participant_id)), {"paused": {media: list(rids)}})

    def closed(self, endpoint: str, code: str) -> None:
        """A transport is gone (consent expired, DTLS closed): the client must offer again."""
        workshop_id, participant_id = _split(endpoint)
        self._bindings.pop(endpoint, None)
        self._paused.pop(endpoint, None)
        self._sink.signal(
            workshop_id,
            person_audience(ParticipantId(participant_id)),
            {"media": {"state": "closed", "code": code}},
        )
