"""Erasing people in a running server: from memory, from what viewers see, from the database's files, from the files written."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from rooms.commands.chat import PostMessage
from rooms.commands.people import Rename
from rooms.commands.privacy import ErasePersonalData
from rooms.errors import Rejected
from rooms.ids import API, ParticipantId
from rooms.messages import ERASED
from server.actor import Unavailable
from server.journal.port import JournalUnavailable
from tests.harness import ServerProcess, free_port
from tests.integration.actor_case import ADA, BO, Node, W, workshop_with
from tests.redis_server import RedisServer
from tests.simulation.receivers import SECRET
from tests.socket_client import WireClient


def erase(who: ParticipantId | None) -> ErasePersonalData:
    return ErasePersonalData(participant_id=who)


async def test_PD4_state_and_views_are_those_of_a_replay_and_viewers_are_told(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        await actor.submit(PostMessage(channel="everyone", text="my secret"), BO, "m")
        actor.projection.flush()
        await actor.submit(erase(BO), API, "erase")
        changes = actor.projection.flush()
        assert changes is not None
        put = {key: record for batch in changes.batches for key, record in batch.put}
        assert {key.partition(":")[0] for key in put} == {"participant", "message"}
        assert put[f"participant:{BO}"].name == ERASED
        assert "my secret" not in repr(actor.state)
        live = actor.state
    async with node.running() as workshops:
        again = await workshops.get(W)
        assert again.state.participants[BO].name == ERASED
        assert again.state.participants[ADA] == live.participants[ADA] or again.state.participants[ADA].name == ADA
        assert again.state.messages.keys() == live.messages.keys()


async def test_what_is_said_before_and_after_in_one_go_is_erased_and_kept(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        before = actor.submit(PostMessage(channel="everyone", text="before"), BO, "m1")
        asked = actor.submit(erase(BO), API, "erase")
        after = actor.submit(PostMessage(channel="everyone", text="after"), BO, "m2")
        await asyncio.gather(before, asked, after)
        assert [each.posted.text for each in actor.state.messages.values()] == [ERASED, "after"]
        await actor.submit(erase(BO), API, "again")
        assert [each.posted.text for each in actor.state.messages.values()] == [ERASED, ERASED]


async def test_PD1_a_person_nobody_knows_is_rejected_and_nothing_changes(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA)
        seq = actor.state.seq
        with pytest.raises(Rejected, match="participant_unknown"):
            await actor.submit(erase(ParticipantId("p_nobody")), API, "erase")
        assert (actor.state.seq, actor.closed) == (seq, False)


async def test_an_erasure_that_breaks_off_shows_nothing_that_the_journal_does_not_hold(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        seq = actor.state.seq

        async def full(*_arguments: Any) -> None:
            raise JournalUnavailable("disk full")

        with monkeypatch.context() as patch:
            patch.setattr(actor._journal, "append", full)
            with pytest.raises(Unavailable, match="stopping") as refusal:
                await actor.submit(erase(BO), API, "erase")
        assert refusal.value.retryable
        again = await workshops.get(W)
        assert again is not actor
        assert again.state.participants[BO].name == ERASED
        ack = await again.submit(erase(BO), API, "erase")
        assert ack.seq > seq


async def test_an_erased_person_who_goes_on_has_a_new_key(node: Node) -> None:
    async with node.running() as workshops:
        actor = await workshop_with(workshops, ADA, BO)
        await actor.submit(erase(BO), API, "erase")
        await actor.submit(Rename(name="Bo again", participant_id=BO), ADA, "rename")
    async with node.running() as workshops:
        assert (await workshops.get(W)).state.participants[BO].name == "Bo again"


def stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def written(path: Path) -> str:
    return path.read_text() if path.exists() else ""


async def until_written(path: Path, text: str) -> None:
    async with asyncio.timeout(60):
        while text not in written(path):
            await asyncio.sleep(0.05)


async def test_a_person_is_erased_from_everything_a_running_server_holds(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data", ATELIER_PUBLISH__NAMES="true", ATELIER_PUBLISH__CHAT_TEXT="true")
    await server.start()
    try:
        workshop_id = await server.create_workshop()
        invite = await server.token(workshop_id, "facilitator", "Fay", "fay")
        token = await server.token(workshop_id, "learner", "Annabel Longname", "ann")
        fay, ann = await WireClient(server.base_url, invite).connect(), WireClient(server.base_url, token)
        await ann.connect()
        await ann.ok("PostMessage", channel="everyone", text="call me on 0123456789")
        events = server.data_dir / "events" / "events.ndjson"
        await until_written(events, "0123456789")
        assert "Annabel Longname" in events.read_text()
        ids = [json.loads(line)["id"] for line in events.read_text().splitlines()]

        path = f"/api/workshops/{workshop_id}/participants/ann/personal-data"
        assert (await server.api("DELETE", path, key="wrong"))[0] == 401
        assert (await server.api("DELETE", path.replace("ann", "bob")))[0] == 404
        assert (await server.api("DELETE", path.replace(workshop_id, "w_none")))[0] == 404
        status, body = await server.api("DELETE", path)
        assert status == 200, body
        await fay.until(lambda records: records["participant:ann"]["name"] == ERASED)
        await until_written(events, "personal_data.erased")
        told = (await server.api("GET", f"/api/workshops/{workshop_id}/events?limit=1000"))[1]["events"]
        left = events.read_text() + json.dumps(told) + json.dumps(fay.records) + json.dumps(ann.records)
        assert [trace for trace in ("Longname", "0123456789") if trace in left] == []
        assert [json.loads(line)["id"] for line in events.read_text().splitlines()][: len(ids)] == ids
        _, audit = await server.api("GET", f"/api/audit?workshop_id={workshop_id}")
        noted = [(each["action"], each["subject"]) for each in audit["entries"]]
        assert noted == [("personal_data.erased", "ann"), ("record.exported", "")]
        for client in (fay, ann):
            await client.close()
        await server.kill()
        for trace in (b"Longname", b"0123456789"):
            assert trace not in stored(tmp_path)
        await server.start()
        again = await WireClient(server.base_url, invite).connect()
        assert again.records["participant:ann"]["name"] == ERASED
        await again.close()
    finally:
        await server.stop()
    assert "Traceback" not in server.log.read_text()


async def test_no_byte_of_a_person_stays_in_any_file_nor_in_redis_nor_in_what_waits_for_receivers(
    tmp_path: Path,
) -> None:
    """Journal and stream in a Redis, files, and a webhook and an LRS that are away, so that everything still waits for them."""
    (tmp_path / "redis").mkdir()
    redis = RedisServer(tmp_path / "redis")
    await redis.start("--rdbcompression", "no")  # so that what is looked for would be seen
    away = f"http://127.0.0.1:{free_port()}"
    private = {"allow_http": True, "allow_private_addresses": True}
    sinks = [
        {"kind": "file"},
        {"kind": "redis", "name": "stream", "url": redis.url, "stream": "{erasure}:events"},
        {"kind": "webhook", "name": "hook", "url": away, "secrets": [SECRET], **private},
        {"kind": "xapi", "name": "lrs", "endpoint": away, "token": "t", **private},
    ]
    server = ServerProcess(
        tmp_path / "data",
        ATELIER_STORE=redis.url,
        ATELIER_PUBLISH__NAMES="true",
        ATELIER_PUBLISH__CHAT_TEXT="true",
        ATELIER_PUBLISH__SINKS=json.dumps(sinks),
    )
    traces = (b"Longname", b"Rebaptised", b"annabel@mail.example", b"0123456789", b"external-4711")
    try:
        await server.start()
        workshop_id = await server.create_workshop()
        asked = {
            "role": "learner",
            "name": "Annabel Longname",
            "participant_id": "ann",
            "email": "annabel@mail.example",
        }
        status, body = await server.api(
            "POST", f"/api/workshops/{workshop_id}/tokens", {**asked, "external_id": "external-4711"}
        )
        assert status == 201, body
        ann = await WireClient(server.base_url, body["token"]).connect()
        await ann.ok("PostMessage", channel="everyone", text="call me on 0123456789")
        await ann.ok("Rename", name="Annabel Rebaptised")
        await ann.close()
        async with asyncio.timeout(60):
            while not all(trace in stored(tmp_path) for trace in (b"Longname", b"0123456789", b"Rebaptised")):
                await asyncio.sleep(0.1)
            async with Redis.from_url(redis.url) as client:
                while not any(b"0123456789" in entry[b"event"] for _, entry in await client.xrange("{erasure}:events")):
                    await asyncio.sleep(0.1)
        status, body = await server.api("DELETE", f"/api/workshops/{workshop_id}/participants/ann/personal-data")
        assert status == 200, body
        async with asyncio.timeout(60):  # the sinks are told behind the answer
            while [each for each in traces if each in stored(tmp_path)]:
                await asyncio.sleep(0.1)
            async with Redis.from_url(redis.url) as client:
                dumps = [await client.dump(key) async for key in client.scan_iter()]
        assert dumps
        assert [trace for trace in traces if any(trace in dump for dump in dumps)] == []
        await server.kill()
        await redis.kill()
        assert [each for each in traces if each in stored(tmp_path)] == []
    finally:
        await server.kill()
        await redis.kill()
