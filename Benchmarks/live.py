#!/usr/bin/env python3
"""What live capture costs: frames of a trace over a veth pair at a steady rate, and the daemon's CPU time meanwhile.

    live.py --binary A --binary B --trace short.pcap --rate 300000 --seconds 10 --pairs 3 [--tier control]

Several binaries run in turn, so that what else the machine does falls on all. Needs root and a C compiler.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")


def run(*words, **options):
    return subprocess.run(words, check=True, capture_output=True, text=True, **options).stdout


def cpu(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


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


def status(near, port):
    text = run("ip", "netns", "exec", near, "curl", "-s", f"http://127.0.0.1:{port}/api/v1/status")
    return json.loads(text)


def measure(binary, link, sender, options):
    with tempfile.TemporaryDirectory() as directory:
        config = Path(directory) / "config.yaml"
        lines = ["http: {listen: 127.0.0.1:11999}", f"memory_limit: {options.memory}"]
        capture = [f"buffer: {options.buffer}", f"snap_length: {options.snap_length}"]
        if options.tier:
            capture += [f"tier: {options.tier}", "fall_back: false"]
        lines += [f"capture: {{{', '.join(capture)}}}", f"recorder: {{size: {options.recorder}}}"]
        config.write_text("\n".join(lines + options.setting) + "\n")
        words = ["ip", "netns", "exec", link.near, binary, "run", "--config", str(config), "--interface", "tsbnear"]
        daemon = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
        try:
            while "watching" not in (line := daemon.stderr.readline()):
                if not line:
                    sys.exit(f"{binary} did not start")
            before = cpu(daemon.pid)
            text = run(
                "ip", "netns", "exec", link.far, sender, options.trace, "tsbfar", str(options.rate), str(options.seconds)
            )
            sent, seconds = int(text.split()[0]), float(text.split()[1])
            used = cpu(daemon.pid) - before
            time.sleep(1.2)
            seen = status(link.near, 11999)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(10)
        dropped = sum(each["dropped"] for each in seen["interfaces"])
        return {
            "sent": sent,
            "rate": sent / seconds,
            "cpu": 100 * used / seconds,
            "ns": 1e9 * used / max(sent, 1),
            "packets": seen["tcp_packets"],
            "dropped": dropped,
            "connections": seen["connections"],
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", action="append", required=True)
    parser.add_argument("--trace", required=True)
    parser.add_argument("--rate", type=int, default=300_000)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--tier", choices=["full", "headers", "control"])
    parser.add_argument("--buffer", default="64MiB")
    parser.add_argument("--memory", default="1GiB")
    parser.add_argument("--snap-length", type=int, default=256)
    parser.add_argument("--recorder", default="0B")
    parser.add_argument("--setting", action="append", default=[], help="a line for the configuration")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, Link() as link:
        sender = str(Path(directory) / "send")
        run("cc", "-O2", "-Wall", "-o", sender, str(HERE / "live" / "send.c"))
        results = {binary: [] for binary in options.binary}
        for _ in range(options.pairs):
            for binary in options.binary:
                result = measure(binary, link, sender, options)
                results[binary].append(result)
                print(binary, json.dumps(result), flush=True)
    print(f"\n{'binary':40} {'CPU %':>7} {'ns/packet':>10} {'packets/s':>10} {'dropped':>8}")
    for binary, runs in results.items():
        median = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        print(
            f"{binary[-40:]:40} {median['cpu']:7.1f} {median['ns']:10.1f} {median['rate']:10.0f} {median['dropped']:8.0f}"
        )


if __name__ == "__main__":
    main()
