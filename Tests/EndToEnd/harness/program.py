"""tcpstated as a command that ends by itself."""

import json
import subprocess
from pathlib import Path
from typing import Any

from .world import World

Finished = subprocess.CompletedProcess[str]


def tcpstated(world: World, *arguments: str | Path, stdin: bytes | None = None) -> Finished:
    """Runs it in the server's namespace."""
    return world.server.run(world.binary, *arguments, stdin=stdin)


def tcpstated_without_privileges(world: World, *arguments: str | Path) -> Finished:
    """The same, as a user who may do nothing special, root's number or not."""
    bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--"]
    return world.server.run(*bare, world.binary, *arguments)


def analyze(world: World, *arguments: str | Path, stdin: bytes | None = None) -> dict[str, Any]:
    """The JSON report."""
    result = tcpstated(world, "analyze", "--format", "json", *arguments, stdin=stdin)
    assert result.returncode == 0, f"exit {result.returncode}: {result.stderr.strip()}"
    return json.loads(result.stdout)


def assert_fails(result: Finished, *naming: str, code: int = 1) -> None:
    """It ended with this code and one line on standard error, which names these things; nothing on standard output."""
    told = f"exit {result.returncode}, standard error: {result.stderr!r}, standard output: {result.stdout[:200]!r}"
    assert result.returncode == code, told
    assert len(result.stderr.strip().splitlines()) == 1, f"not one line: {told}"
    assert not result.stdout, f"something on standard output: {told}"
    for name in naming:
        assert name in result.stderr, f"{name!r} is not named: {told}"
