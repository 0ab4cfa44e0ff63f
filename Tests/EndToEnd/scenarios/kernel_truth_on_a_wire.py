"""As kernel_truth, on a wire that can hold what one side sends: states that last only while a segment travels."""

from collections.abc import Mapping

from harness.suite import BOTH_FAMILIES, scenario
from harness.truth import BOTH_CLOSED, BOTH_ESTABLISHED, Truth, tell
from harness.world import World

_REAL_ROUND_TRIP = 0.005


def _close_unheard(t: Truth, *sides: str, told: Mapping[str, str]) -> None:
    """What they send arrives after the daemons have told this."""
    with t.holding(*sides):
        for side in sides:
            t.close(side)
        t.agree(told, own_ends_only=True)


def _both_close_at_once(t: Truth) -> None:
    t.agree(BOTH_ESTABLISHED)
    # Held only until both have closed: on a busy machine the first FIN would arrive before the second is sent.
    with t.holding("client", "server"):
        t.close("client")
        t.close("server")
    t.agree({"client": "TIME_WAIT", "server": "TIME_WAIT"}, may_be_cut=True)


def _the_fins_are_on_their_way(t: Truth) -> None:
    _close_unheard(t, "client", told={"client": "FIN_WAIT_1", "server": "ESTABLISHED"})
    t.agree({"client": "FIN_WAIT_2", "server": "CLOSE_WAIT"})
    _close_unheard(t, "server", told={"client": "FIN_WAIT_2", "server": "LAST_ACK"})
    t.agree({"client": "TIME_WAIT", "server": "CLOSED"}, may_be_cut=True)


def _the_answer_to_the_servers_fin_is_on_its_way(t: Truth) -> None:
    t.close("server")
    t.agree({"client": "CLOSE_WAIT", "server": "FIN_WAIT_2"})
    with t.holding("server"):
        t.close("client")
        t.agree({"client": "LAST_ACK", "server": "TIME_WAIT"}, own_ends_only=True)
    t.agree({"client": "CLOSED", "server": "TIME_WAIT"}, may_be_cut=True)


def _fins_cross_and_one_is_acknowledged_late(t: Truth) -> None:
    _close_unheard(t, "client", "server", told={"client": "FIN_WAIT_1", "server": "FIN_WAIT_1"})
    t.agree({"client": "TIME_WAIT", "server": "TIME_WAIT"}, may_be_cut=True)


def _a_reset_crosses_a_fin(t: Truth) -> None:
    with t.holding("client", "server"):
        t.close("client")
        t.reset("server")
        t.agree({"client": "FIN_WAIT_1", "server": "CLOSED"}, own_ends_only=True)
    t.agree(BOTH_CLOSED)


_STORIES = (
    _both_close_at_once,
    _the_fins_are_on_their_way,
    _the_answer_to_the_servers_fin_is_on_its_way,
    _fins_cross_and_one_is_acknowledged_late,
    _a_reset_crosses_a_fin,
)


@scenario(BOTH_FAMILIES)
def while_segments_travel_each_daemon_tells_what_its_own_kernel_does(world: World) -> None:
    # One after the other: what is held on the wire is held for all.
    tell(world.join(delay=_REAL_ROUND_TRIP).watch(), _STORIES, at_a_time=1)
