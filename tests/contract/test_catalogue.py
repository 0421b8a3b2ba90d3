"""Every event that is promised to programmes is published, from what it should come from, with the data common to all.

One workshop in which everything happens; `LISTED` names each promised event, the published type it is, and what in the journal it comes from.
"""

import json
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator

import pytest

from rooms.commands.attendance import CorrectAttendance, ObjectToAttendance, SumSpeech
from rooms.commands.breakouts import CallForHelp, CloseBreakouts, HandInWork, MoveParticipants, OpenBreakouts, TakeHelp
from rooms.commands.chat import PostMessage
from rooms.commands.lobby import Admit, Deny, SetLobby
from rooms.commands.people import ChangeRole, Disconnect, Leave, LowerHand, RaiseHand, Rename, SetMedia
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll
from rooms.commands.privacy import ErasePersonalData
from rooms.commands.questions import AnswerQuestion, AskQuestion, DismissQuestion, WithdrawQuestion
from rooms.commands.review import CloseReviewRound, RateReview, ReallocateReviews
from rooms.commands.workshop import CloseWorkshop, CreateWorkshop
from rooms.events import Recorded
from rooms.events.attendance import Spoken
from rooms.ids import API, PLENARY, SYSTEM, ConnectionId, ParticipantId, WorkshopId
from server.publish.catalogue import CATALOGUE, event_type
from server.publish.cloudevents import CloudEvent
from server.publish.narrative import Narrative, Options
from tests.unit.review_case import Reviewing
from tests.unit.workshop_case import Workshop

OPTIONS = Options(home_page="https://learn.example", names=True)
PROGRAMME = "Writing 101"
LISTED: dict[str, tuple[str, set[str]]] = {
    "workshop opened": ("workshop.opened", {"WorkshopCreated"}),
    "workshop closed": ("workshop.closed", {"WorkshopClosed"}),
    "participant joined": ("participant.joined", {"ParticipantJoined", "ParticipantReturned"}),
    "participant left (reason, duration)": ("participant.left", {"ParticipantLeft"}),
    "participant admitted": ("participant.admitted", {"ParticipantJoined"}),
    "participant denied": ("participant.denied", {"LobbyLeft"}),
    "participant role changed": ("participant.role_changed", {"RoleChanged"}),
    "participant presence": ("participant.presence", {"ConnectionClosed", "ConnectionOpened"}),
    "media started (mic, camera, screen)": ("media.started", {"MediaChanged"}),
    "media stopped": ("media.stopped", {"MediaChanged", "ParticipantLeft"}),
    "spoke (seconds, per interval)": ("participant.spoke", {"SpeechSummed"}),
    "hand raised": ("hand.raised", {"HandRaised"}),
    "hand lowered": ("hand.lowered", {"HandLowered"}),
    "chat posted": ("chat.posted", {"MessagePosted"}),
    "question asked": ("question.asked", {"QuestionAsked", "QuestionAnswered"}),
    "question answered": ("question.answered", {"QuestionAnswered"}),
    "breakout opened": ("breakout.opened", {"BreakoutsOpened"}),
    "breakout closed": ("breakout.closed", {"BreakoutsClosed"}),
    "breakout entered (how assigned)": ("breakout.entered", {"BreakoutsOpened", "ParticipantMoved"}),
    "breakout left": ("breakout.left", {"BreakoutsClosed", "ParticipantMoved"}),
    "help asked": ("help.asked", {"HelpCalled"}),
    "help answered": ("help.answered", {"HelpTaken"}),
    "poll opened": ("poll.opened", {"PollOpened"}),
    "poll answered": ("poll.answered", {"BallotCast", "PollClosed"}),
    "poll closed": ("poll.closed", {"PollClosed"}),
    "review round opened": ("review_round.opened", {"ReviewPhaseStarted"}),
    "review round phase": ("review_round.phase_started", {"ReviewPhaseStarted"}),
    "review round closed": ("review_round.closed", {"ReviewPhaseStarted"}),
    "submission shared": ("submission.shared", {"WorkSubmitted"}),
    "review assigned, reassigned": ("review.assigned", {"ReviewsAssigned"}),
    "review submitted": ("review.submitted", {"ReviewSubmitted"}),
    "review rated": ("review.rated", {"ReviewRated"}),
    "artefact saved": ("artefact.saved", {"WorkHandedIn"}),
    "attendance finalised": ("attendance.finalised", {"WorkshopClosed"}),
    "attendance objected": ("attendance.objected", {"AttendanceObjected"}),
    "attendance correction (supersedes)": ("attendance.corrected", {"AttendanceCorrected"}),
}
BEYOND: dict[str, set[str]] = {
    "personal_data.erased": {"PersonalDataErased"},
    "participant.waiting": {"LobbyEntered"},
    "participant.renamed": {"ParticipantRenamed"},
    "help.ended": {"BreakoutsClosed"},
    "question.dismissed": {"QuestionDismissed"},
    "question.withdrawn": {"QuestionWithdrawn"},
    "submission.result": {"ReviewPhaseStarted"},
    "review.withdrawn": {"ReviewsWithdrawn"},
    "review.matched": {"ReviewNamesRevealed"},
}
"""Published although nobody asked for it: receivers need them to follow the others."""
SUMS = (
    "joined_at_ms", "left_at_ms", "present_ms", "percent", "connections", "breakout_ms", "spoken_ms", "polls", "reviews", "rule"
)  # fmt: skip


def people(made: Workshop) -> None:
    made.do("fay", SetLobby(on=True))
    for who in ("w0", "w1"):
        made.join(who)
    made.do("fay", Admit(participant_ids=(ParticipantId("w0"),)))
    made.do("fay", Deny(participant_ids=(ParticipantId("w1"),)))
    made.do("fay", SetLobby(on=False))
    made.do("l1", Rename(name="Bob"))
    made.do("fay", ChangeRole(participant_id=ParticipantId("l1"), role="cofacilitator"))
    made.do("fay", ChangeRole(participant_id=ParticipantId("l1"), role="learner"))
    made.do("l1", Disconnect(connection_id=ConnectionId("c_l1")))
    made.join("l1", connection="again")
    made.do("l0", SetMedia(mic=True, camera=True, screen=True))
    made.do("l0", SetMedia(mic=False, camera=True, screen=False))
    made.do("l0", RaiseHand())
    made.do("l0", LowerHand())
    made.do(SYSTEM, SumSpeech(spoken=(Spoken(participant_id=ParticipantId("l0"), ms=4_000),)))
    made.do("l0", PostMessage(channel="everyone", text="Hello"))
    made.do("w0", SetMedia(mic=True, camera=False, screen=False))
    made.do("w0", Leave())
    made.join("w0")


def rooms(made: Workshop) -> None:
    made.do("fay", OpenBreakouts(count=2))
    room = made.state.participants[ParticipantId("l0")].room_id
    made.do("l0", CallForHelp(text="Help"))
    made.do("fay", TakeHelp(room_id=room))
    made.do("l0", HandInWork(title="List", text="One"))
    for target in (PLENARY, room):
        made.do("fay", MoveParticipants(participant_ids=(ParticipantId("l1"),), room_id=target))
    made.wait(20_000)
    made.do("fay", CloseBreakouts())


def polls(made: Workshop) -> None:
    for anonymous in (False, True):
        made.do("fay", CreatePoll(question="Which?", options=("A", "B"), anonymous=anonymous, open=True))
        poll = list(made.state.polls.values())[-1]
        for who in ("l0", "l1", "l2"):
            made.do(who, CastBallot(poll_id=poll.poll_id, option_ids=(poll.content.options[0].option_id,)))
        made.do("fay", ClosePoll(poll_id=poll.poll_id))
    for text, anonymous in (("Named?", False), ("Hidden?", True), ("Dismissed?", False), ("Withdrawn?", False)):
        made.do("l0", AskQuestion(text=text, anonymous=anonymous))
    named, hidden, dismissed, withdrawn = made.state.questions
    made.do("l0", WithdrawQuestion(question_id=withdrawn))
    for question_id in (named, hidden):
        made.do("fay", AnswerQuestion(question_id=question_id, text="So."))
    made.do("fay", DismissQuestion(question_id=dismissed))


def reviews(made: Reviewing) -> None:
    made.to_review()
    gone = next(iter(made.reviews())).reviewer_id
    made.do(gone, Leave())
    made.do("fay", ReallocateReviews(round_id=made.round_id))
    made.join(gone)
    made.finish_all()
    made.advance()
    for review in made.reviews():
        author = made.round.submissions[review.submission_id].author_id
        made.do(author, RateReview(review_id=review.review_id, rating=4))
    made.do("fay", CloseReviewRound(round_id=made.round_id))


def played() -> list[Recorded]:
    made = Reviewing(4, reviews_each=1, blind="double", reveal="closed", programme=PROGRAMME)
    for happens in (people, rooms, polls):
        happens(made)
    reviews(made)
    made.do("fay", CloseWorkshop())
    made.do("l0", ObjectToAttendance(text="I was there."))
    made.do("fay", CorrectAttendance(participant_id=ParticipantId("l0"), verdict="present", text="You were."))
    made.do(API, ErasePersonalData(participant_id=ParticipantId("l2")))
    return made.log


LOG = played()


def told() -> Iterator[tuple[Recorded, int, CloudEvent]]:
    """(the journal's event, the how-manieth of it, what is published)."""
    narrative = Narrative(OPTIONS)
    for recorded in LOG:
        for index, event in enumerate(json.loads(json.dumps(narrative.tell(recorded)))):
            yield recorded, index, event


EVENTS = list(told())
COMES_FROM: defaultdict[str, set[str]] = defaultdict(set)
for recorded_, _, event_ in EVENTS:
    COMES_FROM[event_["type"].removeprefix("org.atelier.").removesuffix(".v1")].add(recorded_.event.type)


@pytest.mark.parametrize("promised", LISTED)
def test_what_is_promised_is_published_and_comes_from_what_happened(promised: str) -> None:
    name, sources = LISTED[promised]
    assert COMES_FROM[name] == sources


def test_the_catalogue_has_what_is_listed_and_nothing_unheard_of() -> None:
    listed = {name for name, _ in LISTED.values()}
    assert {each.NAME for each in CATALOGUE} == listed | BEYOND.keys()
    assert {name: COMES_FROM[name] for name in BEYOND} == BEYOND


def test_the_envelope_and_the_data_common_to_all() -> None:
    namespace = uuid.uuid5(uuid.NAMESPACE_URL, "/workshops/w_1")
    known = {event_type(each) for each in CATALOGUE}
    for number, (recorded, index, event) in enumerate(EVENTS, 1):
        place = str(recorded.seq) if index == 0 else f"{recorded.seq}.{index}"
        assert event["id"] == str(uuid.uuid5(namespace, place))
        assert (event["specversion"], event["source"], event["partitionkey"]) == ("1.0", "/workshops/w_1", "w_1")
        assert int(event["sequence"]) == number, "contiguous"
        assert event["type"] in known
        assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", event["traceparent"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["time"])
        assert event["subject"]
        assert event["dataschema"].startswith("urn:org-atelier:")
        data = event["data"]
        assert (data["workshop_id"], data["programme"], data["command_id"]) == ("w_1", PROGRAMME, recorded.command_id)
        assert set(data["actor"]) == {"homePage", "name", "role"}
        assert data["actor"]["homePage"] == "https://learn.example"
        assert (data["registration"] is None) == (data["participant"] is None)
        in_a_room = data["room_id"] not in (None, PLENARY)
        assert data["parent_room_id"] == (PLENARY if in_a_room else None)


def test_what_single_events_must_say() -> None:
    of: defaultdict[str, list[CloudEvent]] = defaultdict(list)
    for _, _, event in EVENTS:
        of[event["type"].removeprefix("org.atelier.").removesuffix(".v1")].append(event)
    assert {(each["data"]["reason"], type(each["data"]["duration_ms"])) for each in of["participant.left"]} >= {
        ("left", int), ("closed", int)
    }  # fmt: skip
    assert {each["data"]["media"] for each in of["media.started"]} == {"mic", "camera", "screen"}
    assert {each["data"]["how"] for each in of["breakout.entered"]} == {"assigned", "moved"}
    assert {each["data"]["reassigned"] for each in of["review.assigned"]} == {True, False}
    assert [each["data"]["duration_ms"] for each in of["participant.spoke"]] == [4_000]
    assert all(set(SUMS) <= set(each["data"]) for each in of["attendance.finalised"])
    (corrected,) = of["attendance.corrected"]
    first = next(each for each in of["attendance.finalised"] if each["subject"] == corrected["subject"])
    assert corrected["data"]["supersedes"] == first["id"]
    assert [each["data"]["text"] for each in of["chat.posted"]] == [None], "the length, not the text"
    registrations = {(each["subject"], each["data"]["registration"]) for each in of["participant.joined"]}
    assert len(registrations) == len({subject for subject, _ in registrations}), (
        "the same person, the same registration"
    )


def test_a_workshop_that_is_part_of_nothing_says_so() -> None:
    made = Workshop(created=False)
    made.do(API, CreateWorkshop(workshop_id=WorkshopId("w_1"), title="Alone"))
    (event,) = Narrative(OPTIONS).tell(made.log[0])
    assert event["data"]["programme"] is None
