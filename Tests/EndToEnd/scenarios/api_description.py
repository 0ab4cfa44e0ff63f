"""What /openapi.yaml says of the server, tried on it by a tool that wants to find it wrong."""

import shutil
import subprocess

from harness import endings
from harness.suite import Skip, scenario
from harness.world import World

_CONNECTIONS = "/api/v1/connections"
_HISTORY = "/api/v1/history"


@scenario()
def schemathesis_finds_nothing(world: World) -> None:
    program = shutil.which("schemathesis")
    if program is None:
        raise Skip("schemathesis is not here (PyPI has it)")
    world.join().watch("server")
    endings.play(world)
    for chosen in (
        # What has no end cannot be read to its end.
        ["--exclude-path", "/api/v1/events", "--exclude-path", _CONNECTIONS, "--exclude-path", _HISTORY],
        # Whether a filter or an address is one, no schema can say: some that fit it are refused.
        ["--include-path", _CONNECTIONS, "--include-path", _HISTORY, "--exclude-checks", "positive_data_acceptance"],
    ):
        options = [*chosen, "--max-examples", "40", "--no-color", "--seed", "1"]
        result = world.server.run(program, "run", "http://127.0.0.1:11060/openapi.yaml", *options, timeout=300)
        assert result.returncode == 0, (result.stdout + result.stderr)[-6000:]
