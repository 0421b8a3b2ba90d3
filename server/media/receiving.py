"""Reads datagrams from a socket, many with one call, with when the system has seen each (`SO_TIMESTAMP`).

On Linux by `recvmmsg`, which Python does not offer, into buffers that are made once: of what a received packet costs, one call for each of them would be the
largest part. Elsewhere, and where a struct would not be what this module thinks, by `recvmsg`. Both give the same.
"""

import errno
import socket
import struct
import sys
import time
from array import array
from typing import Any, Protocol

import cffi

from server.media.forwarder import Address, Datagram

AT_ONCE = 64
"""Datagrams that one call reads; where so many came there may be more."""
MAX_DATAGRAM = 2_048
MAX_KNOWN = 20_000
"""Addresses that are kept so as not to be read again."""
SO_TIMESTAMP = 29
"""asm-generic/socket.h: with each datagram a `struct timeval` of the system's clock, 16 bytes where numbers have 64 bits."""
_TIMEVAL = struct.Struct("@ll")
_CONTROL_BYTES = socket.CMSG_SPACE(_TIMEVAL.size)
_NAME_BYTES = 28


class Reading(Protocol):
    """A way to read."""

    def read(self) -> tuple[list[Datagram], list[int]]:
        """(datagrams with where they come from, when each came in µs of Unix time); less than `AT_ONCE` if none is left.

        Raises OSError for what is not about this read: an earlier answer that could not be delivered (ICMP).
        """


def reading(sock: socket.socket) -> Reading:
    """The best way there is for a bound UDP socket that does not block."""
    if sys.platform != "linux":
        return OneByOne(sock)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMP, 1)
    if (_ffi.sizeof("struct mmsghdr"), _TIMEVAL.size, _CONTROL_BYTES) != (64, 16, 32):
        return OneByOne(sock)
    library = _ffi.dlopen(None)
    return Together(sock, library.recvmmsg) if hasattr(library, "recvmmsg") else OneByOne(sock)


class OneByOne:
    """`recvmsg`."""

    def __init__(self, sock: socket.socket) -> None:
        self._receive = sock.recvmsg

    def read(self) -> tuple[list[Datagram], list[int]]:
        """See `Reading`."""
        datagrams: list[Datagram] = []
        times: list[int] = []
        now_us = time.time_ns() // 1000
        for _ in range(AT_ONCE):
            try:
                datagram, said, _, address = self._receive(MAX_DATAGRAM, _CONTROL_BYTES)
            except BlockingIOError:
                break
            except OSError:
                if datagrams:
                    break
                raise
            datagrams.append((datagram, address[:2]))
            if said and len(said[0][2]) == _TIMEVAL.size:
                seconds, us = _TIMEVAL.unpack(said[0][2])
                times.append(seconds * 1_000_000 + us)
            else:
                times.append(now_us)
        return datagrams, times


_ffi = cffi.FFI()
_ffi.cdef(
    """
    struct iovec { void *iov_base; size_t iov_len; };
    struct msghdr { void *msg_name; unsigned int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
                    void *msg_control; size_t msg_controllen; int msg_flags; };
    struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
    int recvmmsg(int fd, struct mmsghdr *messages, unsigned int count, int flags, void *timeout);
    """
)


class Together:
    """`recvmmsg`. What the system writes is read through views of whole columns: no object is made for a packet but its bytes."""

    def __init__(self, sock: socket.socket, call: Any) -> None:
        self._fd = sock.fileno()
        self._call = call
        data, names, control = (
            _ffi.new("char[]", AT_ONCE * size) for size in (MAX_DATAGRAM, _NAME_BYTES, _CONTROL_BYTES)
        )
        self._parts = _ffi.new("struct iovec[]", AT_ONCE)
        self._messages = _ffi.new("struct mmsghdr[]", AT_ONCE)
        for at in range(AT_ONCE):
            self._parts[at].iov_base, self._parts[at].iov_len = data + at * MAX_DATAGRAM, MAX_DATAGRAM
            header = self._messages[at].msg_hdr
            header.msg_name, header.msg_namelen = names + at * _NAME_BYTES, _NAME_BYTES
            header.msg_iov, header.msg_iovlen = self._parts + at, 1
            header.msg_control, header.msg_controllen = control + at * _CONTROL_BYTES, _CONTROL_BYTES
        self._data, self._names = _ffi.buffer(data), _ffi.buffer(names)
        self._kept = data, names, control
        # Columns of the 64 bytes of a `struct mmsghdr` and of the 32 of a control message (16 of head, two numbers).
        whole, said = (memoryview(_ffi.buffer(each)).cast("B") for each in (self._messages, control))
        self._name_sizes, self._sizes, self._control_sizes = (
            whole.cast("I")[2::16],
            whole.cast("I")[14::16],
            whole.cast("Q")[5::8],
        )
        self._seconds, self._us = said.cast("q")[2::4], said.cast("q")[3::4]
        self._room_for_names = memoryview(array("I", [_NAME_BYTES] * AT_ONCE))
        self._room_for_control = memoryview(array("Q", [_CONTROL_BYTES] * AT_ONCE))
        self._nothing = memoryview(array("q", [0] * AT_ONCE))
        self._family = sock.family
        self._name_bytes = 16 if sock.family == socket.AF_INET else _NAME_BYTES
        self._known: dict[bytes, Address] = {}

    def read(self) -> tuple[list[Datagram], list[int]]:
        """See `Reading`."""
        count = self._call(self._fd, self._messages, AT_ONCE, socket.MSG_DONTWAIT, _ffi.NULL)
        if count <= 0:
            if count < 0 and _ffi.errno not in (errno.EAGAIN, errno.EWOULDBLOCK):
                raise OSError(_ffi.errno, "recvmmsg")
            return [], []
        now_us = time.time_ns() // 1000
        datagrams: list[Datagram] = []
        times: list[int] = []
        data, known, name_bytes = self._data, self._known, self._name_bytes
        names = self._names[: count * _NAME_BYTES]
        at = place = 0
        for size, seconds, us in zip(
            self._sizes[:count].tolist(), self._seconds[:count].tolist(), self._us[:count].tolist(), strict=True
        ):
            name = names[place : place + name_bytes]
            datagrams.append((data[at : at + size], known.get(name) or self._read_name(name)))
            times.append(seconds * 1_000_000 + us if seconds else now_us)
            at += MAX_DATAGRAM
            place += _NAME_BYTES
        # The system has written how much of the room for names and control it used; and a time must not be taken for another's.
        self._name_sizes[:count] = self._room_for_names[:count]
        self._control_sizes[:count] = self._room_for_control[:count]
        self._seconds[:count] = self._nothing[:count]
        return datagrams, times

    def _read_name(self, name: bytes) -> Address:
        host = name[4:8] if self._family == socket.AF_INET else name[8:24]
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        address = self._known[name] = socket.inet_ntop(self._family, host), int.from_bytes(name[2:4], "big")
        return address
