"""Starting, stopping, and what happens to the host meanwhile."""

import signal
import socket

from harness.daemon import LISTEN
from harness.kernel import Endpoint
from harness.program import assert_fails, tcpstated
from harness.suite import scenario
from harness.waiting import eventually
from harness.world import INTERFACE, World

_TWO_TIME_WAITS_FIRE = (
    "alerts:\n"
    "  - name: time-wait\n"
    "    metric: time_wait\n"
    "    side: local\n"
    "    by: host\n"
    "    raise: 2\n"
    "    clear: 1\n"
    "    for: 0s\n"
)


@scenario()
def a_termination_signal_ends_it_within_two_seconds(world: World) -> None:
    world.join()
    for number in (signal.SIGTERM, signal.SIGINT):
        world.watch("server")
        world.connect()
        code, seconds = world.daemons["server"].terminate(number)
        assert code == 0, f"{number.name}: exit {code}: {world.daemons['server'].log_text()[-500:]}"
        assert seconds < 2, f"{number.name}: {seconds:.1f} s"


@scenario()
def systemd_is_told_of_readiness_life_and_stopping(world: World) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(world.scratch / "notify"))
        manager.settimeout(20)
        environment = {"NOTIFY_SOCKET": str(world.scratch / "notify"), "WATCHDOG_USEC": "1000000"}
        world.join().watch("server", environment=environment, ready=False)
        daemon = world.daemons["server"]

        def await_message(line: str) -> None:
            while line not in manager.recv(4096).decode().splitlines():
                pass

        await_message("READY=1")
        assert daemon.get("/readyz").status == 200, "ready, but not for readers"
        await_message("WATCHDOG=1")
        await_message("WATCHDOG=1")
        daemon.send(signal.SIGTERM)
        await_message("STOPPING=1")


@scenario()
def without_an_interface_it_says_so_and_waits_for_one(world: World) -> None:
    world.server.ip("link", "set", "lo", "down")
    world.watch("server", ready=False)
    daemon = world.daemons["server"]
    eventually(lambda: daemon.assert_logged(r"warning: no interface is up"))
    eventually(lambda: daemon.assert_logged(r"watching nothing yet; answering on http://127\.0\.0\.1:11060"))
    world.server.bring_up("lo")
    eventually(lambda: daemon.assert_logged("capturing on lo"))
    eventually(lambda: daemon.get("/readyz"), within=5)


@scenario()
def connections_after_an_interface_went_and_came_back_are_seen(world: World) -> None:
    world.join().watch("server")
    daemon = world.daemons["server"]
    before = world.connect()
    world.expect(before, client="ESTABLISHED", server="ESTABLISHED")
    world.client.ip("link", "delete", INTERFACE)
    eventually(lambda: daemon.assert_logged(INTERFACE))
    assert daemon.get("/healthz").status == 200
    world.join()
    eventually(lambda: _assert_capturing(world), within=5)
    after = world.connect()
    world.expect(after, client="ESTABLISHED", server="ESTABLISHED")
    after.close_in_turn("server", "client")
    world.expect(after, client="CLOSED", server="TIME_WAIT")
    world.expect_verdict(after, closed_first="server", close_kind="fin", provenance="wire")


def _assert_capturing(world: World) -> None:
    interfaces = world.daemons["server"].status()["interfaces"]
    assert INTERFACE in [entry["name"] for entry in interfaces if entry.get("capturing", True)], interfaces


@scenario()
def connections_from_before_the_start_are_known_with_their_states(world: World) -> None:
    listener = world.join().listen()
    established, half_closed, finished = (world.connect(listener) for _ in range(3))
    half_closed.socket("client").shutdown(1)
    finished.close_in_turn("server", "client")
    world.expect(finished, client="CLOSED", server="TIME_WAIT")
    world.watch("server")
    world.expect(established, client="ESTABLISHED", server="ESTABLISHED")
    world.expect(half_closed, client="FIN_WAIT_2", server="CLOSE_WAIT", own_ends_only=True)
    world.expect(finished, client="CLOSED", server="TIME_WAIT", own_ends_only=True)
    established.close_in_turn("server", "client")
    world.expect(established, client="CLOSED", server="TIME_WAIT")
    world.expect_verdict(established, closed_first="server", close_kind="fin")


@scenario()
def the_status_command_tells_of_a_firing_alert_by_its_exit_code(world: World) -> None:
    world.join().watch("server", configuration=_TWO_TIME_WAITS_FIRE)
    calm = tcpstated(world, "status")
    assert calm.returncode == 0 and calm.stdout and not calm.stderr, calm
    listener = world.listen()
    for _ in range(2):
        pair = world.connect(listener)
        pair.close("server")
        pair.close("client")

    def assert_exit_3() -> None:
        result = tcpstated(world, "status")
        assert result.returncode == 3, f"exit {result.returncode}: {result.stdout} {result.stderr}"

    eventually(assert_exit_3, within=5)
    assert str(Endpoint(*listener.getsockname()[:2])) in tcpstated(world, "alerts").stdout


@scenario()
def commands_without_a_daemon_say_that_nobody_answers(world: World) -> None:
    for command in ("status", "connections", "services", "alerts", "peers"):
        assert_fails(tcpstated(world, command), f"{LISTEN[0]}:{LISTEN[1]}")
