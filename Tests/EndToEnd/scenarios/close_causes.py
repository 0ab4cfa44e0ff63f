"""Why connections close: real clients and servers, each with a habit, and what the daemon makes of it."""

import shutil
import subprocess
import time
from functools import partial
from typing import Any

from harness import program
from harness.kernel import Endpoint
from harness.load import request_http, serve_http
from harness.namespaces import stop
from harness.suite import Skip, scenario
from harness.waiting import eventually
from harness.world import SIDES, World

_COUNT = 60
#: A cause that needs to know the others is decided at most 60 s after the close.
_DECIDED_WITHIN = 75.0
_SHARE = 0.98


def _service(world: World, side: str, server: Endpoint) -> dict[str, Any]:
    for service in world.daemons[side].status()["services"]:
        if (service["address"], service["port"]) == (server.address, server.port):
            return service
    raise AssertionError(f"the {side}'s daemon has no service {server}")


def _assert_cause(world: World, side: str, server: Endpoint, cause: str, least: int) -> None:
    service = _service(world, side, server)
    told = service["close_cause"]
    decided = sum(told.values())
    ended = service["connections"] - service["open"]
    assert decided == ended and ended >= least, f"the {side}'s daemon: {told} of {ended} that ended, {least} awaited"
    assert told.get(cause, 0) >= _SHARE * decided, f"the {side}'s daemon says {told}, must be {cause}"


def _expect_cause(world: World, server: Endpoint, cause: str, least: int = _COUNT) -> None:
    """Both daemons give the cause to at least 98 % of the connections."""
    for side in SIDES:
        eventually(partial(_assert_cause, world, side, server, cause, least), within=_DECIDED_WITHIN)


@scenario()
def a_go_client_that_disables_keep_alive_asked_for_each_close(world: World) -> None:
    world.join().watch()
    server = serve_http(world)
    request_http(world, server, _COUNT, reuse="disabled")
    _expect_cause(world, server, "client_asked")


@scenario(waits_for_minutes=True)
def a_go_client_with_a_fresh_pool_per_request_has_no_pool(world: World) -> None:
    world.join().watch()
    server = serve_http(world)
    request_http(world, server, _COUNT, reuse="fresh")
    _expect_cause(world, server, "no_pool")
    listed = world.daemons["client"].connections(filter="cause no_pool", limit=200)
    assert len(listed) == _COUNT, f"the filter finds {len(listed)}"


@scenario()
def a_go_client_that_closes_large_bodies_unread_is_told_so(world: World) -> None:
    world.join().watch()
    server = serve_http(world, "--body", str(4 << 20))
    request_http(world, server, _COUNT, reuse="keep-alive", options=["--unread"])
    _expect_cause(world, server, "response_unread")


@scenario()
def a_go_client_that_loses_patience_gave_up(world: World) -> None:
    world.join().watch()
    server = serve_http(world, "--delay", "2s")
    request_http(world, server, 5, reuse="keep-alive", options=["--patience", "100ms", "--workers", "10"])
    _expect_cause(world, server, "client_gave_up", least=50)


@scenario(waits_for_minutes=True)
def fifty_go_workers_with_two_idle_connections_overflow_their_pool(world: World) -> None:
    world.join().watch()
    # Slower than a connection is opened: none is opened in vain.
    server = serve_http(world, "--delay", "100ms")
    request_http(world, server, 1, "keep-alive", options=["--workers", "50", "--rounds", "10", "--between", "300ms"])

    def assert_overflow(side: str) -> None:
        service = _service(world, side, server)
        told, ended = service["close_cause"], service["connections"] - service["open"]
        assert sum(told.values()) == ended and ended > 300, f"{told} of {ended} that ended"
        # The two that were kept are closed when the program ends.
        others = ended - told.get("pool_overflow", 0)
        assert others <= max(2, (1 - _SHARE) * ended), f"the {side}'s daemon says {told}"

    for side in SIDES:
        eventually(partial(assert_overflow, side), within=_DECIDED_WITHIN)


@scenario(waits_for_minutes=True)
def a_go_server_that_closes_idle_connections_shows_its_time_out(world: World) -> None:
    world.join().watch()
    server = serve_http(world, "--idle-timeout", "1500ms")
    for _ in range(6):
        request_http(world, server, 2, reuse="keep-alive", options=["--pause", "1900ms"])
    _expect_cause(world, server, "server_idle", least=6)
    for side in SIDES:
        inferred = _service(world, side, server)["inferred_idle_timeout"]["server"]
        assert abs(inferred["seconds"] - 1.5) <= 0.2 and inferred["samples"] >= 5, inferred


@scenario(waits_for_minutes=True)
def pythons_http_server_of_version_1_0_closes_by_itself(world: World) -> None:
    world.join().watch()
    server = Endpoint(world.address("server"), 8000)
    _start(world, ["python3", "-m", "http.server", str(server.port), "--directory", world.scratch], server)
    world.write("page", "hello\n")
    url = f"http://{server}/page"
    result = world.client.run(world.peer_program, "--url", url, "--count", str(_COUNT))
    assert result.returncode == 0, result.stderr
    _expect_cause(world, server, "server_asked", least=_COUNT)


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


_NGINX = """
daemon off; master_process off; pid {scratch}/nginx.pid; error_log {scratch}/error.log;
events {{ }}
http {{
  access_log {scratch}/access.log; client_body_temp_path {scratch}/b; proxy_temp_path {scratch}/p;
  fastcgi_temp_path {scratch}/f; uwsgi_temp_path {scratch}/u; scgi_temp_path {scratch}/s;
  server {{
    listen {server}; keepalive_requests 10; keepalive_timeout 1s;
    location / {{ return 200 "hello\\n"; }}
    location /drop {{ return 444; }}
  }}
}}
"""


def _start(world: World, command: list[Any], server: Endpoint) -> None:
    process = subprocess.Popen(
        world.server.command(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    world.cleanup.callback(stop, process)

    def assert_listening() -> None:
        listening = world.server.run("ss", "-Hltn", f"sport = :{server.port}").stdout
        assert listening.strip(), f"{command[0]} does not listen"

    eventually(assert_listening, within=20)


def _serve_nginx(world: World) -> Endpoint:
    nginx = shutil.which("nginx")
    if nginx is None:
        raise Skip("nginx is not here")
    server = Endpoint(world.address("server"), 8080)
    configuration = world.write("nginx.conf", _NGINX.format(scratch=world.scratch, server=server))
    _start(world, [nginx, "-c", configuration, "-e", world.scratch / "error.log"], server)
    return server


@scenario(waits_for_minutes=True)
def nginx_closes_after_its_limit_of_requests(world: World) -> None:
    world.join().watch()
    server = _serve_nginx(world)
    request_http(world, server, 10 * 20, reuse="keep-alive")
    _expect_cause(world, server, "max_requests", least=20)


@scenario(waits_for_minutes=True)
def nginx_closes_idle_connections_after_its_time_out(world: World) -> None:
    world.join().watch()
    server = _serve_nginx(world)
    for _ in range(6):
        request_http(world, server, 2, reuse="keep-alive", options=["--pause", "1400ms"])
    _expect_cause(world, server, "server_idle", least=6)


@scenario(waits_for_minutes=True)
def nginx_that_drops_requests_gives_no_response(world: World) -> None:
    world.join().watch()
    server = _serve_nginx(world)
    for _ in range(10):
        world.client.run(world.peer_program, "--url", f"http://{server}/drop", "--patience", "5s")
    _expect_cause(world, server, "no_response", least=10)


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
