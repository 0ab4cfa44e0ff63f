#!/usr/bin/python3
"""What live capture costs: frames of a trace over a veth pair at a steady rate, and the CPU time of what captures them.

    EngineBenchmark generate short 6000000 short.pcap
    live.py --binary A --binary B --tcpdump --trace short.pcap --rate 500000 --rate 1000000 --tier full --tier control

All run in turn, so that what else the machine does falls on all. Counts are held against what was sent, and against the
totals beside the trace when all of it was sent. Needs root, a C compiler and, for --tcpdump, tcpdump.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")
PORT = 11999
#: As much of a frame as the daemon takes beside the payload.
HEADER_ROOM = 256
#: The traces hold TCP over IPv4 alone, so that these pass what the daemon's filters pass.
FILTERS = {"full": "tcp", "headers": "tcp", "control": "tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0"}


def run(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, text=True, **options).stdout


def cpu(pid):
    """Nearer than the clock ticks of /proc/PID/stat."""
    tasks = Path(f"/proc/{pid}/task")
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9


class Link:
    """Two namespaces and a veth pair; nobody answers."""

    def __enter__(self):
        self.near, self.far = f"tsb-a{os.getpid()}", f"tsb-b{os.getpid()}"
        for name in (self.near, self.far):
            run("ip", "netns", "add", name)
        run("ip", "link", "add", "tsbnear", "netns", self.near, "type", "veth", "peer", "name", "tsbfar", "netns", self.far)
        for name, link in ((self.near, "tsbnear"), (self.far, "tsbfar")):
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "link", "set", link, "up")
        return self

    def __exit__(self, *_):
        for name in (self.near, self.far):
            subprocess.run(["ip", "netns", "del", name], check=False)


class Daemon:
    """`tcpstated run`."""

    def __init__(self, binary, tier, options):
        self.binary, self.tier, self.options = binary, tier, options
        self.name = f"{binary} ({tier})"

    def start(self, link, directory):
        self.link = link
        config = Path(directory) / "config.yaml"
        capture = [f"buffer: {self.options.buffer}MiB", f"snap_length: {self.options.snap_length}"]
        capture += [f"tier: {self.tier}", "fall_back: false", f"workers: {self.options.workers}"]
        lines = [f"http: {{listen: 127.0.0.1:{PORT}}}", f"memory_limit: {self.options.memory}"]
        lines += [f"capture: {{{', '.join(capture)}}}", f"recorder: {{size: {self.options.recorder}}}"]
        config.write_text("\n".join(lines + self.options.setting) + "\n")
        words = ["ip", "netns", "exec", link.near, self.binary, "run", "--config", str(config), "--interface", "tsbnear"]
        self.process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        while "watching" not in (line := self.process.stderr.readline()):
            if not line:
                sys.exit(f"{self.binary} did not start")

    def finish(self, totals):
        """How many packets were captured and lost, and what else is not as it was sent."""
        words = ["ip", "netns", "exec", self.link.near, "curl", "-s", f"http://127.0.0.1:{PORT}/api/v1/status"]
        seen = json.loads(run(*words))
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        wrong = [
            f"{name} {seen[name]} instead of {value}"
            for name, value in totals.items()
            if name in ("connections", "closed_first", "close_kind") and not contains(seen[name], value)
        ]
        return seen["tcp_packets"], sum(each["dropped"] for each in seen["interfaces"]), wrong


def contains(seen, wanted):
    return seen == wanted if isinstance(wanted, int) else all(seen[key] == value for key, value in wanted.items())


class Tcpdump:
    """`tcpdump -w /dev/null` with the same filter, snap length and buffer."""

    def __init__(self, tier, options):
        self.tier, self.options = tier, options
        self.name = f"tcpdump -w /dev/null ({tier})"

    def start(self, link, _):
        length = HEADER_ROOM + (self.options.snap_length if self.tier == "full" else 0)
        words = ["ip", "netns", "exec", link.near, "tcpdump", "-i", "tsbnear", "-n", "-w", "/dev/null"]
        words += ["-s", str(length), "-B", str(self.options.buffer * 1024), FILTERS[self.tier]]
        self.process = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        while "listening" not in (line := self.process.stderr.readline()):
            if not line:
                sys.exit("tcpdump did not start")

    def finish(self, _):
        self.process.send_signal(signal.SIGINT)
        text = self.process.communicate(timeout=10)[1]
        captured, dropped = (re.search(rf"(\d+) packets? {word}", text) for word in ("captured", "dropped by kernel"))
        return int(captured[1]), int(dropped[1]), []


def totals_of(trace):
    """What EngineBenchmark wrote beside the trace."""
    totals = {}
    path = Path(f"{trace}.totals")
    for line in path.read_text().splitlines() if path.exists() else []:
        name, *rest = line.split()
        totals[name] = int(rest[0]) if len(rest) == 1 else dict(zip(rest[::2], map(int, rest[1::2])))
    return totals


def send(contender, words, options):
    """What the sender says at its end, and the CPU seconds of the contender in how many seconds after the warm-up."""
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as sending:
        if sending.stdout.readline() != "sending\n":
            sys.exit("the sender did not start")
        time.sleep(options.warm_up)
        before, begin = cpu(contender.process.pid), time.monotonic()
        said = sending.stdout.read().split()
        used, seconds = cpu(contender.process.pid) - before, time.monotonic() - begin
    if sending.returncode:
        sys.exit("the sender failed")
    return said, used, seconds


def measure(contender, link, sender, rate, options):
    with tempfile.TemporaryDirectory() as directory:
        contender.start(link, directory)
        try:
            words = [sender, options.trace, "tsbfar", str(rate), str(options.warm_up + options.seconds)]
            words = ["ip", "netns", "exec", link.far, *words, str(options.senders)]
            (sent, seconds, extent), used, measured = send(contender, words, options)
            # What the ring holds, and a reading that is not from before.
            time.sleep(1.2)
            captured, dropped, wrong = contender.finish(totals_of(options.trace) if extent == "whole" else {})
        finally:
            if contender.process.poll() is None:
                contender.process.kill()
                contender.process.wait()
    sent, seconds = int(sent), float(seconds)
    if contender.tier != "control" and captured + dropped != sent:
        wrong.append(f"{captured} captured and {dropped} dropped of {sent}")
    rate = sent / seconds
    return {
        "rate": rate,
        "cpu": 100 * used / measured,
        "ns": 1e9 * used / max(rate * measured, 1),
        "captured": captured,
        "dropped": dropped,
        "wrong": wrong if not dropped else [],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", action="append", default=[])
    parser.add_argument("--tcpdump", action="store_true", help="beside the binaries, tcpdump -w /dev/null")
    parser.add_argument("--trace", required=True)
    parser.add_argument("--rate", type=int, action="append", help="packets/s (300000)")
    parser.add_argument("--seconds", type=float, default=10)
    help = "seconds of frames before those that are measured: tables, logs and what else grows have grown by then"
    parser.add_argument("--warm-up", type=float, default=0, help=help)
    parser.add_argument("--senders", type=int, default=2, help="processes; one sends about half a million packets/s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tier", choices=list(FILTERS), action="append")
    parser.add_argument("--buffer", type=int, default=64, help="MiB")
    parser.add_argument("--memory", default="1GiB")
    parser.add_argument("--snap-length", type=int, default=256)
    parser.add_argument("--recorder", default="0B")
    parser.add_argument("--workers", type=int, default=1, help="capture.workers of the daemon")
    parser.add_argument("--setting", action="append", default=[], help="a line for the configuration")
    options = parser.parse_args()
    contenders = []
    for tier in options.tier or ["full"]:
        contenders += [Daemon(binary, tier, options) for binary in options.binary]
        contenders += [Tcpdump(tier, options)] if options.tcpdump else []
    lines, faults = [], 0
    with tempfile.TemporaryDirectory() as directory, Link() as link:
        sender = str(Path(directory) / "send")
        run("cc", "-O2", "-Wall", "-o", sender, str(HERE / "live" / "send.c"))
        for rate in options.rate or [300_000]:
            results = {contender: [] for contender in contenders}
            for _ in range(options.rounds):
                for contender in contenders:
                    result = measure(contender, link, sender, rate, options)
                    results[contender].append(result)
                    faults += len(result["wrong"])
                    print(contender.name, json.dumps(result), flush=True)
            for contender, runs in results.items():
                median = {key: statistics.median(run[key] for run in runs) for key in runs[0] if key != "wrong"}
                lines.append(
                    f"{contender.name[-44:]:44} {median['rate']:10.0f} {median['cpu']:7.1f} {median['ns']:10.1f}"
                    f" {median['dropped']:8.0f}"
                )
    print(f"\n{'':44} {'packets/s':>10} {'CPU %':>7} {'ns/packet':>10} {'dropped':>8}")
    print("\n".join(lines))
    if faults:
        sys.exit("error: what was counted is not what was sent")


if __name__ == "__main__":
    main()
