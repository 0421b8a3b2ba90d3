"""Where events are made durable: the port, SQLite, and the sealing of personal fields."""
