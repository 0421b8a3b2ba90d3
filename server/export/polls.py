"""Polls: what was asked and how it came out; who answered what only where the poll is named.

Made of the records that facilitators see, so nothing of an anonymous poll's ballots can be in it, its free answers are without authors, and results
that are hidden are not exported either.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from pydantic import BaseModel, Field

from rooms.ids import PollId
from rooms.poll_records import (
    AnswerKeyRecord,
    AnswerRecord,
    BallotRecord,
    PollRecord,
    RoomTalliesRecord,
    RoomTally,
    ShiftRecord,
    TallyRecord,
)
from rooms.poll_state import Poll
from rooms.state import WorkshopState
from server.export.people import Named, named
from server.export.records import seen
from server.export.tables import Row

HEADER: Final = (
    "poll_id", "question", "kind", "anonymous", "target", "status", "follows", "room_id", "room",
    "item", "item_id", "right", "count", "score", "mean", "ballots", "eligible",
)  # fmt: skip
VOTERS_HEADER: Final = (
    "poll_id", "question", "kind", "status", "participant_id", "name", "external_id", "email", "role", "answer", "option_ids", "right"
)  # fmt: skip


class Vote(BaseModel):
    who: Named
    ballot: BallotRecord


class PollResult(BaseModel):
    poll: PollRecord
    key: AnswerKeyRecord | None = Field(description="Of a quiz.")
    tally: TallyRecord | None = Field(description="Null before it is opened, and where its results are hidden.")
    rooms: list[RoomTally]
    answers: list[AnswerRecord] = Field(description="Free answers, in the order of their ids, which are drawn.")
    shift: ShiftRecord | None = Field(description="Of a second vote.")


class ExportedPoll(PollResult):
    votes: list[Vote] = Field(description="Of a named poll; none of an anonymous one.")


class PollsExport(BaseModel):
    workshop_id: str
    title: str
    polls: list[ExportedPoll]


def polls_of(state: WorkshopState) -> PollsExport:
    polls = [found for poll in state.polls.values() if (found := _poll(state, poll)) is not None]
    return PollsExport(workshop_id=state.workshop_id, title=state.title, polls=polls)


def result_of(state: WorkshopState, poll: Poll) -> PollResult | None:
    """What came out, without a word about who said what."""
    poll_id: PollId = poll.poll_id
    record = seen(state, f"poll:{poll_id}", PollRecord)
    if record is None:
        return None
    rooms = seen(state, f"room_tallies:{poll_id}", RoomTalliesRecord)
    answers = (seen(state, f"answer:{poll_id}:{answer_id}", AnswerRecord) for answer_id in sorted(poll.answers))
    return PollResult(
        poll=record,
        key=seen(state, f"answer_key:{poll_id}", AnswerKeyRecord),
        tally=seen(state, f"tally:{poll_id}", TallyRecord),
        rooms=[] if rooms is None else list(rooms.rooms),
        answers=[answer for answer in answers if answer is not None],
        shift=seen(state, f"shift:{poll_id}", ShiftRecord),
    )


def _poll(state: WorkshopState, poll: Poll) -> ExportedPoll | None:
    result = result_of(state, poll)
    if result is None:
        return None
    ballots = ((who, seen(state, f"ballot:{poll.poll_id}:{who}", BallotRecord)) for who in sorted(poll.ballots))
    votes = [Vote(who=named(state, who), ballot=ballot) for who, ballot in ballots if ballot is not None]
    return ExportedPoll(**{name: getattr(result, name) for name in PollResult.model_fields}, votes=votes)


# ── tables ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def rows(found: PollsExport) -> Iterator[Row]:
    """A line an option, value, word or free answer; then those of the rooms. A poll without any of them has one, too."""
    for each in found.polls:
        poll = each.poll
        begin = (
            poll.poll_id, poll.question, poll.poll_kind, poll.anonymous, poll.target, poll.status, poll.follows
        )  # fmt: skip
        lines = [] if each.tally is None else list(_items(each, each.tally))
        end = (None, None) if each.tally is None else (each.tally.ballots, each.tally.eligible)
        free = [(answer.text, answer.answer_id, None, None, None, None) for answer in each.answers if not answer.hidden]
        for line in [*lines, *free] or [(None,) * 6]:
            yield (*begin, None, None, *line, *end)
        for room in each.rooms:
            for line in _items(each, room):
                yield (*begin, room.room_id, room.room_name, *line, room.ballots, None)


def _items(each: ExportedPoll, tally: TallyRecord | RoomTally) -> Iterator[Row]:
    """(item, its id, whether it is right, count, score, mean)."""
    texts = {option.option_id: option.text for option in each.poll.options}
    scores = {score.option_id: score.count for score in tally.scores}
    right = () if each.key is None else each.key.right_ids
    for count in tally.counts:
        is_right = None if each.key is None else count.option_id in right
        option_id = count.option_id
        yield (texts[option_id], option_id, is_right, count.count, scores.get(option_id), None)
    for value in tally.values:
        yield (value.value, None, None, value.count, None, tally.mean)
    for word in tally.words:
        yield (word.word, None, None, word.count, None, None)


def voter_rows(found: PollsExport) -> Iterator[Row]:
    """A line a ballot of a named poll."""
    for each in found.polls:
        texts = {option.option_id: option.text for option in each.poll.options}
        right = None if each.key is None else set(each.key.right_ids)
        for vote in each.votes:
            who, ballot = vote.who, vote.ballot
            chosen: Sequence[str] = [texts[option_id] for option_id in ballot.option_ids]
            answer = ballot.value if ballot.value is not None else ballot.text or "; ".join(chosen)
            yield (
                each.poll.poll_id, each.poll.question, each.poll.poll_kind, each.poll.status,
                who.participant_id, who.name, who.external_id, who.email, who.role,
                answer, " ".join(ballot.option_ids), None if right is None else set(ballot.option_ids) == right,
            )  # fmt: skip
