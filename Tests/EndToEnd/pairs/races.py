"""A client that keeps connections for longer than the server, and uses them when the server closes them."""

from functools import partial

from harness.world import World

from . import Expected, clients, pair, servers

_CONNECTIONS = 200
_DELAY = 0.05


def _race(name: str, world: World) -> Expected:
    server = servers.go(world, "--idle-timeout", "5s") if name == "Go" else servers.SERVERS[name](world)
    options = ["--race", str(_CONNECTIONS), "--timeout", "5s", "--spread", f"{2 * _DELAY}s"]
    races = int(clients.go(world, server, *options))
    return Expected(server, "server_idle", _CONNECTIONS, others={"reuse_race": races})


for _name in ("Go", "Apache"):
    pair("keep-alive race, kept 60 s", f"{_name}, 5 s", thorough=_name != "Go", waits=True, delay=_DELAY)(partial(_race, _name))
