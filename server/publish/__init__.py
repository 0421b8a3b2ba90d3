"""What happened, told to the outside: CloudEvents made from the journal and delivered to sinks, nothing lost.

    journal ── read by cursor ──▶ narrative (pure fold) ──▶ CloudEvents ──▶ publisher ──▶ sink (file, webhook, …)
                                                                              │ cursor, dead letters (ledger)

There is no outbox: an event is made anew from the journal each time it is needed, and always comes out the same, with
the same id. So an outage of a receiver, a crash between delivery and cursor, or a replay from the start can cause a
second delivery, which the id shows, and never a loss; and what was erased from the journal is erased from every backlog.
"""
