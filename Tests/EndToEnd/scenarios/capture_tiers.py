"""How much of the traffic is looked at: chosen in the configuration, and less by itself while the kernel drops packets."""

import os
import signal
import subprocess
from typing import Any

from harness import overload
from harness.churn import churn
from harness.daemon import Daemon
from harness.suite import BOTH_FAMILIES, scenario
from harness.truth import BOTH_ESTABLISHED, Truth
from harness.waiting import eventually
from harness.world import World

_CONTROL = "capture:\n  tier: control\nkernel:\n  interval: 2s\n"
_UNKNOWN = (
    "exchanges", "requests", "client_packets", "server_packets", "client_bytes", "server_bytes", "client_retransmits",
    "server_retransmits", "longest_idle_seconds", "idle_before_close_seconds", "application_protocol",
    "close_requested_by",
)  # fmt: skip


@scenario(BOTH_FAMILIES)
def in_the_control_tier_states_are_the_kernels_and_nothing_is_made_up(world: World) -> None:
    world.join().watch(configuration=_CONTROL)
    truth = Truth(world, world.listen())
    truth.agree(BOTH_ESTABLISHED)
    for _ in range(20):
        truth.transfer("client", 1000)
        truth.transfer("server", 100_000)
    truth.agree(BOTH_ESTABLISHED)
    truth.close("server")
    truth.agree({"client": "CLOSE_WAIT", "server": "FIN_WAIT_2"})
    truth.close("client")
    truth.agree({"client": "CLOSED", "server": "TIME_WAIT"})
    for daemon in world.daemons.values():
        connection = daemon.connection(truth.pair.client_end, truth.pair.server_end)
        assert connection["partial"] is True, connection
        assert connection["closed_first"] == "server" and connection["close_kind"] == "fin", connection
        assert connection["time_wait_side"] == "server", connection
        assert connection["close_cause"] == "unknown", connection
        for name in _UNKNOWN:
            assert connection[name] is None, (name, connection)
        status = daemon.status()
        assert status["capture"]["tier"] == "control" and status["capture"]["lower_bound"], status["capture"]
        assert status["exchanges"] == 0, status
        # The ACKs and the data did not come up here.
        assert status["tcp_packets"] < 20, status["tcp_packets"]
        text = _command(world, daemon, "status").stdout
        assert "figures are lower bounds: tier control" in text, text
        metrics = daemon.get("/metrics").body
        assert 'tcpstated_capture_tier{tier="control"} 1' in metrics, metrics
        assert "tcpstated_capture_lower_bound 1" in metrics, metrics


@scenario(BOTH_FAMILIES, waits_for_minutes=True, alone=True)
def in_the_control_tier_time_wait_is_within_two_per_cent_of_the_kernels(world: World) -> None:
    for sample in churn(world.join().watch(configuration=_CONTROL), connections=4000, seconds=66, samples=30):
        assert sample.off <= max(2, sample.table / 50), sample
        assert sample.off_running <= max(2, sample.running / 50), sample


@scenario()
def when_packets_are_dropped_capture_falls_back_and_says_so(world: World) -> None:
    world.join().watch("server", configuration="capture:\n  buffer: 64KiB\n")
    daemon = world.daemons["server"]
    truth = Truth(world, world.listen())
    before = Truth(world, world.listen())
    assert daemon.status()["capture"]["tier"] == "full"
    _drop_packets(daemon, truth)
    eventually(lambda: _assert_tier(daemon, "headers", 1), within=10)
    daemon.assert_logged("capture falls back from full to headers")
    # Settles for two seconds before it looks again.
    eventually(lambda: _fall_to_control(daemon, truth), within=30)
    metrics = daemon.get("/metrics").body
    assert "tcpstated_capture_lower_bound 1" in metrics and 'tier="control"} 1' in metrics, metrics
    # A connection from before is known as far as it can be.
    before.transfer("server", 200_000)
    before.close_in_turn("server", "client")
    before.agree({"client": "CLOSED", "server": "TIME_WAIT"})
    connection = daemon.connection(before.pair.client_end, before.pair.server_end)
    assert connection["partial"] and connection["closed_first"] == "server", connection
    assert connection["client_bytes"] is None and connection["exchanges"] is None, connection


# Alone: with a buffer as small as this, a daemon that waits for a processor loses packets again.
@scenario(alone=True)
def when_no_packets_are_dropped_for_a_while_capture_goes_up_again(world: World) -> None:
    world.join().watch("server", configuration="capture:\n  buffer: 64KiB\n")
    daemon = world.daemons["server"]
    truth = Truth(world, world.listen())
    _drop_packets(daemon, truth)
    eventually(lambda: _assert_lower(daemon), within=10)
    # By one tier in 30 s, from the lowest at worst.
    # The log is asked: readers make traffic, for which the buffer is small.
    eventually(lambda: daemon.assert_logged("capture goes from (headers|control) to full"), within=100)
    _assert_full(daemon)
    whole = Truth(world, world.listen())
    whole.transfer("client", 1000)
    whole.transfer("server", 3000)
    whole.close_in_turn("client", "server")
    whole.agree({"client": "TIME_WAIT", "server": "CLOSED"})
    connection = daemon.connection(whole.pair.client_end, whole.pair.server_end)
    assert not connection["partial"] and connection["server_bytes"] == 3000, connection


@scenario(thorough=True, alone=True)
def overloaded_it_falls_to_control_where_time_wait_is_right_and_comes_back(world: World) -> None:
    overload.measure(world, seconds=45, senders=os.cpu_count() or 1)


def _fall_to_control(daemon: Daemon, truth: Truth) -> None:
    if daemon.status()["capture"]["tier"] != "control":
        _drop_packets(daemon, truth)
    _assert_tier(daemon, "control", 2)


def _drop_packets(daemon: Daemon, truth: Truth) -> None:
    """More than the ring holds, while nobody empties it."""
    daemon.send(signal.SIGSTOP)
    try:
        for _ in range(200):
            truth.transfer("server", 50_000)
            truth.transfer("client", 100)
    finally:
        daemon.send(signal.SIGCONT)


def _assert_lower(daemon: Daemon) -> None:
    assert daemon.status()["capture"]["fall_backs"] > 0


def _assert_full(daemon: Daemon) -> None:
    assert daemon.status()["capture"]["tier"] == "full"


def _assert_tier(daemon: Daemon, tier: str, fall_backs: int) -> None:
    status: dict[str, Any] = daemon.status()
    capture = status["capture"]
    assert capture["tier"] == tier and capture["fall_backs"] == fall_backs, (capture, status["interfaces"])
    assert capture["configured"] == "full" and (capture["lower_bound"] or tier == "full"), capture
    assert all(interface["tier"] == tier for interface in status["interfaces"]), status["interfaces"]


def _command(world: World, daemon: Daemon, *words: str) -> subprocess.CompletedProcess[str]:
    command = daemon.namespace.command([world.binary, *words])
    return subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "NO_COLOR": "1"})
