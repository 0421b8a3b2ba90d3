"""Who is expected, and what is known of them beforehand."""

from typing import Literal

from rooms.messages import message


@message
class ImportRoster:
    """Take a roster (CSV or JSON text) in place of the one before. An empty text takes it away."""

    text: str
    type: Literal["ImportRoster"] = "ImportRoster"
