"""Writing and handing in work (RV5, RV6), also late (RV8)."""

from collections.abc import Iterable, Iterator

from rooms.commands import Stamp
from rooms.commands.review import DraftWork, SubmitWork
from rooms.errors import Rejected
from rooms.events import Event
from rooms.events.review import ReviewsWithdrawn, WorkDrafted, WorkSubmitted
from rooms.ids import ParticipantId, SubmissionId, derive
from rooms.people import known
from rooms.review import limits
from rooms.review.assigning import allot
from rooms.review.lookup import late_submitter, may_write_work, started_round, wrong_phase
from rooms.review_state import ReviewRound, Work
from rooms.state import WorkshopState
from rooms.text import cleaned, link


def decide_draft(state: WorkshopState, command: DraftWork, stamp: Stamp) -> tuple[Event, ...]:
    found = started_round(state, command.round_id)
    who = stamp.actor
    if not may_write_work(found, who, stamp.now_ms):
        raise wrong_phase(found, "Writing")
    _check_not_locked(found, who)
    other = found.submission_of.get(who)
    if other is not None and found.submissions[other].author_id != who:
        message = "You are an author of a submission that somebody else has handed in, and can have only one."
        raise Rejected("author_twice", message, rule="RV6")
    file_id = command.file_id or None
    if file_id is not None and len(file_id) > limits.MAX_FILE_ID_CHARS:
        raise Rejected("file_id_too_long", f"A file id has at most {limits.MAX_FILE_ID_CHARS} characters.", rule="RV5")
    draft = Work(
        author_id=who,
        coauthor_ids=_coauthors(state, command.coauthor_ids, who),
        text=cleaned(command.text, "text", limits.MAX_WORK_CHARS, rule="RV5", may_be_empty=True),
        link=link(command.link, rule="RV5") if command.link else "",
        file_id=file_id,
        file_name=cleaned(command.file_name, "file_name", limits.MAX_FILE_NAME_CHARS, rule="RV5", may_be_empty=True)
        if file_id
        else "",
    )
    if found.drafts.get(who) == draft:
        return ()
    return (
        WorkDrafted(
            round_id=found.round_id,
            author_id=who,
            coauthor_ids=draft.coauthor_ids,
            text=draft.text,
            link=draft.link,
            file_id=draft.file_id,
            file_name=draft.file_name,
        ),
    )


def _check_not_locked(found: ReviewRound, who: ParticipantId) -> None:
    if found.phase != "submit" and who in found.submission_of:
        message = "Your work is handed in and its reviewers have it; it cannot be changed any more."
        raise Rejected("work_locked", message, rule="RV5")


def _coauthors(
    state: WorkshopState, named: Iterable[ParticipantId], author: ParticipantId
) -> tuple[ParticipantId, ...]:
    coauthors = tuple(dict.fromkeys(named))
    if len(coauthors) > limits.MAX_COAUTHORS:
        message = f"{len(coauthors)} co-authors were named; at most {limits.MAX_COAUTHORS} are possible."
        raise Rejected("too_many_coauthors", message, rule="RV6")
    for coauthor in coauthors:
        if coauthor == author or known(state, coauthor).role != "learner":
            raise Rejected("coauthor", "Co-authors are other learners of this workshop.", rule="RV6")
    return coauthors


def decide_submit(state: WorkshopState, command: SubmitWork, stamp: Stamp) -> tuple[Event, ...]:
    found = started_round(state, command.round_id)
    who = stamp.actor
    if not may_write_work(found, who, stamp.now_ms):
        raise wrong_phase(found, "Handing in")
    _check_not_locked(found, who)
    draft = found.drafts.get(who)
    if draft is None or draft.empty:
        message = "There is nothing to hand in yet: write a text, give a link or a file."
        raise Rejected("work_empty", message, rule="RV5")
    if taken(found, draft):
        message = "You or one of your co-authors have a part in another submission; everybody can have one."
        raise Rejected("author_twice", message, rule="RV6")
    before = found.submission_of.get(who)
    if before is not None and found.submissions[before] == draft:
        return ()
    submission_id = before or SubmissionId(derive("s", stamp.entropy))
    submitted = WorkSubmitted(
        round_id=found.round_id,
        submission_id=submission_id,
        author_id=who,
        former_author_ids=_former_authors(found, submission_id, draft),
    )
    if late_submitter(found, who, stamp.now_ms):
        return (submitted, *allot(state, found, stamp, added={submission_id: draft}))
    return (submitted, *withdrawn_from_authors(found, submission_id, draft))


def _former_authors(found: ReviewRound, submission_id: SubmissionId, draft: Work) -> tuple[ParticipantId, ...]:
    before = found.submissions.get(submission_id)
    return () if before is None else tuple(who for who in before.author_ids if who not in draft.author_ids)


def taken(found: ReviewRound, draft: Work) -> bool:
    """Whether one of a draft's authors is an author of something else that was handed in."""
    own = found.submission_of.get(draft.author_id)
    if own is not None and found.submissions[own].author_id != draft.author_id:
        return True
    return any(found.submission_of.get(coauthor, own) != own for coauthor in draft.coauthor_ids)


def withdrawn_from_authors(found: ReviewRound, submission_id: SubmissionId, draft: Work) -> Iterator[Event]:
    """Reviews assigned by hand to somebody who has become an author."""
    lost = tuple(
        review_id
        for review_id in sorted(found.reviews_of.get(submission_id, ()))
        if found.reviews[review_id].reviewer_id in draft.author_ids
    )
    if lost:
        yield ReviewsWithdrawn(round_id=found.round_id, review_ids=lost, reason="by_hand")


def taken_in(
    found: ReviewRound, stamp: Stamp, writers: Iterable[ParticipantId]
) -> Iterator[tuple[WorkSubmitted, Work]]:
    """What these people have drafted and not handed in (again), handed in for them because their time is over.

    A co-author's own draft is left, and so is one whose author another has named meanwhile.
    """
    claimed: set[ParticipantId] = set()
    for index, who in enumerate(writers):
        draft = found.drafts.get(who)
        if draft is None or draft.empty or taken(found, draft) or claimed & set(draft.author_ids):
            continue
        before = found.submission_of.get(who)
        if before is not None and found.submissions[before] == draft:
            continue
        claimed.update(draft.author_ids)
        submission_id = before or SubmissionId(derive("s", stamp.entropy, index))
        submitted = WorkSubmitted(
            round_id=found.round_id,
            submission_id=submission_id,
            author_id=who,
            former_author_ids=_former_authors(found, submission_id, draft),
            automatic=True,
        )
        yield submitted, draft
