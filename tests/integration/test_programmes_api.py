"""What programmes do over HTTP, through the running server: roster, commands, state, attendance, groups, reviews; and what persons may."""

import asyncio
import csv
import dataclasses
import io
import json
from typing import Any

import aiohttp
import pytest

from tests.harness import API_KEY, ServerProcess
from tests.integration.conftest import Join
from tests.synthetic import SyntheticEndpoint

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROSTER = "email;external_id;name;room\nann@example.org;;Ann;Harbour\n;zoe;Zoé;Bridge\n"


async def fetch(
    server: ServerProcess, path: str, *, key: str | None = API_KEY, method: str = "GET", **request: Any
) -> tuple[int, str, str]:
    """(status, content type, text)."""
    headers = request.pop("headers", {}) | ({} if key is None else {"Authorization": f"Bearer {key}"})
    async with (
        aiohttp.ClientSession() as http,
        http.request(method, f"{server.base_url}{path}", headers=headers, **request) as answer,
    ):
        return answer.status, answer.headers["Content-Type"], await answer.text()


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


async def give(server: ServerProcess, workshop_id: str, command_id: str, **command: Any) -> tuple[int, Any]:
    return await server.api("POST", f"/api/workshops/{workshop_id}/commands", {"id": command_id, **command})


async def test_a_programme_prepares_runs_and_reads_a_workshop(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop(
        roster=[{"external_id": "ann", "name": "Ann", "room": "Harbour"}, {"external_id": "zoe", "name": "Zoé"}],
        attendance={"present_percent": 50, "partial_percent": 10},
    )
    here = f"/api/workshops/{workshop_id}"
    fay = await join(workshop_id, "facilitator", "fay")
    ann = await join(workshop_id, "learner", "ann")
    bob = await join(workshop_id, "learner", "bob")
    status, roster = await server.api("GET", f"{here}/roster")
    assert (status, roster["rows"], roster["matched"]) == (200, 2, 1)
    assert [(each["name"], each["line"], each["why"]) for each in roster["unmatched"]] == [
        ("Zoé", 2, "Nobody here has this email or external id.")
    ]
    assert [each["participant_id"] for each in roster["unlisted"]] == ["bob"]

    assert (await give(server, workshop_id, "open", type="OpenBreakouts", count=2))[0] == 200
    await ann.until(lambda records: records["participant:ann"]["room_id"] != "plenary")
    first = await give(server, workshop_id, "close", type="CloseBreakouts")
    again = await give(server, workshop_id, "close", type="CloseBreakouts")
    assert first == again
    assert first[1]["ok"] is True
    await ann.ok("ObjectToAttendance", text="I was there before.")
    await fay.until(lambda records: records["attendance:ann"]["objection"])

    status, state = await server.api("GET", f"{here}/state")
    assert status == 200
    assert state["records"]["attendance_session"]["rule"]["present_percent"] == 50
    assert {"participant:ann", "participant:bob", "attendance:ann"} <= set(state["records"])

    status, found = await server.api("GET", f"{here}/attendance")
    people = {each["name"]: each for each in found["people"]}
    assert set(people) == {"Fay", "Ann", "Bob", "Zoé"}
    assert (people["Ann"]["objection"], people["Ann"]["verdict"]) == ("I was there before.", "present")
    assert (people["Zoé"]["verdict"], people["Zoé"]["participant_id"]) == ("absent", None)
    assert people["Ann"]["breakout_ms"] > 0

    status, kind, text = await fetch(server, f"{here}/attendance?format=csv")
    assert (status, kind) == (200, "text/csv; charset=utf-8; header=present")
    assert [row["name"] for row in table(text)] == ["Fay", "Ann", "Bob", "Zoé"]
    status, kind, text = await fetch(server, f"{here}/groups", headers={"Accept": "text/csv"})
    assert kind.startswith("text/csv")
    assert sorted(row["participant_id"] for row in table(text)) == ["ann", "bob"]
    status, kind, text = await fetch(server, f"{here}/groups", headers={"Accept": "application/json, text/csv;q=0.5"})
    assert kind.startswith("application/json")
    assert (await give(server, workshop_id, "end", type="CloseWorkshop"))[0] == 200
    for client in (fay, ann, bob):
        async with asyncio.timeout(60):
            await client.disconnected.wait()
    status, found = await server.api("GET", f"{here}/attendance")
    assert all(each["final"] for each in found["people"])


async def test_a_roster_is_taken_as_csv_or_json_and_errors_name_line_and_column(
    server: ServerProcess, join: Join
) -> None:
    workshop_id = await server.create_workshop()
    path = f"/api/workshops/{workshop_id}/roster"
    status, _, text = await fetch(
        server, path, method="PUT", data=ROSTER.encode("utf-8-sig"), headers={"Content-Type": "text/csv"}
    )
    assert status == 200, text
    assert '"rows":2,"matched":0' in text
    await join(workshop_id, "learner", "zoe")
    _, roster = await server.api("GET", path)
    assert (roster["matched"], [each["email"] for each in roster["unmatched"]]) == (1, ["ann@example.org"])
    status, _, text = await fetch(server, path, method="PUT", data="naïve".join(ROSTER.split("Zoé")).encode("cp1252"))
    assert status == 200, text

    for wrong, expected in (
        ("email,name\nnonsense,Ann\n", [(2, 1, "not_an_email")]),
        ("email,name\na@b.example,Ann\na@b.example,Bob\n", [(3, 1, "duplicate_person")]),
        ('email\n"a@b.example\n', [(2, 1, "quote_not_closed")]),
        ('[{"email": "a@b.example"},\n {"emial": "x"}]', [(2, 2, "no_key"), (2, 3, "unknown_field")]),
    ):
        status, kind, text = await fetch(server, path, method="PUT", data=wrong.encode())
        assert (status, kind.split(";")[0]) == (422, "application/problem+json")
        problem = json.loads(text)
        assert (problem["code"], problem["rule"]) == ("roster_invalid", "RO2")
        places = [(each["line"], each["column"], each["code"]) for each in problem["problems"]]
        assert places == expected
        assert f"line {expected[0][0]}, column" in problem["detail"]
    _, roster = await server.api("GET", path)
    assert roster["rows"] == 2, "a wrong roster replaced a right one"

    status, problem = await server.api(
        "POST", "/api/workshops", {"title": "x", "workshop_id": "never", "roster": "a,b"}
    )
    assert (status, problem["code"]) == (422, "roster_invalid")
    assert (await server.api("GET", "/api/workshops/never"))[0] == 404, "a workshop was made without its roster"


async def test_a_large_roster_goes_by_put(server: ServerProcess) -> None:
    workshop_id = await server.create_workshop()
    lines = "".join(f"p{n}@example.org,{'x' * 400}\n" for n in range(5_000))
    status, _, text = await fetch(
        server, f"/api/workshops/{workshop_id}/roster", method="PUT", data=io.BytesIO(f"email,name\n{lines}".encode())
    )
    assert (status, '"rows":5000' in text) == (200, True)
    status, _, text = await fetch(
        server, f"/api/workshops/{workshop_id}/roster", method="PUT", data=io.BytesIO(b"x" * 6_000_000)
    )
    assert status == 413


async def test_a_person_reads_their_own_and_a_facilitator_everything(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    here = f"/api/workshops/{workshop_id}"
    await join(workshop_id, "facilitator", "fay")
    await join(workshop_id, "learner", "ann")
    await join(workshop_id, "learner", "bob")
    fay = await server.token(workshop_id, "facilitator", "Fay", "fay")
    ann = await server.token(workshop_id, "learner", "Ann", "ann")
    status, own = await server.api("GET", f"{here}/attendance", key=ann)
    assert (status, [each["name"] for each in own["people"]]) == (200, ["Ann"])
    _, _, text = await fetch(server, f"{here}/attendance?format=csv", key=ann)
    assert [row["name"] for row in table(text)] == ["Ann"]
    status, everything = await server.api("GET", f"{here}/attendance", key=fay)
    assert len(everything["people"]) == 3
    status, state = await server.api("GET", f"{here}/state", key=ann)
    assert status == 200
    assert not [key for key in state["records"] if key.startswith("attendance:") and key != "attendance:ann"]
    for path in ("groups", "reviews"):
        assert (await server.api("GET", f"{here}/{path}", key=ann))[1]["code"] == "not_allowed"
        assert (await server.api("GET", f"{here}/{path}", key=fay))[0] == 200
    _, trail = await server.api("GET", f"/api/audit?workshop_id={workshop_id}")
    noted = [(each["action"], each["actor"], each["detail"]["what"]) for each in trail["entries"]]
    assert noted == [("record.exported", "fay", what) for what in ("attendance", "groups", "reviews")]
    promoted = await server.token(workshop_id, "facilitator", "Bob", "bob")
    assert (await server.api("GET", f"{here}/groups", key=promoted))[0] == 403, "the role in the workshop counts"

    closed = {"id": "close", "type": "CloseWorkshop"}
    assert (await server.api("POST", f"{here}/commands", closed))[0] == 200
    _, state = await server.api("GET", f"{here}/state", key=ann)
    kept = {key for key in state["records"] if key.split(":")[0] in ("attendance", "me", "workshop")}
    assert kept == {"attendance:ann", "me:ann", "workshop"}, "after the end what was for everybody and for them"
    stranger = await server.token(workshop_id, "learner", "Cyd", "cyd")
    assert (await server.api("GET", f"{here}/state", key=stranger))[1]["records"] == {}


async def test_who_may_not_ask(server: ServerProcess, join: Join) -> None:
    workshop_id, other = await server.create_workshop(), await server.create_workshop()
    here = f"/api/workshops/{workshop_id}"
    fay = await join(workshop_id, "facilitator", "fay")
    await join(workshop_id, "learner", "ann")
    ann = await server.token(workshop_id, "learner", "Ann", "ann")
    stranger = await server.token(other, "facilitator", "Fay", "fay")
    invite = await server.token(workshop_id, "facilitator")
    for key, expected in (
        (None, (401, "token_missing")),
        ("nonsense", (401, "token_invalid")),
        (stranger, (403, "not_allowed")),
        (invite, (401, "token_is_invite")),
    ):
        for path in ("state", "attendance", "groups", "reviews"):
            status, problem = await server.api("GET", f"{here}/{path}", key=key)
            assert (status, problem["code"]) == expected, path
    for method, path, body in (
        ("GET", "roster", None),
        ("PUT", "roster", None),
        ("POST", "commands", {"id": "x", "type": "CloseWorkshop"}),
    ):
        for key in (None, ann, "nonsense"):
            assert (await server.api(method, f"{here}/{path}", body, key=key))[0] == 401, path
    await fay.ok("RemoveParticipant", participant_id="ann", ban=True)
    status, problem = await server.api("GET", f"{here}/attendance", key=ann)
    assert (status, problem["code"]) == (403, "banned")
    assert (await server.api("GET", f"{here}/attendance?format=xml"))[1]["code"] == "query_invalid"
    assert (await server.api("GET", "/api/workshops/unknown/attendance"))[1]["code"] == "workshop_unknown"


async def test_an_objection_after_the_end_is_answered_by_a_correction(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    here = f"/api/workshops/{workshop_id}"
    fay = await join(workshop_id, "facilitator", "fay")
    ann = await join(workshop_id, "learner", "ann")
    await ann.ok("Leave")
    await fay.ok("CloseWorkshop")
    anns = await server.token(workshop_id, "learner", "Ann", "ann")
    fays = await server.token(workshop_id, "facilitator", "Fay", "fay")
    objection = {"text": "My connection failed."}
    assert (await server.api("POST", f"{here}/attendance/objections", objection, key=anns))[0] == 200
    status, problem = await server.api("POST", f"{here}/attendance/objections", objection)
    assert (status, problem["code"]) == (400, "needs_a_participant")
    correction = {"participant_id": "ann", "verdict": "present", "text": "Seen."}
    status, problem = await server.api("POST", f"{here}/attendance/corrections", correction, key=anns)
    assert (status, problem["code"]) == (403, "not_allowed")
    assert (await server.api("POST", f"{here}/attendance/corrections", correction, key=fays))[0] == 200
    _, found = await server.api("GET", f"{here}/attendance", key=anns)
    (own,) = found["people"]
    assert (own["objection"], own["verdict"], own["correction"], own["corrected_by"]) == (
        "My connection failed.", "present", "Seen.", "fay"
    )  # fmt: skip


async def test_commands_that_are_wrong(server: ServerProcess) -> None:
    workshop_id = await server.create_workshop()
    for command, expected in (
        ({"type": "SetLock", "on": True}, (400, "body_invalid")),
        ({"id": "", "type": "SetLock", "on": True}, (400, "body_invalid")),
        ({"id": "a", "type": "Nonsense"}, (400, "command_unknown")),
        ({"id": "a", "type": "SetLock"}, (400, "command_invalid")),
        ({"id": "a", "type": "SetLock", "on": 1}, (400, "command_invalid")),
        ({"id": "a", "type": "Tick"}, (400, "command_unknown")),
        ({"id": "a", "type": "RaiseHand"}, (422, "needs_a_participant")),
        ({"id": "a", "type": "CloseBreakouts"}, (422, "breakouts_not_open")),
    ):
        status, problem = await server.api("POST", f"/api/workshops/{workshop_id}/commands", command)
        assert (status, problem["code"]) == expected, command
    status, problem = await server.api(
        "POST", "/api/workshops/unknown/commands", {"id": "a", "type": "SetLock", "on": True}
    )
    assert (status, problem["code"]) == (404, "workshop_unknown")


async def test_AT4_AT6_over_the_wire_attendance_is_never_relative_to_the_loudest(
    server: ServerProcess, join: Join
) -> None:
    """Nothing that a client gets of its attendance holds a number of anybody else."""
    workshop_id = await server.create_workshop(attendance={"spoken_ms": 0})
    await join(workshop_id, "facilitator", "fay")
    ann = await join(workshop_id, "learner", "ann")
    before = {key: record for key, record in ann.records.items() if key.startswith("attendance")}
    bob = await join(workshop_id, "learner", "bob")
    await bob.ok("PostMessage", channel="everyone", text="I talk all the time")
    await ann.until(lambda _: ann.of_kind("message"))
    after = {key: record for key, record in ann.records.items() if key.startswith("attendance")}
    assert after == before
    assert set(after) == {"attendance:ann", "attendance_session"}


async def test_reviews_over_http(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    learners = {name: await join(workshop_id, "learner", name) for name in ("ann", "bob")}
    criteria = [{"title": "Clarity", "scale": {"least": 1, "most": 5}}]
    await fay.ok("CreateReviewRound", settings={"title": "Essays", "reviews_each": 1}, criteria=criteria)
    (record,) = await fay.until(lambda _: fay.of_kind("review_round"))
    await fay.ok("StartReviewRound", round_id=record["round_id"])
    for name, client in learners.items():
        await client.ok("DraftWork", round_id=record["round_id"], text=f"=By {name}")
    await fay.ok("AdvanceReviewRound", round_id=record["round_id"])
    for client in learners.values():
        (review,) = await client.until(lambda _, client=client: client.of_kind("review"))
        criterion_id = record["criteria"][0]["criterion_id"]
        await client.ok("WriteMark", review_id=review["review_id"], criterion_id=criterion_id, score=4)
        await client.ok("SubmitReview", review_id=review["review_id"])
    await fay.ok("AdvanceReviewRound", round_id=record["round_id"])
    _, found = await server.api("GET", f"/api/workshops/{workshop_id}/reviews")
    assert [work["result"]["criteria"][0]["median"] for work in found["rounds"][0]["submissions"]] == [4.0, 4.0]
    _, _, text = await fetch(server, f"/api/workshops/{workshop_id}/reviews?format=csv")
    assert [(row["criterion"], row["count"], row["median"]) for row in table(text)] == [("Clarity", "1", "4.0")] * 2
    _, attendance = await server.api("GET", f"/api/workshops/{workshop_id}/attendance")
    done = {each["name"]: (each["works"], each["reviews"]) for each in attendance["people"]}
    assert done["Ann"] == ({"done": 1, "offered": 1}, {"done": 1, "offered": 1})


async def test_polls_over_http(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    here = f"/api/workshops/{workshop_id}"
    ann = await join(workshop_id, "learner", "ann")
    for number, anonymous in enumerate((True, False)):
        asked = {"question": "Which?", "options": ["A", "B"], "anonymous": anonymous, "open": True}
        assert (await give(server, workshop_id, f"ask{number}", type="CreatePoll", **asked))[0] == 200
    for poll in await ann.until(lambda _: ann.of_kind("poll") if len(ann.of_kind("poll")) == 2 else None):
        await ann.ok("CastBallot", poll_id=poll["poll_id"], option_ids=[poll["options"][0]["option_id"]])
    _, found = await server.api("GET", f"{here}/polls")
    assert [[vote["who"]["name"] for vote in each["votes"]] for each in found["polls"]] == [[], ["Ann"]]
    assert [each["tally"]["ballots"] for each in found["polls"]] == [1, 1]
    _, _, text = await fetch(server, f"{here}/polls?format=csv")
    counts = [("A", "0"), ("B", "0"), ("A", "1"), ("B", "0")]
    assert [(row["item"], row["count"]) for row in table(text)] == counts, "an anonymous one tells no single ballot"
    _, _, text = await fetch(server, f"{here}/polls?format=csv&rows=voters")
    assert [(row["name"], row["answer"]) for row in table(text)] == [("Ann", "A")]
    assert (await server.api("GET", f"{here}/polls?rows=x"))[1]["code"] == "query_invalid"
    token = await server.token(workshop_id, "learner", "Ann", "ann")
    assert (await server.api("GET", f"{here}/polls", key=token))[0] == 403
    _, attendance = await server.api("GET", f"{here}/attendance")
    assert attendance["people"][0]["polls"] == {"done": 1, "offered": 1}, "an anonymous poll counts at the end"


async def test_AT12_AT13_AT14_summaries_over_http_and_in_the_audit_trail(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop()
    here = f"/api/workshops/{workshop_id}"
    await join(workshop_id, "facilitator", "fay")
    ann = await join(workshop_id, "learner", "ann")
    await ann.ok("AskQuestion", text="Why?", anonymous=False)
    fays, anns = [
        await server.token(workshop_id, role, who, who) for role, who in (("facilitator", "fay"), ("learner", "ann"))
    ]
    _, found = await server.api("GET", f"{here}/summary", key=fays)
    assert (found["title"], found["attendance"]["came"], found["activity"]["questions"]) == ("Test workshop", 2, 1)
    for path in ("summary", "questions"):
        assert (await server.api("GET", f"{here}/{path}", key=anns))[1]["code"] == "not_allowed", path
    _, found = await server.api("GET", f"{here}/participation", key=anns)
    assert [(each["participant_id"], each["questions"]) for each in found["people"]] == [("ann", 1)]
    _, kind, text = await fetch(server, f"{here}/participation?format=csv")
    assert kind.startswith("text/csv")
    assert [(row["participant_id"], row["questions"]) for row in table(text)] == [("fay", "0"), ("ann", "1")]
    _, _, text = await fetch(server, f"{here}/questions?format=csv")
    assert [(row["question"], row["participant_id"]) for row in table(text)] == [("Why?", "ann")]
    _, trail = await server.api("GET", f"/api/audit?workshop_id={workshop_id}")
    noted = [(each["action"], each["actor"], each["detail"]["what"]) for each in trail["entries"]]
    assert noted == [
        ("record.exported", *each) for each in (("fay", "summary"), ("api", "participation"), ("api", "questions"))
    ]


async def test_AT15_summaries_of_learners_over_http(server: ServerProcess, join: Join) -> None:
    workshop_id = await server.create_workshop(roster=[{"external_id": "zoe", "name": "Zoe"}])
    here = f"/api/workshops/{workshop_id}"
    fay = await join(workshop_id, "facilitator", "fay")
    for name in ("ann", "bob"):
        await join(workshop_id, "learner", name)
    anns = await server.token(workshop_id, "learner", "Ann", "ann")
    _, found = await server.api("GET", "/api/me/summary", key=anns)
    assert found["summary"]["participant_id"] == "ann"
    status, again = await server.api("GET", f"{here}/learners/ann/summary", key=anns)
    assert (status, again["summary"]["missed"]) == (200, found["summary"]["missed"])
    for path in ("learners/bob/summary", "learners/summaries"):
        assert (await server.api("GET", f"{here}/{path}", key=anns))[1]["code"] == "not_allowed", path
    _, found = await server.api("GET", f"{here}/learners/summaries?limit=2")
    assert ([each["participant_id"] for each in found["learners"]], found["next"]) == (["ann", "bob"], 2)
    _, found = await server.api("GET", f"{here}/learners/summaries?after=2")
    assert [each["attendance"]["name"] for each in found["learners"]] == ["Zoe"]
    assert (await server.api("GET", f"{here}/learners/nobody/summary"))[1]["code"] == "participant_unknown"
    invite = await server.token(workshop_id, "learner")
    for key, code in ((None, "token_missing"), (API_KEY, "token_invalid"), (invite, "token_is_invite")):
        assert (await server.api("GET", "/api/me/summary", key=key))[1]["code"] == code
    await fay.ok("RemoveParticipant", participant_id="ann")
    for path in ("/api/me/summary", f"{here}/learners/ann/summary"):
        assert (await server.api("GET", path, key=anns))[0] == 403
    _, trail = await server.api("GET", f"/api/audit?workshop_id={workshop_id}")
    noted = [(each["action"], each["actor"], each["subject"], each["detail"]["what"]) for each in trail["entries"]]
    shown = ("personal_data.shown", "ann", "ann", "summary")
    assert noted == [shown, shown, *[("record.exported", "api", "", "learners")] * 2]


async def test_the_holder_of_a_link_is_told_how_far_the_workshop_is_and_what_can_be_read(
    server: ServerProcess, join: Join
) -> None:
    workshop_id = await server.create_workshop("Essays")
    fays, anns, zoes = [
        await server.token(workshop_id, role, who, who)
        for role, who in (("facilitator", "fay"), ("learner", "ann"), ("learner", "zoe"))
    ]
    invite = await server.token(workshop_id, "learner")

    async def told(key: str) -> tuple[str, str]:
        status, found = await server.api("GET", "/api/me/workshop", key=key)
        assert (status, found["workshop_id"], found["title"]) == (200, workshop_id, "Essays")
        return found["state"], found["record"]

    await join(workshop_id, "learner", "ann")
    expected = {fays: "all", anns: "own", zoes: "none", invite: "none"}
    assert {key: await told(key) for key in expected} == {key: ("scheduled", what) for key, what in expected.items()}
    fay = await join(workshop_id, "facilitator", "fay")
    assert await told(invite) == ("open", "none")
    await fay.ok("CloseWorkshop")
    assert {key: await told(key) for key in expected} == {key: ("ended", what) for key, what in expected.items()}


async def test_who_was_removed_reads_nothing_of_the_record_and_who_was_banned_is_told_so(
    server: ServerProcess, join: Join
) -> None:
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    tokens = {}
    for who in ("ann", "bob"):
        await join(workshop_id, "learner", who)
        tokens[who] = await server.token(workshop_id, "learner", who, who)
    await fay.ok("RemoveParticipant", participant_id="ann")
    await fay.ok("RemoveParticipant", participant_id="bob", ban=True)
    assert (await server.api("GET", "/api/me/workshop", key=tokens["ann"]))[1]["record"] == "none"
    refused = [(tokens["bob"], 403, "banned"), (None, 401, "token_missing"), (API_KEY, 401, "token_invalid")]
    for key, status, code in refused:
        found = await server.api("GET", "/api/me/workshop", key=key)
        assert (found[0], found[1]["code"]) == (status, code)
    gone = await server.token(workshop_id, "learner")
    assert (await server.api("GET", "/api/me/workshop", key=gone))[0] == 200


@pytest.mark.parametrize("how", ["wire", "http"])
async def test_AT4_what_is_said_just_before_the_end_counts(server: ServerProcess, join: Join, how: str) -> None:
    """The media plane tells by five seconds; whoever closes the workshop does not wait for them."""
    workshop_id = await server.create_workshop()
    fay = await join(workshop_id, "facilitator", "fay")
    ann = await join(workshop_id, "learner", "ann")
    endpoint = SyntheticEndpoint([("send", "mic"), ("receive", "audio")])
    slots = [dataclasses.asdict(each) for each in endpoint.specs()]
    answer = await ann.call("media.offer", {"sdp": endpoint.offer(), "slots": slots})
    assert answer["ok"], answer
    await endpoint.connect(answer["sdp"])
    await ann.ok("SetMedia", mic=True, camera=False, screen=False)
    async with asyncio.timeout(30):
        while not any(signal.get("speaking") == ["ann"] for signal in ann.signals):
            endpoint.socket.send(endpoint.audio_packet())
            await asyncio.sleep(0.02)
    for _ in range(25):
        endpoint.socket.send(endpoint.audio_packet())
        await asyncio.sleep(0.02)
    if how == "wire":
        await fay.ok("CloseWorkshop")
    else:
        assert (await give(server, workshop_id, "close", type="CloseWorkshop"))[0] == 200
    _, found = await server.api("GET", f"/api/workshops/{workshop_id}/attendance")
    assert next(each["spoken_ms"] for each in found["people"] if each["participant_id"] == "ann") > 0
    await endpoint.close()
