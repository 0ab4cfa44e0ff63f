"""Stories of one connection, in which after each step both kernels and both daemons must tell the same states."""

import concurrent.futures
import functools
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager

from . import sock_diag
from .tracing import Trace, tracing
from .waiting import eventually
from .world import AGREEMENT_WITHIN, SIDES, Pair, World, endpoint

Story = Callable[["Truth"], None]

OTHER = {"client": "server", "server": "client"}
BOTH_ESTABLISHED = {"client": "ESTABLISHED", "server": "ESTABLISHED"}
BOTH_CLOSED = {"client": "CLOSED", "server": "CLOSED"}
#: Stories at a time in one world.
_AT_A_TIME = 6


class Truth:
    """A connection that is being told of, and what may be done to it."""

    def __init__(self, world: World, listener: socket.socket, pair: Pair | None = None) -> None:
        self.world = world
        self.listener = listener
        self.pair = pair or world.connect(listener)
        #: States of each end in the order in which the daemon beside it told them.
        self.told: dict[str, list[str]] = {"client": [], "server": []}

    def held(self, side: str) -> socket.socket:
        return self.pair.socket(side)

    def close(self, side: str) -> None:
        self.pair.close(side)

    def close_in_turn(self, first: str, second: str) -> None:
        self.pair.close_in_turn(first, second)

    def reset(self, side: str) -> None:
        self.pair.reset(side)

    def shut(self, side: str, how: int = socket.SHUT_WR) -> None:
        self.held(side).shutdown(how)

    def send(self, side: str, count: int = 100) -> None:
        self.held(side).sendall(b"x" * count)

    def read(self, side: str, count: int = 100) -> None:
        left = count
        while left:
            piece = self.held(side).recv(min(left, 1 << 16))
            assert piece, f"the {side} has {count - left} octets of {count}"
            left -= len(piece)

    def transfer(self, sender: str, count: int = 100) -> None:
        """Sends while the other side reads: more than the buffers hold gets through."""
        thread = threading.Thread(target=self.send, args=(sender, count))
        thread.start()
        self.read(OTHER[sender], count)
        thread.join()

    def set(self, side: str, level: int, option: int, value: int | bytes) -> None:
        self.held(side).setsockopt(level, option, value)

    def holding(self, *senders: str) -> AbstractContextManager[None]:
        """Keeps on the wire what these send."""
        assert self.world.wire is not None, "the world was joined without a delay"
        return self.world.wire.holding(*senders)

    def agree(
        self,
        wanted: Mapping[str, str],
        own_ends_only: bool = False,
        may_be_cut: bool = False,
        within: float = AGREEMENT_WITHIN,
    ) -> None:
        """Both kernels have their ends in these states, and so does each daemon.

        With `own_ends_only` a daemon is asked for the end beside it alone: of the other no packet can tell it. With
        `may_be_cut` a TIME_WAIT may be gone already: what was held on a wire is sent again by a busy machine, and the
        answer to what comes twice is an RST that ends it."""
        found = eventually(functools.partial(self._assert_all, wanted, own_ends_only, may_be_cut), within)
        for side, state in found.items():
            if self.told[side][-1:] != [state]:
                self.told[side].append(state)

    def _assert_all(self, wanted: Mapping[str, str], own_ends_only: bool, may_be_cut: bool) -> dict[str, str]:
        before = self._kernel_states()
        for side, state in wanted.items():
            is_cut = may_be_cut and (state, before[side]) == ("TIME_WAIT", "CLOSED")
            assert before[side] == state or is_cut, f"the kernel has the {side} in {before[side]}, expected {state}"
        for side, daemon in self.world.daemons.items():
            asked = {side: before[side]} if own_ends_only else before
            self.world.assert_daemon(self.pair, daemon, asked)
        after = self._kernel_states()
        assert before == after, f"the kernels went from {before} to {after} meanwhile"
        return before

    def _kernel_states(self) -> dict[str, str]:
        return {
            side: sock_diag.state(self.world.namespace(side), self.pair.end(side), self.pair.end(OTHER[side]))
            for side in SIDES
        }

    def assert_order(self, trace: Trace) -> None:
        """What was told of each end came in the order in which its kernel went through it."""
        for side in SIDES:
            told = [state for state in self.told[side] if state != "TIME_WAIT"]
            passed = trace.states(self.pair.end(side), self.pair.end(OTHER[side]))
            if passed is None or not passed and told == ["CLOSED"]:
                # Nobody knows, or it never had a socket.
                continue
            following = iter(passed)
            missing = [state for state in told if state not in following]
            assert not missing, f"of the {side} was told {told}, but its kernel went through {passed}"


def tell(world: World, stories: Sequence[Story], at_a_time: int = _AT_A_TIME) -> None:
    """Tells all stories in one world, each on a connection of its own; complains of all that are wrong."""

    def told(story: Story, trace: Trace | None) -> str | None:
        started = time.monotonic()
        try:
            with world.listen() as listener:
                truth = Truth(world, listener)
                story(truth)
                if trace:
                    truth.assert_order(trace)
        except (AssertionError, OSError) as failure:
            return f"{story.__name__} after {time.monotonic() - started:.1f} s: {failure}"
        return None

    with tracing(world.scratch) as trace, concurrent.futures.ThreadPoolExecutor(at_a_time) as pool:
        failures = [failure for failure in pool.map(functools.partial(told, trace=trace), stories) if failure]
    assert not failures, f"{len(failures)} of {len(stories)} stories:\n" + "\n".join(f"    {line}" for line in failures)


def linger(seconds: int) -> bytes:
    return struct.pack("ii", 1, seconds)


def connect_again(truth: Truth) -> Truth:
    """Another connection between the same two ports."""
    world = truth.world
    pair = world.connect(truth.listener, client_port=truth.pair.client_end.port)
    assert endpoint(pair.client.getsockname()) == truth.pair.client_end
    return Truth(world, truth.listener, pair)
