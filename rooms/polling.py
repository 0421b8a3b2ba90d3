"""What deciding, counting and showing polls have in common: who can vote, and what may be known when. Rules PO6, PO7, PO14 to PO16."""

from rooms import limits
from rooms.ballots import Ballot, Tally
from rooms.events.polls import PollContent
from rooms.ids import ParticipantId, RoomId
from rooms.poll_state import Poll
from rooms.records import ALL, FACILITATORS
from rooms.roles import VOTERS
from rooms.state import WorkshopState


def votes(state: WorkshopState, participant_id: ParticipantId) -> bool:
    """Whether somebody is here and of a role that votes."""
    person = state.participants[participant_id]
    return not person.left and person.role in VOTERS


def eligible(state: WorkshopState, poll: Poll) -> int:
    """How many answers there can be: people who can vote or have voted; in a poll for groups, rooms."""
    if poll.status == "closed":
        return poll.closed_eligible
    if poll.content.target == "groups":
        open_rooms = () if state.breakouts is None else state.breakouts.room_ids
        return len({room_id for room_id in open_rooms if state.rooms[room_id].learners} | poll.group_answers.keys())
    return state.present_voters + len(poll.gone)


def answers_wait(content: PollContent) -> bool:
    """Whether answers are shown several at a time only (PO15): one that is seen to come says whose it is to who knows who was about to vote.
    What a group agreed on is nobody's own."""
    return content.anonymous and content.target != "groups"


def shown_ballot(poll: Poll, voter: ParticipantId) -> Ballot | None:
    """Somebody's answer as it stands among those that are shown."""
    return (poll.shown if answers_wait(poll.content) else poll.ballots).get(voter)


def key_is_told(state: WorkshopState, poll: Poll) -> bool:
    """Whether everybody may know a quiz's right answers: not while the same is asked, be it a second time."""
    asked = any(state.polls[poll_id].first_id == poll.first_id for poll_id in state.open_polls)
    return poll.status == "closed" and poll.results == "everyone" and not asked


def results_audience(poll: Poll) -> frozenset[str]:
    """Who sees the poll's numbers; nobody before it was opened."""
    if poll.status == "draft" or poll.results == "hidden":
        return frozenset()
    return frozenset((ALL if poll.results == "everyone" else FACILITATORS,))


def rooms_shown(poll: Poll) -> dict[RoomId, Tally]:
    """The rooms whose numbers are shown apart.

    Of an anonymous poll, when it has closed (the numbers while they grow would say which ballot came from where), rooms with enough
    ballots, and so many that what is left over cannot be told from the total either. A group's answer is one that all of the
    group agreed to give, and is always shown.
    """
    rooms = {room_id: tally for room_id, tally in poll.by_room.items() if tally.ballots}
    if not poll.content.anonymous or poll.content.target == "groups":
        return rooms
    if poll.status != "closed":
        return {}
    least = limits.MIN_ANONYMOUS_BALLOTS
    shown = {room_id: tally for room_id, tally in rooms.items() if tally.ballots >= least}
    over = poll.tally.ballots - sum(tally.ballots for tally in shown.values())
    while shown and 0 < over < least:
        smallest = min(shown, key=lambda room_id: (shown[room_id].ballots, room_id))
        over += shown.pop(smallest).ballots
    return shown
