"""Text that people typed: trimmed, not empty, not too long, no control characters."""

from rooms.errors import Rejected


def cleaned(text: str, what: str, max_chars: int, *, rule: str) -> str:
    """The text as it will be kept. `what` names the field in the refusal. Line breaks and tabs stay."""
    kept = "".join(char for char in text if char in "\n\t" or char.isprintable() or char in "\u200d\u200c").strip()
    if not kept:
        raise Rejected(f"{what}_empty", f"The {what} is empty; give it at least one visible character.", rule=rule)
    if len(kept) > max_chars:
        raise Rejected(
            f"{what}_too_long", f"The {what} has {len(kept)} characters; at most {max_chars} are allowed.", rule=rule
        )
    return kept
