"""ICE-lite (RFC 8445 section 2.5): answer connectivity checks, never make any.

aioice packs and parses STUN. Two things it leaves to us, and this module does: the message's integrity is checked, and whatever
its parser raises on malformed input is one `Malformed`. Nothing is answered before the request has proved the password, and
an answer is never larger than its question.

A check must carry a FINGERPRINT (RFC 8445 section 7.1), or else whatever follows the integrity could be changed on the way; and a transaction
that has been seen from one address is refused from any other, so that nobody who has read a check can take a connection over by repeating it.
"""

import struct
from dataclasses import dataclass

from aioice import stun

from server.media.rtp import Malformed

Address = tuple[str, int]
MAX_REQUEST_BYTES = 600
REMEMBERED_TRANSACTIONS = 64
"""For each transport; a browser checks every 2.5 s and has a few checks in flight."""


@dataclass(frozen=True, slots=True)
class Check:
    """A binding request that has been read but not yet verified; `size` is that of its packet."""

    local_ufrag: str
    message: stun.Message
    size: int


@dataclass(frozen=True, slots=True)
class Verified:
    """A genuine check: what to answer, and whether the peer nominates this address."""

    response: bytes
    nominated: bool


def read(packet: bytes) -> Check:
    """Whom a binding request is for. Raises `Malformed` for everything that is not a binding request with a user name."""
    if len(packet) > MAX_REQUEST_BYTES or len(packet) < 20 or packet[:2] != b"\x00\x01":
        raise Malformed("stun")
    message = _parsed(packet)
    user = message.attributes.get("USERNAME")
    if not isinstance(user, str) or not {"MESSAGE-INTEGRITY", "FINGERPRINT"} <= message.attributes.keys():
        raise Malformed("stun without user name, integrity or fingerprint")
    return Check(user.partition(":")[0], message, len(packet))


def verify(check: Check, password: str, address: Address, transactions: dict[bytes, Address]) -> Verified:
    """The answer to a check that proves `password`. Raises `Malformed` for any other.

    `transactions` is the transport's memory of who made which; it is kept up to date here.
    """
    key = password.encode()
    message = check.message
    if not message.check_message_integrity(key):
        raise Malformed("stun integrity")
    if transactions.setdefault(message.transaction_id, address) != address:
        raise Malformed("stun replayed from another address")
    if len(transactions) > REMEMBERED_TRANSACTIONS:
        del transactions[next(iter(transactions))]
    response = stun.Message(
        message_method=stun.Method.BINDING,
        message_class=stun.Class.RESPONSE,
        transaction_id=message.transaction_id,
    )
    host = address[0].removeprefix("tcp:")
    response.attributes["XOR-MAPPED-ADDRESS"] = (host.removeprefix("::ffff:") if "." in host else host, address[1])
    response.add_message_integrity(key)
    packed = bytes(response)
    if len(packed) > check.size:
        raise Malformed("stun request smaller than its answer")
    return Verified(packed, "USE-CANDIDATE" in message.attributes)


def _parsed(packet: bytes) -> stun.Message:
    try:
        return stun.parse_message(packet)
    except (ValueError, struct.error, IndexError, KeyError, UnicodeDecodeError, OSError) as error:
        raise Malformed(f"stun: {error}") from None
