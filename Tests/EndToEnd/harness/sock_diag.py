"""The kernel's socket table as the kernel gives it: a sock_diag dump, binary, without ss in between."""

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from .kernel import Endpoint
from .namespaces import Namespace

_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLMSG_ERROR = 2
_NLMSG_DONE = 3
_REQUEST_DUMP = 0x301
_ALL_BUT_LISTEN_AND_CLOSE = 0x1FFF & ~(1 << 10 | 1 << 7 | 1)
_TIME_WAIT_ONLY = 1 << 6
_MESSAGE = struct.Struct("=BBBBHH16s16sI8sIIIII")

#: include/net/tcp_states.h
_STATES = {
    1: "ESTABLISHED",
    2: "SYN_SENT",
    3: "SYN_RECEIVED",
    4: "FIN_WAIT_1",
    5: "FIN_WAIT_2",
    6: "TIME_WAIT",
    8: "CLOSE_WAIT",
    9: "LAST_ACK",
    11: "CLOSING",
    12: "SYN_RECEIVED",
}


@dataclass(frozen=True)
class Entry:
    state: str
    local: Endpoint
    remote: Endpoint
    #: Milliseconds until its timer fires; 0 for a TIME_WAIT that only waits for the timer wheel.
    expires: int


def dump(namespace: Namespace, time_wait_only: bool = False) -> list[Entry]:
    """Every connection of the namespace, those on loopback addresses too."""
    states = _TIME_WAIT_ONLY if time_wait_only else _ALL_BUT_LISTEN_AND_CLOSE
    with namespace.entered():
        asked = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG)
    with asked:
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        return [entry for family in (socket.AF_INET, socket.AF_INET6) for entry in _dump(asked, family, states)]


def _dump(asked: socket.socket, family: int, states: int) -> Iterator[Entry]:
    body = struct.pack("=BBBBI48x", family, socket.IPPROTO_TCP, 0, 0, states)
    asked.send(struct.pack("=IHHII", 16 + len(body), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, family, 0) + body)
    while True:
        datagram = asked.recv(1 << 16)
        at = 0
        while at < len(datagram):
            length, kind = struct.unpack_from("=IH", datagram, at)
            if kind == _NLMSG_DONE:
                return
            assert kind != _NLMSG_ERROR, f"sock_diag: error {struct.unpack_from('=i', datagram, at + 16)[0]}"
            yield _entry(datagram, at + 16)
            at += (length + 3) & ~3


def _entry(datagram: bytes, at: int) -> Entry:
    fields = _MESSAGE.unpack_from(datagram, at)
    family, state = fields[0], fields[1]
    ports = [socket.ntohs(port) for port in fields[4:6]]
    local, remote = (_address(family, octets) for octets in fields[6:8])
    return Entry(_STATES[state], Endpoint(local, ports[0]), Endpoint(remote, ports[1]), fields[10])


def _address(family: int, octets: bytes) -> str:
    if family == socket.AF_INET:
        return socket.inet_ntop(family, octets[:4])
    if octets.startswith(bytes(10) + b"\xff\xff"):
        return socket.inet_ntop(socket.AF_INET, octets[12:])
    return socket.inet_ntop(family, octets)


def state(namespace: Namespace, local: Endpoint, remote: Endpoint) -> str:
    """The state of one end; CLOSED where the kernel has no socket."""
    for entry in dump(namespace):
        if (entry.local, entry.remote) == (local, remote):
            return entry.state
    return "CLOSED"
