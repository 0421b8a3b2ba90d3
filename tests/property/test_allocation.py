"""Review allocation against brute force on small cases, and its rules on larger ones."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from rooms.allocation import (
    AllocationRequest,
    Assignment,
    Eligibility,
    OpenReview,
    Submission,
    allocate,
    reassign,
)
from rooms.explanation import sentence
from rooms.ids import ParticipantId, SubmissionId


@st.composite
def requests(draw: st.DrawFn, most_submissions: int, most_reviewers: int, most_each: int) -> AllocationRequest:
    people = [ParticipantId(f"p{number}") for number in range(most_reviewers)]
    reviewers = draw(st.lists(st.sampled_from(people), unique=True, max_size=most_reviewers))
    authors = st.lists(st.sampled_from(people), unique=True, min_size=1, max_size=2).map(tuple)
    count = draw(st.integers(0, most_submissions))
    submissions = [Submission(id=SubmissionId(f"s{number}"), authors=draw(authors)) for number in range(count)]
    pairs = [
        Assignment(submission_id=item.id, reviewer_id=name)
        for item in submissions
        for name in people
        if name not in item.authors
    ]
    some = st.lists(st.sampled_from(pairs), unique=True, max_size=5) if pairs else st.just([])
    return AllocationRequest(
        submissions=submissions,
        reviewers=reviewers,
        reviews_each=draw(st.integers(1, most_each)),
        eligibility=Eligibility(
            group_rule=draw(st.sampled_from(["any", "other", "same"])),
            group_of=draw(st.dictionaries(st.sampled_from(people), st.sampled_from("AB"))),
            barred=draw(some),
        ),
        kept=draw(some),
        max_load=draw(st.none() | st.integers(1, 4)),
    )


def may(request: AllocationRequest, item: Submission, name: ParticipantId) -> bool:
    """The rules of who may review what, once more in the plainest words."""
    rule, group_of = request.eligibility.group_rule, request.eligibility.group_of
    shares = any(name in group_of and group_of[name] == group_of.get(author) for author in item.authors)
    pair = Assignment(submission_id=item.id, reviewer_id=name)
    return (
        name not in item.authors
        and pair not in request.kept
        and pair not in request.eligibility.barred
        and (rule == "any" or shares == (rule == "same"))
    )


Result = tuple[tuple[int, ...], int]
"""Reviews of each submission, and the sum of squared loads."""


def outcome(request: AllocationRequest, added: Sequence[Assignment]) -> Result:
    loads = Counter(pair.reviewer_id for pair in (*request.kept, *added))
    has = Counter(pair.submission_id for pair in (*request.kept, *added))
    return tuple(has[item.id] for item in request.submissions), sum(loads[name] ** 2 for name in request.reviewers)


def outcomes(request: AllocationRequest) -> Iterator[Result]:
    """Of every allocation there is."""
    had = Counter(pair.submission_id for pair in request.kept)
    kept_loads = Counter(pair.reviewer_id for pair in request.kept)
    choices = []
    for item in request.submissions:
        open_to = [name for name in request.reviewers if may(request, item, name)]
        need = max(0, request.reviews_each - had[item.id])
        choices.append([chosen for size in range(need + 1) for chosen in combinations(open_to, size)])
    for picked in product(*choices):
        added = Counter(name for chosen in picked for name in chosen)
        if request.max_load is None or all(
            kept_loads[name] + count <= request.max_load for name, count in added.items()
        ):
            yield (
                tuple(had[item.id] + len(chosen) for item, chosen in zip(request.submissions, picked, strict=True)),
                sum((kept_loads[name] + added[name]) ** 2 for name in request.reviewers),
            )


@settings(max_examples=300, deadline=30_000)
@given(requests(3, 5, 3), st.binary(max_size=4))
def test_RA1_RA2_RA7_agree_with_brute_force(request: AllocationRequest, entropy: bytes) -> None:
    """As many reviews as any allocation has, the worst off first; and no other with the same numbers has more equal loads."""
    result = allocate(request, entropy)
    has, squares = outcome(request, result.added)
    everything = list(outcomes(request))
    assert sum(has) == max(sum(other) for other, _ in everything)
    assert sorted(has) == max(sorted(other) for other, _ in everything if sum(other) == sum(has))
    assert squares == min(other_squares for other, other_squares in everything if other == has)
    complete = all(count >= request.reviews_each for count in has)
    assert (result.explanation[0].code == "reviews_complete") == complete


@settings(max_examples=150, deadline=30_000)
@given(requests(30, 20, 5), st.binary(max_size=4))
def test_RA1_RA3_RA4_RA5_RA9_hold_for_any_request(request: AllocationRequest, entropy: bytes) -> None:
    result = allocate(request, entropy)
    assert result == allocate(request, entropy)
    assert len(set(result.added)) == len(result.added)
    by_id = {item.id: item for item in request.submissions}
    assert all(may(request, by_id[pair.submission_id], pair.reviewer_id) for pair in result.added)
    assert all(pair.reviewer_id in request.reviewers for pair in result.added)
    had = Counter(pair.submission_id for pair in request.kept)
    for item, count in zip(request.submissions, outcome(request, result.added)[0], strict=True):
        assert count <= max(request.reviews_each, had[item.id])
    if request.max_load is not None:
        loads = Counter(pair.reviewer_id for pair in (*request.kept, *result.added))
        assert all(loads[pair.reviewer_id] <= request.max_load for pair in result.added)
    assert all(sentence(reason) for reason in result.explanation)


@settings(max_examples=150, deadline=30_000)
@given(requests(10, 8, 3), st.data(), st.binary(max_size=4))
def test_RA8_reassignment_moves_only_what_people_who_left_had_not_finished(
    request: AllocationRequest, data: st.DataObject, entropy: bytes
) -> None:
    first = allocate(request, entropy)
    submitted = data.draw(st.sets(st.sampled_from(first.added)) if first.added else st.just(set()), label="submitted")
    gone = data.draw(st.sets(st.sampled_from(request.reviewers)) if request.reviewers else st.just(set()), label="gone")
    here = [name for name in request.reviewers if name not in gone]
    reviews = [
        OpenReview(submission_id=pair.submission_id, reviewer_id=pair.reviewer_id, submitted=pair in submitted)
        for pair in first.added
    ]
    result = reassign(request.submissions, here, reviews, entropy, request.eligibility)
    waiting = {pair for pair in first.added if pair not in submitted and pair.reviewer_id in gone}
    moved = [Assignment(submission_id=move.submission_id, reviewer_id=move.from_id) for move in result.moves]
    assert Counter([*moved, *result.stuck]) == Counter(waiting)
    now = Counter(
        (set(first.added) - set(moved))
        | {Assignment(submission_id=move.submission_id, reviewer_id=move.to_id) for move in result.moves}
    )
    assert now.total() == len(first.added)
    by_id = {item.id: item for item in request.submissions}
    loads = Counter(pair.reviewer_id for pair in now)
    for move in result.moves:
        assert move.to_id in here
        assert move.to_id not in by_id[move.submission_id].authors
        # Nobody else who could have taken it has two reviews fewer than whoever did.
        for other in here:
            pair = Assignment(submission_id=move.submission_id, reviewer_id=other)
            free = pair not in now and pair not in first.added and pair not in request.kept
            if free and may(request, by_id[move.submission_id], other):
                assert loads[other] >= loads[move.to_id] - 1
