"""The xAPI sink against Ralph, a real LRS, and against an LRS that misbehaves."""

import copy
import json
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from pydantic import ValidationError
from ralph.models.selector import ModelSelector

from rooms.commands.breakouts import CallForHelp, CloseBreakouts, HandInWork, OpenBreakouts, TakeHelp
from rooms.commands.chat import PostMessage
from rooms.commands.people import RaiseHand, SetMedia
from rooms.commands.polls import CastBallot, ClosePoll, CreatePoll, OpenPoll
from rooms.commands.workshop import CloseWorkshop
from rooms.events import Recorded
from rooms.ids import ParticipantId
from server.publish.cloudevents import CloudEvent
from server.publish.settings import XapiSinkSettings
from server.publish.sink import Later, NotDelivered, Refused
from server.publish.sinks.xapi import XapiSink
from server.publish.xapi import PROFILE, Statement, statement_of
from tests.integration.actor_case import until
from tests.integration.test_publisher import Node, append, called
from tests.lrs import AUTHORIZATION, Lrs
from tests.unit.test_narrative import OPTIONS, published
from tests.unit.test_narrative_reviews import played
from tests.unit.workshop_case import Workshop

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ralph")


OUTSIDE_THE_PROFILE = {
    "http://adlnet.gov/expapi/verbs/responded",
    "http://adlnet.gov/expapi/verbs/attended",
    *(f"http://activitystrea.ms/{verb}" for verb in ("close", "request", "accept", "share")),
}
"""Verbs for what the profile has no word for: anonymous answers, the end of a poll, help, work, attendance."""
in_module = pytest.mark.asyncio(loop_scope="module")


def full_story(workshop_id: str = "") -> list[CloudEvent]:
    """Something of everything, in a workshop of its own."""
    return published(full_log(workshop_id))


def full_log(workshop_id: str = "") -> list[Recorded]:
    case = Workshop()
    case.crowd(4)
    case.do("l0", SetMedia(mic=True, camera=True, screen=True))
    case.do("l1", RaiseHand())
    case.do("l2", PostMessage(channel="everyone", text="hello"))
    case.do("fay", OpenBreakouts(count=2))
    case.do("l0", CallForHelp())
    case.do("fay", TakeHelp(room_id=case.state.participants[ParticipantId("l0")].room_id))
    case.do("l0", HandInWork(title="Our list", text="Three points", url="https://example.org/board"))
    case.wait(90_250)
    case.do("fay", CloseBreakouts())
    for anonymous in (True, False):
        case.do("fay", CreatePoll(question="Which?", options=("A", "B"), anonymous=anonymous))
        poll = list(case.state.polls.values())[-1]
        case.do("fay", OpenPoll(poll_id=poll.poll_id))
        for who in ("l0", "l1", "l2"):
            case.do(who, CastBallot(poll_id=poll.poll_id, option_ids=(poll.content.options[0].option_id,)))
        case.do("fay", ClosePoll(poll_id=poll.poll_id))
    case.do("fay", CloseWorkshop())
    return called(case.log, workshop_id or f"w_{uuid.uuid4().hex[:8]}")


def review_story() -> list[CloudEvent]:
    """A review round from its opening to its end."""
    return published(called(played("none").log, f"w_{uuid.uuid4().hex[:8]}"))


def statements(events: list[CloudEvent]) -> list[Statement]:
    return [made for event in events if (made := statement_of(event)) is not None]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lrs(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Lrs]:
    lrs = Lrs(tmp_path_factory.mktemp("lrs"))
    await lrs.start()
    yield lrs
    await lrs.stop()


@asynccontextmanager
async def sink_to(endpoint: str, **options: Any) -> AsyncIterator[XapiSink]:
    settings = {"allow_private_addresses": True, "timeout_s": 30.0, **options}
    sink = XapiSink("lrs", endpoint, settings.pop("authorization", AUTHORIZATION), **settings)
    await sink.open()
    try:
        yield sink
    finally:
        await sink.close()


async def failure(sink: XapiSink, events: list[CloudEvent]) -> NotDelivered:
    with pytest.raises(NotDelivered) as caught:
        await sink.deliver(events)
    return caught.value


def held(lrs: Lrs, events: list[CloudEvent]) -> list[str]:
    """Ids of those events that the LRS holds, in its order."""
    ids = {event["id"] for event in events}
    return [each["id"] for each in lrs.stored() if each["id"] in ids]


@in_module
async def test_the_lrs_holds_every_statement_once_although_it_gets_them_twice(lrs: Lrs) -> None:
    events = full_story()
    async with sink_to(lrs.endpoint) as sink:
        await sink.deliver(events[:30])
        await sink.deliver(events)
        await sink.deliver(events)
    assert held(lrs, events) == [statement["id"] for statement in statements(events)]


@in_module
async def test_the_lrs_takes_what_is_told_of_peer_review(lrs: Lrs) -> None:
    events = review_story()
    async with sink_to(lrs.endpoint) as sink:
        await sink.deliver(events)
    assert held(lrs, events) == [statement["id"] for statement in statements(events)]
    scores = [each["result"]["score"] for each in statements(events) if "score" in each.get("result", {})]
    assert {"raw": 4, "min": 1, "max": 5} in scores
    assert {"scaled": 0.5} in scores


@in_module
async def test_the_publisher_brings_everything_to_the_lrs(lrs: Lrs, tmp_path: Path) -> None:
    log = full_log()
    workshop_id = log[0].event.workshop_id  # type: ignore[union-attr]
    sink = XapiSink("lrs", lrs.endpoint, AUTHORIZATION, allow_private_addresses=True)
    async with Node(tmp_path).running(sink) as (journal, publisher):
        await append(journal, log, workshop_id)
        publisher.wake(workshop_id)
        await until(lambda: publisher.delivery("lrs").delivered == len(published(log)), timeout_s=60)
    assert held(lrs, published(log)) == [statement["id"] for statement in statements(published(log))]


@in_module
async def test_a_statement_that_is_there_with_another_meaning_is_refused_and_the_others_are_stored(lrs: Lrs) -> None:
    events = full_story()
    index = next(index for index, event in enumerate(events) if "hand.raised" in event["type"])
    foreign = {**events[index], "type": "org.atelier.hand.lowered.v1"}
    async with sink_to(lrs.endpoint) as sink:
        await sink.deliver([foreign])
        error = await failure(sink, events)
        assert isinstance(error, Refused)
        assert (error.delivered, error.reason) == (index, "the LRS has another statement of this id")
        await sink.deliver(events[index + 1 :])
    assert sorted(held(lrs, events)) == sorted(statement["id"] for statement in statements(events))


@in_module
async def test_a_statement_that_the_lrs_does_not_understand_is_refused_and_the_others_are_stored(lrs: Lrs) -> None:
    events = full_story()
    index = next(index for index, event in enumerate(events) if "hand.raised" in event["type"])
    poison = [*events[:index], {**events[index], "id": "not a uuid"}, *events[index + 1 :]]
    async with sink_to(lrs.endpoint) as sink:
        error = await failure(sink, poison)
        assert isinstance(error, Refused)
        assert error.delivered == index
        await sink.deliver(poison[index + 1 :])
    expected = [statement["id"] for statement in statements(poison) if statement["id"] != "not a uuid"]
    assert held(lrs, events) == expected


@in_module
async def test_wrong_credentials_are_tried_later(lrs: Lrs) -> None:
    async with sink_to(lrs.endpoint, authorization="Basic bm86Ym9keQ==") as sink:
        error = await failure(sink, full_story())
    assert isinstance(error, Later)
    assert "401" in error.reason


class IllLrs:
    """Answers what a test wants, then like an LRS: keeps statements by id, whole batches or nothing."""

    def __init__(self) -> None:
        self.answers: list[web.Response | None] = []
        """What is answered next; None: as it should be."""
        self.kept: dict[str, Statement] = {}
        self.largest = 1_000
        self.endpoint = ""
        self.batches: list[int] = []

    async def post(self, request: web.Request) -> web.Response:
        batch = await request.json()
        self.batches.append(len(batch))
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            return answer
        if len(batch) > self.largest:
            return web.Response(status=413)
        if any(self.kept.get(each["id"], each) != each for each in batch):
            return web.Response(status=409)
        self.kept.update({each["id"]: each for each in batch})
        return web.json_response([each["id"] for each in batch])

    async def get(self, request: web.Request) -> web.Response:
        kept = self.kept.get(request.query["statementId"])
        return web.json_response(kept) if kept else web.Response(status=404)


@pytest_asyncio.fixture(loop_scope="module")
async def ill() -> AsyncIterator[IllLrs]:
    ill = IllLrs()
    app = web.Application(client_max_size=10**8)
    app.router.add_post("/xapi/statements", ill.post)
    app.router.add_get("/xapi/statements", ill.get)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    ill.endpoint = f"http://127.0.0.1:{runner.addresses[0][1]}/xapi/"
    yield ill
    await runner.cleanup()


@in_module
@pytest.mark.parametrize("status", [500, 502, 503, 429, 401, 403, 404, 301])
async def test_what_may_pass_is_tried_later_and_nothing_is_lost(ill: IllLrs, status: int) -> None:
    events = full_story()
    ill.answers = [web.Response(status=status, headers={"Retry-After": "7", "Location": "/elsewhere"})]
    async with sink_to(ill.endpoint) as sink:
        error = await failure(sink, events)
        assert isinstance(error, Later)
        assert (error.delivered, error.retry_after_s) == (0, 7.0)
        await sink.deliver(events)
    assert list(ill.kept.values()) == statements(events)


@in_module
async def test_a_batch_that_is_too_large_is_split(ill: IllLrs) -> None:
    events = full_story()
    ill.largest = 3
    async with sink_to(ill.endpoint) as sink:
        await sink.deliver(events)
    assert list(ill.kept.values()) == statements(events)
    ill.largest = 0
    async with sink_to(ill.endpoint) as sink:
        error = await failure(sink, events)
    assert isinstance(error, Refused)


@in_module
async def test_a_partial_success_is_not_taken_for_a_whole_one(ill: IllLrs) -> None:
    events = full_story()
    made = statements(events)
    ill.answers = [
        web.json_response(
            {"inserted": 3, "rejected": len(made) - 3, "ids": [], "errors": [{"index": 3, "reason": "no"}]}
        ),
        web.json_response([made[0]["id"]]),
    ]
    async with sink_to(ill.endpoint) as sink:
        await sink.deliver(events)
    assert list(ill.kept.values()) == made


@in_module
async def test_a_yes_that_is_not_json_is_tried_again_and_then_looked_up(ill: IllLrs) -> None:
    events = full_story()
    made = statements(events)
    page = {"text": "<html>please sign in</html>", "content_type": "text/html"}
    async with sink_to(ill.endpoint) as sink:
        ill.answers = [web.Response(**page)]
        error = await failure(sink, events)
        assert (type(error), error.delivered, "not JSON" in error.reason) == (Later, 0, True)
        await sink.deliver(events)  # answered properly this time
        assert list(ill.kept.values()) == made
        # It never answers properly, and has all but one.
        missing = len(made) // 2
        del ill.kept[made[missing]["id"]]
        ill.answers = [web.Response(**page) for _ in range(5)]
        outcomes = [await failure(sink, events) for _ in range(3)]
        assert [type(each) for each in outcomes] == [Later, Later, Refused]
        assert events[outcomes[-1].delivered]["id"] == made[missing]["id"]
    assert len(ill.answers) == 2


@in_module
async def test_an_equal_statement_that_the_lrs_has_embellished_counts_as_delivered(ill: IllLrs) -> None:
    events = full_story()
    first = statements(events)[0]
    ill.kept[first["id"]] = {
        **first,
        "timestamp": first["timestamp"].replace("Z", "+00:00"),
        "stored": "2030-01-01T00:00:00Z",
        "authority": {"name": "LRS"},
    }
    async with sink_to(ill.endpoint) as sink:
        await sink.deliver(events)
    assert ill.kept.keys() == {statement["id"] for statement in statements(events)}


@in_module
async def test_a_failure_in_the_middle_of_a_split_says_how_far_it_came(ill: IllLrs) -> None:
    events = full_story()
    made = statements(events)
    half = len(made) // 2
    ill.answers = [web.Response(status=413), None, web.Response(status=500)]
    async with sink_to(ill.endpoint) as sink:
        error = await failure(sink, events)
        assert isinstance(error, Later)
        assert events[error.delivered]["id"] == made[half]["id"]
        assert ill.batches == [len(made), half, len(made) - half]
        await sink.deliver(events[error.delivered :])
    assert list(ill.kept.values()) == made


def test_statements_keep_to_the_profile() -> None:
    """By Ralph's models of it, which are stricter than the profile in two things: they want a planned duration (we have none to
    tell), and no details of a poll (which xAPI itself wants of an interaction)."""
    models = ModelSelector(module="ralph.models.xapi")
    known = set()
    for statement in statements(full_story("w_profile")):
        assert statement["context"]["contextActivities"]["category"][0]["id"] == PROFILE
        assert uuid.UUID(statement["context"]["registration"])
        assert "name" not in statement["actor"]
        if statement["verb"]["id"] in OUTSIDE_THE_PROFILE:
            continue
        model = models.get_first_model(statement)
        known.add(model.__name__)
        amended = copy.deepcopy(statement)
        if model.__name__.removeprefix("VirtualClassroom") in ("Initialized", "Joined", "Terminated"):
            amended["context"]["extensions"]["http://id.tincanapi.com/extension/planned-duration"] = None
        for detail in ("interactionType", "choices"):
            amended["object"]["definition"].pop(detail, None)
        model.model_validate_json(json.dumps(amended))
    assert len(known) == 15


def test_the_same_person_has_the_same_registration_and_times_are_kept() -> None:
    events = full_story("w_times")
    by_id = {statement["id"]: statement for statement in statements(events)}
    registrations = {
        (statement["actor"]["account"]["name"], statement["context"]["registration"])
        for event in events
        if event["data"]["participant"] and (statement := by_id.get(event["id"]))
    }
    assert len(registrations) == 5
    stays = [s for e in events if e["type"] == "org.atelier.breakout.left.v1" and (s := by_id[e["id"]])]
    assert {stay["result"]["duration"] for stay in stays} == {"PT90.25S"}
    times = {event["id"]: event["time"] for event in events}
    assert all(statement["timestamp"] == times[statement_id] for statement_id, statement in by_id.items())


def test_anonymous_answers_are_not_in_any_statement() -> None:
    events = full_story("w_anonymous")
    answers = [s for e in events if "poll.answered" in e["type"] and (s := statement_of(e))]
    assert ["response" in answer["result"] for answer in answers] == [False] * 3 + [True] * 3
    assert OPTIONS.home_page in answers[0]["object"]["id"]


GOOD = {"name": "lrs", "endpoint": "https://lrs.example/xapi", "username": "u", "password": "p"}


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ({"endpoint": "http://lrs.example/xapi"}, "https"),
        ({"endpoint": "https://192.168.0.1/xapi"}, "not a public address"),
        ({"password": None}, "username and password, or token"),
        ({"token": "t"}, "username and password, or token"),
        ({"username": None, "password": None}, "username and password, or token"),
    ],
)
def test_a_wrong_setting_is_refused_with_the_reason(wrong: dict[str, Any], complaint: str) -> None:
    XapiSinkSettings.model_validate(GOOD)
    with pytest.raises(ValidationError, match=complaint):
        XapiSinkSettings.model_validate({**GOOD, **wrong})
