"""More segments than the daemon can look at, as fast as this machine sends them, beside connections that come and go."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import churn
from .daemon import Daemon
from .namespaces import stop
from .suite import Skip
from .waiting import Interrupted, interrupted
from .world import INTERFACE, LINK_ADDRESSES, World, endpoint

_KEPT = 50
_SAMPLE_EVERY = 1.0
#: Enough for any duration.
_ENDLESS = 1 << 40
#: So many TIME_WAITs at least, for shares of them to mean anything.
_ENOUGH = 500


@dataclass
class Overload:
    """What was sent, and what the daemon made of it."""

    rate: float = 0
    dropped: int = 0
    received: int = 0
    #: Tiers as they followed each other, with the seconds since the flood began.
    tiers: list[tuple[float, str]] = field(default_factory=list)
    fall_backs: int = 0
    back_after: float = 0
    samples: list[tuple[str, churn.Sample]] = field(default_factory=list)
    #: What it was off by in any tier between a fall and the next reading.
    unread: float = 0
    #: Tier and falls as they were last, and since when.
    standing: tuple[str, int] = ("", 0)
    changed: float = 0
    unsaid: int = 0
    slowest_answer: float = 0

    @property
    def judged(self) -> list[churn.Sample]:
        """Those in the lowest tier."""
        return [sample for tier, sample in self.samples if tier == "control" and sample.table >= _ENOUGH]

    @property
    def worst(self) -> float:
        return max((sample.off / sample.table for sample in self.judged), default=1.0)

    def __str__(self) -> str:
        way = ", ".join(f"{tier} at {seconds:.0f} s" for seconds, tier in self.tiers)
        most = max((sample.table for sample in self.judged), default=0)
        return (
            f"{self.rate / 1e6:.2f} million segments/s on veth, {self.received} received, {self.dropped} dropped by the "
            f"kernel; {way}; {self.fall_backs} falls, full again {self.back_after:.0f} s after the flood; TIME_WAIT in "
            f"the lowest tier off by at most {self.worst * 100:.2f} % of up to {most} ({len(self.judged)} samples); "
            f"until the next reading after a fall by at most {self.unread * 100:.2f} %; "
            f"slowest answer {self.slowest_answer * 1000:.0f} ms"
        )


def play(world: World, seconds: float, senders: int, connections_per_second: int, rivals: int) -> Overload:
    """Floods for so long, and waits until all is looked at again.

    During the flood as many `rivals` for the one CPU that it may use then leave the daemon a share of it.
    """
    daemon = world.daemons["server"]
    listener = world.listen(backlog=4096)
    pairs = [world.connect(listener) for _ in range(_KEPT)]
    found = Overload()
    with _churning(world, seconds, connections_per_second):
        _pause(seconds / 4)
        target, clients = endpoint(listener.getsockname()), [pair.client_end for pair in pairs]
        with _rivalled(daemon, rivals), _flooding(world, target, clients, senders):
            started, before = time.monotonic(), _received(world)
            while time.monotonic() < started + seconds:
                _look(world, daemon, found, started)
                _pause(_SAMPLE_EVERY)
            found.rate = (_received(world) - before) / (time.monotonic() - started)
        ended = time.monotonic()
        while _look(world, daemon, found, started) != "full":
            assert time.monotonic() < ended + 600, found
            _pause(_SAMPLE_EVERY)
        found.back_after = time.monotonic() - ended
    status = daemon.status()
    found.fall_backs = status["capture"]["fall_backs"]
    found.received = sum(entry["received"] for entry in status["interfaces"])
    found.dropped = sum(entry["dropped"] for entry in status["interfaces"])
    return found


def _look(world: World, daemon: Daemon, found: Overload, started: float) -> str:
    asked = time.monotonic()
    status = daemon.status()
    before, read = status["capture"], asked - status["kernel"]["age_seconds"]
    found.slowest_answer = max(found.slowest_answer, time.monotonic() - asked)
    sample = churn.sample(world, "server", time.monotonic() - started)
    after: dict[str, Any] = daemon.status()["capture"]
    if not found.tiers or found.tiers[-1][1] != after["tier"]:
        found.tiers.append((time.monotonic() - started, after["tier"]))
    if (before["tier"], before["fall_backs"]) != found.standing or before != after:
        found.standing, found.changed = (after["tier"], after["fall_backs"]), time.monotonic()
    # What was lost before it fell is known with the next reading of the kernel's table.
    elif read > found.changed:
        found.samples.append((after["tier"], sample))
    else:
        found.unread = max(found.unread, sample.off / max(sample.table, _ENOUGH))
    found.unsaid += after["tier"] != "full" and not after["lower_bound"]
    return after["tier"]


def _received(world: World) -> int:
    with world.server.entered():
        lines = Path("/proc/thread-self/net/dev").read_text().splitlines()
    return next(int(line.split(":")[1].split()[1]) for line in lines if line.strip().startswith(f"{INTERFACE}:"))


@contextlib.contextmanager
def _churning(world: World, seconds: float, per_second: int) -> Iterator[None]:
    """Until it is left, with time for the daemon to come back."""
    lasts = int(4 * seconds + 600)
    sources = churn.add_clients(world)
    with contextlib.ExitStack() as running:
        server = churn.start(world, "server", "serve", world.address("server"), "8080")
        assert server.stdout is not None and server.stdout.readline() == b"listening\n", "the server did not start"
        count = str(lasts * per_second)
        clients = churn.start(world, "client", "connect", world.address("server"), "8080", count, str(lasts), *sources)
        for process in (server, clients):
            running.callback(stop, process)
        yield


@contextlib.contextmanager
def _flooding(world: World, into: Any, clients: list[Any], senders: int) -> Iterator[None]:
    """ACKs into connections that are there: nothing new for the tables, and all of it for capture."""
    with contextlib.ExitStack() as running:
        for _ in range(senders):
            process = subprocess.Popen(
                world.client.command(
                    [world.peer_program, "--flood", "ack", "--device", INTERFACE, "--target", str(into)]
                    + ["--links", f"{LINK_ADDRESSES['server']},{LINK_ADDRESSES['client']}", "--count", str(_ENDLESS)]
                ),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
            )
            running.callback(stop, process)
            assert process.stdin is not None
            process.stdin.write("\n".join(map(str, clients)).encode())
            process.stdin.close()
        yield


@contextlib.contextmanager
def _rivalled(daemon: Daemon, rivals: int) -> Iterator[None]:
    if rivals == 0 or daemon.process is None:
        yield
        return
    pid = daemon.process.pid
    allowed = os.sched_getaffinity(pid)
    one = {max(allowed)}
    with contextlib.ExitStack() as running:
        for _ in range(rivals):
            process = subprocess.Popen([sys.executable, "-c", "while True: pass"])
            running.callback(stop, process)
            os.sched_setaffinity(process.pid, one)
        running.callback(_allow, pid, allowed)
        _allow(pid, one)
        yield


def _allow(pid: int, processors: set[int]) -> None:
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(thread.name), processors)


def _pause(seconds: float) -> None:
    if seconds > 0 and interrupted.wait(seconds):
        raise Interrupted


def measure(world: World, seconds: float, senders: int, rivals: int = 0, configuration: str = "") -> Overload:
    """Checks that it fell to the lowest tier and came back, and what it told there."""
    configuration += "alerts: [{name: pile, metric: time_wait, by: host, raise: 500, for: 0s}]\n"
    found = play(world.join().watch("server", configuration=configuration), seconds, senders, 60, rivals)
    if not found.dropped:
        raise Skip(f"nothing was lost of all that this machine's senders bring about: {found}")
    assert {"headers", "control"} <= {tier for _, tier in found.tiers}, found
    assert found.tiers[-1][1] == "full" and found.dropped > 0 and not found.unsaid, found
    # Up again in vain at most now and then.
    assert found.fall_backs <= 2 + 2 * (1 + int(seconds / 30)), found
    assert found.judged and found.worst <= 0.02, found
    assert [alert["state"] for alert in world.daemons["server"].alerts()] == ["firing"], found
    return found
