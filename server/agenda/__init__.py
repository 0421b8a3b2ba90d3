"""Run sheets as people write them: a YAML (or JSON) document in, the same document out, and rehearsed before anybody is there.

Theory of operation. `tree` turns the text into nodes that know their line and column, within limits. `reading` makes a sheet of them, led
by the types of `rooms.events.agenda`: what a step may hold is read off its dataclass, so a new field of a poll can be written in a
sheet the day it exists. `writing` is its inverse: what it writes reads as the same sheet. Only three things differ between the document and the
types: times are written as people do and without `_ms` (`duration: 10 min`), a step's id is `id`, and the right options of a quiz are
named by their text. `deploy/run-sheet.example.yaml` shows all of it.
"""
