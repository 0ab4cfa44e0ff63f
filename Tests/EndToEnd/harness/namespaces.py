"""Network namespaces that live exactly as long as this process: nothing is named, nothing can be left behind."""

import contextlib
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from .waiting import Interrupted, interrupted

_CLONE_NEWNET = 0x40000000
_CAP_NET_ADMIN = 12
_CAP_SYS_ADMIN = 21
_NEEDED = 1 << _CAP_NET_ADMIN | 1 << _CAP_SYS_ADMIN
_INTERRUPTION_CHECK = 0.5
_INSIDE = "E2E_USER_NAMESPACE"
_libc = ctypes.CDLL(None, use_errno=True)


def ensure_privileges() -> None:
    """Without the right to make namespaces, starts this program again inside a user namespace; any user may do that.

    The user stays who he is, with capabilities that hold in there: tcpdump for one sheds the name root."""
    if _may_make_namespaces():
        return
    if _INSIDE in os.environ or shutil.which("unshare") is None:
        sys.exit("error: network namespaces need root, or a kernel that lets users make namespaces of their own")
    command = ["unshare", "--user", "--map-current-user", "--keep-caps", "--net", "--", sys.executable, *sys.argv]
    os.execvpe(command[0], command, {**os.environ, _INSIDE: "1"})


def _may_make_namespaces() -> bool:
    effective = re.search(r"^CapEff:\s*([0-9a-f]+)$", Path("/proc/self/status").read_text(), re.MULTILINE)
    return effective is not None and int(effective[1], 16) & _NEEDED == _NEEDED


def _check(result: int, call: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")


class Namespace:
    """A network namespace, held open by a descriptor of this process."""

    def __init__(self, name: str) -> None:
        self.name = name
        outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _check(_libc.unshare(_CLONE_NEWNET), "unshare")
            try:
                self._descriptor = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            finally:
                _check(_libc.setns(outside, _CLONE_NEWNET), "setns")
        finally:
            os.close(outside)
        self.path = f"/proc/{os.getpid()}/fd/{self._descriptor}"
        self.ip("link", "set", "lo", "up")

    def close(self) -> None:
        os.close(self._descriptor)

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """The calling thread is inside; sockets that it opens stay inside for good."""
        outside = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _check(_libc.setns(self._descriptor, _CLONE_NEWNET), "setns")
            try:
                yield
            finally:
                _check(_libc.setns(outside, _CLONE_NEWNET), "setns")
        finally:
            os.close(outside)

    def command(self, arguments: Sequence[str | Path]) -> list[str]:
        """The command line that runs `arguments` inside and that dies with the thread that starts it."""
        inside = ["nsenter", f"--net={self.path}", "setpriv", "--pdeathsig", "KILL", "--"]
        return inside + [str(argument) for argument in arguments]

    def run(
        self, *arguments: str | Path, timeout: float = 60, stdin: bytes | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command inside to its end, or to the end of the whole run."""
        process = subprocess.Popen(
            self.command(arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        # Not by communicate: called again after a timeout, it forgets what it has not written yet.
        sink, process.stdin = process.stdin, None
        assert sink is not None
        threading.Thread(target=_feed, args=(sink, stdin or b""), daemon=True).start()
        deadline = time.monotonic() + timeout
        while True:
            try:
                output, errors = process.communicate(timeout=_INTERRUPTION_CHECK)
                break
            except subprocess.TimeoutExpired:
                late = time.monotonic() > deadline
                if late or interrupted.is_set():
                    process.kill()
                    process.communicate()
                    raise AssertionError(f"did not end within {timeout:.0f} s: {arguments}") if late else Interrupted
        return subprocess.CompletedProcess(
            arguments, process.returncode, output.decode("utf-8", "replace"), errors.decode("utf-8", "replace")
        )

    def ip(self, *arguments: str) -> None:
        result = self.run("ip", *arguments)
        if result.returncode != 0:
            raise OSError(f"{self.name}: ip {' '.join(arguments)}: {result.stderr.strip()}")

    def socket(self, family: socket.AddressFamily, kind: int = socket.SOCK_STREAM) -> socket.socket:
        with self.entered():
            return socket.socket(family, kind)

    def set_sysctl(self, name: str, value: int) -> None:
        with self.entered():
            Path("/proc/sys", *name.split(".")).write_text(f"{value}\n")

    def add_veth(self, name: str, peer: "Namespace", peer_name: str) -> None:
        self.ip("link", "add", name, "type", "veth", "peer", "name", peer_name, "netns", peer.path)

    def bring_up(self, interface: str, addresses: Sequence[str] = ()) -> None:
        for address in addresses:
            duplicate_detection = ["nodad"] if ":" in address else []
            self.ip("address", "add", address, "dev", interface, *duplicate_detection)
        self.ip("link", "set", interface, "up")


def _feed(sink: IO[bytes], content: bytes) -> None:
    """Writes it and closes; a reader may end before it has read all."""
    with contextlib.suppress(BrokenPipeError), sink:
        sink.write(content)


def stop(process: subprocess.Popen[bytes], gentle: signal.Signals = signal.SIGTERM, within: float = 5) -> int:
    """Ends a process, gently if it can be; the exit code."""
    if process.poll() is None:
        process.send_signal(gentle)
        try:
            process.wait(within)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()
