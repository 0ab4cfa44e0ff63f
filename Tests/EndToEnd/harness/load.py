"""HTTP traffic by a Go server and a Go client, each in its namespace."""

import subprocess
from collections.abc import Sequence

from .kernel import Endpoint
from .namespaces import stop
from .world import World

_HTTP_PORT = 8080


def serve_http(world: World, *options: str) -> Endpoint:
    """A Go server with keep-alive on; it stops with the world."""
    server = Endpoint(world.address("server"), _HTTP_PORT)
    process = subprocess.Popen(
        world.server.command([world.peer_program, "--listen", str(server), *options]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    world.cleanup.callback(stop, process)
    assert process.stdout is not None
    world.cleanup.callback(process.stdout.close)
    assert process.stdout.readline() == b"listening\n", "the Go server did not start"
    return server


def request_http(
    world: World, server: Endpoint, count: int, reuse: str, server_first: bool = False, options: Sequence[str] = ()
) -> None:
    """`count` requests, one after the other; `reuse` is keep-alive, disabled or fresh.

    The client yields to a server that is to close first; otherwise the two race."""
    arguments = ["--url", f"http://{server}/", "--count", str(count), "--reuse", reuse, *options]
    if server_first:
        arguments.append("--yield")
    result = world.client.run(world.peer_program, *arguments, timeout=120)
    assert result.returncode == 0, f"the Go client: {result.stderr.strip()}"
