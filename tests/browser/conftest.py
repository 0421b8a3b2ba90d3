"""A server of its own for each test; a module whose tests share one has a fixture of this name itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.harness import ServerProcess


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    process = ServerProcess(tmp_path / "data")
    await process.start()
    yield process
    await process.stop()
