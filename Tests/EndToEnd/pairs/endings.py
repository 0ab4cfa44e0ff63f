"""Servers that stop or start anew, and connections that were never meant to carry anything."""

import contextlib
import time

from harness.kernel import Endpoint
from harness.waiting import eventually
from harness.world import World

from . import Expected, clients, pair, servers

_CONNECTIONS = 60


def _established(world: World, server: Endpoint) -> int:
    listed = world.server.run("ss", "-Htn", "state", "established", f"sport = :{server.port}").stdout
    return len(listed.splitlines())


def _connect(world: World, server: Endpoint) -> bool:
    with contextlib.closing(world.client.socket(world.family)) as client:
        return client.connect_ex((server.address, server.port)) == 0


@pair("Go, requests under way", "Go, killed")
def _killed(world: World) -> Expected:
    server = servers.endpoint(world)
    process = servers.start(world, [world.peer_program, "--listen", str(server), "--delay", "60s"], server)
    command = ["--url", f"http://{server}/", "--workers", str(_CONNECTIONS), "--patience", "60s"]
    client = clients.begin(world, world.peer_program, *command)

    def assert_waiting() -> None:
        assert _established(world, server) == _CONNECTIONS

    eventually(assert_waiting, within=20)
    time.sleep(1)
    process.kill()
    process.wait(30)
    # Clients come back at once, to a port where nobody listens.
    refused = 3
    for _ in range(refused):
        assert not _connect(world, server)
    client.wait(30)
    return Expected(server, "process_exit", _CONNECTIONS, others={"refused": refused})


@pair("Go, idle connections", "nginx, reload")
def _reloaded(world: World) -> Expected:
    server = servers.nginx(world, keepalive_timeout="75s")
    command = ["--url", f"http://{server}/", "--reuse", "own", "--workers", str(_CONNECTIONS), "--pause", "2s"]
    # Their silences differ: otherwise it might be a time-out that runs out for all of them.
    command += ["--apart", "100ms"]
    client = clients.begin(world, world.peer_program, *command)

    def assert_connected() -> None:
        assert _established(world, server) >= _CONNECTIONS

    eventually(assert_connected, within=20)
    servers.reload_nginx(world)
    client.wait(30)
    # It listens as before.
    clients.go(world, server, "--count", "2")
    return Expected(server, "drain", _CONNECTIONS, others={"client_done": 1})


@pair("a bare connect", "nginx")
def _bare_connect(world: World) -> Expected:
    server = servers.nginx(world)
    for _ in range(_CONNECTIONS):
        assert _connect(world, server)
    return Expected(server, "probe", _CONNECTIONS)


_PROBES = 40


@pair("haproxy's check", "Go")
def _haproxy_checks(world: World) -> Expected:
    back = servers.go(world)
    servers.haproxy(world, back, server=" check inter 100ms")

    def assert_checked() -> None:
        services = world.daemons["server"].status()["services"]
        seen = sum(service["connections"] for service in services if service["port"] == back.port)
        assert seen >= _PROBES, f"{seen} checks"

    eventually(assert_checked, within=30)
    return Expected(back, "probe", _PROBES, seen_by=["server"])


@pair("Go, reads and reuses", "haproxy, option httpclose, before Go")
def _haproxy_closes_behind(world: World) -> list[Expected]:
    """What haproxy adds to each request: Connection: close, to the server and to the client."""
    back = servers.go(world)
    front = servers.haproxy(world, back, defaults="  option httpclose")
    clients.go(world, front, "--count", str(_CONNECTIONS))
    return [
        Expected(front, "server_asked", _CONNECTIONS),
        Expected(back, "client_asked", _CONNECTIONS, seen_by=["server"]),
    ]


@pair("Go, reads and reuses", "haproxy before nginx", thorough=True)
def _haproxy_keeps(world: World) -> list[Expected]:
    back = servers.nginx(world)
    front = servers.haproxy(world, back)
    for _ in range(_CONNECTIONS):
        clients.go(world, front, "--count", "100")
    return [
        Expected(front, "client_done", _CONNECTIONS),
        Expected(back, "max_requests", _CONNECTIONS // 2, seen_by=["server"]),
    ]
