"""Peer review: who reviews what, late work, people who leave (RV7 to RV10, RV17)."""

from collections import Counter

from rooms.commands.breakouts import CloseBreakouts, MoveParticipants, OpenBreakouts
from rooms.commands.people import Leave
from rooms.commands.review import (
    AssignReview,
    DraftWork,
    GiveReviewTime,
    ReallocateReviews,
    SubmitReview,
    WithdrawReview,
    WriteMark,
)
from rooms.events.review import PhaseTimes, ReviewsAssigned, ReviewsWithdrawn
from rooms.ids import ParticipantId, ReviewId, SubmissionId
from rooms.review_records import AssignmentRecord, ReviewedWorkRecord, ReviewProgressRecord, ReviewRecord
from tests.unit.review_case import Reviewing, only

MINUTE = 60_000


def assign(case: Reviewing, author: str, reviewer: str) -> AssignReview:
    return AssignReview(submission_id=case.submission_of(author), reviewer_id=ParticipantId(reviewer))


def test_RV7_reviews_are_given_out_evenly_when_submitting_is_over() -> None:
    case = Reviewing(6, reviews_each=3)
    case.to_review()
    assert Counter(review.reviewer_id for review in case.reviews()) == Counter(dict.fromkeys(case.learners, 3))
    assert Counter(review.submission_id for review in case.reviews()) == Counter(
        dict.fromkeys(case.round.submissions, 3)
    )
    assert all(case.submission_of(review.reviewer_id) != review.submission_id for review in case.reviews())
    progress = only(case.records("fay", ReviewProgressRecord))
    assert (progress.submissions, progress.assigned, progress.done) == (6, 18, 0)
    assert [reason.code for reason in progress.explanation] == ["reviews_complete", "loads_even"]
    assert len(case.records("fay", AssignmentRecord)) == 18
    assert len(case.records("l0", ReviewRecord)) == len(case.records("l0", ReviewedWorkRecord)) == 3


def test_RV7_only_learners_who_are_here_review_also_without_having_submitted() -> None:
    case = Reviewing(6, reviews_each=2)
    case.join("obi", "observer")
    case.submit("l0", "l1", "l2")
    case.do("l1", Leave())
    case.advance()
    assert {review.reviewer_id for review in case.reviews()} <= {"l0", "l2", "l3", "l4", "l5"}
    assert len(case.reviews(of="l1")) == 2
    assert Counter(review.reviewer_id for review in case.reviews()).most_common(1)[0][1] == 2


def test_RV7_the_facilitator_is_told_why_reviews_lack() -> None:
    case = Reviewing(2, reviews_each=3)
    case.to_review()
    explanation = only(case.records("fay", ReviewProgressRecord)).explanation
    assert [reason.code for reason in explanation] == [
        "reviews_lacking", "submission_lacking", "submission_lacking", "loads_even",
    ]  # fmt: skip
    assert explanation[0].params == {"submissions": 2, "of": 2, "reviews": 4}


def test_RV7_groups_are_the_last_breakout_rooms() -> None:
    for rule in ("other", "same"):
        case = Reviewing(8, reviews_each=2, group_rule=rule)
        case.do("fay", OpenBreakouts(count=2))
        first, second = (room for room in case.state.rooms.values() if room.kind == "breakout")
        moved = next(iter(first.people))
        other = next(iter(second.people))
        case.do("fay", MoveParticipants(participant_ids=(moved,), room_id=second.room_id))
        case.do("fay", MoveParticipants(participant_ids=(other,), room_id=first.room_id))
        group_of = {who: room.room_id for room in (first, second) for who in room.people}
        case.do("fay", CloseBreakouts())
        case.to_review()
        author_of = {submission: who for who, submission in case.round.submission_of.items()}
        same = {group_of[review.reviewer_id] == group_of[author_of[review.submission_id]] for review in case.reviews()}
        assert same == {rule == "same"}
        assert len(case.reviews()) == 16


def test_RV8_late_work_is_given_reviewers_and_the_others_keep_theirs() -> None:
    case = Reviewing(6, reviews_each=2)
    case.submit("l0", "l1", "l2", "l3", "l4")
    case.do(
        "fay",
        GiveReviewTime(round_id=case.round_id, participant_id=ParticipantId("l5"), phase="submit", extra_ms=MINUTE),
    )
    case.advance()
    before = dict(case.round.reviews)
    case.submit("l5")
    assert {review_id: case.round.reviews[review_id] for review_id in before} == before
    assert len(case.reviews(of="l5")) == 2
    assert {review.submission_id for review_id, review in case.round.reviews.items() if review_id not in before} == {
        case.submission_of("l5")
    }
    loads = Counter(review.reviewer_id for review in case.reviews())
    assert max(loads.values()) - min(loads.values()) <= 1
    assert case.rejected("l5", DraftWork(round_id=case.round_id, text="Once more")).code == "work_locked"


def test_RV9_assignments_by_hand_are_completed_around() -> None:
    case = Reviewing(6, reviews_each=2)
    case.submit(*case.learners)
    for author in ("l1", "l2"):
        case.do("fay", assign(case, author, "l0"))
    assert case.do("fay", assign(case, "l1", "l0")) == ()
    assert case.records("l0", ReviewRecord) == []  # not before it can be read
    case.advance()
    assert Counter(review.reviewer_id for review in case.reviews()) == Counter(dict.fromkeys(case.learners, 2))
    by_hand = [review for review in case.reviews() if review.by_hand]
    assert {(review.reviewer_id, review.submission_id) for review in by_hand} == {
        ("l0", case.submission_of("l1")),
        ("l0", case.submission_of("l2")),
    }
    case.do("fay", assign(case, "l3", "l0"))
    assert len(case.reviews(of="l3")) == 3


def test_RV9_what_cannot_be_assigned() -> None:
    case = Reviewing(3, reviews_each=1)
    case.join("obi", "observer")
    case.draft("l0", coauthor_ids=(ParticipantId("l1"),))
    case.advance()
    assert case.rejected("fay", assign(case, "l0", "l1")).code == "own_submission"
    assert case.rejected("fay", assign(case, "l0", "obi")).code == "reviewer_role"
    case.do("l2", Leave())
    assert case.rejected("fay", assign(case, "l0", "l2")).code == "not_present"
    nowhere = AssignReview(submission_id=SubmissionId("s_none"), reviewer_id=ParticipantId("l1"))
    assert case.rejected("fay", nowhere).code == "unknown_submission"
    case.advance()
    assert case.rejected("fay", assign(case, "l0", "l2")).code == "wrong_phase"


def test_RV9_an_unfinished_review_can_be_withdrawn() -> None:
    case = Reviewing(4, reviews_each=2)
    case.to_review()
    done, open_review = case.reviews(by="l0")
    case.finish(done)
    assert case.rejected("fay", WithdrawReview(review_id=done.review_id)).code == "review_submitted"
    case.do("fay", WithdrawReview(review_id=open_review.review_id))
    assert [record.review_id for record in case.records("l0", ReviewRecord)] == [done.review_id]
    assert [record.submission_id for record in case.records("l0", ReviewedWorkRecord)] == [done.submission_id]
    assert case.rejected("fay", WithdrawReview(review_id=ReviewId("v_none"))).code == "unknown_review"
    assert case.rejected("l0", SubmitReview(review_id=open_review.review_id)).code == "unknown_review"


def test_RV9_who_becomes_an_author_loses_the_review_assigned_by_hand() -> None:
    case = Reviewing(3, reviews_each=1)
    case.submit("l0")
    case.do("fay", assign(case, "l0", "l1"))
    case.draft("l0", "Ours", coauthor_ids=(ParticipantId("l1"),))
    events = case.advance()
    assert any(isinstance(event, ReviewsWithdrawn) for event in events)
    assert [review.reviewer_id for review in case.reviews(of="l0")] == ["l2"]


def test_RV10_unfinished_reviews_of_who_left_move_when_reviewing_begins_and_submitted_ones_never() -> None:
    """The bug elsewhere: dropouts left work unreviewed."""
    case = Reviewing(6, reviews_each=3, times=PhaseTimes(read_ms=None))
    case.to_review()
    assert case.round.phase == "read"
    case.mark(case.reviews(by="l0")[0])
    case.do("l0", Leave())
    lost = {review.submission_id for review in case.reviews(by="l0")}
    events = case.advance()
    assert case.reviews(by="l0") == []
    assigned = next(event for event in events if isinstance(event, ReviewsAssigned))
    assert {each.submission_id for each in assigned.reviews} == lost
    assert assigned.explanation[0].code == "reassigned"
    assert all(len(case.reviews(of=author)) == 3 for author in case.learners)
    done = case.reviews(by="l1")[0]
    case.finish(done)
    case.do("l1", Leave())
    case.do("fay", ReallocateReviews(round_id=case.round_id))
    assert case.reviews(by="l1") == [done]
    assert all(len(case.reviews(of=author)) == 3 for author in case.learners)
    (again,) = case.do("fay", ReallocateReviews(round_id=case.round_id))
    assert isinstance(again, ReviewsAssigned)
    assert again.reviews == ()  # only the explanation is new
    assert case.do("fay", ReallocateReviews(round_id=case.round_id)) == ()


def test_RV10_what_was_written_by_who_left_is_not_shown_to_who_takes_over() -> None:
    case = Reviewing(4, reviews_each=2)
    case.to_review()
    review = case.reviews(by="l0")[0]
    case.do("l0", WriteMark(review_id=review.review_id, criterion_id=case.criteria[1], comment="Between us"))
    case.do("l0", Leave())
    case.do("fay", ReallocateReviews(round_id=case.round_id))
    assert all(not other.marks for other in case.reviews())


def test_RV10_a_newcomer_completes_what_lacked() -> None:
    case = Reviewing(3, reviews_each=3, times=PhaseTimes(read_ms=None))
    case.to_review()
    assert all(len(case.reviews(of=author)) == 2 for author in case.learners)
    case.join("late")
    case.advance()
    assert len(case.reviews(by="late")) == 3
    assert all(len(case.reviews(of=author)) == 3 for author in case.learners)


def test_RV17_authors_review_themselves_besides() -> None:
    case = Reviewing(4, reviews_each=2, self_review=True)
    case.submit("l0", "l1")
    case.draft("l2", coauthor_ids=(ParticipantId("l3"),))
    case.advance()
    own = [review for review in case.round.reviews.values() if review.own]
    assert {review.reviewer_id for review in own} == set(case.learners)
    assert all(case.submission_of(review.reviewer_id) == review.submission_id for review in own)
    assert all(len(case.reviews(of=author)) == 2 for author in ("l0", "l1", "l2"))
    progress = only(case.records("fay", ReviewProgressRecord))
    assert progress.assigned == 6
    case.finish(own[0])
    assert only(case.records("fay", ReviewProgressRecord)).done == 0
    assert case.rejected("fay", WithdrawReview(review_id=own[1].review_id)).code == "review_submitted"
