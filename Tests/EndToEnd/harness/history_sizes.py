"""What a minute of history costs: octets in the file, and time of a processor."""

import os
import socket
import sqlite3
import time
from pathlib import Path

from .daemon import Daemon
from .waiting import throughout
from .world import World

_FIRST_PORT = 9000
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
#: Minutes that pass in a second.
_HURRY = 60


def _cpu_seconds(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = after_name[11:13]
    return (int(user) + int(system)) / _CLOCK_TICKS


def _listen(world: World, services: int) -> list[socket.socket]:
    return [world.listen(port=_FIRST_PORT + number) for number in range(services)]


def _use(world: World, listeners: list[socket.socket]) -> None:
    """A connection to each service, which the server closes first."""
    for listener in listeners:
        pair = world.connect(listener)
        pair.close("server")
        pair.close("client")


def _run(world: World, configuration: str, services: int, minutes: int) -> float:
    """Processor time of the daemon while so many of its minutes pass."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    environment = {"LD_PRELOAD": str(library), "FAKETIME": f"+0 x{_HURRY}", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    world.join().watch("server", configuration=configuration, environment=environment)
    daemon: Daemon = world.daemons["server"]
    assert daemon.process is not None
    listeners = _listen(world, services)
    before, started = _cpu_seconds(daemon.process.pid), time.monotonic()
    throughout(lambda: _use(world, listeners), seconds=minutes * 60 / _HURRY, every=0.8)
    passed = (time.monotonic() - started) * _HURRY / 60
    spent = _cpu_seconds(daemon.process.pid) - before
    daemon.terminate()
    return spent / passed


def measure(worlds: tuple[World, World], services: int, minutes: int) -> None:
    """Prints them; the first world keeps a history, the other none."""
    directory = worlds[0].scratch / "state"
    directory.mkdir()
    kept = _run(worlds[0], f"state_directory: {directory}\n", services, minutes)
    without = _run(worlds[1], "history: {size: 0}\n", services, minutes)
    file = directory / "history.sqlite"
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    [(written,)] = connection.execute("SELECT count(*) FROM host_minute")
    [(rows,)] = connection.execute("SELECT count(*) FROM service_minute")
    connection.close()
    size = file.stat().st_size
    day = size / written * 1440
    print(f"history of {services} services: {written} minutes with {rows} rows of services in {size} octets")
    print(f"{size / written:.0f} octets a minute, {day / (1 << 20):.1f} MiB a day, {(kept - without) * 1000:.1f} ms of a processor a minute")
