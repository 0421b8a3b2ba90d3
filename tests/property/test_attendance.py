"""The fold equals what an oracle works out from the raw intervals, whatever people do. The seed is printed and pins a failure."""

import contextlib
import os
from random import Random

import pytest

from rooms.attendance import report_of
from rooms.commands.breakouts import CloseBreakouts, MoveParticipants, OpenBreakouts
from rooms.commands.people import Connect, Disconnect, DropAllConnections, Leave
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, OpenPoll
from rooms.errors import Rejected
from rooms.ids import SYSTEM, ConnectionId, ParticipantId, PollId
from rooms.roles import Role
from tests.property.attendance_oracle import Life, common, length, merged
from tests.unit.workshop_case import Workshop

GRACE_MS = 5_000
ROLES: dict[str, Role] = {
    "fay": "facilitator", "cora": "cofacilitator", "obi": "observer", "ann": "learner", "bob": "learner", "cid": "learner"
}  # fmt: skip


class Story:
    """Random comings and goings, given to the workshop and to the oracle alike."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)
        self.workshop = Workshop(seed=seed, grace_ms=GRACE_MS)
        self.lives = {who: Life() for who in ROLES}
        self.polls: dict[PollId, list[tuple[int, int]]] = {}
        self.voted: dict[str, set[PollId]] = {who: set() for who in ROLES}

    @property
    def now(self) -> int:
        return self.workshop.now_ms

    def here(self, who: str) -> bool:
        person = self.workshop.state.participants.get(ParticipantId(who))
        return person is not None and not person.left

    def note_places(self) -> None:
        """Where people are is the rooms' business; here it is only read, and timed by the story."""
        for who, person in self.workshop.state.participants.items():
            places = self.lives[who].places
            if not places or places[-1][1] != person.room_id:
                places.append((self.now, person.room_id))

    def step(self) -> None:
        who, tab = self.draw.choice(sorted(ROLES)), self.draw.choice("xyz")
        acts = (
            [self.connect] * 5 + [self.disconnect] * 5 + [self.wait] * 6
            + [self.leave, self.move, self.rooms, self.vote, self.poll, self.crash]
        )  # fmt: skip
        with contextlib.suppress(Rejected):
            self.draw.choice(acts)(who, tab)
        self.note_places()

    def connect(self, who: str, tab: str) -> None:
        command = Connect(connection_id=ConnectionId(f"{who}{tab}"), name=who, role=ROLES[who])
        self.workshop.do(who, command)
        self.lives[who].open(tab, self.now)

    def disconnect(self, who: str, tab: str) -> None:
        self.workshop.do(who, Disconnect(connection_id=ConnectionId(f"{who}{tab}")))
        self.lives[who].close(tab, self.now)

    def leave(self, who: str, _tab: str) -> None:
        if self.here(who):
            self.workshop.do(who, Leave())
            self.lives[who].leave(self.now)

    def crash(self, _who: str, _tab: str) -> None:
        """Nothing happens while the server is down; what was due meanwhile comes after it is back."""
        died = self.workshop.log[-1].at_ms
        self.workshop.now_ms += self.draw.choice((0, 3_000, 60_000))
        self.workshop.do(SYSTEM, DropAllConnections())
        for life in self.lives.values():
            life.crash(died, self.now)
        self.workshop.wait(0)

    def move(self, who: str, _tab: str) -> None:
        room_id = self.draw.choice(list(self.workshop.state.rooms))
        self.workshop.do("api", MoveParticipants(participant_ids=(ParticipantId(who),), room_id=room_id))

    def rooms(self, _who: str, _tab: str) -> None:
        opens = self.workshop.state.breakouts is None
        self.workshop.do("api", OpenBreakouts(count=self.draw.choice((1, 2))) if opens else CloseBreakouts())

    def poll(self, _who: str, _tab: str) -> None:
        open_polls = sorted(self.workshop.state.open_polls)
        if open_polls and self.draw.random() < 0.5:
            self.workshop.do("api", ClosePoll(poll_id=open_polls[0]))
            start, _ = self.polls[open_polls[0]].pop()
            self.polls[open_polls[0]].append((start, self.now))
            return
        before = set(self.workshop.state.polls)
        self.workshop.do("api", CreatePoll(question="?", options=("a", "b"), anonymous=False))
        (poll_id,) = set(self.workshop.state.polls) - before
        self.workshop.do("api", OpenPoll(poll_id=poll_id))
        self.polls[poll_id] = [(self.now, -1)]

    def vote(self, who: str, _tab: str) -> None:
        for poll_id in sorted(self.workshop.state.open_polls):
            option_id = self.workshop.state.polls[poll_id].content.options[0].option_id
            self.workshop.do(who, CastBallot(poll_id=poll_id, option_ids=(option_id,)))
            self.voted[who].add(poll_id)

    def wait(self, _who: str, _tab: str) -> None:
        self.note_places()
        self.workshop.wait(self.draw.choice((1, 700, 2_500, 4_999, 5_000, 5_001, 12_000)))

    # ── what must come out ───────────────────────────────────────────────────────────────────────────────────────────
    def session(self) -> list[tuple[int, int]]:
        return merged([each for who in ("fay", "cora") for each in self.lives[who].connected(self.now)])

    def offered(self, who: str) -> set[PollId]:
        """Open at a moment when they were here; touching is enough, since things happen within one millisecond."""
        here = self.lives[who].present(self.now, GRACE_MS)
        return self.voted[who] | {
            poll_id
            for poll_id, ((start, end),) in self.polls.items()
            if ROLES[who] != "observer" and any(a < (self.now if end < 0 else end) and start <= b for a, b in here)
        }

    def check(self) -> None:
        state, now = self.workshop.state, self.now
        for who, life in self.lives.items():
            report = report_of(state, ParticipantId(who), now)
            if report is None:
                assert life.visits == [[]]
                assert not life.open_tabs
                continue
            here = life.present(now, GRACE_MS)
            assert report.present_ms == length(here), who
            assert {room.room_id: room.ms for room in report.rooms if room.ms} == life.in_rooms(now, GRACE_MS), who
            assert report.session_ms == common(here, self.session()), who
            assert report.polls.done == len(self.voted[who]), who
            span = length(self.session())
            expected = None if not span else min(1000 * report.session_ms // span, 1000) / 10
            assert report.percent == expected, who


@pytest.mark.parametrize("seed", range(int(os.environ.get("ATELIER_WALKS", "12"))))
def test_AT1_AT2_AT3_the_fold_is_what_the_intervals_say(seed: int) -> None:
    print(f"seed {seed}")
    story = Story(seed)
    for _ in range(int(os.environ.get("ATELIER_STEPS", "250"))):
        story.step()
        if story.draw.random() < 0.2:
            story.check()
    story.check()
    assert story.workshop.replayed() == story.workshop.state


@pytest.mark.parametrize("seed", range(int(os.environ.get("ATELIER_WALKS", "12"))))
def test_AT5_polls_offered_are_those_that_were_open_while_somebody_was_here(seed: int) -> None:
    """Time passes between any two steps, so that no two things happen at once and the intervals say it all."""
    print(f"seed {seed}")
    story = Story(seed)
    for _ in range(150):
        story.step()
        story.workshop.wait(1)
        for who in ROLES:
            report = report_of(story.workshop.state, ParticipantId(who), story.now)
            offered = 0 if report is None else report.polls.offered
            assert offered == len(story.offered(who)), who
