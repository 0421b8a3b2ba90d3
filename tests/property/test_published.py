"""Whatever happens in a workshop, what is published of it keeps to its schemas, in order and without gaps, whoever is erased."""

from hypothesis import HealthCheck, settings

from tests.erasing import erased as forgotten
from tests.erasing import subjects_of
from tests.property.test_core import CoreMachine
from tests.unit.test_narrative import check, published


class PublishedMachine(CoreMachine):
    def teardown(self) -> None:
        events = published(self.workshop.log)
        check(events)
        assert published(self.workshop.log) == events
        for who in (None, "l0"):
            erased = published(forgotten(self.workshop.log, subjects_of(self.workshop.log, who)))
            assert [(each["id"], each["type"], each["subject"]) for each in erased] == [
                (each["id"], each["type"], each["subject"]) for each in events
            ]


del CoreMachine  # collected where it is defined
TestPublished = PublishedMachine.TestCase
TestPublished.settings = settings(
    max_examples=25, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
)
