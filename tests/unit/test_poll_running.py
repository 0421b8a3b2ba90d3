"""Rules PO15 to PO19: anonymity, whom a poll asks, and running it."""

import dataclasses
from typing import Any

import pytest

from rooms.commands.breakouts import CloseBreakouts, CloseRoom, MoveParticipants, ReopenBreakouts
from rooms.commands.people import Leave
from rooms.commands.polls import (
    CastBallot,
    ChangePollTimer,
    ClosePoll,
    CreatePoll,
    DiscardPoll,
    EditPoll,
    OpenPoll,
    RepeatPoll,
    ShareResults,
)
from rooms.ids import ParticipantId, PollId
from rooms.poll_records import AnswerRecord, GroupAnswerRecord, PollRecord, ShiftRecord
from tests.unit.breakouts_case import breakouts, ids, people, room_of
from tests.unit.polls_case import answers, counts, opened, room_ballots, tally, vote
from tests.unit.workshop_case import Follower, Workshop


def workshop_of(learners: int) -> Workshop:
    workshop = Workshop()
    workshop.crowd(learners)
    return workshop


def status(workshop: Workshop, poll_id: PollId) -> tuple[str, int | None]:
    record = workshop.sees("fay")[f"poll:{poll_id}"]
    assert isinstance(record, PollRecord)
    return record.status, record.closes_at_ms


# ── anonymous ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_PO15_anonymous_answers_come_three_at_a_time_and_the_last_three_at_the_end() -> None:
    workshop = workshop_of(10)
    poll_id, _ = opened(workshop, "text", results="everyone", anonymous=True)
    shown = []
    for index in range(10):
        vote(workshop, f"l{index}", poll_id, text=f"answer {index}")
        shown.append(len(answers(workshop, poll_id, "l0")))
    assert shown == [0, 0, 0, 0, 0, 3, 3, 3, 6, 6]
    assert tally(workshop, poll_id).ballots == 10
    workshop.do("fay", ClosePoll(poll_id=poll_id))
    assert sorted(each.text for each in answers(workshop, poll_id)) == [f"answer {index}" for index in range(10)]
    assert {each.author_id for each in answers(workshop, poll_id)} == {None}


@pytest.mark.parametrize("kind", ["single", "multiple", "ranking", "scale", "words"])
def test_PO15_numbers_of_an_anonymous_poll_change_by_three_ballots_or_more(kind: str) -> None:
    workshop = workshop_of(8)
    poll_id, options = opened(workshop, kind, results="everyone", anonymous=True)
    seen, watched = [], tally(workshop, poll_id, "l0")
    for index in range(8):
        chosen = options if kind == "ranking" else options[:1]
        vote(
            workshop, f"l{index}", poll_id, *chosen, value=3 if kind == "scale" else None, text="a" * (kind == "words")
        )
        now = tally(workshop, poll_id, "l0")
        assert now.ballots == index + 1, "how many have voted is told at once"
        seen.append(dataclasses.replace(now, ballots=0) != dataclasses.replace(watched, ballots=0))
        watched = now
    assert seen == [False] * 5 + [True] + [False] * 2
    workshop.do("fay", ClosePoll(poll_id=poll_id))
    now = tally(workshop, poll_id, "l0")
    numbers = [*now.counts, *now.values, *now.words]
    assert max(each.count for each in numbers) == 8


def test_PO15_a_poll_that_is_asked_again_shows_three_new_answers_or_none() -> None:
    workshop = workshop_of(7)
    poll_id, (a, b, _) = opened(workshop, anonymous=True)
    for index in range(4):
        vote(workshop, f"l{index}", poll_id, a)
    workshop.do("fay", ClosePoll(poll_id=poll_id))
    assert counts(workshop, poll_id) == [4, 0, 0]
    for late in (("l4",), ("l5", "l6")):
        workshop.do("fay", OpenPoll(poll_id=poll_id))
        for who in late:
            vote(workshop, who, poll_id, b)
        workshop.do("fay", ClosePoll(poll_id=poll_id))
        assert counts(workshop, poll_id) == [4, 3 if late == ("l5", "l6") else 0, 0]


def test_PO15_a_change_of_an_anonymous_answer_waits_like_a_new_one() -> None:
    workshop = workshop_of(9)
    poll_id, _ = opened(workshop, "text", anonymous=True)
    for index in range(6):
        vote(workshop, f"l{index}", poll_id, text="first")
    assert [each.text for each in answers(workshop, poll_id)] == ["first"] * 3
    for who in ("l0", "l1"):
        vote(workshop, who, poll_id, text="second")
    assert {each.text for each in answers(workshop, poll_id)} == {"first"}
    vote(workshop, "l6", poll_id, text="second")
    assert sorted(each.text for each in answers(workshop, poll_id)) == ["first"] * 6, "the last three wait"
    for who in ("l7", "l8", "l2"):
        vote(workshop, who, poll_id, text="third")
    assert sorted(each.text for each in answers(workshop, poll_id)) == ["first"] * 4 + ["second"] * 3


def test_PO15_who_takes_a_change_back_has_not_written_anything_new() -> None:
    workshop = workshop_of(8)
    poll_id, _ = opened(workshop, "text", anonymous=True)
    for index in range(6):
        vote(workshop, f"l{index}", poll_id, text="first")
    vote(workshop, "l0", poll_id, text="second")
    vote(workshop, "l0", poll_id, text="first")
    for who in ("l6", "l7"):
        vote(workshop, who, poll_id, text="third")
    assert len(answers(workshop, poll_id)) == 3


def test_PO15_who_wrote_what_and_in_which_order_changes_nothing_that_others_see() -> None:
    """The ids are drawn, so they are left out; the places of the answers are not."""

    def seen(order: list[tuple[str, str]]) -> list[Any]:
        workshop = Workshop(seed=1)
        workshop.crowd(7)
        poll_id, _ = opened(workshop, "text", results="everyone", anonymous=True)
        watched = []
        for who, text in order:
            vote(workshop, who, poll_id, text=text)
            workshop.projection.flush()
            shown = workshop.sees("l6")
            keys = [key for key in shown if key.startswith("answer:")]
            assert keys == sorted(keys)
            watched.append((len(keys), tally(workshop, poll_id).ballots))
        workshop.do("fay", ClosePoll(poll_id=poll_id))
        texts = [record.text for record in workshop.sees("fay").values() if isinstance(record, AnswerRecord)]
        return [watched, sorted(texts)]

    texts = ["a", "b", "c", "d", "e", "f"]
    there = [(f"l{index}", text) for index, text in enumerate(texts)]
    swapped = [(f"l{index}", text) for index, text in enumerate(reversed(texts))]
    assert seen(there) == seen(swapped) == seen(list(reversed(there)))


def test_PO15_numbers_of_a_room_are_shown_when_it_is_over_and_there_are_enough() -> None:
    workshop, rooms = breakouts(8, 2)
    poll_id, (a, b, _) = opened(workshop, target="rooms", anonymous=True)
    for who in people(workshop, rooms[0])[:3]:
        vote(workshop, who, poll_id, a)
    assert room_ballots(workshop, poll_id) == {}, "if they came as they grow, one would see where each ballot came from"
    for who in people(workshop, rooms[1])[:2]:
        vote(workshop, who, poll_id, b)
    workshop.do("fay", ClosePoll(poll_id=poll_id))
    assert room_ballots(workshop, poll_id) == {}, "two ballots are what the three leave of the total"
    workshop.do("fay", OpenPoll(poll_id=poll_id))
    vote(workshop, people(workshop, rooms[0])[3], poll_id, b)
    for who in people(workshop, rooms[1])[2:]:
        vote(workshop, who, poll_id, b)
    workshop.do("fay", ClosePoll(poll_id=poll_id))
    assert room_ballots(workshop, poll_id) == {"Room 1": 4, "Room 2": 4}


# ── whom it asks ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_PO16_one_poll_to_all_rooms_has_results_per_room_and_together() -> None:
    workshop, rooms = breakouts(4, 2)
    poll_id, (a, b, _) = opened(workshop, target="rooms", anonymous=False)
    first, second = people(workshop, rooms[0])
    third, _ = people(workshop, rooms[1])
    for who, option in ((first, a), (second, b), (third, b), ("fay", b)):
        vote(workshop, who, poll_id, option)
    assert room_ballots(workshop, poll_id) == {"Room 1": 2, "Room 2": 1, "Plenary": 1}
    assert counts(workshop, poll_id) == [1, 3, 0]
    workshop.do("fay", MoveParticipants(participant_ids=ids(first), room_id=rooms[1]))
    assert room_ballots(workshop, poll_id)["Room 1"] == 2, "a ballot counts where it was cast"
    vote(workshop, first, poll_id, b)
    assert room_ballots(workshop, poll_id) == {"Room 1": 1, "Room 2": 2, "Plenary": 1}


def test_PO16_a_group_answers_once_when_all_its_learners_agree() -> None:
    workshop, rooms = breakouts(4, 2)
    poll_id, (a, b, _) = opened(workshop, target="groups")
    first, second = people(workshop, rooms[0])
    elsewhere = people(workshop, rooms[1])[0]
    vote(workshop, first, poll_id, a)
    vote(workshop, second, poll_id, b)
    assert (tally(workshop, poll_id).ballots, tally(workshop, poll_id).eligible) == (0, 2)
    group = workshop.sees(first)[f"group_answer:{poll_id}:{rooms[0]}"]
    assert isinstance(group, GroupAnswerRecord)
    assert {vote.participant_id: vote.option_ids for vote in group.votes} == {first: (a,), second: (b,)}
    assert not group.agreed
    for outside in (elsewhere, "fay"):
        assert f"group_answer:{poll_id}:{rooms[0]}" not in workshop.sees(outside)
    vote(workshop, second, poll_id, a)
    assert (counts(workshop, poll_id), tally(workshop, poll_id).ballots) == ([1, 0, 0], 1)
    vote(workshop, second, poll_id, b)
    assert tally(workshop, poll_id).ballots == 0


def test_PO16_those_in_the_room_see_it_when_somebody_goes_who_had_voted() -> None:
    workshop, rooms = breakouts(4, 2)
    poll_id, (a, _, _) = opened(workshop, target="groups")
    first, second = people(workshop, rooms[0])
    for who in (first, second):
        vote(workshop, who, poll_id, a)
    stays = Follower(workshop, first)
    workshop.do("fay", MoveParticipants(participant_ids=ids(second), room_id=rooms[1]))
    stays.follow()
    group = stays.records[f"group_answer:{poll_id}:{rooms[0]}"]
    assert isinstance(group, GroupAnswerRecord)
    assert [each.participant_id for each in group.votes] == [first]


def test_PO16_who_comes_must_agree_and_who_goes_does_not_count() -> None:
    workshop, rooms = breakouts(4, 2)
    poll_id, (a, b, _) = opened(workshop, target="groups")
    first, second = people(workshop, rooms[0])
    third, _ = people(workshop, rooms[1])
    vote(workshop, first, poll_id, a)
    workshop.do(second, Leave())
    assert tally(workshop, poll_id).ballots == 1
    workshop.do("fay", MoveParticipants(participant_ids=ids(third), room_id=rooms[0]))
    assert tally(workshop, poll_id).ballots == 0
    vote(workshop, third, poll_id, a)
    assert counts(workshop, poll_id) == [1, 0, 0]
    vote(workshop, third, poll_id, b)
    workshop.do("fay", MoveParticipants(participant_ids=ids(third), room_id=rooms[1]))
    assert counts(workshop, poll_id) == [1, 0, 0]


def test_PO16_a_room_that_closes_or_that_all_have_left_keeps_its_answer() -> None:
    workshop, rooms = breakouts(6, 3)
    poll_id, (a, _, _) = opened(workshop, target="groups")
    for room_id in rooms[:2]:
        for who in people(workshop, room_id):
            vote(workshop, who, poll_id, a)
    for who in people(workshop, rooms[0]):
        workshop.do(who, Leave())
    assert counts(workshop, poll_id) == [2, 0, 0]
    workshop.do("fay", CloseRoom(room_id=rooms[1]))
    assert counts(workshop, poll_id) == [2, 0, 0]
    workshop.do("fay", CloseBreakouts(countdown_ms=0))
    assert (counts(workshop, poll_id), tally(workshop, poll_id).eligible) == ([2, 0, 0], 2)
    assert room_ballots(workshop, poll_id) == {"Room 1": 1, "Room 2": 1}


def test_PO16_rooms_that_open_again_go_on_with_what_they_said() -> None:
    workshop, rooms = breakouts(4, 2)
    poll_id, (a, _, _) = opened(workshop, target="groups")
    first, second = people(workshop, rooms[0])
    vote(workshop, first, poll_id, a)
    workshop.do("fay", CloseBreakouts(countdown_ms=0))
    (round_id,) = workshop.state.rounds
    workshop.do(second, Leave())
    workshop.do("fay", ReopenBreakouts(round_id=round_id))
    assert room_of(workshop, first) == rooms[0]
    assert counts(workshop, poll_id) == [1, 0, 0]


def test_PO16_only_learners_in_a_room_answer_for_it() -> None:
    workshop, rooms = breakouts(2, 1)
    workshop.join("late")
    poll_id, (a, _, _) = opened(workshop, target="groups")
    workshop.do("fay", MoveParticipants(participant_ids=ids("late"), room_id=ParticipantId("plenary")))  # type: ignore[arg-type]
    assert workshop.rejected("late", CastBallot(poll_id=poll_id, option_ids=(a,))).code == "not_in_a_group"
    workshop.do("fay", MoveParticipants(participant_ids=ids("fay"), room_id=rooms[0]))
    assert workshop.rejected("fay", CastBallot(poll_id=poll_id, option_ids=(a,))).code == "not_in_a_group"


# ── running it ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_PO17_a_poll_is_prepared_ahead_and_closes_by_its_timer() -> None:
    workshop = workshop_of(1)
    (created,) = workshop.do("fay", CreatePoll(question="Which?", options=("A", "B"), duration_ms=30_000))
    poll_id = created.poll_id  # type: ignore[union-attr]
    workshop.wait(60_000)
    assert status(workshop, poll_id) == ("draft", None)
    workshop.do("fay", OpenPoll(poll_id=poll_id))
    assert status(workshop, poll_id) == ("open", workshop.now_ms + 30_000)
    workshop.wait(29_999)
    assert status(workshop, poll_id)[0] == "open"
    workshop.wait(1)
    assert status(workshop, poll_id) == ("closed", None)
    workshop.do("fay", OpenPoll(poll_id=poll_id, duration_ms=5_000))
    assert status(workshop, poll_id)[1] == workshop.now_ms + 5_000
    assert workshop.rejected("fay", OpenPoll(poll_id=PollId("p_none"))).code == "unknown_poll"


def test_PO17_the_time_that_is_left_can_be_changed() -> None:
    workshop = workshop_of(1)
    poll_id, _ = opened(workshop, duration_ms=10_000)
    workshop.do("fay", ChangePollTimer(poll_id=poll_id, remaining_ms=20_000))
    workshop.wait(15_000)
    assert status(workshop, poll_id)[0] == "open"
    workshop.do("fay", ChangePollTimer(poll_id=poll_id, remaining_ms=None))
    workshop.wait(100_000)
    assert status(workshop, poll_id) == ("open", None)
    assert workshop.do("fay", ChangePollTimer(poll_id=poll_id, remaining_ms=None)) == ()
    assert workshop.rejected("fay", ChangePollTimer(poll_id=poll_id, remaining_ms=0)).code == "duration"
    workshop.do("fay", ClosePoll(poll_id=poll_id))
    assert workshop.rejected("fay", ChangePollTimer(poll_id=poll_id, remaining_ms=9_000)).code == "poll_not_open"


def test_PO17_WS6_polls_that_are_due_close_in_the_order_they_were_due() -> None:
    workshop = workshop_of(0)
    polls = [opened(workshop, duration_ms=ms)[0] for ms in (9_000, 3_000, 6_000)]
    workshop.now_ms += 20_000
    workshop.wait(0)
    closed = [each.event.poll_id for each in workshop.log if each.event.type == "PollClosed"]  # type: ignore[union-attr]
    assert closed == [polls[1], polls[2], polls[0]]


def test_PO18_a_poll_is_edited_and_discarded_until_it_is_opened() -> None:
    workshop = workshop_of(1)
    (created,) = workshop.do("fay", CreatePoll(question="Which?", options=("A", "B")))
    poll_id = created.poll_id  # type: ignore[union-attr]
    workshop.do("fay", EditPoll(poll_id=poll_id, question="How much?", kind="scale", results="everyone"))
    record = workshop.sees("fay")[f"poll:{poll_id}"]
    assert isinstance(record, PollRecord)
    assert (record.question, record.poll_kind, record.options, record.results) == ("How much?", "scale", (), "everyone")
    assert f"poll:{poll_id}" not in workshop.sees("l0")
    workshop.do("fay", OpenPoll(poll_id=poll_id))
    for command in (EditPoll(poll_id=poll_id, question="?", kind="text"), DiscardPoll(poll_id=poll_id)):
        assert workshop.rejected("fay", command).code == "poll_was_opened"
    (other,) = workshop.do("fay", CreatePoll(question="Which?", options=("A", "B")))
    workshop.do("fay", DiscardPoll(poll_id=other.poll_id))  # type: ignore[union-attr]
    assert f"poll:{other.poll_id}" not in workshop.sees("fay")  # type: ignore[union-attr]


def test_PO19_vote_discuss_vote_again_shows_how_many_changed_their_mind() -> None:
    workshop = workshop_of(4)
    first, (a, b, _) = opened(workshop, "single", duration_ms=60_000, results="everyone")
    for who, option in (("l0", a), ("l1", a), ("l2", b)):
        vote(workshop, who, first, option)
    (closed, created, _) = workshop.do("fay", RepeatPoll(poll_id=first))
    assert closed.poll_id == first  # type: ignore[union-attr]
    second = created.poll_id  # type: ignore[union-attr]
    record = workshop.sees("l0")[f"poll:{second}"]
    assert isinstance(record, PollRecord)
    assert (record.follows, record.status, record.closes_at_ms) == (first, "open", workshop.now_ms + 60_000)
    a2, b2, _ = [option.option_id for option in record.options]
    assert (a2, b2) != (a, b)
    for who, option in (("l0", b2), ("l1", a2), ("l3", b2)):
        vote(workshop, who, second, option)
    assert f"shift:{second}" not in workshop.sees("fay")
    workshop.do("fay", ClosePoll(poll_id=second))
    shift = workshop.sees("l3")[f"shift:{second}"]
    assert isinstance(shift, ShiftRecord)
    assert (shift.changed, shift.kept, shift.new) == (1, 1, 1)
    assert counts(workshop, first) == [2, 1, 0]
    workshop.do("fay", ShareResults(poll_id=second, results="facilitators"))
    assert f"shift:{second}" not in workshop.sees("l3")


def test_PO19_what_was_not_asked_yet_is_not_asked_again() -> None:
    workshop = workshop_of(1)
    (created,) = workshop.do("fay", CreatePoll(question="Which?", options=("A", "B")))
    refused = workshop.rejected("fay", RepeatPoll(poll_id=created.poll_id))  # type: ignore[union-attr]
    assert refused.code == "poll_not_opened"


# ── what others got wrong ────────────────────────────────────────────────────────────────────────────────────────────
def test_PO3_a_late_joiner_sees_the_open_poll_and_can_answer_it() -> None:
    workshop = workshop_of(1)
    poll_id, (a, _, _) = opened(workshop)
    workshop.join("late")
    assert workshop.sees("late")[f"poll:{poll_id}"].status == "open"  # type: ignore[union-attr]
    vote(workshop, "late", poll_id, a)
    assert (tally(workshop, poll_id).ballots, tally(workshop, poll_id).eligible) == (1, 3)


def test_PO5_a_rejoin_is_not_counted_twice() -> None:
    workshop = workshop_of(1)
    poll_id, (a, b, _) = opened(workshop)
    vote(workshop, "l0", poll_id, a)
    workshop.do("l0", Leave())
    workshop.join("l0", connection="another")
    assert f"ballot:{poll_id}:l0" in workshop.sees("l0"), "they see that they have answered"
    vote(workshop, "l0", poll_id, b)
    assert (counts(workshop, poll_id), tally(workshop, poll_id).ballots) == ([0, 1, 0], 1)
    assert tally(workshop, poll_id).eligible == 2


def test_PO4_whoever_made_the_poll_may_answer_it() -> None:
    workshop = workshop_of(0)
    poll_id, (a, _, _) = opened(workshop)
    vote(workshop, "fay", poll_id, a)
    assert counts(workshop, poll_id) == [1, 0, 0]
