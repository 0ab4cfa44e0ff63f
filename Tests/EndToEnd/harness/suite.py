"""Finding the scenarios, running them side by side, telling what came of each."""

import concurrent.futures
import contextlib
import importlib
import pkgutil
import signal
import socket
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, ModuleType

from . import waiting
from .world import IPV4, IPV6, World

Scenario = Callable[[World], None]
FAMILY_NAMES = {IPV4: "IPv4", IPV6: "IPv6"}
BOTH_FAMILIES = (IPV4, IPV6)

_registered: list["Test"] = []


class Skip(Exception):
    """This machine cannot show it; the reason says why."""


@dataclass(frozen=True)
class Test:
    name: str
    scenario: Scenario
    family: socket.AddressFamily
    waits_for_minutes: bool
    alone: bool
    thorough: bool = False


@dataclass(frozen=True)
class Outcome:
    test: Test
    verdict: str
    seconds: float
    detail: str = ""


def scenario(
    families: Sequence[socket.AddressFamily] = (IPV4,),
    waits_for_minutes: bool = False,
    alone: bool = False,
    thorough: bool = False,
) -> Callable[[Scenario], Scenario]:
    """Registers a test; the function's name is its story. Those that wait for minutes start first; a thorough one is left
    to `make integration`.

    Alone, after all others, run those that need the machine for themselves, and would disturb the others' clocks."""

    def register(function: Scenario) -> Scenario:
        story = function.__name__.replace("_", " ")
        for family in families:
            name = f"{story} ({FAMILY_NAMES[family]})" if len(families) > 1 else story
            _registered.append(Test(name, function, family, waits_for_minutes, alone, thorough))
        return function

    return register


def register(name: str, function: Scenario, thorough: bool, alone: bool = False) -> None:
    """Registers a test that waits for minutes; a thorough one is left to `make integration`."""
    _registered.append(Test(name, function, IPV4, waits_for_minutes=not alone, alone=alone, thorough=thorough))


def collect(package: ModuleType, wanted: str, quick: bool = True, thorough: bool = False) -> list[Test]:
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    chosen = [
        test
        for test in _registered
        if wanted.lower() in test.name.lower() and (thorough if test.thorough else quick)
    ]
    return sorted(chosen, key=lambda test: not test.waits_for_minutes)


def _run(test: Test, binary: Path, peer_program: Path) -> Outcome:
    started = time.monotonic()
    world: World | None = None
    try:
        with contextlib.ExitStack() as cleanup:
            world = World(binary, peer_program, test.family)
            cleanup.callback(world.close)
            verdict, detail = "passed", ""
            try:
                test.scenario(world)
            except Skip as reason:
                verdict, detail = "skipped", str(reason)
            except waiting.Interrupted:
                verdict, detail = "skipped", "interrupted"
            except Exception as failure:
                verdict, detail = "failed", _explain(failure, world)
    except Exception as failure:
        verdict, detail = "failed", _explain(failure, None)
    return Outcome(test, verdict, time.monotonic() - started, detail)


def _explain(failure: Exception, world: World | None) -> str:
    frames = traceback.extract_tb(failure.__traceback__)
    steps = [f"  at {Path(frame.filename).name}:{frame.lineno}: {frame.line}" for frame in frames[1:]]
    lines = [f"{type(failure).__name__}: {failure}", *steps]
    for side, daemon in (world.daemons if world else {}).items():
        tail = daemon.log_text().strip().splitlines()[-12:]
        lines += [f"  the {side}'s daemon wrote last:", *(f"    {line}" for line in tail)]
    return "\n".join(lines)


def _stop_on(number: int, _frame: FrameType | None) -> None:
    waiting.interrupted.set()


def run(tests: Sequence[Test], binary: Path, peer_program: Path, jobs: int) -> list[Outcome]:
    """Runs all tests, `jobs` at a time; those that mostly wait have threads of their own beside them."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop_on)
    places = threading.BoundedSemaphore(jobs)

    def in_turn(test: Test) -> Outcome:
        with contextlib.nullcontext() if test.waits_for_minutes else places:
            if waiting.interrupted.is_set():
                return Outcome(test, "skipped", 0, "interrupted")
            return _run(test, binary, peer_program)

    outcomes = []

    def note(outcome: Outcome) -> None:
        outcomes.append(outcome)
        reason = f": {outcome.detail}" if outcome.verdict == "skipped" else ""
        print(f"{outcome.verdict:<7} {outcome.seconds:6.1f} s  {outcome.test.name}{reason}", flush=True)

    together = [test for test in tests if not test.alone]
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, len(together))) as pool:
        for finished in concurrent.futures.as_completed([pool.submit(in_turn, test) for test in together]):
            note(finished.result())
    for test in tests:
        if test.alone:
            note(in_turn(test))
    return _once_more(outcomes, in_turn)


def _once_more(outcomes: Sequence[Outcome], run_test: Callable[[Test], Outcome]) -> list[Outcome]:
    """What failed beside others, on a machine that has no time for all, is judged by how it does alone; many failures are
    no matter of time."""
    failed = [outcome for outcome in outcomes if outcome.verdict == "failed"]
    if waiting.interrupted.is_set() or len(failed) > max(2, len(outcomes) // 20):
        return list(outcomes)
    final = [outcome for outcome in outcomes if outcome.verdict != "failed"]
    for first in failed:
        second = run_test(first.test)
        print(f"{second.verdict:<7} {second.seconds:6.1f} s  {first.test.name}, alone, after it had failed:", flush=True)
        print(first.detail, flush=True)
        final.append(second)
    return final


def report(outcomes: Sequence[Outcome]) -> bool:
    """What went wrong, then the last line; whether all is well."""
    for outcome in outcomes:
        if outcome.verdict == "failed":
            print(f"\n--- {outcome.test.name}\n{outcome.detail}")
    for outcome in outcomes:
        if outcome.verdict == "skipped":
            print(f"skipped: {outcome.test.name}: {outcome.detail}")
    counts = {verdict: sum(o.verdict == verdict for o in outcomes) for verdict in ("passed", "failed", "skipped")}
    print(", ".join(f"{number} {verdict}" for verdict, number in counts.items()), flush=True)
    return counts["failed"] == 0
