"""From what was journalled to what is published: a pure fold over one workshop's events.

Theory of operation. `tell(recorded)` folds an event into a state of its own and says what is to be published of it, as zero or more
CloudEvents. Most of them are *differences*: the people, rooms and polls that the event touched are compared with
what was last told of them. So a new kind of event that moves somebody or closes a room is told without a line here, and what is
told cannot contradict the state. The same events always give the same CloudEvents; nothing is read but the events.

Each matter has a teller of its own. Their order is part of what is published (it numbers the events), so a new one goes last but
for the workshop's end: a room is open before people are told to enter it, and closed after they are told to have left.
"""

from collections.abc import Iterator

from rooms.events import Recorded
from rooms.events.privacy import PersonalDataErased
from rooms.views import touched
from rooms.workshop import evolve, initial_state
from server.publish import catalogue as c
from server.publish.cloudevents import CloudEvent, cloud_event
from server.publish.narrative import chat
from server.publish.narrative.attendance import AttendanceTold
from server.publish.narrative.breakouts import BreakoutsTold
from server.publish.narrative.people import PeopleTold
from server.publish.narrative.polls import PollsTold
from server.publish.narrative.questions import QuestionsTold
from server.publish.narrative.reviews import ReviewsTold
from server.publish.narrative.telling import Now, Options, Teller, Told

__all__ = ["Narrative", "Options"]


class Narrative:
    """One workshop's story so far. Give it every event from the first, in order."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._state = initial_state()
        self._sequence = 0
        workshop, people, breakouts = _WorkshopTold(), PeopleTold(), BreakoutsTold()
        polls, reviews, questions, attendance = PollsTold(), ReviewsTold(), QuestionsTold(), AttendanceTold()
        self._tellers: tuple[Teller, ...] = (
            workshop.opened,
            people.door,
            breakouts.opened,
            people.people,
            breakouts.help,
            breakouts.closed,
            breakouts.work,
            chat.posted,
            polls.ballot,
            polls.polls,
            reviews.reviews,
            _erased,
            questions.questions,
            attendance.attendance,
            workshop.closed,
        )

    @property
    def seq(self) -> int:
        """The last event told."""
        return self._state.seq

    def tell(self, recorded: Recorded) -> list[CloudEvent]:
        """What is to be published of the next event."""
        self._state = evolve(self._state, recorded)
        now = Now(self._state, recorded, self._options)
        for key in touched(self._state, recorded):
            now.add(key)
        events: list[CloudEvent] = []
        for teller in self._tellers:
            for subject, data in teller(now):
                self._sequence += 1
                now.index = len(events) + 1
                place = {"seq": recorded.seq, "index": len(events), "sequence": self._sequence}
                events.append(cloud_event(data, **place, at_ms=recorded.at_ms, subject=subject))
        return events


def _erased(now: Now) -> Iterator[Told]:
    event = now.recorded.event
    if isinstance(event, PersonalDataErased):
        if event.participant_id is None:
            yield now.told(c.PersonalDataErased, "workshop")
        else:
            yield now.about(c.PersonalDataErased, event.participant_id, None)


class _WorkshopTold:
    def __init__(self) -> None:
        self._status = "new"
        self._opened_at_ms = 0

    def opened(self, now: Now) -> Iterator[Told]:
        if self._status == "new" and now.state.status != "new":
            self._status, self._opened_at_ms = "open", now.at_ms
            yield now.told(c.WorkshopOpened, "workshop")

    def closed(self, now: Now) -> Iterator[Told]:
        if self._status == "open" and now.state.status == "closed":
            self._status = "closed"
            yield now.told(c.WorkshopClosed, "workshop", duration_ms=now.at_ms - self._opened_at_ms)
