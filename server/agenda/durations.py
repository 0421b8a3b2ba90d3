"""Times as people write them: `10 min`, `90s`, `1 h 30 min`, `1:30` (minutes and seconds), `1:30:00`."""

import re

_UNITS = {
    "ms": 1,
    "s": 1_000, "sec": 1_000, "secs": 1_000, "second": 1_000, "seconds": 1_000,
    "m": 60_000, "min": 60_000, "mins": 60_000, "minute": 60_000, "minutes": 60_000,
    "h": 3_600_000, "hr": 3_600_000, "hrs": 3_600_000, "hour": 3_600_000, "hours": 3_600_000,
}  # fmt: skip
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*([a-z]+)\s*")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})")
EXPECTED = "a time like `10 min`, `90s`, `1 h 30 min` or `1:30` (minutes and seconds)"


def parsed(text: str) -> int | None:
    """Milliseconds; None if the text is no time. Units come at most once each; a bare number is no time, except 0."""
    text = text.strip().lower()
    if text == "0":
        return 0
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = (int(each or 0) for each in clock.groups())
        if seconds > 59 or (clock[1] and minutes > 59):
            return None
        return ((hours * 60 + minutes) * 60 + seconds) * 1_000
    total, position, used = 0.0, 0, set()
    while position < len(text):
        part = _PART.match(text, position)
        unit = None if part is None else _UNITS.get(part[2])
        if part is None or unit is None or unit in used:
            return None
        used.add(unit)
        total += float(part[1]) * unit
        position = part.end()
    return round(total) if used else None


def written(ms: int) -> str:
    """The time so that `parsed` gives it back: `10 min`, `1 h 30 min`, `2.5 s`."""
    if ms == 0:
        return "0"
    hours, rest = divmod(ms, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    if rest:
        parts.append(f"{rest // 1_000} s" if rest % 1_000 == 0 else f"{rest / 1_000:.3f}".rstrip("0") + " s")
    return " ".join(parts)
