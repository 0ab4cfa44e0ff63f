"""A wire between two interfaces with a delay of its own, which can hold what one side sends.

This takes the place of netem: the round trip gets a real length, and a connection can be kept still in the states that
last only while a segment travels."""

import collections
import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator

from .namespaces import Namespace

_SOL_PACKET = 263
_PACKET_IGNORE_OUTGOING = 23
_PACKET_VNET_HDR = 15
_ETH_P_ALL = 3
_LONGEST_FRAME = 1 << 17


class _Lane:
    """One direction: frames in the order in which they were sent, each with the moment at which it is due."""

    def __init__(self, source: socket.socket, sink: socket.socket) -> None:
        self.source = source
        self.sink = sink
        self.frames: collections.deque[tuple[float, bytes]] = collections.deque()
        self.held = threading.Event()

    def next_due(self) -> float | None:
        return self.frames[0][0] if self.frames and not self.held.is_set() else None


class Wire:
    """Joins two interfaces of one namespace.

    When a frame is due, those behind it in the same direction go with it: a response and the FIN that follows it at
    once arrive together, as they do on a busy network."""

    def __init__(self, namespace: Namespace, client_end: str, server_end: str, delay: float) -> None:
        self._delay = delay
        self._sockets = [self._open(namespace, client_end), self._open(namespace, server_end)]
        self._lanes = {
            "client": _Lane(self._sockets[0], self._sockets[1]),
            "server": _Lane(self._sockets[1], self._sockets[0]),
        }
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._stopping = False
        self._thread = threading.Thread(target=self._forward, name="wire", daemon=True)
        self._thread.start()

    @staticmethod
    def _open(namespace: Namespace, interface: str) -> socket.socket:
        with namespace.entered():
            opened = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        # The header carries offload facts (checksum still to be filled in, segment size) from one end to the other.
        opened.setsockopt(_SOL_PACKET, _PACKET_VNET_HDR, 1)
        opened.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        opened.bind((interface, _ETH_P_ALL))
        opened.setblocking(False)
        return opened

    def hold(self, sender: str) -> None:
        """From now on nothing that `sender` ("client" or "server") sends arrives."""
        self._lanes[sender].held.set()

    def release(self, sender: str) -> None:
        """What was held arrives now, in order."""
        self._lanes[sender].held.clear()
        self._wake_writer.send(b"!")

    @contextlib.contextmanager
    def holding(self, *senders: str) -> Iterator[None]:
        for sender in senders:
            self.hold(sender)
        try:
            yield
        finally:
            for sender in senders:
                self.release(sender)

    def close(self) -> None:
        self._stopping = True
        self._wake_writer.send(b"!")
        self._thread.join()
        for opened in [*self._sockets, self._wake_reader, self._wake_writer]:
            opened.close()

    def _forward(self) -> None:
        sources = {lane.source: lane for lane in self._lanes.values()}
        while not self._stopping:
            due = [moment for lane in sources.values() if (moment := lane.next_due()) is not None]
            pause = max(0.0, min(due) - time.monotonic()) if due else None
            readable, _, _ = select.select([*sources, self._wake_reader], [], [], pause)
            for ready in readable:
                if ready is self._wake_reader:
                    ready.recv(64)
                else:
                    self._take(sources[ready])
            for lane in sources.values():
                self._deliver(lane)

    def _take(self, lane: _Lane) -> None:
        with contextlib.suppress(BlockingIOError, OSError):
            while True:
                frame = lane.source.recv(_LONGEST_FRAME)
                lane.frames.append((time.monotonic() + self._delay, frame))

    @staticmethod
    def _deliver(lane: _Lane) -> None:
        due = lane.next_due()
        if due is None or due > time.monotonic():
            return
        while lane.frames:
            _, frame = lane.frames.popleft()
            with contextlib.suppress(OSError):
                lane.sink.send(frame)
