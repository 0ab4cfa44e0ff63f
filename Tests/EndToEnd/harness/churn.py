"""Many connections that come and go, and what kernel and daemon count of their TIME_WAITs meanwhile."""

import datetime
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from . import kernel, sock_diag
from .daemon import Daemon
from .namespaces import stop
from .waiting import Interrupted, interrupted
from .world import INTERFACE, IPV4, SIDES, World

_PROGRAM = Path(__file__).with_name("churn_peer.py")
_PORT = 8080
_CLIENTS = 50


@dataclass(frozen=True)
class Sample:
    """One side at one moment: what the daemon told before and after the kernel's table was read."""

    seconds: float
    side: str
    before: int
    after: int
    #: The same without those that are over and wait for the kernel's timer.
    before_running: int
    after_running: int
    #: Entries of the kernel's table, those whose time is up included.
    table: int
    #: Those with time left.
    running: int
    ss: int
    #: What the daemon told after ss.
    last: int
    restarted: bool

    @property
    def off(self) -> int:
        """How far the table lies outside what was told."""
        return _outside(self.table, self.before, self.after)

    @property
    def off_running(self) -> int:
        return _outside(self.running, self.before_running, self.after_running)

    @property
    def off_ss(self) -> int:
        return _outside(self.ss, self.after, self.last)

    def check(self) -> None:
        """Within 1 %, or by no more than 2; what ss counts, without a moment to read it at, within 4 %."""
        assert self.off <= max(2, self.table / 100), self
        assert self.off_running <= max(2, self.running / 100), self
        assert self.off_ss <= max(2, self.ss / 25), self


def _outside(count: int, told: int, told_then: int) -> int:
    return max(min(told, told_then) - count, count - max(told, told_then), 0)


def churn(world: World, connections: int, seconds: float, samples: int) -> list[Sample]:
    """Runs it, with the daemons restarted in the middle; a sample of each side at even distances."""
    sources = add_clients(world)
    server = start(world, "server", "serve", world.address("server"), str(_PORT))
    assert server.stdout is not None and server.stdout.readline() == b"listening\n", "the server did not start"
    clients = start(
        world, "client", "connect", world.address("server"), str(_PORT), str(connections), str(seconds), *sources
    )
    started = time.monotonic()
    taken: list[Sample] = []
    for number in range(samples):
        due = started + (number + 1) * seconds / samples
        restart = number == samples // 2
        if restart:
            _pause(due - 3.5 - time.monotonic())
            _restart(world)
            due = time.monotonic() + 2
        _pause(due - time.monotonic())
        taken += [sample(world, side, time.monotonic() - started, restart) for side in SIDES]
    assert clients.wait(60) == 0, "the clients failed"
    return taken


def add_clients(world: World) -> list[str]:
    ipv4 = world.family == IPV4
    sources = [f"10.77.0.{100 + number}" if ipv4 else f"fd77::100:{number:x}" for number in range(_CLIENTS)]
    # One command for all, and no waiting for duplicate addresses.
    rest = f"/24 dev {INTERFACE}" if ipv4 else f"/64 dev {INTERFACE} nodad"
    lines = [f"address add {source}{rest}" for source in sources]
    result = world.client.run("ip", "-batch", "-", stdin="\n".join(lines).encode())
    assert result.returncode == 0, result.stderr
    return sources


def start(world: World, side: str, *arguments: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        world.namespace(side).command([sys.executable, _PROGRAM, *arguments]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    world.cleanup.callback(stop, process)
    if process.stdout is not None:
        world.cleanup.callback(process.stdout.close)
    return process


def _restart(world: World) -> None:
    for daemon in world.daemons.values():
        daemon.terminate()
    for daemon in world.daemons.values():
        daemon.start()


def sample(world: World, side: str, seconds: float, restarted: bool = False) -> Sample:
    daemon, namespace = world.daemons[side], world.namespace(side)
    before = _told(daemon, since=time.time() - 0.2)
    # Questions to the daemon leave entries on the loopback, which it does not count.
    entries = [e for e in sock_diag.dump(namespace, time_wait_only=True) if e.local.address not in ("127.0.0.1", "::1")]
    after = _told(daemon, since=time.time())
    running = sum(entry.expires > 0 for entry in entries)
    ss = kernel.count(namespace, "TIME_WAIT")
    last = _told(daemon, since=time.time())
    return Sample(
        seconds, side, before[0], after[0], before[1], after[1], len(entries), running, ss, last[0], restarted
    )


def _told(daemon: Daemon, since: float) -> tuple[int, int]:
    """The daemon's count of local TIME_WAITs, and without those that are over. Taken at `since` or later, by the `time`
    of the answer: it may be up to 200 ms old."""
    while True:
        status = daemon.status()
        if datetime.datetime.fromisoformat(status["time"]).timestamp() >= since:
            told = status["local_time_wait"]
            return told["host"], told["host"] - told["overdue"]
        _pause(0.02)


def _pause(seconds: float) -> None:
    if seconds > 0 and interrupted.wait(seconds):
        raise Interrupted
