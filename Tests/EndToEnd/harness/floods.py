"""Floods of made-up segments, and what becomes of the connections that people use meanwhile."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import kernel
from .daemon import Daemon, client_of
from .kernel import Endpoint
from .namespaces import stop
from .waiting import eventually
from .world import INTERFACE, LINK_ADDRESSES, Pair, World, endpoint

#: Connections that are used through the flood.
KEPT = 100
#: How long the daemon may take to be right about all of them once the flood is over.
RECOVERED_WITHIN = 10.0


@dataclass
class Flood:
    """What was sent and what the daemon did meanwhile."""

    kind: str
    sent: int = 0
    seconds: float = 0
    resident_before: int = 0
    resident_peak: int = 0
    seen: int = 0
    dropped: int = 0
    evicted: int = 0
    half_open: int = 0
    recovered_after: float = 0
    slowest_answer: float = 0
    samples: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kind}: {self.sent} segments in {self.seconds:.1f} s, seen {self.seen}, dropped {self.dropped}, "
            f"shed {self.evicted}, half-open {self.half_open}; resident {self.resident_before / 1024:.1f} MB before, "
            f"{self.resident_peak / 1024:.1f} MB at most; all {KEPT + KEPT // 2} connections right after "
            f"{self.recovered_after:.1f} s; slowest answer {self.slowest_answer * 1000:.0f} ms"
        )


def resident(pid: int) -> int:
    """In kilobytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"/proc/{pid}/status has no VmRSS")


def play(world: World, kind: str, count: int, rate: int = 0) -> Flood:
    """Opens connections, floods, uses and closes them meanwhile, and waits until the daemon is right about each."""
    daemon = world.daemons["server"]
    assert daemon.process is not None
    listener, target = world.listen(backlog=4096), world.listen(backlog=4096)
    pairs = [world.connect(listener) for _ in range(KEPT)]
    eventually(lambda: assert_right(world, daemon, endpoint(listener.getsockname()), pairs), within=10)
    into = endpoint(listener.getsockname() if kind in ("rst", "fin", "ack") else target.getsockname())
    flood = Flood(kind, resident_before=resident(daemon.process.pid))
    before = daemon.status()
    with _sampling(daemon, flood):
        with _flooding(world, flood, into, count, rate, [pair.client_end for pair in pairs]) as is_over:
            pairs += _use(world, listener, pairs, is_over)
        ended = time.monotonic()
        eventually(lambda: assert_right(world, daemon, endpoint(listener.getsockname()), pairs), RECOVERED_WITHIN)
        flood.recovered_after = time.monotonic() - ended
    after = daemon.status()
    flood.seen = _seen(after) - _seen(before)
    flood.dropped = sum(entry["dropped"] for entry in after["interfaces"])
    flood.evicted = after["table"]["evicted"] - before["table"]["evicted"]
    flood.half_open = after["table"]["half_open"]
    return flood


def _seen(status: dict[str, object]) -> int:
    interfaces = status["interfaces"]
    assert isinstance(interfaces, list)
    return sum(entry["received"] for entry in interfaces)


@contextmanager
def _sampling(daemon: Daemon, flood: Flood) -> Iterator[None]:
    """Looks at the daemon's memory and asks it for its status, over and over."""
    done = threading.Event()
    assert daemon.process is not None
    pid = daemon.process.pid

    def sample() -> None:
        while not done.wait(0.1):
            flood.resident_peak = max(flood.resident_peak, resident(pid))
            started = time.monotonic()
            daemon.status()
            flood.slowest_answer = max(flood.slowest_answer, time.monotonic() - started)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextmanager
def _flooding(
    world: World, flood: Flood, into: Endpoint, count: int, rate: int, clients: Sequence[Endpoint]
) -> Iterator[Callable[[], bool]]:
    process = subprocess.Popen(
        world.client.command(
            [world.peer_program, "--flood", flood.kind, "--device", INTERFACE, "--target", str(into)]
            + ["--links", f"{LINK_ADDRESSES['server']},{LINK_ADDRESSES['client']}"]
            + ["--count", str(count), "--per-second", str(rate)]
        ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    world.cleanup.callback(stop, process)
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write("\n".join(map(str, clients)).encode())
    process.stdin.close()
    yield lambda: process.poll() is not None
    sent, seconds = process.stdout.read().split()
    process.stdout.close()
    assert process.wait(60) == 0, "the flood failed"
    flood.sent, flood.seconds = int(sent), float(seconds)


def _use(world: World, listener: socket.socket, pairs: Sequence[Pair], is_over: Callable[[], bool]) -> list[Pair]:
    """Closes some from either side, opens some more, and exchanges on the others until the flood is over."""
    for side, closing in (("server", pairs[: KEPT // 4]), ("client", pairs[KEPT // 4 : KEPT // 2])):
        for pair in closing:
            _close(pair, first=side)
    opened = [world.connect(listener) for _ in range(KEPT // 2)]
    while not is_over():
        for pair in [*pairs[KEPT // 2 :], *opened]:
            pair.socket("client").sendall(b"request")
            assert pair.socket("server").recv(100) == b"request"
    return opened


def _close(pair: Pair, first: str) -> None:
    """By shutdown: another thread that is starting a program shares each descriptor for a moment."""
    other = "server" if first == "client" else "client"
    pair.socket(first).shutdown(socket.SHUT_WR)
    assert pair.socket(other).recv(1) == b""
    pair.socket(other).shutdown(socket.SHUT_WR)
    assert pair.socket(first).recv(1) == b""
    pair.close("server")
    pair.close("client")


def assert_right(world: World, daemon: Daemon, service: Endpoint, pairs: Sequence[Pair]) -> None:
    """Of each connection the daemon says what the kernel beside it says of its end, and who closed first."""
    status = daemon.status()
    lost = any(entry["dropped"] for entry in status["interfaces"])
    told = {client_of(entry): entry for entry in reversed(daemon.connections(service=service))}
    known = {entry.remote: entry.state for entry in kernel.sockets(world.server) if entry.local == service}
    # A client's port may have been taken again.
    for pair in {pair.client_end: pair for pair in pairs}.values():
        entry = told.get(pair.client_end)
        assert entry is not None, f"{pair.client_end} is not listed"
        state = known.get(pair.client_end, "CLOSED")
        assert entry["server_state"] == state, f"{pair.client_end}: told {entry['server_state']}, ss {state}; {entry}"
        closer = _closer(pairs, pair)
        # What was not captured cannot be known, and is not told.
        unknown = lost and entry["closed_first"] is None
        assert entry["closed_first"] == closer or unknown, f"{pair.client_end}: not {closer}: {entry}"


def _closer(pairs: Sequence[Pair], pair: Pair) -> str | None:
    if pair.client.fileno() != -1:
        return None
    return "server" if pairs.index(pair) < KEPT // 4 else "client"
