"""The question board: ask, take back, vote, answer, dismiss, merge, reopen. Rules QU in SPEC.md.

Who asked anonymously stands in the event (so that it can be erased with the person) and in the state, and in no record but the
one that tells the person themselves; who voted for what likewise. A merged question keeps its own votes, so that it can be
taken out again; what counts is who voted for any of them.
"""

from collections.abc import Iterable, Set

from rooms import limits
from rooms.commands import Stamp
from rooms.commands.questions import (
    AnswerQuestion,
    AskQuestion,
    DismissQuestion,
    MergeQuestions,
    ReopenQuestion,
    VoteForQuestion,
    WithdrawQuestion,
)
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.questions import (
    QuestionAnswered,
    QuestionAsked,
    QuestionDismissed,
    QuestionReopened,
    QuestionsMerged,
    QuestionVoteChanged,
    QuestionWithdrawn,
)
from rooms.feature import Feature, Shown
from rooms.ids import ParticipantId, QuestionId, derive
from rooms.question_records import MyQuestionRecord, QuestionRecord
from rooms.question_state import Question
from rooms.records import ALL, FACILITATORS, person_audience
from rooms.state import WorkshopState
from rooms.text import cleaned


def _question(state: WorkshopState, question_id: QuestionId) -> Question:
    question = state.questions.get(question_id)
    if question is None:
        message = f"There is no question with the id {question_id!r} in this workshop."
        raise Rejected("unknown_question", message, rule="QU1")
    return question


def _open(state: WorkshopState, question_id: QuestionId, rule: str) -> Question:
    question = _question(state, question_id)
    if question.status != "open":
        message = f"This question is {question.status}; it can be reopened first."
        raise Rejected("question_not_open", message, rule=rule)
    return question


def supporters(state: WorkshopState, question: Question) -> Set[ParticipantId]:
    """Who voted for a question or one that is part of it, each once."""
    if not question.merged:
        return question.votes
    return question.votes.union(*(state.questions[each].votes for each in question.merged))


# ── decide ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def decide_ask(state: WorkshopState, command: AskQuestion, stamp: Stamp) -> tuple[Event, ...]:
    text = cleaned(command.text, "question", limits.MAX_QUESTION_CHARS, rule="QU2")
    if len(state.questions) >= limits.MAX_BOARD_QUESTIONS:
        message = f"The board holds {limits.MAX_BOARD_QUESTIONS} questions and is full."
        raise Rejected("too_many_questions", message, rule="QU2")
    own = sum(each.participant_id == stamp.actor and each.status == "open" for each in state.questions.values())
    if own >= limits.MAX_OPEN_QUESTIONS_EACH:
        message = f"You have asked {own} questions that are still open; wait until some are answered."
        raise Rejected("too_many_questions", message, rule="QU2")
    question_id = QuestionId(derive("u", stamp.entropy))
    return (QuestionAsked(question_id=question_id, participant_id=stamp.actor, text=text, anonymous=command.anonymous),)


def decide_withdraw(state: WorkshopState, command: WithdrawQuestion, stamp: Stamp) -> tuple[Event, ...]:
    question = _question(state, command.question_id)
    if question.participant_id != stamp.actor:
        raise Rejected("not_your_question", "Only whoever asked a question can take it back.", rule="QU10")
    _open(state, command.question_id, "QU10")
    return (QuestionWithdrawn(question_id=question.question_id, participant_id=stamp.actor),)


def decide_vote(state: WorkshopState, command: VoteForQuestion, stamp: Stamp) -> tuple[Event, ...]:
    question = _open(state, command.question_id, "QU5")
    if (stamp.actor in supporters(state, question)) == command.up:
        return ()
    return (QuestionVoteChanged(question_id=question.question_id, participant_id=stamp.actor, up=command.up),)


def decide_answer(state: WorkshopState, command: AnswerQuestion, stamp: Stamp) -> tuple[Event, ...]:
    question = _question(state, command.question_id)
    if question.status not in ("open", "answered"):
        message = f"This question is {question.status}; reopen it to answer it."
        raise Rejected("question_not_open", message, rule="QU6")
    text = cleaned(command.text, "answer", limits.MAX_ANSWER_CHARS, rule="QU6", may_be_empty=True)
    if question.status == "answered" and (question.answer, question.answered_by) == (text, stamp.actor):
        return ()
    return (QuestionAnswered(question_id=question.question_id, participant_id=stamp.actor, text=text),)


def decide_dismiss(state: WorkshopState, command: DismissQuestion, _stamp: Stamp) -> tuple[Event, ...]:
    question = _question(state, command.question_id)
    if question.status == "dismissed":
        return ()
    _open(state, command.question_id, "QU7")
    return (QuestionDismissed(question_id=question.question_id),)


def decide_merge(state: WorkshopState, command: MergeQuestions, _stamp: Stamp) -> tuple[Event, ...]:
    if command.question_id == command.into_id:
        _question(state, command.question_id)
        raise Rejected("merge_with_itself", "A question cannot be merged with itself; name two.", rule="QU8")
    goes = _open(state, command.question_id, "QU8")
    stays = _open(state, command.into_id, "QU8")
    return (QuestionsMerged(question_id=goes.question_id, into_id=stays.question_id),)


def decide_reopen(state: WorkshopState, command: ReopenQuestion, _stamp: Stamp) -> tuple[Event, ...]:
    question = _question(state, command.question_id)
    if question.status == "open":
        return ()
    return (QuestionReopened(question_id=question.question_id, out_of=question.merged_into),)


# ── evolve ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def evolve_asked(state: WorkshopState, event: QuestionAsked, recorded: Recorded) -> None:
    state.questions[event.question_id] = Question(
        question_id=event.question_id,
        seq=recorded.seq,
        text=event.text,
        participant_id=event.participant_id,
        anonymous=event.anonymous,
    )


def evolve_withdrawn(state: WorkshopState, event: QuestionWithdrawn, _recorded: Recorded) -> None:
    question = state.questions[event.question_id]
    question.votes, question.text = set(supporters(state, question)), ""
    for question_id in question.merged:
        part = state.questions[question_id]
        part.status, part.merged_into = "open", None
    state.withdrawn_question = state.questions.pop(event.question_id)


def evolve_vote(state: WorkshopState, event: QuestionVoteChanged, _recorded: Recorded) -> None:
    question = state.questions[event.question_id]
    if event.up:
        question.votes.add(event.participant_id)
        return
    for each in (question, *map(state.questions.__getitem__, question.merged)):
        each.votes.discard(event.participant_id)


def evolve_answered(state: WorkshopState, event: QuestionAnswered, _recorded: Recorded) -> None:
    question = state.questions[event.question_id]
    question.status, question.answer, question.answered_by = "answered", event.text, event.participant_id


def evolve_dismissed(state: WorkshopState, event: QuestionDismissed, _recorded: Recorded) -> None:
    state.questions[event.question_id].status = "dismissed"


def evolve_merged(state: WorkshopState, event: QuestionsMerged, _recorded: Recorded) -> None:
    goes, stays = state.questions[event.question_id], state.questions[event.into_id]
    goes.status = "merged"
    for question_id in (goes.question_id, *goes.merged):
        state.questions[question_id].merged_into = stays.question_id
        stays.merged.append(question_id)
    goes.merged.clear()


def evolve_reopened(state: WorkshopState, event: QuestionReopened, _recorded: Recorded) -> None:
    question = state.questions[event.question_id]
    if event.out_of is not None:
        state.questions[event.out_of].merged.remove(question.question_id)
    question.status, question.merged_into, question.answer, question.answered_by = "open", None, "", None


# ── records ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def render_question(state: WorkshopState, key_id: str) -> Shown | None:
    question = state.questions.get(QuestionId(key_id))
    if question is None:
        return None
    record = QuestionRecord(
        question_id=question.question_id,
        seq=question.seq,
        text=question.text,
        author_id=None if question.anonymous else question.participant_id,
        status=question.status,
        votes=len(supporters(state, question)),
        answer=question.answer,
        answered_by=question.answered_by,
        merged_into=question.merged_into,
    )
    if question.status in ("open", "answered"):
        return record, frozenset((ALL,))
    return record, frozenset((FACILITATORS, person_audience(question.participant_id)))


def render_mine(state: WorkshopState, key_id: str) -> Shown | None:
    question_id, _, who = key_id.partition(":")
    question = state.questions.get(QuestionId(question_id))
    if question is None:
        return None
    me = ParticipantId(who)
    asked, voted = question.participant_id == me, me in supporters(state, question)
    if not asked and not voted:
        return None
    record = MyQuestionRecord(question_id=question.question_id, participant_id=me, asked=asked, voted=voted)
    return record, frozenset((person_audience(me),))


def touch_question(_state: WorkshopState, event: QuestionAnswered | QuestionDismissed) -> Iterable[str]:
    return (f"question:{event.question_id}",)


def touch_somebodys(state: WorkshopState, event: QuestionAsked | QuestionVoteChanged) -> Iterable[str]:
    for question_id in (event.question_id, *state.questions[event.question_id].merged):
        yield f"question:{question_id}"
        yield f"my_question:{question_id}:{event.participant_id}"


def touch_withdrawn(state: WorkshopState, event: QuestionWithdrawn) -> Iterable[str]:
    gone = state.withdrawn_question
    assert gone is not None
    yield f"question:{event.question_id}"
    yield from (f"my_question:{event.question_id}:{who}" for who in sorted({event.participant_id, *gone.votes}))
    for question_id in gone.merged:
        yield from _all_of(state, question_id)


def touch_merged(state: WorkshopState, event: QuestionsMerged) -> Iterable[str]:
    yield from (f"question:{each}" for each in state.questions[event.into_id].merged)
    yield from _all_of(state, event.into_id)
    yield from _votes_for(state, event.question_id, of=event.into_id)


def touch_reopened(state: WorkshopState, event: QuestionReopened) -> Iterable[str]:
    yield from _all_of(state, event.question_id)
    if event.out_of is not None:
        yield f"question:{event.out_of}"
        yield from _votes_for(state, event.out_of, of=event.question_id)


def _votes_for(state: WorkshopState, question_id: QuestionId, *, of: QuestionId) -> Iterable[str]:
    """What those who voted for one question know of another."""
    return (f"my_question:{question_id}:{who}" for who in sorted(supporters(state, state.questions[of])))


def _all_of(state: WorkshopState, question_id: QuestionId) -> Iterable[str]:
    question = state.questions[question_id]
    yield f"question:{question_id}"
    yield f"my_question:{question_id}:{question.participant_id}"
    yield from (f"my_question:{question_id}:{who}" for who in sorted(supporters(state, question)))


def _keys(state: WorkshopState) -> Iterable[str]:
    for question_id in state.questions:
        yield from _all_of(state, question_id)


FEATURE = Feature(
    deciders={
        AskQuestion: decide_ask,
        WithdrawQuestion: decide_withdraw,
        VoteForQuestion: decide_vote,
        AnswerQuestion: decide_answer,
        DismissQuestion: decide_dismiss,
        MergeQuestions: decide_merge,
        ReopenQuestion: decide_reopen,
    },
    evolvers={
        QuestionAsked: evolve_asked,
        QuestionWithdrawn: evolve_withdrawn,
        QuestionVoteChanged: evolve_vote,
        QuestionAnswered: evolve_answered,
        QuestionDismissed: evolve_dismissed,
        QuestionsMerged: evolve_merged,
        QuestionReopened: evolve_reopened,
    },
    touched={
        QuestionAsked: touch_somebodys,
        QuestionWithdrawn: touch_withdrawn,
        QuestionVoteChanged: touch_somebodys,
        QuestionAnswered: touch_question,
        QuestionDismissed: touch_question,
        QuestionsMerged: touch_merged,
        QuestionReopened: touch_reopened,
    },
    renderers={"question": render_question, "my_question": render_mine},
    keys=_keys,
)
