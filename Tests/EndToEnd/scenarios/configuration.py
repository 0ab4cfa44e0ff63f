"""Wrong settings, and a host that does not allow what was asked: one clear line each."""

import signal
import socket

from harness.program import assert_fails, tcpstated, tcpstated_without_privileges
from harness.suite import scenario
from harness.waiting import eventually
from harness.world import REPOSITORY, World

_UNKNOWN_KEY = "log:\n  level: info\n  colour: red\n"
_WRONG_TYPE = "http:\n  allowed_hosts: 7\n"
_BAD_THRESHOLD = "alerts:\n  - name: time-wait\n    metric: time_wait\n    raise: 300\n    clear: 400\n"
_OUT_OF_RANGE = "alerts:\n  - name: time-wait\n    metric: time_wait\n    raise: -5\n"
_ANY_TIME_WAIT_FIRES = "alerts:\n  - name: any-time-wait\n    metric: time_wait\n    raise: 1\n    for: 0s\n"
_NO_YAML = "log: [\n"

#: What is wrong, where it stands, and a word that the line must contain.
_MISTAKES = (
    ("an unknown key", _UNKNOWN_KEY, "3:3", "colour"),
    ("a wrong type", _WRONG_TYPE, "2:18", "allowed_hosts"),
    ("a clear above raise", _BAD_THRESHOLD, "5:12", "clear"),
    ("a threshold out of range", _OUT_OF_RANGE, "4:12", "raise"),
    ("a size that is none", "memory_limit: plenty\n", "1:15", "memory_limit"),
    ("a metric that is none", "alerts:\n  - name: x\n    metric: joy\n    raise: 1\n", "3:13", "joy"),
    ("broken YAML", _NO_YAML, "2:1", ""),
)


@scenario()
def a_mistake_in_the_configuration_is_told_with_its_line_and_column(world: World) -> None:
    for what, content, position, word in _MISTAKES:
        path = world.write(f"{what.replace(' ', '-')}.yaml", content)
        for command in (["check-config", path], ["run", "--config", path]):
            assert_fails(tcpstated(world, *command), f"{path}:{position}: ", word)


@scenario()
def the_shipped_configuration_is_valid_and_starts(world: World) -> None:
    shipped = REPOSITORY / "config" / "tcpstated.yaml"
    result = tcpstated(world, "check-config", shipped)
    assert result.returncode == 0 and not result.stderr, result
    world.join().watch("server", arguments=["--config", shipped])


@scenario()
def a_configuration_file_that_is_not_there_is_named(world: World) -> None:
    missing = world.scratch / "missing.yaml"
    assert_fails(tcpstated(world, "check-config", missing), str(missing))
    assert_fails(tcpstated(world, "run", "--config", missing), str(missing))


@scenario()
def a_reload_takes_a_good_file_and_refuses_a_bad_one(world: World) -> None:
    world.join().watch("client", configuration="alerts: []\n")
    daemon, path = world.daemons["client"], world.scratch / "client.yaml"
    pair = world.connect()
    pair.close_in_turn("client", "server")
    world.expect(pair, client="TIME_WAIT", server="CLOSED")
    assert daemon.alerts() == []

    path.write_text(_UNKNOWN_KEY)
    daemon.send(signal.SIGHUP)
    eventually(lambda: daemon.assert_logged(r"client\.yaml:3:3: .*colour"))
    world.expect(pair, client="TIME_WAIT", server="CLOSED")
    assert daemon.alerts() == []

    path.write_text(_ANY_TIME_WAIT_FIRES)
    daemon.send(signal.SIGHUP)

    def assert_fires() -> None:
        assert [(alert["name"], alert["state"]) for alert in daemon.alerts()] == [("any-time-wait", "firing")]

    eventually(assert_fires, within=5)


@scenario()
def a_reload_names_the_keys_that_wait_for_a_restart(world: World) -> None:
    world.join().watch("client", arguments=["--listen", "127.0.0.1:11060"], configuration="log: {level: info}\n")
    daemon, path = world.daemons["client"], world.scratch / "client.yaml"
    path.write_text("capture: {buffer: 1MiB}\nhttp: {listen: '127.0.0.1:1', allowed_hosts: [a.example]}\nlabels: {a: b}\n")
    daemon.send(signal.SIGHUP)
    eventually(lambda: daemon.assert_logged(r"warning: .* restart: capture\.buffer, http\.allowed_hosts\n"))
    path.write_text("kernel: {interval: 5s}\nlocal: [192.0.2.0/24]\nalerts: []\n")
    daemon.send(signal.SIGHUP)
    eventually(lambda: daemon.assert_logged(r"(?s)(in force\n.*){2}"))
    assert daemon.log_text().count("restart") == 1, daemon.log_text()


@scenario()
def a_port_in_use_is_named(world: World) -> None:
    with world.server.socket(socket.AF_INET) as taken:
        taken.bind(("127.0.0.1", 11060))
        taken.listen()
        assert_fails(tcpstated(world, "run"), "127.0.0.1:11060", "in use")


@scenario()
def an_interface_that_is_not_there_is_named(world: World) -> None:
    assert_fails(tcpstated(world, "run", "--interface", "nowhere0"), "nowhere0")


@scenario()
def without_the_right_to_capture_it_says_which_capability_is_missing(world: World) -> None:
    assert_fails(tcpstated_without_privileges(world, "run"), "CAP_NET_RAW")


@scenario()
def wrong_usage_ends_with_64(world: World) -> None:
    for arguments in (["--frobnicate"], ["frobnicate"], ["run", "--listen", "nonsense"], ["analyze"]):
        result = tcpstated(world, *arguments)
        assert result.returncode == 64, f"{arguments}: exit {result.returncode} {result.stderr}"
        assert result.stderr and not result.stdout, f"{arguments}: {result}"


@scenario()
def an_address_off_loopback_is_refused_without_certificate_and_token(world: World) -> None:
    world.join()
    result = tcpstated(world, "run", "--listen", f"{world.address('server')}:11060")
    assert_fails(result, world.address("server"))
