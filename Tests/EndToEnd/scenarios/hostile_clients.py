"""Clients of the HTTP interface that mean no good: capture and other readers go on as if they were not there."""

import contextlib
import random
import socket

from harness import endings
from harness.daemon import LISTEN, Daemon
from harness.suite import scenario
from harness.waiting import eventually, meanwhile
from harness.world import World

_LONGEST_LISTING = b"GET /api/v1/connections?limit=10000 HTTP/1.1\r\nHost: localhost\r\n\r\n"


def _connect(daemon: Daemon) -> socket.socket:
    client = daemon.namespace.socket(socket.AF_INET)
    client.settimeout(20)
    client.connect(LISTEN)
    return client


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

    with meanwhile(flood):
        _assert_sees_everything(world, daemon)
    assert daemon.get("/healthz").status == 200
    assert daemon.terminate()[0] == 0


def _exchange(daemon: Daemon, request: bytes) -> bytes:
    """The whole answer, to the end of the connection."""
    with _connect(daemon) as client:
        client.sendall(request)
        answer = b""
        while part := client.recv(65536):
            answer += part
        return answer


@scenario()
def what_a_client_sends_never_becomes_a_field_of_an_answer(world: World) -> None:
    daemon = world.join().watch("server").daemons["server"]
    injected = b"%0d%0aX-Injected:%20yes%0d%0a%0d%0a<script>"
    for target in (b"/" + injected, b"/api/v1/status?" + injected, b"/api/v1/connections?filter=" + injected):
        answer = _exchange(daemon, b"GET %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % target)
        head, _, _ = answer.partition(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 4") and b"injected" not in head.lower(), answer[:500]
    for field in (b"localhost%0d%0aX-Injected: yes", b"localhost\x00", b"localhost\tattacker.example", b"a@localhost"):
        answer = _exchange(daemon, b"GET / HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n\r\n" % field)
        head, _, _ = answer.partition(b"\r\n\r\n")
        assert b" 200 " not in head and b"injected" not in head.lower(), answer[:500]


@scenario()
def a_name_that_leads_here_is_refused_however_it_is_said(world: World) -> None:
    daemon = world.join().watch("server").daemons["server"]
    foreign = b"attacker.example"
    requests = [
        b"GET / HTTP/1.1\r\nHost: %b\r\n" % foreign,
        b"GET http://%b/ HTTP/1.1\r\nHost: %b\r\n" % (foreign, foreign),
        b"GET http://%b/ HTTP/1.1\r\nHost: localhost\r\n" % foreign,
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: %b\r\n" % foreign,
        b"GET / HTTP/1.1\r\nHost: %b\r\nHost: localhost\r\n" % foreign,
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1.%b\r\n" % foreign,
        b"GET / HTTP/1.1\r\nHost: localhost.%b:11060\r\n" % foreign,
        b"GET / HTTP/1.1\r\nHost: \r\n",
        b"GET / HTTP/1.1\r\n",
    ]
    for request in requests:
        answer = _exchange(daemon, request + b"Connection: close\r\n\r\n")
        assert answer[9:12] in (b"400", b"421"), (request, answer[:300])
    good = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert _exchange(daemon, good)[9:12] == b"200"


@scenario(waits_for_minutes=True)
def a_request_that_comes_in_drops_is_cut_off(world: World) -> None:
    daemon = world.join().watch("server").daemons["server"]
    with contextlib.ExitStack() as clients:
        dripping = [clients.enter_context(_connect(daemon)) for _ in range(100)]
        for client in dripping:
            client.sendall(b"GET /api/v1/status HTTP/1.1\r\nHost: localhost\r\n")
            client.setblocking(False)

        def assert_cut() -> None:
            left = [client for client in dripping if _drip(client)]
            assert not left, f"{len(left)} still hold their connections"

        # A drop each time: silence alone is no sign of it.
        eventually(assert_cut, within=90)
        _assert_sees_everything(world, daemon)


def _drip(client: socket.socket) -> bool:
    """Sends one octet of a field more; false when the daemon has closed the connection."""
    try:
        client.send(b"a")
        return client.recv(4096) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False
