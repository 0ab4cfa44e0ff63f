"""Who holds the sockets: units and containers, while they live and in TIME_WAIT."""

import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import owner_peer, sock_diag
from harness.cgroups import Unit, make_units
from harness.namespaces import stop
from harness.suite import scenario
from harness.waiting import PATIENCE, eventually
from harness.world import World

_PROGRAM = Path(owner_peer.__file__)
_CONTAINER = "0123456789abcdef" * 4
#: Directories of control groups, and what the daemon calls them.
_UNITS = {
    "shop.service": "shop.service",
    f"docker-{_CONTAINER}.scope": "docker-0123456789ab",
    "api@2.service": "api@2.service",
}
_PORTS = {8081: "shop.service", 8082: "docker-0123456789ab", 8083: "api@2.service"}
_SHARED_PORT = 8090
_SHARING = 20
#: A thousand connections a second on a machine that has time for them.
_COUNT = int(6000 / PATIENCE)
_SECONDS = 6.0
#: Client ends that lived so long are attributed; of shorter ones it is luck, and measured.
_LONG = min(0.1 * PATIENCE, 0.2)
_LIVES = (0.0, 0.01, 0.03, _LONG)

_ALERTS = """
alerts:
  - {name: all, metric: time_wait, raise: 100, for: 0s}
  - {name: one, metric: time_wait, by: unit, raise: 100, for: 0s}
"""


@dataclass(frozen=True)
class Attributed:
    """Of so many connections, so many have the right owner."""

    right: int
    all: int
    attributions: Mapping[str, int]

    @property
    def share(self) -> float:
        return self.right / self.all if self.all else 0.0

    def __str__(self) -> str:
        ways = ", ".join(f"{name} {count}" for name, count in sorted(self.attributions.items()))
        return f"{self.right} of {self.all} ({100 * self.share:.2f} %; {ways})"


def _attributed(connections: Sequence[Mapping[str, Any]]) -> Attributed:
    right = sum(c["owner"]["unit"] == _PORTS[c["server_port"]] for c in connections)
    return Attributed(right, len(connections), Counter(c["owner"]["attribution"] for c in connections))


def _held_by_the_server(world: World) -> list[Any]:
    held = list(world.daemons["server"].connections(state="time-wait", side="server"))
    entries = [e for e in sock_diag.dump(world.server, time_wait_only=True) if e.local.port in _PORTS]
    assert len(held) >= 0.98 * len(entries) > 0, f"{len(held)} listed, the kernel has {len(entries)}"
    return held


def _run(world: World, unit: Unit, side: str, *arguments: object) -> subprocess.Popen[bytes]:
    inside = world.namespace(side).command([sys.executable, _PROGRAM, *map(str, arguments)])
    process = subprocess.Popen(unit.command(inside), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    world.cleanup.callback(stop, process)
    assert process.stdout is not None
    world.cleanup.callback(process.stdout.close)
    return process


def _serve(world: World, unit: Unit, port: int, *greeting: str) -> None:
    process = _run(world, unit, "server", "serve", world.address("server"), port, *greeting)
    assert process.stdout is not None and process.stdout.readline() == b"listening\n", "the server did not start"


@scenario(alone=True)
def time_waits_have_the_owner_that_their_sockets_had(world: World) -> None:
    units = make_units(world, *_UNITS)
    world.join()
    # One server was there before the daemon; the others come while it runs.
    _serve(world, units[0], 8081)
    world.watch(configuration=_ALERTS)
    for unit, port in zip(units[1:], (8082, 8083)):
        _serve(world, unit, port)
    share = _COUNT // len(_PORTS)
    clients = [
        _run(world, unit, "client", "connect", world.address("server"), port, share, _SECONDS)
        for unit, port in zip(units, _PORTS)
    ]
    rates = []
    for client in clients:
        assert client.stdout is not None
        rates.append(float(client.stdout.readline()))
        assert client.wait(60) == 0, "the clients failed"

    # A busy machine's daemon takes the last packets a while after they came.
    servers = _attributed(eventually(lambda: _held_by_the_server(world), within=10))
    made = [c for c in world.daemons["client"].connections() if c["server_port"] in _PORTS]
    longer = _attributed([c for c in made if c["duration_seconds"] >= _LONG])
    print(f"  {sum(rates):.0f} connections/s; server ends in TIME_WAIT: {servers}", flush=True)
    print(f"  client ends of {_LONG} s and longer: {longer}", flush=True)
    for shortest, longest in zip(_LIVES, _LIVES[1:]):
        some = _attributed([c for c in made if shortest <= c["duration_seconds"] < longest])
        print(f"  client ends of {shortest} to {longest} s: {some}", flush=True)
    assert servers.share >= 0.99, servers
    assert longer.share >= 0.99, longer

    _check_readings(world)


@scenario()
def of_units_that_share_a_port_none_is_blamed_for_the_other(world: World) -> None:
    names = ["one.service", "two.service"]
    units = make_units(world, *names)
    world.join().watch("server")
    for unit, name in zip(units, names):
        _serve(world, unit, _SHARED_PORT, name)
    told: dict[int, str] = {}
    for _ in range(_SHARING):
        # Held open, and closed at once: of those only the port is left to tell.
        for ending in (b"", b"s"):
            held = world.client.socket(world.family)
            world.cleanup.callback(held.close)
            held.settimeout(20)
            held.connect((world.address("server"), _SHARED_PORT))
            told[held.getsockname()[1]] = held.recv(len(names[0])).decode()
            if ending:
                held.sendall(ending)
                assert held.recv(1) == b""
                held.close()
    assert set(told.values()) == set(names), "the kernel gave all to one listener"

    def known() -> None:
        listed = {c["client_port"]: c for c in world.daemons["server"].connections()}
        for port, name in told.items():
            owner, state = listed[port]["owner"], listed[port]["server_state"]
            if state == "ESTABLISHED" or owner["attribution"] == "exact":
                assert (owner["unit"], owner["attribution"]) == (name, "exact"), listed[port]
            else:
                assert (owner["unit"], owner["attribution"]) == (None, "ambiguous"), listed[port]

    eventually(known, within=5)


def _check_readings(world: World) -> None:
    daemon = world.daemons["server"]
    owners = {owner["unit"]: owner for owner in daemon.status()["owners"]}
    services = {service["port"]: service["owner"] for service in daemon.json("/api/v1/services")["services"]}
    for port, unit in _PORTS.items():
        assert owners[unit]["time_wait"] > 0, owners
        assert services[port] == unit, services
        assert daemon.connections(owner=unit, service=f"{world.address('server')}:{port}"), f"nothing of {unit}"
        assert not daemon.connections(filter=f"owner {unit} dport != {port}"), f"{unit} holds another one's port"

    def told() -> None:
        alerts = daemon.alerts()
        whole = next(alert for alert in alerts if alert["name"] == "all")
        assert whole["evidence"]["owners"][0]["unit"] in owners, whole
        assert " holds " in whole["summary"], whole["summary"]
        assert {a["labels"]["unit"] for a in alerts if a["name"] == "one"} == set(_PORTS.values()), alerts

    eventually(told, within=5)
