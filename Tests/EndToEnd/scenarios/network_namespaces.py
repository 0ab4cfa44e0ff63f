"""One daemon that watches other network namespaces beside its own."""

import contextlib
import signal
import socket
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from harness import kernel
from harness.daemon import Daemon
from harness.namespaces import Namespace
from harness.suite import scenario
from harness.waiting import eventually, throughout
from harness.world import IPV4, World

#: Both pairs of namespaces use the same addresses.
_SERVER = ("10.99.0.2", 80)
_CLIENT = "10.99.0.1"
_FAST_READINGS = "kernel:\n  interval: 1s\nnetns: [blue, green]\n"


class _Named:
    """Namespaces with names that only the daemon and those who ask for them see: in a mount namespace of its own."""

    def __init__(self, world: World, *names: str) -> None:
        self.world = world
        self.peers: dict[str, Namespace] = {}
        self.inside: dict[str, Namespace] = {}
        for name in names:
            for kind in (self.peers, self.inside):
                kind[name] = Namespace(name)
                world.cleanup.callback(kind[name].close)
            self.peers[name].add_veth("uplink", self.inside[name], "uplink")
            self.peers[name].bring_up("uplink", [f"{_CLIENT}/24"])
            self.inside[name].bring_up("uplink", [f"{_SERVER[0]}/24"])

    def program(self, prefix: Sequence[str] = ()) -> Path:
        """A program that starts the daemon where the names are, by way of another command if need be."""
        mounts = [f"mount --bind {space.path} /run/netns/{name}" for name, space in self.inside.items()]
        script = "\n".join(
            [
                "#!/bin/sh -e",
                "mount -t tmpfs tmpfs /run",
                "mkdir /run/netns",
                *(f": >/run/netns/{name}" for name in self.inside),
                *mounts,
                f'exec {" ".join([*prefix, str(self.world.binary)])} "$@"',
            ]
        )
        inside = self.world.write("inside", script)
        path = self.world.write("named", f'#!/bin/sh\nexec unshare --mount -- {inside} "$@"\n')
        for file in (path, inside):
            file.chmod(0o755)
        return path


def _watch(world: World, named: _Named, *arguments: str | Path) -> Daemon:
    daemon = Daemon(named.program(), world.client, world.scratch / "client.log", arguments)
    world.cleanup.callback(daemon.close)
    world.daemons["client"] = daemon
    return daemon.start()


def _connections(named: _Named, name: str, count: int, server_closes: bool = True) -> None:
    """The server's end is inside, and holds TIME_WAIT when it closes first."""
    listener = named.inside[name].socket(IPV4)
    with contextlib.closing(listener):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(_SERVER)
        listener.listen(64)
        for _ in range(count):
            client = named.peers[name].socket(IPV4)
            client.settimeout(20)
            client.connect(_SERVER)
            server, _ = listener.accept()
            first, second = (server, client) if server_closes else (client, server)
            first.close()
            assert second.recv(1) == b""
            second.close()


def _assert_as_ss(daemon: Daemon, named: _Named, expected: dict[str, int]) -> None:
    status = daemon.status()
    figures = {entry["name"]: entry for entry in status["namespaces"]}
    assert sorted(figures) == sorted(expected), f"namespaces {sorted(figures)}"
    for name, count in expected.items():
        found = kernel.count(named.inside[name], "TIME_WAIT")
        assert found == count, f"{name}: ss has {found}"
        assert figures[name]["local_time_wait"] == {"host": count, "overdue": 0, "kernel": count}, figures[name]
        assert figures[name]["kernel"]["drift"] == 0, figures[name]["kernel"]
    total = sum(expected.values())
    assert status["local_time_wait"] == {"host": total, "overdue": 0, "kernel": total}, status["local_time_wait"]


@scenario()
def one_daemon_tells_two_namespaces_with_the_same_addresses_apart(world: World) -> None:
    named = _Named(world, "blue", "green")
    # What is there at the start is known from each namespace's own socket table.
    _connections(named, "blue", 3)
    daemon = _watch(world, named, "--config", world.write("client.yaml", _FAST_READINGS))
    eventually(partial(_assert_as_ss, daemon, named, {"blue": 3, "green": 0}), within=5)
    _connections(named, "blue", 4)
    _connections(named, "green", 5)
    _connections(named, "green", 2, server_closes=False)
    eventually(partial(_assert_as_ss, daemon, named, {"blue": 7, "green": 5}), within=5)
    listed = daemon.connections()
    for name, count in {"blue": 7, "green": 7}.items():
        sides = [entry["local_side"] for entry in listed if entry.get("namespace") == name]
        assert sides == ["server"] * count, f"{name}: {sides}"


@scenario()
def each_namespace_has_settings_of_its_own_and_a_reload_reads_them_again(world: World) -> None:
    named = _Named(world, "blue", "green")
    named.inside["blue"].set_sysctl("net.ipv4.tcp_fin_timeout", 9)
    configuration = "kernel:\n  interval: 1h\nnetns: [blue, green]\n"
    daemon = _watch(world, named, "--config", world.write("client.yaml", configuration))
    _assert_fin_timeouts(daemon, {"blue": 9, "green": 60})
    named.inside["green"].set_sysctl("net.ipv4.tcp_fin_timeout", 7)
    daemon.send(signal.SIGHUP)
    eventually(partial(_assert_fin_timeouts, daemon, {"blue": 9, "green": 7}))


def _assert_fin_timeouts(daemon: Daemon, expected: dict[str, int]) -> None:
    found = {entry["name"]: entry["kernel"]["tcp_fin_timeout_seconds"] for entry in daemon.status()["namespaces"]}
    assert found == expected, f"{found}"


@scenario()
def interfaces_inside_a_namespace_are_followed_after_privileges_are_dropped(world: World) -> None:
    named = _Named(world, "blue")
    daemon = _watch(world, named, "--netns", "all")
    named.peers["blue"].add_veth("second", named.inside["blue"], "second")
    named.peers["blue"].bring_up("second", ["10.98.0.1/24"])
    named.inside["blue"].bring_up("second", ["10.98.0.2/24"])
    eventually(partial(_assert_capturing, daemon, {"lo", "uplink", "second"}), within=5)
    named.peers["blue"].ip("link", "delete", "second")
    eventually(partial(_assert_capturing, daemon, {"lo", "uplink"}), within=5)
    _connections(named, "blue", 2)
    eventually(partial(_assert_as_ss, daemon, named, {"blue": 2}), within=12)
    assert daemon.process is not None
    for thread in Path(f"/proc/{daemon.process.pid}/task").iterdir():
        rights = next(line for line in (thread / "status").read_text().splitlines() if line.startswith("CapPrm"))
        assert int(rights.split()[1], 16) & ~(1 << 13) == 0, f"{(thread / 'comm').read_text().strip()}: {rights}"


def _assert_capturing(daemon: Daemon, expected: set[str]) -> None:
    interfaces = daemon.status()["interfaces"]
    found = {entry["name"] for entry in interfaces if entry.get("namespace") == "blue" and entry["capturing"]}
    assert found == expected, f"capturing on {found}"


@scenario()
def a_namespace_that_is_removed_stops_nothing(world: World) -> None:
    """As when a container ends: its name goes, and its interface."""
    named = _Named(world, "blue", "green")
    daemon = _watch(world, named, "--config", world.write("client.yaml", _FAST_READINGS))
    _connections(named, "blue", 3)
    _connections(named, "green", 2)
    eventually(partial(_assert_as_ss, daemon, named, {"blue": 3, "green": 2}), within=5)
    assert daemon.process is not None
    command = ["nsenter", f"--mount=/proc/{daemon.process.pid}/ns/mnt", "umount", "/run/netns/blue"]
    assert world.client.run(*command).returncode == 0
    named.peers["blue"].ip("link", "delete", "uplink")
    eventually(lambda: daemon.assert_logged("interface uplink (of blue )?(has gone away|is gone)"), within=5)
    said = len(daemon.log_text().splitlines())
    for signum in (None, signal.SIGHUP):
        if signum:
            daemon.send(signum)
        _connections(named, "green", 4)
        more = 6 if signum is None else 10
        # On a busy machine readings are further apart.
        eventually(partial(_assert_green, daemon, named, more), within=30)
    throughout(daemon.status, 3)
    lines = daemon.log_text().splitlines()[said:]
    assert len(lines) <= 4, lines
    code, seconds = daemon.terminate()
    assert code == 0 and seconds < 2, (code, seconds)


def _assert_green(daemon: Daemon, named: _Named, count: int) -> None:
    green = next(entry for entry in daemon.status()["namespaces"] if entry["name"] == "green")
    found = kernel.count(named.inside["green"], "TIME_WAIT")
    assert green["local_time_wait"]["host"] == green["local_time_wait"]["kernel"] == found == count, (green, found)


@scenario()
def without_the_right_to_enter_a_namespace_it_says_so_in_one_line(world: World) -> None:
    named = _Named(world, "blue")
    without = ["setpriv", "--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin", "--ambient-caps", "-all"]
    for name, prefix, message in [("blue", without, "needs CAP_SYS_ADMIN"), ("red", [], "No such file or directory")]:
        result = world.client.run(named.program(prefix), "run", "--netns", name)
        lines = result.stderr.strip().splitlines()
        assert result.returncode == 1, f"{result.returncode}: {lines}"
        assert len(lines) == 1 and message in lines[0], f"{lines}"
