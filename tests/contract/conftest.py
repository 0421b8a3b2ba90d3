"""The suite of forwarders runs on each of them."""

import pytest

from server.media.forwarder import Forwarder
from tests.contract.forwarders import FORWARDERS


@pytest.fixture(params=FORWARDERS, ids=lambda make: make.__name__)
def forwarder(request: pytest.FixtureRequest) -> Forwarder:
    """A new one."""
    made: Forwarder = request.param()
    return made
