#!/usr/bin/python3
"""Short and longer connections by either end. A program of its own: it runs in a control group and a namespace.

    owner_peer.py serve ADDRESS PORT [GREETING]
    owner_peer.py connect ADDRESS PORT COUNT SECONDS"""

import random
import selectors
import socket
import sys
import threading
import time

_THREADS = 60
#: Seconds that connections live, the round trips apart.
_LIVES = (0.0, 0.0, 0.02, 0.05, 0.12, 0.2, 0.3)


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def serve(address: str, port: int, greeting: bytes = b"") -> None:
    """The octet that a client sends says who closes first."""
    listener = socket.socket(_family(address))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listener.bind((address, port))
    listener.listen(1024)
    print("listening", flush=True)
    waiting = selectors.DefaultSelector()
    waiting.register(listener, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            held = key.fileobj
            assert isinstance(held, socket.socket)
            if held is listener:
                accepted, _ = listener.accept()
                accepted.sendall(greeting)
                waiting.register(accepted, selectors.EVENT_READ)
            elif held.recv(1) != b"c":
                waiting.unregister(held)
                held.close()


def connect(address: str, port: int, count: int, seconds: float) -> None:
    started = time.monotonic()
    threads = [
        threading.Thread(target=_client, args=(address, port, range(first, count, _THREADS), started, seconds / count))
        for first in range(_THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{count / (time.monotonic() - started):.0f}", flush=True)


def _client(address: str, port: int, numbers: range, started: float, distance: float) -> None:
    chance = random.Random(numbers.start)
    for number in numbers:
        time.sleep(max(0.0, started + number * distance - time.monotonic()))
        held = socket.socket(_family(address))
        held.settimeout(20)
        held.connect((address, port))
        time.sleep(chance.choice(_LIVES))
        ending = chance.choice((b"c", b"s"))
        held.sendall(ending)
        if ending == b"s":
            held.recv(1)
        held.close()


if __name__ == "__main__":
    role, address, port, *rest = sys.argv[1:]
    if role == "serve":
        serve(address, int(port), *(greeting.encode() for greeting in rest))
    else:
        connect(address, int(port), int(rest[0]), float(rest[1]))
