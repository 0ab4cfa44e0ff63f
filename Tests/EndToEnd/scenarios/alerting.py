"""Alerts: what outlives the daemon, and the packets that are kept around a firing."""

import json
import shutil
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

from harness.program import tcpstated
from harness.suite import scenario
from harness.waiting import eventually
from harness.world import World

_CONNECTIONS = 20
_RULE = (
    "alerts:\n"
    "  - name: time-wait\n"
    "    metric: time_wait\n"
    "    by: service\n"
    f"    raise: {_CONNECTIONS}\n"
    "    for: 1s\n"
    "    severity: critical\n"
    "recorder:\n"
    "  after: 1s\n"
)


def _watch(world: World) -> str:
    path, state = world.scratch / "http.sock", world.scratch / "state"
    state.mkdir(exist_ok=True)
    configuration = f"state_directory: {state}\nhttp:\n  socket: {path}\n{_RULE}"
    world.watch("server", configuration=configuration)
    return f"unix:{path}"


def _close_by_the_server(world: World, count: int = _CONNECTIONS) -> None:
    listener = world.listen()
    for _ in range(count):
        pair = world.connect(listener)
        pair.close("server")
        pair.close("client")


def _firing(world: World) -> dict[str, Any]:
    alerts = world.daemons["server"].get("/api/v1/alerts").json()["alerts"]
    firing = [alert for alert in alerts if alert["state"] == "firing"]
    assert len(firing) == 1, alerts
    return firing[0]


@scenario()
def an_alert_goes_on_under_its_id_after_the_daemon_was_killed(world: World) -> None:
    world.join()
    _watch(world)
    _close_by_the_server(world)
    before = eventually(lambda: _firing(world), within=10)
    eventually(lambda: _assert_saved(world, before["id"]))
    world.daemons["server"].terminate(signal.SIGKILL)
    _watch(world)
    after = _firing(world)
    for name in ("id", "since", "fired_at", "summary", "evidence"):
        assert after[name] == before[name], (name, before[name], after[name])
    fired = world.daemons["server"].log_text().count("time-wait: ")
    assert fired == 1, f"told {fired} times"


def _assert_saved(world: World, identifier: str) -> None:
    text = (world.scratch / "state" / "alerts.json").read_text()
    saved = [entry for entry in json.loads(text)["instances"] if entry["id"] == identifier]
    assert saved and "firedAt" in saved[0], text


@scenario()
def a_damaged_state_is_put_aside_and_said(world: World) -> None:
    state = world.scratch / "state"
    state.mkdir()
    (state / "alerts.json").write_text('{"version": 1, "instances": [')
    world.join()
    _watch(world)
    world.daemons["server"].assert_logged("it is damaged")
    assert (state / "alerts.json.unreadable").exists()


@scenario()
def the_packets_around_a_firing_are_written(world: World) -> None:
    world.join()
    url = _watch(world)
    _close_by_the_server(world)
    eventually(lambda: _firing(world), within=10)

    def written() -> Path:
        path = _firing(world)["capture"]
        assert path is not None, "no capture yet"
        return Path(path)

    path = eventually(written, within=10)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    alert = _firing(world)
    assert _over_socket(url, f"/api/v1/alert-capture?id={alert['id']}") == path.read_bytes()
    assert world.daemons["server"].get(f"/api/v1/alert-capture?id={alert['id']}").status == 404, "packets over TCP"
    assert alert["evidence"]["closed_first"]["server"] == _CONNECTIONS, alert["evidence"]
    assert len(alert["evidence"]["samples"]) == _CONNECTIONS, alert["evidence"]["samples"]
    if not shutil.which("tshark"):
        return
    fields = ["-T", "fields", "-e", "tcp.stream", "-e", "ip.src", "-e", "tcp.flags.fin", "-e", "frame.interface_name"]
    lines = _output("tshark", "-r", str(path), *fields).splitlines()
    first_fins: dict[str, str] = {}
    for stream, source, fin, interface in (line.split("\t") for line in lines):
        assert interface == "uplink", interface
        if fin in ("1", "True"):
            first_fins.setdefault(stream, source)
    assert len(first_fins) == _CONNECTIONS, f"{len(first_fins)} connections with a FIN"
    assert set(first_fins.values()) == {"10.77.0.2"}, first_fins
    told = _output("capinfos", str(path))
    assert alert["id"] in told and "critical when TIME_WAIT" in told, told


@scenario()
def the_last_packets_can_be_asked_for_by_hand(world: World) -> None:
    world.join()
    url = _watch(world)
    _close_by_the_server(world, 3)
    path = world.scratch / "last.pcapng"
    asked = ("capture", "--url", url, "--last", "60s", "-w", path)
    eventually(lambda: _assert_complete(world, path, asked))
    nothing = tcpstated(world, *asked, "--filter", "dst 10.77.0.9")
    assert nothing.returncode == 0, nothing.stderr
    assert _report(world, path)["tcp_packets"] == 0
    response = world.daemons["server"].get("/api/v1/capture")
    assert response.status == 404, "packets over TCP"


def _report(world: World, path: Path) -> dict[str, Any]:
    result = tcpstated(world, "analyze", "--format", "json", path)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def _assert_complete(world: World, path: Path, asked: tuple[Any, ...]) -> None:
    result = tcpstated(world, *asked)
    assert result.returncode == 0, result.stderr
    report = _report(world, path)
    assert report["closed_first"]["server"] == 3 and report["close_kind"]["fin"] == 3, report["close_kind"]


def _over_socket(url: str, path: str) -> bytes:
    """The body of an answer."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(20)
        client.connect(url.removeprefix("unix:"))
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        head, _, body = b"".join(iter(lambda: client.recv(1 << 16), b"")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    return body


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@scenario()
def connections_that_nobody_closes_alert_by_their_age(world: World) -> None:
    rule = "{name: leak, metric: close_wait, by: service, older_than: 3s, raise: 5, clear: 1, for: 0s, keep_firing_for: 0s}"
    world.join().watch("server", configuration=f"alerts:\n  - {rule}\n")
    listener = world.listen()
    pairs = [world.connect(listener) for _ in range(5)]
    for pair in pairs:
        pair.close("client")

    def assert_in_state(state: str) -> dict[str, Any]:
        alerts = world.daemons["server"].alerts()
        assert [alert["state"] for alert in alerts] == [state], alerts
        return alerts[0]

    began = time.monotonic()
    fired = eventually(lambda: assert_in_state("firing"), within=10)
    assert time.monotonic() - began >= 2.5, "too young"
    assert fired["value"] == 5 and fired["summary"].startswith("5 CLOSE_WAIT for over 3 s at "), fired
    assert fired["evidence"]["peers"] == [{"address": world.address("client"), "count": 5}], fired["evidence"]
    assert {sample["server_state"] for sample in fired["evidence"]["samples"]} == {"CLOSE_WAIT"}, fired["evidence"]
    for pair in pairs:
        pair.close("server")
    assert eventually(lambda: assert_in_state("resolved"), within=10)["id"] == fired["id"]
