"""A container as Docker makes one: a client, a host that translates addresses, a server behind the host's bridge."""

import os
import shutil
import socket
import threading
from dataclasses import dataclass
from pathlib import Path

from . import kernel
from .daemon import Daemon
from .kernel import Endpoint
from .namespaces import Namespace
from .suite import Skip
from .world import IPV4, IPV6, World

#: All interfaces of the host; of these the bridge and its port show the same packets.
INTERFACES = ("uplink", "bridge", "port", "lo")


@dataclass(frozen=True)
class Plan:
    """Who has which address."""

    family: socket.AddressFamily
    prefix: int
    client: str
    host: str
    bridge: str
    container: str

    @property
    def published(self) -> Endpoint:
        return Endpoint(self.host, 8080)

    @property
    def proxied(self) -> Endpoint:
        return Endpoint(self.host, 9090)

    @property
    def service(self) -> Endpoint:
        return Endpoint(self.container, 80)

    @property
    def backend(self) -> Endpoint:
        """What the proxy on the host connects to."""
        return Endpoint(self.container, 81)

    @property
    def rules(self) -> str:
        """For nft(8)."""
        ip, target = ("ip", self.container) if self.family == IPV4 else ("ip6", f"[{self.container}]")
        return f"""
table {ip} nat {{
  chain prerouting {{
    type nat hook prerouting priority dstnat;
    {ip} daddr {self.host} tcp dport {self.published.port} dnat to {target}:{self.service.port}
  }}
  chain postrouting {{
    type nat hook postrouting priority srcnat;
    oifname "bridge" masquerade
  }}
}}
"""


_PLANS = {
    IPV4: Plan(IPV4, 24, "10.77.0.1", "10.77.0.2", "172.30.0.1", "172.30.0.2"),
    IPV6: Plan(IPV6, 64, "fd77::1", "fd77::2", "fd30::1", "fd30::2"),
}
_FORWARDING = {IPV4: "net.ipv4.ip_forward", IPV6: "net.ipv6.conf.all.forwarding"}


@dataclass
class Container:
    """The world's server is the container; its client reaches it through the host."""

    world: World
    host: Namespace
    plan: Plan

    @classmethod
    def start(cls, world: World) -> "Container":
        nft = shutil.which("nft", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if nft is None:
            raise Skip("there is no nft (package nftables)")
        plan = _PLANS[world.family]
        host = Namespace("host")
        world.cleanup.callback(host.close)
        world.client.add_veth("uplink", host, "uplink")
        world.server.add_veth("uplink", host, "port")
        world.client.bring_up("uplink", [f"{plan.client}/{plan.prefix}"])
        world.server.bring_up("uplink", [f"{plan.container}/{plan.prefix}"])
        host.bring_up("uplink", [f"{plan.host}/{plan.prefix}"])
        host.ip("link", "add", "bridge", "type", "bridge")
        host.ip("link", "set", "port", "master", "bridge")
        host.bring_up("port")
        host.bring_up("bridge", [f"{plan.bridge}/{plan.prefix}"])
        world.server.ip("route", "add", "default", "via", plan.bridge)
        host.set_sysctl(_FORWARDING[plan.family], 1)
        rules = host.run(nft, "-f", "-", stdin=plan.rules.encode())
        if rules.returncode != 0:
            raise Skip(f"this kernel translates no addresses: {rules.stderr.strip().splitlines()[0]}")
        return cls(world, host, plan)

    def watch(self, *arguments: str | Path) -> Daemon:
        daemon = Daemon(self.world.binary, self.host, self.world.scratch / "host.log", arguments)
        self.world.cleanup.callback(daemon.close)
        self.world.daemons["host"] = daemon
        return daemon.start()

    def listen(self, namespace: Namespace, at: Endpoint) -> socket.socket:
        listener = namespace.socket(self.plan.family)
        self.world.cleanup.callback(listener.close)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((at.address, at.port))
        listener.listen(64)
        listener.settimeout(20)
        return listener

    def connect(self, namespace: Namespace, to: Endpoint) -> socket.socket:
        client = namespace.socket(self.plan.family)
        self.world.cleanup.callback(client.close)
        client.settimeout(20)
        client.connect((to.address, to.port))
        return client

    def accept(self, listener: socket.socket) -> socket.socket:
        accepted, _ = listener.accept()
        self.world.cleanup.callback(accepted.close)
        accepted.settimeout(20)
        return accepted

    def time_waits(self) -> int:
        """The host's kernel's."""
        return kernel.count(self.host, "TIME_WAIT")


def exchange(first: socket.socket, second: socket.socket) -> None:
    """Something is said, and `first` closes first."""
    first.sendall(b"question")
    assert second.recv(100) == b"question"
    second.sendall(b"answer")
    assert first.recv(100) == b"answer"
    first.close()
    assert second.recv(1) == b""
    second.close()


class Proxy:
    """Takes connections on the host and passes what they say on to the container."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._listener = container.listen(container.host, container.plan.proxied)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends when nobody connects any more."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                front = self._container.accept(self._listener)
            except OSError:
                return
            back = self._container.connect(self._container.host, self._container.plan.backend)
            back.sendall(front.recv(100))
            front.sendall(back.recv(100))
            # It closes both first, and keeps both TIME_WAITs.
            back.close()
            front.close()
