#!/usr/bin/python3
"""The shipped unit under a booted systemd: what `make install` puts there starts, watches, reloads, and is revived.

Needs root, systemd-nspawn, and a Debian tree (debootstrap) into which `make install DESTDIR=` has put tcpstated."""

import argparse
import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from harness.waiting import eventually  # noqa: E402
from run import build_peer_program  # noqa: E402

_UNIT = "tcpstated.service"
_SERVER = "10.77.0.2"
_REQUESTS = 400
_NET_RAW = 1 << 13
#: CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.
_SEE_PROCESSES = 1 << 19 | 1 << 2
_DROP_INS = HERE.parents[1] / "systemd"
_CONFIGURATION = "/etc/tcpstated/tcpstated.yaml"
#: Halt (systemd(1), signals).
_POWER_OFF = signal.SIGRTMIN + 4


class Machine:
    """A container with a systemd of its own. Its file system is an overlay: nothing stays."""

    def __init__(self, process: int) -> None:
        self.process = process

    def run(self, *command: str, check: bool = True) -> str:
        inside = ["nsenter", "-t", str(self.process), "-m", "-u", "-i", "-n", "-p", "-C", "--", *command]
        result = subprocess.run(inside, capture_output=True, text=True, timeout=60)
        assert not check or result.returncode == 0, f"{' '.join(command)}: {result.stderr.strip()}"
        return result.stdout

    def show(self, *properties: str) -> dict[str, str]:
        lines = self.run("systemctl", "show", _UNIT, *(f"--property={name}" for name in properties)).splitlines()
        return dict(line.split("=", 1) for line in lines)

    def assert_active(self, unlike: str = "") -> str:
        """The daemon's number inside."""
        shown = self.show("ActiveState", "MainPID")
        assert shown["ActiveState"] == "active" and shown["MainPID"] not in ("0", unlike), shown
        return shown["MainPID"]

    def journal(self) -> list[dict[str, Any]]:
        lines = self.run("journalctl", "--unit", _UNIT, "--output", "json", "--no-pager").splitlines()
        return [json.loads(line) for line in lines]

    def assert_journal(self, text: str, **fields: str) -> None:
        entries = self.journal()
        for entry in entries:
            if text in entry["MESSAGE"] and all(entry.get(name) == value for name, value in fields.items()):
                return
        raise AssertionError(f"no {text!r} with {fields} in {[entry['MESSAGE'] for entry in entries]}")

    def status(self) -> dict[str, Any]:
        return json.loads(self.run("tcpstated", "status", "--format", "json", check=False))


@contextlib.contextmanager
def booted(tree: Path, peer_program: Path) -> Iterator[Machine]:
    command = ["systemd-nspawn", "--quiet", f"--directory={tree}", "--boot", "--register=no", "--keep-unit"]
    command += ["--volatile=overlay", "--private-network", f"--bind-ro={peer_program}:/usr/local/bin/peer"]
    container = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        machine = eventually(functools.partial(_assert_booted, container), within=30)
        yield machine
        os.kill(machine.process, _POWER_OFF)
        container.wait(timeout=30)
    finally:
        container.kill()
        container.wait()


def _assert_booted(container: subprocess.Popen[bytes]) -> Machine:
    assert container.poll() is None, "systemd-nspawn ended"
    children = Path(f"/proc/{container.pid}/task/{container.pid}/children").read_text().split()
    assert children, "no systemd yet"
    machine = Machine(int(children[0]))
    assert machine.run("systemctl", "is-system-running", check=False).strip() in ("running", "degraded")
    return machine


def it_starts_with_one_capability(machine: Machine) -> None:
    machine.run("systemctl", "enable", "--now", _UNIT)
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


def it_reloads(machine: Machine) -> None:
    number = machine.assert_active()
    machine.run("systemctl", "reload", _UNIT)
    eventually(functools.partial(machine.assert_journal, "again: "))
    assert machine.assert_active() == number


@contextlib.contextmanager
def _dropped_in(machine: Machine, name: str, configuration: str) -> Iterator[str]:
    """Restarted with the drop-in of this name and a configuration of this content; the daemon's number inside."""
    directory = f"/etc/systemd/system/{_UNIT}.d"
    machine.run("mkdir", "-p", directory)
    machine.run("sh", "-c", 'printf %s "$1" >"$2"', "sh", (_DROP_INS / name).read_text(), f"{directory}/{name}")
    machine.run("cp", _CONFIGURATION, f"{_CONFIGURATION}.kept")
    machine.run("sh", "-c", 'printf %s "$1" >"$2"', "sh", configuration, _CONFIGURATION)
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", _UNIT)
    yield machine.assert_active()
    machine.run("rm", f"{directory}/{name}")
    machine.run("mv", f"{_CONFIGURATION}.kept", _CONFIGURATION)
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", _UNIT)


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
        request = [*inside, "peer", "-url", "http://127.0.0.1:8080/", "-reuse", "disabled", "-count", "5"]
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


def it_is_revived_when_killed_and_when_stuck(machine: Machine) -> None:
    for how, within in (("KILL", 15), ("STOP", 60)):
        number = machine.assert_active()
        machine.run("systemctl", "kill", f"--signal={how}", "--kill-who=main", _UNIT)
        eventually(functools.partial(machine.assert_active, number), within)


def it_stops(machine: Machine) -> None:
    machine.run("systemctl", "stop", _UNIT)
    assert machine.show("Result", "ActiveState") == {"Result": "success", "ActiveState": "inactive"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=Path, required=True, help="the Debian tree with tcpstated installed")
    tree = parser.parse_args().tree.resolve()
    steps = [
        it_starts_with_one_capability,
        an_alert_reaches_the_journal,
        it_reloads,
        with_a_drop_in_it_watches_another_network_namespace,
        with_a_drop_in_one_thread_may_see_processes,
        it_is_revived_when_killed_and_when_stuck,
        it_stops,
    ]
    with tempfile.TemporaryDirectory() as directory, booted(tree, build_peer_program(Path(directory))) as machine:
        for step in steps:
            step(machine)
            print(f"passed     {step.__name__.replace('_', ' ')}", flush=True)
    print(f"{len(steps)} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
