"""Floods: the connections that people use keep their truth, and memory stays where it was set."""

from harness import floods
from harness.suite import register
from harness.world import World

#: Of 64 MiB for the table half-open entries have a share: the flood has many times that.
_CONFIGURATION = "memory_limit: 64MiB\n"
#: What the daemon has beside its table, in kilobytes.
_BESIDE_THE_TABLE = 96 << 10
_KINDS = {"syn": 300_000, "scan": 131_070, "rst": 100_000, "fin": 100_000, "ack": 100_000}


def _flood(kind: str, world: World) -> None:
    world.join().watch("server", configuration=_CONFIGURATION)
    flood = floods.play(world, kind, _KINDS[kind])
    assert flood.resident_peak < (64 << 10) + _BESIDE_THE_TABLE, flood


for _kind in _KINDS:
    register(f"a flood of {_kind} leaves established connections as they are", lambda w, k=_kind: _flood(k, w), True)
