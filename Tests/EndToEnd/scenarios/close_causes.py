"""Why connections close, and when ports run out. Real clients and servers are in close_pairs."""

import subprocess
import time
from functools import partial

from harness import program, verdicts
from harness.kernel import Endpoint
from harness.load import request_http, serve_http
from harness.namespaces import stop
from harness.suite import scenario
from harness.waiting import eventually
from harness.world import SIDES, World

_COUNT = 60
#: A cause that needs to know the others is decided at most 60 s after the close.
_DECIDED_WITHIN = 75.0


def _assert_cause(world: World, side: str, server: Endpoint, cause: str, least: int) -> None:
    service = verdicts.service(world, side, server)
    told = service["close_cause"]
    decided = sum(told.values())
    ended = service["connections"] - service["open"]
    assert decided == ended and ended >= least, f"the {side}'s daemon: {told} of {ended} that ended, {least} awaited"
    assert told.get(cause, 0) >= verdicts.SHARE * decided, f"the {side}'s daemon says {told}, must be {cause}"


def _expect_cause(world: World, server: Endpoint, cause: str, least: int = _COUNT) -> None:
    """Both daemons give the cause to at least 98 % of the connections."""
    for side in SIDES:
        eventually(partial(_assert_cause, world, side, server, cause, least), within=_DECIDED_WITHIN)


@scenario(waits_for_minutes=True)
def a_go_client_with_a_fresh_pool_per_request_has_no_pool(world: World) -> None:
    world.join().watch()
    server = serve_http(world)
    request_http(world, server, _COUNT, reuse="fresh")
    _expect_cause(world, server, "no_pool")
    listed = world.daemons["client"].connections(filter="cause no_pool", limit=200)
    assert len(listed) == _COUNT, f"the filter finds {len(listed)}"


@scenario()
def a_connection_without_a_word_is_a_probe_and_a_closed_port_refuses(world: World) -> None:
    world.join().watch()
    listener = world.listen()
    server = Endpoint(*listener.getsockname()[:2])
    for _ in range(5):
        pair = world.connect(listener)
        pair.close("client")
        pair.close("server")
    _expect_cause(world, server, "probe", least=5)
    listener.close()
    nobody = Endpoint(server.address, server.port + 1)
    for _ in range(3):
        attempt = world.client.socket(world.family)
        assert attempt.connect_ex((nobody.address, nobody.port)) != 0
        attempt.close()
    _expect_cause(world, nobody, "refused", least=3)


@scenario(waits_for_minutes=True)
def the_forecast_tells_when_ports_run_out(world: World) -> None:
    """1,000 ports, 25 connections a second that the client closes: at a third, the forecast is right to 10 %."""
    world.join()
    ports, rate = 1000, 25
    with world.client.entered():
        with open("/proc/sys/net/ipv4/ip_local_port_range", "w", encoding="ascii") as setting:
            setting.write(f"20000 {20000 + ports - 1}")
    world.client.set_sysctl("net.ipv4.tcp_tw_reuse", 0)
    world.watch("client")
    server = serve_http(world)
    begun, forecasts = time.monotonic(), []
    process = subprocess.Popen(
        world.client.command([world.peer_program, "--exhaust", str(rate), "--target", str(server)]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    world.cleanup.callback(stop, process)
    while process.poll() is None:
        assert time.monotonic() - begun < 100, "connect() does not fail"
        for line in world.daemons["client"].json("/api/v1/destinations")["destinations"]:
            if not forecasts and line["destination"] == str(server) and line["ports_used"] >= ports / 3:
                assert line["seconds_to_exhaustion"] is not None, line
                forecasts.append(time.monotonic() - begun + line["seconds_to_exhaustion"])
        time.sleep(0.1)
    failed = time.monotonic() - begun
    assert process.stdout is not None
    reason = process.stdout.read().decode()
    process.stdout.close()
    assert "cannot assign requested address" in reason, reason
    assert forecasts and abs(forecasts[0] - failed) <= failed / 10, f"forecast {forecasts}, failed at {failed:.1f} s"
    found = world.daemons["client"].json("/api/v1/findings")["findings"]
    assert found[0]["id"] == "ephemeral-ports-running-out", found
    text = program.tcpstated(world, "explain", found[0]["id"])
    assert text.returncode == 0


@scenario()
def keep_alive_probes_are_told_beside_the_hosts_settings(world: World) -> None:
    world.join()
    for name, value in (("time", 1), ("intvl", 1), ("probes", 5)):
        world.client.set_sysctl(f"net.ipv4.tcp_keepalive_{name}", value)
    world.watch()
    pair = world.connect(world.listen())
    pair.client.setsockopt(1, 9, 1)  # SOL_SOCKET, SO_KEEPALIVE

    def assert_probes(side: str) -> None:
        connection = world.daemons[side].connection(pair.client_end, pair.server_end)
        probes = connection["client_keep_alive_probes"]
        assert probes["sent"] >= 2 and probes["unanswered"] == 0, probes
        assert abs(probes["interval_seconds"] - 1) < 0.5, probes

    for side in SIDES:
        eventually(partial(assert_probes, side), within=8)
    settings = world.daemons["client"].status()["kernel"]
    assert (settings["tcp_keepalive_time_seconds"], settings["tcp_keepalive_probes"]) == (1, 5), settings
