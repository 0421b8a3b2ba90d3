"""Who may know what, worked out from the events alone and in the plainest way, to be held against the views.

It shares no code with `rooms.views` or the features' `render_*`; where the two disagree, one of them leaks or hides.
"""

from dataclasses import dataclass, field

from rooms.agenda_records import AgendaProgressRecord, AgendaRecord, AgendaStepRecord
from rooms.attendance_records import AttendanceRecord
from rooms.events import Event
from rooms.events.agenda import AgendaSet, StepStarted
from rooms.events.breakouts import (
    BreakoutsClosed,
    BreakoutsOpened,
    ListeningChanged,
    ParticipantMoved,
    RoomAdded,
    RoomClosed,
    WorkHandedIn,
)
from rooms.events.chat import MessagePosted
from rooms.events.lobby import LobbyEntered, LobbyLeft
from rooms.events.people import ParticipantJoined, ParticipantLeft, ParticipantReturned, RoleChanged
from rooms.ids import PLENARY, MessageId, ParticipantId, RoomId, StepId, WorkId
from rooms.records import (
    BanRecord,
    BreakoutsSetupRecord,
    ConstraintsRecord,
    HelpRecord,
    MeRecord,
    MessageRecord,
    PlanRecord,
    Record,
    RoomBoardRecord,
    RoomWorkRecord,
    RosterEntryRecord,
    RoundRecord,
    WaitingRecord,
    WorkRecord,
)
from tests.property.poll_oracle import PollOracle
from tests.property.question_oracle import QuestionOracle
from tests.property.review_oracle import ReviewOracle

RUNS_IT = ("facilitator", "cofacilitator")


@dataclass
class Oracle:
    role: dict[ParticipantId, str] = field(default_factory=dict)
    room: dict[ParticipantId, RoomId] = field(default_factory=dict)
    listening: dict[ParticipantId, set[RoomId]] = field(default_factory=dict)
    waiting: set[ParticipantId] = field(default_factory=set)
    open_rooms: set[RoomId] = field(default_factory=set)
    polls: PollOracle = field(default_factory=PollOracle)
    questions: QuestionOracle = field(default_factory=QuestionOracle)
    reviews: ReviewOracle = field(default_factory=ReviewOracle)
    posted: dict[MessageId, MessagePosted] = field(default_factory=dict)
    works: dict[WorkId, WorkHandedIn] = field(default_factory=dict)
    sheet: AgendaSet | None = None
    begun: set[StepId] = field(default_factory=set)

    def hear(self, event: Event) -> None:
        self.polls.hear(event)
        self.questions.hear(event)
        self.reviews.hear(event)
        match event:
            case ParticipantJoined():
                self.role[event.participant_id] = event.role
                self._arrive(event.participant_id, event.room_id)
            case ParticipantReturned():
                self._arrive(event.participant_id, event.room_id)
            case ParticipantLeft():
                self.listening.pop(event.participant_id, None)
            case RoleChanged():
                self.role[event.participant_id] = event.role
                if event.role not in RUNS_IT:
                    self.listening.pop(event.participant_id, None)
            case LobbyEntered():
                self.waiting.add(event.participant_id)
            case LobbyLeft():
                self.waiting.discard(event.participant_id)
            case MessagePosted():
                self.posted[event.message_id] = event
            case WorkHandedIn():
                self.works[event.work_id] = event
            case AgendaSet():
                self.sheet = event
            case StepStarted():
                self.begun.add(event.step_id)
            case _:
                self._hear_of_rooms(event)

    def _hear_of_rooms(self, event: Event) -> None:
        match event:
            case BreakoutsOpened():
                for room in event.rooms:
                    self.open_rooms.add(room.room_id)
                    for who in room.participant_ids:
                        self.room[who] = room.room_id
            case RoomAdded():
                self.open_rooms.add(event.room.room_id)
            case ParticipantMoved():
                self.room[event.participant_id] = event.to_room_id
                self._unhear(event.participant_id, event.to_room_id)
            case RoomClosed():
                self.open_rooms.discard(event.room_id)
                for who in tuple(self.listening):
                    self._unhear(who, event.room_id)
            case BreakoutsClosed():
                self.open_rooms.clear()
                self.listening.clear()
                self.room = dict.fromkeys(self.room, PLENARY)
            case ListeningChanged():
                self.listening[event.participant_id] = set(event.room_ids)
            case _:
                pass

    def _unhear(self, who: ParticipantId, room_id: RoomId) -> None:
        self.listening.get(who, set()).discard(room_id)

    def _arrive(self, who: ParticipantId, room_id: RoomId) -> None:
        self.waiting.discard(who)
        self.room[who] = room_id

    def check(self, who: ParticipantId, records: dict[str, Record]) -> None:
        """Every record the viewer has is one it may have."""
        if who in self.waiting:
            assert {record.kind for record in records.values()} <= {"workshop", "waiting", "me"}
            return
        runs_it = self.role[who] in RUNS_IT
        hears = {self.room[who], *self.listening.get(who, ())}
        self.polls.check(who, runs_it=runs_it, hears=hears, records=records)
        self.questions.check(who, runs_it=runs_it, records=records)
        for record in records.values():
            self.reviews.check(who, runs_it, record)
        for record in records.values():
            match record:
                case MeRecord():
                    assert record.participant_id == who
                case AttendanceRecord():
                    assert runs_it or record.participant_id == who
                case WaitingRecord():
                    assert runs_it or record.participant_id == who
                case (
                    BanRecord() | RoomBoardRecord() | PlanRecord() | RoundRecord() | ConstraintsRecord()
                    | RosterEntryRecord() | BreakoutsSetupRecord() | AgendaStepRecord() | AgendaProgressRecord()
                ):  # fmt: skip
                    assert runs_it
                case AgendaRecord():
                    assert self.sheet is not None
                    for entry, step in zip(record.steps, self.sheet.steps, strict=True):
                        assert self.sheet.show == "all" or not entry.title or step.step_id in self.begun
                case RoomWorkRecord() | HelpRecord():
                    assert runs_it or record.room_id in hears
                case WorkRecord():
                    room_id = self.works[record.work_id].room_id
                    assert runs_it or room_id in hears or room_id not in self.open_rooms
                case MessageRecord():
                    said = self.posted[record.message_id]
                    assert {
                        "everyone": True,
                        "room": said.room_id in hears,
                        "facilitators": runs_it or said.author_id == who,
                        "private": who in (said.author_id, said.to_id),
                    }[said.channel]
                case _:
                    pass
