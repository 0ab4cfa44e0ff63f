"""Floods: the connections that people use keep their truth, and memory stays where it was set."""

from harness import floods
from harness.suite import register
from harness.world import World

#: What the daemon has beside the table, in kilobytes: the program, accounts, closed connections, what it answers with.
_BESIDE_THE_TABLE = 160 << 10
_LIMIT = 64
_KINDS = {"syn": 200_000, "scan": 131_070, "rst": 100_000, "fin": 100_000, "ack": 100_000}
#: Segments a second.
_RATE = 10_000


def _flood(kind: str, world: World) -> None:
    world.join().watch("server", configuration=f"memory_limit: {_LIMIT}MiB\ncapture:\n  fall_back: false\n")
    flood = floods.play(world, kind, _KINDS[kind], _RATE)
    assert flood.resident_peak < (_LIMIT << 10) + _BESIDE_THE_TABLE, flood


for _kind in _KINDS:
    register(
        f"a flood of {_kind} leaves established connections as they are",
        lambda world, kind=_kind: _flood(kind, world),
        thorough=True,
        alone=True,
    )
