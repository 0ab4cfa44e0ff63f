"""tcpdump beside the daemon."""

import re
import signal
import subprocess
from pathlib import Path
from typing import IO

from .namespaces import stop
from .waiting import eventually
from .world import INTERFACE, World


#: Small slots in a large ring: with tcpdump's own sizes and --immediate-mode only eight frames have room.
_TCPDUMP = ["tcpdump", "-n", "--immediate-mode", "-s", "2048", "-B", "16384", "-U", "-w"]


class Capture:
    """What passes a side's interface, in a file or, when given a stream, there."""

    def __init__(
        self, world: World, side: str, name: str, stream: IO[bytes] | None = None, interface: str = INTERFACE
    ) -> None:
        self.path: Path = world.scratch / name
        self._log = world.scratch / f"{name}.log"
        target = self.path if stream is None else "-"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                world.namespace(side).command([*_TCPDUMP, target, "-i", interface]),
                stdin=subprocess.DEVNULL,
                stdout=log if stream is None else stream,
                stderr=log,
            )
        world.cleanup.callback(stop, self._process)
        eventually(self._assert_listening, within=10)

    def _assert_listening(self) -> None:
        said = self._log.read_text(errors="replace")
        if self._process.poll() is not None:
            raise RuntimeError(f"tcpdump ended: {said.strip()}")
        assert "listening on" in said, f"tcpdump has not started: {said.strip()}"

    def finish(self) -> Path:
        """Everything that tcpdump saw is written when this returns."""
        stop(self._process, gentle=signal.SIGINT)
        said = self._log.read_text(errors="replace")
        dropped = re.search(r"(\d+) packets dropped by kernel", said)
        assert dropped and dropped[1] == "0", f"tcpdump lost packets: {said.strip()}"
        return self.path
