"""What the unit lets the daemon do, seen from inside a booted system."""

import contextlib
import functools
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.machine import LENT, UNIT, Machine
from harness.waiting import eventually

NET_RAW = 1 << 13
#: systemd's users that exist only while a service runs (systemd.exec(5), DynamicUser).
_DYNAMIC_USERS = range(61184, 65520)
_DROP_INS = Path(__file__).resolve().parents[3] / "systemd"
_CONFIGURATION = "/etc/tcpstated/tcpstated.yaml"
#: What the probe may do; everything else that it tries must fail.
_ALLOWED = {"write /run/tcpstated/probe", "write /var/lib/tcpstated/probe", "write /var/log/tcpstated/probe"} | {
    "write /tmp/probe", "write /var/tmp/probe", "socket AF_PACKET"
}  # fmt: skip
_SECOND_HOST = "10.77.0.3"
#: `systemd-analyze security`, of 10: as shipped, and with each drop-in.
EXPOSURE = {"": 1.5, "cpu.conf": 1.5, "deliver.conf": 1.5, "netns.conf": 2.0, "processes.conf": 2.2}
STOPS_WITHIN = 2.0


@contextlib.contextmanager
def dropped_in(machine: Machine, name: str, configuration: str = "", text: str | None = None) -> Iterator[str]:
    """Restarted with the drop-in of this name (or text) and a configuration of this content; the daemon's number."""
    directory = f"/etc/systemd/system/{UNIT}.d"
    machine.run("mkdir", "-p", directory)
    text = (_DROP_INS / name).read_text() if text is None else text
    machine.run("sh", "-c", 'printf %s "$1" >"$2"', "sh", text, f"{directory}/{name}")
    machine.run("cp", _CONFIGURATION, f"{_CONFIGURATION}.kept")
    machine.run("sh", "-c", 'printf %s "$1" >"$2"', "sh", configuration, _CONFIGURATION)
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", UNIT)
    yield machine.assert_active()
    machine.run("rm", f"{directory}/{name}")
    machine.run("mv", f"{_CONFIGURATION}.kept", _CONFIGURATION)
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "restart", UNIT)


def threads(machine: Machine, number: str) -> list[dict[str, str]]:
    """What the kernel says of each (proc_pid_status(5))."""
    text = machine.run("sh", "-c", f"for s in /proc/{number}/task/*/status; do cat $s; echo; done").strip()
    return [dict(line.split(":", 1) for line in part.splitlines()) for part in text.split("\n\n")]


def each_thread_has_one_right_and_a_filter(machine: Machine) -> None:
    number = machine.assert_active()
    found = threads(machine, number)
    assert len(found) > 3, found
    for status in found:
        for name in ("CapPrm", "CapEff", "CapBnd"):
            assert int(status[name], 16) & ~NET_RAW == 0, f"{status['Name']}: {name} is {status[name]}"
        # What it could start would get nothing.
        assert int(status["CapAmb"], 16) == 0, f"{status['Name']}: CapAmb is {status['CapAmb']}"
        # 2: a filter.
        assert status["Seccomp"].strip() == "2" and int(status["Seccomp_filters"]) > 0, status
        assert status["NoNewPrivs"].strip() == "1", status
        assert {int(user) in _DYNAMIC_USERS for user in status["Uid"].split()} == {True}, status["Uid"]
        assert set(status["Groups"].split()) <= {status["Gid"].split()[0]}, status["Groups"]


def what_the_unit_runs_can_write_to_its_own_directories_alone(machine: Machine) -> None:
    with dropped_in(machine, "probe.conf", text=f"[Service]\nExecStartPost=/usr/bin/perl {LENT}/probe.pl\n"):
        said = eventually(functools.partial(_probed, machine), within=10)
    assert said.pop("others' processes") == "0" and said.pop("block devices") == "0", said
    done = {name for name, outcome in said.items() if outcome == "done"}
    assert done == _ALLOWED, f"too much: {done - _ALLOWED}; too little: {_ALLOWED - done}"
    refused = {name: said[name] for name in said.keys() - done if not name.startswith(("write", "read"))}
    strange = {name: outcome for name, outcome in refused.items() if outcome not in ("EPERM", "EAFNOSUPPORT")}
    assert not strange and "ptrace" in refused and "socket AF_BLUETOOTH" in refused, (strange, refused)


def _probed(machine: Machine) -> dict[str, str]:
    lines = [entry["MESSAGE"] for entry in machine.journal() if str(entry["MESSAGE"]).startswith("probe ")]
    assert any("chmod" in line for line in lines), f"the probe has not ended: {lines}"
    return dict(line.removeprefix("probe ").rsplit(": ", 1) for line in lines)


def what_it_leaves_is_for_its_user_and_group(machine: Machine) -> None:
    configuration = "http: {socket: /run/tcpstated/http.sock}\nexport: {json: [{file: /var/log/tcpstated/c.jsonl}]}\n"
    with dropped_in(machine, "socket.conf", configuration, text="[Service]\n") as number:
        user = machine.run("stat", "--format=%u", f"/proc/{number}").strip()
        expected = {
            "/run/tcpstated/http.sock": "660", "/run/tcpstated": "755", "/var/lib/tcpstated/": "750",
            "/var/log/tcpstated/": "750", "/var/lib/tcpstated/history.sqlite": "600",
        }  # fmt: skip
        for path, mode in expected.items():
            found = machine.run("stat", "--dereference", "--format=%a %u", path).split()
            assert found == [mode, user], f"{path}: {found}, not {[mode, user]}"
        told = machine.run("tcpstated", "status", "--url", "unix:/run/tcpstated/http.sock")
        assert "TIME_WAIT" in told, told
        other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        refused = machine.run(*other, "tcpstated", "status", "--url", "unix:/run/tcpstated/http.sock", check=False)
        assert not refused, refused


def it_talks_to_this_host_alone_unless_a_drop_in_lets_it(machine: Machine) -> None:
    machine.run("ip", "address", "add", f"{_SECOND_HOST}/32", "dev", "lo")
    machine.run("systemd-run", "--unit=hook", "peer", "-listen", f"{_SECOND_HOST}:9000")
    machine.run("systemd-run", "--unit=held", "peer", "-listen", "127.0.0.1:9001")
    hooks = "".join(
        f"    - {{name: {name}, url: 'http://{address}:{port}/'}}\n"
        for name, address, port in (("far", _SECOND_HOST, 9000), ("near", "127.0.0.1", 9001))
    )
    rule = "alerts: [{name: tried, metric: time_wait, by: host, raise: 1, clear: 1, for: 0s}]\n"
    configuration = f"state_directory: /tmp\n{rule}deliver:\n  webhooks:\n{hooks}"
    request = ["peer", "-url", f"http://{_SECOND_HOST}:9000/", "-reuse", "disabled", "-yield", "-count", "3"]
    with dropped_in(machine, "none.conf", configuration, text="[Service]\n"):
        eventually(lambda: machine.run(*request), within=10)
        far, near = eventually(lambda: _deliveries(machine, near=1, failed=1), within=30)
        assert far["delivered"] == 0 and far["last_error"], far
    with dropped_in(machine, "deliver.conf", configuration):
        machine.run(*request)
        eventually(lambda: _deliveries(machine, near=1, far=1), within=20)


def _deliveries(machine: Machine, near: int, far: int = 0, failed: int = 0) -> tuple[dict[str, Any], dict[str, Any]]:
    found = {delivery["name"]: delivery for delivery in machine.status()["deliveries"]}
    assert found["near"]["delivered"] >= near and found["far"]["delivered"] >= far, found
    assert found["far"]["failed"] >= failed, found
    return found["far"], found["near"]


def its_exposure_is_low(machine: Machine) -> str:
    """As shipped and with each drop-in."""
    told = []
    for name, most in EXPOSURE.items():
        with dropped_in(machine, name) if name else contextlib.nullcontext():
            text = machine.run("systemd-analyze", "security", "--no-pager", UNIT)
        found = re.search(r"Overall exposure level for \S+: ([\d.]+)", text)
        assert found, text
        told.append(f"{name or 'as shipped'} {found[1]}")
        assert float(found[1]) <= most, f"{told[-1]}, at most {most}"
    assert {path.name for path in _DROP_INS.glob("*.conf")} == set(EXPOSURE) - {""}, "a drop-in is not measured"
    return ", ".join(told)


def its_place_and_its_niceness_come_from_the_unit(machine: Machine) -> None:
    text = (_DROP_INS / "cpu.conf").read_text().replace("#CPUAffinity=2 3", "CPUAffinity=0")
    with dropped_in(machine, "cpu.conf", text=text) as number:
        for status in threads(machine, number):
            assert status["Cpus_allowed_list"].strip() == "0", status
        lines = machine.run("sh", "-c", f"cat /proc/{number}/task/*/stat").splitlines()
        nices = {int(line.rpartition(")")[2].split()[16]) for line in lines}
        assert nices == {-5}, nices


def stuck_it_is_killed_by_the_watchdog_and_started_again(machine: Machine) -> None:
    number = machine.assert_active()
    machine.run("systemctl", "kill", "--signal=STOP", "--kill-who=main", UNIT)
    eventually(functools.partial(machine.assert_active, number), within=60)
    machine.assert_journal("Watchdog timeout")


def stopped_it_ends_within_two_seconds(machine: Machine) -> str:
    machine.assert_active()
    started = time.monotonic()
    machine.run("systemctl", "stop", UNIT)
    seconds = time.monotonic() - started
    assert seconds <= STOPS_WITHIN, f"{seconds:.1f} s"
    assert machine.show("Result", "ActiveState") == {"Result": "success", "ActiveState": "inactive"}
    return f"{seconds:.2f} s"


STEPS = [
    each_thread_has_one_right_and_a_filter,
    what_the_unit_runs_can_write_to_its_own_directories_alone,
    what_it_leaves_is_for_its_user_and_group,
    it_talks_to_this_host_alone_unless_a_drop_in_lets_it,
    its_exposure_is_low,
    its_place_and_its_niceness_come_from_the_unit,
    stuck_it_is_killed_by_the_watchdog_and_started_again,
]
