"""The Unix socket: who may use it, how the commands do, and what becomes of its file."""

import signal
import stat

from harness.program import assert_fails, tcpstated
from harness.suite import scenario
from harness.world import World


def _watch(world: World) -> str:
    path = str(world.scratch / "http.sock")
    world.join().watch("server", configuration=f"http:\n  socket: {path}\n")
    return path


@scenario()
def commands_reach_the_daemon_by_its_unix_socket(world: World) -> None:
    path = _watch(world)
    world.connect()
    for url in (f"unix:{path}", f"unix://{path}"):
        for command in ("status", "connections", "services", "peers", "alerts"):
            result = tcpstated(world, command, "--url", url)
            assert result.returncode == 0 and result.stdout, f"{command} --url {url}: {result.stderr}"
    mode = (world.scratch / "http.sock").lstat().st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o660, oct(mode)


@scenario()
def its_file_goes_with_the_daemon(world: World) -> None:
    path = _watch(world)
    code, _ = world.daemons["server"].terminate()
    assert code == 0
    assert not (world.scratch / "http.sock").exists()
    assert_fails(tcpstated(world, "status", "--url", f"unix:{path}"), path)


@scenario()
def a_file_that_a_killed_daemon_left_makes_way(world: World) -> None:
    path = _watch(world)
    world.daemons["server"].terminate(signal.SIGKILL)
    assert (world.scratch / "http.sock").exists()
    world.watch("server", configuration=f"http:\n  socket: {path}\n")
    assert tcpstated(world, "status", "--url", f"unix:{path}").returncode == 0


@scenario()
def a_socket_in_use_and_what_is_no_socket_are_named(world: World) -> None:
    path = _watch(world)
    again = ("run", "--listen", "127.0.0.1:0", "--config", world.scratch / "server.yaml")
    assert_fails(tcpstated(world, *again), path, "another process answers there")
    assert tcpstated(world, "status", "--url", f"unix:{path}").returncode == 0
    world.daemons["server"].terminate()
    world.write("http.sock", "precious")
    assert_fails(tcpstated(world, *again), path, "no socket")
    assert (world.scratch / "http.sock").read_text() == "precious"
