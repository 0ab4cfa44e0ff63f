"""Floods: the connections that people use keep their truth, and memory stays where it was set."""

import re

from harness import floods
from harness.suite import register, scenario
from harness.waiting import eventually
from harness.world import World, endpoint

#: What is filled beside memory_limit, in kilobytes: the interface's buffer, the recorder, an answer under way.
_BESIDE_THE_LIMIT = (16 + 16 + 8) << 10
_LIMIT = 64
_KINDS = {"syn": 200_000, "scan": 131_070, "sweep": 131_070, "rst": 100_000, "fin": 100_000, "ack": 100_000}
#: Segments a second.
_RATE = 10_000


def _flood(kind: str, world: World) -> None:
    world.join().watch("server", configuration=f"memory_limit: {_LIMIT}MiB\ncapture:\n  fall_back: false\n")
    flood = floods.play(world, kind, _KINDS[kind], _RATE)
    assert flood.resident_peak - flood.resident_before < (_LIMIT << 10) + _BESIDE_THE_LIMIT, flood


for _kind in _KINDS:
    register(
        f"a flood of {_kind} leaves established connections as they are",
        lambda world, kind=_kind: _flood(kind, world),
        thorough=True,
        alone=True,
    )


@scenario(alone=True)
def a_service_gets_its_account_amid_a_scan(world: World) -> None:
    """65,535 ports are asked by as many addresses; who answers is told apart all the same, and no total is lost."""
    world.join().watch("server", configuration="memory_limit: 16MiB\ncapture:\n  fall_back: false\n")
    daemon = world.daemons["server"]
    floods.play(world, "sweep", 65_535, _RATE)
    listener = world.listen()
    service = endpoint(listener.getsockname())
    kept = [world.connect(listener) for _ in range(3)]

    def has_account() -> None:
        opened = _opened(daemon.get("/metrics").body)
        assert opened.get(str(service), 0) + opened["other"] >= len(kept), opened
        assert str(service) in opened, f"{service} is not among {len(opened)} labels"
        assert len(opened) <= 201, f"{len(opened)} labels"
        listed = daemon.json("/api/v1/services")["services"]
        assert any((entry["address"], entry["port"]) == (service.address, service.port) for entry in listed)
        status = daemon.status()
        assert sum(opened.values()) <= status["connections"], "each is counted once"
        open_there = [entry for entry in daemon.connections(service=service) if entry["server_state"] == "ESTABLISHED"]
        assert len(open_there) == len(kept)

    eventually(has_account, within=20)


def _opened(metrics: str) -> dict[str, int]:
    """Connections by service, of all sides."""
    opened: dict[str, int] = {}
    for name, value in re.findall(r'^tcpstated_connections_opened_total{service="(.*?)",.*} (\d+)$', metrics, re.M):
        opened[name] = opened.get(name, 0) + int(value)
    return opened
