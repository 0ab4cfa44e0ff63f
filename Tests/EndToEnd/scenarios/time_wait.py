"""TIME_WAIT as Linux keeps it: what ends it early, what renews it, and what prevents it.

The daemon tells what the kernel does, after each step."""

import signal
import socket
from functools import partial

from harness import sock_diag
from harness.segments import FIN, RST, SYN, Tap
from harness.suite import BOTH_FAMILIES, scenario
from harness.truth import BOTH_CLOSED, BOTH_ESTABLISHED, Truth, connect_again
from harness.waiting import eventually, throughout
from harness.world import Pair, World

_ONE_PORT = (40000, 40000)
_FAST_READINGS = "kernel:\n  interval: 2s\n"


def _client_keeps_time_wait(world: World, tap: Tap | None = None) -> Truth:
    truth = Truth(world, world.listen())
    truth.close("client")
    truth.agree({"client": "FIN_WAIT_2", "server": "CLOSE_WAIT"})
    truth.close("server")
    truth.agree({"client": "TIME_WAIT", "server": "CLOSED"})
    if tap:
        tap.read()
    return truth


@scenario(BOTH_FAMILIES)
def an_rst_at_the_exact_number_ends_a_time_wait_and_no_other_does(world: World) -> None:
    world.join().watch()
    tap = Tap(world)
    truth = _client_keeps_time_wait(world, tap)
    expected = tap.server_next(truth.pair)
    stamp = tap.server_stamp(truth.pair)
    for number in (expected - 1, expected + 1, expected + 1000):
        tap.send(truth.pair, RST, number, stamp=stamp)
    throughout(lambda: truth.agree({"client": "TIME_WAIT", "server": "CLOSED"}), seconds=0.5)
    tap.send(truth.pair, RST, expected, stamp=stamp)
    truth.agree(BOTH_CLOSED)


@scenario(BOTH_FAMILIES)
def with_rfc1337_no_rst_ends_a_time_wait(world: World) -> None:
    world.join()
    world.client.set_sysctl("net.ipv4.tcp_rfc1337", 1)
    # Only the client's kernel is so: its own daemon knows.
    world.watch("client")
    tap = Tap(world)
    truth = _client_keeps_time_wait(world, tap)
    tap.send(truth.pair, RST, tap.server_next(truth.pair), stamp=tap.server_stamp(truth.pair))
    throughout(lambda: truth.agree({"client": "TIME_WAIT", "server": "CLOSED"}), seconds=0.5)


@scenario(BOTH_FAMILIES)
def a_syn_into_time_wait_that_is_challenged_changes_nothing(world: World) -> None:
    world.join().watch()
    tap = Tap(world)
    truth = _client_keeps_time_wait(world, tap)
    expected, stamp = tap.server_next(truth.pair), tap.server_stamp(truth.pair)
    tap.silence_server()
    tap.send(truth.pair, SYN, expected - 5000, stamp=None if stamp is None else stamp - 10)
    throughout(lambda: truth.agree({"client": "TIME_WAIT", "server": "CLOSED"}), seconds=0.5)
    for daemon in world.daemons.values():
        assert daemon.status()["anomalies"].get("challenged_syn"), daemon.status()["anomalies"]


@scenario(BOTH_FAMILIES)
def what_renews_a_time_wait_in_the_kernel_does_so_in_the_daemon(world: World) -> None:
    world.join().watch("client", configuration=_FAST_READINGS)
    tap = Tap(world)
    truth = _client_keeps_time_wait(world, tap)
    number, acknowledges = tap.server_next(truth.pair), tap.client_next(truth.pair)
    stamp = tap.server_stamp(truth.pair)
    tap.silence_server()
    eventually(partial(_assert_older_than, truth, 2.0), within=5)
    tap.send(truth.pair, 0, number, acknowledges, stamp)
    eventually(partial(_assert_same_rest, truth, 1.0))
    eventually(partial(_assert_older_than, truth, 2.0), within=5)
    tap.send(truth.pair, FIN, number - 1, acknowledges, stamp)
    eventually(partial(_assert_same_rest, truth, 1.0))
    eventually(partial(_assert_older_than, truth, 2.0), within=5)
    # A FIN without ACK is answered, and renews nothing.
    tap.send(truth.pair, FIN, number - 1, stamp=stamp)
    throughout(partial(_assert_older_than, truth, 1.5), seconds=0.5)


def _rest(truth: Truth) -> tuple[float, float]:
    """What is left of the client's TIME_WAIT, by the kernel and by the daemon."""
    pair = truth.pair
    ends = (pair.client_end, pair.server_end)
    kernel = next(entry for entry in sock_diag.dump(truth.world.client) if (entry.local, entry.remote) == ends)
    listed = truth.world.daemons["client"].connection(*ends)
    return kernel.expires / 1000, listed["time_wait_remaining_seconds"]


def _assert_older_than(truth: Truth, seconds: float) -> None:
    kernel, daemon = _rest(truth)
    assert kernel < 60 - seconds and daemon < 60 - seconds, f"left: {kernel:.1f} s by the kernel, {daemon:.1f} s told"


def _assert_same_rest(truth: Truth, age: float) -> None:
    kernel, daemon = _rest(truth)
    assert kernel > 60 - age and abs(kernel - daemon) < 0.25, f"left: {kernel:.2f} s by the kernel, {daemon:.2f} s told"


@scenario(BOTH_FAMILIES)
def beyond_tcp_max_tw_buckets_there_is_no_time_wait(world: World) -> None:
    world.join()
    world.client.set_sysctl("net.ipv4.tcp_max_tw_buckets", 3)
    world.watch(configuration=_FAST_READINGS)
    listener = world.listen()
    for orphan in (True, False):
        for _ in range(6):
            truth = Truth(world, listener)
            if orphan:
                truth.close("client")
            else:
                truth.shut("client")
            truth.held("server").recv(1)
            truth.close("server")
    eventually(partial(_assert_same_time_waits, world), within=10)
    throughout(partial(_assert_same_time_waits, world), seconds=3)
    closers = world.daemons["client"].status()["closed_first"]
    assert closers["client"] == 12, closers
    kernel = world.daemons["client"].status()["kernel"]
    assert kernel["tcp_max_tw_buckets"] == 3 and kernel["counters"]["TcpExtTCPTimeWaitOverflow"] > 0, kernel


def _assert_same_time_waits(world: World) -> None:
    """Questions to the daemon leave TIME_WAITs as well, which it does not count, and take room."""
    entries = sock_diag.dump(world.client, time_wait_only=True)
    counted = sum(entry.local.address == world.address("client") for entry in entries)
    told = world.daemons["client"].status()["local_time_wait"]["host"]
    assert len(entries) <= 3 and counted == told, f"{counted} TIME_WAITs in the kernel, {told} by the daemon"


@scenario(BOTH_FAMILIES)
def connecting_again_from_a_port_in_time_wait_takes_it_over(world: World) -> None:
    world.join()
    world.client.set_sysctl("net.ipv4.tcp_tw_reuse", 0)
    world.watch()
    truth = _client_keeps_time_wait(world)
    again = connect_again(truth)
    again.agree(BOTH_ESTABLISHED)
    for daemon in world.daemons.values():
        listed = daemon.connections(service=truth.pair.server_end)
        kinds = [entry["close_kind"] for entry in listed]
        assert kinds == [None, "fin"], f"the {daemon.namespace.name}'s daemon lists, newest first, {kinds}"
        assert daemon.status()["local_time_wait"]["host"] == 0


@scenario(BOTH_FAMILIES)
def the_kernel_picks_a_port_in_time_wait_when_there_is_no_other(world: World) -> None:
    world.join()
    world.client.set_sysctl("net.ipv4.tcp_tw_reuse", 1)
    world.watch()
    listener = world.listen()
    # One port, so that the second connection has to reuse it; allowed after a second (tcp_tw_reuse_delay).
    first = world.connect_freely(listener, ports=_ONE_PORT)
    truth = Truth(world, listener, first)
    truth.close("client")
    truth.agree({"client": "FIN_WAIT_2", "server": "CLOSE_WAIT"})
    truth.close("server")
    truth.agree({"client": "TIME_WAIT", "server": "CLOSED"})
    second = eventually(partial(_connect_over, world, listener), within=5)
    assert second.client_end == first.client_end
    Truth(world, listener, second).agree(BOTH_ESTABLISHED)
    assert eventually(partial(_recycled, world)) == 1


def _connect_over(world: World, listener: socket.socket) -> Pair:
    try:
        return world.connect_freely(listener, ports=_ONE_PORT)
    except OSError as error:
        raise AssertionError(f"no port yet: {error}") from error


def _recycled(world: World) -> int:
    count = world.daemons["client"].status()["kernel"]["counters"]["TcpExtTWRecycled"]
    assert count, "TWRecycled is still 0"
    return count



@scenario()
def settings_of_the_kernel_are_read_again_on_reload(world: World) -> None:
    world.join().watch("server", configuration="kernel:\n  interval: 1h\n")
    daemon = world.daemons["server"]
    assert daemon.status()["kernel"]["tcp_fin_timeout_seconds"] == 60
    world.server.set_sysctl("net.ipv4.tcp_fin_timeout", 7)
    daemon.send(signal.SIGHUP)

    def assert_read() -> None:
        told = daemon.status()["kernel"]["tcp_fin_timeout_seconds"]
        assert told == 7, told

    eventually(assert_read)
