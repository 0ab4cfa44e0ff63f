"""What goes wrong around the daemon: disks, clocks, interfaces, descriptors, readers of its log. Nothing stops capture."""

import contextlib
import fcntl
import os
import resource
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from harness import endings
from harness.daemon import LISTEN, Daemon
from harness.namespaces import stop
from harness.program import assert_fails, tcpstated
from harness.suite import Skip, register, scenario
from harness.time_waits import close_by_the_server, firing
from harness.waiting import eventually, interrupted, throughout
from harness.world import ADDRESSES, INTERFACE, IPV6, LINK_ADDRESSES, World

_TIME_WAITS = 3
_RULE = (
    "alerts:\n"
    "  - name: time-wait\n"
    "    metric: time_wait\n"
    "    by: host\n"
    f"    raise: {_TIME_WAITS}\n"
    "    clear: 1\n"
    "    for: 0s\n"
)


def _sees_everything(world: World, daemon: Daemon) -> None:
    before = daemon.status()["connections"]
    played = endings.play(world)
    seen = daemon.status()["connections"] - before
    assert seen == played, f"{seen} of {played}"


# The state directory.


def _with_mount(world: World, options: str) -> tuple[Path, Path]:
    """A program that starts the daemon where a file system of its own is mounted, and the path there."""
    state = world.scratch / "state"
    state.mkdir()
    inside = world.write(
        "inside", f'#!/bin/sh -e\nmount -t tmpfs -o {options} tmpfs {state}\nexec {world.binary} "$@"\n'
    )
    program = world.write("mounted", f'#!/bin/sh\nexec unshare --mount -- {inside} "$@"\n')
    for file in (inside, program):
        file.chmod(0o755)
    return program, state


def _watch_with(world: World, program: Path, configuration: str) -> Daemon:
    path = world.write("server.yaml", configuration)
    daemon = Daemon(program, world.server, world.scratch / "server.log", ["--config", path])
    world.cleanup.callback(daemon.close)
    world.daemons["server"] = daemon.start()
    return daemon


def _inside(daemon: Daemon, path: Path) -> Path:
    """The path as the daemon sees it."""
    assert daemon.process is not None
    return Path(f"/proc/{daemon.process.pid}/root{path}")


@scenario()
def a_full_disk_is_said_once_and_state_is_kept_when_there_is_room(world: World) -> None:
    program, state = _with_mount(world.join(), "size=1m")
    daemon = _watch_with(world, program, f"state_directory: {state}\n{_RULE}")
    filler = _inside(daemon, state) / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    close_by_the_server(world, _TIME_WAITS)
    fired = eventually(lambda: firing(daemon))
    eventually(lambda: daemon.assert_logged(rf"(?i)(warning|error): .*{state}.*No space left"), within=10)
    _sees_everything(world, daemon)
    said = daemon.log_text().count("No space left")
    assert said <= 3, f"said {said} times"
    filler.unlink()

    def assert_kept() -> None:
        kept = _inside(daemon, state) / "alerts.json"
        assert kept.exists() and fired in kept.read_text(), "not written"

    eventually(assert_kept, within=20)


@scenario()
def a_state_directory_that_cannot_be_written_is_said_and_nothing_else_stops(world: World) -> None:
    program, state = _with_mount(world.join(), "ro")
    daemon = _watch_with(world, program, f"state_directory: {state}\n{_RULE}")
    close_by_the_server(world, _TIME_WAITS)
    eventually(lambda: firing(daemon))
    eventually(lambda: daemon.assert_logged(rf"(?i)(warning|error): .*{state}.*Read-only"), within=10)
    _sees_everything(world, daemon)


@scenario()
def a_state_directory_has_one_daemon_and_a_killed_one_leaves_it_free(world: World) -> None:
    state = world.scratch / "state"
    state.mkdir()
    world.join().watch("server", configuration=f"state_directory: {state}\n{_RULE}")
    daemon = world.daemons["server"]
    for _ in range(2):
        before = sorted(state.iterdir())
        second = tcpstated(world, "run", "--config", world.scratch / "server.yaml", "--listen", "127.0.0.1:11061")
        assert_fails(second, "another tcpstated", str(state), "state_directory")
        assert sorted(state.iterdir()) == before
        daemon.terminate(signal.SIGKILL)
        daemon.start()
    _sees_everything(world, daemon)


# Clocks.


@scenario()
def a_step_of_the_clock_changes_no_state(world: World) -> None:
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        raise Skip("libfaketime is not installed")
    clock = world.write("clock", "+0\n")
    environment = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    world.join().watch("server", configuration=_RULE, environment=environment)
    daemon = world.daemons["server"]
    pair = world.connect()
    close_by_the_server(world, _TIME_WAITS)
    fired = eventually(lambda: firing(daemon))
    for step in ("+3600", "-3600", "+0"):
        clock.write_text(f"{step}\n")

        def unchanged() -> None:
            assert firing(daemon) == fired
            held = daemon.status()["local_time_wait"]["host"]
            assert held >= _TIME_WAITS, f"{held} after a step of {step} s"

        throughout(unchanged, 1.5)
        world.expect(pair, client="ESTABLISHED", server="ESTABLISHED")
        _sees_everything(world, daemon)
    assert "anomal" not in daemon.log_text()


# Interfaces.


@scenario()
def an_interface_that_goes_down_or_gets_another_name_is_followed(world: World) -> None:
    daemon = world.join().watch("server").daemons["server"]
    pair = world.connect()
    world.server.ip("link", "set", INTERFACE, "down")
    assert daemon.get("/healthz").status == 200
    _bring_up_again(world)
    eventually(lambda: _assert_capturing(daemon, INTERFACE), within=10)
    world.expect(pair, client="ESTABLISHED", server="ESTABLISHED")
    world.server.ip("link", "set", INTERFACE, "down")
    world.server.ip("link", "set", INTERFACE, "name", "renamed")
    world.server.ip("link", "set", "renamed", "up")
    eventually(lambda: _assert_capturing(daemon, "renamed"), within=10)
    world.server.ip("link", "set", "renamed", "down")
    world.server.ip("link", "set", "renamed", "name", INTERFACE)
    _bring_up_again(world)
    eventually(lambda: _assert_capturing(daemon, INTERFACE), within=10)
    _sees_everything(world, daemon)


def _bring_up_again(world: World) -> None:
    """What is down loses its IPv6 addresses and its neighbours."""
    world.server.bring_up(INTERFACE, [f"{ADDRESSES['server'][IPV6]}/64"])
    for address in ADDRESSES["client"].values():
        world.server.ip("neighbour", "replace", address, "lladdr", LINK_ADDRESSES["client"], "dev", INTERFACE)


def _assert_capturing(daemon: Daemon, name: str) -> None:
    capturing = [entry["name"] for entry in daemon.status()["interfaces"] if entry["capturing"]]
    assert name in capturing, f"capturing on {capturing}"


# Descriptors and readers.


def _connect(daemon: Daemon) -> socket.socket:
    client = daemon.namespace.socket(socket.AF_INET)
    client.settimeout(20)
    client.connect(LISTEN)
    return client


@scenario()
def too_few_descriptors_to_start_with_are_said_in_one_line(world: World) -> None:
    for most in (10, 20, 40):
        result = world.server.run("prlimit", f"--nofile={most}", "--", world.binary, "run")
        assert_fails(result, f"{most} open files", "RLIMIT_NOFILE", "LimitNOFILE")


@scenario()
def when_descriptors_run_out_capture_goes_on_and_readers_come_back(world: World) -> None:
    limited = world.write("limited", f'#!/bin/sh\nexec prlimit --nofile=128 -- {world.binary} "$@"\n')
    limited.chmod(0o755)
    world.join()
    daemon = _watch_with(world, limited, _RULE)
    with contextlib.ExitStack() as clients:
        for _ in range(400):
            clients.enter_context(_connect(daemon))
        close_by_the_server(world, _TIME_WAITS)
    eventually(lambda: firing(daemon), within=10)
    _sees_everything(world, daemon)


def _ten_thousand_idle_readers_stop_nothing(world: World) -> None:
    wanted = 10_000
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < wanted + 4_000:
        raise Skip(f"only {most} descriptors are allowed")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    world.server.set_sysctl("net.core.somaxconn", 4096)
    daemon = world.join().watch("server").daemons["server"]
    with contextlib.ExitStack() as clients:
        for number in range(wanted):
            client = clients.enter_context(_connect(daemon))
            with contextlib.suppress(OSError):
                client.sendall((b"", b"GET /api/v1/status HTTP/1.1\r\nX-Slow: ")[number % 2])
        _sees_everything(world, daemon)
    eventually(lambda: _assert_answers(daemon), within=10)


def _assert_answers(daemon: Daemon) -> None:
    with contextlib.suppress(OSError):
        assert daemon.get("/healthz").status == 200
        return
    raise AssertionError("no answer")


register("ten thousand idle readers stop nothing", _ten_thousand_idle_readers_stop_nothing, thorough=True, alone=True)


@scenario()
def a_log_that_nobody_reads_stops_nothing(world: World) -> None:
    reading, writing = os.pipe()
    world.cleanup.callback(os.close, reading)
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    world.join()
    path = world.write("server.yaml", f"log:\n  level: trace\n{_RULE}")
    daemon = Daemon(world.binary, world.server, world.scratch / "server.log", ["--config", path])
    daemon.process = subprocess.Popen(
        world.server.command([world.binary, "run", "--config", path]),
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=writing,
    )
    os.close(writing)
    world.cleanup.callback(stop, daemon.process)
    world.daemons["server"] = daemon
    eventually(lambda: _assert_answers(daemon), within=15)
    for _ in range(200):
        daemon.send(signal.SIGHUP)
        assert daemon.get("/healthz").status == 200
    close_by_the_server(world, _TIME_WAITS)
    eventually(lambda: firing(daemon))
    _sees_everything(world, daemon)
    code, seconds = daemon.terminate()
    assert code == 0 and seconds < 2, f"exit {code} after {seconds:.1f} s"


def _need_strace() -> None:
    if shutil.which("strace") is None:
        raise Skip("strace is not installed")


def _fail(world: World, daemon: Daemon, call: str, error: str) -> subprocess.Popen[bytes]:
    """From now on this system call of the daemon fails, until the tracer ends."""
    _need_strace()
    assert daemon.process is not None
    command = ["strace", "-f", "-q", "-o", "/dev/null", "-p", str(daemon.process.pid), "-e", f"trace={call}"]
    tracer = subprocess.Popen([*command, "-e", f"inject={call}:error={error}"], stderr=subprocess.DEVNULL)
    world.cleanup.callback(stop, tracer)
    return tracer


def _end_traced(daemon: Daemon) -> None:
    """Ends a daemon whose tracer started it: a tracer that ends first may leave it behind."""
    if daemon.process is None or daemon.process.poll() is not None:
        return
    pid = daemon.process.pid
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    for number in (signal.SIGTERM, signal.SIGKILL):
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            daemon.process.wait(5)
            return


@scenario()
def errors_of_the_kernels_interfaces_are_survived(world: World) -> None:
    _need_strace()
    # Every third question to the kernel's socket table fails, and every fifth answer.
    injected = world.write(
        "injected",
        "#!/bin/sh\nexec strace -f -o /dev/null --seccomp-bpf -e trace=sendto,recvfrom "
        f'-e inject=sendto:error=ENOBUFS:when=9+3 -e inject=recvfrom:error=ENOBUFS:when=20+5 {world.binary} "$@"\n',
    )
    injected.chmod(0o755)
    world.join()
    daemon = _watch_with(world, injected, f"kernel:\n  interval: 1s\n{_RULE}")
    world.cleanup.callback(_end_traced, daemon)
    close_by_the_server(world, _TIME_WAITS)
    eventually(lambda: firing(daemon), within=10)
    _sees_everything(world, daemon)
    throughout(lambda: daemon.status(), 4)
    _sees_everything(world, daemon)


@scenario()
def a_daemon_that_can_accept_nobody_any_more_ends_with_one_line(world: World) -> None:
    daemon = world.join().watch("server").daemons["server"]
    process = daemon.process
    assert process is not None
    _fail(world, daemon, "accept4", "EPERM")

    def assert_ended() -> None:
        with contextlib.suppress(OSError):
            daemon.get("/healthz")
        assert process.poll() == 1, f"exit {process.returncode}"

    eventually(assert_ended, within=20)
    daemon.assert_logged("cannot listen on 127.0.0.1:11060: no more connections are accepted")


@scenario()
def a_kernel_that_fails_to_answer_for_a_while_is_compared_again(world: World) -> None:
    daemon = world.join().watch("server", configuration="kernel:\n  interval: 1s\n").daemons["server"]
    failing = _fail(world, daemon, "sendto", "ENOBUFS:when=1+2")

    def assert_said() -> None:
        # Of an end in FIN_WAIT_2 the kernel is asked whether somebody holds it.
        world.connect().close("server")
        said = daemon.log_text().count("cannot ask the kernel: No buffer space available; trying again")
        assert said >= 10, f"said {said} times"

    eventually(assert_said, within=40)
    stop(failing)

    def assert_compared() -> None:
        age = daemon.status()["kernel"]["age_seconds"]
        assert age < 2, f"compared {age} s ago"

    for _ in range(3):
        eventually(assert_compared, within=20)
        interrupted.wait(1)
