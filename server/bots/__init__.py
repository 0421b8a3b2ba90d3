"""Synthetic participants: they join by link and do over the public protocol what browsers do, for rehearsals, demonstrations and load."""
