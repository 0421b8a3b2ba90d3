"""Which submissions are discussed at the same time: nobody can be in two discussions of one turn (RV14).

Submissions that share somebody are neighbours in a graph, and turns are its colours. DSATUR (Brélaz 1979) colours
greedily, the submission with the most turns ruled out first; whoever has the most discussions gives the lower bound.
"""

from collections.abc import Mapping, Set

from rooms.ids import ParticipantId, SubmissionId


def plan_turns(
    people_of: Mapping[SubmissionId, Set[ParticipantId]], most_at_once: int
) -> tuple[tuple[SubmissionId, ...], ...]:
    """The submissions of each turn, at most `most_at_once`. Turns are filled from the first, submissions as they are given."""
    places = {submission: number for number, submission in enumerate(people_of)}
    by_person: dict[ParticipantId, list[SubmissionId]] = {}
    for submission, people in people_of.items():
        for person in people:
            by_person.setdefault(person, []).append(submission)
    neighbours = {
        submission: {other for person in people for other in by_person[person]} - {submission}
        for submission, people in people_of.items()
    }
    ruled_out: dict[SubmissionId, set[int]] = {submission: set() for submission in people_of}
    turns: list[list[SubmissionId]] = []
    left = dict.fromkeys(people_of)
    while left:
        chosen = max(left, key=lambda each: (len(ruled_out[each]), len(neighbours[each]), -places[each]))
        del left[chosen]
        turn = next(
            number
            for number in range(len(turns) + 1)
            if number not in ruled_out[chosen] and (number == len(turns) or len(turns[number]) < most_at_once)
        )
        if turn == len(turns):
            turns.append([])
        turns[turn].append(chosen)
        for neighbour in neighbours[chosen]:
            ruled_out[neighbour].add(turn)
    return tuple(tuple(sorted(turn, key=places.__getitem__)) for turn in turns)
