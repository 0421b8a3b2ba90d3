"""The one error the core raises on purpose."""


class Rejected(Exception):
    """The command may not be carried out; nothing has changed.

    Attributes: `code` is stable and for programs (snake_case), `message` says to a person what was wrong and what
    would be right, `rule` is the id of the rule in SPEC.md that refused it ("BR4").
    """

    def __init__(self, code: str, message: str, *, rule: str) -> None:
        super().__init__(f"{code}: {message} [{rule}]")
        self.code = code
        self.message = message
        self.rule = rule
