"""CSV as spreadsheets write it (RFC 4180 with other delimiters), keeping the place of every cell.

The standard library's reader gives neither columns nor an error for a quote that is never closed, which is why
this is written out.
"""

from typing import NoReturn

from rooms.roster.model import Cell, Place, Problem, ProblemCode, RosterInvalid

DELIMITERS = ",;\t"


def read_csv(text: str) -> list[list[Cell]]:
    """Records of cells, empty ones left out. Raises `RosterInvalid` at the first thing that makes the rest unreadable."""
    reader = _Reader(text)
    return [record for record in reader.records() if any(cell.text.strip() for cell in record)]


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n").replace("\r", "\n")
        self.at, self.line, self.line_start = 0, 1, 0
        first = self.text.split("\n", 1)[0]
        if len(first) == 5 and first.lower().startswith("sep="):  # what Excel reads the delimiter from
            self.delimiter = first[4]
            self.at = self.line_start = min(6, len(self.text))
            self.line = 2
        else:
            self.delimiter = _delimiter(self.text.lstrip(" \n").split("\n", 1)[0])

    def records(self) -> list[list[Cell]]:
        records: list[list[Cell]] = []
        while self.at < len(self.text):
            record = [self._cell()]
            while self._next() == self.delimiter:
                self.at += 1
                record.append(self._cell())
            if self._next() == "\n":
                self.at += 1
                self._new_line()
            records.append(record)
        return records

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _place(self) -> Place:
        return Place(self.line, self.at - self.line_start + 1)

    def _new_line(self) -> None:
        self.line += 1
        self.line_start = self.at

    def _cell(self) -> Cell:
        place = self._place()
        if self._next() == '"':
            return self._quoted(place)
        end = self.at
        while end < len(self.text) and self.text[end] not in (self.delimiter, "\n"):
            if self.text[end] == '"':
                self.at = end
                self._refuse(
                    "quote_inside", self._place(), 'a field with quotes in it must be quoted, each quote as ""'
                )
            end += 1
        cell = Cell(self.text[self.at : end], place)
        self.at = end
        return cell

    def _quoted(self, place: Place) -> Cell:
        pieces = []
        self.at += 1
        while True:
            end = self.text.find('"', self.at)
            if end < 0:
                self._refuse("quote_not_closed", place, 'a closing quote (") was expected before the end of the file')
            piece = self.text[self.at : end]
            for offset, char in enumerate(piece):
                if char == "\n":
                    self.line += 1
                    self.line_start = self.at + offset + 1
            pieces.append(piece)
            self.at = end + 1
            if self._next() != '"':
                break
            pieces.append('"')
            self.at += 1
        if self._next() not in ("", self.delimiter, "\n"):
            expected = f"{self._named(self.delimiter)} or a new line was expected after the closing quote"
            self._refuse("text_after_quote", self._place(), expected)
        return Cell("".join(pieces), place)

    @staticmethod
    def _named(delimiter: str) -> str:
        return {",": "a comma", ";": "a semicolon", "\t": "a tab"}.get(delimiter, f"“{delimiter}”")

    @staticmethod
    def _refuse(code: ProblemCode, place: Place, expected: str) -> NoReturn:
        raise RosterInvalid([Problem(code=code, place=place, message=expected)])


def _delimiter(header: str) -> str:
    """The delimiter that stands most often outside quotes in the header; a comma if none does."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=outside.count)
