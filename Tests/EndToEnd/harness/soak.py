"""Months of traffic in minutes: a capture without end is replayed by the daemon, whose clock is that of the packets."""

import calendar
import json
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .daemon import Daemon
from .floods import resident
from .namespaces import stop
from .waiting import Interrupted, interrupted
from .world import World

_SAMPLE_EVERY = 5.0
#: What grows to its limit at first does not count.
_WARM_UP = 0.34
#: Kilobytes of memory for each virtual day.
_FLAT = 64.0


@dataclass(frozen=True)
class Sample:
    seconds: float
    day: float
    packets: int
    connections: int
    resident: int
    processor: float
    descriptors: int
    threads: int
    counters: dict[str, float] = field(repr=False)


def run(
    world: World, days: float, minutes: float, rate: int, services: int, clients: int, tell: Callable[[str], None]
) -> bool:
    """Replays, samples, compares; whether all held. After so many minutes the capture ends if it has not before."""
    with world.scratch.joinpath("totals").open("wb") as totals:
        source = subprocess.Popen(
            [world.peer_program, "--soak", str(days), "--per-second", str(rate)]
            + ["--services", str(services), "--clients", str(clients)],
            stdout=subprocess.PIPE,
            stderr=totals,
        )
    world.cleanup.callback(stop, source)
    path = world.write("server.yaml", f"state_directory: {world.scratch}\n")
    daemon = Daemon(world.binary, world.server, world.scratch / "server.log")
    with daemon.log.open("ab") as log:
        daemon.process = subprocess.Popen(
            world.server.command([world.binary, "run", "--config", path, "--read", "-", "--local", "10.128.0.0/16"]),
            stdin=source.stdout,
            stdout=log,
            stderr=log,
        )
    assert source.stdout is not None
    source.stdout.close()
    world.cleanup.callback(stop, daemon.process)
    samples = _sample(daemon, source, 60 * minutes, tell)
    wanted = json.loads((world.scratch / "totals").read_text())
    status = _settled(daemon, wanted["packets"])
    return _judge(samples, status, wanted, tell)


def _sample(
    daemon: Daemon, source: subprocess.Popen[bytes], seconds: float, tell: Callable[[str], None]
) -> list[Sample]:
    started = time.monotonic()
    samples: list[Sample] = []
    while source.poll() is None:
        if interrupted.wait(_SAMPLE_EVERY):
            raise Interrupted
        assert daemon.process is not None
        assert daemon.process.poll() is None, f"the daemon ended: {daemon.log_text()[-500:]}"
        samples.append(_look(daemon, daemon.process.pid, time.monotonic() - started))
        if samples[-1].seconds > seconds:
            source.terminate()
        if len(samples) % 12 == 0:
            tell(str(samples[-1]))
    return samples


def _look(daemon: Daemon, pid: int, seconds: float) -> Sample:
    status = daemon.status()
    return Sample(
        seconds,
        _days(status),
        status["packets"],
        status["connections"],
        resident(pid),
        _processor_seconds(pid),
        len(os.listdir(f"/proc/{pid}/fd")),
        len(os.listdir(f"/proc/{pid}/task")),
        _counters(daemon.get("/metrics").body),
    )


def _counters(text: str) -> dict[str, float]:
    pairs = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {series: float(value) for series, _, value in pairs if series.partition("{")[0].endswith("_total")}


def _processor_seconds(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")


def _days(status: dict[str, Any]) -> float:
    """Virtual days between the first packet and the last."""
    if status["first"] is None:
        return 0
    first, last = (time.mktime(time.strptime(status[name][:19], "%Y-%m-%dT%H:%M:%S")) for name in ("first", "last"))
    return (last - first) / 86400


def _wraps(status: dict[str, Any]) -> int:
    first, last = (calendar.timegm(time.strptime(status[name][:19], "%Y-%m-%dT%H:%M:%S")) for name in ("first", "last"))
    return (last * 1000 >> 32) - (first * 1000 >> 32)


def _settled(daemon: Daemon, packets: int) -> dict[str, Any]:
    """The status when the last packet has been taken."""
    while True:
        status = daemon.status()
        if status["packets"] >= packets:
            return status
        if interrupted.wait(0.1):
            raise Interrupted


def _judge(
    samples: list[Sample], status: dict[str, Any], wanted: dict[str, int], tell: Callable[[str], None]
) -> bool:
    objections = [
        f"{name} went back: {before} then {after}"
        for name in ("packets", "connections", "day")
        for before, after in zip(samples, samples[1:])
        if getattr(after, name) < getattr(before, name)
    ]
    for before, after in zip(samples, samples[1:]):
        objections += [
            f"{series} went from {value} to {after.counters.get(series, 'nothing')}"
            for series, value in before.counters.items()
            if after.counters.get(series, -1) < value
        ]
    found = {"packets": status["packets"], "connections": status["connections"], **status["closed_first"]}
    # Those that are still open wait for an answer to their SYN: they count among these, too.
    objections += [f"{name}: {found[name]} of {wanted[name]}" for name in wanted if found[name] != wanted[name]]
    if status["anomalies"]:
        objections.append(f"anomalies: {status['anomalies']}")
    warm = [sample for sample in samples if sample.day > _WARM_UP * samples[-1].day]
    slope = statistics.linear_regression([s.day for s in warm], [s.resident for s in warm]).slope
    for name in ("descriptors", "threads"):
        values = {getattr(sample, name) for sample in warm}
        if max(values) - min(values) > 4:
            objections.append(f"{name}: from {min(values)} to {max(values)}")
    if slope > _FLAT:
        objections.append(f"memory grows by {slope:.0f} kB for each day")
    last = samples[-1]
    tell(
        f"{last.day:.1f} days in {last.seconds:.0f} s: {wanted['packets']} packets, {wanted['connections']} connections; "
        f"resident {warm[0].resident / 1024:.1f} to {last.resident / 1024:.1f} MB, {slope:+.2f} kB for each day; "
        f"{last.descriptors} descriptors, {last.threads} threads; {len(last.counters)} counters never went back; "
        f"{last.processor / last.day / 86.4:.3f} ms of CPU for each second of the capture; "
        f"the 32-bit clock of milliseconds wrapped {_wraps(status)} times"
    )
    for objection in objections:
        tell(f"not as it should be: {objection}")
    return not objections
