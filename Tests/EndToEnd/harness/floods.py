"""Floods of made-up segments, and what becomes of the connections that people use meanwhile."""

import functools
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import churn, kernel, sock_diag
from .daemon import Daemon, client_of
from .kernel import Endpoint
from .namespaces import stop
from .waiting import eventually
from .world import INTERFACE, LINK_ADDRESSES, Pair, World, endpoint

KINDS = (
    "syn", "sweep", "scan", "stray", "rst", "rst-inside", "fin", "fin-inside", "ack", "ack-inside", "churn"
)
#: Connections take longer than segments.
SHARES = {"churn": 20}
#: Connections that are used through the flood, or stand still and are guessed into.
KEPT = 100
#: How long the daemon may take to be right about all of them once the flood is over.
RECOVERED_WITHIN = 10.0
#: What the program takes beside memory_limit, buffers and recorder, answers under way included: megabytes.
_PROGRAM = 35 + 8
_BUFFERS = 2 * 16 + 16
#: Connections of a churn at a time.
_WORKERS = 64
#: TIME_WAIT may be off by so much of what the kernel has, in the midst of a churn.
_TOLERANCE = 0.02
_TCP_REPAIR, _TCP_REPAIR_QUEUE, _TCP_QUEUE_SEQ = 19, 20, 21
_SEND_QUEUE, _REPAIR_OFF = 2, -1


def cap(memory_limit: int) -> int:
    """What a daemon on two interfaces may have resident, in megabytes (config/tcpstated.yaml, memory_limit)."""
    return memory_limit + _PROGRAM + _BUFFERS


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
    used: int = 0
    capacity: int = 0
    opened: int = 0
    time_wait: tuple[int, int] = (0, 0)
    recovered_after: float = 0
    slowest_answer: float = 0
    samples: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        told, held = self.time_wait
        return (
            f"{self.kind}: {self.sent} {'connections' if self.kind == 'churn' else 'segments'} in {self.seconds:.1f} s, "
            f"seen {self.seen}, dropped {self.dropped}, opened {self.opened}, shed {self.evicted}, half-open "
            f"{self.half_open}, {self.used} of {self.capacity} in the table; resident {self.resident_before / 1024:.1f} MB "
            f"before, {self.resident_peak / 1024:.1f} MB at most; TIME_WAIT told {told}, kernel {held}; all "
            f"{KEPT + KEPT // 2} connections right after {self.recovered_after:.1f} s; slowest answer "
            f"{self.slowest_answer * 1000:.0f} ms"
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
    closers: dict[Endpoint, str] = {}
    service = endpoint(listener.getsockname())
    eventually(lambda: assert_right(world, daemon, service, pairs, closers), within=10)
    guessed = kind.split("-")[0] in ("rst", "fin", "ack")
    into = service if guessed else endpoint(target.getsockname())
    # What is in use moves its window, until a guess is the very number that is awaited, and rightly believed.
    victims = pairs[KEPT // 2 : 3 * KEPT // 4] if kind.endswith("-inside") else list(pairs)
    flood = Flood(kind, resident_before=resident(daemon.process.pid))
    before = daemon.status()
    playing = _churning if kind == "churn" else functools.partial(_flooding, into=into, rate=rate, pairs=victims)
    with _sampling(daemon, flood):
        with playing(world, flood, count) as is_over:
            pairs += _use(world, listener, pairs, closers, is_over)
        ended = time.monotonic()
        _close_some(world, pairs[KEPT // 2 : 3 * KEPT // 4], closers)
        eventually(lambda: assert_right(world, daemon, service, pairs, closers), RECOVERED_WITHIN)
        flood.recovered_after = time.monotonic() - ended
        eventually(lambda: _assert_time_waits(world, daemon, flood), RECOVERED_WITHIN)
    after = daemon.status()
    flood.seen = _seen(after) - _seen(before)
    flood.opened = after["connections"] - before["connections"]
    flood.dropped = sum(entry["dropped"] for entry in after["interfaces"])
    flood.evicted = after["table"]["evicted"] - before["table"]["evicted"]
    flood.half_open, flood.used = after["table"]["half_open"], after["table"]["used"]
    flood.capacity = after["table"]["capacity"]
    _assert_shed_is_counted(flood)
    return flood


def _assert_time_waits(world: World, daemon: Daemon, flood: Flood) -> None:
    held = [entry for entry in sock_diag.dump(world.server, time_wait_only=True) if entry.local.address != "127.0.0.1"]
    told = daemon.status()["local_time_wait"]["host"]
    flood.time_wait = (told, len(held))
    assert abs(told - len(held)) <= max(2, _TOLERANCE * len(held)), f"TIME_WAIT told {told}, kernel {len(held)}"


def _assert_shed_is_counted(flood: Flood) -> None:
    """Each segment of these kinds opens a connection of its own, which is in the table or was shed or ran out."""
    ran_out = flood.seconds > 100
    if flood.dropped or ran_out or flood.kind not in ("syn", "sweep", "stray"):
        return
    assert flood.opened >= flood.sent, flood
    # The half-open ones have a share of the table; what is more than the whole was shed.
    assert flood.evicted >= flood.opened - flood.capacity, flood


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
    world: World, flood: Flood, count: int, into: Endpoint, rate: int, pairs: Sequence[Pair]
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
    assert process.stdin is not None
    process.stdin.write("\n".join(f"{pair.client_end} {_sends_next(pair)} {_WINDOW}" for pair in pairs).encode())
    process.stdin.close()
    with _until_it_ends(process, flood) as is_over:
        yield is_over


#: What a fresh connection advertises at least (tcp_rmem's default, half of it, 64240 octets of window).
_WINDOW = 60_000


def _sends_next(pair: Pair) -> int:
    """The sequence number of the client's next octet."""
    client = pair.socket("client")
    client.setsockopt(socket.IPPROTO_TCP, _TCP_REPAIR, 1)
    client.setsockopt(socket.IPPROTO_TCP, _TCP_REPAIR_QUEUE, _SEND_QUEUE)
    (number,) = struct.unpack("=I", client.getsockopt(socket.IPPROTO_TCP, _TCP_QUEUE_SEQ, 4))
    client.setsockopt(socket.IPPROTO_TCP, _TCP_REPAIR, _REPAIR_OFF)
    assert isinstance(number, int)
    return number


@contextmanager
def _churning(world: World, flood: Flood, count: int) -> Iterator[Callable[[], bool]]:
    """Real connections, as many as the machine can open and close."""
    server = Endpoint(world.address("server"), 8081)
    answering = subprocess.Popen(
        world.server.command([world.peer_program, "--answer-and-close", str(server)]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    world.cleanup.callback(stop, answering)
    assert answering.stdout is not None
    world.cleanup.callback(answering.stdout.close)
    assert answering.stdout.readline() == b"listening\n", "the server did not start"
    process = subprocess.Popen(
        world.client.command(
            [world.peer_program, "--churn", ",".join(churn.add_clients(world)), "--target", str(server)]
            + ["--count", str(count), "--workers", str(_WORKERS)]
        ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    world.cleanup.callback(stop, process)
    with _until_it_ends(process, flood) as is_over:
        yield is_over


@contextmanager
def _until_it_ends(process: "subprocess.Popen[bytes]", flood: Flood) -> Iterator[Callable[[], bool]]:
    assert process.stdout is not None
    yield lambda: process.poll() is not None
    sent, seconds = process.stdout.read().split()
    process.stdout.close()
    assert process.wait(60) == 0, "the flood failed"
    flood.sent, flood.seconds = int(sent), float(seconds)


def _use(
    world: World,
    listener: socket.socket,
    pairs: Sequence[Pair],
    closers: dict[Endpoint, str],
    is_over: Callable[[], bool],
) -> list[Pair]:
    """Closes some from either side, opens some more, and exchanges on some of the others until the flood is over."""
    _close_some(world, pairs[: KEPT // 2], closers)
    opened = [world.connect(listener) for _ in range(KEPT // 2)]
    while not is_over():
        for pair in [*pairs[3 * KEPT // 4 :], *opened]:
            pair.socket("client").sendall(b"request")
            assert pair.socket("server").recv(100) == b"request"
    return opened


def _close_some(world: World, pairs: Sequence[Pair], closers: dict[Endpoint, str]) -> None:
    for number, pair in enumerate(pairs):
        side = ("server", "client")[number % 2]
        _close(pair, first=side)
        closers[pair.client_end] = side


def _close(pair: Pair, first: str) -> None:
    """By shutdown: another thread that is starting a program shares each descriptor for a moment."""
    other = "server" if first == "client" else "client"
    pair.socket(first).shutdown(socket.SHUT_WR)
    assert pair.socket(other).recv(1) == b""
    pair.socket(other).shutdown(socket.SHUT_WR)
    assert pair.socket(first).recv(1) == b""
    pair.close("server")
    pair.close("client")


def assert_right(
    world: World, daemon: Daemon, service: Endpoint, pairs: Sequence[Pair], closers: dict[Endpoint, str]
) -> None:
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
        closer = closers.get(pair.client_end) if pair.client.fileno() == -1 else None
        # What was not captured cannot be known, and is not told.
        unknown = lost and entry["closed_first"] is None
        assert entry["closed_first"] == closer or unknown, f"{pair.client_end}: not {closer}: {entry}"
