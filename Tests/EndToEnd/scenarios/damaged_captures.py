"""Captures that were cut and scribbled on: reported as far as they go, or refused in a line."""

import random

from harness import damage, endings
from harness.capture import Capture
from harness.suite import scenario
from harness.world import World


def _read_damaged(world: World, rounds: int) -> None:
    capture = Capture(world.join(), "server", "whole.pcap")
    endings.play(world)
    path = capture.finish()
    seed = random.randrange(1 << 30)
    tally = damage.read_damaged(world.binary, [path], rounds, seed, jobs=1)
    assert not tally.objections, f"seed {seed}: {tally.objections[:5]}"
    assert tally.reported and tally.truncated and tally.refused, tally


@scenario()
def damaged_captures_are_reported_or_refused(world: World) -> None:
    _read_damaged(world, 30)


@scenario(thorough=True, waits_for_minutes=True)
def hundreds_of_damaged_captures_are_reported_or_refused(world: World) -> None:
    _read_damaged(world, 300)
