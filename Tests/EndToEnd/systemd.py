#!/usr/bin/python3
"""The Debian package under a booted systemd: it installs, and the unit starts, watches, alerts, reloads and is revived; it
is upgraded, removed and purged.

Needs root, systemd-nspawn, tshark, a Debian tree (debootstrap), and two packages of which the second upgrades the first."""

import argparse
import contextlib
import functools
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from harness import peer_program  # noqa: E402
from harness.machine import LENT, UNIT, Machine, booted  # noqa: E402
from harness.waiting import eventually  # noqa: E402

_SERVER = "10.77.0.2"
_REQUESTS = 400
_NET_RAW = 1 << 13
#: CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.
_SEE_PROCESSES = 1 << 19 | 1 << 2
_DROP_INS = HERE.parents[1] / "systemd"
_CONFIGURATION = "/etc/tcpstated/tcpstated.yaml"
_STATE = "/var/lib/tcpstated"


def _dpkg(machine: Machine, *arguments: str) -> str:
    return machine.run("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", *arguments)


def the_package_installs(machine: Machine) -> None:
    _dpkg(machine, "--install", f"{LENT}/first.deb")
    assert "install ok installed" in _dpkg(machine, "--status", "tcpstated")
    assert not _dpkg(machine, "--audit") and not _dpkg(machine, "--verify", "tcpstated")
    assert machine.run("systemctl", "is-enabled", UNIT).strip() == "enabled"
    eventually(machine.assert_active, within=10)
    assert "daemon answers" in machine.run("tcpstated", "doctor", check=False)


def it_starts_with_one_capability(machine: Machine) -> None:
    number = machine.assert_active()
    lines = machine.run("cat", f"/proc/{number}/status").splitlines()
    held = dict(line.split(":\t", 1) for line in lines)
    for name in ("CapPrm", "CapEff", "CapBnd"):
        assert int(held[name], 16) == _NET_RAW, f"{name} is {held[name]}"
    assert held["NoNewPrivs"].strip() == "1" and held["Uid"].split()[0] != "0", held["Uid"]
    complaints = [entry["MESSAGE"] for entry in machine.journal() if "Failed" in entry["MESSAGE"]]
    assert not complaints, complaints


def an_alert_reaches_the_journal(machine: Machine) -> None:
    machine.run("ip", "address", "add", f"{_SERVER}/32", "dev", "lo")
    machine.run("systemd-run", "--unit=web", "peer", "-listen", f"{_SERVER}:8080")
    request = ["peer", "-url", f"http://{_SERVER}:8080/", "-reuse", "disabled", "-yield", "-count"]
    eventually(lambda: machine.run(*request, "1"), within=10)
    machine.run(*request, str(_REQUESTS - 1))

    def assert_counted() -> None:
        counted, status = int(machine.run("sh", "-c", "ss -Htn state time-wait | wc -l")), machine.status()
        told = status["time_wait"]["server"]
        assert told == _REQUESTS and abs(told - counted) <= 4, f"{told} told, {counted} by ss"
        assert status["closed_first"]["server"] == _REQUESTS, status["closed_first"]

    eventually(assert_counted)
    fields = {"TCPSTATED_ALERT": "time-wait", "TCPSTATED_STATE": "firing", "PRIORITY": "4"}
    eventually(functools.partial(machine.assert_journal, f"{_SERVER}:8080", **fields), within=15)


def _firing(machine: Machine) -> dict[str, Any]:
    firing = [alert for alert in machine.alerts() if alert["state"] == "firing" and alert["name"] == "time-wait"]
    assert len(firing) == 1, machine.alerts()
    return firing[0]


def _told(machine: Machine, identifier: str, state: str) -> int:
    """How many entries of the journal say that this alert is in this state."""
    fields = {"TCPSTATED_ALERT_ID": identifier, "TCPSTATED_STATE": state}
    return sum(all(entry.get(name) == value for name, value in fields.items()) for entry in machine.journal())


def the_journal_has_the_alert_with_its_fields(machine: Machine) -> None:
    identifier = _firing(machine)["id"]
    [entry] = [entry for entry in machine.journal() if entry.get("TCPSTATED_ALERT_ID") == identifier]
    expected = {
        "PRIORITY": "4",
        "TCPSTATED_STATE": "firing",
        "TCPSTATED_SEVERITY": "warning",
        "TCPSTATED_METRIC": "time_wait",
        "TCPSTATED_RAISE": "300",
        "TCPSTATED_SERVICE": f"{_SERVER}:8080",
        "TCPSTATED_PEER": _SERVER,
        "TCPSTATED_UNIT": "web.service",
        "TCPSTATED_CLOSED_FIRST": "server",
        "TCPSTATED_CLOSED_FIRST_PERCENT": "100",
    }
    assert {name: entry.get(name) for name in expected} == expected, entry
    assert int(entry["TCPSTATED_VALUE"]) >= 300, entry


def its_packets_hold_the_closes_with_the_server_first(machine: Machine) -> None:
    def written() -> str:
        path = _firing(machine)["capture"]
        assert path is not None, "no capture yet"
        return path

    inside = eventually(written, within=20)
    alert = _firing(machine)
    assert machine.run("stat", "--format=%a", inside).strip() == "600"
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "alert.pcapng"
        shutil.copyfile(machine.path(inside), path)
        fields = ["tcp.stream", "tcp.srcport", "tcp.flags.fin"]
        chosen = [word for field in fields for word in ("-e", field)]
        lines = _output("tshark", "-r", str(path), "-Y", "tcp.port == 8080", "-T", "fields", *chosen).splitlines()
        first_fins: dict[str, str] = {}
        for stream, source, fin in (line.split("\t") for line in lines):
            if fin in ("1", "True"):
                first_fins.setdefault(stream, source)
        told = _output("capinfos", str(path))
    assert len(first_fins) == _REQUESTS, f"{len(first_fins)} connections with a FIN"
    assert set(first_fins.values()) == {"8080"}, "a client closed first"
    assert f"alert {alert['id']}" in told and "time-wait: warning when TIME_WAIT" in told, told


def killed_while_it_fires_it_goes_on_under_its_id(machine: Machine) -> None:
    before = _firing(machine)

    def assert_saved() -> None:
        saved = machine.path(f"{_STATE}/alerts.json").read_text().replace("\\/", "/")
        assert f'"{before["id"]}"' in saved and before["capture"] in saved

    eventually(assert_saved)
    number = machine.assert_active()
    machine.run("systemctl", "kill", "--signal=KILL", "--kill-who=main", UNIT)
    eventually(functools.partial(machine.assert_active, number), within=15)
    after = eventually(functools.partial(_firing, machine), within=10)
    for name in ("id", "since", "fired_at", "summary", "evidence", "capture"):
        assert after[name] == before[name], (name, before[name], after[name])
    assert _told(machine, before["id"], "firing") == 1


def it_clears_once_under_its_id(machine: Machine) -> None:
    [fired] = [entry for entry in machine.journal() if entry.get("TCPSTATED_STATE") == "firing"]
    identifier = fired["TCPSTATED_ALERT_ID"]

    def assert_cleared() -> None:
        assert _told(machine, identifier, "resolved") == 1, machine.alerts()

    # TIME_WAIT lasts 60 s, and the rule keeps firing for 30 s more.
    eventually(assert_cleared, within=150)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def it_reloads(machine: Machine) -> None:
    number = machine.assert_active()
    machine.run("systemctl", "reload", UNIT)
    eventually(functools.partial(machine.assert_journal, "again: "))
    assert machine.assert_active() == number


@contextlib.contextmanager
def _dropped_in(machine: Machine, name: str, configuration: str) -> Iterator[str]:
    """Restarted with the drop-in of this name and a configuration of this content; the daemon's number inside."""
    directory = f"/etc/systemd/system/{UNIT}.d"
    machine.run("mkdir", "-p", directory)
    machine.run("sh", "-c", 'printf %s "$1" >"$2"', "sh", (_DROP_INS / name).read_text(), f"{directory}/{name}")
    machine.run("cp", _CONFIGURATION, f"{_CONFIGURATION}.kept")
    machine.run("sh", "-c", 'printf %s "$1" >"$2"', "sh", configuration, _CONFIGURATION)
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", UNIT)
    yield machine.assert_active()
    machine.run("rm", f"{directory}/{name}")
    machine.run("mv", f"{_CONFIGURATION}.kept", _CONFIGURATION)
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", UNIT)


def _rights(machine: Machine, number: str) -> list[int]:
    """Of each thread."""
    lines = machine.run("sh", "-c", f"cat /proc/{number}/task/*/status").splitlines()
    return [int(line.split()[1], 16) for line in lines if line.startswith("CapPrm:")]


def with_a_drop_in_it_watches_another_network_namespace(machine: Machine) -> None:
    machine.run("ip", "netns", "add", "blue")
    machine.run("ip", "-n", "blue", "link", "set", "lo", "up")
    with _dropped_in(machine, "netns.conf", "netns: [blue]\n") as number:
        inside = ["ip", "netns", "exec", "blue"]
        machine.run("systemd-run", "--unit=blue", *inside, "peer", "-listen", "127.0.0.1:8080")
        request = [*inside, "peer", "-url", "http://127.0.0.1:8080/", "-reuse", "disabled", "-yield"]
        request += ["-count", "5"]
        eventually(lambda: machine.run(*request), within=10)

        def assert_told() -> None:
            [blue] = machine.status()["namespaces"]
            assert blue["name"] == "blue" and blue["local_time_wait"]["host"] == 5, blue

        eventually(assert_told)
        rights = _rights(machine, number)
        assert set(rights) <= {0, _NET_RAW}, rights


def with_a_drop_in_one_thread_may_see_processes(machine: Machine) -> None:
    with _dropped_in(machine, "processes.conf", "kernel: {processes: true}\n") as number:
        rights = _rights(machine, number)
        assert rights.count(_SEE_PROCESSES) == 1 and set(rights) <= {0, _NET_RAW, _SEE_PROCESSES}, rights


def with_a_drop_in_it_keeps_to_a_processor(machine: Machine) -> None:
    with _dropped_in(machine, "cpu.conf", "{}\n") as number:
        for task in machine.run("ls", f"/proc/{number}/task").split():
            status = machine.run("cat", f"/proc/{number}/task/{task}/status")
            assert "\nCpus_allowed_list:\t1\n" in status, status
            nice = machine.run("cat", f"/proc/{number}/task/{task}/stat").rpartition(")")[2].split()[16]
            assert nice == "-5", nice
        rights = _rights(machine, number)
        assert set(rights) <= {0, _NET_RAW}, rights


def it_is_revived_when_killed_and_when_stuck(machine: Machine) -> None:
    for how, within in (("KILL", 15), ("STOP", 60)):
        number = machine.assert_active()
        machine.run("systemctl", "kill", f"--signal={how}", "--kill-who=main", UNIT)
        eventually(functools.partial(machine.assert_active, number), within)


def it_stops(machine: Machine) -> None:
    machine.run("systemctl", "stop", UNIT)
    assert machine.show("Result", "ActiveState") == {"Result": "success", "ActiveState": "inactive"}


def an_upgrade_keeps_what_was_edited(machine: Machine) -> None:
    machine.run("sh", "-c", f"echo '# ours' >>{_CONFIGURATION}")
    number = machine.assert_active()
    _dpkg(machine, "--install", f"{LENT}/second.deb")
    eventually(functools.partial(machine.assert_active, number), within=10)
    versions = [
        machine.run("dpkg-deb", "--field", f"{LENT}/{name}.deb", "Version").strip() for name in ("first", "second")
    ]
    installed = machine.run("dpkg-query", "--show", "--showformat=${Version}", "tcpstated")
    assert versions[0] != installed == versions[1], (versions, installed)
    assert machine.run("tail", "-n", "1", _CONFIGURATION) == "# ours\n"


def removed_it_leaves_configuration_and_state(machine: Machine) -> None:
    _dpkg(machine, "--remove", "tcpstated")
    assert machine.show("ActiveState")["ActiveState"] == "inactive"
    assert not machine.path("/usr/bin/tcpstated").exists() and not machine.path(f"/lib/systemd/system/{UNIT}").exists()
    assert machine.path(_CONFIGURATION).exists()
    machine.run("test", "-e", f"{_STATE}/alerts.json")


def purged_it_leaves_nothing(machine: Machine) -> None:
    _dpkg(machine, "--purge", "tcpstated")
    left = machine.run("find", "/etc", "/usr", "/lib/systemd", "/var", "-xdev", "-name", "*tcpstated*")
    assert not left, left


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path, required=True, help="the Debian tree")
    parser.add_argument("first", type=Path, help="the package")
    parser.add_argument("second", type=Path, help="one that upgrades it")
    arguments = parser.parse_args()
    steps = [
        the_package_installs,
        it_starts_with_one_capability,
        an_alert_reaches_the_journal,
        the_journal_has_the_alert_with_its_fields,
        its_packets_hold_the_closes_with_the_server_first,
        killed_while_it_fires_it_goes_on_under_its_id,
        it_reloads,
        it_clears_once_under_its_id,
        with_a_drop_in_it_watches_another_network_namespace,
        with_a_drop_in_one_thread_may_see_processes,
        with_a_drop_in_it_keeps_to_a_processor,
        it_is_revived_when_killed_and_when_stuck,
        an_upgrade_keeps_what_was_edited,
        it_stops,
        removed_it_leaves_configuration_and_state,
        purged_it_leaves_nothing,
    ]
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        lent = scratch / "packages"
        lent.mkdir()
        for name in ("first", "second"):
            shutil.copyfile(getattr(arguments, name), lent / f"{name}.deb")
        machine = stack.enter_context(booted(arguments.tree.resolve(), peer_program.build(scratch), lent))
        for step in steps:
            step(machine)
            print(f"passed     {step.__name__.replace('_', ' ')}", flush=True)
    print(f"{len(steps)} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
