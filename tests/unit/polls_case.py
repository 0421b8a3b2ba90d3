"""What tests of polls ask again and again."""

from typing import Any

from rooms.commands.polls import CastBallot, CreatePoll
from rooms.events.polls import PollCreated
from rooms.ids import OptionId, PollId
from rooms.poll_records import AnswerRecord, RoomTalliesRecord, TallyRecord
from tests.unit.workshop_case import Workshop


def opened(workshop: Workshop, kind: Any = "single", **fields: Any) -> tuple[PollId, list[OptionId]]:
    """An open poll and its options, A, B and C if it has options and nothing else is said; named unless said otherwise."""
    fields.setdefault("anonymous", False)
    if kind in ("single", "multiple", "ranking", "quiz"):
        fields.setdefault("options", ("A", "B", "C"))
    created = workshop.do("fay", CreatePoll(question="Which?", kind=kind, open=True, **fields))[0]
    assert isinstance(created, PollCreated)
    return created.poll_id, [option.option_id for option in created.options]


def vote(workshop: Workshop, who: str, poll_id: PollId, *option_ids: OptionId, **fields: Any) -> None:
    workshop.do(who, CastBallot(poll_id=poll_id, option_ids=option_ids, **fields))


def tally(workshop: Workshop, poll_id: PollId, viewer: str = "fay") -> TallyRecord:
    record = workshop.sees(viewer)[f"tally:{poll_id}"]
    assert isinstance(record, TallyRecord)
    return record


def counts(workshop: Workshop, poll_id: PollId) -> list[int]:
    return [each.count for each in tally(workshop, poll_id).counts]


def room_ballots(workshop: Workshop, poll_id: PollId, viewer: str = "fay") -> dict[str, int]:
    """Room → ballots shown of it apart."""
    record = workshop.sees(viewer)[f"room_tallies:{poll_id}"]
    assert isinstance(record, RoomTalliesRecord)
    return {room.room_name: room.ballots for room in record.rooms}


def answers(workshop: Workshop, poll_id: PollId, viewer: str = "fay") -> list[AnswerRecord]:
    return [
        record
        for record in workshop.sees(viewer).values()
        if isinstance(record, AnswerRecord) and record.poll_id == poll_id
    ]
