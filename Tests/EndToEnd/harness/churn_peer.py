#!/usr/bin/python3
"""Connections that end in every way, many of them. A program of its own: it runs in the namespace of its side.

    churn_peer.py serve ADDRESS PORT
    churn_peer.py connect ADDRESS PORT COUNT SECONDS SOURCE…"""

import random
import selectors
import socket
import struct
import sys
import threading
import time

#: The octet that a client sends says how the connection is to end, and its share says how often.
ENDINGS = {
    b"c": 30,  # the client closes first
    b"s": 30,  # the server closes first
    b"b": 10,  # both at once
    b"h": 8,  # the client half-closes, and gets its answer after that
    b"g": 7,  # the server half-closes, and gets more after that
    b"r": 5,  # the client resets
    b"R": 5,  # the server resets
    b"u": 5,  # the server closes with data unread
}
_RESET = struct.pack("ii", 1, 0)


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _reset(held: socket.socket) -> None:
    held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    held.close()


# The server: one thread for all.


def serve(address: str, port: int) -> None:
    listener = socket.socket(_family(address))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(1024)
    print("listening", flush=True)
    waiting = selectors.DefaultSelector()
    waiting.register(listener, selectors.EVENT_READ, None)
    while True:
        for key, _ in waiting.select():
            held = key.fileobj
            assert isinstance(held, socket.socket)
            if held is listener:
                accepted, _ = listener.accept()
                waiting.register(accepted, selectors.EVENT_READ, _begin)
            else:
                key.data(waiting, held)


def _begin(waiting: selectors.BaseSelector, held: socket.socket) -> None:
    try:
        ending = held.recv(1)
    except OSError:
        ending = b""
    if ending in (b"c", b"h", b"r", b"g"):
        if ending == b"g":
            held.shutdown(socket.SHUT_WR)
        waiting.modify(held, selectors.EVENT_READ, _follow if ending != b"h" else _answer)
        return
    waiting.unregister(held)
    if ending == b"R":
        _reset(held)
    else:
        # With u, more has come than was read: the kernel resets.
        held.close()


def _follow(waiting: selectors.BaseSelector, held: socket.socket) -> None:
    try:
        if held.recv(4096):
            return
    except OSError:
        pass
    waiting.unregister(held)
    held.close()


def _answer(waiting: selectors.BaseSelector, held: socket.socket) -> None:
    waiting.unregister(held)
    try:
        if not held.recv(4096):
            held.sendall(b"answer")
    except OSError:
        pass
    held.close()


# The clients: a thread each.


def connect(address: str, port: int, count: int, seconds: float, sources: list[str]) -> None:
    """All together open `count` connections, evenly over `seconds`."""
    share = [count // len(sources) + (number < count % len(sources)) for number in range(len(sources))]
    started = time.monotonic()
    threads = [
        threading.Thread(target=_client, args=(source, address, port, number, started, seconds, seed))
        for seed, (source, number) in enumerate(zip(sources, share))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"done in {time.monotonic() - started:.1f} s", flush=True)


def _client(source: str, address: str, port: int, count: int, started: float, seconds: float, seed: int) -> None:
    chance = random.Random(seed)
    endings = chance.choices(list(ENDINGS), weights=list(ENDINGS.values()), k=count)
    for number, ending in enumerate(endings):
        due = started + (number + chance.random()) * seconds / count
        time.sleep(max(0.0, due - time.monotonic()))
        held = socket.socket(_family(address))
        held.settimeout(20)
        try:
            held.bind((source, 0))
            held.connect((address, port))
            _end(held, ending)
        except OSError:
            held.close()


def _end(held: socket.socket, ending: bytes) -> None:
    held.sendall(ending + b"x" * 10 if ending == b"u" else ending)
    if ending == b"r":
        _reset(held)
        return
    if ending in (b"c", b"b"):
        held.close()
        return
    if ending == b"h":
        held.shutdown(socket.SHUT_WR)
    while held.recv(4096):
        pass
    if ending == b"g":
        held.sendall(b"more")
    held.close()


if __name__ == "__main__":
    role, *rest = sys.argv[1:]
    if role == "serve":
        serve(rest[0], int(rest[1]))
    else:
        connect(rest[0], int(rest[1]), int(rest[2]), float(rest[3]), rest[4:])
