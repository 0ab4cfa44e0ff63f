"""What the daemons make of a pair's connections: the cause of each, held against the one that is right."""

import threading
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Any

from pairs import Expected, Pair

from . import processors
from .kernel import Endpoint
from .waiting import Interrupted, eventually, interrupted
from .world import World

#: A cause that needs to know the others is decided at most 60 s after the close.
_DECIDED_WITHIN = 90.0
SHARE = 0.98
_IDLE_TOLERANCE = 0.2
_LEAST_CLOSES = 5


#: A client that has to wait for a processor looks like one that waits for something else.
_busy = threading.BoundedSemaphore(max(1, processors.COUNT // 2))
#: Those that mostly wait start a server all the same, some of them a Java machine.
_idle = threading.BoundedSemaphore(2 * processors.COUNT)
#: Each has two daemons in memory until the last cause is decided.
_worlds = threading.BoundedSemaphore(6 * processors.COUNT)


@dataclass(frozen=True)
class Verdict:
    """By one daemon, of the connections to one server."""

    side: str
    expected: Expected
    causes: Counter[str]
    inferred: dict[str, Any]

    @property
    def connections(self) -> int:
        return sum(self.causes.values())

    @property
    def right(self) -> int:
        others = self.expected.others
        truth = {**others, self.expected.cause: self.connections - sum(others.values())}
        return sum(min(self.causes[cause], count) for cause, count in truth.items())

    @property
    def objections(self) -> list[str]:
        told = f"the {self.side}'s daemon says {dict(self.causes)} at {self.expected.server}"
        found = []
        if self.right < SHARE * self.connections:
            found.append(f"{told}, must be {self.expected.cause} but for {dict(self.expected.others)}")
        return found + self._timeout_objections()

    def _timeout_objections(self) -> list[str]:
        if self.expected.idle_timeout is None:
            return []
        closer, seconds = self.expected.idle_timeout
        timeout = self.inferred.get(closer)
        if timeout is None or timeout["samples"] < _LEAST_CLOSES or abs(timeout["seconds"] - seconds) > _IDLE_TOLERANCE:
            return [f"the {self.side}'s daemon infers {timeout} for the {closer}, configured are {seconds} s"]
        return []


def service(world: World, side: str, server: Endpoint) -> dict[str, Any]:
    for entry in world.daemons[side].status()["services"]:
        if (entry["address"], entry["port"]) == (server.address, server.port):
            return entry
    raise AssertionError(f"the {side}'s daemon has no service {server}")


def _decided(world: World, side: str, expected: Expected) -> Verdict:
    entry = service(world, side, expected.server)
    causes = Counter(entry["close_cause"])
    ended = entry["connections"] - entry["open"]
    assert entry["open"] == 0 and sum(causes.values()) == ended >= expected.least, (
        f"the {side}'s daemon: {dict(causes)} of {ended} that ended, {entry['open']} open, {expected.least} awaited; "
        f"ended by {entry['close_kind']}"
    )
    inferred = entry.get("inferred_idle_timeout") or {}
    return Verdict(side, expected, causes, {name: value for name, value in inferred.items() if value})


def of(world: World, pair: Pair) -> list[Verdict]:
    """Runs a pair and waits until the cause of each connection is decided.

    What was not captured cannot be judged: where a daemon that got no processor lost packets, the pair is run once more."""
    try:
        found = _once(world, pair)
        if not any(verdict.objections for verdict in found) or not _lost(world):
            return found
    except AssertionError:
        if not _lost(world):
            raise
    again = World(world.binary, world.peer_program, world.family)
    world.cleanup.callback(again.close)
    return _once(again, pair)


def _lost(world: World) -> bool:
    return any("the kernel drops packets" in daemon.log_text() for daemon in world.daemons.values())


def _once(world: World, pair: Pair) -> list[Verdict]:
    with _worlds:
        with _idle if pair.waits else _busy:
            if interrupted.is_set():
                raise Interrupted
            world.join(pair.delay).watch()
            judged = pair.run(world)
        return [
            eventually(partial(_decided, world, side, expected), within=_DECIDED_WITHIN)
            for expected in judged
            for side in expected.seen_by
        ]
