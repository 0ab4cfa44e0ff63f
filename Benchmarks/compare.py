#!/usr/bin/python3
"""`tcpstated analyze` beside other programs that read captures: the same traces, in one run, one after the other.

Each trace is made here, and what tcpstated says of it must be what was put into it, on one core and on several. Wall
clocks of a busy machine say little; the ratios of CPU hold better. Each runs twice in a row, and the second counts."""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.dont_write_bytecode = True

from measure import generate  # noqa: E402

SCENARIOS = ("short", "mixed", "many")


@dataclass
class Run:
    wall: float
    cpu: float
    resident: int


@dataclass
class Program:
    name: str
    command: list[str]
    runs: list[Run] = field(default_factory=list)
    failure: str | None = None

    def median(self, figure: str) -> float:
        return statistics.median(getattr(run, figure) for run in self.runs)


def programs(binary: Path, trace: Path, directory: Path, jobs: int) -> list[Program]:
    own = [str(binary), "analyze", "--format", "json"]
    flows = directory / "nfpcapd"
    flows.mkdir(exist_ok=True)
    commands = [
        ("tcpstated", [*own, str(trace)]),
        (f"tcpstated --jobs {jobs}", [*own, "--jobs", str(jobs), str(trace)]),
        ("tcpdump -w /dev/null", ["tcpdump", "-r", str(trace), "-w", "/dev/null"]),
        ("argus", ["argus", "-X", "-r", str(trace), "-w", "/dev/null"]),
        # Its own limit of flows at once is 8192.
        ("softflowd", ["softflowd", "-m", "10000000", "-r", str(trace)]),
        ("nfpcapd", ["nfpcapd", "-r", str(trace), "-w", str(flows)]),
        ("tcptrace", ["tcptrace", "-n", str(trace)]),
        ("tshark -z conv,tcp", ["tshark", "-n", "-r", str(trace), "-q", "-z", "conv,tcp"]),
    ]
    return [Program(name, command) for name, command in commands if jobs > 1 or "--jobs" not in command]


def run(program: Program) -> Run:
    with tempfile.TemporaryFile() as said:
        begin = time.monotonic()
        process = subprocess.Popen(program.command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
        resident = max(_high_water(process.pid), default=0)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
            program.failure = f"exit {process.returncode}" + (f": {lines[-1]}" if lines else "")
    return Run(wall, usage.ru_utime + usage.ru_stime, resident)


def _high_water(pid: int) -> Iterator[int]:
    """Octets, until it ends. (What wait4 tells begins with what this program had when it forked.)"""
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                yield int(line.split()[1]) * 1024
        time.sleep(0.005)


def known(trace: Path) -> dict[str, int]:
    """What was put into a trace: a line a name, with a number or with names and numbers."""
    totals: dict[str, int] = {}
    for line in Path(f"{trace}.totals").read_text().splitlines():
        name, *values = line.split()
        if len(values) == 1:
            totals[name] = int(values[0])
        else:
            totals |= {f"{name}.{part}": int(count) for part, count in zip(values[::2], values[1::2])}
    return totals


def check(binary: Path, trace: Path, jobs: int) -> None:
    """Whether tcpstated finds in a trace what was put into it, and the same on several cores."""
    command = [str(binary), "analyze", "--format", "json", str(trace)]
    said = subprocess.run(command, check=True, capture_output=True).stdout
    report = json.loads(said)
    for name, count in known(trace).items():
        member, _, part = name.partition(".")
        found = report[member][part] if part else report[member]
        if found != count:
            sys.exit(f"error: {trace.name}: {name} is {found}, and not {count}")
    if subprocess.run([*command, "--jobs", str(jobs)], check=True, capture_output=True).stdout != said:
        sys.exit(f"error: {trace.name}: --jobs {jobs} says something else than one core")


def compare(all_programs: list[Program], rounds: int) -> None:
    for program in all_programs:
        if shutil.which(program.command[0]) is None:
            program.failure = "is not installed"
    for _ in range(rounds):
        for program in all_programs:
            # After one that had much memory a virtual machine gives it back to its host, and whoever comes next pays for
            # it. The second time in a row each pays for its own.
            for counts in (False, True):
                if program.failure is None:
                    outcome = run(program)
                    if counts:
                        program.runs.append(outcome)


def table(all_programs: list[Program], packets: int) -> Iterator[str]:
    own = all_programs[0]
    yield "| program | wall | CPU | packets/s | memory | wall, ratio | CPU, ratio |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for program in all_programs:
        if program.failure is not None:
            yield f"| {program.name} | {program.failure} | | | | | |"
            continue
        wall, cpu = program.median("wall"), program.median("cpu")
        yield (
            f"| {program.name} | {wall:.2f} s | {cpu:.2f} s | {packets / wall / 1e6:.2f} M "
            f"| {program.median('resident') / 1e6:.0f} MB "
            f"| {wall / own.median('wall'):.1f} | {cpu / max(own.median('cpu'), 0.01):.1f} |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True, help="the release build of tcpstated")
    parser.add_argument("--generator", type=Path, required=True, help="the release build of EngineBenchmark")
    parser.add_argument("--scenario", action="append", help=f"may be repeated; {', '.join(SCENARIOS)} unless given")
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=4)
    arguments = parser.parse_args()
    load, processors = os.getloadavg()[0], os.cpu_count()
    print(f"{processors} processors, load {load:.1f} at the start; medians of {arguments.rounds}, taken in turn")
    for scenario in arguments.scenario or SCENARIOS:
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            # tcpdump reads as a user of its own.
            directory.chmod(0o755)
            trace = generate(arguments.generator, scenario, arguments.packets, directory)
            check(arguments.binary, trace, arguments.jobs)
            totals = known(trace)
            rows = programs(arguments.binary, trace, directory, arguments.jobs)
            compare(rows, arguments.rounds)
            print(f"\n{scenario}: {totals['packets']:,} packets of {totals['connections']:,} connections; all totals right\n")
            print("\n".join(table(rows, totals["packets"])), flush=True)


if __name__ == "__main__":
    main()
