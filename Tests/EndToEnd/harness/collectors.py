"""Real collectors of flow records beside the daemon, and what each says it was told."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .namespaces import stop
from .suite import Skip
from .waiting import eventually
from .world import World


def need(program: str, package: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise Skip(f"{program} is not here (Debian has it in the package {package})")
    return path


def _start(world: World, log: Path, *command: str | Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as output:
        process = subprocess.Popen(
            world.server.command(list(command)), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    world.cleanup.callback(stop, process)
    return process


class Nfcapd:
    """nfdump's collector for UDP."""

    def __init__(self, world: World, port: int) -> None:
        self._world = world
        self._files = world.scratch / f"nfcapd-{port}"
        self._files.mkdir()
        self._log = world.scratch / f"nfcapd-{port}.log"
        self._process = _start(
            world, self._log, need("nfcapd", "nfdump"), "-w", self._files, "-p", str(port), "-t", "3600", "-I", "tcpstated"
        )
        eventually(self._assert_listening, within=10)

    def _assert_listening(self) -> None:
        assert "Startup nfcapd" in self._log.read_text(), f"nfcapd has not started: {self._log.read_text()}"

    def finish(self) -> list[dict[str, Any]]:
        """Everything it was told, when it is over."""
        stop(self._process)
        said = self._log.read_text()
        assert "Sequence Errors: 0, Bad Packets: 0" in said, said
        result = self._world.server.run("nfdump", "-R", self._files, "-q", "-o", "json")
        assert result.returncode == 0, result.stderr
        return list(_objects(result.stdout))


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """What nfdump prints: objects one after the other, between them what a list would have, or not."""
    decoder, place = json.JSONDecoder(), text.find("{")
    while place >= 0:
        found, end = decoder.raw_decode(text, place)
        yield found
        place = text.find("{", end)


class Nfacctd:
    """pmacct's collector: sums by addresses, ports and time, printed as JSON."""

    def __init__(self, world: World, port: int, primitives: str = "", aggregate: str = "") -> None:
        self.output = world.scratch / "nfacctd.json"
        self._log = world.scratch / "nfacctd.log"
        lines = [
            "daemonize: false",
            f"nfacctd_port: {port}",
            "nfacctd_ip: 127.0.0.1",
            "nfacctd_time_new: false",
            "plugins: print[a]",
            "aggregate[a]: src_host, dst_host, src_port, dst_port, proto, tcpflags, timestamp_start, timestamp_end"
            + aggregate,
            "print_output[a]: json",
            f"print_output_file[a]: {self.output}",
            "print_output_file_append[a]: true",
            "print_refresh_time[a]: 1",
            "timestamps_utc: true",
            f"logfile: {self._log}",
        ]
        if primitives:
            lines.append(f"aggregate_primitives: {world.write('primitives.lst', primitives)}")
        configuration = world.write("nfacctd.conf", "\n".join(lines) + "\n")
        self._process = _start(world, world.scratch / "nfacctd.out", need("nfacctd", "pmacct"), "-f", configuration)
        eventually(self._assert_listening, within=15)

    def _assert_listening(self) -> None:
        said = self._log.read_text() if self._log.exists() else ""
        assert "waiting for NetFlow/IPFIX data" in said, f"nfacctd has not started: {said}"

    def flows(self) -> list[dict[str, Any]]:
        if not self.output.exists():
            return []
        return [json.loads(line) for line in self.output.read_text().splitlines() if line.endswith("}")]


def dissect(world: World, capture: Path, *ports: int) -> list[dict[str, Any]]:
    """The flow records that tshark finds in messages to these ports; AssertionError when a message is malformed."""
    command: list[str | Path] = [need("tshark", "tshark"), "-n", "-r", capture]
    for port in ports:
        command += ["-d", f"udp.port=={port},cflow", "-d", f"tcp.port=={port},cflow"]
    bad = world.server.run(*command, "-Y", "cflow && (_ws.malformed || _ws.expert.severity >= 0x00600000)", timeout=120)
    assert bad.returncode == 0 and not bad.stdout.strip(), f"tshark: {bad.stdout}{bad.stderr}"
    told = world.server.run(*command, "-Y", "cflow", "-T", "json", "--no-duplicate-keys", timeout=120)
    assert told.returncode == 0, told.stderr
    return [packet["_source"]["layers"] for packet in json.loads(told.stdout)]


def values(tree: Any, name: str) -> list[str]:
    """All values of a field, wherever in the tree."""
    if isinstance(tree, list):
        return [value for branch in tree for value in values(branch, name)]
    if not isinstance(tree, dict):
        return []
    found: list[str] = []
    for key, branch in tree.items():
        if key == name:
            found += branch if isinstance(branch, list) else [branch]
        else:
            found += values(branch, name)
    return found
