"""What may be known of the question board, worked out from the events in the plainest way. See tests.property.oracle."""

from dataclasses import dataclass, field

from rooms.events import Event
from rooms.events.questions import (
    QuestionAnswered,
    QuestionAsked,
    QuestionDismissed,
    QuestionReopened,
    QuestionsMerged,
    QuestionVoteChanged,
    QuestionWithdrawn,
)
from rooms.ids import ParticipantId, QuestionId
from rooms.question_records import MyQuestionRecord, QuestionRecord
from rooms.records import Record


@dataclass
class QuestionOracle:
    asked: dict[QuestionId, QuestionAsked] = field(default_factory=dict)
    status: dict[QuestionId, str] = field(default_factory=dict)
    part_of: dict[QuestionId, QuestionId] = field(default_factory=dict)
    votes: set[tuple[ParticipantId, QuestionId]] = field(default_factory=set)

    def hear(self, event: Event) -> None:
        match event:
            case QuestionAsked():
                self.asked[event.question_id] = event
                self.status[event.question_id] = "open"
            case QuestionWithdrawn():
                for each in self.family(event.question_id) - {event.question_id}:
                    self.status[each] = "open"
                    del self.part_of[each]
                del self.asked[event.question_id]
                self.votes = {(who, voted) for who, voted in self.votes if voted != event.question_id}
            case QuestionVoteChanged(question_id=voted, participant_id=who, up=True):
                self.votes.add((who, voted))
            case QuestionVoteChanged(question_id=voted, participant_id=who, up=False):
                self.votes -= {(who, each) for each in self.family(voted)}
            case QuestionAnswered():
                self.status[event.question_id] = "answered"
            case QuestionDismissed():
                self.status[event.question_id] = "dismissed"
            case QuestionsMerged():
                self.status[event.question_id] = "merged"
                for each in self.family(event.question_id):
                    self.part_of[each] = event.into_id
            case QuestionReopened():
                self.status[event.question_id] = "open"
                self.part_of.pop(event.question_id, None)
            case _:
                pass

    def family(self, question_id: QuestionId) -> set[QuestionId]:
        return {question_id, *(each for each, into in self.part_of.items() if into == question_id)}

    def voters(self, question_id: QuestionId) -> set[ParticipantId]:
        family = self.family(question_id)
        return {who for who, voted in self.votes if voted in family}

    def check(self, who: ParticipantId, *, runs_it: bool, records: dict[str, Record]) -> None:
        seen = set()
        for key, record in records.items():
            match record:
                case QuestionRecord():
                    asked = self.asked[record.question_id]
                    seen.add(record.question_id)
                    assert record.author_id == (None if asked.anonymous else asked.participant_id)
                    assert not asked.anonymous or asked.participant_id not in key
                    assert record.status == self.status[record.question_id]
                    assert record.votes == len(self.voters(record.question_id))
                    assert record.merged_into == self.part_of.get(record.question_id)
                case MyQuestionRecord():
                    assert record.participant_id == who
                    assert record.asked == (self.asked[record.question_id].participant_id == who)
                    assert record.voted == (who in self.voters(record.question_id))
                case _:
                    pass
        for question_id, asked in self.asked.items():
            on_the_board = self.status[question_id] in ("open", "answered")
            assert (question_id in seen) == (on_the_board or runs_it or asked.participant_id == who)
            if who in self.voters(question_id):
                assert f"my_question:{question_id}:{who}" in records
