"""Containers: connections that a host passes on between addresses of its own, without being an end of them."""

import collections
from functools import partial

from harness.container import INTERFACES, Container, Proxy, exchange
from harness.daemon import Daemon, server_of
from harness.suite import BOTH_FAMILIES, scenario
from harness.waiting import eventually, throughout
from harness.world import World

_FAST_READINGS = "kernel:\n  interval: 1s\n"
_CONNECTIONS = 20
#: New connections of a host that forwards are asked for twice, a second apart.
_KNOWN_WITHIN = 5.0
#: The next reading of the kernel's table is at most so far away.
_READING = 3.0


@scenario(BOTH_FAMILIES)
def what_a_host_translates_is_transit_on_both_legs_and_counted_once_on_each(world: World) -> None:
    container = Container.start(world)
    daemon = container.watch(*_on(INTERFACES))
    _translated(container)
    eventually(partial(_assert_legs, container, daemon, local=0, transit=2 * _CONNECTIONS), within=_KNOWN_WITHIN)
    status = daemon.status()
    # Both the bridge and its port are named, and show the same connections.
    assert status["connections"] == 2 * _CONNECTIONS, f"{status['connections']} connections"
    _assert_time_waits_stay(container, daemon)


@scenario(BOTH_FAMILIES)
def a_host_that_passes_connections_on_keeps_what_is_its_own_apart(world: World) -> None:
    container = Container.start(world)
    # By default it captures on what has an address: not on the bridge's port.
    daemon = container.watch("--config", world.write("host.yaml", _FAST_READINGS))
    _translated(container)
    _proxied(container)
    counted = partial(_assert_legs, container, daemon, local=2 * _CONNECTIONS, transit=2 * _CONNECTIONS)
    eventually(counted, within=_KNOWN_WITHIN)
    status = daemon.status()
    assert status["connections"] == 4 * _CONNECTIONS, f"{status['connections']} connections"
    assert container.time_waits() == 2 * _CONNECTIONS, f"ss has {container.time_waits()}"
    _assert_time_waits_stay(container, daemon)


@scenario(BOTH_FAMILIES)
def a_translated_connection_that_is_never_silent_is_transit_too(world: World) -> None:
    container = Container.start(world)
    daemon = container.watch()
    listener = container.listen(world.server, container.plan.service)
    client = container.connect(world.client, container.plan.published)
    server = container.accept(listener)

    def assert_transit_while_talking() -> None:
        client.sendall(b"x")
        assert server.recv(1) == b"x"
        _assert_legs(container, daemon, local=0, transit=2)

    eventually(assert_transit_while_talking, within=_KNOWN_WITHIN)


def _on(interfaces: tuple[str, ...]) -> list[str]:
    return [word for name in interfaces for word in ("--interface", name)]


def _translated(container: Container) -> None:
    """Half of them are closed by the client, half by the container: one leg's end or the other's would be the host's."""
    listener = container.listen(container.world.server, container.plan.service)
    for number in range(_CONNECTIONS):
        client = container.connect(container.world.client, container.plan.published)
        server = container.accept(listener)
        exchange(*((client, server) if number % 2 else (server, client)))
    listener.close()


def _proxied(container: Container) -> None:
    listener = container.listen(container.world.server, container.plan.backend)
    proxy = Proxy(container)
    for _ in range(_CONNECTIONS):
        client = container.connect(container.world.client, container.plan.proxied)
        client.sendall(b"question")
        server = container.accept(listener)
        assert server.recv(100) == b"question"
        server.sendall(b"answer")
        assert client.recv(100) == b"answer"
        for end in (client, server):
            assert end.recv(1) == b""
            end.close()
    proxy.close()
    listener.close()


def _assert_legs(container: Container, daemon: Daemon, local: int, transit: int) -> None:
    listed = daemon.connections()
    sides = collections.Counter("transit" if entry["local_side"] == "transit" else "local" for entry in listed)
    assert sides == collections.Counter(local=local, transit=transit), (
        f"{dict(sides)}: {[(str(server_of(e)), e['local_side'], e['history'], e['server_state']) for e in listed[:6]]}"
    )
    known = {container.plan.host, container.plan.container, container.plan.bridge}
    assert {server_of(entry).address for entry in listed} <= known


def _assert_time_waits_stay(container: Container, daemon: Daemon) -> None:
    check = partial(_assert_time_waits, container, daemon)
    # A reading may have fallen between the last closes and their packets; the next one may not.
    eventually(check, within=_READING)
    throughout(check, seconds=3.0, every=0.5)


def _assert_time_waits(container: Container, daemon: Daemon) -> None:
    status = daemon.status()
    kernel = container.time_waits()
    assert status["local_time_wait"]["host"] == kernel, f"the daemon has {status['local_time_wait']}, ss {kernel}"
    assert status["kernel"]["drift"] == 0, f"drift {status['kernel']['drift']}"
