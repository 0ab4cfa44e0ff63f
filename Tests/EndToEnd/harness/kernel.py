"""What the kernel says, by way of ss."""

import re
from dataclasses import dataclass

from .namespaces import Namespace

#: ss's names and those of RFC 9293 that the daemon uses.
STATE_NAMES = {
    "ESTAB": "ESTABLISHED",
    "SYN-SENT": "SYN_SENT",
    "SYN-RECV": "SYN_RECEIVED",
    "FIN-WAIT-1": "FIN_WAIT_1",
    "FIN-WAIT-2": "FIN_WAIT_2",
    "CLOSE-WAIT": "CLOSE_WAIT",
    "CLOSING": "CLOSING",
    "LAST-ACK": "LAST_ACK",
    "TIME-WAIT": "TIME_WAIT",
    "LISTEN": "LISTEN",
    "UNCONN": "CLOSED",
}


@dataclass(frozen=True)
class Endpoint:
    address: str
    port: int

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True)
class Socket:
    """A line of ss."""

    state: str
    local: Endpoint
    remote: Endpoint


def _endpoint(text: str) -> Endpoint:
    address, _, port = text.rpartition(":")
    address = re.sub(r"%.*$", "", address.strip("[]"))
    return Endpoint(address, int(port) if port.isdigit() else 0)


def every_socket(namespace: Namespace) -> list[Socket]:
    result = namespace.run("ss", "--no-header", "--tcp", "--all", "--numeric")
    assert result.returncode == 0, f"ss: {result.stderr.strip()}"
    lines = (line.split() for line in result.stdout.splitlines())
    return [Socket(STATE_NAMES[line[0]], _endpoint(line[3]), _endpoint(line[4])) for line in lines]


def sockets(namespace: Namespace) -> list[Socket]:
    """All but those on loopback addresses: there the daemon answers, and does not count itself."""
    return [entry for entry in every_socket(namespace) if entry.local.address not in ("127.0.0.1", "::1")]


def state(namespace: Namespace, local: Endpoint, remote: Endpoint) -> str:
    """The state of one end; CLOSED where the kernel has no socket."""
    for entry in sockets(namespace):
        if (entry.local, entry.remote) == (local, remote):
            return entry.state
    return "CLOSED"


def count(namespace: Namespace, wanted: str) -> int:
    return sum(entry.state == wanted for entry in sockets(namespace))
