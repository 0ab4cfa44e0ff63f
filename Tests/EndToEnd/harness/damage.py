"""Captures that were cut and scribbled on, and what analyze makes of them."""

import collections
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

#: How long one file may take, in seconds.
_PATIENCE = 30.0
#: Beside twice the file, in kilobytes.
_ROOM = 256 << 10
_BOUNDARIES = (0, 0xFFFF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FF7F, 0x0000_0080)


@dataclass
class Tally:
    """What came of all of them."""

    files: int = 0
    runs: int = 0
    reported: int = 0
    truncated: int = 0
    refused: int = 0
    slowest: float = 0
    largest: int = 0
    kinds: collections.Counter[str] = field(default_factory=collections.Counter)
    objections: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kinds.items()))
        return (
            f"{self.files} captures, {self.runs} damaged copies ({kinds}): {self.reported} reported, {self.truncated} "
            f"of them as damaged, {self.refused} refused in one line; at most {self.slowest:.1f} s and "
            f"{self.largest / 1024:.0f} MB resident; {len(self.objections)} objections"
        )


def _damaged(whole: bytes, rounds: int, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    for number in range(rounds):
        octets = bytearray(whole)
        kind = ("cut", "flipped", "overwritten", "cut and flipped", "a piece missing", "a piece twice")[number % 6]
        place = chance.randrange(max(1, len(octets)))
        if kind in ("flipped", "cut and flipped"):
            for _ in range(chance.choice((1, 3, 30))):
                # Headers of the file and of the first packets matter most.
                limit = chance.choice((64, 512, len(octets)))
                octets[chance.randrange(max(1, min(limit, len(octets))))] ^= 1 << chance.randrange(8)
        if kind == "overwritten":
            for _ in range(chance.choice((1, 10))):
                place = chance.randrange(max(1, min(chance.choice((64, 512, len(octets))), len(octets)) - 4))
                octets[place : place + 4] = chance.choice(_BOUNDARIES).to_bytes(4, "big")
        if kind == "a piece missing":
            del octets[place : place + chance.randrange(1, 200)]
        if kind == "a piece twice":
            octets[place:place] = octets[place : place + chance.randrange(1, 200)]
        yield kind, bytes(octets[:place] if kind.startswith("cut") else octets)


def read_damaged(binary: Path, captures: Sequence[Path], rounds: int, seed: int, jobs: int) -> Tally:
    """Each capture, damaged `rounds` times, through analyze; it must report or refuse, soon and without much memory."""
    tally = Tally(files=len(captures))
    lock = threading.Lock()
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(max_workers=jobs) as pool:

        def read(capture: Path) -> None:
            whole = capture.read_bytes()
            copy = Path(directory, f"{threading.get_ident()}{capture.suffix}")
            for number, (kind, octets) in enumerate(_damaged(whole, rounds, random.Random(f"{seed} {capture.name}"))):
                copy.write_bytes(octets)
                _analyze(binary, copy, kind, f"{capture.name}, copy {number} ({kind})", tally, lock)

        list(pool.map(read, captures))
    return tally


def _analyze(binary: Path, copy: Path, kind: str, name: str, tally: Tally, lock: threading.Lock) -> None:
    style = ("json", "jsonl", "text")[tally.runs % 3]
    with tempfile.TemporaryFile() as said:
        started = time.monotonic()
        command = [binary, "analyze", "--format", style, copy]
        nothing = subprocess.DEVNULL
        process = subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=said)
        timer = threading.Timer(_PATIENCE, process.kill)
        timer.start()
        _, status, used = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = code = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - started
        said.seek(0)
        lines = said.read().decode(errors="replace").splitlines()
    objection = None
    if code < 0:
        ended = "did not end" if code == -signal.SIGKILL and seconds >= _PATIENCE else f"died of signal {-code}"
        objection = f"{ended} after {seconds:.1f} s"
    elif code not in (0, 1) or (code == 1 and len(lines) != 1):
        objection = f"exit {code}"
    elif used.ru_maxrss > _ROOM + 2 * copy.stat().st_size // 1024:
        objection = f"{used.ru_maxrss >> 10} MB resident"
    with lock:
        tally.runs += 1
        tally.kinds[kind] += 1
        tally.slowest, tally.largest = max(tally.slowest, seconds), max(tally.largest, used.ru_maxrss)
        tally.reported += code == 0
        tally.refused += code == 1
        tally.truncated += code == 0 and bool(lines)
        if objection:
            tally.objections.append(f"{name}: {objection}; {lines[:3]}")
