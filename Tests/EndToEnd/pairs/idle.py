"""Connections that are closed because nobody used them."""

from functools import partial

from harness.world import World

from . import Expected, clients, pair, servers

_CONNECTIONS = 10
_ROUNDS = 5
_LEAST = _CONNECTIONS * _ROUNDS

_TIMEOUTS = {"nginx": 2.0, "Apache": 5.0, "Node": 5.0, "Tomcat": 20.0}


def _use(world: World, server: servers.Endpoint, longest: float, *options: str) -> None:
    """Rounds of requests at a time; after each all connections stay idle until they are closed."""
    workers = ["--workers", str(_CONNECTIONS), "--kept", str(_CONNECTIONS), "--count", "2"]
    rounds = ["--rounds", str(_ROUNDS), "--between", f"{longest + 1.5}s"]
    clients.go(world, server, *workers, *rounds, *options)


def _server_closes(name: str, world: World) -> Expected:
    server = servers.SERVERS[name](world)
    _use(world, server, _TIMEOUTS[name])
    return Expected(server, "server_idle", _CONNECTIONS, idle_timeout=("server", _TIMEOUTS[name]))


for _name in _TIMEOUTS:
    pair("Go, idle", _name, thorough=_name == "Tomcat")(partial(_server_closes, _name))


@pair("Go, idle", "Go, IdleTimeout 3 s")
def _go_closes(world: World) -> Expected:
    server = servers.go(world, "--idle-timeout", "3s", "--delay", "20ms")
    _use(world, server, 3)
    return Expected(server, "server_idle", _CONNECTIONS, idle_timeout=("server", 3))


@pair("Go, IdleConnTimeout 2 s", "Go")
def _go_client_closes(world: World) -> Expected:
    server = servers.go(world, "--delay", "20ms")
    _use(world, server, 2, "--idle-limit", "2s")
    return Expected(server, "client_idle", _CONNECTIONS, idle_timeout=("client", 2))


@pair("Java, HttpClient, keepalive.timeout 3 s", "Go", thorough=True)
def _java_client_closes(world: World) -> Expected:
    server = servers.go(world, "--delay", "100ms")
    for _ in range(_ROUNDS):
        options = ["-Djdk.httpclient.keepalive.timeout=3"]
        clients.java(world, server, "http-client-at-once", _CONNECTIONS, "5", options=options)
    return Expected(server, "client_idle", _LEAST)


@pair("Java, HttpURLConnection", "nginx", thorough=True)
def _url_connection(world: World) -> Expected:
    server = servers.nginx(world)
    for _ in range(8):
        clients.java(world, server, "url-connection", 5, "4")
    return Expected(server, "server_idle", 8, idle_timeout=("server", 2))


@pair("Go, idle", "haproxy, http-keep-alive 2 s, before Go", thorough=True)
def _haproxy_closes(world: World) -> Expected:
    back = servers.go(world)
    server = servers.haproxy(world, back, defaults="  timeout http-keep-alive 2s")
    _use(world, server, 2)
    return Expected(server, "server_idle", _CONNECTIONS, idle_timeout=("server", 2))
