"""Real clients and servers, each pair with the cause that its connections must be given."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.kernel import Endpoint
from harness.world import SIDES, World


@dataclass(frozen=True)
class Expected:
    """What must be said of the connections to one server."""

    server: Endpoint
    cause: str
    #: So many connections at least, all of them ended.
    least: int
    #: Whose daemon sees them: those between two servers do not pass the client's interface.
    seen_by: Sequence[str] = SIDES
    #: The idle time-out that must show, and whose it is.
    idle_timeout: tuple[str, float] | None = None
    #: So many have another cause, by the client's own count: that is right for them alone.
    others: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    client: str
    server: str
    #: Makes the traffic, waits until the connections end.
    run: Callable[[World], Sequence[Expected]]
    #: Left to `make integration`: there are enough of its kind.
    thorough: bool
    #: It mostly waits, and takes next to nothing of the machine.
    waits: bool
    delay: float | None

    @property
    def name(self) -> str:
        return f"{self.client} and {self.server}"


Traffic = Callable[[World], Sequence[Expected] | Expected]

_pairs: list[Pair] = []


def pair(
    client: str, server: str, thorough: bool = False, waits: bool = False, delay: float | None = None
) -> Callable[[Traffic], Traffic]:
    """Registers traffic; the delay is that of the wire, each way."""

    def register(traffic: Traffic) -> Traffic:
        def run(world: World) -> Sequence[Expected]:
            expected = traffic(world)
            return [expected] if isinstance(expected, Expected) else expected

        _pairs.append(Pair(client, server, run, thorough, waits, delay))
        return traffic

    return register


def all_pairs() -> Sequence[Pair]:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return _pairs
