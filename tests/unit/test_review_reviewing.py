"""Peer review: marks, results, ratings, discussions (RV11, RV14 to RV16)."""

from itertools import combinations
from typing import Any

import pytest

from rooms.commands.breakouts import (
    ChangeTimer,
    CloseBreakouts,
    MarkStep,
    MoveParticipants,
    OpenBreakouts,
    ReopenBreakouts,
    SetTask,
)
from rooms.commands.people import Connect, Leave
from rooms.commands.review import CloseReviewRound, GiveReviewTime, NewCriterion, RateReview, SubmitReview, WriteMark
from rooms.events.breakouts import BreakoutsClosed, BreakoutsOpened, RoomTask
from rooms.events.review import PhaseTimes, ReviewSubmitted, Scale
from rooms.grouping import ByScore
from rooms.ids import PLENARY, ConnectionId, CriterionId, ParticipantId, ReviewId, SubmissionId
from rooms.records import BreakoutsSetupRecord, RoomRecord, RoomWorkRecord
from rooms.review.turns import plan_turns
from rooms.review_records import (
    AssignmentRecord,
    DiscussionRecord,
    FeedbackRecord,
    ReviewRecord,
    ReviewResultRecord,
    ReviewRoundRecord,
)
from tests.unit.review_case import RUBRIC, Reviewing, only

MINUTE = 60_000


def reviewing(**fields: Any) -> Reviewing:
    case = Reviewing(4, reviews_each=2, **fields)
    case.to_review()
    return case


def test_RV11_marks_are_kept_as_they_are_written_for_the_reviewer_alone() -> None:
    case = reviewing(times=PhaseTimes(read_ms=None))
    review = case.reviews(by="l0")[0]
    clarity, depth, _ = case.criteria
    write = WriteMark(review_id=review.review_id, criterion_id=depth, comment="Dee")
    case.do("l0", write)
    assert case.do("l0", write) == ()
    case.do("l0", WriteMark(review_id=review.review_id, criterion_id=depth, score=7, comment="Deep"))
    record = next(record for record in case.records("l0", ReviewRecord) if record.review_id == review.review_id)
    assert [(mark.criterion_id, mark.score, mark.comment) for mark in record.marks] == [(depth, 7, "Deep")]
    assert record.missing == (clarity,)
    assigned = next(item for item in case.records("fay", AssignmentRecord) if item.review_id == review.review_id)
    assert (assigned.status, assigned.marks) == ("started", ())
    assert case.rejected("l0", SubmitReview(review_id=review.review_id)).code == "wrong_phase"  # reading still


def test_RV11_a_submitted_review_is_complete_and_final() -> None:
    case = reviewing()
    review = case.reviews(by="l0")[0]
    refusal = case.rejected("l0", SubmitReview(review_id=review.review_id))
    assert (refusal.code, refusal.message) == ("review_incomplete", "The review still needs: “Clarity”, “Depth”.")
    case.mark(review, comment="")
    assert case.rejected("l0", SubmitReview(review_id=review.review_id)).message.endswith("needs: “Depth”.")
    case.finish(review)
    assert case.do("l0", SubmitReview(review_id=review.review_id)) == ()
    change = WriteMark(review_id=review.review_id, criterion_id=case.criteria[0], score=1)
    assert case.rejected("l0", change).code == "review_submitted"


@pytest.mark.parametrize(
    ("criterion", "fields", "code"),
    [
        (0, {"score": 0}, "score_out_of_range"),
        (0, {"score": 6}, "score_out_of_range"),
        (2, {"score": 1}, "no_score_wanted"),
        (3, {"score": 1, "comment": "Words"}, "no_comment_wanted"),
        (0, {"comment": "x" * 4_001}, "comment_too_long"),
        (None, {"score": 1}, "unknown_criterion"),
    ],
)
def test_RV11_marks_that_make_no_sense_are_refused(criterion: int | None, fields: dict[str, Any], code: str) -> None:
    silent = NewCriterion(title="No words", scale=Scale(least=0, most=1), comment="none")
    case = reviewing(criteria=(*RUBRIC, silent))
    criterion_id = CriterionId("c_none") if criterion is None else case.criteria[criterion]
    mark = WriteMark(review_id=case.reviews(by="l0")[0].review_id, criterion_id=criterion_id, **fields)
    refusal = case.rejected("l0", mark)
    assert (refusal.code, refusal.rule) == (code, "RV11")


def test_RV11_complete_reviews_are_submitted_when_the_time_is_over() -> None:
    case = reviewing()
    complete, incomplete = case.reviews(by="l0")
    case.mark(complete)
    case.do("l0", WriteMark(review_id=incomplete.review_id, criterion_id=case.criteria[0], score=3))
    events = [event for event in case.advance() if isinstance(event, ReviewSubmitted)]
    assert [(event.review_id, event.automatic) for event in events] == [(complete.review_id, True)]


def test_RV11_nothing_is_submitted_of_whom_nothing_is_required() -> None:
    case = reviewing(criteria=(NewCriterion(title="Words, if you like"),))
    untouched, touched = case.reviews(by="l0")
    case.do("l0", WriteMark(review_id=touched.review_id, criterion_id=case.criteria[0], comment="Fine"))
    case.advance()
    assert (untouched.submitted, touched.submitted) == (False, True)


# ── results ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_RV15_median_spread_count_overall_and_agreement() -> None:
    case = Reviewing(5, reviews_each=3, self_review=True)
    case.to_review()
    for review, scores in zip(case.reviews(of="l0"), ((2, 0), (5, 10), (4, 5)), strict=True):
        case.finish(review, scores)
    own = next(review for review in case.round.reviews.values() if review.own and review.reviewer_id == "l0")
    case.finish(own, (1, 1))
    assert case.records("l0", ReviewResultRecord) == []
    case.advance()
    result = only(case.records("l0", ReviewResultRecord))
    assert result.reviews == 3
    clarity, depth = result.criteria
    assert (clarity.count, clarity.median, clarity.lowest, clarity.highest, clarity.spread) == (3, 4.0, 2, 5, 1.25)
    assert (depth.count, depth.median, depth.lowest, depth.highest, depth.spread) == (3, 5.0, 0, 10, 4.08)
    # Medians at 75 % of 1…5 and 50 % of 0…10, weights 3 and 1.
    assert result.overall_percent == 68.8
    # Mean distances 2 of 4 and 20/3 of 10: agreement 50 % and 33.3 %, weights 3 and 1.
    assert result.agreement_percent == 45.8
    assert len(case.records("fay", ReviewResultRecord)) == 5


def test_RV4_RV15_a_review_that_comes_later_is_added_to_the_result_for_everybody_who_sees_it() -> None:
    case = reviewing(times=PhaseTimes())
    review = case.reviews(of="l0")[0]
    more = GiveReviewTime(round_id=case.round_id, participant_id=review.reviewer_id, phase="review", extra_ms=MINUTE)
    case.do("fay", more)
    case.advance()
    assert only(case.records("l0", ReviewResultRecord)).reviews == 0
    case.projection.flush()
    case.finish(review)
    changes = case.projection.flush()
    assert changes is not None
    told = {key for batch in changes.batches if batch.audience == "person:l0" for key, _ in batch.put}
    assert told == {f"review_result:{review.submission_id}", f"feedback:{review.review_id}"}
    assert only(case.records("l0", ReviewResultRecord)).reviews == 1


def test_RV15_one_review_has_no_agreement_and_none_has_no_result() -> None:
    case = reviewing()
    case.finish(case.reviews(of="l0")[0])
    case.advance()
    one = only(case.records("l0", ReviewResultRecord))
    none = only(case.records("l1", ReviewResultRecord))
    assert (one.reviews, one.agreement_percent, one.criteria[0].spread) == (1, None, 0.0)
    assert (none.reviews, none.criteria, none.overall_percent) == (0, (), None)


def test_RV16_authors_rate_their_reviews_and_reviewers_see_it_at_the_end() -> None:
    case = reviewing()
    case.finish_all()
    review = case.reviews(of="l0")[0]
    rate = RateReview(review_id=review.review_id, rating=4, comment="Thanks")
    assert case.rejected("l0", rate).code == "unknown_review"  # the author has not got it yet
    case.advance()
    case.do("l0", RateReview(review_id=review.review_id, rating=2))
    case.do("l0", rate)
    assert case.do("l0", rate) == ()
    assert case.rejected("l0", RateReview(review_id=review.review_id, rating=6)).code == "rating_out_of_range"
    feedback = next(item for item in case.records("l0", FeedbackRecord) if item.review_id == review.review_id)
    assert feedback.rating is not None
    assert (feedback.rating.rating, feedback.rating.comment) == (4, "Thanks")
    reviewer = review.reviewer_id

    def seen_by_reviewer() -> object:
        return next(item for item in case.records(reviewer, ReviewRecord) if item.review_id == review.review_id).rating

    assert seen_by_reviewer() is None
    case.advance()
    assert seen_by_reviewer() == feedback.rating
    assert case.rejected("l0", rate).code == "wrong_phase"


def test_RV16_RV18_only_an_author_rates_and_only_the_reviewer_judges() -> None:
    case = reviewing()
    case.finish_all()
    review = case.reviews(of="l0")[0]
    case.advance()
    outsider = next(who for who in case.learners if who not in ("l0", review.reviewer_id))
    for who in (outsider, review.reviewer_id):
        assert case.rejected(who, RateReview(review_id=review.review_id, rating=1)).code == "unknown_review"
    mark = WriteMark(review_id=review.review_id, criterion_id=case.criteria[0], score=1)
    theirs = case.rejected(outsider, mark)
    nobodys = case.rejected(outsider, WriteMark(review_id=ReviewId("v_none"), criterion_id=case.criteria[0], score=1))
    assert (theirs.code, nobodys.code) == ("unknown_review", "unknown_review")


# ── discussions ──────────────────────────────────────────────────────────────────────────────────────────────────────
def discussing(learners: int = 6, **fields: Any) -> Reviewing:
    case = Reviewing(learners, reviews_each=2, times=PhaseTimes(discuss_ms=5 * MINUTE), **fields)
    case.to_review()
    case.finish_all()
    return case


def test_RV14_author_and_reviewers_meet_in_a_room_turn_by_turn() -> None:
    case = discussing()
    case.advance()
    discussed: list[str] = []
    while case.round.phase == "discuss":
        record = only(case.records("l0", ReviewRoundRecord))
        assert record.turn <= record.turns
        assert record.ends_at_ms == case.now_ms + 5 * MINUTE
        running = case.records("fay", DiscussionRecord)
        assert sum(room.room_kind == "breakout" for room in case.records("fay", RoomRecord)) == len(running)
        for discussion in running:
            discussed.append(discussion.submission_id)
            reviews = [r for r in case.reviews() if r.submission_id == discussion.submission_id]
            authors = case.round.submissions[discussion.submission_id].author_ids
            expected = {*authors, *(review.reviewer_id for review in reviews)}
            assert set(discussion.participant_ids) == set(case.state.rooms[discussion.room_id].people) == expected
        everybody = [who for discussion in running for who in discussion.participant_ids]
        assert len(set(everybody)) == len(everybody)
        for who in case.learners:
            assert len(case.records(who, DiscussionRecord)) == everybody.count(ParticipantId(who))
        case.wait(5 * MINUTE)
    assert sorted(discussed) == sorted(case.round.submissions)
    assert case.round.phase == "feedback"
    assert case.state.breakouts is None
    assert case.records("fay", DiscussionRecord) == []


def test_RV14_discussions_that_nobody_could_have_are_passed_over() -> None:
    case = Reviewing(4, reviews_each=1, times=PhaseTimes(discuss_ms=None))
    case.to_review()
    kept = case.reviews(of="l0")[0]
    case.finish(kept)
    gone = next(who for who in case.learners if who not in ("l0", kept.reviewer_id))
    case.finish(case.reviews(of=gone)[0])
    case.do(gone, Leave())
    case.advance()
    assert [discussion.submission_id for discussion in case.round.discussions.values()] == [case.submission_of("l0")]
    case.advance()
    assert case.round.phase == "feedback"


def test_RV2_RV14_without_reviews_there_is_no_discussion() -> None:
    case = Reviewing(4, reviews_each=1, times=PhaseTimes(discuss_ms=None))
    case.to_review()
    case.advance()
    assert case.round.phase == "feedback"
    assert case.state.breakouts is None


def test_RV14_rooms_closed_by_hand_do_not_stop_the_turns() -> None:
    case = discussing(4)
    case.advance()
    case.do("fay", CloseBreakouts())
    case.advance()
    assert case.round.turn == 2
    assert case.state.breakouts is not None


def rooms_of(case: Reviewing) -> dict[str, str]:
    return {who: case.state.participants[ParticipantId(who)].room_id for who in case.learners}


def discuss_to_the_end(case: Reviewing, ms: int = 0) -> list[str]:
    """All turns; why rooms were closed meanwhile."""
    closings = []
    while case.round.phase != "feedback":
        case.wait(ms)
        events = case.advance()
        closings += [event.reason for event in events if isinstance(event, BreakoutsClosed)]
        if case.round.phase == "discuss":
            assert case.state.breakouts is not None
            assert case.state.breakouts.round_id == case.round.breakouts_id
    return closings


def test_RV14_people_go_from_their_rooms_to_the_discussion_and_back() -> None:
    case = discussing(4)
    (opened,) = case.do("fay", OpenBreakouts(count=2, duration_ms=30 * MINUTE, assignment=ByScore(mode="balanced")))
    assert isinstance(opened, BreakoutsOpened)
    case.do("fay", ChangeTimer(room_id=opened.rooms[0].room_id, remaining_ms=20 * MINUTE))
    case.do("fay", MoveParticipants(participant_ids=(ParticipantId("l0"),), room_id=PLENARY))
    case.do("fay", SetTask(task=RoomTask(text="Draw it.")))
    case.do("l1", MarkStep())
    before = rooms_of(case), case.sees("fay")
    assert set(discuss_to_the_end(case)) == {"switched"}
    assert rooms_of(case) == before[0]
    after = case.sees("fay")
    for key, record in before[1].items():
        if isinstance(record, RoomRecord | RoomWorkRecord | BreakoutsSetupRecord):
            assert after[key] == record
    assert case.state.breakouts is not None
    assert (case.state.breakouts.round_id, case.state.breakouts.ends_at_ms) == (opened.round_id, opened.ends_at_ms)
    assert f"round:{opened.round_id}" not in after, "they are open, and not earlier rooms"


def test_RV14_back_to_the_plenary_if_the_time_of_the_rooms_is_over_meanwhile() -> None:
    case = discussing(4)
    case.do("fay", OpenBreakouts(count=2, duration_ms=3 * MINUTE))
    assert discuss_to_the_end(case, MINUTE)[-1] == "recalled"
    assert set(rooms_of(case).values()) == {PLENARY}


def test_RV14_a_room_whose_own_time_is_over_meanwhile_stays_closed() -> None:
    case = discussing(4)
    (opened,) = case.do("fay", OpenBreakouts(count=2))
    assert isinstance(opened, BreakoutsOpened)
    over, lasting = (room.room_id for room in opened.rooms)
    case.do("fay", ChangeTimer(room_id=over, remaining_ms=3 * MINUTE))
    before = rooms_of(case)
    discuss_to_the_end(case, MINUTE)
    assert rooms_of(case) == {who: PLENARY if room == over else lasting for who, room in before.items()}


def test_RV14_who_recalls_everybody_during_a_discussion_ends_the_rooms_before_it_too() -> None:
    case = discussing(4)
    case.do("fay", OpenBreakouts(count=2))
    case.advance()
    case.do("fay", CloseBreakouts())
    discuss_to_the_end(case)
    assert set(rooms_of(case).values()) == {PLENARY}


def test_RV14_closing_the_round_in_a_discussion_brings_people_back_too_and_who_has_left_is_expected() -> None:
    case = discussing(4)
    case.do("fay", OpenBreakouts(count=2))
    before = rooms_of(case)
    case.advance()
    case.do("l0", Leave())
    case.do("fay", CloseReviewRound(round_id=case.round_id))
    assert {**rooms_of(case), "l0": before["l0"]} == before
    case.do("l0", Connect(connection_id=ConnectionId("l0b"), name="L0", role="learner"))
    assert rooms_of(case) == before


def test_RV14_BR15_reopening_gives_the_groups_back_and_not_the_discussions() -> None:
    case = discussing(4)
    (opened,) = case.do("fay", OpenBreakouts(count=2))
    assert isinstance(opened, BreakoutsOpened)
    discuss_to_the_end(case)
    case.do("fay", CloseBreakouts())
    case.do("fay", ReopenBreakouts())
    assert case.state.breakouts is not None
    assert case.state.breakouts.room_ids == [room.room_id for room in opened.rooms]


def test_RV14_rooms_that_a_facilitator_opened_meanwhile_stay_open() -> None:
    case = discussing(4)
    case.advance()
    case.do("fay", OpenBreakouts(count=2, switch=True))
    assert case.state.breakouts is not None
    others = case.state.breakouts.round_id
    case.do("fay", CloseReviewRound(round_id=case.round_id))
    assert case.round.phase == "closed"
    assert case.state.breakouts is not None
    assert case.state.breakouts.round_id == others


def test_RV14_a_breakout_that_ends_at_the_same_moment_is_closed_once() -> None:
    case = Reviewing(4, reviews_each=2, times=PhaseTimes(review_ms=MINUTE, discuss_ms=None))
    case.submit(*case.learners)
    case.advance()
    case.finish_all()
    case.do("fay", OpenBreakouts(count=2, duration_ms=MINUTE))
    case.wait(MINUTE)
    assert case.round.phase == "discuss"
    assert len(case.records("fay", DiscussionRecord)) >= 1


def test_RV14_turns_are_as_few_as_the_busiest_person_needs() -> None:
    """Groups of four who review each other: everybody is in four discussions, so four turns of all groups at once."""
    people_of = {
        SubmissionId(f"s{group}{author}"): frozenset(ParticipantId(f"p{group}{member}") for member in range(4))
        for group in range(10)
        for author in range(4)
    }
    turns = plan_turns(people_of, most_at_once=200)
    assert [len(turn) for turn in turns] == [10, 10, 10, 10]
    assert len(plan_turns(people_of, most_at_once=5)) == 8
    for turn in turns:
        assert all(people_of[one].isdisjoint(people_of[other]) for one, other in combinations(turn, 2))
