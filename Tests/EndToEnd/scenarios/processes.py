"""Which processes have sockets open, for who grants the rights to see it."""

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

from harness import owner_peer
from harness.cgroups import Unit, make_units
from harness.daemon import Daemon
from harness.namespaces import stop
from harness.suite import scenario
from harness.waiting import eventually
from harness.world import World

_PROCESSES = "kernel:\n  interval: 1s\n  processes: true\n"
_SERVER = Path(owner_peer.__file__)
_PORT = 8081
_RIGHTS = 1 << 19 | 1 << 2
_NET_RAW = 1 << 13
#: What a process may call itself.
_HOSTILE = b"a\x1b[2Jb\n\xff"
_SHOWN = "a\\u{1b}[2Jb\\u{a}\ufffd"
#: Two workers that accept from one listener; each says who it is.
_WORKERS = """
import os, signal, socket, sys
listener = socket.create_server((sys.argv[1], int(sys.argv[2])))
child = os.fork()
if child:
    signal.signal(signal.SIGTERM, lambda *_: (os.kill(child, signal.SIGKILL), os._exit(0)))
    print("listening", flush=True)
kept = []
while True:
    kept.append(listener.accept()[0])
    kept[-1].sendall(b"%8d" % os.getpid())
"""


def _serve(world: World, unit: Unit, command: list[str | Path]) -> subprocess.Popen[bytes]:
    inside = world.server.command(command)
    process = subprocess.Popen(unit.command(inside), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    world.cleanup.callback(stop, process)
    assert process.stdout is not None
    world.cleanup.callback(process.stdout.close)
    assert process.stdout.readline() == b"listening\n", "the server did not start"
    return process


def _python(world: World, *program: str | Path) -> list[str | Path]:
    return [sys.executable, *program, world.address("server"), str(_PORT)]


def _renamed(world: World, name: bytes) -> list[str | Path]:
    """Only a process itself can change its name."""
    program = f"import runpy, sys; open('/proc/self/comm', 'wb').write({name!r}); "
    program += "sys.argv.pop(0); runpy.run_path(sys.argv[0], None, '__main__')"
    return _python(world, "-c", program, _SERVER, "serve")


def _assert_owner(daemon: Daemon, port: int, **wanted: object) -> None:
    listed = [c for c in daemon.connections() if c["client_port"] == port]
    assert len(listed) == 1, listed
    found = {name: listed[0]["owner"][name] for name in wanted}
    assert found == wanted, f"{listed[0]['server_state']}: {listed[0]['owner']}"


def _talk(world: World, ends: bool) -> tuple[int, bytes]:
    """The client's port, and what the server said first; with the end of it, or without."""
    held = world.client.socket(world.family)
    world.cleanup.callback(held.close)
    held.settimeout(20)
    held.connect((world.address("server"), _PORT))
    port, said = held.getsockname()[1], held.recv(100)
    if ends:
        held.sendall(b"s")
        assert held.recv(1) == b""
        held.close()
    return port, said


@scenario()
def the_process_of_a_socket_is_known_through_its_time_wait(world: World) -> None:
    [unit] = make_units(world, "shop.service")
    world.join()
    server = _serve(world, unit, [*_renamed(world, _HOSTILE), "hello"])
    early, _ = _talk(world, ends=False)
    world.watch("server", configuration=_PROCESSES)
    daemon = world.daemons["server"]
    wanted: dict[str, Any] = {"unit": "shop.service", "pid": server.pid, "command": _SHOWN}
    # From before the daemon, while it lasts, and too short to be asked: of that only the listener tells.
    eventually(partial(_assert_owner, daemon, early, **wanted), within=5)
    port, _ = _talk(world, ends=False)
    eventually(partial(_assert_owner, daemon, port, **wanted), within=5)
    port, _ = _talk(world, ends=True)
    eventually(partial(_assert_owner, daemon, port, **wanted), within=5)
    told = world.server.run(
        world.binary, "connections", "--url", "http://127.0.0.1:11060", "state", "time-wait"
    ).stdout
    assert f"shop.service: {_SHOWN}[{server.pid}]" in told and "\x1b[2J" not in told, told


@scenario()
def of_workers_that_share_a_listener_each_is_told_by_what_it_has_open(world: World) -> None:
    [unit] = make_units(world, "workers.service")
    world.join().watch("server", configuration=_PROCESSES)
    daemon = world.daemons["server"]
    _serve(world, unit, _python(world, "-c", _WORKERS))
    told = {}
    for _ in range(8):
        port, said = _talk(world, ends=False)
        told[port] = int(said)
    for port, process in told.items():
        eventually(partial(_assert_owner, daemon, port, unit="workers.service", pid=process), within=5)


@scenario()
def only_the_thread_that_looks_at_processes_may(world: World) -> None:
    world.join().watch("server", configuration=_PROCESSES)
    process = world.daemons["server"].process
    assert process is not None
    held = []
    for thread in Path(f"/proc/{process.pid}/task").iterdir():
        rights = next(line for line in (thread / "status").read_text().splitlines() if line.startswith("CapPrm"))
        held.append(int(rights.split()[1], 16))
    assert held.count(_RIGHTS) == 1 and set(held) <= {0, _NET_RAW, _RIGHTS}, held


@scenario()
def without_the_rights_it_says_what_is_lacking_and_goes_on(world: World) -> None:
    without = "-sys_ptrace,-dac_read_search"
    program = world.write(
        "without",
        f"#!/bin/sh\nexec setpriv --bounding-set {without} --inh-caps {without} {world.binary} \"$@\"\n",
    )
    program.chmod(0o755)
    [unit] = make_units(world, "shop.service")
    world.join()
    arguments = ["--config", world.write("server.yaml", _PROCESSES)]
    daemon = Daemon(program, world.server, world.scratch / "server.log", arguments)
    world.cleanup.callback(daemon.close)
    world.daemons["server"] = daemon
    daemon.start()
    daemon.assert_logged("kernel.processes needs CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH")
    _serve(world, unit, [*_python(world, _SERVER, "serve"), "hello"])
    port, _ = _talk(world, ends=False)
    eventually(partial(_assert_owner, daemon, port, unit="shop.service", pid=None, command=None), within=5)
