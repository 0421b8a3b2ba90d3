"""One server for each test module; each test makes a workshop of its own."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from tests.contract.journals import SqliteStore
from tests.harness import ServerProcess
from tests.integration.actor_case import Node
from tests.socket_client import WireClient


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("server") / "data")
    await process.start()
    yield process
    await process.stop()
    log = process.log.read_text()
    assert "Traceback" not in log, log


Join = Callable[..., Awaitable[WireClient]]


@pytest_asyncio.fixture(loop_scope="module")
async def join(server: ServerProcess) -> AsyncIterator[Join]:
    """join(workshop_id, role, participant_id) → a connected client; all are closed after the test."""
    clients: list[WireClient] = []

    async def joined(
        workshop_id: str, role: str = "learner", participant_id: str = "ann", **options: object
    ) -> WireClient:
        token = await server.token(workshop_id, role, participant_id.title(), participant_id)
        client = WireClient(server.base_url, token)
        clients.append(client)
        return await client.connect(**options)  # type: ignore[arg-type]

    yield joined
    for client in clients:
        await client.close()


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """For the tests of the actor: journal and workshops without a process around them."""
    return Node(SqliteStore(tmp_path))
