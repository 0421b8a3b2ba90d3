"""What the edge answers when it refuses: a stable code, a sentence for a person, and whether trying again can help."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails


class Refusal(Exception):
    """Raised by the edge's own checks and turned into the answer at one place."""

    def __init__(
        self, code: str, message: str, *, retryable: bool = False, rule: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.url = url
        """Where to go instead."""
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
            **self.way_on(),
        }

    def way_on(self) -> dict[str, str]:
        """`url`, where there is one."""
        return {} if self.url is None else {"url": self.url}


Model = TypeVar("Model", bound=BaseModel)

MAX_PROBLEMS_TOLD = 5


def parsed(model: type[Model], payload: Any, code: str) -> Model:
    """A message as its model. Raises `Refusal` with that code, and says what is wrong."""
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        raise Refusal(code, f"The message is wrong: {explain(error)}") from None


def explain(error: ValidationError) -> str:
    """The problems of a message, each with the field's name and what was expected. Never repeats the input."""
    problems = [
        _told(problem) for problem in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    more = "" if len(problems) <= MAX_PROBLEMS_TOLD else f"; and {len(problems) - MAX_PROBLEMS_TOLD} more"
    return "; ".join(problems[:MAX_PROBLEMS_TOLD]) + more + "."


def _told(problem: ErrorDetails) -> str:
    where, what = ".".join(str(part) for part in problem["loc"]), problem["msg"]
    if problem["type"] == "value_error":  # a sentence of ours, which names what it is about
        return what.removeprefix("Value error, ")
    return f"{where or 'message'}: {what}"
