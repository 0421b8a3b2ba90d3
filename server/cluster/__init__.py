"""Many nodes on one Redis: who is there, who owns which workshop, and how a workshop changes hands.

A node is one process with one UDP port. It says every second that it is there and how busy it is (`registry`). A workshop has one owner at
a time, by a lease with an epoch (`leases`, `ownership`); the journal refuses a writer of an older epoch, so that a node which slept
through the loss of its lease can do no harm. A node that is asked for a workshop of another says where it is: sockets are told, HTTP
calls are passed on (`passing`). A node that is to go hands its workshops over first (`drain`).

All times that nodes must agree on are Redis's; the clocks of the nodes may differ by any amount.
"""
