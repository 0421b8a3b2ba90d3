"""Keeps outgoing calls off addresses that the outside has no business with (server-side request forgery).

The check is made on the address that a socket is about to connect to, after the name was resolved, so that neither a name
that points inwards nor one that changes between two look-ups gets past it.
"""

import ipaddress
import socket
from collections.abc import Callable
from typing import Any

_EMBEDDING = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
"""NAT64 prefixes (RFC 6052, RFC 8215): the last four bytes are an IPv4 address, which may be a private one."""


class AddressRefused(OSError):
    """The address is not one that may be called."""


def is_public(address: str) -> bool:
    """Whether an IP address is reachable from everywhere, and so is any IPv4 address inside it."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if not ip.is_global or ip.is_multicast:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if any(ip in network for network in _EMBEDDING):
            inner = ipaddress.IPv4Address(ip.packed[-4:])
        return inner is None or is_public(str(inner))
    return True


def socket_factory(*, allow_private: bool) -> Callable[[Any], socket.socket]:
    """For aiohttp's connector: makes the sockets, and raises `AddressRefused` instead where the address may not be called."""

    def make(address_info: Any) -> socket.socket:
        family, kind, protocol, _, address = address_info
        if not allow_private and not is_public(address[0]):
            raise AddressRefused(f"{address[0]} is not a public address; allow_private_addresses permits it")
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        return made

    return make
