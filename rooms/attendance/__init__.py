"""Attendance as a fold: how long people were where, what they did of what was offered, and what that comes to. Rules AT in SPEC.md.

Theory of operation. `folding` follows the events: a person's presence is a chain of stretches, each of which adds up when it ends, so
that no event costs more than the people it is about. Two counters stand for what is the same for everybody: the session's clock
and the number of activities opened; a stretch remembers both from when it began, and the differences are what the person got
of them. `formula` makes a report of it, by limits that are written down and never by what others did; `participation` another one, of what
people did. `objecting` is for people who see it otherwise.
"""

from collections.abc import Iterable

from rooms.attendance import folding, objecting, participation, views
from rooms.attendance.formula import AttendanceReport, report_of, unseen
from rooms.attendance.participation import ParticipationReport, participation_of, participation_of_unseen
from rooms.commands.attendance import CorrectAttendance, ObjectToAttendance, SumSpeech
from rooms.events.attendance import AttendanceCorrected, AttendanceObjected, SpeechSummed
from rooms.events.breakouts import (
    BreakoutsClosed,
    BreakoutsOpened,
    HelpCalled,
    ParticipantMoved,
    WorkHandedIn,
    WorkWithdrawn,
)
from rooms.events.chat import MessagePosted
from rooms.events.people import (
    ConnectionClosed,
    ConnectionOpened,
    HandRaised,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantReturned,
    RoleChanged,
)
from rooms.events.polls import BallotCast, PollOpened
from rooms.events.questions import QuestionAsked
from rooms.events.review import ReviewPhaseStarted, ReviewsAssigned, ReviewSubmitted, ReviewsWithdrawn, WorkSubmitted
from rooms.events.workshop import WorkshopClosed, WorkshopCreated
from rooms.feature import Feature
from rooms.state import WorkshopState

__all__ = [
    "FEATURE",
    "AttendanceReport",
    "ParticipationReport",
    "participation_of",
    "participation_of_unseen",
    "report_of",
    "unseen",
]


def keys(state: WorkshopState) -> Iterable[str]:
    return ("attendance_session", *(views.key_of(who) for who in state.attendance.people))


FEATURE = Feature(
    deciders={
        SumSpeech: objecting.decide_speech,
        ObjectToAttendance: objecting.decide_object,
        CorrectAttendance: objecting.decide_correct,
    },
    evolvers={
        WorkshopCreated: folding.evolve_created,
        ParticipantJoined: folding.evolve_arrived,
        ParticipantReturned: folding.evolve_arrived,
        ParticipantLeft: folding.evolve_left,
        ConnectionOpened: folding.evolve_connected,
        ConnectionClosed: folding.evolve_disconnected,
        RoleChanged: folding.evolve_role,
        ParticipantMoved: folding.evolve_moved,
        BreakoutsOpened: folding.evolve_breakouts_opened,
        BreakoutsClosed: folding.evolve_breakouts_closed,
        PollOpened: folding.evolve_poll_opened,
        BallotCast: folding.evolve_ballot,
        ReviewPhaseStarted: folding.evolve_review_phase,
        WorkSubmitted: folding.evolve_work_submitted,
        ReviewsAssigned: folding.evolve_reviews_assigned,
        ReviewsWithdrawn: folding.evolve_reviews_withdrawn,
        ReviewSubmitted: folding.evolve_review_submitted,
        WorkHandedIn: folding.evolve_room_work,
        WorkWithdrawn: folding.evolve_room_work_withdrawn,
        SpeechSummed: folding.evolve_speech,
        AttendanceObjected: folding.evolve_objected,
        AttendanceCorrected: folding.evolve_corrected,
        MessagePosted: participation.evolve_message,
        HandRaised: participation.evolve_hand,
        QuestionAsked: participation.evolve_question,
        HelpCalled: participation.evolve_help,
        WorkshopClosed: folding.evolve_closed,
    },
    touched={
        **dict.fromkeys(
            (
                WorkshopCreated,
                ParticipantJoined,
                ParticipantReturned,
                ParticipantLeft,
                ConnectionOpened,
                ConnectionClosed,
                RoleChanged,
                PollOpened,
                ReviewPhaseStarted,
            ),
            views.touch_session_and_changed,
        ),
        **dict.fromkeys(
            (
                ParticipantMoved,
                BreakoutsOpened,
                BreakoutsClosed,
                BallotCast,
                WorkSubmitted,
                ReviewsAssigned,
                ReviewsWithdrawn,
                ReviewSubmitted,
                WorkHandedIn,
                WorkWithdrawn,
                SpeechSummed,
                AttendanceObjected,
                AttendanceCorrected,
                WorkshopClosed,
            ),
            views.touch_changed,
        ),
    },
    renderers={"attendance_session": views.render_session, "attendance": views.render_person},
    keys=keys,
)
