"""Documents to the command that sets them, and a workshop's agenda to its document."""

from collections.abc import Callable

from rooms.agenda_state import Agenda
from rooms.commands.agenda import SetAgenda
from rooms.events.agenda import AgendaSheet
from server.agenda.reading import read
from server.agenda.tree import MAX_PROBLEMS, Node, SheetInvalid, from_json, from_value, from_yaml
from server.api.models import AgendaDocument, PlaceOfProblem
from server.refusals import Refusal


class SheetRefused(Refusal):
    """A document that is no run sheet, with the place of every problem."""

    def __init__(self, code: str, invalid: SheetInvalid) -> None:
        super().__init__(code, str(invalid))
        self.places = [
            PlaceOfProblem(
                line=each.place.line,
                column=each.place.column,
                field=each.field,
                code=code,
                message=each.message,
            )
            for each in invalid.problems[:MAX_PROBLEMS]
        ]


def agenda_of(document: AgendaDocument | str) -> SetAgenda:
    """The command for a run sheet that came inside a JSON body. Raises `SheetRefused` (`agenda_invalid`)."""
    if isinstance(document, str):
        return agenda_of_yaml(document.encode("utf-8", errors="surrogatepass"))
    return _command(lambda: from_value(document.model_dump(mode="json")))


def agenda_of_yaml(body: bytes) -> SetAgenda:
    """The command for a YAML text. Raises `SheetRefused` (`agenda_invalid`)."""
    return _command(lambda: from_yaml(body))


def agenda_of_json(body: bytes) -> SetAgenda:
    """The command for a JSON text. Raises `SheetRefused` (`agenda_invalid`)."""
    return _command(lambda: from_json(body))


def _command(nodes: Callable[[], Node]) -> SetAgenda:
    try:
        sheet = read(nodes()).sheet
    except SheetInvalid as invalid:
        raise SheetRefused("agenda_invalid", invalid) from None
    return SetAgenda(title=sheet.title, show=sheet.show, steps=sheet.steps)


def sheet_of(agenda: Agenda) -> AgendaSheet:
    """The run sheet as it stands now."""
    return AgendaSheet(title=agenda.title, show=agenda.show, steps=tuple(run.step for run in agenda.runs.values()))
