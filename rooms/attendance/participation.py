"""Participation (AT13): what somebody did of what was offered to them, and how often they took part with their name.

Like the attendance it is made of one person's own sums; nobody's figures depend on anybody else's. What is anonymous (questions asked without
a name, votes for questions) is counted for nobody, and anonymous polls when the attendance counts them (AT5).
"""

from rooms.attendance.folding import offered_to
from rooms.attendance.formula import AttendanceReport, done_of, report_of, unseen
from rooms.attendance_records import Done
from rooms.attendance_state import Contributions
from rooms.events import Recorded
from rooms.events.breakouts import HelpCalled
from rooms.events.chat import MessagePosted
from rooms.events.people import HandRaised
from rooms.events.questions import QuestionAsked
from rooms.ids import ParticipantId
from rooms.messages import message
from rooms.roles import Role
from rooms.state import WorkshopState


@message
class ParticipationReport:
    """One person's participation at a moment. Durations are milliseconds, everything else counts.

    `participant_id` is null for somebody of the roster who never came. `percent`: done of all that was offered; null if nothing was.
    """

    participant_id: ParticipantId | None
    name: str
    external_id: str
    email: str
    role: Role
    percent: float | None
    polls: Done
    reviews: Done
    works: Done
    breakouts: Done
    """Rounds of breakout rooms taken part in, of those that were open while they were here."""
    breakout_ms: int
    spoken_ms: int
    messages: int
    hands: int
    questions: int
    """Asked with their name."""
    help_calls: int
    room_works: int
    """Works handed in from breakout rooms."""


def participation_of(state: WorkshopState, who: ParticipantId, now_ms: int) -> ParticipationReport | None:
    """The report of somebody who was ever here. `now_ms`: the time until which who is here counts as present."""
    report = report_of(state, who, now_ms)
    if report is None:
        return None
    kept, person = state.attendance, state.attendance.people[who]
    breakouts = done_of(person, offered_to(kept, person), kept.breakouts)
    return _reported(report, breakouts, person.contributions)


def participation_of_unseen(state: WorkshopState, now_ms: int) -> list[ParticipationReport]:
    """Those of the roster who never came."""
    return [_reported(each, Done(done=0, offered=0), Contributions()) for each in unseen(state, now_ms)]


def _reported(report: AttendanceReport, breakouts: Done, often: Contributions) -> ParticipationReport:
    kinds = (report.polls, report.reviews, report.works, breakouts)
    done, offered = sum(each.done for each in kinds), sum(each.offered for each in kinds)
    return ParticipationReport(
        participant_id=report.participant_id,
        name=report.name,
        external_id=report.external_id,
        email=report.email,
        role=report.role,
        percent=1000 * done // offered / 10 if offered else None,
        polls=report.polls,
        reviews=report.reviews,
        works=report.works,
        breakouts=breakouts,
        breakout_ms=report.breakout_ms,
        spoken_ms=report.spoken_ms,
        messages=often.messages,
        hands=often.hands,
        questions=often.questions,
        help_calls=often.help_calls,
        room_works=report.room_works,
    )


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_message(state: WorkshopState, event: MessagePosted, _recorded: Recorded) -> None:
    if event.author_id in state.attendance.people:  # else a programme has written it
        state.attendance.people[event.author_id].contributions.messages += 1


def evolve_hand(state: WorkshopState, event: HandRaised, _recorded: Recorded) -> None:
    state.attendance.people[event.participant_id].contributions.hands += 1


def evolve_question(state: WorkshopState, event: QuestionAsked, _recorded: Recorded) -> None:
    if not event.anonymous:
        state.attendance.people[event.participant_id].contributions.questions += 1


def evolve_help(state: WorkshopState, event: HelpCalled, _recorded: Recorded) -> None:
    state.attendance.people[event.participant_id].contributions.help_calls += 1
