"""Inside TLS: exchanges are counted where they show, and where they do not, nothing is said of them."""

from functools import partial
from typing import Any

from harness.kernel import Endpoint
from harness.suite import scenario
from harness.waiting import eventually
from harness.world import SIDES, World
from pairs import clients, servers

_WORKERS, _COUNT = 10, 30


def _listed(world: World, side: str, server: Endpoint) -> list[dict[str, Any]]:
    listed = world.daemons[side].connections(service=server)
    assert listed and all(entry["close_kind"] for entry in listed), f"{len(listed)} connections, not all ended"
    return listed


def _logged(world: World) -> int:
    """By the server: one line for each request."""
    return len((world.scratch / "access.log").read_text().splitlines())


def _request(world: World, *options: str) -> Endpoint:
    server = servers.nginx(world, tls=" ssl http2")
    habits = ["--reuse", "own", "--workers", str(_WORKERS), "--count", str(_COUNT)]
    clients.go(world, server, *habits, *options, scheme="https")
    return server


@scenario()
def requests_inside_tls_are_counted_as_the_servers_access_log_does(world: World) -> None:
    world.join().watch()
    server = _request(world)

    def assert_counted(side: str) -> None:
        counted = sum(entry["exchanges"] for entry in _listed(world, side, server))
        logged = _logged(world)
        assert logged == _WORKERS * _COUNT, f"nginx logged {logged}"
        assert abs(counted - logged) <= 0.05 * logged, f"the {side}'s daemon counts {counted}, nginx {logged}"

    for side in SIDES:
        eventually(partial(assert_counted, side))


@scenario()
def exchanges_of_http2_inside_tls_cannot_be_known_and_are_not_told(world: World) -> None:
    world.join().watch()
    server = _request(world, "--http2")

    def assert_untold(side: str) -> None:
        listed = _listed(world, side, server)
        told = [entry["exchanges"] for entry in listed]
        assert told == [None] * len(listed), f"the {side}'s daemon says {told}, nginx logged {_logged(world)}"

    for side in SIDES:
        eventually(partial(assert_untold, side))
    assert "HTTP/2" in (world.scratch / "access.log").read_text()
