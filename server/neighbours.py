"""What the gateway knows of the nodes around this one: `server.cluster.member`, or nobody."""

import uuid
from typing import Protocol


class Neighbours(Protocol):
    """The nodes around this one."""

    @property
    def node_id(self) -> str:
        """This process; another after a restart."""

    def entries(self) -> list[str]:
        """Where clients may turn when they have lost this node."""

    def origins(self) -> list[str]:
        """The pages' origins that may connect, besides the address that was called."""


class Alone:
    """No nodes around."""

    def __init__(self, public_url: str | None) -> None:
        self.node_id = uuid.uuid4().hex[:12]
        self._origins = [] if public_url is None else [public_url]

    def entries(self) -> list[str]:
        return []

    def origins(self) -> list[str]:
        return self._origins
