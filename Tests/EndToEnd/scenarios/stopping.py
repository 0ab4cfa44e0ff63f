"""The end: within two seconds, whoever hangs, and what was not told by then is the next run's."""

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

from harness import endings
from harness.daemon import Daemon
from harness.namespaces import stop
from harness.receiver import Receiver
from harness.suite import scenario
from harness.waiting import eventually
from harness.world import World

_OPEN = 3
#: More than the buffers of those who read nothing can hold.
_CLOSED = 3000
_LOST = "10.77.0.99"
_RULE = f"alerts:\n  - {{name: open, metric: established, by: service, raise: {_OPEN}, clear: 1, for: 0s}}\n"


def _receiver(world: World, mode: str) -> Receiver:
    receiver = Receiver(world.server, "127.0.0.1").open()
    receiver.mode = mode
    world.cleanup.callback(receiver.close)
    return receiver


def _who_reads_nothing(world: World, family: socket.AddressFamily, address: Any) -> socket.socket:
    listener = world.server.socket(family)
    world.cleanup.callback(listener.close)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.bind(address)
    listener.listen(16)
    return listener


def _start(world: World, configuration: str) -> Daemon:
    """With a standard output that nobody reads."""
    reading, writing = os.pipe()
    world.cleanup.callback(os.close, reading)
    path = world.write("server.yaml", configuration)
    daemon = Daemon(world.binary, world.server, world.scratch / "server.log", ["--config", path])
    with daemon.log.open("ab") as log:
        daemon.process = subprocess.Popen(
            world.server.command([world.binary, "run", "--config", path]),
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=log,
        )
    os.close(writing)
    world.cleanup.callback(stop, daemon.process)
    world.daemons["server"] = daemon
    eventually(lambda: _assert_ready(daemon), within=15)
    return daemon


def _assert_ready(daemon: Daemon) -> None:
    with contextlib.suppress(OSError):
        assert daemon.get("/readyz").status == 200
        return
    raise AssertionError("no answer")


@scenario()
def whoever_hangs_the_end_comes_within_two_seconds_and_nothing_is_forgotten(world: World) -> None:
    hook, metrics = _receiver(world, "hang"), _receiver(world, "hang")
    managers = [_receiver(world, "hang").url, f"http://{_LOST}:9093"]
    stream = world.scratch / "stream"
    _who_reads_nothing(world, socket.AF_UNIX, str(stream))
    collector = _who_reads_nothing(world, socket.AF_INET, ("127.0.0.1", 4739)).getsockname()
    with world.server.entered():
        Path("/proc/sys/net/ipv4/tcp_wmem").write_text("4096 4096 4096\n")
    state = world.scratch / "state"
    state.mkdir()
    configuration = f"""
state_directory: {state}
{_RULE}
deliver:
  alertmanager:
    urls: {json.dumps(managers)}
  webhooks:
    - {{name: pager, url: "{hook.url}"}}
export:
  json: [{{stdout: true}}, {{socket: {stream}}}]
  ipfix:
    - {{collector: "{collector[0]}:{collector[1]}", transport: tcp}}
    - {{collector: "{_LOST}:4739", transport: tcp}}
  remote_write:
    - {{url: "{metrics.url}", interval: 1s}}
    - {{url: "http://{_LOST}:9090", interval: 1s}}
"""
    daemon = _start(world.join(), configuration)
    listener = world.listen()
    pairs = [world.connect(listener) for _ in range(_OPEN)]
    _close_many(world)
    eventually(lambda: _assert_all_stuck(daemon, hook, metrics), within=30)
    code, seconds = daemon.terminate()
    assert code == 0 and seconds < 2, f"exit {code} after {seconds:.2f} s: {daemon.log_text()[-500:]}"
    _assert_kept(state)
    # The next run says what this one could not.
    hook.released.set()
    hook.mode = "ok"
    daemon = _start(world, configuration)
    eventually(lambda: _assert_told(hook, len(pairs)), within=10)
    code, seconds = daemon.terminate()
    assert code == 0 and seconds < 2, f"exit {code} after {seconds:.2f} s"
    hook.assert_each_once()


def _close_many(world: World) -> None:
    nobody = endings.endpoint_of_nobody(world)
    with world.client.entered():
        for _ in range(_CLOSED):
            with socket.socket() as held, contextlib.suppress(ConnectionRefusedError):
                held.connect((nobody.address, nobody.port))


def _assert_all_stuck(daemon: Daemon, hook: Receiver, metrics: Receiver) -> None:
    status = daemon.status()
    idle = [export["output"] for export in status["exports"] if not export["queued"]]
    assert len(status["exports"]) == 6 and not idle, f"not stuck: {idle}"
    waiting = {delivery["name"]: delivery["waiting"] for delivery in status["deliveries"]}
    assert len(waiting) == 3 and waiting["pager"] and hook.requests and metrics.requests, waiting


def _assert_kept(state: Path) -> None:
    assert '"firing"' in (state / "alerts.json").read_text()
    book = json.loads((state / "deliveries.json").read_text())["webhooks"]["pager"]
    assert len(book["waiting"]) == 1, book
    with contextlib.closing(sqlite3.connect(state / "history.sqlite")) as history:
        assert history.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = [name for (name,) in history.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {name: history.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}
    assert rows["alert"] == 1 and rows["host_minute"] >= 1, rows


def _assert_told(hook: Receiver, count: int) -> None:
    told = [(request.json()["event"], request.json()["alert"]["value"]) for request in hook.taken]
    assert told == [("fired", count)], told


@scenario()
def a_disk_that_hangs_stops_neither_capture_nor_the_end(world: World) -> None:
    state = world.scratch / "state"
    state.mkdir()
    # Who opens these waits for somebody who reads, as for a server of files that is gone.
    for name in ("alerts", "deliveries", "silences"):
        os.mkfifo(state / f"{name}.json.new")
    hook = _receiver(world, "ok")
    hooks = f'deliver:\n  webhooks:\n    - {{name: pager, url: "{hook.url}"}}\n'
    daemon = _start(world.join(), f"state_directory: {state}\n{_RULE}{hooks}")
    before = daemon.status()["connections"]
    listener = world.listen()
    pairs = [world.connect(listener) for _ in range(_OPEN)]
    eventually(lambda: _assert_told(hook, len(pairs)), within=10)
    assert daemon.status()["connections"] - before == len(pairs)
    code, seconds = daemon.terminate()
    assert code == 0 and seconds < 2, f"exit {code} after {seconds:.2f} s: {daemon.log_text()[-500:]}"
    assert not (state / "alerts.json").exists(), "the disk did not hang"
