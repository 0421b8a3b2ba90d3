"""Events to a webhook, by Standard Webhooks 1.0: one POST an event, signed, its id in `webhook-id`.

The body is the CloudEvent in structured JSON. `webhook-signature` has one signature for each secret, so that a receiver can change
over from an old secret to a new one. 2xx means taken. 410 means the receiver wants nothing more: the sink is disabled. Redirects are
not followed (a receiver that moved must be told to us, or anybody who can answer for it could point us elsewhere). A few
statuses say that this very event is not acceptable; said `ATTEMPTS_AT_A_REFUSED_EVENT` times, the event is dead. Everything else
is tried again for three days, as late as `Retry-After` wants.
"""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import aiohttp
from standardwebhooks import Webhook

from server import tracing
from server.publish.cloudevents import CONTENT_TYPE, CloudEvent
from server.publish.sink import Gone, Later, Refused
from server.publish.sinks import http

GIVE_UP_AFTER_MS = 3 * 24 * 3_600_000
TIMEOUT_S = 15.0
ATTEMPTS_AT_A_REFUSED_EVENT = 3
_ABOUT_THE_EVENT = frozenset({400, 413, 415, 422})
_MAX_REFUSALS_KEPT = 1_000


class WebhookSink(http.HttpSink):
    """Posts to `url`, signed with each of `secrets` (Standard Webhooks form, `whsec_…`)."""

    max_batch = 20
    """Delivered one after the other; only the cursor is moved together."""
    lanes = 8
    give_up_after_ms = GIVE_UP_AFTER_MS

    def __init__(
        self,
        name: str,
        url: str,
        secrets: Sequence[str],
        *,
        allow_private_addresses: bool = False,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        super().__init__(name, allow_private_addresses=allow_private_addresses, timeout_s=timeout_s)
        self._url = url
        self._keys = [Webhook(secret) for secret in secrets]
        self._refusals: dict[str, int] = {}

    async def deliver(self, events: Sequence[CloudEvent]) -> None:
        for index, event in enumerate(events):
            await self._post(event, index)

    async def _post(self, event: CloudEvent, delivered: int) -> None:
        assert self._http is not None, "deliver before open"
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        try:
            async with self._http.post(
                self._url, data=body.encode(), headers=self._headers(event, body), allow_redirects=False
            ) as answer:
                await answer.content.read(http.MAX_ANSWER_BYTES)  # so that the connection can be used again
                status, retry_after = answer.status, answer.headers.get("Retry-After")
        except (aiohttp.ClientError, OSError) as error:  # TimeoutError is an OSError
            raise Later(http.plain(error), delivered=delivered) from error
        self._judge(event["id"], status, retry_after, delivered)

    def _judge(self, event_id: str, status: int, retry_after: str | None, delivered: int) -> None:
        if 200 <= status < 300:
            self._refusals.pop(event_id, None)
            return
        if status == 410:
            raise Gone("the receiver answered 410 Gone", delivered=delivered)
        if 300 <= status < 400:
            raise Later(f"the receiver redirects ({status}); redirects are not followed", delivered=delivered)
        if status in _ABOUT_THE_EVENT:
            refusals = self._refusals.pop(event_id, 0) + 1
            if refusals >= ATTEMPTS_AT_A_REFUSED_EVENT:
                raise Refused(f"the receiver answered {status}, {refusals} times", delivered=delivered)
            self._refusals[event_id] = refusals
            while len(self._refusals) > _MAX_REFUSALS_KEPT:
                del self._refusals[next(iter(self._refusals))]
        raise Later(f"the receiver answered {status}", delivered=delivered, retry_after_s=http.seconds(retry_after))

    def _headers(self, event: CloudEvent, body: str) -> dict[str, str]:
        now, event_id = datetime.fromtimestamp(int(time.time()), UTC), event["id"]
        return {
            "traceparent": tracing.carried(event["traceparent"]),
            "Content-Type": f"{CONTENT_TYPE}; charset=utf-8",
            "User-Agent": "Atelier",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(key.sign(event_id, now, body) for key in self._keys),
        }
