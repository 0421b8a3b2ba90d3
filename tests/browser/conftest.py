"""One server and one set of browsers for all tests (of a worker); each test makes a workshop of its own, and finds no page open.

So all tests here run on one event loop, that of the session.
"""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.browsers import Browsers
from tests.browser.browsers import browsers as opened
from tests.browser.devices import ASKING, QUIET
from tests.browser.person import PATIENCE_MS
from tests.harness import ServerProcess

HERE = Path(__file__).parent

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE and isinstance(item, pytest.Function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ServerProcess]:
    process = ServerProcess(tmp_path_factory.mktemp("server") / "data", real=True)
    await process.start()
    yield process
    await process.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def all_browsers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Browsers]:
    async with opened(tmp_path_factory.mktemp("browsers")) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def browsers(all_browsers: Browsers) -> AsyncIterator[Browsers]:
    yield all_browsers
    await all_browsers.tidy()


@pytest_asyncio.fixture(loop_scope="session")
async def browser(browsers: Browsers) -> Browser:
    """A Chromium with neither camera nor microphone."""
    return await browsers.chromium(QUIET)


@pytest_asyncio.fixture(loop_scope="session")
async def asking(browsers: Browsers) -> Browser:
    """One that hands its camera and microphone out only where a context was given the permission."""
    return await browsers.chromium(ASKING)
