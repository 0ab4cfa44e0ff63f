"""Clients that keep too few connections, or none."""

from functools import partial

from harness.world import World

from . import Expected, clients, pair, servers

_COUNT = 60


def _fresh_client(name: str, world: World) -> Expected:
    server = servers.SERVERS[name](world)
    clients.go(world, server, "--count", str(_COUNT), "--reuse", "fresh")
    return Expected(server, "no_pool", _COUNT)


def _requests_without_session(name: str, world: World) -> Expected:
    server = servers.SERVERS[name](world)
    text = "for _ in range(int(sys.argv[2])): requests.get(sys.argv[1]).text"
    clients.python_with_requests(world, text, f"http://{server}/", str(_COUNT))
    return Expected(server, "no_pool", _COUNT)


def _curl_once(name: str, world: World) -> Expected:
    server = servers.SERVERS[name](world)
    for _ in range(_COUNT):
        clients.curl(world, f"http://{server}/")
    return Expected(server, "no_pool", _COUNT)


def _curl_several(name: str, world: World) -> Expected:
    server = servers.SERVERS[name](world)
    for _ in range(_COUNT):
        clients.curl(world, *[f"http://{server}/"] * 5)
    return Expected(server, "client_done", _COUNT)


def _go_reuses(name: str, world: World) -> Expected:
    server = servers.SERVERS[name](world)
    for _ in range(_COUNT):
        clients.go(world, server, "--count", "20")
    return Expected(server, "client_done", _COUNT)


for _name in servers.SERVERS:
    pair("Go, a client for each request", _name, thorough=_name != "Go")(partial(_fresh_client, _name))
    pair("Go, reads and reuses", _name, thorough=_name != "Go")(partial(_go_reuses, _name))
    pair("Python, requests without Session", _name, thorough=_name != "Apache")(
        partial(_requests_without_session, _name)
    )
    pair("curl once", _name, thorough=_name != "Node")(partial(_curl_once, _name))
    pair("curl, 5 URLs", _name, thorough=_name != "nginx")(partial(_curl_several, _name))


@pair("Java, HttpURLConnection and disconnect()", "Go", thorough=True)
def _disconnect(world: World) -> Expected:
    server = servers.go(world)
    clients.java(world, server, "url-connection-disconnect", _COUNT)
    return Expected(server, "no_pool", _COUNT)


@pair("Go, a client for each request, left open to the end", "Go", thorough=True)
def _left_open(world: World) -> Expected:
    server = servers.go(world)
    clients.go(world, server, "--count", "30", "--reuse", "left")
    return Expected(server, "no_pool", 30)


@pair("Go, 50 workers, 2 kept", "Go, answers in 0.1 s")
def _fifty_workers(world: World) -> Expected:
    # Slower than a connection is opened: none is opened in vain.
    server = servers.go(world, "--delay", "100ms")
    clients.go(world, server, "--workers", "50", "--rounds", "10", "--between", "300ms")
    return Expected(server, "pool_overflow", 300)


@pair("Go, 50 workers, 2 kept", "Go", thorough=True)
def _fifty_workers_in_vain(world: World) -> Expected:
    """Half of the connections are open only when another has become free."""
    server = servers.go(world)
    clients.go(world, server, "--workers", "50", "--rounds", "10", "--between", "300ms")
    return Expected(server, "pool_overflow", 100)
