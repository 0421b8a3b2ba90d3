"""Peer review under random commands: no leak, replay equals live, and whoever changes places with somebody changes nothing
that anybody else can see."""

import os
from random import Random
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from rooms.commands import Command
from rooms.commands.breakouts import CloseBreakouts, MoveParticipants, OpenBreakouts
from rooms.commands.people import DropAllConnections, Leave
from rooms.commands.review import (
    AdvanceReviewRound,
    AssignReview,
    CloseReviewRound,
    CreateReviewRound,
    DraftWork,
    ExtendReviewPhase,
    GiveReviewTime,
    NewCriterion,
    RateReview,
    ReallocateReviews,
    StartReviewRound,
    SubmitReview,
    SubmitWork,
    WithdrawReview,
    WriteMark,
)
from rooms.commands.workshop import CloseWorkshop
from rooms.errors import Rejected
from rooms.events.review import (
    Blind,
    PhaseTimes,
    ReviewRoundCreated,
    ReviewRoundSettings,
    Scale,
)
from rooms.ids import API, SYSTEM, CriterionId, ParticipantId, ReviewId, ReviewRoundId, SubmissionId
from rooms.review_state import Review, ReviewRound
from rooms.views import audiences_of
from tests.property.any_command import any_command
from tests.property.machine import Machine, hosts, people
from tests.unit.workshop_case import Workshop

RUBRIC = (
    NewCriterion(title="Clarity", scale=Scale(least=1, most=3)),
    NewCriterion(title="Words", comment="required"),
)
learners = st.sampled_from(["l0", "l1", "l2"])
writers = st.sampled_from(["l0", "l1", "l2", "l0", "l1", "l2", "cora", "obi"])
phases = st.sampled_from(["submit", "review"])
times = st.builds(
    PhaseTimes,
    submit_ms=st.sampled_from([None, 3_000]),
    read_ms=st.sampled_from([0, None, 2_000]),
    review_ms=st.sampled_from([None, 3_000]),
    discuss_ms=st.sampled_from([0, None, 2_000]),
    feedback_ms=st.sampled_from([None, 0, 2_000]),
)
round_settings = st.builds(
    ReviewRoundSettings,
    title=st.just("Round"),
    reviews_each=st.integers(1, 2),
    group_rule=st.sampled_from(["any", "other", "same"]),
    max_load=st.sampled_from([None, None, 1]),
    blind=st.sampled_from(["none", "reviewer", "double"]),
    reveal=st.sampled_from(["after_review", "closed", "never"]),
    self_review=st.booleans(),
    times=times,
)


class ReviewMachine(Machine):
    """Review rounds, with people who come, go, and are in breakout rooms. What else can be done has its turn in the core's machine."""

    @rule(seed=st.integers(0, 2**32))
    def breakouts(self, seed: int) -> None:
        kinds = (OpenBreakouts, MoveParticipants, CloseBreakouts)
        self.attempt(*any_command(Random(seed), self.workshop.state, kinds))

    @rule()
    def restart(self) -> None:
        self.attempt(SYSTEM, DropAllConnections())

    @rule(really=st.integers(0, 99))
    def close(self, really: int) -> None:
        if really == 57:
            self.attempt("fay", CloseWorkshop())

    @rule(who=learners)
    def leave(self, who: str) -> None:
        self.attempt(who, Leave())

    @property
    def round(self) -> ReviewRound | None:
        return next(reversed(self.workshop.state.review_rounds.values()), None)

    @property
    def round_id(self) -> ReviewRoundId:
        return self.round.round_id if self.round else ReviewRoundId("rr_none")

    def some_review(self, index: int) -> ReviewId:
        reviews = list(self.round.reviews) if self.round else []
        return reviews[index % len(reviews)] if reviews else ReviewId("v_none")

    @rule(who=hosts, given=round_settings)
    def create_round(self, who: str, given: ReviewRoundSettings) -> None:
        if self.round is None or self.round.phase == "closed":
            self.attempt(who, CreateReviewRound(settings=given, criteria=RUBRIC))
            self.attempt(who, StartReviewRound(round_id=self.round_id))

    @initialize(
        seed=st.integers(0, 2**16), given=round_settings, ahead=st.sampled_from(["", "submit", "review", "review"])
    )
    def create(self, seed: int, given: ReviewRoundSettings, ahead: str) -> None:
        """Mostly a round runs from the start, and reviews are given out, so that the later phases are met often."""
        super().create(seed)
        if ahead:
            self.create_round(API, given)
        if ahead == "review":
            for who in ("l0", "l1", "l2"):
                self.write(who, f"By {who}", [])
            self.attempt(API, AdvanceReviewRound(round_id=self.round_id))

    @rule(who=hosts, what=st.integers(0, 8), whose=learners, index=st.integers(0, 9), phase=phases)
    def run_round(self, who: str, what: int, whose: str, index: int, phase: Any) -> None:
        round_id, named = self.round_id, ParticipantId(whose)
        submissions = list(self.round.submissions) if self.round else []
        submission = submissions[index % len(submissions)] if submissions else SubmissionId("s_none")
        advance = AdvanceReviewRound(round_id=round_id)
        commands: list[Command] = [
            advance, advance, ExtendReviewPhase(round_id=round_id, by_ms=(index - 3) * 1_000),
            GiveReviewTime(round_id=round_id, participant_id=named, phase=phase, extra_ms=2_000),
            AssignReview(submission_id=submission, reviewer_id=named), WithdrawReview(review_id=self.some_review(index)),
            ReallocateReviews(round_id=round_id), AssignReview(submission_id=submission, reviewer_id=named),
            CloseReviewRound(round_id=round_id) if index == 9 else advance,
        ]  # fmt: skip
        self.attempt(who, commands[what])

    @rule(who=writers, words=st.sampled_from(["", "Words", "More words"]), coauthors=st.lists(people, max_size=1))
    def write(self, who: str, words: str, coauthors: list[str]) -> None:
        named = tuple(map(ParticipantId, coauthors))
        self.attempt(who, DraftWork(round_id=self.round_id, text=words, coauthor_ids=named))

    @rule(who=writers)
    def hand_in(self, who: str) -> None:
        self.attempt(who, SubmitWork(round_id=self.round_id))

    @rule(
        who=st.none() | writers, index=st.integers(0, 9), score=st.integers(0, 3), words=st.sampled_from(["", "Good"])
    )
    def judge(self, who: str | None, index: int, score: int, words: str) -> None:
        """By somebody, or by the one who has it."""
        review_id = self.some_review(index)
        who = who or self.reviewer(review_id)
        criteria = list(self.round.criteria) if self.round else [CriterionId("c_none")]
        criterion = criteria[index % len(criteria)]
        self.attempt(who, WriteMark(review_id=review_id, criterion_id=criterion, score=score or None, comment=words))

    @rule(index=st.integers(0, 9))
    def finish_review(self, index: int) -> None:
        """By the one who has it, so that some are finished."""
        if self.round is not None:
            review_id = self.some_review(index)
            who = self.reviewer(review_id)
            score, words = self.round.criteria
            self.attempt(who, WriteMark(review_id=review_id, criterion_id=score, score=2))
            self.attempt(who, WriteMark(review_id=review_id, criterion_id=words, comment="Good"))
            self.attempt(who, SubmitReview(review_id=review_id))

    def reviewer(self, review_id: ReviewId) -> str:
        """Whose review it is; back in the workshop, if they had left."""
        review = self.round.reviews.get(review_id) if self.round else None
        who = review.reviewer_id if review else "l0"
        if self.workshop.state.participants[ParticipantId(who)].left:
            self.connect(who, 0)
        return who

    @rule(who=st.none() | writers, index=st.integers(0, 9), rating=st.integers(1, 5))
    def rate(self, who: str | None, index: int, rating: int) -> None:
        """By somebody, or by the author."""
        review_id = self.some_review(index)
        review = self.round.reviews.get(review_id) if self.round else None
        if who is None and self.round is not None and review is not None:
            who = self.round.submissions[review.submission_id].author_id
        self.attempt(who or "l0", RateReview(review_id=review_id, rating=rating))

    @invariant()
    def counts_are_what_they_count(self) -> None:
        state = self.workshop.state if hasattr(self, "workshop") else None
        for found in state.review_rounds.values() if state else ():
            reviews = [review for review in found.reviews.values() if not review.own]
            assert found.assigned == len(reviews)
            assert found.done == sum(review.submitted for review in reviews)
            assert {who for work in found.submissions.values() for who in work.author_ids} == found.submission_of.keys()
            assert {i for ids in found.reviews_of.values() for i in ids} == found.reviews.keys()
            pairs = [(review.submission_id, review.reviewer_id) for review in found.reviews.values()]
            assert len(set(pairs)) == len(pairs)
            for review in reviews:
                assert review.reviewer_id not in found.submissions[review.submission_id].author_ids


ReviewMachine.TestCase.settings = settings(
    max_examples=int(os.environ.get("ATELIER_EXAMPLES", "60")),
    stateful_step_count=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
TestReview = ReviewMachine.TestCase


# ── changing places ──────────────────────────────────────────────────────────────────────────────────────────────────
Step = tuple[str, str, int]
"""Who acts ("x", "y" or a viewer "v0", …; "fay" runs the round), what, and a number that tells variants apart."""
VIEWERS = ("v0", "v1", "v2")


class Stage(Workshop):
    """The same round with x and y as two people, or with the two having changed places in everything."""

    def __init__(self, swapped: bool, blind: Blind) -> None:
        super().__init__(seed=7)
        self.name = {"x": "ly", "y": "lx"} if swapped else {"x": "lx", "y": "ly"}
        self.join("fay", "facilitator")
        for who in ("x", "y", *VIEWERS):
            self.join(self.name.get(who, who))
        given = ReviewRoundSettings(
            title="Round", blind=blind, reveal="never", reviews_each=2, times=PhaseTimes(read_ms=None)
        )
        (created,) = self.do("fay", CreateReviewRound(settings=given, criteria=RUBRIC))
        assert isinstance(created, ReviewRoundCreated)
        self.round_id = created.round_id
        self.do("fay", StartReviewRound(round_id=self.round_id))
        self.projection.flush()
        self.seen: dict[str, list[Any]] = {viewer: [] for viewer in VIEWERS}

    def play(self, step: Step) -> None:
        who, what, number = step
        answer = ""
        try:
            self.do(self.name.get(who, who), self.command(who, what, number))
        except Rejected as refusal:
            answer = f"{refusal.code}: {refusal.message}"
        changes = self.projection.flush()
        for viewer in VIEWERS:
            audiences = audiences_of(self.state, ParticipantId(viewer))
            batches = [
                (dict(batch.put), sorted(batch.remove))
                for batch in (changes.batches if changes else ())
                if batch.audience in audiences
            ]
            self.seen[viewer].append((answer if viewer == who else "", batches, self.sees(viewer)))

    def command(self, who: str, what: str, number: int) -> Command:
        found = self.state.review_rounds[self.round_id]
        mine = sorted(self.own_reviews(found, who), key=lambda review: review.review_id)
        review_id = mine[number % len(mine)].review_id if mine else ReviewId("v_none")
        actors = ("x", "y", *VIEWERS)
        named = ParticipantId(self.name.get(actors[number % 5], actors[number % 5]))
        submissions = sorted(found.submissions)
        score, words = found.criteria
        match what:
            case "draft":
                return DraftWork(round_id=self.round_id, text=f"Text {number}", file_id="f", file_name=f"by {who}")
            case "submit":
                return SubmitWork(round_id=self.round_id)
            case "mark":
                return WriteMark(review_id=review_id, criterion_id=score, score=1 + number % 3)
            case "comment":
                return WriteMark(review_id=review_id, criterion_id=words, comment=f"Comment {number}")
            case "finish":
                return SubmitReview(review_id=review_id)
            case "rate":
                return RateReview(
                    review_id=sorted(found.reviews or ["v_none"])[number % max(1, len(found.reviews))], rating=3
                )  # type: ignore[arg-type, type-var]
            case "time":
                phase: Any = "submit" if number % 2 else "review"
                return GiveReviewTime(round_id=self.round_id, participant_id=named, phase=phase, extra_ms=60_000)
            case "assign":
                submission = submissions[number % len(submissions)] if submissions else SubmissionId("s_none")
                return AssignReview(submission_id=submission, reviewer_id=named)
            case "reallocate":
                return ReallocateReviews(round_id=self.round_id)
            case _:
                return AdvanceReviewRound(round_id=self.round_id)

    def own_reviews(self, found: ReviewRound, who: str) -> list[Review]:
        name = self.name.get(who, who)
        return [review for review in found.reviews.values() if review.reviewer_id == name]


acting = st.tuples(
    st.sampled_from(["x", "y", *VIEWERS]),
    st.sampled_from(["draft", "submit", "mark", "comment", "finish", "rate"]),
    st.integers(0, 9),
)
running = st.tuples(st.just("fay"), st.sampled_from(["advance", "time", "assign", "reallocate"]), st.integers(0, 9))
scripts = st.lists(st.one_of(acting, acting, acting, running), max_size=40)
WHOLE: list[Step] = [
    *((who, what, number) for number, who in enumerate(("x", "y", "v0", "v1", "v2")) for what in ("draft", "submit")),
    ("fay", "advance", 0),
    *((who, what, number) for who in ("x", "v0", "y", "v1") for number in (0, 1) for what in ("mark", "comment")),
    ("fay", "advance", 0),
    *((who, "finish", number) for who in ("y", "x", "v0", "v1") for number in (0, 1)),
    ("fay", "advance", 0),
    *((who, "rate", number) for who in ("x", "y", "v0") for number in range(10)),
    ("fay", "advance", 0),
]  # fmt: skip


def check_places(blind: Blind, writers: tuple[str, ...], script: list[Step]) -> None:
    here, there = (Stage(swapped, blind) for swapped in (False, True))
    for step in script:
        if step[1] in ("draft", "submit") and step[0] not in writers:
            continue
        here.play(step)
        there.play(step)
        for viewer in VIEWERS:
            assert here.seen[viewer][-1] == there.seen[viewer][-1], f"{viewer} can tell x from y at {step}"


@settings(max_examples=60, deadline=None)
@given(scripts)
@example(WHOLE)
def test_RV12_double_blind_nobody_can_tell_who_wrote_or_reviewed(script: list[Step]) -> None:
    check_places("double", ("x", "y", *VIEWERS), script)


@settings(max_examples=60, deadline=None)
@given(scripts)
@example(WHOLE)
def test_RV12_reviewer_hidden_no_author_can_tell_who_reviewed(script: list[Step]) -> None:
    """x and y only review here: that the viewers know the authors is as it should be."""
    check_places("reviewer", VIEWERS, script)
