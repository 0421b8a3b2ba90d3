"""Rosters: who is expected, which room they belong to, and what is known of them, from a CSV or JSON file.

    read_roster(data)     → rows, or `RosterInvalid` with everything that is wrong and where
    match(rows, people)   → who is who, which rows found nobody, who is in no row
    rooms_of(match)       → room name → people, for an assignment by roster

Theory of operation. `csv` and `json` turn text into *cells*, each with the line and the column it starts at; `rows` gives the cells
their meaning and complains with those positions. Files are taken as spreadsheets write them: UTF-8 with or without
a byte order mark, UTF-16 or Windows-1252, commas, semicolons or tabs, decimal commas, empty lines at the end.
SPEC.md, RO1 to RO7.
"""

from rooms.roster.matching import Match, MatchedRow, RosterPerson, UnmatchedRow, match, rooms_of
from rooms.roster.model import Problem, RosterInvalid, RosterRow
from rooms.roster.reading import is_email, read_roster

__all__ = [
    "Match",
    "MatchedRow",
    "Problem",
    "RosterInvalid",
    "RosterPerson",
    "RosterRow",
    "UnmatchedRow",
    "is_email",
    "match",
    "read_roster",
    "rooms_of",
]
