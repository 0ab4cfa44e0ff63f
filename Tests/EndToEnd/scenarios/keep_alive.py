"""The case that this program was written for: keep-alive offered, and not used."""

import json
from functools import partial
from typing import Any

from harness import kernel, prometheus
from harness.daemon import Daemon
from harness.kernel import Endpoint
from harness.load import request_http, serve_http
from harness.namespaces import Namespace
from harness.suite import scenario
from harness.waiting import eventually
from harness.world import SIDES, World

_REQUESTS = 400


def _assert_equals_kernel(world: World, side: str) -> int:
    """The daemon of one side counts its own TIME_WAITs as ss does, to 1 %."""
    counted = kernel.count(world.namespace(side), "TIME_WAIT")
    told = world.daemons[side].status()["time_wait"][side]
    assert abs(told - counted) <= counted / 100, f"{side}: the daemon says {told} TIME_WAITs, ss {counted}"
    return counted


def _service(daemon: Daemon, server: Endpoint) -> dict[str, Any]:
    for service in daemon.status()["services"]:
        if (service["address"], service["port"]) == (server.address, server.port):
            return service
    raise AssertionError(f"the status has no service {server}")


def _alert(daemon: Daemon, state: str) -> dict[str, Any]:
    alerts = daemon.alerts()
    for alert in alerts:
        if (alert["name"], alert["state"]) == ("time-wait", state):
            return alert
    told = [(alert["name"], alert["state"], alert["value"]) for alert in alerts]
    raise AssertionError(f"no alert time-wait is {state}: {told}")


def _assert_closers_equal_kernel(world: World, server: Endpoint) -> list[dict[str, int]]:
    """Who closed first, by each daemon: it adds up to the TIME_WAITs that each kernel holds."""
    held = {side: _assert_equals_kernel(world, side) for side in SIDES}
    answers = []
    for daemon in world.daemons.values():
        closers = daemon.status()["closed_first"]
        told = f"the {daemon.namespace.name}'s daemon says {closers}, ss counts {held}"
        assert closers["client"] + closers["server"] + closers["simultaneous"] == _REQUESTS, told
        assert closers["none"] == 0, told
        for side, count in held.items():
            assert abs(closers[side] + closers["simultaneous"] - count) <= count / 100, told
        of_service = _service(daemon, server)["closed_first"]
        assert all(of_service[name] == closers[name] for name in of_service), f"the service: {of_service}; {told}"
        answers.append(closers)
    return answers


def _expect_alert_until_time_waits_run_out(world: World, side: str, server: Endpoint) -> None:
    daemon = world.daemons[side]
    firing = eventually(partial(_alert, daemon, "firing"), within=15)
    assert firing["value"] >= firing["raise"] == 300 and firing["clear"] == 240, firing
    assert str(server) in firing["summary"], f"the summary does not name the service: {firing['summary']}"
    evidence = json.dumps(firing["evidence"])
    assert world.address("client") in evidence, f"the evidence does not name the peer: {evidence}"
    daemon.assert_logged(r"time-wait")
    eventually(partial(_assert_none_left, world, side), within=75)
    resolved = eventually(partial(_alert, daemon, "resolved"), within=45)
    assert resolved["id"] == firing["id"] and resolved["resolved_at"] is not None, resolved


def _assert_none_left(world: World, side: str) -> None:
    counted = kernel.count(world.namespace(side), "TIME_WAIT")
    told = world.daemons[side].status()["time_wait"][side]
    assert (counted, told) == (0, 0), f"still {counted} TIME_WAITs in ss, {told} by the daemon"


@scenario(waits_for_minutes=True)
def a_go_client_that_disables_keep_alive_leaves_400_time_waits_on_the_server(world: World) -> None:
    world.join().watch()
    server = serve_http(world)
    request_http(world, server, _REQUESTS, reuse="disabled", server_first=True)
    for closers in eventually(partial(_assert_closers_equal_kernel, world, server)):
        assert closers["server"] == _REQUESTS, closers
    _expect_alert_until_time_waits_run_out(world, "server", server)


@scenario(waits_for_minutes=True)
def a_go_client_with_a_fresh_pool_per_request_keeps_400_time_waits_itself(world: World) -> None:
    world.join().watch()
    server = serve_http(world)
    request_http(world, server, _REQUESTS, reuse="fresh")
    for closers in eventually(partial(_assert_closers_equal_kernel, world, server)):
        assert closers["client"] == _REQUESTS, closers
    assert kernel.count(world.client, "TIME_WAIT") == _REQUESTS
    _expect_alert_until_time_waits_run_out(world, "client", server)


@scenario()
def when_client_and_server_race_to_close_the_counts_are_still_the_kernels(world: World) -> None:
    world.join().watch()
    server = serve_http(world)
    request_http(world, server, _REQUESTS, reuse="disabled")
    eventually(partial(_assert_closers_equal_kernel, world, server))


@scenario()
def a_go_client_that_keeps_its_connection_leaves_one_time_wait(world: World) -> None:
    world.join().watch()
    server = serve_http(world)
    request_http(world, server, _REQUESTS, reuse="keep-alive")
    for daemon in world.daemons.values():
        eventually(partial(_assert_one_connection, daemon, server))
    assert not world.daemons["server"].alerts(), "an alert without a reason"


def _assert_one_connection(daemon: Daemon, server: Endpoint) -> None:
    service = _service(daemon, server)
    assert service["connections"] == 1, f"{service['connections']} connections for {_REQUESTS} requests"
    held = service["time_wait"]
    assert held == {"client": 1, "server": 0}, f"TIME_WAITs: {held}"


def _time_waits_ever(namespace: Namespace) -> int:
    """TcpExtTW of /proc/net/netstat: a line of names, then one of values."""
    lines = [line.split() for line in namespace.run("cat", "/proc/net/netstat").stdout.splitlines()]
    names, values = (line for line in lines if line[0] == "TcpExt:")
    return int(values[names.index("TW")])


@scenario()
def time_wait_that_was_there_before_the_daemon_is_counted(world: World) -> None:
    world.join()
    server = serve_http(world)
    request_http(world, server, 50, reuse="disabled", server_first=True)
    world.watch()
    for side in SIDES:
        eventually(partial(_assert_equals_kernel, world, side))
    status = world.daemons["server"].status()
    assert status["time_wait"]["server"] == 50, status["time_wait"]
    listed = world.daemons["server"].connections(state="time-wait")
    assert {entry["provenance"] for entry in listed} == {"kernel"}, "seeded connections are marked"
    assert all(entry["start"] is None for entry in listed), "nobody saw them start"
    kernel_told = status["kernel"]
    assert status["local_time_wait"] == {"host": 50, "overdue": 0, "kernel": 50} and kernel_told["drift"] == 0, kernel_told
    metrics = prometheus.parse(world.daemons["server"].get("/metrics").body)
    assert prometheus.value(metrics, "tcpstated_kernel_time_wait") == 50
    assert prometheus.value(metrics, "tcpstated_model_drift") == 0
    told = prometheus.value(metrics, "tcpstated_kernel_tcp_events_total", event="TcpExtTW")
    # Those of the requests to the daemon come on top.
    assert 50 <= told <= _time_waits_ever(world.server), told
    closed = prometheus.value(metrics, "tcpstated_connections_closed_total", kind="fin")
    assert closed == status["close_kind"]["fin"] == 50, closed
