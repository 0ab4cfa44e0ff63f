"""Waiting for something to become true, never for time to pass."""

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

Result = TypeVar("Result")

#: Multiplies every deadline; slow machines set E2E_PATIENCE.
PATIENCE = float(os.environ.get("E2E_PATIENCE", "1"))

#: Set when the run is interrupted: every wait then ends at once.
interrupted = threading.Event()

_POLL_INTERVAL = 0.03


class Interrupted(Exception):
    """The run was stopped from outside."""


def eventually(check: Callable[[], Result], within: float = 3.0) -> Result:
    """Calls `check` until it objects no more; at the deadline its last objection is raised.

    To look up what is not there yet is an objection like one that is asserted.
    """
    started = time.monotonic()
    while True:
        asked = time.monotonic()
        try:
            return check()
        except (AssertionError, LookupError) as objection:
            if asked - started > within * PATIENCE:
                reason = str(objection) if isinstance(objection, AssertionError) else repr(objection)
                message = f"still not so after {asked - started:.1f} s: {reason}"
                raise AssertionError(message) from objection
        if interrupted.wait(_POLL_INTERVAL):
            raise Interrupted


def throughout(check: Callable[[], object], seconds: float, every: float = 0.1) -> None:
    """Calls `check` again and again for `seconds`: what it asserts must hold all the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        check()
        if interrupted.wait(every):
            raise Interrupted


@contextlib.contextmanager
def meanwhile(action: Callable[[], None]) -> Iterator[None]:
    """Does it over and over in another thread; what fails there for want of somebody to talk to is tried again."""
    done = threading.Event()

    def repeat() -> None:
        while not done.is_set():
            with contextlib.suppress(OSError):
                action()

    thread = threading.Thread(target=repeat)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
