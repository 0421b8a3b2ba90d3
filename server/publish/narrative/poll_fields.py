"""What is published of a poll: what was asked, what somebody named answered, and the numbers. See server.publish.narrative.polls for when."""

from typing import Any

from rooms import limits
from rooms.ballots import Ballot, mean
from rooms.events.polls import BallotCast
from rooms.poll_state import Poll
from rooms.polling import answers_wait
from server.publish.catalogue import polls as c


def asked(poll: Poll) -> dict[str, Any]:
    """The fields of `PollOpened`. A quiz's right answers are told when it closes."""
    content = poll.content
    return {
        "question": content.question,
        "poll_kind": content.kind,
        "options": tuple(c.Choice(option_id=each.option_id, text=each.text) for each in content.options),
        "scale": content.scale,
        "target": content.target,
        "follows": content.follows,
        "anonymous": content.anonymous,
    }


def answered(poll: Poll, event: BallotCast) -> dict[str, Any]:
    """The answer's fields of a named `PollAnswered`."""
    right = set(event.option_ids) == set(poll.content.right_ids) if poll.content.kind == "quiz" else None
    return {"option_ids": event.option_ids, "value": event.value, "text": event.text or None, "right": right}


def counted(poll: Poll) -> dict[str, Any]:
    """The numbers of `PollClosed`, and what was written, without names and in alphabetical order; hidden answers are left out."""
    tally, content = poll.tally, poll.content
    words = sorted(tally.words.items(), key=lambda item: (-item[1], item[0]))[: limits.MAX_WORDS_SHOWN]
    shown = poll.shown if answers_wait(content) else poll.ballots
    written = (ballot.text for ballot in shown.values() if ballot.answer_id not in poll.hidden)
    return {
        "counts": tuple(c.Count(option_id=option_id, count=n) for option_id, n in tally.counts.items()),
        "scores": tuple(c.Count(option_id=option_id, count=n) for option_id, n in tally.scores.items()),
        "values": tuple(c.ValueCount(value=value, count=n) for value, n in tally.values.items()),
        "mean": mean(tally.values),
        "words": tuple(c.WordCount(word=word, count=n) for word, n in words),
        "texts": tuple(sorted(written)) if content.kind == "text" else (),
        "groups": tuple(_group(room_id, answer) for room_id, answer in sorted(poll.group_answers.items())),
    }


def _group(room_id: Any, answer: Ballot) -> c.GroupAnswer:
    return c.GroupAnswer(room_id=room_id, option_ids=answer.option_ids, value=answer.value)
