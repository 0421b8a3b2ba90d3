"""Whatever happens in a workshop, what is published of it keeps to its schemas, in order and without gaps, whoever is erased."""

import uuid

from hypothesis import HealthCheck, settings

from rooms.events.questions import QuestionAsked
from server.publish.cloudevents import CloudEvent
from tests.erasing import erased as forgotten
from tests.erasing import subjects_of
from tests.property.test_core import CoreMachine
from tests.unit.test_narrative import check, published


def told_of(seq: int) -> set[str]:
    """The id that the first event published of a journalled one would have."""
    return {str(uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, "/workshops/w_1"), str(seq)))}


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
        self.nothing_anonymous_is_told(events)

    def nothing_anonymous_is_told(self, events: list[CloudEvent]) -> None:
        """Neither who asked a question, nor when; nor what somebody answered, nor an order of answers but that of the ids."""
        asked = {each.event.question_id: each for each in self.workshop.log if isinstance(each.event, QuestionAsked)}
        for event in events:
            data = event["data"]
            if event["type"] == "org.atelier.question.asked.v1" and data["anonymous"]:
                recorded = asked[data["question_id"]]
                assert (data["actor"]["name"], data["participant"]) == ("system", None)
                assert told_of(recorded.seq).isdisjoint(each["id"] for each in events)
                assert f"participants/{recorded.actor}" not in event["subject"]
            if event["type"] == "org.atelier.poll.answered.v1" and data["anonymous"]:
                assert {data[each] for each in ("option_ids", "value", "text", "right", "changed")} == {None}


del CoreMachine  # collected where it is defined
TestPublished = PublishedMachine.TestCase
TestPublished.settings = settings(
    max_examples=25, stateful_step_count=60, deadline=None, suppress_health_check=list(HealthCheck)
)
