"""Clients of the HTTP interface that mean no good: capture and other readers go on as if they were not there."""

import contextlib
import random
import socket
import threading
from collections.abc import Callable, Iterator

from harness import endings
from harness.daemon import LISTEN, Daemon
from harness.suite import scenario
from harness.world import World

_LONGEST_LISTING = b"GET /api/v1/connections?limit=10000 HTTP/1.1\r\nHost: localhost\r\n\r\n"


def _connect(daemon: Daemon) -> socket.socket:
    client = daemon.namespace.socket(socket.AF_INET)
    client.settimeout(20)
    client.connect(LISTEN)
    return client


@contextlib.contextmanager
def _meanwhile(action: Callable[[], None]) -> Iterator[None]:
    """Does it over and over in another thread."""
    done = threading.Event()

    def repeat() -> None:
        while not done.is_set():
            with contextlib.suppress(OSError):
                action()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _assert_sees_everything(world: World, daemon: Daemon) -> None:
    before = daemon.status()["connections"]
    played = endings.play(world)
    status = daemon.status()
    assert status["connections"] - before == played, f"{status['connections']} - {before} of {played}"
    assert all(entry["dropped"] == 0 for entry in status["interfaces"]), status["interfaces"]


@scenario()
def silent_and_slow_clients_stop_nothing(world: World) -> None:
    daemon = world.join().watch("server").daemons["server"]
    with contextlib.ExitStack() as clients:
        for number in range(300):
            client = clients.enter_context(_connect(daemon))
            with contextlib.suppress(OSError):
                client.sendall((b"", b"GET /api/v1/status HTTP/1.1\r\nX-Slow: ", _LONGEST_LISTING)[number % 3])
        _assert_sees_everything(world, daemon)
        assert daemon.get("/metrics").status == 200
    assert daemon.terminate()[0] == 0


@scenario()
def garbage_and_floods_stop_nothing(world: World) -> None:
    daemon = world.join().watch("server").daemons["server"]
    noise = random.Random(1)

    def flood() -> None:
        with _connect(daemon) as client:
            client.sendall(noise.randbytes(noise.randrange(1, 5000)))
        with _connect(daemon) as client:
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10)
        with _connect(daemon) as client:
            client.sendall(b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000)

    with _meanwhile(flood):
        _assert_sees_everything(world, daemon)
    assert daemon.get("/healthz").status == 200
    assert daemon.terminate()[0] == 0
