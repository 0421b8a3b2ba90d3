"""Peer review: settings, phases, times, work (RV1 to RV6)."""

from typing import Any

import pytest

from rooms.commands.review import (
    AdvanceReviewRound,
    CloseReviewRound,
    CreateReviewRound,
    DraftWork,
    ExtendReviewPhase,
    GiveReviewTime,
    NewCriterion,
    StartReviewRound,
    SubmitWork,
)
from rooms.commands.workshop import CloseWorkshop
from rooms.events.review import Anchor, LatePhase, PhaseTimes, ReviewRoundSettings, Scale, WorkSubmitted
from rooms.ids import ParticipantId, ReviewRoundId
from rooms.review_records import (
    MyWorkRecord,
    PersonalTime,
    ReviewProgressRecord,
    ReviewRoundRecord,
    SubmissionRecord,
)
from tests.unit.review_case import RUBRIC, Reviewing, only
from tests.unit.workshop_case import Follower, Workshop

SCALE = Scale(least=1, most=5)
MINUTE = 60_000


def bad(**fields: Any) -> tuple[NewCriterion, ...]:
    return (NewCriterion(**{"title": "One", "scale": SCALE, **fields}),)


@pytest.mark.parametrize(
    ("settings", "criteria", "code"),
    [
        ({"title": " "}, RUBRIC, "title_empty"),
        ({"reviews_each": 0}, RUBRIC, "reviews_out_of_range"),
        ({"reviews_each": 21}, RUBRIC, "reviews_out_of_range"),
        ({"max_load": 0}, RUBRIC, "max_load_out_of_range"),
        ({"times": PhaseTimes(submit_ms=0)}, RUBRIC, "phase_time"),
        ({"times": PhaseTimes(read_ms=999)}, RUBRIC, "phase_time"),
        ({"times": PhaseTimes(review_ms=25 * 3_600_000)}, RUBRIC, "phase_time"),
        ({"instructions": "x" * 4_001}, RUBRIC, "instructions_too_long"),
        ({}, (), "criteria_count"),
        ({}, RUBRIC * 7, "criteria_count"),
        ({}, (RUBRIC[0], RUBRIC[0]), "criteria_repeat"),
        ({}, bad(title=""), "criterion_empty"),
        ({}, bad(scale=None, comment="none"), "nothing_to_judge"),
        ({}, bad(weight=101), "weight_out_of_range"),
        ({}, bad(scale=Scale(least=5, most=5)), "scale"),
        ({}, bad(scale=Scale(least=0, most=101)), "scale"),
        ({}, bad(scale=Scale(least=1, most=5, anchors=(Anchor(score=6, text="Far out"),))), "anchors"),
        ({}, bad(scale=Scale(least=1, most=5, anchors=(Anchor(score=2, text="a"), Anchor(score=2, text="b")))), "anchors"),
    ],
)  # fmt: skip
def test_RV1_settings_and_rubric_make_sense(
    settings: dict[str, Any], criteria: tuple[NewCriterion, ...], code: str
) -> None:
    workshop = Workshop()
    workshop.crowd(1)
    given = ReviewRoundSettings(**{"title": "Round", **settings})
    refusal = workshop.rejected("fay", CreateReviewRound(settings=given, criteria=criteria))
    assert (refusal.code, refusal.rule) == (code, "RV1")


def test_RV1_a_round_is_limited_in_number() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    command = CreateReviewRound(settings=ReviewRoundSettings(title="Round"), criteria=RUBRIC)
    for _ in range(100):
        workshop.do("fay", command)
    assert workshop.rejected("fay", command).code == "too_many_rounds"


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        (PhaseTimes(read_ms=None, discuss_ms=None), ["submit", "read", "review", "discuss", "feedback", "closed"]),
        (PhaseTimes(), ["submit", "review", "feedback", "closed"]),
        (PhaseTimes(feedback_ms=0), ["submit", "review", "closed"]),
    ],
)
def test_RV2_phases_follow_each_other_and_some_can_be_left_out(times: PhaseTimes, expected: list[str]) -> None:
    case = Reviewing(2, times=times, reviews_each=1)
    phases = ["submit"]
    case.submit("l0", "l1")
    while case.round.phase != "closed":
        if case.round.phase == "review":
            case.finish_all()
        case.advance()
        if phases[-1] != case.round.phase:
            phases.append(case.round.phase)
    assert phases == expected
    assert case.rejected("fay", AdvanceReviewRound(round_id=case.round_id)).code == "wrong_phase"


def test_RV2_a_draft_is_for_facilitators_and_a_late_joiner_sees_a_started_round() -> None:
    case = Reviewing(1, start=False)
    assert only(case.records("fay", ReviewRoundRecord)).phase == "draft"
    assert case.records("l0", ReviewRoundRecord) == []
    assert case.rejected("l0", DraftWork(round_id=case.round_id, text="x")).code == "unknown_review_round"
    case.do("fay", StartReviewRound(round_id=case.round_id))
    assert case.rejected("fay", StartReviewRound(round_id=case.round_id)).code == "wrong_phase"
    case.join("late")
    assert only(case.records("late", ReviewRoundRecord)).phase == "submit"


def test_RV2_closing_ends_a_round_at_any_time_and_with_the_workshop() -> None:
    case = Reviewing(2)
    case.do("fay", CloseReviewRound(round_id=case.round_id))
    assert case.round.phase == "closed"
    assert case.do("fay", CloseReviewRound(round_id=case.round_id)) == ()
    other = Reviewing(2, times=PhaseTimes(discuss_ms=None), reviews_each=1)
    other.to_review()
    other.finish_all()
    other.advance()
    assert other.round.phase == "discuss"
    other.do("fay", CloseWorkshop())
    assert other.round.phase == "closed"
    assert other.state.breakouts is None


def test_RV2_learners_do_not_run_rounds_and_facilitators_do_not_write() -> None:
    case = Reviewing(1)
    assert case.rejected("l0", AdvanceReviewRound(round_id=case.round_id)).code == "not_allowed"
    assert case.rejected("fay", DraftWork(round_id=case.round_id, text="x")).code == "not_allowed"


def test_RV3_phases_end_by_themselves() -> None:
    times = PhaseTimes(submit_ms=5 * MINUTE, read_ms=MINUTE, review_ms=10 * MINUTE, feedback_ms=2 * MINUTE)
    case = Reviewing(3, times=times, reviews_each=2)
    case.submit(*case.learners)
    seen = []
    for minutes in (4, 1, 1, 9, 1, 1, 1):
        case.wait(minutes * MINUTE)
        seen.append(case.round.phase)
    assert seen == ["submit", "read", "review", "review", "feedback", "feedback", "closed"]


def test_RV3_everybody_gets_more_time_or_less() -> None:
    case = Reviewing(1, times=PhaseTimes(submit_ms=5 * MINUTE))
    start = case.now_ms
    case.do("fay", ExtendReviewPhase(round_id=case.round_id, by_ms=2 * MINUTE))
    assert only(case.records("l0", ReviewRoundRecord)).ends_at_ms == start + 7 * MINUTE
    case.do("fay", ExtendReviewPhase(round_id=case.round_id, by_ms=-6 * MINUTE))
    assert case.rejected("fay", ExtendReviewPhase(round_id=case.round_id, by_ms=-2 * MINUTE)).code == "phase_time"
    case.wait(MINUTE)
    assert case.round.phase == "review"
    case.do("fay", ExtendReviewPhase(round_id=case.round_id, by_ms=3 * MINUTE))  # had no timer
    case.wait(3 * MINUTE)
    assert case.round.phase == "feedback"


def test_RV4_one_person_gets_more_time_and_the_round_goes_on() -> None:
    case = Reviewing(4, times=PhaseTimes(submit_ms=5 * MINUTE), reviews_each=2)
    case.submit("l1", "l2", "l3")
    case.draft("l0", "Half of it")
    give = GiveReviewTime(
        round_id=case.round_id, participant_id=ParticipantId("l0"), phase="submit", extra_ms=2 * MINUTE
    )
    case.do("fay", give)
    assert only(case.records("l0", MyWorkRecord)).personal_times == (
        PersonalTime(participant_id=ParticipantId("l0"), phase="submit", extra_ms=2 * MINUTE, until_ms=None),
    )
    case.wait(5 * MINUTE)
    assert case.round.phase == "review"
    assert len(case.round.submissions) == 3
    assert only(case.records("l0", MyWorkRecord)).personal_times[0].until_ms == case.now_ms + 2 * MINUTE
    case.draft("l0", "All of it")
    assert case.rejected("l1", DraftWork(round_id=case.round_id, text="More")).code == "wrong_phase"
    case.wait(2 * MINUTE)
    assert case.round.submissions[case.submission_of("l0")].text == "All of it"
    assert case.rejected("l0", DraftWork(round_id=case.round_id, text="More")).code == "wrong_phase"
    assert len(case.reviews(of="l0")) == 2
    assert only(case.records("fay", ReviewProgressRecord)).personal_times[0].until_ms is None


def test_RV4_more_time_after_the_phase_is_over_and_a_second_time() -> None:
    case = Reviewing(3, reviews_each=1)
    case.submit("l1", "l2")
    case.advance()
    for _ in range(2):
        case.do(
            "fay",
            GiveReviewTime(round_id=case.round_id, participant_id=ParticipantId("l0"), phase="submit", extra_ms=MINUTE),
        )
    case.wait(MINUTE + 1)
    case.submit("l0")
    assert len(case.reviews(of="l0")) == 1
    case.advance()
    late = GiveReviewTime(round_id=case.round_id, participant_id=ParticipantId("l0"), phase="submit", extra_ms=MINUTE)
    assert case.rejected("fay", late).code == "wrong_phase"


def test_RV4_more_time_for_reviewing() -> None:
    case = Reviewing(3, reviews_each=2, times=PhaseTimes(review_ms=5 * MINUTE))
    case.to_review()
    case.do(
        "fay",
        GiveReviewTime(round_id=case.round_id, participant_id=ParticipantId("l0"), phase="review", extra_ms=MINUTE),
    )
    first, second = case.reviews(by="l0")
    case.mark(first)
    case.mark(second)
    case.wait(5 * MINUTE)
    assert case.round.phase == "feedback"
    assert not first.submitted
    case.finish(first)
    case.wait(MINUTE)
    assert second.submitted  # complete when the own time was over
    assert case.round.until_ms == {"submit": {}, "review": {}}


@pytest.mark.parametrize("phase", ["submit", "review"])
def test_RV4_time_of_somebody_who_did_nothing_is_gone_with_the_phase(phase: LatePhase) -> None:
    case = Reviewing(3)
    case.submit("l1", "l2")
    case.advance()
    if phase == "review":
        case.advance()
    given = GiveReviewTime(round_id=case.round_id, participant_id=ParticipantId("l0"), phase=phase, extra_ms=MINUTE)
    case.do("fay", given)
    assert len(case.records("l0", MyWorkRecord)) == 1
    follower = Follower(case, "l0")
    case.advance()
    follower.follow()
    assert case.records("l0", MyWorkRecord) == []


def test_RV4_more_time_within_reason() -> None:
    case = Reviewing(1)
    give = GiveReviewTime(round_id=case.round_id, participant_id=ParticipantId("l0"), phase="submit", extra_ms=10)
    assert case.rejected("fay", give).code == "phase_time"
    unknown = GiveReviewTime(
        round_id=case.round_id, participant_id=ParticipantId("no"), phase="submit", extra_ms=MINUTE
    )
    assert case.rejected("fay", unknown).code == "unknown_participant"


def test_RV5_drafts_are_kept_for_their_author_alone() -> None:
    case = Reviewing(2)
    case.draft("l0", "First words", link="https://example.org/a", file_id="f1", file_name="a.pdf")
    case.draft("l0", "First words and more", file_id="f1", file_name="a.pdf")
    record = only(case.records("l0", MyWorkRecord))
    assert (record.text, record.link, record.file_id, record.file_name) == ("First words and more", "", "f1", "a.pdf")
    assert (record.submission_id, record.changed) == (None, True)
    assert case.draft("l0", "First words and more", file_id="f1", file_name="a.pdf") == ()
    for other in ("l1", "fay"):
        assert case.records(other, MyWorkRecord) == []
    assert only(case.records("fay", ReviewProgressRecord)).drafts == 1


def test_RV5_work_can_be_handed_in_again_until_the_time_is_over() -> None:
    case = Reviewing(2)
    submit = SubmitWork(round_id=case.round_id)
    assert case.rejected("l0", submit).code == "work_empty"
    case.draft("l0", "First")
    case.do("l0", submit)
    first = case.submission_of("l0")
    assert case.do("l0", submit) == ()
    case.draft("l0", "Second")
    assert only(case.records("l0", MyWorkRecord)).changed
    assert only(case.records("l0", SubmissionRecord)).text == "First"
    case.do("l0", submit)
    assert case.submission_of("l0") == first
    assert only(case.records("fay", SubmissionRecord)).text == "Second"
    case.advance()
    assert case.rejected("l0", submit).code == "wrong_phase"


def test_RV5_drafts_are_handed_in_when_the_time_is_over() -> None:
    case = Reviewing(3)
    case.submit("l0")
    case.draft("l0", "Changed since")
    case.draft("l1", "Never handed in")
    case.do("l2", DraftWork(round_id=case.round_id, text="   "))
    events = [event for event in case.advance() if isinstance(event, WorkSubmitted)]
    assert [(event.author_id, event.automatic) for event in events] == [("l0", True), ("l1", True)]
    assert sorted(work.text for work in case.round.submissions.values()) == ["Changed since", "Never handed in"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"text": "x" * 20_001}, "text_too_long"),
        ({"link": "javascript:alert(1)"}, "link_invalid"),
        ({"file_id": "x" * 201}, "file_id_too_long"),
        ({"file_id": "f", "file_name": "x" * 201}, "file_name_too_long"),
        ({"coauthor_ids": ("l0",)}, "coauthor"),
        ({"coauthor_ids": ("fay",)}, "coauthor"),
        ({"coauthor_ids": ("nobody",)}, "unknown_participant"),
        ({"coauthor_ids": tuple(f"l{number}" for number in range(1, 12))}, "too_many_coauthors"),
    ],
)
def test_RV5_RV6_work_that_makes_no_sense_is_refused(fields: dict[str, Any], code: str) -> None:
    case = Reviewing(12)
    assert case.rejected("l0", DraftWork(round_id=case.round_id, **fields)).code == code


def test_RV6_everybody_is_an_author_of_one_submission() -> None:
    case = Reviewing(4)
    submit = SubmitWork(round_id=case.round_id)
    case.draft("l0", coauthor_ids=(ParticipantId("l1"),))
    case.do("l0", submit)
    assert only(case.records("l1", SubmissionRecord)).author_ids == ("l0", "l1")
    assert only(case.records("l1", MyWorkRecord)).submission_id == case.submission_of("l0")
    assert case.rejected("l1", DraftWork(round_id=case.round_id, text="My own")).code == "author_twice"
    case.draft("l2", coauthor_ids=(ParticipantId("l1"),))
    assert case.rejected("l2", submit).code == "author_twice"
    case.draft("l0", "Alone after all")
    case.do("l0", submit)
    assert case.records("l1", SubmissionRecord) == []
    assert case.records("l1", MyWorkRecord) == []
    case.do("l2", submit)
    assert only(case.records("l1", SubmissionRecord)).author_ids == ("l2", "l1")


def test_RV6_a_coauthors_own_draft_is_not_handed_in() -> None:
    case = Reviewing(3)
    case.draft("l1", "My own, begun before")
    case.draft("l0", "Ours", coauthor_ids=(ParticipantId("l1"),))
    case.draft("l2", "Also ours", coauthor_ids=(ParticipantId("l1"),))
    case.do("l0", SubmitWork(round_id=case.round_id))
    case.advance()
    assert [work.text for work in case.round.submissions.values()] == ["Ours"]


def test_RV18_what_is_unknown_is_refused() -> None:
    case = Reviewing(1)
    nowhere = ReviewRoundId("rr_none")
    for command in (
        StartReviewRound(round_id=nowhere),
        AdvanceReviewRound(round_id=nowhere),
        CloseReviewRound(round_id=nowhere),
        ExtendReviewPhase(round_id=nowhere, by_ms=1),
    ):
        assert case.rejected("fay", command).code == "unknown_review_round"
    assert case.rejected("l0", SubmitWork(round_id=nowhere)).code == "unknown_review_round"
