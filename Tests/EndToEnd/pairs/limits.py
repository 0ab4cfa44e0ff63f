"""Servers that close after so many requests."""

from functools import partial

from harness.waiting import PATIENCE
from harness.world import World

from . import Expected, clients, pair, servers

_CONNECTIONS = 40
#: Requests that a connection carries at most: Apache serves one more than MaxKeepAliveRequests.
_SERVED = {"nginx": 100, "Apache": 101, "Tomcat": 100}


def _go(name: str, world: World) -> Expected:
    server = servers.SERVERS[name](world)
    clients.go(world, server, "--count", str(_SERVED[name] * _CONNECTIONS))
    return Expected(server, "max_requests", _CONNECTIONS)


def _wrk(name: str, world: World) -> Expected:
    server = servers.SERVERS[name](world)
    clients.wrk(world, server, seconds=int(15 * PATIENCE))
    # It opens one that it does not use, and the last one ends with it.
    return Expected(server, "max_requests", _CONNECTIONS, others={"probe": 1, "client_done": 1})


for _name in _SERVED:
    pair("Go, one pool", _name, thorough=_name == "Tomcat")(partial(_go, _name))
for _name in ("nginx", "Apache"):
    pair("wrk", _name, thorough=_name == "Apache")(partial(_wrk, _name))


@pair("ab -k (HTTP/1.0, keep-alive)", "nginx", thorough=True)
def _ab(world: World) -> Expected:
    server = servers.nginx(world)
    count = str(100 * _CONNECTIONS)
    clients.run(world, servers.program("ab"), "-q", "-k", "-n", count, "-c", "1", f"http://{server}/")
    return Expected(server, "max_requests", _CONNECTIONS)


@pair("Java, HttpURLConnection", "Apache", thorough=True)
def _url_connection(world: World) -> Expected:
    server = servers.apache(world)
    clients.java(world, server, "url-connection", 100 * _CONNECTIONS)
    return Expected(server, "max_requests", _CONNECTIONS)


@pair("Java, HttpClient", "nginx")
def _http_client(world: World) -> Expected:
    server = servers.nginx(world)
    clients.java(world, server, "http-client", 100 * _CONNECTIONS)
    return Expected(server, "max_requests", _CONNECTIONS)
