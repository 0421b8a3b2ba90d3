"""What the edge answers when it refuses: a stable code, a sentence for a person, and whether trying again can help."""

from typing import Any

from pydantic import ValidationError


class Refusal(Exception):
    """Raised by the edge's own checks and turned into the answer at one place."""

    def __init__(self, code: str, message: str, *, retryable: bool = False, rule: str | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = retryable
        self.rule = rule

    def answer(self) -> dict[str, Any]:
        """The negative ack of PROTOCOL.md."""
        return {
            "ok": False,
            "code": self.code,
            "message": self.message,
            "rule": self.rule,
            "retryable": self.retryable,
        }


MAX_PROBLEMS_TOLD = 5


def explain(error: ValidationError) -> str:
    """The problems of a message, each with the field's name and what was expected. Never repeats the input."""
    problems = [
        f"{'.'.join(str(part) for part in problem['loc']) or 'message'}: {problem['msg']}"
        for problem in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    more = "" if len(problems) <= MAX_PROBLEMS_TOLD else f"; and {len(problems) - MAX_PROBLEMS_TOLD} more"
    return "; ".join(problems[:MAX_PROBLEMS_TOLD]) + more + "."
