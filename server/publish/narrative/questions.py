"""The question board: asked, taken back, answered, dismissed. Who voted for what is not told, nor who asked anonymously, nor when."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from rooms.events.questions import (
    QuestionAnswered,
    QuestionAsked,
    QuestionDismissed,
    QuestionsMerged,
    QuestionWithdrawn,
)
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
        self._gone: set[QuestionId] = set()
        """Anonymous questions that were told and then taken back; that is told at the end, the time would say by whom."""

    def questions(self, now: Now) -> Iterator[Told]:
        match now.recorded.event:
            case QuestionAsked(anonymous=True) as event:
                self._kept.add(event.question_id)
            case QuestionAsked() as event:
                asked = {"question_id": event.question_id, "text": event.text, "anonymous": False}
                yield now.about(c.QuestionAsked, event.participant_id, None, **asked)
            case QuestionWithdrawn() as event:
                yield from self._withdrawn(now, event)
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
                for question_id in sorted(self._gone):
                    yield self._by_nobody(now, c.QuestionWithdrawn, question_id)
            case _:
                pass

    def _anonymous(self, now: Now, question_id: QuestionId) -> Iterator[Told]:
        if question_id not in self._kept:
            return
        self._kept.discard(question_id)
        text = now.state.questions[question_id].text
        yield self._by_nobody(now, c.QuestionAsked, question_id, text=text, anonymous=True)

    def _withdrawn(self, now: Now, event: QuestionWithdrawn) -> Iterator[Told]:
        question = now.state.withdrawn_question
        assert question is not None
        if not question.anonymous:
            yield now.about(c.QuestionWithdrawn, event.participant_id, None, question_id=event.question_id)
        elif event.question_id not in self._kept:
            self._gone.add(event.question_id)
        self._kept.discard(event.question_id)

    def _by_nobody(self, now: Now, data: type[Data], question_id: QuestionId, **fields: Any) -> Told:
        subject = f"questions/{question_id}"
        told = now.told(data, subject, question_id=question_id, **fields)
        return subject, replace(told[1], actor=now.account(SYSTEM))

    def _about(self, now: Now, data: type[Data], question_id: QuestionId, **fields: Any) -> Told:
        votes = len(supporters(now.state, now.state.questions[question_id]))
        return now.told(data, f"questions/{question_id}", question_id=question_id, votes=votes, **fields)
