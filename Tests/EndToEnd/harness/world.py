"""The world of one test: a client's and a server's namespace, what joins them, and a daemon on either side."""

import contextlib
import functools
import ipaddress
import socket
import struct
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import kernel
from .daemon import Daemon
from .kernel import Endpoint
from .namespaces import Namespace
from .waiting import eventually
from .wire import Wire

IPV4 = socket.AF_INET
IPV6 = socket.AF_INET6

REPOSITORY = Path(__file__).resolve().parents[3]

#: The two ends of a connection, as the daemon names them.
SIDES = ("client", "server")

ADDRESSES = {
    "client": {IPV4: "10.77.0.1", IPV6: "fd77::1"},
    "server": {IPV4: "10.77.0.2", IPV6: "fd77::2"},
}
INTERFACE = "uplink"
_IP_LOCAL_PORT_RANGE = 51
LINK_ADDRESSES = {"client": "02:00:00:00:00:01", "server": "02:00:00:00:00:02"}
_PREFIX_LENGTH = {IPV4: 24, IPV6: 64}

#: Longer than a segment is held to look at a state.
_LATE_RETRANSMISSION = "2s"

#: Time enough for the daemon to say what the kernel says.
AGREEMENT_WITHIN = 3.0


@dataclass
class Pair:
    """Both sockets of one connection; the server's is None until somebody accepts it."""

    client: socket.socket
    client_end: Endpoint
    server_end: Endpoint
    server: socket.socket | None = None

    def end(self, side: str) -> Endpoint:
        return self.client_end if side == "client" else self.server_end

    def socket(self, side: str) -> socket.socket:
        held = self.client if side == "client" else self.server
        assert held is not None, f"the {side} has no socket"
        return held

    def close(self, side: str) -> None:
        self.socket(side).close()

    def close_in_turn(self, first: str, second: str) -> None:
        """The second closes when the first's FIN is there: on a busy machine both would close at once. All that was sent
        must have been read."""
        self.close(first)
        assert self.socket(second).recv(1) == b"", f"the {second} has not read all"
        self.close(second)

    def reset(self, side: str) -> None:
        """Closes with SO_LINGER 0: the kernel sends an RST."""
        self.socket(side).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close(side)


def endpoint(name: Sequence[Any]) -> Endpoint:
    return Endpoint(name[0], name[1])


@dataclass
class World:
    """Everything here is gone when the test is over, however it ends."""

    binary: Path
    peer_program: Path
    family: socket.AddressFamily = IPV4
    daemons: dict[str, Daemon] = field(default_factory=dict)
    wire: Wire | None = None

    def __post_init__(self) -> None:
        self.cleanup = contextlib.ExitStack()
        self.scratch = Path(self.cleanup.enter_context(tempfile.TemporaryDirectory(prefix="tcpstated-e2e-")))
        self.client = self._namespace("client")
        self.server = self._namespace("server")
        self._namespaces = {"client": self.client, "server": self.server}

    def _namespace(self, name: str) -> Namespace:
        namespace = Namespace(name)
        self.cleanup.callback(namespace.close)
        return namespace

    def namespace(self, side: str) -> Namespace:
        return self._namespaces[side]

    def address(self, side: str) -> str:
        return ADDRESSES[side][self.family]

    # What joins the two.

    def join(self, delay: float | None = None) -> "World":
        """A veth pair; with a delay, a wire between two of them which can also hold what one side sends."""
        if delay is None:
            self.client.add_veth(INTERFACE, self.server, INTERFACE)
        else:
            middle = self._namespace("middle")
            for side in SIDES:
                self._namespaces[side].add_veth(INTERFACE, middle, f"to-{side}")
                middle.set_sysctl(f"net.ipv6.conf.to-{side}.disable_ipv6", 1)
                middle.bring_up(f"to-{side}")
            self.wire = Wire(middle, "to-client", "to-server", delay)
            self.cleanup.callback(self.wire.close)
        for side in SIDES:
            self.address_interface(side)
            if self.wire:
                self._retransmit_late(side)
        return self

    def _retransmit_late(self, side: str) -> None:
        """A FIN that is sent again while its acknowledgment is held is acknowledged twice, and the RST that the second
        acknowledgment gets ends a TIME_WAIT (RFC 1337)."""
        for family, address in ADDRESSES[side].items():
            network = ipaddress.ip_interface(f"{address}/{_PREFIX_LENGTH[family]}").network
            route = [str(network), "dev", INTERFACE, "proto", "kernel"]
            known = ["-4", "route", "change", *route] if family == IPV4 else ["-6", "route", "change", *route, "metric", "256"]
            self._namespaces[side].ip(*known, "rto_min", _LATE_RETRANSMISSION)

    def address_interface(self, side: str) -> None:
        """Neighbours are known beforehand: a held wire then holds TCP segments and nothing that must come before."""
        namespace, other = self._namespaces[side], SIDES[side == "client"]
        addresses = [f"{address}/{_PREFIX_LENGTH[family]}" for family, address in ADDRESSES[side].items()]
        namespace.ip("link", "set", INTERFACE, "address", LINK_ADDRESSES[side])
        namespace.bring_up(INTERFACE, addresses)
        for address in ADDRESSES[other].values():
            namespace.ip("neighbour", "replace", address, "lladdr", LINK_ADDRESSES[other], "dev", INTERFACE)

    # The daemons.

    def watch(
        self,
        *sides: str,
        arguments: Sequence[str | Path] = (),
        configuration: str | None = None,
        environment: Mapping[str, str] | None = None,
        ready: bool = True,
    ) -> "World":
        """Starts a daemon in each of the given namespaces, or in both."""
        for side in sides or SIDES:
            options: list[str | Path] = list(arguments)
            if configuration is not None:
                options += ["--config", self.write(f"{side}.yaml", configuration)]
            daemon = Daemon(self.binary, self._namespaces[side], self.scratch / f"{side}.log", options, environment)
            self.cleanup.callback(daemon.close)
            daemon.start(ready)
            self.daemons[side] = daemon
        return self

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.scratch / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    # Sockets.

    def listen(self, backlog: int = 64, port: int = 0) -> socket.socket:
        listener = self.server.socket(self.family)
        self.cleanup.callback(listener.close)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.address("server"), port))
        listener.listen(backlog)
        return listener

    def start_connecting(self, server_end: Endpoint, client_port: int = 0) -> Pair:
        """The client's SYN is on its way when this returns."""
        client = self.client.socket(self.family)
        self.cleanup.callback(client.close)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        client.bind((self.address("client"), client_port))
        client.setblocking(False)
        client.connect_ex((server_end.address, server_end.port))
        return Pair(client, endpoint(client.getsockname()), server_end)

    def connect_freely(self, listener: socket.socket, ports: tuple[int, int]) -> Pair:
        """A connection from a port that the kernel picks while connecting, which may be one in TIME_WAIT."""
        client = self.client.socket(self.family)
        client.setsockopt(socket.IPPROTO_IP, _IP_LOCAL_PORT_RANGE, struct.pack("=I", ports[1] << 16 | ports[0]))
        self.cleanup.callback(client.close)
        client.settimeout(20)
        client.connect(listener.getsockname()[:2])
        return self.accept(listener, Pair(client, endpoint(client.getsockname()), endpoint(listener.getsockname())))

    def accept(self, listener: socket.socket, pair: Pair) -> Pair:
        listener.settimeout(20)
        pair.server, _ = listener.accept()
        self.cleanup.callback(pair.server.close)
        for held in (pair.client, pair.server):
            held.settimeout(20)
        return pair

    def connect(self, listener: socket.socket | None = None, client_port: int = 0) -> Pair:
        """An established connection."""
        listener = listener or self.listen()
        return self.accept(listener, self.start_connecting(endpoint(listener.getsockname()), client_port))

    # What must be so.

    def expect(
        self, pair: Pair, client: str, server: str, own_ends_only: bool = False, within: float = AGREEMENT_WITHIN
    ) -> None:
        """Both ends are in these states: by the kernel of each side, and by the daemon of each side.

        While segments are held on the wire, or when an end goes silently, a daemon cannot know of the other side: then
        each is asked for its own end only."""
        wanted = {"client": client, "server": server}
        eventually(lambda: self._assert_kernel(pair, wanted), within)
        for side, daemon in self.daemons.items():
            asked = {side: wanted[side]} if own_ends_only else wanted
            eventually(functools.partial(self.assert_daemon, pair, daemon, asked), AGREEMENT_WITHIN)

    def _assert_kernel(self, pair: Pair, wanted: Mapping[str, str]) -> None:
        for side, other in (SIDES, SIDES[::-1]):
            found = kernel.state(self._namespaces[side], pair.end(side), pair.end(other))
            assert found == wanted[side], f"ss has the {side} in {found}, expected {wanted[side]}"

    @staticmethod
    def assert_daemon(pair: Pair, daemon: Daemon, wanted: Mapping[str, str]) -> None:
        watcher = daemon.namespace.name
        try:
            listed = daemon.connection(pair.client_end, pair.server_end)
        except AssertionError:
            # A daemon that has seen no segment yet has nothing to list, and the kernel beside it has no socket.
            if set(wanted.values()) == {"CLOSED"} and list(wanted) == [watcher]:
                return
            raise
        for side, state in wanted.items():
            found = listed[f"{side}_state"]
            # A server that has not answered has a listener, but no socket of the connection.
            unanswered = (side, found, state) == ("server", "LISTEN", "CLOSED")
            assert found == state or unanswered, (
                f"the {watcher}'s daemon has the {side} in {found}, ss in {state}; history {listed['history']}"
            )

    def expect_verdict(self, pair: Pair, **wanted: object) -> None:
        """Each daemon says the same of the connection as a whole."""
        for daemon in self.daemons.values():
            eventually(functools.partial(self._assert_verdict, pair, daemon, wanted), AGREEMENT_WITHIN)

    @staticmethod
    def _assert_verdict(pair: Pair, daemon: Daemon, wanted: Mapping[str, object]) -> None:
        listed = daemon.connection(pair.client_end, pair.server_end)
        found = {name: listed[name] for name in wanted}
        assert found == wanted, f"the {daemon.namespace.name}'s daemon says {found}, expected {wanted}"

    def close(self) -> None:
        self.cleanup.close()
