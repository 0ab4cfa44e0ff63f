"""Nothing of what passes is kept: what clients and servers send is nowhere in the daemon's memory."""

import secrets
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from harness.daemon import Daemon
from harness.suite import Skip, scenario
from harness.waiting import eventually
from harness.world import SIDES, Pair, World

_CHUNK = 1 << 20
_LONGEST = 64


def _mappings(pid: int) -> Iterator[tuple[int, int, str]]:
    """What the process can read, where, and of what."""
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        extent, permissions, _, _, _, *name = line.split(maxsplit=5)
        first, last = (int(address, 16) for address in extent.split("-"))
        if permissions.startswith("r") and not (name and name[0] in ("[vvar]", "[vvar_vclock]", "[vsyscall]")):
            yield first, last, name[0] if name else "anonymous"


def _find(daemon: Daemon, wanted: Mapping[str, bytes]) -> tuple[set[str], set[str]]:
    """Which of these are in the daemon's memory, and the names of what was read."""
    assert daemon.process is not None
    found, read = set(), set()
    try:
        memory = open(f"/proc/{daemon.process.pid}/mem", "rb", buffering=0)
    except PermissionError as error:
        raise Skip(f"the daemon's memory may not be read: {error}") from error
    with memory:
        for first, last, name in _mappings(daemon.process.pid):
            for start in range(first, last, _CHUNK):
                memory.seek(start)
                # Some more, for what lies across the border.
                try:
                    octets = memory.read(min(_CHUNK + _LONGEST, last - start))
                except OSError:
                    # It has been given back meanwhile.
                    continue
                found |= {f"{label} in {name}" for label, text in wanted.items() if text in octets}
            read.add(name)
    return found, read


def _converse(world: World, markers: Mapping[str, bytes]) -> Pair:
    """One exchange; each marker is in the part of it for which it is named."""
    pair = world.connect()
    body = markers["request body"]
    head = b"POST /%b HTTP/1.1\r\nHost: server\r\nAuthorization: Bearer %b\r\nCookie: id=%b\r\nContent-Length: %d\r\n\r\n"
    said = head % (markers["path"], markers["authorization"], markers["cookie"], len(body))
    pair.client.sendall(said + body)
    assert pair.socket("server").recv(4096)
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: id=%b\r\nContent-Length: %d\r\n\r\n%b"
    body = markers["answer body"]
    pair.socket("server").sendall(answer % (markers["set-cookie"], len(body), body))
    assert pair.client.recv(4096)
    return pair


def _assert_heard(daemon: Daemon, pair: Pair) -> None:
    exchanges = daemon.connection(pair.client_end, pair.server_end)["exchanges"]
    assert exchanges == 1, f"{exchanges} exchanges"


@scenario()
def nothing_that_was_said_is_in_the_daemons_memory(world: World) -> None:
    world.join().watch("client")
    # On their way from one thread to another frames are held once more.
    world.watch("server", configuration="capture:\n  workers: 2\n")
    names = ("path", "authorization", "cookie", "request body", "set-cookie", "answer body")
    markers = {name: secrets.token_hex(16).encode() for name in names}
    pair = _converse(world, markers)
    for side in SIDES:
        daemon = world.daemons[side]
        # The heads were read, and the frames given back to the kernel.
        eventually(partial(_assert_heard, daemon, pair))
        found, read = _find(daemon, markers)
        assert not found, f"the {side}'s daemon keeps {sorted(found)}"
        assert any(name.startswith("socket:") for name in read), f"the ring was not read, only {sorted(read)}"
        # What the daemon does keep is found.
        kept, _ = _find(daemon, {"its version": b"/api/v1/status"})
        assert kept
