"""What people show each other in passing: reactions, and captions of what they say. Signals, kept nowhere.

Theory of operation. Nothing here is decided by the core or written to the journal. The speaker's own browser turns speech into text and sends a line
as often as it has more of it, until the line is final; whoever hears the speaker gets it. The microphone's record decides whether somebody
may have captions at all, so that who was muted cannot go on in writing at this place.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from rooms.ids import ParticipantId, WorkshopId
from rooms.records import ALL, person_audience, room_audience
from rooms.state import Participant, WorkshopState
from server.config import Limits
from server.rates import Buckets
from server.refusals import Refusal, parsed
from server.schema import Caption, React


class Hearers(Protocol):
    """`server.hub.Hub`."""

    def signal(self, audience: str, payload: dict[str, Any]) -> None: ...


class Passing:
    """One for all workshops of this node."""

    def __init__(self, limits: Limits) -> None:
        self._captions = Buckets(limits.captions_per_second, limits.captions_burst)

    def reaction(
        self, workshop_id: WorkshopId, state: WorkshopState, hub: Hearers, who: ParticipantId, payload: Any
    ) -> None:
        """Raises `Refusal` (`reaction_invalid`, `not_present`)."""
        reaction = parsed(React, payload, "reaction_invalid").reaction
        person = _present(state, who)
        hub.signal(room_audience(person.room_id), {"reactions": {who: reaction}})

    def caption(
        self, workshop_id: WorkshopId, state: WorkshopState, hub: Hearers, who: ParticipantId, payload: Any
    ) -> None:
        """Raises `Refusal` (`caption_invalid`, `caption_muted`, `not_present`, `rate_limited`)."""
        caption = parsed(Caption, payload, "caption_invalid")
        person = _present(state, who)
        if not person.mic:
            raise Refusal("caption_muted", "Captions are of those whose microphone is on.")
        if not self._captions.take(f"{workshop_id}/{who}"):
            raise Refusal("rate_limited", "Captions come too fast; send fewer of what is not final.", retryable=True)
        line = {"participant_id": who, "text": caption.text, "final": caption.final, "lang": caption.lang}
        for audience in _hearing(state, person):
            hub.signal(audience, {"captions": {f"{who}:{caption.line}": line}})


def _present(state: WorkshopState, who: ParticipantId) -> Participant:
    person = state.participants.get(who)
    if person is None or person.left:
        raise Refusal("not_present", "Only people who are in the workshop can do this.")
    return person


def _hearing(state: WorkshopState, person: Participant) -> Iterable[str]:
    """The audiences of those who hear somebody: their room, who listens to it, and all where they speak to all."""
    breakouts = state.breakouts
    if breakouts is not None and breakouts.voice_id == person.participant_id:
        return (ALL,)
    listening = () if breakouts is None else breakouts.listening.items()
    return (
        room_audience(person.room_id),
        *(person_audience(each) for each, room_ids in listening if person.room_id in room_ids),
    )
