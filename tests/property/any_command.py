"""Random commands of every type there is, made from the types of their fields.

Ids are mostly those of things that exist (one in ten does not), numbers and texts mostly reasonable, so that most commands are
carried out and the rest are refused for every reason there is. A new command is covered as soon as it is in `ClientCommand`.
"""

import dataclasses
import types
from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from rooms.commands import ClientCommand, Command, Stamp
from rooms.commands.agenda import SetAgenda
from rooms.commands.breakouts import EditPlan, MarkStep
from rooms.commands.polls import CastBallot
from rooms.commands.review import RateReview, SubmitReview, SubmitWork, WriteMark
from rooms.errors import Rejected
from rooms.events.agenda import JigsawSetup
from rooms.events.breakouts import BreakoutSetup, ByRoster, RoomSetup
from rooms.events.polls import PollScale, PollSetup
from rooms.ids import (
    API,
    PLENARY,
    AnswerId,
    CriterionId,
    MessageId,
    OptionId,
    ParticipantId,
    PlanId,
    PollId,
    QuestionId,
    ReviewId,
    ReviewRoundId,
    RoomId,
    RoundId,
    StepId,
    SubmissionId,
    WorkId,
)
from rooms.roles import ALLOWED, NEEDS_A_PERSON
from rooms.state import WorkshopState
from rooms.workshop import decide
from tests.unit.agenda_case import pause, plenary, poll, review, rooms

COMMANDS: tuple[type[Any], ...] = get_args(ClientCommand)
FAMILIES: dict[str, tuple[type[Any], ...]] = {
    name: tuple(each for each in COMMANDS if each.__module__ == f"rooms.commands.{name}")
    for name in sorted({each.__module__.rsplit(".", 1)[1] for each in COMMANDS})
}
OPEN_ENDED = tuple(each for each in COMMANDS if each.__name__ != "CloseWorkshop")
"""Those after which the story goes on."""
NOTHING = object()
ROSTER = "external_id,room,score,attribute:team\nl0,Harbour,1,red\nl1,Bridge,2,blue\nl9,Bridge,3,red\n"
SHEET = (
    rooms("One", 0.3),
    rooms("Two", 0.3, continues=StepId("one"), countdown_ms=0),
    plenary("Talk", 1),
    rooms("Three", 0.3, same_as=StepId("one"), at_end="keep"),
    poll("Four", 0.5, results_at_end="everyone"),
    poll("Again", 0.2, repeats=StepId("four"), advance="auto"),
    poll("Quiz", 0.2, setup=PollSetup(kind="quiz", question="?", options=("a", "b"), right=(1,), duration_ms=5_000)),
    pause("Pause", 0.2, advance="auto"),
    review("Five", 1, reviews_each=1, at_end="keep"),
    rooms("Six", 0.2, jigsaw=JigsawSetup(topics=(RoomSetup(name="a"), RoomSetup(name="b")))),
    rooms("Seven", 0.2, continues=StepId("six"), advance="auto"),
    review("Eight", 1, reviews_each=2),
    rooms("Nine", 0.2, setup=BreakoutSetup(assignment=ByRoster())),
)
"""Steps that make sense together as long as the first one is there."""

_POOLS: dict[Any, Callable[[WorkshopState], Sequence[Any]]] = {
    ParticipantId: lambda state: [*state.participants, *state.participants, *state.lobby, *state.banned],
    RoomId: lambda state: [
        PLENARY,
        *(state.breakouts.room_ids * 3 if state.breakouts else ()),
        *list(state.rooms)[-2:],
    ],
    RoundId: lambda state: list(state.rounds),
    PlanId: lambda state: list(state.plans),
    PollId: lambda state: list(state.polls)[-4:],
    OptionId: lambda state: [
        each.option_id for poll in list(state.polls.values())[-2:] for each in poll.content.options
    ],
    AnswerId: lambda state: [each for poll in state.polls.values() for each in poll.answers],
    QuestionId: lambda state: [*list(state.questions)[-6:], *list(state.questions)[-2:]],
    MessageId: lambda state: list(state.messages),
    WorkId: lambda state: list(state.works),
    ReviewRoundId: lambda state: [*sorted(state.active_reviews)[-2:] * 2, *list(state.review_rounds)[-2:]],
    ReviewId: lambda state: [each for found in state.review_rounds.values() for each in found.reviews],
    SubmissionId: lambda state: [each for found in state.review_rounds.values() for each in found.submissions],
    StepId: lambda state: [] if state.agenda is None else list(state.agenda.runs),
    CriterionId: lambda state: [each for found in state.review_rounds.values() for each in found.criteria],
}


def any_command(draw: Random, state: WorkshopState, types: Sequence[type[Any]] = COMMANDS) -> tuple[str, Command]:
    """Somebody and a command, mostly one that does something: the first such of a few, or else any."""
    strict = draw.random() < 0.25
    for _ in range(1 if strict else 8):
        actor, command = _any(draw, state, types)
        stamp = Stamp(now_ms=state.now_ms, actor=ParticipantId(actor), entropy=bytes(32))
        try:
            if decide(state, command, stamp):
                break
        except Rejected:
            pass
    return actor, command


def neglected(draw: Random, accepted: Mapping[str, int], most: int = 12) -> list[type[Any]]:
    """The command types that were carried out least often so far: a story that takes from these gets to all of them."""
    types = list(OPEN_ENDED)
    draw.shuffle(types)
    return sorted(types, key=lambda each: accepted.get(each.__name__, 0))[:most]


def _any(draw: Random, state: WorkshopState, types: Sequence[type[Any]]) -> tuple[str, Command]:
    command_type = draw.choice(types)
    command = _message(draw, state, command_type)
    fitting = _fitting(state, command)
    if fitting and draw.random() < 0.8:
        return draw.choice(fitting), command
    able = [
        person.participant_id
        for person in state.participants.values()
        if person.role in ALLOWED[command_type.__name__] and not person.left
    ]
    if command_type.__name__ not in NEEDS_A_PERSON and draw.random() < 0.05:
        return API, command
    if able and draw.random() < 0.9:
        return draw.choice(able), command
    return draw.choice([*state.participants, *state.lobby, "nobody"]), command


def _fitting(state: WorkshopState, command: Any) -> list[str]:
    """Those who alone can give this command, where it is about something of somebody's."""
    if isinstance(command, MarkStep):
        return [who for room in state.rooms.values() if room.task is not None for who in room.people]
    if isinstance(command, SubmitWork):
        found = state.review_rounds.get(command.round_id)
        return [] if found is None else list(found.drafts)
    if isinstance(command, WriteMark | SubmitReview | RateReview):
        found = state.review_rounds.get(state.round_of_review.get(command.review_id, ReviewRoundId("")))
        if found is None:
            return []
        review = found.reviews[command.review_id]
        authors = found.submissions[review.submission_id].author_ids
        return [*authors] if isinstance(command, RateReview) else [review.reviewer_id]
    return []


def any_message(draw: Random, state: WorkshopState, message_type: type[Any]) -> Any:
    """Any message of that type; most make sense."""
    return _message(draw, state, message_type)


def _message(draw: Random, state: WorkshopState, message_type: type[Any]) -> Any:
    hints = get_type_hints(message_type)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(message_type):
        hint = hints[field.name]
        tag = get_origin(hint) is Literal and len(get_args(hint)) == 1
        optional = field.default is not dataclasses.MISSING
        if tag or (optional and draw.random() < 0.4):
            continue
        special = _special(draw, state, message_type, field.name, values)
        values[field.name] = _value(draw, state, hint, field.name) if special is NOTHING else special
    return message_type(**values)


def _special(draw: Random, state: WorkshopState, message_type: type[Any], name: str, values: dict[str, Any]) -> Any:
    """Values that only make sense together with another field."""
    if message_type is EditPlan and name == "seq" and values["plan_id"] in state.plans and draw.random() < 0.8:
        return state.plans[values["plan_id"]].seq
    if message_type is EditPlan and name == "rooms" and values["plan_id"] in state.plans and draw.random() < 0.5:
        rooms = state.plans[values["plan_id"]].plan.rooms
        planned = get_args(get_type_hints(EditPlan)["rooms"])[0]
        return tuple(planned(room_id=room.room_id, participant_ids=room.participant_ids[:2]) for room in rooms)
    if name == "step" and draw.random() < 0.7:
        return 0
    if name == "coauthor_ids" and draw.random() < 0.7:
        return ()
    if message_type is WriteMark and name in ("criterion_id", "score") and draw.random() < 0.8:
        return _marked(draw, state, name, values)
    if message_type is CastBallot and values.get("poll_id") in state.polls and draw.random() < 0.9:
        return _answered(draw, state, name, values["poll_id"])
    if issubclass(message_type, PollSetup) and draw.random() < 0.9:
        return _asked(draw, name, values)
    if message_type is SetAgenda and name == "steps" and draw.random() < 0.8:
        return (SHEET[0], *(step for step in SHEET[1:] if draw.random() < 0.7))
    return NOTHING


def _marked(draw: Random, state: WorkshopState, name: str, values: dict[str, Any]) -> Any:
    found = state.review_rounds.get(state.round_of_review.get(values["review_id"], ReviewRoundId("")))
    if found is None:
        return NOTHING
    if name == "criterion_id":
        return draw.choice(list(found.criteria))
    criterion = found.criteria.get(values["criterion_id"])
    if criterion is None:
        return NOTHING
    return None if criterion.scale is None else draw.randint(criterion.scale.least, criterion.scale.most)


def _answered(draw: Random, state: WorkshopState, name: str, poll_id: PollId) -> Any:
    content = state.polls[poll_id].content
    if name == "option_ids":
        options = [each.option_id for each in content.options]
        number = draw.randint(min(content.min_choices, len(options)), min(content.max_choices, len(options)))
        return tuple(draw.sample(options, number))
    if name == "value":
        return None if content.scale is None else draw.randint(content.scale.low, content.scale.high)
    if name == "text" and content.kind in ("text", "words"):
        return draw.choice(("a", "b", "c d", "A, b", "b; C  D", "e"))
    return "" if name == "text" else NOTHING


def _asked(draw: Random, name: str, values: dict[str, Any]) -> Any:
    """What goes with the kind of poll."""
    kind = values.get("kind", "single")
    with_options = kind in ("single", "multiple", "ranking", "quiz")
    match name:
        case "options":
            return tuple(draw.sample("ABCDE", draw.randint(2, 4))) if with_options else ()
        case "right":
            return (draw.randint(0, 1),) if kind == "quiz" else ()
        case "scale":
            return PollScale(low=draw.randint(-2, 0), high=draw.randint(1, 4)) if kind == "scale" else None
        case "explanation":
            return "Because." if kind == "quiz" else ""
        case "min_choices" | "max_choices":
            return None
        case _:
            return NOTHING


def _value(draw: Random, state: WorkshopState, hint: Any, name: str) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if isinstance(hint, NewType):
        pool = _POOLS[hint](state)
        return draw.choice(pool) if pool and draw.random() < 0.9 else hint("x_none")
    if origin in (Union, types.UnionType):
        return _value(draw, state, draw.choice(args), name)
    if origin is Literal:
        return draw.choice(args)
    if origin is tuple:
        return tuple(_value(draw, state, args[0], name) for _ in range(draw.choice((0, 1, 2, 2, 3))))
    if origin is dict:
        return {"key": _value(draw, state, args[1], name)}
    if hint is type(None):
        return None
    if hint is bool:
        return draw.random() < 0.5
    if hint is int or hint is float:
        return _number(draw, name)
    if hint is str:
        return _text(draw, name)
    return _message(draw, state, hint)


def _number(draw: Random, name: str) -> int:
    if name.endswith("_ms"):
        return draw.choice((0, 1_000, 5_000, 20_000, 20_000, 60_000, -5))
    return draw.choice((0, 1, 1, 2, 2, 3, 4, 7, 400))


def _text(draw: Random, name: str) -> str:
    if name in ("url", "link"):
        return draw.choice(("https://x.example/a", "https://x.example/b", "javascript:x", ""))
    if name == "text" and draw.random() < 0.1:
        return ROSTER
    return draw.choice(("a", "b", "c d", "Harbour", "Bridge", " e\n", "", "y" * 600))
