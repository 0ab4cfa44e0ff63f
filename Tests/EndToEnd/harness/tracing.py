"""The order of a socket's states, by the kernel's own trace point (sock:inet_sock_set_state).

Where tracing is not permitted there is none. TIME_WAIT never appears in it: its socket is gone, and what is left is none."""

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from .kernel import Endpoint

_NAMES = {
    "ESTABLISHED": "ESTABLISHED",
    "SYN_SENT": "SYN_SENT",
    "SYN_RECV": "SYN_RECEIVED",
    "FIN_WAIT1": "FIN_WAIT_1",
    "FIN_WAIT2": "FIN_WAIT_2",
    "CLOSE": "CLOSED",
    "CLOSE_WAIT": "CLOSE_WAIT",
    "LAST_ACK": "LAST_ACK",
    "CLOSING": "CLOSING",
}
_LINE = re.compile(
    r"family=(\w+) protocol=IPPROTO_TCP sport=(\d+) dport=(\d+) saddr=(\S+) daddr=(\S+) saddrv6=(\S+) daddrv6=(\S+) "
    r"oldstate=TCP_\w+ newstate=TCP_(\w+)"
)


class Trace:
    def __init__(self, instance: Path) -> None:
        self._instance = instance

    def states(self, local: Endpoint, remote: Endpoint) -> list[str] | None:
        """Those that a socket went through, in order; None when the beginning is overwritten: all of the machine is
        traced."""
        # Any process may be in it, by whatever name it has given itself.
        text = (self._instance / "trace").read_text(errors="replace")
        counts = re.search(r"entries-in-buffer/entries-written: (\d+)/(\d+)", text)
        if counts is None or counts[1] != counts[2]:
            return None
        found = []
        ports = f" sport={local.port} dport={remote.port} "
        for line in text.splitlines():
            if ports not in line or not (match := _LINE.search(line)):
                continue
            family, source_port, target_port, *addresses, name = match.groups()
            # A socket of AF_INET6 that talks IPv4 has a mapped address.
            pair = addresses[:2] if family == "AF_INET" else addresses[2:]
            source, target = (re.sub(r"^::ffff:(?=.*\.)", "", address) for address in pair)
            ends = (Endpoint(source, int(source_port)), Endpoint(target, int(target_port)))
            if ends == (local, remote) and name in _NAMES:
                found.append(_NAMES[name])
        return found


@contextlib.contextmanager
def tracing(scratch: Path) -> Iterator[Trace | None]:
    """Traces while it lasts; None where that is not permitted."""
    mounted = scratch / "tracing"
    mounted.mkdir()
    if subprocess.run(["mount", "-t", "tracefs", "tracefs", mounted], capture_output=True).returncode != 0:
        yield None
        return
    instance = mounted / "instances" / f"e2e-{os.getpid()}-{id(mounted)}"
    try:
        yield Trace(instance) if _start(instance) else None
    finally:
        with contextlib.suppress(OSError):
            instance.rmdir()
        subprocess.run(["umount", mounted], check=True)


def _start(instance: Path) -> bool:
    try:
        instance.mkdir()
        (instance / "buffer_size_kb").write_text("8192")
        # What runs beside it, by the ports of its servers.
        (instance / "events/sock/inet_sock_set_state/filter").write_text("sport != 8080 && dport != 8080")
        (instance / "events/sock/inet_sock_set_state/enable").write_text("1")
    except OSError:
        return False
    return True
