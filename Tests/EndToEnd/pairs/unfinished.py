"""Closed in the middle of something."""

from functools import partial

from harness.world import World

from . import Expected, clients, pair, servers

_COUNT = 60


def _unread(name: str, world: World) -> Expected:
    server = servers.nginx(world) if name == "nginx" else servers.go(world, "--body", str(4 << 20))
    clients.go(world, server, "--count", str(_COUNT), "--unread", path="/large")
    return Expected(server, "response_unread", _COUNT)


for _name in ("Go", "nginx"):
    pair("Go, body closed unread", _name, thorough=_name == "nginx")(partial(_unread, _name))


@pair("Go, time-out 0.2 s", "Go, answers in 2 s")
def _go_gives_up(world: World) -> Expected:
    server = servers.go(world, "--delay", "2s")
    clients.go(world, server, "--workers", "10", "--count", "5", "--patience", "200ms")
    return Expected(server, "client_gave_up", 50)


@pair("Python, requests with timeout 0.2 s", "Go, answers in 2 s", thorough=True)
def _requests_give_up(world: World) -> Expected:
    server = servers.go(world, "--delay", "2s")
    text = """
for _ in range(int(sys.argv[2])):
    try: requests.get(sys.argv[1], timeout=0.2)
    except requests.Timeout: pass
"""
    clients.python_with_requests(world, text, f"http://{server}/", "20")
    return Expected(server, "client_gave_up", 20)


@pair("curl --max-time 0.2", "Go, answers in 2 s", thorough=True)
def _curl_gives_up(world: World) -> Expected:
    server = servers.go(world, "--delay", "2s")
    for _ in range(20):
        clients.curl(world, "--max-time", "0.2", f"http://{server}/", codes=[28])
    return Expected(server, "client_gave_up", 20)


@pair("Go", "nginx, return 444")
def _dropped(world: World) -> Expected:
    server = servers.nginx(world)
    for _ in range(20):
        clients.go(world, server, "--patience", "5s", path="/drop")
    return Expected(server, "no_response", 20)


@pair("Go, 413", "nginx, client_max_body_size 1k", thorough=True)
def _go_sends_too_much(world: World) -> Expected:
    server = servers.nginx(world)
    options = ["--reuse", "fresh", "--post", str(8 << 20), "--patience", "20s"]
    clients.go(world, server, "--count", "30", *options, path="/upload")
    return Expected(server, "request_unread", 30)


@pair("Python, requests, 413", "nginx, client_max_body_size 1k", thorough=True)
def _requests_send_too_much(world: World) -> Expected:
    server = servers.nginx(world)
    text = """
for _ in range(int(sys.argv[2])):
    try: requests.post(sys.argv[1], data=bytes(100 << 10))
    except requests.ConnectionError: pass
"""
    clients.python_with_requests(world, text, f"http://{server}/upload", "30")
    return Expected(server, "request_unread", 30)


@pair("curl, 413", "nginx, client_max_body_size 1k")
def _too_large(world: World) -> Expected:
    server = servers.nginx(world)
    world.write("upload", bytes(8 << 20))
    for _ in range(30):
        # Whether curl reads the answer or hears of the broken pipe first is a race.
        options = ["--data-binary", f"@{world.scratch}/upload", "--output", "/dev/null"]
        clients.curl(world, *options, f"http://{server}/upload", codes=[0, 55, 56])
    return Expected(server, "request_unread", 30)
