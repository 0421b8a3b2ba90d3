"""Rules PO."""

import pytest

from rooms.commands.people import Leave
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, OpenPoll, ShareResults
from rooms.ids import OptionId, PollId
from rooms.poll_records import TallyRecord
from tests.unit.workshop_case import Workshop


def poll(workshop: Workshop, *, opened: bool = True, anonymous: bool = True) -> tuple[PollId, list[OptionId]]:
    (created,) = workshop.do("fay", CreatePoll(question="Which?", options=("A", "B"), anonymous=anonymous))
    if opened:
        workshop.do("fay", OpenPoll(poll_id=created.poll_id))  # type: ignore[union-attr]
    return created.poll_id, [option.option_id for option in created.options]  # type: ignore[union-attr]


def tally(workshop: Workshop, poll_id: PollId, viewer: str = "fay") -> tuple[list[int], int, int]:
    record = workshop.sees(viewer)[f"tally:{poll_id}"]
    assert isinstance(record, TallyRecord)
    return [each.count for each in record.counts], record.ballots, record.eligible


def test_PO1_an_unknown_poll_is_refused() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    nowhere = PollId("p_none")
    for command in (
        OpenPoll(poll_id=nowhere),
        ClosePoll(poll_id=nowhere),
        ShareResults(poll_id=nowhere, results="everyone"),
    ):
        assert workshop.rejected("fay", command).code == "unknown_poll"
    assert workshop.rejected("l0", CastBallot(poll_id=nowhere, option_ids=(OptionId("o"),))).code == "unknown_poll"


@pytest.mark.parametrize(
    ("question", "options", "code"),
    [
        ("", ("a", "b"), "question_empty"),
        ("q" * 501, ("a", "b"), "question_too_long"),
        ("q", ("a",), "option_count"),
        ("q", tuple(map(str, range(21))), "option_count"),
        ("q", ("a", " a "), "options_repeat"),
        ("q", ("a", ""), "option_empty"),
    ],
)
def test_PO2_a_poll_needs_a_question_and_different_options(question: str, options: tuple[str, ...], code: str) -> None:
    workshop = Workshop()
    workshop.crowd(0)
    assert workshop.rejected("fay", CreatePoll(question=question, options=options)).code == code


def test_PO3_a_draft_is_for_facilitators_and_a_late_joiner_sees_an_open_poll() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    poll_id, _ = poll(workshop, opened=False)
    assert f"poll:{poll_id}" in workshop.sees("fay")
    assert f"poll:{poll_id}" not in workshop.sees("l0")
    assert workshop.rejected("fay", ClosePoll(poll_id=poll_id)).code == "poll_not_open"
    workshop.do("fay", OpenPoll(poll_id=poll_id))
    workshop.join("late")
    assert workshop.sees("late")[f"poll:{poll_id}"].status == "open"  # type: ignore[union-attr]


def test_PO3_reopening_keeps_the_ballots() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    poll_id, (a, _) = poll(workshop)
    workshop.do("l0", CastBallot(poll_id=poll_id, option_ids=(a,)))
    workshop.do("fay", ClosePoll(poll_id=poll_id))
    workshop.do("fay", OpenPoll(poll_id=poll_id))
    assert tally(workshop, poll_id)[0] == [1, 0]


def test_PO4_ballots_count_while_open_and_from_voters_only() -> None:
    workshop = Workshop()
    workshop.crowd(1)
    workshop.join("obi", "observer")
    poll_id, (a, _) = poll(workshop, opened=False)
    assert workshop.rejected("l0", CastBallot(poll_id=poll_id, option_ids=(a,))).code == "poll_not_open"
    workshop.do("fay", OpenPoll(poll_id=poll_id))
    assert workshop.rejected("obi", CastBallot(poll_id=poll_id, option_ids=(a,))).code == "not_allowed"
    workshop.do("fay", CastBallot(poll_id=poll_id, option_ids=(a,)))
    assert workshop.rejected("l0", CastBallot(poll_id=poll_id, option_ids=(OptionId("o_x"),))).code == "unknown_option"
    workshop.do("fay", ClosePoll(poll_id=poll_id))
    assert workshop.rejected("l0", CastBallot(poll_id=poll_id, option_ids=(a,))).code == "poll_not_open"


def test_PO5_one_person_one_ballot_after_a_second_tab_a_return_and_a_change_of_mind() -> None:
    workshop = Workshop()
    workshop.crowd(2)
    poll_id, (a, b) = poll(workshop, anonymous=False)
    workshop.do("l0", CastBallot(poll_id=poll_id, option_ids=(a,)))
    workshop.join("l0", connection="tab2")
    assert workshop.do("l0", CastBallot(poll_id=poll_id, option_ids=(a,))) == ()
    workshop.do("l0", Leave())
    workshop.join("l0")
    workshop.do("l0", CastBallot(poll_id=poll_id, option_ids=(b,)))
    assert tally(workshop, poll_id) == ([0, 1], 1, 3)


def test_PO6_a_ballot_is_the_voters_and_a_tally_whose_results_names() -> None:
    workshop = Workshop()
    workshop.crowd(2)
    poll_id, (a, _) = poll(workshop)
    workshop.do("l0", CastBallot(poll_id=poll_id, option_ids=(a,)))
    viewers = ("fay", "l0", "l1")
    assert [f"ballot:{poll_id}:l0" in workshop.sees(who) for who in viewers] == [False, True, False]
    seen = {}
    for results in ("facilitators", "everyone", "hidden"):
        workshop.do("fay", ShareResults(poll_id=poll_id, results=results))  # type: ignore[arg-type]
        seen[results] = [f"tally:{poll_id}" in workshop.sees(who) for who in viewers]
    assert seen == {
        "facilitators": [True, False, False],
        "everyone": [True, True, True],
        "hidden": [False, False, False],
    }


def test_PO7_ballots_never_exceed_the_people_who_could_vote() -> None:
    workshop = Workshop()
    names = workshop.crowd(6)
    workshop.join("obi", "observer")
    poll_id, (a, _) = poll(workshop)
    for who in names:
        workshop.do(who, CastBallot(poll_id=poll_id, option_ids=(a,)))
    assert tally(workshop, poll_id)[1:] == (6, 7)
    for who in names[:4]:
        workshop.do(who, Leave())
    assert tally(workshop, poll_id)[1:] == (6, 7)


def test_PO7_a_closed_poll_keeps_its_numbers() -> None:
    workshop = Workshop()
    workshop.crowd(2)
    poll_id, (a, _) = poll(workshop)
    workshop.do("l0", CastBallot(poll_id=poll_id, option_ids=(a,)))
    workshop.do("fay", ClosePoll(poll_id=poll_id))
    workshop.join("late")
    workshop.do("l0", Leave())
    assert tally(workshop, poll_id) == ([1, 0], 1, 3)
    workshop.do("fay", OpenPoll(poll_id=poll_id))
    assert tally(workshop, poll_id) == ([1, 0], 1, 4)


def test_PO8_anonymous_is_the_default() -> None:
    workshop = Workshop()
    workshop.crowd(0)
    poll_id, _ = poll(workshop)
    assert workshop.sees("fay")[f"poll:{poll_id}"].anonymous  # type: ignore[union-attr]
