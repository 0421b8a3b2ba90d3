"""Text that people typed: trimmed, not empty, not too long, no control characters."""

from urllib.parse import urlsplit

from rooms import limits
from rooms.errors import Rejected

JOINERS = "\u200c\u200d"
"""Invisible, but parts of emoji and of words in several scripts; nothing by themselves."""


def cleaned(text: str, what: str, max_chars: int, *, rule: str, may_be_empty: bool = False) -> str:
    """The text as it will be kept. `what` names the field in the refusal. Line breaks and tabs stay."""
    kept = "".join(char for char in text if char in "\n\t" or char.isprintable() or char in JOINERS).strip()
    if not kept.strip(JOINERS + " \t\n") and not may_be_empty:
        raise Rejected(f"{what}_empty", f"The {what} is empty; give it at least one visible character.", rule=rule)
    if len(kept) > max_chars:
        raise Rejected(
            f"{what}_too_long", f"The {what} has {len(kept)} characters; at most {max_chars} are allowed.", rule=rule
        )
    return kept


def link(url: str, *, rule: str) -> str:
    """A web address that is safe to offer as a link: http or https, with a host."""
    kept = cleaned(url, "link", limits.MAX_URL_CHARS, rule=rule)
    try:
        parts = urlsplit(kept)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in kept)
    except ValueError:
        valid = False
    if not valid:
        message = f"{kept[:100]!r} is not a web address; it should look like https://example.org/page."
        raise Rejected("link_invalid", message, rule=rule)
    return kept
