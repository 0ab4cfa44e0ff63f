#!/usr/bin/python3
"""End-to-end tests: the real binary on real sockets, each test in network namespaces of its own.

Runs as root, and as any other user in a user namespace of its own."""

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import scenarios  # noqa: E402
from harness import namespaces, peer_program, processors, suite, waiting  # noqa: E402

# ip and, on some systems, tcpdump are where only root looks.
os.environ["PATH"] += ":/usr/sbin:/sbin"

TOOLS = ("ip", "ss", "nsenter", "setpriv", "tcpdump", "go")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, required=True, help="the tcpstated to test")
    parser.add_argument("--only", default="", metavar="TEXT", help="only tests whose name contains this")
    parser.add_argument("--jobs", type=int, default=processors.COUNT + 1, help="short tests at a time")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--thorough", action="store_true", help="also the tests that take minutes together")
    which.add_argument("--only-thorough", action="store_true", help="those alone")
    parser.add_argument("--none-skipped", action="store_true", help="a test that cannot be run here is a failure")
    parser.add_argument("--list", action="store_true", help="list the tests and stop")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    thorough = arguments.thorough or arguments.only_thorough
    tests = suite.collect(scenarios, arguments.only, quick=not arguments.only_thorough, thorough=thorough)
    if arguments.list:
        print("\n".join(test.name for test in tests))
        return 0
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        sys.exit(f"error: missing: {', '.join(missing)} (make test installs them)")
    binary = arguments.binary.resolve()
    if not os.access(binary, os.X_OK):
        sys.exit(f"error: {binary} is no program (make build makes it)")
    namespaces.ensure_privileges()
    with tempfile.TemporaryDirectory(prefix="tcpstated-e2e-") as directory:
        outcomes = suite.run(tests, binary, peer_program.build(Path(directory)), arguments.jobs)
    well = suite.report(outcomes)
    if arguments.none_skipped and any(outcome.verdict == "skipped" for outcome in outcomes):
        well = False
    return 130 if waiting.interrupted.is_set() else int(not well)


if __name__ == "__main__":
    sys.exit(main())
