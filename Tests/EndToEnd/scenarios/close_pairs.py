"""Each pair of a real client and a real server: 98 % of its connections get the right cause, by both daemons."""

from collections.abc import Callable

import pairs
from harness import suite, verdicts
from harness.world import World


def _story(pair: pairs.Pair) -> Callable[[World], None]:
    def judge(world: World) -> None:
        objections = [line for verdict in verdicts.of(world, pair) for line in verdict.objections]
        assert not objections, "; ".join(objections)

    return judge


for _pair in pairs.all_pairs():
    suite.register(f"why connections close: {_pair.name}", _story(_pair), thorough=_pair.thorough)
