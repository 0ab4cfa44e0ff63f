"""Who asked for the close by header, or by speaking HTTP/1.0."""

from functools import partial

from harness.world import World

from . import Expected, clients, pair, servers

_COUNT = 100


def _go_disables_keep_alive(name: str, world: World) -> Expected:
    server = servers.SERVERS[name](world)
    clients.go(world, server, "--count", str(_COUNT), "--reuse", "disabled")
    return Expected(server, "client_asked", _COUNT)


def _ab(name: str, world: World) -> Expected:
    server = servers.SERVERS[name](world)
    # It may open some that it does not use.
    clients.run(world, servers.program("ab"), "-q", "-n", str(3 * _COUNT), "-c", "2", f"http://{server}/")
    return Expected(server, "http10", 3 * _COUNT)


for _name in servers.SERVERS:
    pair("Go, DisableKeepAlives", _name, thorough=_name not in ("Go", "nginx"))(partial(_go_disables_keep_alive, _name))
    pair("ab (HTTP/1.0)", _name, thorough=_name not in ("nginx", "Apache"))(partial(_ab, _name))


@pair("Python, urllib", "nginx")
def _urllib(world: World) -> Expected:
    server = servers.nginx(world)
    text = "import sys, urllib.request\nfor _ in range(int(sys.argv[2])): urllib.request.urlopen(sys.argv[1]).read()"
    clients.python(world, text, f"http://{server}/", str(_COUNT))
    return Expected(server, "client_asked", _COUNT)


@pair("wrk, Connection: close", "nginx", thorough=True)
def _wrk_that_asks(world: World) -> Expected:
    server = servers.nginx(world)
    clients.wrk(world, server, 4, "-H", "Connection: close")
    return Expected(server, "client_asked", _COUNT)


@pair("curl once", "Python, http.server (HTTP/1.0)")
def _http_server_of_python(world: World) -> Expected:
    server = servers.endpoint(world, 8000)
    world.write("page", "hello\n")
    command = [clients.PYTHON, "-m", "http.server", str(server.port), "--directory", world.scratch]
    servers.start(world, command, server)
    for _ in range(_COUNT // 2):
        clients.curl(world, f"http://{server}/page")
    return Expected(server, "server_asked", _COUNT // 2)
