"""A workshop's state from its journal."""

from rooms.events.privacy import PersonalDataErased
from rooms.ids import WorkshopId
from rooms.state import WorkshopState
from rooms.workshop import evolve, initial_state
from server.journal.port import READ_LIMIT, Journal


async def replay(journal: Journal, workshop_id: WorkshopId, known: WorkshopState | None = None) -> WorkshopState:
    """The state now. `known` is an earlier one, which is continued, and belongs to the caller no more; where somebody's data was erased
    since then, everything is read anew. Raises `JournalUnavailable`."""
    state = initial_state() if known is None else known
    while page := await journal.read(workshop_id, state.seq, READ_LIMIT):
        if known is not None and any(isinstance(recorded.event, PersonalDataErased) for recorded in page):
            return await replay(journal, workshop_id)
        for recorded in page:
            state = evolve(state, recorded)
        if len(page) < READ_LIMIT:
            break
    return state
