"""The question board: asked, answered, dismissed. Who voted for what is not told, nor who asked anonymously, nor when."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rooms.events.questions import QuestionAnswered, QuestionAsked, QuestionDismissed, QuestionsMerged
from rooms.events.workshop import WorkshopClosed
from rooms.ids import SYSTEM, QuestionId
from rooms.questions import supporters
from server.publish.catalogue import questions as c
from server.publish.catalogue.data import Data
from server.publish.narrative.telling import Now, Told


class QuestionsTold:
    """Keeps the anonymous questions that were not told yet."""

    def __init__(self) -> None:
        self._kept: set[QuestionId] = set()

    def questions(self, now: Now) -> Iterator[Told]:
        match now.recorded.event:
            case QuestionAsked(anonymous=True) as event:
                self._kept.add(event.question_id)
            case QuestionAsked() as event:
                asked = {"question_id": event.question_id, "text": event.text, "anonymous": False}
                yield now.about(c.QuestionAsked, event.participant_id, None, **asked)
            case QuestionAnswered() as event:
                yield from self._anonymous(now, event.question_id)
                yield self._about(now, c.QuestionAnswered, event.question_id, text=event.text or None)
            case QuestionDismissed() as event:
                yield from self._anonymous(now, event.question_id)
                yield self._about(now, c.QuestionDismissed, event.question_id)
            case QuestionsMerged() as event:
                yield from self._anonymous(now, event.question_id)
                yield from self._anonymous(now, event.into_id)
            case WorkshopClosed():
                for question_id in sorted(self._kept):
                    yield from self._anonymous(now, question_id)
            case _:
                pass

    def _anonymous(self, now: Now, question_id: QuestionId) -> Iterator[Told]:
        if question_id not in self._kept:
            return
        self._kept.discard(question_id)
        text = now.state.questions[question_id].text
        subject = f"questions/{question_id}"
        told = now.told(c.QuestionAsked, subject, question_id=question_id, text=text, anonymous=True)
        yield subject, replace(told[1], actor=now.account(SYSTEM))

    def _about(self, now: Now, data: type[Data], question_id: QuestionId, **fields: Any) -> Told:
        votes = len(supporters(now.state, now.state.questions[question_id]))
        return now.told(data, f"questions/{question_id}", question_id=question_id, votes=votes, **fields)
