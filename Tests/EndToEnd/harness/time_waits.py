"""TIME_WAITs on the server, and the alert that they fire."""

from .daemon import Daemon
from .world import World


def close_by_the_server(world: World, count: int) -> None:
    listener = world.listen()
    for _ in range(count):
        pair = world.connect(listener)
        pair.close("server")
        pair.close("client")


def firing(daemon: Daemon) -> str:
    """The id of the only alert that fires."""
    ids = [alert["id"] for alert in daemon.alerts() if alert["state"] == "firing"]
    assert len(ids) == 1, daemon.alerts()
    return ids[0]
