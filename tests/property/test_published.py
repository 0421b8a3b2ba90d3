"""Whatever happens in a workshop, what is published of it keeps to its schemas, in order and without gaps."""

from hypothesis import HealthCheck, settings

from tests.property.test_core import CoreMachine
from tests.unit.test_narrative import check, published


class PublishedMachine(CoreMachine):
    def teardown(self) -> None:
        events = published(self.workshop.log)
        check(events)
        assert published(self.workshop.log) == events


del CoreMachine  # collected where it is defined
TestPublished = PublishedMachine.TestCase
TestPublished.settings = settings(
    max_examples=25, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
)
