"""Segments made by hand, for what no socket would send: into a TIME_WAIT, say."""

import socket
import struct

from .kernel import Endpoint
from .world import INTERFACE, IPV4, LINK_ADDRESSES, Pair, World

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10
_ETHER_TYPE = {socket.AF_INET: 0x0800, socket.AF_INET6: 0x86DD}
_ETH_P_ALL = 3
_LONGEST_FRAME = 1 << 16
_NUMBERS = struct.Struct("!HHIIBBHHH")


class Tap:
    """Sees what the server's interface sees, and sends frames there in the name of the server."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._socket = world.server.socket(socket.AF_PACKET, socket.SOCK_RAW)
        world.cleanup.callback(self._socket.close)
        self._socket.bind((INTERFACE, _ETH_P_ALL))
        self._socket.settimeout(0.2)
        #: What each end sends next, as the segments so far tell.
        self._next: dict[tuple[int, int], int] = {}
        #: What the server's last timestamp to a port was.
        self._stamps: dict[tuple[int, int], int] = {}

    def read(self) -> None:
        """Takes what has passed so far."""
        while True:
            try:
                frame = self._socket.recv(_LONGEST_FRAME)
            except TimeoutError:
                return
            self._note(frame)

    def _note(self, frame: bytes) -> None:
        if int.from_bytes(frame[12:14]) != _ETHER_TYPE[self._world.family]:
            return
        if self._world.family == IPV4:
            start = 14 + (frame[14] & 15) * 4
            end = 14 + int.from_bytes(frame[16:18])
            protocol = frame[23]
        else:
            start, end, protocol = 54, 54 + int.from_bytes(frame[18:20]), frame[20]
        if protocol != socket.IPPROTO_TCP:
            return
        source, target, number, _, offset, flags, *_ = _NUMBERS.unpack_from(frame, start)
        header = (offset >> 4) * 4
        length = end - start - header + (1 if flags & SYN else 0) + (1 if flags & FIN else 0)
        if not flags & RST:
            self._next[source, target] = (number + length) & 0xFFFFFFFF
            stamp = _timestamp(frame[start + 20 : start + header])
            if stamp is not None:
                self._stamps[source, target] = stamp

    def silence_server(self) -> None:
        """The server's kernel answers the client no more: it would reset what is made up in its name."""
        target = self._world.address("client")
        self._world.server.ip("route", "add", "blackhole", f"{target}/{32 if self._world.family == IPV4 else 128}")

    def server_next(self, pair: Pair) -> int:
        """The number that the client's end expects of the server."""
        return self._next[pair.server_end.port, pair.client_end.port]

    def client_next(self, pair: Pair) -> int:
        return self._next[pair.client_end.port, pair.server_end.port]

    def server_stamp(self, pair: Pair) -> int | None:
        return self._stamps.get((pair.server_end.port, pair.client_end.port))

    def send(
        self, pair: Pair, flags: int, number: int, acknowledges: int | None = None, stamp: int | None = None
    ) -> None:
        """A segment from the server to the client."""
        options = b"" if stamp is None else struct.pack("!BBBBII", 1, 1, 8, 10, stamp & 0xFFFFFFFF, 0)
        ports = (pair.server_end.port, pair.client_end.port)
        fields = (number & 0xFFFFFFFF, acknowledges or 0, (20 + len(options)) // 4 << 4)
        flags |= ACK if acknowledges is not None else 0
        segment = _NUMBERS.pack(*ports, *fields, flags, 65000, 0, 0) + options
        self._socket.send(self._frame(pair.server_end, pair.client_end, segment))

    def _frame(self, source: Endpoint, target: Endpoint, segment: bytes) -> bytes:
        family = self._world.family
        addresses = socket.inet_pton(family, source.address) + socket.inet_pton(family, target.address)
        total = _sum(addresses + struct.pack("!HH", socket.IPPROTO_TCP, len(segment)) + segment)
        segment = segment[:16] + struct.pack("!H", total) + segment[18:]
        links = b"".join(bytes.fromhex(LINK_ADDRESSES[side].replace(":", "")) for side in ("client", "server"))
        ether = links + struct.pack("!H", _ETHER_TYPE[family])
        if family != IPV4:
            return ether + struct.pack("!IHBB", 6 << 28, len(segment), socket.IPPROTO_TCP, 64) + addresses + segment
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), 0, 0, 64, socket.IPPROTO_TCP, 0) + addresses
        return ether + header[:10] + struct.pack("!H", _sum(header)) + header[12:] + segment


def _sum(octets: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    octets += bytes(len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _timestamp(options: bytes) -> int | None:
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        if options[at] == 8 and at + 6 <= len(options):
            return int.from_bytes(options[at + 2 : at + 6])
        at += max(2, options[at + 1] if at + 1 < len(options) else 2)
    return None
