"""The workshop's own life: created, closed. Rules WS in SPEC.md."""

from collections.abc import Iterable

from rooms import limits
from rooms.attendance.objecting import checked_rule
from rooms.commands import Stamp
from rooms.commands.workshop import CreateWorkshop
from rooms.errors import Rejected
from rooms.events import Event, Recorded
from rooms.events.workshop import Retention, WorkshopClosed, WorkshopCreated
from rooms.feature import Feature, Shown
from rooms.records import ALL, LOBBY, WorkshopRecord
from rooms.state import WorkshopState
from rooms.text import cleaned


def decide_create(_state: WorkshopState, command: CreateWorkshop, _stamp: Stamp) -> tuple[Event, ...]:
    title = cleaned(command.title, "title", limits.MAX_TITLE_CHARS, rule="WS1")
    if not limits.MIN_GRACE_MS <= command.grace_ms <= limits.MAX_GRACE_MS:
        message = (
            f"A grace of {command.grace_ms} ms was asked for; "
            f"between {limits.MIN_GRACE_MS} and {limits.MAX_GRACE_MS} is possible."
        )
        raise Rejected("grace", message, rule="WS1")
    created = WorkshopCreated(
        workshop_id=command.workshop_id,
        title=title,
        grace_ms=command.grace_ms,
        lobby=command.lobby,
        attendance=checked_rule(command.attendance),
        retention=_checked(command.retention),
        programme=cleaned(command.programme, "programme", limits.MAX_TITLE_CHARS, rule="WS1", may_be_empty=True),
    )
    return (created,)


def _checked(retention: Retention) -> Retention:
    for days in (retention.personal_data_days, retention.everything_days):
        if days is not None and not 0 <= days <= limits.MAX_RETENTION_DAYS:
            message = f"{days} days were asked for; between 0 (for ever) and {limits.MAX_RETENTION_DAYS} are possible."
            raise Rejected("retention_days", message, rule="PD6")
    return retention


def evolve_created(state: WorkshopState, event: WorkshopCreated, _recorded: Recorded) -> None:
    state.workshop_id = event.workshop_id
    state.title = event.title
    state.programme = event.programme
    state.grace_ms = event.grace_ms
    state.lobby_on = event.lobby
    state.status = "open"


def evolve_closed(state: WorkshopState, _event: WorkshopClosed, _recorded: Recorded) -> None:
    state.status = "closed"


def touch(_state: WorkshopState, _event: Event) -> Iterable[str]:
    return ("workshop", "room:plenary")


def render(state: WorkshopState, _key_id: str) -> Shown | None:
    if state.status == "new":
        return None
    record = WorkshopRecord(
        workshop_id=state.workshop_id,
        title=state.title,
        status=state.status,
        lobby=state.lobby_on,
        locked=state.locked,
        forbidden=tuple(sorted(state.forbidden)),
    )
    return record, frozenset((ALL, LOBBY))


FEATURE = Feature(
    deciders={CreateWorkshop: decide_create},
    evolvers={WorkshopCreated: evolve_created, WorkshopClosed: evolve_closed},
    touched={WorkshopCreated: touch, WorkshopClosed: touch},
    renderers={"workshop": render},
    keys=lambda _state: ("workshop",),
)
