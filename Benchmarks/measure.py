#!/usr/bin/python3
"""What the engine costs for each packet, in counts: they are the same on a busy machine, seconds are not.

Traces of two sizes are read; the difference between the two is what packets cost, without start and end. With
--check the exit code says whether anything costs more than thresholds.json allows."""

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCENARIOS = ("short", "mixed", "elephants", "synflood", "many")
STAGES = ("read", "decode", "track", "record", "watch")
SELECTED = {"short": ("track", "record", "watch"), "mixed": ("track", "control"), "elephants": STAGES}
SIZES = (60_000, 120_000)
ALLOCATIONS = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"}
REFERENCES = {"swift_retain", "swift_release", "swift_bridgeObjectRetain", "swift_bridgeObjectRelease"}

_NAMED = re.compile(r"c?fn=\((\d+)\)(?: (.*))?")


@dataclass
class Cost:
    instructions: int = 0
    allocations: int = 0
    references: int = 0


def count(command: list[object]) -> Cost:
    """Runs a command under callgrind."""
    with tempfile.TemporaryDirectory() as directory:
        profile = Path(directory, "profile")
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", *map(str, command)]
        run = subprocess.run(valgrind, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if run.returncode != 0 or not profile.exists():
            sys.exit(f"error: {' '.join(valgrind)}:\n{run.stderr}")
        return read(profile)


def read(profile: Path) -> Cost:
    cost = Cost()
    names: dict[str, str] = {}
    caller = called = ""
    for line in profile.open(errors="replace"):
        if named := _NAMED.match(line):
            number, name = named.groups()
            if name:
                names[number] = name.strip()
            if line.startswith("c"):
                called = names[number]
            else:
                caller = names[number]
        elif line.startswith("calls="):
            times = int(line[6:].split()[0])
            if called in ALLOCATIONS and caller not in ALLOCATIONS:
                cost.allocations += times
            elif called in REFERENCES and caller not in REFERENCES:
                cost.references += times
        elif line.startswith(("totals:", "summary:")):
            cost.instructions = int(line.split()[1])
    return cost


def generate(binary: Path, scenario: str, packets: int, directory: Path) -> Path:
    trace = directory / f"{scenario}-{packets}.pcap"
    subprocess.run([binary, "generate", scenario, str(packets), trace], check=True)
    found = subprocess.run([binary, "track", trace], check=True, capture_output=True, text=True).stdout
    known = Path(f"{trace}.totals").read_text()
    if found != known:
        sys.exit(f"error: {scenario}, {packets} packets\nfound:\n{found}\nwritten:\n{known}")
    return trace


def packets_in(trace: Path) -> int:
    return int(Path(f"{trace}.totals").read_text().split()[1])


def connections_in(trace: Path) -> int:
    return int(Path(f"{trace}.totals").read_text().split()[3])


def per_packet(binary: Path, stage: str, traces: list[Path]) -> dict[str, float]:
    small, large = (count([binary, stage, trace]) for trace in traces)
    packets = packets_in(traces[1]) - packets_in(traces[0])
    return {
        "instructions": round((large.instructions - small.instructions) / packets, 1),
        "allocations": round((large.allocations - small.allocations) / packets, 5),
        "references": round((large.references - small.references) / packets, 5),
    }


def peak_bytes(command: list[object]) -> int:
    """Resident memory at most, asked of a process that has no other children."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    run = subprocess.run([sys.executable, "-c", code, *map(str, command)], check=True, capture_output=True, text=True)
    return int(run.stdout) * 1024


def rate(command: list[object], packets: int, rounds: int) -> float:
    """Millions of packets in a second of CPU, in the best of several runs."""
    best = float("inf")
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return packets / max(best, 1e-3) / 1e6


def measure(binary: Path, directory: Path) -> dict[str, dict[str, float]]:
    results: dict[str, dict[str, float]] = {}
    for scenario in SCENARIOS:
        traces = [generate(binary, scenario, size, directory) for size in SIZES]
        stages = SELECTED.get(scenario, ("track",))
        for stage in stages:
            results[f"{scenario} {stage}"] = per_packet(binary, stage, traces)
        if scenario == "many":
            # Large enough that a page more or less does not matter.
            pair = [generate(binary, scenario, size, directory) for size in (700_000, 1_400_000)]
            grown = peak_bytes([binary, "track", pair[1]]) - peak_bytes([binary, "track", pair[0]])
            connections = connections_in(pair[1]) - connections_in(pair[0])
            results["many memory"] = {"bytes": round(grown / connections)}
    return results


def report(results: dict[str, dict[str, float]], thresholds: dict[str, dict[str, float]]) -> bool:
    fits = True
    for name, figures in results.items():
        for figure, value in figures.items():
            limit = thresholds.get(name, {}).get(figure)
            is_over = limit is not None and value > limit
            fits = fits and not is_over
            unit = "a connection" if figure == "bytes" else "a packet"
            allowed = "" if limit is None else f"  (at most {limit:g})"
            print(f"{name:18} {value:>10g} {figure} {unit}{allowed}{'  TOO MANY' if is_over else ''}")
    return fits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True, help="the release build of EngineBenchmark")
    parser.add_argument("--check", action="store_true", help="fail when a threshold is passed")
    parser.add_argument("--rates", type=int, metavar="PACKETS", help="seconds, too, on traces of so many packets")
    arguments = parser.parse_args()
    binary = arguments.binary.resolve()
    thresholds = json.loads((HERE / "thresholds.json").read_text())
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        started = time.monotonic()
        fits = report(measure(binary, directory), thresholds)
        print(f"measured in {time.monotonic() - started:.0f} s")
        for scenario in SCENARIOS if arguments.rates else ():
            trace = generate(binary, scenario, arguments.rates, directory)
            rates = [f"{stage} {rate([binary, stage, trace], packets_in(trace), 3):.1f}" for stage in STAGES]
            print(f"{scenario:10} million packets in a second of CPU: {', '.join(rates)}")
    if arguments.check and not fits:
        sys.exit("error: the engine does more for a packet than thresholds.json allows")


if __name__ == "__main__":
    main()
