#!/usr/bin/python3
"""Figures for the README: what the daemon costs when nothing happens, how near to the kernel it counts, how fast analyze
reads a file, which causes it gives to the connections of real clients and servers, how it stands floods and months, what
leaves a host by itself, and what it costs a busy server."""

import argparse
import concurrent.futures
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import pairs  # noqa: E402
from harness import (  # noqa: E402
    churn,
    damage,
    fleet_sizes,
    floods,
    history_sizes,
    namespaces,
    overload,
    peer_program,
    served,
    soak,
    verdicts,
)
from harness.suite import Skip  # noqa: E402
from harness.waiting import throughout  # noqa: E402
from harness.world import World  # noqa: E402

_Add = Callable[..., argparse.Action]

_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def _resident_kilobytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"/proc/{pid}/status has no VmRSS")


def _cpu_seconds(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = after_name[11:13]
    return (int(user) + int(system)) / _CLOCK_TICKS


def measure_idle(binary: Path, seconds: float) -> None:
    """A daemon with its default configuration beside a quiet interface."""
    world = World(binary, binary)
    try:
        process = world.join().watch("server").daemons["server"].process
        assert process is not None
        before, started = _cpu_seconds(process.pid), time.monotonic()
        throughout(lambda: None, seconds)
        share = (_cpu_seconds(process.pid) - before) / (time.monotonic() - started)
        print(f"idle: {_resident_kilobytes(process.pid) / 1024:.1f} MB resident, {share * 100:.2f} % of one CPU")
    finally:
        world.close()


def measure_churn(binary: Path, connections: int, seconds: float, samples: int) -> None:
    """Kernel and daemon side by side while connections come and go, and across a restart."""
    world = World(binary, binary)
    try:
        taken = churn.churn(world.join().watch(), connections, seconds, samples)
        print("  time  side            told    table  off     without those that are over  off       ss  off")
        for s in taken:
            whole = f"{s.before:>7} {s.after:>7} {s.table:>8} {s.off:>4}"
            running = f"{s.before_running:>9} {s.after_running:>9} {s.running:>9} {s.off_running:>4}"
            restarted = "  2 s after a restart" if s.restarted else ""
            print(f"{s.seconds:6.1f}  {s.side} {whole} {running} {s.ss:>8} {s.off_ss:>4}{restarted}")
        worst = {
            "of the table": max(s.off / max(s.table, 1) for s in taken),
            "of those with time left": max(s.off_running / max(s.running, 1) for s in taken),
            "of ss": max(s.off_ss / max(s.ss, 1) for s in taken),
        }
        print("worst:", ", ".join(f"{share * 100:.2f} % {name}" for name, share in worst.items()))
        for side, daemon in world.daemons.items():
            kernel = daemon.status()["kernel"]
            told = {name: kernel[name] for name in ("drift", "adopted", "corrected", "closed")}
            process = daemon.process
            assert process is not None
            print(f"{side}: {told}, {_cpu_seconds(process.pid):.1f} s of CPU since the restart")
        for sample in taken:
            sample.check()
    finally:
        world.close()


def measure_floods(binary: Path, count: int, rate: int, memory: int, only: str) -> bool:
    """Floods as fast as this machine sends, or at a rate, against connections in use."""
    held = True
    with tempfile.TemporaryDirectory() as directory:
        program = peer_program.build(Path(directory))
        for kind in [kind for kind in floods.KINDS if only in kind]:
            world = World(binary, program)
            try:
                world.join().watch("server", configuration=f"memory_limit: {memory}MiB\n")
                flood = floods.play(world, kind, count // floods.SHARES.get(kind, 1), rate)
                is_within = flood.resident_peak <= floods.cap(memory) << 10
                print(f"{flood}; {'within' if is_within else 'ABOVE'} {floods.cap(memory)} MB", flush=True)
                held = held and is_within
            except AssertionError as objection:
                print(f"{kind}: {objection}", flush=True)
                held = False
            finally:
                world.close()
    return held


def measure_soak(binary: Path, days: float, minutes: float, rate: int, services: int, clients: int) -> bool:
    """Days of traffic by replay: does memory grow, and does every total hold?"""
    with tempfile.TemporaryDirectory() as directory:
        world = World(binary, peer_program.build(Path(directory)))
        try:
            return soak.run(world, days, minutes, rate, services, clients, lambda line: print(line, flush=True))
        finally:
            world.close()


def measure_history(binary: Path, services: int, minutes: int) -> None:
    worlds = World(binary, binary), World(binary, binary)
    try:
        history_sizes.measure(worlds, services, minutes)
    finally:
        for world in worlds:
            world.close()


def measure_overload(binary: Path, seconds: float, senders: int, rivals: int) -> None:
    """As many segments as the machine sends: the tiers down and up again, and TIME_WAIT in the lowest."""
    with tempfile.TemporaryDirectory() as directory:
        world = World(binary, peer_program.build(Path(directory)))
        try:
            print(overload.measure(world, seconds, senders, rivals))
        finally:
            world.close()


def measure_damage(binary: Path, directory: Path, rounds: int, seed: int, jobs: int) -> bool:
    """Every capture of a directory, cut and scribbled on, through analyze."""
    names = (".pcap", ".pcapng", ".cap", ".gz", ".trace")
    captures = sorted(path for path in directory.rglob("*") if path.suffix in names and path.is_file())
    tally = damage.read_damaged(binary, captures, rounds, seed, jobs)
    print("\n".join([*tally.objections, str(tally)]))
    return bool(tally.runs) and not tally.objections


def measure_fleet(binary: Path) -> None:
    """What leaves a host by itself, for sizes of a fleet (docs/fleet.md)."""
    world = World(binary, binary)
    try:
        fleet_sizes.measure(world)
    finally:
        world.close()


def measure_served(binaries: list[Path], rounds: int, seconds: int, tier: str) -> None:
    """Connections in a second that nginx serves to wrk beside the daemon, beside tcpdump and without either."""
    world = World(binaries[0], binaries[0])
    try:
        served.measure(world, binaries, rounds, seconds, tier, _cpu_seconds)
    except Skip as reason:
        print(f"served: not measured: {reason}")
    finally:
        world.close()


def measure_analyze(binary: Path, trace: Path, rounds: int) -> None:
    """Median of several runs; the first, which brings the file into the page cache, does not count."""
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory, "report.json")
        command = [binary, "analyze", "--format", "json", "--output", output, trace]
        subprocess.run(command, check=True)
        times = []
        for _ in range(rounds):
            started = time.monotonic()
            subprocess.run(command, check=True)
            times.append(time.monotonic() - started)
        packets = json.loads(output.read_text())["packets"]
    median = statistics.median(times)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    size = trace.stat().st_size / 1e6
    print(
        f"analyze {trace.name}: {packets} packets, {size:.0f} MB in {median:.2f} s (median of {rounds}): "
        f"{packets / median / 1e6:.2f} million packets/s, {size / median:.0f} MB/s, {peak:.0f} MB resident at most"
    )


def measure_causes(binary: Path, only: str) -> bool:
    """The confusion table: for each pair and daemon the causes given; whether all are right."""
    with tempfile.TemporaryDirectory() as directory:
        program = peer_program.build(Path(directory))
        chosen = [pair for pair in pairs.all_pairs() if only.lower() in pair.name.lower()]
        with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, len(chosen))) as pool:
            judged = list(pool.map(lambda pair: _judge(binary, program, pair), chosen))
    print("| client | server | connections | expected | right | given besides |")
    print("| --- | --- | ---: | --- | ---: | --- |")
    lines = [line for lines, _ in judged for line in lines]
    print("\n".join(lines))
    told = [objection for _, objections in judged for objection in objections]
    print("\n".join(["", *told] if told else ["", f"All of {len(lines)} as expected."]))
    return not told


def _judge(binary: Path, program: Path, pair: pairs.Pair) -> tuple[list[str], list[str]]:
    world = World(binary, program)
    try:
        by_server: dict[str, list[verdicts.Verdict]] = {}
        for verdict in verdicts.of(world, pair):
            by_server.setdefault(str(verdict.expected.server), []).append(verdict)
        lines = [_cause_line(pair, told) for told in by_server.values()]
        return lines, [f"{pair.name}: {line}" for told in by_server.values() for v in told for line in v.objections]
    except Skip as reason:
        return [], [f"{pair.name}: skipped: {reason}"]
    except Exception as failure:
        return [], [f"{pair.name}: {failure}"]
    finally:
        world.close()


def _cause_line(pair: pairs.Pair, told: list[verdicts.Verdict]) -> str:
    """Of the daemon that is right more seldom."""
    worst = min(told, key=lambda verdict: verdict.right / max(verdict.connections, 1))
    expected = [worst.expected.cause, *(f"{count} {cause}" for cause, count in worst.expected.others.items() if count)]
    besides = [f"{count} {cause}" for cause, count in worst.causes.most_common() if cause != worst.expected.cause]
    if timeout := worst.inferred.get("server") or worst.inferred.get("client"):
        besides.append(f"time-out {timeout['seconds']:.2f} s")
    right = 100 * worst.right / max(worst.connections, 1)
    cells = [pair.client, pair.server, str(worst.connections), ", ".join(expected), f"{right:.1f} %", ", ".join(besides)]
    return f"| {' | '.join(cells)} |"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name: str, help: str, run: Callable[[argparse.Namespace], bool | None], root: bool = True) -> _Add:
        added = commands.add_parser(name, help=help)
        added.set_defaults(run=run, root=root)
        added.add_argument("--binary", type=lambda text: Path(text).resolve(), required=True)
        return added.add_argument

    add = command("idle", "memory and CPU of a daemon without traffic", lambda o: measure_idle(o.binary, o.seconds))
    add("--seconds", type=float, default=30)

    add = command(
        "churn",
        "kernel and daemon side by side while connections come and go",
        lambda o: measure_churn(o.binary, o.connections, o.seconds, o.samples),
    )
    add("--connections", type=int, default=20_000)
    add("--seconds", type=float, default=130)
    add("--samples", type=int, default=30)

    add = command(
        "analyze",
        "speed of reading a capture file",
        lambda o: measure_analyze(o.binary, o.trace, o.rounds),
        root=False,
    )
    add("--rounds", type=int, default=5)
    add("trace", type=Path)

    add = command(
        "causes",
        "real clients and servers, and the causes given to their closes",
        lambda o: measure_causes(o.binary, o.only),
    )
    add("--only", default="", metavar="TEXT", help="only pairs whose name contains this")

    add = command(
        "floods",
        "floods against connections in use",
        lambda o: measure_floods(o.binary, o.count, o.per_second, o.memory, o.only),
    )
    add("--memory", type=int, default=64, help="memory_limit, in MiB")
    add("--only", default="", metavar="TEXT", help="only kinds whose name contains this")
    add("--count", type=int, default=1_000_000, help="segments of each kind")
    add("--per-second", type=int, default=0, help="0 for as many as can be sent")

    add = command(
        "soak",
        "days of traffic by replay: memory and totals",
        lambda o: measure_soak(o.binary, o.days, o.minutes, o.per_second, o.services, o.clients),
    )
    add("--days", type=float, default=90)
    add("--minutes", type=float, default=600, help="so many at most")
    add("--per-second", type=int, default=200, help="packets in a second of the capture")
    add("--services", type=int, default=280)
    add("--clients", type=int, default=65536, help="addresses")

    add = command(
        "overload",
        "more segments than can be looked at",
        lambda o: measure_overload(o.binary, o.seconds, o.senders, o.rivals),
    )
    add("--seconds", type=float, default=60)
    add("--senders", type=int, default=os.cpu_count() or 1)
    add("--rivals", type=int, default=0, help="for the one CPU that the daemon may use meanwhile")

    add = command(
        "damage",
        "damaged captures through analyze",
        lambda o: measure_damage(o.binary, o.directory, o.rounds, o.seed, o.jobs),
        root=False,
    )
    add("--rounds", type=int, default=6, help="damaged copies of each capture")
    add("--seed", type=int, default=1)
    add("--jobs", type=int, default=os.cpu_count() or 1)
    add("directory", type=Path)

    command("fleet", "octets that leave a host: lines, flow records, metrics", lambda o: measure_fleet(o.binary))

    add = command(
        "history",
        "octets and time that a minute of history takes",
        lambda o: measure_history(o.binary, o.services, o.minutes),
    )
    add("--services", type=int, default=30)
    add("--minutes", type=int, default=120)

    add = command(
        "served",
        "a busy web server, watched by the daemon and by tcpdump",
        lambda o: measure_served([o.binary, *o.other], o.rounds, o.seconds, o.tier),
    )
    add("--rounds", type=int, default=7)
    add("--seconds", type=int, default=4)
    add("--tier", choices=("full", "headers", "control"), default="full")
    add("--other", type=Path, default=[], action="append", help="another daemon, which runs in turn with the first")
    return parser


def main() -> int:
    options = _parser().parse_args()
    if options.root:
        namespaces.ensure_privileges()
    return 1 if options.run(options) is False else 0


if __name__ == "__main__":
    sys.exit(main())
