"""Several threads that read from the kernel: each a share of the connections, and all figures as with one."""

import signal
from functools import partial
from pathlib import Path

from harness.churn import churn
from harness.daemon import Daemon
from harness.suite import BOTH_FAMILIES, scenario
from harness.truth import BOTH_ESTABLISHED, Truth
from harness.waiting import eventually
from harness.world import INTERFACE, World

_WORKERS = 3
_CONFIGURATION = f"capture:\n  workers: {_WORKERS}\n"


@scenario(BOTH_FAMILIES, waits_for_minutes=True, alone=True)
def with_several_readers_time_wait_is_the_kernels(world: World) -> None:
    world.join().watch(configuration=_CONFIGURATION)
    for sample in churn(world, connections=3000, seconds=20, samples=10):
        sample.check()
    for daemon in world.daemons.values():
        status = daemon.status()
        assert status["workers"] == _WORKERS, status["workers"]
        assert sum(interface["dropped"] for interface in status["interfaces"]) == 0, status["interfaces"]
        assert _readers(daemon) == {f"reader-{number + 1}" for number in range(_WORKERS)}, _readers(daemon)


@scenario(BOTH_FAMILIES)
def with_several_readers_each_segment_is_taken_once_and_in_order(world: World) -> None:
    world.join().watch(configuration=_CONFIGURATION)
    pairs = [world.connect() for _ in range(40)]
    for pair in pairs:
        for _ in range(5):
            pair.client.sendall(b"a" * 100)
            pair.socket("server").recv(100)
            pair.socket("server").sendall(b"b" * 100)
            pair.client.recv(100)
    for pair in pairs:
        pair.client.close()
        pair.socket("server").recv(1)
        pair.socket("server").close()
    for daemon in world.daemons.values():
        for pair in pairs:
            eventually(partial(_assert_whole, daemon, pair.client_end, pair.server_end))
        anomalies = daemon.status()["anomalies"]
        assert not anomalies, anomalies


@scenario()
def with_several_readers_capture_falls_back_and_an_interface_comes_back(world: World) -> None:
    world.join().watch("server", configuration=f"{_CONFIGURATION}  buffer: 64KiB\n")
    daemon = world.daemons["server"]
    talking, silent = ([Truth(world, world.listen()) for _ in range(4)] for _ in range(2))
    for truth in talking + silent:
        truth.agree(BOTH_ESTABLISHED)
    daemon.send(signal.SIGSTOP)
    try:
        for truth in talking * 100:
            truth.transfer("server", 50_000)
            truth.transfer("client", 100)
    finally:
        daemon.send(signal.SIGCONT)
    eventually(lambda: daemon.assert_logged("capture falls back from full to headers"), within=10)
    for truth in silent:
        truth.close_in_turn("server", "client")
        truth.agree({"client": "CLOSED", "server": "TIME_WAIT"})
    world.server.ip("link", "set", INTERFACE, "down")
    eventually(lambda: daemon.assert_logged("is gone or down"))
    world.server.ip("link", "set", INTERFACE, "up")
    eventually(lambda: daemon.assert_logged("capturing on"))
    later = Truth(world, world.listen())
    later.close_in_turn("client", "server")
    later.agree({"client": "TIME_WAIT", "server": "CLOSED"})


def _assert_whole(daemon: Daemon, client: str, server: str) -> None:
    connection = daemon.connection(client, server)
    assert connection["close_kind"] == "fin" and connection["closed_first"] == "client", connection
    assert (connection["client_bytes"], connection["server_bytes"]) == (500, 500), connection
    assert (connection["client_retransmits"], connection["server_retransmits"]) == (0, 0), connection
    assert connection["history"].startswith("ShAD"), connection


def _readers(daemon: Daemon) -> set[str]:
    assert daemon.process is not None
    names = (task / "comm" for task in Path(f"/proc/{daemon.process.pid}/task").iterdir())
    return {name for path in names if (name := path.read_text().strip()).startswith("reader-")}
