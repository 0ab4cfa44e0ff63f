"""A mix of everything that can happen to a connection, for comparisons of totals."""

from .kernel import Endpoint
from .suite import BOTH_FAMILIES
from .world import World, endpoint


def play(world: World) -> int:
    """Opens connections of both families and ends them in every way; how many there were."""
    return sum(_play(world) for world.family in BOTH_FAMILIES)


def _play(world: World) -> int:
    listener = world.listen()
    pairs = [world.connect(listener) for _ in range(9)]
    for pair in pairs:
        pair.socket("client").sendall(b"request")
        assert pair.socket("server").recv(100) == b"request"
        pair.socket("server").sendall(b"answer")
        assert pair.socket("client").recv(100) == b"answer"
    client_first, server_first, crossing, client_resets, server_resets, half_closed, held, unread, still_open = pairs

    client_first.close("client")
    world.expect(client_first, client="FIN_WAIT_2", server="CLOSE_WAIT")
    client_first.close("server")
    server_first.close("server")
    world.expect(server_first, client="CLOSE_WAIT", server="FIN_WAIT_2")
    server_first.close("client")
    crossing.close("client")
    crossing.close("server")
    client_resets.reset("client")
    server_resets.reset("server")
    half_closed.socket("client").shutdown(1)
    half_closed.socket("server").sendall(b"more")
    half_closed.socket("client").recv(100)
    held.close("client")
    unread.socket("client").sendall(b"never read")
    world.expect(unread, client="ESTABLISHED", server="ESTABLISHED")
    unread.close("server")
    listener.close()
    refused = world.start_connecting(endpoint_of_nobody(world))

    world.expect(client_first, client="TIME_WAIT", server="CLOSED")
    world.expect(server_first, client="CLOSED", server="TIME_WAIT")
    for reset in (client_resets, server_resets, unread, refused):
        world.expect(reset, client="CLOSED", server="CLOSED")
    for half in (half_closed, held):
        world.expect(half, client="FIN_WAIT_2", server="CLOSE_WAIT")
    world.expect(still_open, client="ESTABLISHED", server="ESTABLISHED")
    return len(pairs) + 1


def endpoint_of_nobody(world: World) -> Endpoint:
    """An address and port of the server on which nothing listens."""
    listener = world.listen()
    try:
        return endpoint(listener.getsockname())
    finally:
        listener.close()
