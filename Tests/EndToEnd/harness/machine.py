"""A Debian with a systemd of its own, in a container."""

import contextlib
import functools
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from harness.waiting import eventually

UNIT = "tcpstated.service"
#: Where what is lent to the machine can be read inside.
LENT = "/mnt"
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
        lines = self.run("systemctl", "show", UNIT, *(f"--property={name}" for name in properties)).splitlines()
        return dict(line.split("=", 1) for line in lines)

    def assert_active(self, unlike: str = "") -> str:
        """The daemon's number inside."""
        shown = self.show("ActiveState", "MainPID")
        assert shown["ActiveState"] == "active" and shown["MainPID"] not in ("0", unlike), shown
        return shown["MainPID"]

    def journal(self) -> list[dict[str, Any]]:
        lines = self.run("journalctl", "--unit", UNIT, "--output", "json", "--no-pager").splitlines()
        return [json.loads(line) for line in lines]

    def assert_journal(self, text: str, **fields: str) -> None:
        entries = self.journal()
        for entry in entries:
            if text in entry["MESSAGE"] and all(entry.get(name) == value for name, value in fields.items()):
                return
        raise AssertionError(f"no {text!r} with {fields} in {[entry['MESSAGE'] for entry in entries]}")

    def path(self, inside: str) -> Path:
        """Where this machine's file is, seen from outside."""
        return Path(f"/proc/{self.process}/root{inside}")

    def alerts(self) -> list[dict[str, Any]]:
        return json.loads(self.run("tcpstated", "alerts", "--format", "json"))["alerts"]

    def status(self) -> dict[str, Any]:
        return json.loads(self.run("tcpstated", "status", "--format", "json", check=False))


@contextlib.contextmanager
def booted(tree: Path, peer_program: Path, lent: Path) -> Iterator[Machine]:
    """
    Args:
        lent: a directory that is LENT inside.
    """
    command = ["systemd-nspawn", "--quiet", f"--directory={tree}", "--boot", "--register=no", "--keep-unit"]
    command += ["--volatile=overlay", "--private-network", f"--bind-ro={peer_program}:/usr/local/bin/peer"]
    command += [f"--bind-ro={lent}:{LENT}"]
    # For IPAddressDeny: systemd attaches a program to the unit's control group, which must be of version 2.
    command += ["--system-call-filter=bpf", "--capability=CAP_BPF,CAP_NET_ADMIN"]
    environment = {**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"}
    container = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, env=environment)
    machine = None
    try:
        machine = eventually(functools.partial(_assert_booted, container), within=30)
        yield machine
        os.kill(machine.process, _POWER_OFF)
        container.wait(timeout=30)
    finally:
        # What is inside would outlive systemd-nspawn, in the control group that the next one uses.
        if machine and container.poll() is None:
            os.kill(machine.process, signal.SIGKILL)
        container.kill()
        container.wait()


def _assert_booted(container: subprocess.Popen[bytes]) -> Machine:
    assert container.poll() is None, "systemd-nspawn ended"
    children = Path(f"/proc/{container.pid}/task/{container.pid}/children").read_text().split()
    assert children, "no systemd yet"
    machine = Machine(int(children[0]))
    assert machine.run("systemctl", "is-system-running", check=False).strip() in ("running", "degraded")
    return machine
