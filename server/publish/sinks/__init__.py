"""The sinks: one module for each kind of receiver."""
