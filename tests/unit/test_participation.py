"""What people did of what was offered (AT13), the workshop's summary (AT14) and the questions as exports (AT12)."""

import csv
import io

from rooms.attendance import ParticipationReport
from rooms.commands.attendance import ObjectToAttendance, SumSpeech
from rooms.commands.breakouts import CallForHelp, CloseBreakouts, EnterRoom, HandInWork, MoveParticipants, OpenBreakouts
from rooms.commands.chat import PostMessage
from rooms.commands.people import Disconnect, Leave, LowerHand, RaiseHand
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll
from rooms.commands.questions import AnswerQuestion, AskQuestion, VoteForQuestion
from rooms.commands.rosters import ImportRoster
from rooms.commands.workshop import CloseWorkshop
from rooms.events.attendance import Spoken
from rooms.events.review import PhaseTimes
from rooms.ids import API, PLENARY, SYSTEM, ConnectionId, ParticipantId, RoomId
from server.export import participation, questions, summary
from server.export.tables import csv_text
from tests.unit.review_case import Reviewing
from tests.unit.workshop_case import Workshop


def of(made: Workshop, who: str) -> ParticipationReport:
    (found,) = participation.participation_export(made.state, made.now_ms, ParticipantId(who)).people
    return found


def speak(made: Workshop, **ms: int) -> None:
    spoken = tuple(Spoken(participant_id=ParticipantId(who), ms=each) for who, each in ms.items())
    made.do(SYSTEM, SumSpeech(spoken=spoken))


def room_of(made: Workshop, who: str) -> RoomId:
    return made.state.participants[ParticipantId(who)].room_id


def done(each: object) -> tuple[int, int]:
    return each.done, each.offered  # type: ignore[attr-defined]


def test_AT13_what_somebody_did_is_counted_with_their_name() -> None:
    made = Workshop()
    made.crowd(3)
    made.do("l0", PostMessage(channel="everyone", text="One"))
    made.do("l0", PostMessage(channel="private", to_id=ParticipantId("l1"), text="Two"))
    made.do("l0", RaiseHand())
    made.do("l0", LowerHand(participant_id=ParticipantId("l0")))
    made.do("l0", RaiseHand())
    made.do("l0", AskQuestion(text="With my name", anonymous=False))
    made.do("l0", AskQuestion(text="Without", anonymous=True))
    speak(made, l0=5_000, l1=2_000)
    made.do("fay", OpenBreakouts(count=1))
    made.do("l0", CallForHelp(text="Which?"))
    made.do("l0", HandInWork(title="List", text="One"))
    made.wait(60_000)
    found = of(made, "l0")
    assert (found.messages, found.hands, found.questions, found.help_calls, found.room_works) == (2, 2, 1, 1, 1)
    assert (found.spoken_ms, found.breakout_ms, done(found.breakouts)) == (5_000, 60_000, (1, 1))
    other = of(made, "l1")
    assert (other.messages, other.hands, other.questions, other.spoken_ms) == (0, 0, 0, 2_000)
    assert made.replayed() == made.state


def test_AT13_breakouts_are_offered_to_learners_who_are_here_while_they_are_open() -> None:
    made = Workshop(grace_ms=10_000)
    made.crowd(4)
    made.do("l3", Leave())
    made.do("fay", OpenBreakouts(count=1))
    made.do("fay", EnterRoom(room_id=room_of(made, "l0")))
    made.do("l1", Disconnect(connection_id=ConnectionId("c_l1")))
    made.do("fay", CloseBreakouts())
    made.join("l3")
    made.do("l2", Leave())
    made.do("fay", OpenBreakouts(count=1))
    made.wait(60_000)  # l1 does not come back: was here for the first, and gone when the second opened
    made.join("l2")
    assert room_of(made, "l2") == PLENARY
    assert [done(of(made, f"l{index}").breakouts) for index in range(4)] == [(2, 2), (1, 1), (1, 2), (1, 1)]
    assert done(of(made, "fay").breakouts) == (0, 0)
    made.do("fay", MoveParticipants(participant_ids=(ParticipantId("l2"),), room_id=room_of(made, "l0")))
    assert done(of(made, "l2").breakouts) == (2, 2)


def test_AT13_who_is_drawn_into_a_room_while_lost_takes_part_only_by_coming_back() -> None:
    made = Workshop(grace_ms=10_000)
    made.crowd(2)
    made.do("l0", Disconnect(connection_id=ConnectionId("c_l0")))
    made.do("l1", Disconnect(connection_id=ConnectionId("c_l1")))
    made.do("fay", OpenBreakouts(count=1))
    assert [done(of(made, who).breakouts) for who in ("l0", "l1")] == [(0, 0), (0, 0)]
    made.join("l0", connection="again")
    made.wait(60_000)
    assert [done(of(made, who).breakouts) for who in ("l0", "l1")] == [(1, 1), (0, 0)]


def test_AT13_the_percentage_is_of_what_was_offered_to_oneself() -> None:
    made = Workshop()
    made.crowd(2)
    assert of(made, "l0").percent is None
    for anonymous in (False, False, True):
        made.do("fay", CreatePoll(question="Which?", options=("A", "B"), anonymous=anonymous, open=True))
    for poll in made.state.polls.values():
        made.do("l0", CastBallot(poll_id=poll.poll_id, option_ids=(poll.content.options[0].option_id,)))
    assert (done(of(made, "l0").polls), of(made, "l0").percent) == ((2, 2), 100.0)
    made.do("fay", OpenBreakouts(count=1))
    made.do("l1", CastBallot(poll_id=next(iter(made.state.polls)), option_ids=(
        next(iter(made.state.polls.values())).content.options[0].option_id,)))  # fmt: skip
    assert of(made, "l1").percent == 66.6
    made.do("fay", CloseWorkshop())
    assert done(of(made, "l0").polls) == (2, 2), "fewer than three have answered the anonymous one"


def test_AT13_discussions_of_reviews_are_no_breakouts_to_take_part_in() -> None:
    case = Reviewing(learners=3, reviews_each=1, blind="none", times=PhaseTimes(discuss_ms=60_000))
    case.to_review()
    for review in case.reviews():
        case.finish(review, scores=(5, 10))
    case.advance()
    assert case.state.breakouts is not None
    assert done(of(case, "l0").breakouts) == (0, 0)


def test_AT13_those_of_the_roster_who_never_came_are_listed_and_the_table_is_whole() -> None:
    made = Workshop()
    made.do(API, ImportRoster(text="external_id,name\nl0,Ann\nl9,=Zoe\n"))
    made.crowd(2)
    found = participation.participation_export(made.state, made.now_ms)
    assert [(each.participant_id, each.name) for each in found.people] == [
        ("fay", "Fay"), ("l0", "L0"), ("l1", "L1"), (None, "=Zoe")
    ]  # fmt: skip
    table = list(csv.reader(io.StringIO(csv_text(participation.HEADER, participation.rows(found)))))
    assert {len(row) for row in table} == {len(participation.HEADER)}
    assert table[-1][:2] == ["", "'=Zoe"]


def test_AT14_the_summary_says_what_the_workshop_came_to() -> None:
    made = Workshop()
    made.do(API, ImportRoster(text="external_id,name\nl0,Ann\nl9,Zoe\n"))
    made.crowd(3)
    speak(made, fay=6_000, l0=2_000)
    made.do("l0", PostMessage(channel="everyone", text="One"))
    made.do("l0", AskQuestion(text="Why?", anonymous=True))
    (question,) = made.state.questions
    made.do("fay", AnswerQuestion(question_id=question, text="Because."))
    made.do("fay", CreatePoll(question="Which?", options=("A", "B"), anonymous=False, open=True))
    (poll,) = made.state.polls.values()
    made.do("l0", CastBallot(poll_id=poll.poll_id, option_ids=(poll.content.options[1].option_id,)))
    made.wait(30_000)
    made.do("l2", Leave())
    made.wait(70_000)
    made.do("fay", ClosePoll(poll_id=poll.poll_id))
    made.do("fay", CloseWorkshop())
    made.do("l2", ObjectToAttendance(text="I was on the phone."))
    found = summary.summary_of(made.state, made.now_ms + 50_000)
    totals = found.attendance
    assert (totals.came, totals.learners, totals.never_came, totals.objections_open) == (4, 3, 1, 1)
    assert (totals.present, totals.partial, totals.absent, totals.mean_percent) == (2, 1, 1, 76.7)
    assert [(each.who.name, each.spoken_ms, each.share_percent) for each in found.talk] == [
        ("Fay", 6_000, 75.0), ("L0", 2_000, 25.0)
    ]  # fmt: skip
    assert (found.talk_hosts_percent, found.final, found.session_ms) == (75.0, True, 100_000)
    assert (found.began_at_ms, found.ended_at_ms) == (1_000_000, 1_100_000)
    assert (found.activity.messages, found.activity.questions, found.activity.questions_answered) == (1, 1, 1)
    (result,) = found.polls
    assert result.tally is not None
    assert [each.count for each in result.tally.counts] == [0, 1]
    assert not hasattr(result, "votes")


def test_AT14_the_summary_has_what_reviews_came_to() -> None:
    case = Reviewing(learners=3, reviews_each=2)
    case.to_review()
    for review in case.reviews():
        case.finish(review, scores=(5, 10))
    (before,) = summary.summary_of(case.state, case.now_ms).reviews
    assert all(each.result is None for each in before.submissions), "results are given when reviewing is over"
    case.advance()
    (found,) = summary.summary_of(case.state, case.now_ms).reviews
    assert (found.reviews_assigned, found.reviews_done, len(found.submissions)) == (6, 6, 3)
    assert (found.overall_percent, found.agreement_percent) == (100.0, 100.0)
    assert {person.participant_id for each in found.submissions for person in each.authors} == {"l0", "l1", "l2"}


def test_AT12_QU3_QU5_the_export_of_questions_names_nobody_who_asked_without_a_name_or_voted() -> None:
    made = Workshop()
    made.crowd(3)
    made.do("l0", AskQuestion(text="=Named", anonymous=False))
    made.do("l1", AskQuestion(text="Hidden", anonymous=True))
    named, hidden = made.state.questions
    made.do("l2", VoteForQuestion(question_id=hidden, up=True))
    made.do("fay", AnswerQuestion(question_id=named, text="Yes"))
    found = questions.questions_of(made.state)
    assert [(each.text, each.status, each.votes) for each in found.questions] == [
        ("=Named", "answered", 0), ("Hidden", "open", 1)
    ]  # fmt: skip
    told = found.model_dump_json()
    assert '"l0"' in told
    assert '"l1"' not in told
    assert '"l2"' not in told
    table = list(csv.DictReader(io.StringIO(csv_text(questions.HEADER, questions.rows(found)))))
    assert [(row["question"], row["name"], row["answer"]) for row in table] == [
        ("'=Named", "L0", "Yes"), ("Hidden", "", "")
    ]  # fmt: skip
