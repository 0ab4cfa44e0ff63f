"""Clients in the client's namespace, each run to its end."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from harness.kernel import Endpoint
from harness.namespaces import stop
from harness.suite import Skip
from harness.world import World

from .servers import program

_JAVA_CLIENT = Path(__file__).resolve().parents[1] / "java" / "Client.java"
#: Debian's, for its libraries.
PYTHON = "/usr/bin/python3"
_TIMEOUT = 300


def run(world: World, *command: str | Path, codes: Sequence[int] = (0,)) -> str:
    result = world.client.run(*command, timeout=_TIMEOUT)
    assert result.returncode in codes, f"{command[0]} ended with {result.returncode}: {result.stderr.strip()[-500:]}"
    return result.stdout


def go(world: World, server: Endpoint, *options: str, scheme: str = "http", path: str = "/") -> str:
    return run(world, world.peer_program, "--url", f"{scheme}://{server}{path}", "--target", str(server), *options)


def java(world: World, server: Endpoint, kind: str, count: int, *more: str, options: Sequence[str] = ()) -> str:
    command = [program("java"), "-Xmx64m", *options, str(_JAVA_CLIENT)]
    return run(world, *command, kind, f"http://{server}/", str(count), *more)


def python(world: World, text: str, *arguments: str) -> str:
    return run(world, PYTHON, "-c", text, *arguments)


def python_with_requests(world: World, text: str, *arguments: str) -> str:
    known = subprocess.run([PYTHON, "-c", "import requests"], capture_output=True)
    if known.returncode != 0:
        raise Skip("python3-requests is not here (make integration installs it)")
    return python(world, "import requests, sys\n" + text, *arguments)


def curl(world: World, *arguments: str, codes: Sequence[int] = (0,)) -> str:
    return run(world, program("curl"), "--silent", "--show-error", *arguments, codes=codes)


def wrk(world: World, server: Endpoint, seconds: int, *options: str) -> str:
    """At a rate that a capture on a machine with other things to do keeps up with."""
    pace = world.write("pace.lua", "function delay() return 1 end\n")
    command = [program("wrk"), "-t", "1", "-c", "1", "-d", f"{seconds}s", "-s", pace]
    return run(world, *command, *options, f"http://{server}/")


def begin(world: World, *command: str | Path) -> subprocess.Popen[bytes]:
    """Does not wait for the end."""
    process = subprocess.Popen(
        world.client.command(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    world.cleanup.callback(stop, process)
    return process
