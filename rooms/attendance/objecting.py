"""What people say about attendance (AT7, AT9, AT10), and what the media plane says about speech (AT4)."""

from rooms import limits
from rooms.commands import Stamp
from rooms.commands.attendance import CorrectAttendance, ObjectToAttendance, SumSpeech
from rooms.errors import Rejected
from rooms.events import Event
from rooms.events.attendance import AttendanceCorrected, AttendanceObjected, AttendanceRule, SpeechSummed, Spoken
from rooms.people import known
from rooms.state import WorkshopState
from rooms.text import cleaned


def checked_rule(rule: AttendanceRule) -> AttendanceRule:
    """The rule, or `Rejected` (AT7)."""
    percents = (rule.present_percent, rule.partial_percent, rule.activities_percent)
    if not all(0 <= percent <= 100 for percent in percents) or rule.partial_percent > rule.present_percent:
        message = "The attendance rule needs percentages from 0 to 100, and no more for partial than for present."
        raise Rejected("attendance_rule", message, rule="AT7")
    lengths = (rule.spoken_ms, 0 if rule.expected_ms is None else rule.expected_ms)
    if not all(0 <= ms <= limits.MAX_SESSION_MS for ms in lengths) or rule.expected_ms == 0:
        message = f"The attendance rule's lengths are at most {limits.MAX_SESSION_MS} ms, the expected one above 0."
        raise Rejected("attendance_rule", message, rule="AT7")
    return rule


def decide_speech(state: WorkshopState, command: SumSpeech, _stamp: Stamp) -> tuple[Event, ...]:
    spoken = tuple(
        Spoken(participant_id=each.participant_id, ms=each.ms)
        for each in command.spoken[: limits.MAX_SPEAKERS_SUMMED]
        if each.participant_id in state.participants and each.ms > 0
    )
    return (SpeechSummed(spoken=spoken),) if spoken else ()


def decide_object(state: WorkshopState, command: ObjectToAttendance, stamp: Stamp) -> tuple[Event, ...]:
    text = cleaned(command.text, "objection", limits.MAX_OBJECTION_CHARS, rule="AT9")
    if state.attendance.people[stamp.actor].objections >= limits.MAX_OBJECTIONS:
        message = f"You have objected {limits.MAX_OBJECTIONS} times, which is the most; talk to a facilitator."
        raise Rejected("too_many_objections", message, rule="AT9")
    return (AttendanceObjected(participant_id=stamp.actor, text=text),)


def decide_correct(state: WorkshopState, command: CorrectAttendance, _stamp: Stamp) -> tuple[Event, ...]:
    known(state, command.participant_id)
    text = cleaned(command.text, "answer", limits.MAX_OBJECTION_CHARS, rule="AT10", may_be_empty=True)
    if command.session_ms is not None and not 0 <= command.session_ms <= limits.MAX_SESSION_MS:
        message = f"{command.session_ms} ms were given; 0 to {limits.MAX_SESSION_MS} are possible."
        raise Rejected("session_ms_out_of_range", message, rule="AT10")
    corrected = AttendanceCorrected(
        participant_id=command.participant_id,
        session_ms=command.session_ms,
        verdict=command.verdict,
        text=text,
    )
    return (corrected,)
