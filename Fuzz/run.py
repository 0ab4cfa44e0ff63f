#!/usr/bin/env python3
"""Runs the fuzzer on each target for a time, keeps what it learned, and says how far it came."""

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

import seeds

_LAST_STATE = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)")
_EXECUTIONS = re.compile(r"stat::number_of_executed_units: (\d+)")
#: One input may take so long, and hold so much.
_LIMITS = ["-timeout=10", "-rss_limit_mb=2048"]
_SERVICE = {"configuration", "request", "server"}
_LONGEST = {"capture-file": 4096, "configuration": 4096, "decoder": 512, "server": 512, "tracker": 512}


def fuzz(programs: Path, target: str, corpora: Path, crashes: Path, seconds: int) -> tuple[bool, str]:
    corpus = corpora / target
    seeds.write(corpus, target)
    crashes.mkdir(parents=True, exist_ok=True)
    command = [
        str(programs / ("ServiceFuzzer" if target in _SERVICE else "EngineFuzzer")),
        f"-max_total_time={seconds}",
        "-print_final_stats=1",
        f"-max_len={_LONGEST.get(target, 256)}",
        f"-artifact_prefix={crashes}/{target}-",
        *_LIMITS,
        str(corpus),
    ]
    # A report of Swift's own would stop the sanitizer's; leaks are what the runtime keeps to the end.
    settings = {"FUZZ_TARGET": target, "SWIFT_BACKTRACE": "enable=no", "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run(
        command, env=os.environ | settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
    )
    output = done.stdout + done.stderr
    if done.returncode != 0:
        lines = [line for line in output.splitlines() if re.search(r"^broken|Fatal error|ERROR|SUMMARY|Test unit", line)]
        return False, f"{target:14} FAILED: " + "\n  ".join(lines or output.splitlines()[-5:])
    executions = int(_EXECUTIONS.search(output).group(1))
    edges, features, inputs = _LAST_STATE.findall(output)[-1]
    return True, f"{target:14} {executions:>12,} executions  {edges:>6} edges  {features:>6} features  {inputs:>5} inputs"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--programs", type=Path, required=True, help="the directory of both fuzzers")
    options.add_argument("--corpora", type=Path, required=True, help="what is learned is kept here")
    options.add_argument("--crashes", type=Path, required=True, help="inputs that broke something are kept here")
    options.add_argument("--seconds", type=int, default=60, help="for each target")
    options.add_argument("--target", action="append", choices=sorted(seeds.all_seeds()), help="all when none is named")
    chosen = options.parse_args()
    succeeded = True
    for target in chosen.target or sorted(seeds.all_seeds()):
        is_well, line = fuzz(chosen.programs, target, chosen.corpora, chosen.crashes, chosen.seconds)
        print(line, flush=True)
        succeeded = succeeded and is_well
    return 0 if succeeded else 1


if __name__ == "__main__":
    sys.exit(main())
