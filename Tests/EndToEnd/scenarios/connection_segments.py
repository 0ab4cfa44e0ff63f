"""What opened, moved and closed a connection, with times, beside what tcpdump saw on the same interface."""

import json
import re
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from harness.capture import Capture
from harness.daemon import Daemon
from harness.endings import endpoint_of_nobody
from harness.program import tcpstated
from harness.suite import BOTH_FAMILIES, scenario
from harness.waiting import eventually
from harness.world import SIDES, Pair, World, endpoint

_NAMES = {"S": "SYN", "F": "FIN", "R": "RST", "P": "PSH", ".": "ACK"}
_LINE = re.compile(r"(\d+)\.(\d{6}) IP6? \S+\.(\d+) > \S+\.(\d+): Flags \[([^]]*)\].* length (\d+)")

#: Told of a connection that the server closes first: who, flags, and the states of client and server after it.
_SERVER_FIRST = [
    ("client", {"SYN"}, "SYN_SENT", "LISTEN"),
    ("server", {"SYN", "ACK"}, "ESTABLISHED", "SYN_RECEIVED"),
    ("client", {"ACK"}, "ESTABLISHED", "ESTABLISHED"),
    ("client", {"PSH", "ACK"}, "ESTABLISHED", "ESTABLISHED"),
    ("server", {"PSH", "ACK"}, "ESTABLISHED", "ESTABLISHED"),
    ("server", {"FIN", "ACK"}, "CLOSE_WAIT", "FIN_WAIT_1"),
    ("client", {"ACK"}, "CLOSE_WAIT", "FIN_WAIT_2"),
    ("client", {"FIN", "ACK"}, "LAST_ACK", "TIME_WAIT"),
    ("server", {"ACK"}, "CLOSED", "TIME_WAIT"),
]


@dataclass(frozen=True)
class _Seen:
    """One segment, by tcpdump or by the daemon."""

    microseconds: int
    sender: str
    flags: frozenset[str]
    payload: int


#: Of what is sent, all who listen have the kernel's time; of what comes in, each takes its own, one after the other.
_BETWEEN_LISTENERS = 50_000


def _is_same(told: _Seen, dumped: _Seen, side: str) -> bool:
    allowed = 0 if told.sender == side else _BETWEEN_LISTENERS
    same = (told.sender, told.flags, told.payload) == (dumped.sender, dumped.flags, dumped.payload)
    return same and abs(told.microseconds - dumped.microseconds) <= allowed


def _dumped(path: Path, pair: Pair) -> list[_Seen]:
    command = ["tcpdump", "-n", "-tt", "-r", str(path), "tcp"]
    seen = []
    for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
        found = _LINE.match(line)
        assert found, line
        seconds, fraction, source, target, letters, length = found.groups()
        if {int(source), int(target)} != {pair.client_end.port, pair.server_end.port}:
            continue
        sender = "client" if int(source) == pair.client_end.port else "server"
        flags = frozenset(_NAMES[letter] for letter in letters)
        seen.append(_Seen(int(seconds) * 1_000_000 + int(fraction), sender, flags, int(length)))
    return seen


def _told(connection: dict[str, Any]) -> list[_Seen]:
    return [
        _Seen(
            round(datetime.fromisoformat(segment["time"]).timestamp() * 1_000_000),
            segment["sender"],
            frozenset(segment["flags"]),
            segment["payload_bytes"],
        )
        for segment in connection["segments"]
    ]


def _ask(daemon: Daemon, pair: Pair) -> dict[str, Any]:
    """By its id, as the page does."""
    name = daemon.connection(pair.client_end, pair.server_end)["id"]
    found = daemon.json("/api/v1/connections", id=name, segments="true")["connections"]
    assert len(found) == 1, f"{len(found)} connections have the id {name}"
    return found[0]


def _assert_as_tcpdump_saw(daemon: Daemon, pair: Pair, path: Path) -> None:
    connection = _ask(daemon, pair)
    assert connection["segments_complete"], connection
    told, dumped = _told(connection), _dumped(path, pair)
    # In this order, at these times; of those that open and close, none is left out.
    side, rest = daemon.namespace.name, iter(dumped)
    lacking = [segment for segment in told if not any(_is_same(segment, other, side) for other in rest)]
    assert not lacking, f"tcpdump has not seen, in this order, {lacking}; it saw {dumped}"
    control = [[one for one in seen if one.flags & {"SYN", "FIN", "RST"}] for seen in (told, dumped)]
    assert len(control[0]) == len(control[1]), f"{control[0]} of {control[1]}"
    for earlier, later in zip(connection["segments"], connection["segments"][1:]):
        for end in SIDES:
            before, after = later[f"{end}_state_before"], earlier[f"{end}_state"]
            assert before == after, f"the {end} goes on from {before}, and was in {after}"


@scenario(BOTH_FAMILIES)
def each_segment_is_told_with_the_time_that_tcpdump_has(world: World) -> None:
    world.join().watch("server")
    captured = Capture(world, "server", "seen.pcap")
    listener = world.listen()
    server_first, client_resets, still_open = (world.connect(listener) for _ in range(3))
    for pair in (server_first, client_resets, still_open):
        pair.socket("client").sendall(b"request")
        assert pair.socket("server").recv(100) == b"request"
        pair.socket("server").sendall(b"answer")
        assert pair.socket("client").recv(100) == b"answer"
    server_first.close("server")
    world.expect(server_first, client="CLOSE_WAIT", server="FIN_WAIT_2")
    server_first.close("client")
    client_resets.reset("client")
    refused = world.start_connecting(endpoint_of_nobody(world))
    world.expect(server_first, client="CLOSED", server="TIME_WAIT")
    for pair in (client_resets, refused):
        world.expect(pair, client="CLOSED", server="CLOSED")
    path = captured.finish()
    daemon = world.daemons["server"]
    for pair in (server_first, client_resets, refused, still_open):
        _assert_as_tcpdump_saw(daemon, pair, path)
    found = [
        (segment["sender"], set(segment["flags"]), segment["client_state"], segment["server_state"])
        for segment in _ask(daemon, server_first)["segments"]
    ]
    assert found == _SERVER_FIRST, found
    assert [segment["flags"] for segment in _ask(daemon, refused)["segments"]] == [["SYN"], ["RST", "ACK"]]


@scenario()
def what_is_sent_again_is_told_each_time(world: World) -> None:
    wire = world.join(delay=0.005).wire
    assert wire is not None
    world.watch("client")
    captured = Capture(world, "client", "seen.pcap")
    listener = world.listen()
    daemon = world.daemons["client"]
    with wire.holding("client"):
        pair = world.start_connecting(endpoint(listener.getsockname()))
        eventually(lambda: _assert_again(_ask(daemon, pair), "SYN"), within=10)
    world.accept(listener, pair)
    world.expect(pair, client="ESTABLISHED", server="ESTABLISHED", own_ends_only=True)
    with wire.holding("client"):
        pair.close("client")
        eventually(lambda: _assert_again(_ask(daemon, pair), "FIN"), within=10)
    world.expect(pair, client="FIN_WAIT_2", server="CLOSE_WAIT")
    pair.close("server")
    world.expect(pair, client="TIME_WAIT", server="CLOSED")
    path = captured.finish()
    _assert_as_tcpdump_saw(daemon, pair, path)


def _assert_again(connection: dict[str, Any], flag: str) -> None:
    again = [segment for segment in connection["segments"] if segment["retransmission"] and flag in segment["flags"]]
    assert again, connection["segments"]


@scenario()
def the_command_draws_them_under_each_connection(world: World) -> None:
    world.join().watch("server")
    pair = world.connect()
    pair.reset("server")
    world.expect(pair, client="CLOSED", server="CLOSED")
    shown = tcpstated(world, "connections", "--segments", f"dport = :{pair.server_end.port}")
    assert shown.returncode == 0, shown.stderr
    lines = [" ".join(line.split()) for line in shown.stdout.splitlines()]
    assert re.fullmatch(rf"10.77.0.1:{pair.client_end.port} > 10.77.0.2:{pair.server_end.port}, rst, server first.*", lines[0])
    assert lines[3] == "0.000000 SYN_SENT LISTEN > SYN", lines
    assert re.fullmatch(r"0\.\d{6} ESTABLISHED SYN_RECEIVED < SYN ACK", lines[4]), lines
    assert re.fullmatch(r"\d\.\d{6} CLOSED CLOSED < RST ACK", lines[6]), lines
    rows = tcpstated(world, "connections", "--segments", "--format", "jsonl").stdout.splitlines()
    assert any(json.loads(row)["segments_complete"] for row in rows), rows


@scenario()
def of_what_was_open_before_the_daemon_only_what_came_since_is_told(world: World) -> None:
    pair = world.join().connect()
    daemon = world.watch("server").daemons["server"]
    known = _ask(daemon, pair)
    assert known["provenance"] == "kernel" and known["segments"] == [], known
    pair.close("server")
    world.expect(pair, client="CLOSE_WAIT", server="FIN_WAIT_2")
    told = _ask(daemon, pair)["segments"]
    assert [segment["server_state"] for segment in told] == ["FIN_WAIT_1", "FIN_WAIT_2"], told
