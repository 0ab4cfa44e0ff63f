"""Control groups of version 2 as systemd makes them for units, for as long as a test runs."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from .suite import Skip
from .waiting import eventually
from .world import World

#: Also where a hybrid host has them.
_ROOTS = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))


class Unit:
    """A control group that a service manager could have made."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir()

    def command(self, arguments: Sequence[str | Path]) -> list[str]:
        """The command line that runs `arguments` in it."""
        script = 'echo $$ > "$0" && exec "$@"'
        return ["sh", "-c", script, str(self._directory / "cgroup.procs"), *map(str, arguments)]

    def remove(self) -> None:
        eventually(self._assert_removed, within=10)

    def _assert_removed(self) -> None:
        """Not before the last process in it has ended."""
        try:
            self._directory.rmdir()
        except OSError as error:
            raise AssertionError(f"{self._directory}: {error.strerror}") from error


def make_units(world: World, *names: str) -> list[Unit]:
    """Gone with the world."""
    root = next((root for root in _ROOTS if (root / "cgroup.procs").exists() and _is_unified(root)), None)
    if root is None or not os.access(root / "cgroup.procs", os.W_OK):
        raise Skip("no control groups of version 2 that this user may write to")
    parent = root / f"{re.sub('[^a-z0-9-]', '-', world.scratch.name)}.slice"
    try:
        parent.mkdir()
    except OSError as error:
        raise Skip(f"{parent}: {error.strerror}") from error
    world.cleanup.callback(parent.rmdir)
    units = []
    for name in names:
        units.append(Unit(parent / name))
        world.cleanup.callback(units[-1].remove)
    return units


def _is_unified(root: Path) -> bool:
    return (root / "cgroup.controllers").exists()
