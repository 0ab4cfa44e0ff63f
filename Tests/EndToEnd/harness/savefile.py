"""Capture files that nobody captured: many connections, quickly."""

import random
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

_ETHERNET = bytes(12) + b"\x08\x00"
_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
_FIN, _SYN, _ACK = 1, 2, 16
#: The conversation of one connection: who sends, flags, the sequence numbers past the first ones.
_SEGMENTS = (
    ("client", _SYN, 0, 0),
    ("server", _SYN | _ACK, 0, 1),
    ("client", _ACK, 1, 1),
    ("client", _FIN | _ACK, 1, 1),
    ("server", _FIN | _ACK, 1, 2),
    ("client", _ACK, 2, 2),
)


def write(path: Path, connections: int, server: str = "10.77.0.2", port: int = 8080, begin: int = 1_700_000_000) -> Path:
    """Each closed by its client first, a millisecond after the other."""
    with path.open("wb") as file:
        file.write(_HEADER)
        for number in range(connections):
            client = f"10.77.{1 + number // 50_000}.1"
            for frame in _connection((client, 10_000 + number % 50_000), (server, port)):
                seconds, milliseconds = divmod(number, 1000)
                file.write(struct.pack("<IIII", begin + seconds, milliseconds * 1000, len(frame), len(frame)) + frame)
    return path


def flood(path: Path, count: int, server: str = "10.77.0.2", port: int = 8080, begin: int = 1_700_000_000) -> Path:
    """SYNs that nobody answers, each from another address, a thousand a second."""
    with path.open("wb") as file:
        file.write(_HEADER)
        for number in range(count):
            client = socket.inet_ntoa(struct.pack(">I", 0x0B00_0000 + number))
            frame = next(_connection((client, 10_000), (server, port)))
            seconds, milliseconds = divmod(number, 1000)
            file.write(struct.pack("<IIII", begin + seconds, milliseconds * 1000, len(frame), len(frame)) + frame)
    return path


def _connection(client: tuple[str, int], server: tuple[str, int]) -> Iterator[bytes]:
    for sender, flags, sequence, acknowledged in _SEGMENTS:
        source, target = (client, server) if sender == "client" else (server, client)
        numbers = (1000 + sequence, 1000 + acknowledged if flags & _ACK else 0)
        tcp = struct.pack(">HHIIBBHHH", source[1], target[1], *numbers, 5 << 4, flags, 65535, 0, 0)
        addresses = socket.inet_aton(source[0]) + socket.inet_aton(target[0])
        yield _ETHERNET + struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + addresses + tcp


def disturb(path: Path, target: Path, seconds: int, begin: int = 1_700_000_000) -> Path:
    """The same packets over so many seconds, out of order, some of them lost; the same each time."""
    octets, frames = path.read_bytes(), []
    offset = len(_HEADER)
    while offset < len(octets):
        (length,) = struct.unpack_from("<I", octets, offset + 8)
        frames.append(octets[offset + 16 : offset + 16 + length])
        offset += 16 + length
    chance = random.Random(1)
    waiting: list[bytes] = []
    with target.open("wb") as file:
        file.write(_HEADER)
        for number, frame in enumerate(frames):
            waiting.append(frame)
            if chance.random() < 0.02:
                waiting.pop()
            if len(waiting) < 500:
                continue
            place = chance.randrange(20)
            frame = waiting.pop(place)
            microseconds = seconds * 1_000_000 * number // len(frames)
            times = (begin + microseconds // 1_000_000, microseconds % 1_000_000)
            file.write(struct.pack("<IIII", *times, len(frame), len(frame)) + frame)
    return target
