"""Names that others choose, in everything that the program says: a command, a unit, a Host and a server's name in TLS."""

import csv
import io
import json
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.cgroups import Unit, make_units
from harness.namespaces import stop
from harness.program import tcpstated
from harness.suite import scenario
from harness.waiting import eventually
from harness.world import World

_PORT = 8081
_CONNECTIONS = 20
#: A formula, an escape sequence, a second line (the kernel takes no line break), text turned round, markup.
_UNIT = "=1+1\x1b[2J\u2028root: x\u202e<b>&.service"
_SHOWN_UNIT = "=1+1\\u{1b}[2J\\u{2028}root: x\\u{202e}<b>&.service"
#: At most 15 octets.
_COMMAND = "=\x1b]0;\n<i>\u202e"
_SHOWN_COMMAND = "=\\u{1b}]0;\\u{a}<i>\\u{202e}"
#: Of these nothing is kept.
_HOST = b"host-marker\x1b[31m<b>\xe2\x80\xae"
_SERVER_NAME = b"sni-marker\x1b[31m<b>=\xe2\x80\xae.x"
_CONFIGURATION = f"""
kernel: {{interval: 1s, processes: true}}
recorder: {{after: 1s}}
alerts:
  - {{name: pile, metric: time_wait, by: unit, raise: {_CONNECTIONS}, for: 0s}}
  - {{name: host, metric: time_wait, raise: {_CONNECTIONS}, for: 0s}}
"""
_SERVER = """
import socket, sys
open("/proc/self/comm", "wb").write(sys.argv[3].encode())
listener = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64)
print("listening", flush=True)
while True:
    held = listener.accept()[0]
    if held.recv(4096).startswith(b"GET"):
        held.sendall(b"HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: 0\\r\\n\\r\\n")
    held.close()
"""


def _serve(world: World, unit: Unit) -> None:
    inside = world.server.command([sys.executable, "-c", _SERVER, world.address("server"), str(_PORT), _COMMAND])
    process = subprocess.Popen(unit.command(inside), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    world.cleanup.callback(stop, process)
    assert process.stdout is not None
    world.cleanup.callback(process.stdout.close)
    assert process.stdout.readline() == b"listening\n", "the server did not start"


def _talk(world: World, said: bytes) -> None:
    """The server closes first."""
    with world.client.socket(world.family) as held:
        held.settimeout(20)
        held.connect((world.address("server"), _PORT))
        held.sendall(said)
        while held.recv(4096):
            pass


def _client_hello() -> bytes:
    """With a server's name that no library would send."""
    name = "n" * len(_SERVER_NAME)
    outgoing = ssl.MemoryBIO()
    try:
        ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = outgoing.read()
    assert name.encode() in hello
    return hello.replace(name.encode(), _SERVER_NAME)


def _assert_harmless(what: str, text: str) -> None:
    for character in re.findall("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]", text):
        raise AssertionError(f"{character!r} in {what}: {text!r}")
    assert "\nroot: x" not in text and "marker" not in text, f"{what}: {text!r}"


def _commands() -> Iterator[tuple[str, ...]]:
    yield from (("status",), ("status", "--format", "json"), ("top",), ("alerts", "--format", "json"))
    for command in ("services", "connections", "peers", "alerts", "findings", "destinations"):
        for style in ("table", "csv", "jsonl", "json"):
            yield command, "--format", style


@scenario()
def names_that_others_choose_are_harmless_in_every_output(world: World) -> None:
    [unit] = make_units(world, _UNIT)
    state = world.scratch / "state"
    state.mkdir()
    world.join()
    world.watch("server", configuration=f"state_directory: {state}\n{_CONFIGURATION}")
    _serve(world, unit)
    _talk(world, _client_hello())
    for _ in range(_CONNECTIONS):
        _talk(world, b"GET / HTTP/1.1\r\nHost: %b\r\n\r\n" % _HOST)
    daemon = world.daemons["server"]

    def told() -> list[dict[str, Any]]:
        alerts = daemon.alerts()
        assert len(alerts) == 2 and all(alert["capture"] for alert in alerts), alerts
        assert {c["owner"]["command"] for c in daemon.connections()} == {_SHOWN_COMMAND}, daemon.connections()[:1]
        return alerts

    alerts = eventually(told, within=20)
    assert {"unit": _SHOWN_UNIT}.items() <= next(a["labels"] for a in alerts if a["name"] == "pile").items(), alerts
    naming = []
    for command in _commands():
        result = tcpstated(world, *command)
        what = " ".join(command)
        assert result.returncode in (0, 3), f"{what}: {result.stderr}"
        _assert_harmless(what, result.stdout + result.stderr)
        if "\\u{1b}[2J" in result.stdout.replace("\\\\", "\\"):
            naming.append(command[0])
        if "csv" in command:
            cells = [cell for row in csv.reader(io.StringIO(result.stdout)) for cell in row]
            assert not any(cell[:1] in ("=", "+", "@", "|") for cell in cells), cells
    # Otherwise nothing was tried.
    assert {"status", "services", "connections", "alerts"} <= set(naming), naming
    for path in ("/metrics", "/api/v1/status", "/api/v1/connections", "/api/v1/alerts", "/api/v1/findings", "/"):
        _assert_harmless(path, daemon.get(path).body)
    assert "\\\\u{1b}[2J" in daemon.get("/api/v1/alerts").body
    _assert_harmless("the log", daemon.log_text())
    assert "\\u{1b}[2J" in daemon.log_text(), "the log does not name the unit"
    _assert_files_are_harmless(world, [Path(alert["capture"]) for alert in alerts])


def _assert_files_are_harmless(world: World, captures: list[Path]) -> None:
    for capture in captures:
        octets = capture.read_bytes()
        # The first option of the first block (opt_comment).
        comment = octets[28 : 28 + int.from_bytes(octets[26:28], "little")].decode()
        assert "\\u{1b}[2J" in comment, comment
        _assert_harmless("the comment", comment)
        if shutil.which("capinfos"):
            result = subprocess.run(["capinfos", capture], capture_output=True, text=True)
            assert result.returncode == 0 and not result.stderr, result.stderr
            _assert_harmless("capinfos", result.stdout.replace("\t", " "))
    for style in ("text", "json", "jsonl", "html"):
        result = tcpstated(world, "analyze", "--format", style, captures[0])
        _assert_harmless(style, result.stdout)
    bundle = world.scratch / "bundle.tar.gz"
    result = tcpstated(world, "support-bundle", "--keep-names", "--output", bundle)
    assert result.returncode == 0, result.stderr
    text = subprocess.run(["tar", "xzOf", bundle], capture_output=True, check=True).stdout.decode()
    _assert_harmless("the bundle", text)
    assert "\\u{1b}[2J" in text.replace("\\\\", "\\"), "the bundle does not name the unit"


@scenario()
def a_support_bundle_hides_who_is_who(world: World) -> None:
    [unit] = make_units(world, "secret-shop.service")
    hook = "https://user:hunter2@hooks.example/T1/B2"
    configuration = f"# told: hunter2\nlabels: {{site: moonbase, url: '{hook}'}}\n{_CONFIGURATION}"
    world.join()
    world.watch("server", configuration=configuration)
    path = world.write("given.yaml", configuration.encode())
    _serve(world, unit)
    for _ in range(_CONNECTIONS):
        _talk(world, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")

    def asked(*options: str) -> dict[str, str]:
        bundle = world.scratch / "bundle.tar.gz"
        result = tcpstated(world, "support-bundle", "--config", path, "--output", bundle, *options)
        assert result.returncode == 0 and "wrote" in result.stderr, result.stderr
        listed = subprocess.run(["tar", "tzf", bundle], capture_output=True, text=True, check=True).stdout.split()
        names = [name.split("/")[1] for name in listed]
        for name in names:
            assert re.search(rf"^{re.escape(name)} ", result.stderr, re.M), f"{name} is not in {result.stderr}"
        assert bundle.stat().st_mode & 0o777 == 0o600
        return {
            name: subprocess.run(["tar", "xzOf", bundle, full], capture_output=True, text=True, check=True).stdout
            for name, full in zip(names, listed)
        }

    def told() -> None:
        assert len(world.daemons["server"].alerts()) == 2

    eventually(told, within=20)
    hidden, plain = asked(), asked("--keep-addresses", "--keep-names")
    for word in ("10.77.0.", "secret-shop", "moonbase", "hunter2", "T1/B2"):
        assert not any(word in text for text in hidden.values()), [n for n, text in hidden.items() if word in text]
    assert "hunter2" not in plain["config.yaml"] and "hooks.example" in plain["config.yaml"], plain["config.yaml"]
    assert "10.77.0.2:8081" in plain["status.json"] and "secret-shop.service" in plain["status.json"]
    # What is the same stays the same: in two documents, and in the figures.
    service = json.loads(hidden["status.json"])["services"][0]
    assert service["time_wait"]["server"] == _CONNECTIONS
    name = f"{service['address']}:{service['port']}"
    assert name in hidden["metrics.txt"] and name in hidden["alerts.json"], name
    nothing = tcpstated(world, "support-bundle", "--list", "--output", world.scratch / "none")
    assert nothing.returncode == 0 and not (world.scratch / "none").exists()
