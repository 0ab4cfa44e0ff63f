"""Connections that nobody closes, and those that do not come to be: real ones, and what is made of them."""

import shutil
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from harness import program
from harness.capture import Capture
from harness.kernel import Endpoint
from harness.load import request_http, serve_http
from harness.suite import Skip, scenario
from harness.waiting import eventually
from harness.world import World

_LEAKS = 12
#: CLOSE_WAIT is worth a word after 60 s; a look at the table and the tick come on top.
_LINGERS_WITHIN = 75.0


def _findings(world: World, side: str) -> dict[str, dict[str, Any]]:
    return {found["id"]: found for found in world.daemons[side].json("/api/v1/findings")["findings"]}


def _eventually_found(world: World, side: str, name: str, within: float = 15.0) -> dict[str, Any]:
    def assert_found() -> None:
        found = _findings(world, side)
        assert name in found, f"the {side}'s daemon has no {name} but {sorted(found)}"

    eventually(assert_found, within=within)
    return _findings(world, side)[name]


@scenario(waits_for_minutes=True)
def a_server_that_does_not_close_is_found_by_both_sides(world: World) -> None:
    """The clients close their half and wait; nobody closes the other."""
    world.join().watch()
    listener = world.listen()
    server = Endpoint(*listener.getsockname()[:2])
    pairs = [world.connect(listener) for _ in range(_LEAKS)]
    begun = time.monotonic()
    for pair in pairs:
        pair.client.shutdown(socket.SHUT_WR)

    leak = _eventually_found(world, "server", "close-wait-leak", within=_LINGERS_WITHIN)
    assert time.monotonic() - begun >= 60, "too early to be called a leak"
    assert leak["evidence"]["count"] == _LEAKS and leak["evidence"]["end"] == "server", leak
    assert leak["evidence"]["side"] == "local" and leak["evidence"]["service"] == str(server), leak
    clients = {str(pair.client_end) for pair in pairs}
    assert {sample["client"] for sample in leak["evidence"]["connections"]} <= clients, leak

    waiting = _eventually_found(world, "client", "fin-wait-2-pile-up", within=_LINGERS_WITHIN)
    assert waiting["evidence"]["count"] == _LEAKS == waiting["evidence"]["held_by_a_process"], waiting
    assert "close-wait-leak" not in _findings(world, "client"), "the far end's leak is told as this host's"

    services = world.daemons["server"].json("/api/v1/services")
    (told,) = [line for line in services["lingering"] if line["state"] == "CLOSE_WAIT"]
    assert told["count"] == _LEAKS and 60 <= told["longest_seconds"] <= time.monotonic() - begun + 1, told
    text = program.tcpstated(world, "status").stdout
    assert "close-wait-leak" in text and "WAITS IN" in text, text

    for pair in pairs:
        pair.close("server")

    def assert_mended() -> None:
        assert "close-wait-leak" not in _findings(world, "server"), "closed, and still a leak"

    eventually(assert_mended, within=15)


@scenario()
def a_listener_that_does_not_accept_overflows(world: World) -> None:
    world.join().watch("server")
    listener = world.listen(backlog=1)
    server = Endpoint(*listener.getsockname()[:2])
    for _ in range(8):
        world.start_connecting(server)

    # The kernel counts at once, and does not say whose; the first segment that is sent again tells.
    def assert_attributed() -> None:
        found = _eventually_found(world, "server", "backlog-overflow")
        assert found["evidence"]["listen_overflows"] > 0 and found["evidence"]["service"] == str(server), found
        assert "backlog" in found["advice"] and str(server) in found["summary"], found

    eventually(assert_attributed, within=15)

    def assert_repeats() -> None:
        (service,) = world.daemons["server"].json("/api/v1/services")["services"]
        counts = service["handshakes"]
        assert counts["syn_repeats"] + counts["syn_ack_repeats_after_ack"] > 0, counts

    eventually(assert_repeats, within=15)


def _rule(world: World, text: str) -> None:
    nft = shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin")
    if nft is None:
        raise Skip("there is no nft (package nftables)")
    script = f"table inet filter {{ chain in {{ type filter hook input priority 0; {text}; }}; }}\n"
    result = world.server.run(nft, "-f", "-", stdin=script.encode())
    if result.returncode != 0:
        raise Skip(f"nft: {result.stderr.strip()}")


def _handshakes(world: World, side: str, server: Endpoint) -> dict[str, int]:
    services = world.daemons[side].json("/api/v1/services")["services"]
    for service in services:
        if (service["address"], service["port"]) == (server.address, server.port):
            return service["handshakes"]
    return {}


@scenario()
def syns_that_fail_are_told_with_their_outcome(world: World) -> None:
    world.join().watch()
    _rule(world, "tcp dport 81 reject with icmp type host-unreachable; tcp dport 82 drop")
    unreachable, silent, closed = (Endpoint(world.address("server"), port) for port in (81, 82, 83))
    for target in (unreachable, silent, closed):
        for _ in range(4):
            world.start_connecting(target)

    def assert_outcomes(expected: Callable[[], None]) -> None:
        eventually(expected, within=15)

    def assert_told(side: str, target: Endpoint, **least: int) -> None:
        counts = _handshakes(world, side, target)
        assert all(counts.get(name, 0) >= count for name, count in least.items()), f"{target}: {counts}, {least}"

    for side in ("client", "server"):
        assert_outcomes(partial(assert_told, side, unreachable, unreachable=4))
        assert_outcomes(partial(assert_told, side, closed, refused=4))
        assert_outcomes(partial(assert_told, side, silent, syn_repeats=8))
        assert _eventually_found(world, side, "handshakes-fail")["severity"] == "info"
        assert str(closed) in _eventually_found(world, side, "connections-refused")["summary"]

    def assert_waiting() -> None:
        lines = world.daemons["client"].status()["lingering"]
        states = {(line["state"], line["service"], line["count"]) for line in lines}
        assert ("SYN_SENT", str(silent), 4) in states, lines

    eventually(assert_waiting, within=15)


@scenario()
def a_report_of_a_capture_is_one_page_that_needs_nothing_else(world: World) -> None:
    capture = Capture(world.join(), "server", "<b>&\"day'.pcap")
    server = serve_http(world)
    request_http(world, server, 120, reuse="fresh")
    path, page = capture.finish(), world.scratch / "report.html"
    result = program.tcpstated(world, "analyze", "--format", "html", "--output", page, path)
    assert result.returncode == 0 and not result.stdout, result.stderr
    text = page.read_text()
    assert str(server) in text and "no-connection-reuse" in text and "<svg" in text, text[:2000]
    assert "<b>&\"day" not in text and "&lt;b&gt;&amp;&quot;day&#39;.pcap" in text, "the file's name is not escaped"
    for word in ("http://", "https://", " src=", "href=", "url(", "<script"):
        assert word not in text, word
    chosen = program.tcpstated(world, "analyze", "--format", "html", "--filter", "dport 1", path)
    assert chosen.returncode == 0 and "not known for chosen connections" in chosen.stdout, chosen.stderr
