"""What a capture costs a busy server: connections that nginx serves in a second while nobody, tcpdump or the daemon looks."""

import re
import shutil
import signal
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .namespaces import stop
from .suite import Skip
from .waiting import eventually
from .world import INTERFACE, World

_PORT = 8080
_THREADS, _CONNECTIONS, _WORKERS = 1, 64, 2
_WARM_UP = 3
#: As the daemon does, tcpdump takes so much beside the payload.
_HEADER_ROOM = 256
#: All there is here is TCP over IPv4: these pass what the daemon's filters pass.
_FILTERS = {"full": "tcp", "headers": "tcp", "control": "tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0"}

_NGINX = """
daemon off; pid {scratch}/nginx.pid; error_log {scratch}/error.log crit; user root; worker_processes {workers};
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {scratch}/b; proxy_temp_path {scratch}/p; fastcgi_temp_path {scratch}/f;
  uwsgi_temp_path {scratch}/u; scgi_temp_path {scratch}/s;
  server {{ listen {address}:{port} backlog=4096; location / {{ return 200 "hello\\n"; }} }}
}}
"""


@dataclass
class Course:
    """What one that looks on did over several rounds."""

    name: str
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    dropped: int = 0


class Load:
    """wrk in the client's namespace, nginx in the server's: each request has a connection of its own."""

    def __init__(self, world: World, seconds: int, tier: str, cpu: Callable[[int], float]) -> None:
        for program in ("nginx", "wrk", "tcpdump"):
            if shutil.which(program) is None:
                raise Skip(f"{program} is not here (make integration installs it)")
        self._world, self._seconds, self._tier, self._cpu = world, seconds, tier, cpu
        self._configuration = f"capture: {{tier: {tier}, fall_back: false}}\n"
        world.client.run("sysctl", "-qw", "net.ipv4.ip_local_port_range=1024 65535")
        world.server.run("sysctl", "-qw", "net.core.somaxconn=4096")
        address = world.address("server")
        text = _NGINX.format(scratch=world.scratch, workers=_WORKERS, address=address, port=_PORT)
        command = ["nginx", "-c", world.write("nginx.conf", text), "-e", world.scratch / "error.log"]
        self._process = self._start(world.server.command(command))
        eventually(self._assert_listening, within=10)
        self.rate(_WARM_UP)

    def _start(self, command: list[str]) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=subprocess.PIPE)
        self._world.cleanup.callback(stop, process)
        return process

    def _assert_listening(self) -> None:
        assert self._world.server.run("ss", "-Hltn", f"sport = :{_PORT}").stdout.strip()

    def rate(self, seconds: int) -> float:
        """Connections in a second; each has to be answered."""
        url = f"http://{self._world.address('server')}:{_PORT}/"
        command = ["wrk", "-t", f"{_THREADS}", "-c", f"{_CONNECTIONS}", "-d", f"{seconds}s", "-H", "Connection: close", url]
        text = self._world.client.run(*command, timeout=seconds + 60).stdout
        rate = re.search(r"Requests/sec:\s*([\d.]+)", text)
        if rate is None or "Non-2xx" in text:
            raise AssertionError(f"wrk: {text}")
        return float(rate[1])

    def watched_by(self, course: Course, pid: int) -> None:
        before = self._cpu(pid)
        course.rates.append(self.rate(self._seconds))
        course.cpu.append((self._cpu(pid) - before) / self._seconds)

    def unwatched(self, course: Course) -> None:
        course.rates.append(self.rate(self._seconds))
        course.cpu.append(0)

    def by_tcpdump(self, course: Course) -> None:
        length = _HEADER_ROOM + (256 if self._tier == "full" else 0)
        options = ["-i", INTERFACE, "-n", "-s", f"{length}", "-B", "16384", "-w", "/dev/null", _FILTERS[self._tier]]
        process = self._start(self._world.server.command(["tcpdump", *options]))
        assert process.stderr is not None
        while line := process.stderr.readline():
            if b"listening" in line:
                break
        self.watched_by(course, process.pid)
        process.send_signal(signal.SIGINT)
        text = process.communicate(timeout=10)[1].decode()
        counts = re.search(r"(\d+) packets? dropped by kernel", text)
        assert counts is not None, text
        course.dropped += int(counts[1])

    def by_daemon(self, course: Course, binary: Path) -> None:
        self._world.binary = binary
        self._world.watch("server", arguments=["--interface", INTERFACE], configuration=self._configuration)
        daemon = self._world.daemons.pop("server")
        assert daemon.process is not None
        self.watched_by(course, daemon.process.pid)
        course.dropped += sum(interface["dropped"] for interface in daemon.status()["interfaces"])
        daemon.close()


def measure(
    world: World, binaries: list[Path], rounds: int, seconds: int, tier: str, cpu: Callable[[int], float]
) -> None:
    """In turn, and each round begins with another: what else the machine does falls on all."""
    load = Load(world.join(), seconds, tier, cpu)
    tcpdump = Course("tcpdump -w /dev/null")
    runs: list[tuple[Course, Callable[[Course], None]]] = [
        (Course("nobody"), load.unwatched),
        (tcpdump, load.by_tcpdump),
    ]
    for binary in binaries:
        runs.append((Course(f"{binary} run"), lambda course, binary=binary: load.by_daemon(course, binary)))
    for number in range(rounds):
        for place in range(len(runs)):
            course, run = runs[(number + place) % len(runs)]
            run(course)
    print(f"{tier}: median of {rounds} rounds of {seconds} s; in brackets the least and the most")
    for course, _ in runs:
        shares = [mine / other for mine, other in zip(course.rates, tcpdump.rates, strict=True)]
        print(
            f"{course.name[-40:]:40} {statistics.median(course.rates):8.0f} connections/s, "
            f"{statistics.median(shares):.3f} of those beside tcpdump ({min(shares):.3f} to {max(shares):.3f}), "
            f"{100 * statistics.median(course.cpu):5.1f} % of one CPU, {course.dropped} packets dropped"
        )
