"""Peer review: a timed live round of writing, reviewing each other's work, discussing it and rating the reviews.

Theory of operation. A round goes through `submit → read → review → discuss → feedback → closed`, by hand or by its timers; at each
boundary something is settled in one decision (work is taken in and given out, reviews move on from who left, names are revealed,
rooms open). Files: `rounds` (settings and rubric), `phases` (the boundaries), `work`, `assigning`, `reviewing`, `discussing` with
`turns` (what people do in each), `folding` (events into `rooms.review_state`), `views` and `results` (what is seen).

Three invariants:
- A submitted review stays with its reviewer, as it is, for good.
- Before the reveal no record that goes to a learner connects a person with a submission or a review that is not their own, and none
  changes at a time that would (authors get all their reviews at once, when the time for reviewing is over).
- Every draw is made from the stamp's entropy when an event is decided, and stands in the event.

SPEC.md, RV1 to RV18.
"""

from rooms.commands.review import (
    AdvanceReviewRound,
    AssignReview,
    CloseReviewRound,
    CreateReviewRound,
    DraftWork,
    ExtendReviewPhase,
    GiveReviewTime,
    RateReview,
    ReallocateReviews,
    StartReviewRound,
    SubmitReview,
    SubmitWork,
    WithdrawReview,
    WriteMark,
)
from rooms.events.breakouts import BreakoutsOpened, ParticipantMoved
from rooms.events.review import (
    DiscussionsPlanned,
    DiscussionsStarted,
    MarkWritten,
    ReviewNamesRevealed,
    ReviewPhaseStarted,
    ReviewPhaseTimed,
    ReviewRated,
    ReviewRoundCreated,
    ReviewsAssigned,
    ReviewSubmitted,
    ReviewsWithdrawn,
    ReviewTimeEnded,
    ReviewTimeGiven,
    WorkDrafted,
    WorkSubmitted,
)
from rooms.feature import Feature
from rooms.review import assigning, folding, phases, reviewing, rounds, views, work

FEATURE = Feature(
    deciders={
        CreateReviewRound: rounds.decide_create,
        StartReviewRound: phases.decide_start,
        AdvanceReviewRound: phases.decide_advance,
        CloseReviewRound: phases.decide_close,
        ExtendReviewPhase: phases.decide_extend,
        GiveReviewTime: phases.decide_give_time,
        DraftWork: work.decide_draft,
        SubmitWork: work.decide_submit,
        AssignReview: assigning.decide_assign,
        WithdrawReview: assigning.decide_withdraw,
        ReallocateReviews: assigning.decide_reallocate,
        WriteMark: reviewing.decide_mark,
        SubmitReview: reviewing.decide_submit,
        RateReview: reviewing.decide_rate,
    },
    evolvers={
        ReviewRoundCreated: folding.evolve_created,
        ReviewPhaseStarted: folding.evolve_phase,
        ReviewPhaseTimed: folding.evolve_timed,
        ReviewTimeGiven: folding.evolve_time_given,
        ReviewTimeEnded: folding.evolve_time_ended,
        WorkDrafted: folding.evolve_drafted,
        WorkSubmitted: folding.evolve_submitted,
        ReviewsAssigned: folding.evolve_assigned,
        ReviewsWithdrawn: folding.evolve_withdrawn,
        MarkWritten: folding.evolve_marked,
        ReviewSubmitted: folding.evolve_review_submitted,
        ReviewRated: folding.evolve_rated,
        ReviewNamesRevealed: folding.evolve_revealed,
        DiscussionsPlanned: folding.evolve_planned,
        DiscussionsStarted: folding.evolve_discussions,
        BreakoutsOpened: folding.evolve_opened,
        ParticipantMoved: folding.evolve_moved,
    },
    touched={
        **dict.fromkeys(
            (ReviewRoundCreated, ReviewNamesRevealed, DiscussionsPlanned, DiscussionsStarted), views.touch_round
        ),
        ReviewPhaseStarted: views.touch_phase,
        ReviewPhaseTimed: views.touch_timed,
        ReviewTimeGiven: views.touch_time,
        ReviewTimeEnded: views.touch_time,
        WorkDrafted: views.touch_drafted,
        WorkSubmitted: views.touch_submitted,
        ReviewsAssigned: views.touch_assigned,
        ReviewsWithdrawn: views.touch_withdrawn,
        **dict.fromkeys((MarkWritten, ReviewSubmitted, ReviewRated), views.touch_review),
    },
    renderers={
        "review_round": views.render_round,
        "review_progress": views.render_progress,
        "my_work": views.render_my_work,
        "submission": views.render_submission,
        "reviewed_work": views.render_reviewed_work,
        "review": views.render_review,
        "assignment": views.render_assignment,
        "feedback": views.render_feedback,
        "review_result": views.render_result,
        "discussion": views.render_discussion,
    },
    keys=views.keys,
    deadline_ms=phases.deadline_ms,
    tick=phases.tick,
    at_close=phases.at_close,
    slow=frozenset({AdvanceReviewRound, ReallocateReviews}),
)
