"""Connections that are closed because nobody used them."""

import contextlib
import time
from functools import partial

from harness.kernel import Endpoint
from harness.world import World

from . import Expected, clients, pair, servers

_CONNECTIONS = 10
_ROUNDS = 5
_LEAST = _CONNECTIONS * _ROUNDS

_TIMEOUTS = {"nginx": 2.0, "Apache": 5.0, "Node": 5.0, "Tomcat": 20.0}


def _measured_timeout(world: World, server: Endpoint) -> float:
    """By a client of its own: from the answer to the server's FIN."""
    with contextlib.closing(world.client.socket(world.family)) as client:
        client.settimeout(60)
        client.connect((server.address, server.port))
        client.sendall(b"GET / HTTP/1.1\r\nHost: server\r\n\r\n")
        answered = time.monotonic()
        while client.recv(4096):
            answered = time.monotonic()
        return time.monotonic() - answered


def _use(world: World, server: Endpoint, longest: float, *options: str) -> None:
    """Rounds of requests; after each all connections stay idle until they are closed."""
    workers = ["--reuse", "own", "--workers", str(_CONNECTIONS), "--count", "2"]
    rounds = ["--rounds", str(_ROUNDS), "--between", f"{longest + 1.5}s"]
    clients.go(world, server, *workers, *rounds, *options)


def _server_closes(name: str, world: World) -> Expected:
    server = servers.SERVERS[name](world)
    timeout = _TIMEOUTS[name]
    if name == "Node":
        # Some releases wait for a second more than their keepAliveTimeout. Who is kept from looking measures less.
        timeout = 6.0 if any(_measured_timeout(world, server) > 5.5 for _ in range(2)) else 5.0
    _use(world, server, timeout)
    if name == "Tomcat":
        # It looks once a second for those whose time has come.
        return Expected(server, "server_idle", _LEAST)
    return Expected(server, "server_idle", _LEAST, idle_timeout=("server", timeout))


for _name in _TIMEOUTS:
    pair("Go, idle", _name, thorough=_name == "Tomcat", waits=True)(partial(_server_closes, _name))


@pair("Go, idle", "Go, IdleTimeout 3 s", waits=True)
def _go_closes(world: World) -> Expected:
    server = servers.go(world, "--idle-timeout", "3s")
    _use(world, server, 3)
    return Expected(server, "server_idle", _LEAST, idle_timeout=("server", 3))


@pair("Go, IdleConnTimeout 2 s", "Go", waits=True)
def _go_client_closes(world: World) -> Expected:
    server = servers.go(world)
    _use(world, server, 2, "--idle-limit", "2s")
    return Expected(server, "client_idle", _LEAST, idle_timeout=("client", 2))


@pair("Java, HttpClient, keepalive.timeout 3 s", "Go", thorough=True, waits=True)
def _java_client_closes(world: World) -> Expected:
    server = servers.go(world, "--delay", "100ms")
    for _ in range(_ROUNDS):
        options = ["-Djdk.httpclient.keepalive.timeout=3"]
        clients.java(world, server, "http-client-at-once", _CONNECTIONS, "5", options=options)
    return Expected(server, "client_idle", _LEAST)


@pair("Java, HttpURLConnection", "nginx", thorough=True, waits=True)
def _url_connection(world: World) -> Expected:
    server = servers.nginx(world)
    for _ in range(8):
        clients.java(world, server, "url-connection", 5, "4")
    return Expected(server, "server_idle", 8, idle_timeout=("server", 2))


@pair("Go, idle", "haproxy, http-keep-alive 2 s, before Go", thorough=True, waits=True)
def _haproxy_closes(world: World) -> Expected:
    back = servers.go(world)
    server = servers.haproxy(world, back, defaults="  timeout http-keep-alive 2s")
    _use(world, server, 2)
    return Expected(server, "server_idle", _LEAST, idle_timeout=("server", 2))
