"""The HTTP interface: what it answers, what it refuses, what it must not see of itself."""

import re
import shutil
import subprocess
from functools import partial
from typing import Any

from harness import endings, kernel, prometheus
from harness.daemon import Daemon, Response
from harness.suite import BOTH_FAMILIES, Skip, scenario
from harness.waiting import eventually
from harness.world import World

_METRICS = (
    "tcpstated_connections",
    "tcpstated_time_wait",
    "tcpstated_connections_opened_total",
    "tcpstated_connections_closed_total",
    "tcpstated_alert_state",
    "tcpstated_capture_packets_total",
    "tcpstated_capture_drops_total",
    "tcpstated_capture_duplicates_total",
    "tcpstated_table_capacity",
    "tcpstated_table_used",
    "tcpstated_table_evicted_total",
    "tcpstated_build_info",
)


def _watched_server(world: World) -> Daemon:
    return world.join().watch("server").daemons["server"]


def _assert_problem(answer: Response, status: int, *naming: str) -> None:
    """RFC 9457: the status in the body too, and what was wrong by name."""
    told = f"{answer.status} {dict(answer.headers)} {answer.body}"
    assert answer.status == status, told
    assert answer.headers["content-type"].startswith("application/problem+json"), told
    problem = answer.json()
    assert problem["status"] == status and problem["title"], told
    for name in naming:
        assert name in answer.body, f"{name!r} is not named: {told}"


@scenario()
def a_foreign_host_name_is_misdirected(world: World) -> None:
    daemon = _watched_server(world)
    for path in ("/", "/metrics", "/healthz", "/api/v1/status"):
        _assert_problem(daemon.get(path, headers={"Host": "attacker.example"}), 421)
    _assert_problem(daemon.get("/api/v1/status", headers={"Host": "attacker.example:11060"}), 421)
    for host in ("localhost", "localhost:80", "127.0.0.1:11060", "10.1.2.3", "[::1]:11060"):
        answer = daemon.get("/api/v1/status", headers={"Host": host})
        assert answer.status == 200, f"Host {host}: {answer.status} {answer.body}"


@scenario()
def a_host_name_that_the_configuration_allows_is_answered(world: World) -> None:
    world.join().watch("server", configuration="http:\n  allowed_hosts: [monitor.example]\n")
    daemon = world.daemons["server"]
    assert daemon.get("/api/v1/status", headers={"Host": "monitor.example:11060"}).status == 200
    _assert_problem(daemon.get("/api/v1/status", headers={"Host": "other.example"}), 421)


@scenario()
def only_get_and_head_are_allowed(world: World) -> None:
    daemon = _watched_server(world)
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = daemon.request(method, "/api/v1/status")
        _assert_problem(answer, 405)
        assert {"GET", "HEAD"} <= set(re.split(r",\s*", answer.headers["allow"])), answer.headers
    head = daemon.request("HEAD", "/api/v1/status")
    assert (head.status, head.body) == (200, "")
    assert int(head.headers["content-length"]) > 0


@scenario()
def what_is_unknown_is_named(world: World) -> None:
    daemon = _watched_server(world)
    _assert_problem(daemon.get("/api/v1/nothing"), 404)
    _assert_problem(daemon.get("/api/v1/connections?colour=red"), 400, "colour")
    _assert_problem(daemon.get("/api/v1/connections?state=SLEEPING"), 400, "state", "SLEEPING")
    _assert_problem(daemon.get("/api/v1/connections?limit=10001"), 400, "limit")
    _assert_problem(daemon.get("/api/v1/connections?limit=-1"), 400, "limit")
    _assert_problem(daemon.get("/api/v1/connections?service=everywhere"), 400, "service")
    _assert_problem(daemon.get("/api/v1/connections?cursor=%00"), 400, "cursor")
    _assert_problem(daemon.get("/api/v1/status?verbose=1"), 400, "verbose")


@scenario()
def health_readiness_and_index_are_there(world: World) -> None:
    daemon = _watched_server(world)
    for path, content_type in (
        ("/healthz", "text/plain"),
        ("/readyz", "text/plain"),
        ("/", "text/html"),
        ("/metrics", "text/plain"),
        ("/api/v1/services", "application/json"),
        ("/api/v1/peers", "application/json"),
        ("/api/v1/alerts", "application/json"),
    ):
        answer = daemon.get(path)
        assert answer.status == 200, f"{path}: {answer.status} {answer.body[:200]}"
        assert answer.headers.get("content-type", "").startswith(content_type), f"{path}: {dict(answer.headers)}"


@scenario()
def the_daemons_own_connections_appear_nowhere(world: World) -> None:
    # Nothing but lo: a new link has neighbours to look for.
    daemon = world.watch("server").daemons["server"]
    for _ in range(50):
        daemon.status()
    own = kernel.every_socket(world.server)
    assert any(11060 in (entry.local.port, entry.remote.port) for entry in own), "no traffic to leave out"
    status = daemon.status()
    assert (status["packets"], status["first"], status["last"]) == (0, None, None), status
    assert daemon.connections() == []
    assert (status["connections"], status["open"], status["tcp_packets"]) == (0, 0, 0), status
    assert sum(status["time_wait"].values()) == 0, status["time_wait"]
    assert status["services"] == [], status["services"]


@scenario()
def the_daemons_port_at_another_address_is_not_its_own(world: World) -> None:
    """Another program's listener, and a client whose source port it happens to be."""
    world.join().watch("server", configuration="http: {metrics_listen: '127.0.0.2:11061'}")
    for port, client_port in ((11060, 0), (11061, 0), (0, 11060)):
        world.expect(world.connect(world.listen(port=port), client_port), client="ESTABLISHED", server="ESTABLISHED")
    daemon = world.daemons["server"]
    for _ in range(5):
        assert daemon.request("GET", "/metrics", address=("127.0.0.2", 11061)).status == 200
    assert len(daemon.connections()) == 3, daemon.connections()


@scenario()
def metrics_can_be_scraped_and_equal_the_status(world: World) -> None:
    world.join().watch()
    endings.play(world)
    for side, daemon in world.daemons.items():
        eventually(partial(_assert_metrics, world, daemon, side))


@scenario()
def promtool_has_nothing_to_say_of_the_metrics(world: World) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        raise Skip("promtool is not here (Debian has it in the package prometheus)")
    daemon = _watched_server(world)
    endings.play(world)
    metrics = daemon.get("/metrics").body
    result = subprocess.run([promtool, "check", "metrics"], input=metrics, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0 and not result.stdout + result.stderr, f"{result.stdout}{result.stderr}\n{metrics}"


def _assert_metrics(world: World, daemon: Daemon, side: str) -> None:
    metrics = prometheus.parse(daemon.get("/metrics").body)
    missing = [name for name in _METRICS if name not in metrics]
    assert not missing, f"missing: {missing}"
    held = kernel.count(world.namespace(side), "TIME_WAIT")
    assert prometheus.value(metrics, "tcpstated_time_wait", side="local") == held
    assert prometheus.value(metrics, "tcpstated_connections", side="local", state="time_wait") == held
    closed = prometheus.value(metrics, "tcpstated_connections_closed_total")
    kinds = daemon.status()["close_kind"]
    assert closed == sum(kinds.values()), f"{closed} closed by the metrics, {kinds} by the status"
    first = prometheus.value(metrics, "tcpstated_connections_closed_total", closed_first="local", kind="fin")
    assert first > 0, "nobody closed first here"


@scenario()
def a_listing_is_filtered_by_state_in_any_spelling(world: World) -> None:
    world.join().watch("server")
    endings.play(world)
    daemon = world.daemons["server"]

    def listed(**query: object) -> list[dict[str, Any]]:
        return daemon.connections(**query)

    everything = listed()
    assert {"open", "closed"} == {"open" if entry["close_kind"] is None else "closed" for entry in everything}
    found = {state: len(listed(state=state)) for state in ("open", "closed", "all")}
    assert found["open"] + found["closed"] == len(everything) == found["all"], f"{found}, in all {len(everything)}"
    spellings = [
        [(entry["client_port"], entry["server_port"]) for entry in listed(state=state)]
        for state in ("TIME_WAIT", "time-wait", "time_wait", "TIME-WAIT")
    ]
    assert spellings[0] and all(found == spellings[0] for found in spellings)
    for name in ("ESTAB", "FIN-WAIT-2", "CLOSE-WAIT"):
        wanted = kernel.STATE_NAMES[name]
        found = listed(state=name)
        assert found, f"state={name} lists nothing"
        assert all(wanted in (entry["client_state"], entry["server_state"]) for entry in found), name


@scenario(BOTH_FAMILIES)
def pages_of_a_listing_hold_every_connection_once(world: World) -> None:
    world.join().watch("server")
    listener = world.listen()
    ports = [world.connect(listener).client_end.port for _ in range(25)]
    daemon = world.daemons["server"]
    eventually(lambda: _assert_pages(daemon, ports))


def _assert_pages(daemon: Daemon, ports: list[int]) -> None:
    pages = daemon.connections(limit=4)
    assert [entry["client_port"] for entry in pages] == ports[::-1], "newest start first, each once"
    assert len(daemon.json("/api/v1/connections", limit=4)["connections"]) == 4
