"""What simulated learners do when the workshop gives them occasion."""

from collections.abc import Callable
from functools import partial
from random import Random

from rooms.commands.breakouts import EnterRoom
from rooms.commands.people import Connect, Disconnect
from rooms.commands.polls import CastBallot
from rooms.commands.review import DraftWork, RateReview, SubmitReview, SubmitWork, WriteMark
from rooms.events import Recorded
from rooms.events.breakouts import BreakoutsOpened
from rooms.events.people import ParticipantJoined, ParticipantReturned
from rooms.events.polls import PollOpened
from rooms.events.review import ReviewPhaseStarted, ReviewsAssigned
from rooms.ids import ParticipantId, PollId, ReviewId, ReviewRoundId
from rooms.poll_state import Poll
from rooms.review_state import Review, ReviewRound
from server.rehearsal import people
from server.rehearsal.people import Learner
from server.rehearsal.stage import Stage


class Actors:
    """Brings the learners in and out, and lets them act."""

    def __init__(self, stage: Stage, draw: Random, learners: list[Learner]) -> None:
        self._stage = stage
        self._draw = draw
        self.learners = {learner.who: learner for learner in learners}
        self._reviewing: dict[ParticipantId, float] = {}
        """Until when (on the stage's clock) somebody is busy with reviews."""
        self._told: set[ReviewId] = set()
        stage.listeners.append(self._heard)

    def bring_in(self) -> None:
        """Those who are in time now, the others later."""
        for learner in self.learners.values():
            if learner.comes_ms == 0:
                self._connect(learner)
            else:
                self._stage.later(learner.comes_ms, partial(self._connect, learner))
            if learner.lost_ms is not None:
                self._stage.later(learner.lost_ms, partial(self._disconnect, learner))
            if learner.back_ms is not None:
                self._stage.later(learner.back_ms, partial(self._connect, learner))

    def _connect(self, learner: Learner) -> None:
        learner.connections += 1
        learner.here = True
        self._stage.do(
            learner.who,
            Connect(
                connection_id=learner.connection(),
                name=learner.name,
                role="learner",
                external_id=learner.external_id,
                email=learner.email,
            ),
        )

    def _disconnect(self, learner: Learner) -> None:
        learner.here = False
        self._stage.do(learner.who, Disconnect(connection_id=learner.connection()))

    # ── occasions ────────────────────────────────────────────────────────────────────────────────────────────────────
    def _heard(self, recorded: Recorded) -> None:
        match recorded.event:
            case PollOpened(poll_id=poll_id):
                for learner in self.learners.values():
                    self._will_answer(learner, poll_id)
            case ParticipantJoined(participant_id=who) | ParticipantReturned(participant_id=who):
                if who in self.learners:
                    self._has_come(self.learners[who])
            case BreakoutsOpened(choose=True):
                for learner in self.learners.values():
                    self._after(learner, people.CHOOSE_S, partial(self._choose, learner))
            case ReviewPhaseStarted(round_id=round_id, phase=phase):
                self._phase(round_id, phase)
            case ReviewsAssigned(round_id=round_id):
                self._take_reviews(self._stage.state.review_rounds[round_id])
            case _:
                pass

    def _has_come(self, learner: Learner) -> None:
        state = self._stage.state
        for poll_id in sorted(state.open_polls):
            self._will_answer(learner, poll_id)
        for round_id in sorted(state.active_reviews):
            if state.review_rounds[round_id].phase == "submit":
                self._will_write(learner, round_id)
        if state.breakouts is not None and state.breakouts.choose:
            self._after(learner, people.CHOOSE_S, lambda: self._choose(learner))

    def _after(self, learner: Learner, median_s: float, action: Callable[[], None]) -> None:
        """Act after about that time; whoever is not connected then does not act."""
        seconds = median_s * learner.pace * self._draw.lognormvariate(0, people.SPREAD / 2)
        self._stage.later(seconds * 1_000, lambda: action() if learner.here else None)

    # ── polls and rooms ──────────────────────────────────────────────────────────────────────────────────────────────
    def _will_answer(self, learner: Learner, poll_id: PollId) -> None:
        content = self._stage.state.polls[poll_id].content
        if self._draw.random() > learner.answers:
            return
        chars = len(content.question) + sum(len(option.text) for option in content.options)
        median_s = people.ANSWER_S[content.kind] + chars / people.READ_CHARS_PER_S
        self._after(learner, median_s, lambda: self._answer(learner, poll_id))

    def _answer(self, learner: Learner, poll_id: PollId) -> None:
        poll = self._stage.state.polls.get(poll_id)
        if poll is not None and poll.status == "open" and learner.who not in poll.ballots:
            self._stage.try_to(learner.who, self._ballot(learner, poll))

    def _ballot(self, learner: Learner, poll: Poll) -> CastBallot:
        content, draw = poll.content, self._draw
        options = [option.option_id for option in content.options]
        if content.target == "groups":
            # A group talks until it agrees: whoever comes later says what the first one has said.
            room_id = self._stage.state.participants[learner.who].room_id
            said = next((ballot for ballot in poll.ballots.values() if ballot.room_id == room_id), None)
            if said is not None:
                return CastBallot(poll_id=poll.poll_id, option_ids=said.option_ids, value=said.value)
        match content.kind:
            case "scale":
                assert content.scale is not None
                value = draw.randint(content.scale.low, content.scale.high)
                return CastBallot(poll_id=poll.poll_id, value=value)
            case "text":
                return CastBallot(poll_id=poll.poll_id, text=f"An answer by {learner.name}.")
            case "words":
                return CastBallot(poll_id=poll.poll_id, text=draw.choice(("trust", "time", "clarity", "courage")))
            case "quiz":
                right = draw.random() < learner.knows
                wrong = tuple(draw.sample(options, min(len(options), len(content.right_ids))))
                return CastBallot(poll_id=poll.poll_id, option_ids=content.right_ids if right else wrong)
            case _:
                number = draw.randint(content.min_choices, max(content.min_choices, content.max_choices))
                return CastBallot(
                    poll_id=poll.poll_id, option_ids=tuple(draw.sample(options, min(number, len(options))))
                )

    def _choose(self, learner: Learner) -> None:
        breakouts = self._stage.state.breakouts
        if breakouts is None or not breakouts.choose:
            return
        for room_id in self._draw.sample(breakouts.room_ids, len(breakouts.room_ids)):
            if self._stage.try_to(learner.who, EnterRoom(room_id=room_id)):
                return

    # ── review ───────────────────────────────────────────────────────────────────────────────────────────────────────
    def _phase(self, round_id: ReviewRoundId, phase: str) -> None:
        found = self._stage.state.review_rounds[round_id]
        if phase == "submit":
            for learner in self.learners.values():
                self._will_write(learner, round_id)
        elif phase == "review":
            self._take_reviews(found)
        elif phase == "feedback":
            for review in found.reviews.values():
                self._will_rate(found, review)

    def _will_write(self, learner: Learner, round_id: ReviewRoundId) -> None:
        draft = DraftWork(round_id=round_id, text=f"The work of {learner.name}.")
        self._after(learner, people.WRITE_S / 3, lambda: self._try(learner, draft))
        self._after(learner, people.WRITE_S, lambda: self._hand_in(learner, draft))

    def _hand_in(self, learner: Learner, draft: DraftWork) -> None:
        self._try(learner, draft)
        self._try(learner, SubmitWork(round_id=draft.round_id))

    def _try(self, learner: Learner, command: DraftWork | SubmitWork | RateReview) -> None:
        self._stage.try_to(learner.who, command)

    def _take_reviews(self, found: ReviewRound) -> None:
        """Everybody does their reviews one after the other, once reviewing runs."""
        if found.phase != "review":
            return
        for review in found.reviews.values():
            learner = self.learners.get(review.reviewer_id)
            if learner is None or review.submitted or review.review_id in self._told:
                continue
            self._told.add(review.review_id)
            seconds = (people.REVIEW_S + people.CRITERION_S * len(found.criteria)) * learner.pace
            begins_ms = max(self._stage.now_ms, self._reviewing.get(learner.who, 0))
            ends_ms = begins_ms + seconds * 1_000 * self._draw.lognormvariate(0, people.SPREAD / 2)
            self._reviewing[learner.who] = ends_ms
            self._stage.later(
                ends_ms - self._stage.now_ms,
                partial(self._review, learner, found.round_id, review.review_id),
            )

    def _review(self, learner: Learner, round_id: ReviewRoundId, review_id: ReviewId) -> None:
        if not learner.here:
            return
        for criterion in self._stage.state.review_rounds[round_id].criteria.values():
            scale = criterion.scale
            score = None if scale is None else self._draw.randint(scale.least, scale.most)
            comment = "" if criterion.comment == "none" else "More of this."
            mark = WriteMark(review_id=review_id, criterion_id=criterion.criterion_id, score=score, comment=comment)
            self._stage.try_to(learner.who, mark)
        self._stage.try_to(learner.who, SubmitReview(review_id=review_id))

    def _will_rate(self, found: ReviewRound, review: Review) -> None:
        author = self.learners.get(found.submissions[review.submission_id].author_id)
        if author is None or not review.submitted or review.own:
            return
        rate = RateReview(review_id=review.review_id, rating=self._draw.randint(2, 5))
        self._after(author, people.RATE_S, lambda: self._try(author, rate))
