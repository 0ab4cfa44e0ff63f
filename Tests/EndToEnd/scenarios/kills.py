"""Killed at any moment, under load: it goes on where it was."""

import contextlib
import json
import random
import signal
import socket
import sqlite3
from pathlib import Path

from harness import sock_diag
from harness.daemon import Daemon
from harness.suite import register, scenario
from harness.time_waits import close_by_the_server, firing
from harness.waiting import eventually, interrupted, meanwhile
from harness.world import Pair, World

_TIME_WAITS = 3
_RULE = f"alerts:\n  - {{name: time-wait, metric: time_wait, by: host, raise: {_TIME_WAITS}, clear: 1, for: 0s}}\n"


def kill_again_and_again(world: World, times: int, chance: random.Random) -> None:
    """Under load. After each death the alert goes on under its name, told once; what is counted agrees with the kernel;
    state and history are whole."""
    state = world.scratch / "state"
    state.mkdir()
    configuration = f"state_directory: {state}\nkernel:\n  interval: 1s\n{_RULE}"
    world.join().watch("server", configuration=configuration)
    daemon = world.daemons["server"]
    close_by_the_server(world, 40)
    fired = eventually(lambda: firing(daemon))
    eventually(lambda: _assert_saved(state, fired), within=10)
    listener = world.listen()
    minutes: set[int] = set()
    for number in range(times):
        opened: list[Pair] = []
        with meanwhile(lambda: _load(world, listener, chance, opened)):
            if chance.random() < 0.1:
                daemon.send(signal.SIGSTOP)
            interrupted.wait(chance.random() * 0.7)
            daemon.terminate(signal.SIGKILL)
            daemon.start()
            assert firing(daemon) == fired, f"another alert after kill {number + 1}"
        for pair in opened:
            pair.close("server")
            pair.close("client")
        # On a busy machine readings are further apart.
        eventually(lambda: _assert_counts(world, daemon), within=30)
        minutes = _assert_whole(state, fired, minutes)
    told = daemon.log_text().count("time-wait: ")
    assert told == 1, f"told {told} times"
    unreadable = list(state.glob("*.unreadable"))
    assert not unreadable, unreadable


def _load(world: World, listener: socket.socket, chance: random.Random, opened: list[Pair]) -> None:
    """Some stay open for a while."""
    pair = world.connect(listener)
    if chance.random() < 0.2:
        opened.append(pair)
        return
    first = chance.choice(("server", "client"))
    pair.close(first)
    pair.close("client" if first == "server" else "server")


def _assert_counts(world: World, daemon: Daemon) -> None:
    """By the kernel's table before and after."""
    before = _held(world)
    status = daemon.status()
    told = status["local_time_wait"]["host"]
    after = _held(world)
    assert min(before, after) - 2 <= told <= max(before, after) + 2, (
        f"told {status['local_time_wait']}, the kernel {before} to {after}; {status['kernel']}, {status['interfaces']}"
    )


def _held(world: World) -> int:
    entries = sock_diag.dump(world.server, time_wait_only=True)
    return sum(entry.local.address not in ("127.0.0.1", "::1") for entry in entries)


def _assert_whole(state: Path, fired: str, minutes: set[int]) -> set[int]:
    """No minute of the history is lost again."""
    for path in state.glob("*.json"):
        json.loads(path.read_text())
    _assert_saved(state, fired)
    with contextlib.closing(sqlite3.connect(f"file:{state}/history.sqlite?mode=ro", uri=True, timeout=20)) as history:
        assert history.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        found = {minute for (minute,) in history.execute("SELECT minute FROM host_minute")}
        alerts = [alert for (alert,) in history.execute("SELECT id FROM alert")]
    assert minutes <= found and alerts in ([], [fired]), (minutes - found, alerts)
    return found


def _assert_saved(state: Path, identifier: str) -> None:
    path = state / "alerts.json"
    assert path.exists() and identifier in path.read_text(), "not saved yet"


@scenario()
def killed_at_random_moments_it_goes_on_where_it_was(world: World) -> None:
    kill_again_and_again(world, 5, random.Random(world.scratch.name))


register(
    "killed a hundred times it goes on where it was",
    lambda world: kill_again_and_again(world, 100, random.Random(world.scratch.name)),
    thorough=True,
)
