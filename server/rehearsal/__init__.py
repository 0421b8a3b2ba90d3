"""`atelier rehearse`: a run sheet played with simulated learners in virtual time, and what would go wrong.

Theory of operation. `stage` is a workshop on the pure core with a clock of its own: what people do is put into a queue, and the core's own
deadlines stand in the same queue, so two hours take a second. `people` draws who comes when, who drops out, who comes back, how fast and
how diligent each is; `acting` lets them answer, write, review and choose rooms when the workshop's events give them occasion; `facilitating`
goes from step to step when the time is over. `watching` looks on and notes findings. Everything is drawn from one seed, which
is printed: the same seed plays the same workshop.

A rehearsal is no forecast. The speeds stand in `people` with their reasons; what it finds are sheets that do not fit the number of people or the time.
"""
