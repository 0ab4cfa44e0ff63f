"""A terminal of its own for a program, with as much of a screen as it takes to read what it shows."""

import fcntl
import os
import re
import select
import struct
import subprocess
import termios
from collections.abc import Sequence
from pathlib import Path

from .namespaces import Namespace, stop
from .waiting import eventually

_PIECE = re.compile(rb"\x1b\[(\??)([0-9;]*)([A-Za-z])|\x1b\[?$|([^\x1b]+)", re.DOTALL)


class Terminal:
    def __init__(
        self,
        namespace: Namespace,
        command: Sequence[str | Path],
        width: int = 80,
        height: int = 24,
        colours: bool = False,
        kind: str = "xterm",
    ) -> None:
        self._master, slave = os.openpty()
        self.before = termios.tcgetattr(slave)
        self._size(width, height)
        environment = {**os.environ, "TERM": kind, "NO_COLOR": "" if colours else "1"}
        self.process = subprocess.Popen(
            namespace.command(command), stdin=slave, stdout=slave, stderr=slave, env=environment
        )
        self._slave = slave
        self.written = b""
        self.rows: dict[int, str] = {}
        self.clears = 0
        self.is_alternate = False
        self._row, self._column = 1, 1

    def close(self) -> None:
        stop(self.process)
        os.close(self._master)
        os.close(self._slave)

    def _size(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def resize(self, width: int, height: int) -> None:
        self._size(width, height)

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    @property
    def attributes(self) -> list[object]:
        return termios.tcgetattr(self._slave)

    def read(self) -> str:
        """What is on the screen now."""
        ready = select.poll()
        ready.register(self._master, select.POLLIN)
        while ready.poll(0):
            piece = os.read(self._master, 1 << 16)
            self.written += piece
            self._show(piece)
        return "\n".join(self.rows.get(row, "") for row in range(1, self.height + 1))

    def _show(self, piece: bytes) -> None:
        for match in _PIECE.finditer(piece):
            private, parameters, final, text = match.groups()
            if text:
                line = self.rows.get(self._row, "").ljust(self._column - 1)
                words = text.decode(errors="replace")
                end = self._column - 1 + len(words)
                self.rows[self._row] = line[: self._column - 1] + words + line[end:]
                self._column = end + 1
            elif final == b"H":
                self._row, self._column = (int(part or 1) for part in (parameters or b"1;1").split(b";"))
            elif final == b"K":
                self.rows[self._row] = self.rows.get(self._row, "")[: self._column - 1]
            elif final == b"J":
                self.rows.clear()
                self.clears += 1
            elif private and parameters == b"1049":
                self.is_alternate = final == b"h"

    def shows(self, words: str, within: float = 5.0) -> str:
        def check() -> str:
            screen = self.read()
            assert words in screen, f"{words!r} is not on the screen:\n{screen}"
            return screen

        return eventually(check, within)
