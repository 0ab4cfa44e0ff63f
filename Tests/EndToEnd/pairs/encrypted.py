"""Inside TLS only sizes and silences show."""

from harness.world import World

from . import Expected, clients, pair, servers

_COUNT = 60
_TLS = " ssl http2"


@pair("curl -k --http1.1 once", "nginx, TLS")
def _curl_once(world: World) -> Expected:
    server = servers.nginx(world, _TLS)
    for _ in range(_COUNT):
        clients.curl(world, "--insecure", "--http1.1", f"https://{server}/")
    return Expected(server, "no_pool", _COUNT)


@pair("Go, idle", "nginx, TLS", thorough=True)
def _server_closes(world: World) -> Expected:
    server = servers.nginx(world, _TLS)
    workers = ["--reuse", "own", "--workers", "10", "--count", "2", "--rounds", "5", "--between", "3500ms"]
    clients.go(world, server, *workers, scheme="https")
    return Expected(server, "server_idle", 50, idle_timeout=("server", 2))
