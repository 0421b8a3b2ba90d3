"""The pure core of a live workshop: what may happen, what happened, and who may see it.

Theory of operation. Three functions carry everything (`rooms.workshop`):

    decide(state, command, stamp) -> events     may raise Rejected, changes nothing
    evolve(state, recorded)       -> state      never rejects, never draws, asks no clock
    next_deadline_ms(state)       -> int | None the shell sends a Tick then

and one projection (`rooms.views`): the state seen as a flat map of *records*, each with the audiences that
may see it. Nothing in this package does I/O, reads a clock or draws a random number: time and entropy come in
with the `Stamp`, and whatever was drawn stands in an event, so that a replay gives the same state.
Only the standard library is imported here; the lint enforces it.
"""
