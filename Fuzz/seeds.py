"""What the fuzzer starts from: small well-formed inputs of each target, made here."""

import struct
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent
_CLIENT, _SERVER = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
_CLIENT6, _SERVER6 = bytes.fromhex("20010db8" + "00" * 11 + "01"), bytes.fromhex("20010db8" + "00" * 11 + "02")
_FIN, _SYN, _RST, _PSH, _ACK = 1, 2, 4, 8, 16

HEADS = [
    b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    b"POST /x HTTP/1.0\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello",
    b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=5, max=100\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\nConnection: Upgrade\n\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]
FILTERS = [
    "state time-wait and dport = :8081",
    "not (host 10.0.0.1 or net 10.0.0.0/8) and closed-first server",
    "cause no_pool owner nginx sport 1024-65535",
    "client [::1]:80",
]
TARGETS = [
    b"/", b"/healthz", b"/readyz", b"/metrics", b"/api/v1/status", b"/api/v1/services", b"/api/v1/peers",
    b"/api/v1/destinations", b"/api/v1/findings", b"/api/v1/alerts", b"/api/v1/silences", b"/openapi.yaml",
    b"/api/v1/connections?state=time-wait&side=server&limit=10&cursor=1f",
    b"/api/v1/connections?service=10.0.0.2:80&peer=10.0.0.0/8&owner=nginx",
    b"/api/v1/connections?filter=not%20(host%2010.0.0.1%20or%20cause%20no_pool)%20and%20closed-first%20server",
    b"/api/v1/history?span=6h&step=1h&what=services&service=10.0.0.1:80",
    b"/api/v1/history?since=2026-11-20T10:00:00%2B01:00&until=now&what=alerts&limit=5",
    b"/api/v1/capture?last=30&filter=dport%20=%20:80", b"/api/v1/alert-capture?id=known",
]
SILENCES = [(2, b"match=alertname%3D%22time-wait%22%0Aservice%3D~%2210.*%22&for=3600&comment=a%20b"), (3, b"id=abc")]
REQUESTS = [
    b"GET http://localhost:1/metrics HTTP/1.1\r\nHost: a\r\nAccept: application/openmetrics-text\r\n\r\n",
    b"HEAD /api/v1/events HTTP/1.0\r\nConnection: keep-alive\r\nHost: [::1]:80\r\n\r\nGET / HTTP/1.0\r\n\r\n",
    b"POST /api/v1/silences?match=a%3Db&for=60 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nUpgrade: h2c\r\n\r\n",
]


def _tcp(flags: int, sequence: int, acknowledgment: int, payload: bytes = b"", back: bool = False) -> bytes:
    ports = (80, 40000) if back else (40000, 80)
    options = bytes([2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7]) if flags & _SYN else b""
    length = (20 + len(options)) // 4 << 4
    return struct.pack("!HHIIBBHHH", *ports, sequence, acknowledgment, length, flags, 65000, 0, 0) + options + payload


def _ipv4(content: bytes, back: bool = False, protocol: int = 6) -> bytes:
    ends = _SERVER + _CLIENT if back else _CLIENT + _SERVER
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(content), 1, 0, 64, protocol, 0) + ends + content


def _ipv6(content: bytes, protocol: int = 6) -> bytes:
    return struct.pack("!IHBB", 6 << 28, len(content), protocol, 64) + _CLIENT6 + _SERVER6 + content


def _ethernet(content: bytes, kind: int = 0x0800) -> bytes:
    return bytes(12) + struct.pack("!H", kind) + content


def packets() -> list[bytes]:
    """A connection over IPv4, from SYN to the last ACK."""
    return [
        _ipv4(_tcp(_SYN, 100, 0)),
        _ipv4(_tcp(_SYN | _ACK, 500, 101, back=True), back=True),
        _ipv4(_tcp(_ACK, 101, 501)),
        _ipv4(_tcp(_PSH | _ACK, 101, 501, HEADS[0])),
        _ipv4(_tcp(_PSH | _ACK, 501, 101 + len(HEADS[0]), HEADS[2], back=True), back=True),
        _ipv4(_tcp(_FIN | _ACK, 501 + len(HEADS[2]), 101 + len(HEADS[0]), back=True), back=True),
        _ipv4(_tcp(_FIN | _ACK, 101 + len(HEADS[0]), 502 + len(HEADS[2]))),
        _ipv4(_tcp(_RST, 600, 0)),
    ]


def frames() -> dict[int, list[bytes]]:
    """By the number that the decoder's target gives a link type."""
    syn, syn6 = packets()[0], _ipv6(_tcp(_SYN, 100, 0))
    quoted = struct.pack("!BBHI", 3, 1, 0, 0) + syn[:28]
    gre = struct.pack("!HH", 0, 0x0800) + syn
    vxlan = struct.pack("!HHHH", 5000, 4789, 16 + len(_ethernet(syn)), 0) + bytes([8, 0, 0, 0, 0, 0, 1, 0])
    hop_by_hop = bytes([6, 0, 0xC2, 4, 0, 1, 0, 0])
    ethernet = [
        *map(_ethernet, packets()),
        _ethernet(syn6, 0x86DD),
        _ethernet(_ipv6(hop_by_hop + _tcp(_SYN, 1, 0), 0), 0x86DD),
        _ethernet(struct.pack("!HH", 100, 0x0800) + syn, 0x8100),
        _ethernet(struct.pack("!I", 0x00010140) + syn, 0x8847),
        _ethernet(struct.pack("!BBHHH", 0x11, 0, 1, len(syn) + 2, 0x0021) + syn, 0x8864),
        _ethernet(_ipv4(quoted, protocol=1)),
        _ethernet(_ipv4(gre, protocol=47)),
        _ethernet(_ipv4(syn, protocol=4)),
        _ethernet(_ipv4(vxlan + _ethernet(syn), protocol=17)),
    ]
    cooked = struct.pack("!HHH8sH", 0, 1, 6, bytes(8), 0x0800) + syn
    return {0: ethernet, 1: [struct.pack("=I", 2) + syn], 4: [syn, syn6], 7: [cooked], 8: [syn], 9: [syn6]}


def pcap(magic: int, order: str) -> bytes:
    records = b"".join(
        struct.pack(f"{order}IIII", at, 0, len(frame), len(frame)) + frame
        for at, frame in enumerate(map(_ethernet, packets()))
    )
    return struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 65535, 1) + records


def pcapng(order: str) -> bytes:
    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        length = len(body) + 12
        return struct.pack(f"{order}II", kind, length) + body + struct.pack(f"{order}I", length)

    section = block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1))
    interface = block(1, struct.pack(f"{order}HHI", 1, 0, 65535) + struct.pack(f"{order}HHB3xHH", 9, 1, 9, 0, 0))
    packets_ = b"".join(
        block(6, struct.pack(f"{order}IIIII", 0, 0, at * 1000, len(frame), len(frame)) + frame)
        for at, frame in enumerate(map(_ethernet, packets()))
    )
    return section + interface + packets_ + block(5, bytes(12))


def netlink() -> list[bytes]:
    socket = struct.pack("=BBBBHH16s16sI8sIIIII", 2, 6, 3, 0, 80, 40000, _SERVER, _CLIENT, 0, bytes(8), 59000, 0, 0, 0, 0)
    cgroup = struct.pack("=HHQ", 12, 21, 77)
    link = struct.pack("=BBHiII", 0, 0, 1, 2, 0x43, 0) + struct.pack("=HH5s3x", 9, 3, b"eth0")
    address = struct.pack("=BBBBI", 2, 24, 0, 0, 2) + struct.pack("=HH4s", 8, 2, _SERVER)
    bodies = [(20, socket + cgroup), (16, link), (20, address), (3, struct.pack("=I", 0))]
    return [struct.pack("=IHHII", 16 + len(body), kind, 2, 1, 0) + body for kind, body in bodies]


def all_seeds() -> dict[str, list[bytes]]:
    files = [pcap(0xA1B2C3D4, "<"), pcap(0xA1B23C4D, ">"), pcap(0xA1B2CD34, "<"), pcapng("<"), pcapng(">")]
    configuration = (_ROOT / "config" / "tcpstated.yaml").read_bytes()
    uncommented = b"\n".join(line.removeprefix(b"#") for line in configuration.splitlines())
    return {
        "capture-file": [bytes([choice]) + file for choice in (0, 1) for file in files],
        "configuration": [configuration, uncommented, b"alerts:\n  - name: a\n    metric: time_wait\n    raise: 300\n"],
        "decoder": [bytes([kind, flags]) + frame for kind, some in frames().items() for frame in some for flags in (0, 2)],
        "filter": [text.encode() for text in FILTERS],
        "head": [bytes([0, at]) + head for at, head in enumerate(HEADS)],
        "netlink": netlink(),
        "request": [bytes([flags]) + target for target in TARGETS for flags in (0, 8)]
        + [bytes([8 | method]) + b"/api/v1/silences?" + query for method, query in SILENCES],
        "server": [b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n" for target in TARGETS] + REQUESTS,
        "tracker": [bytes([0] + [0x81, 4, 2, 2, 2, 9, 9] + [0, step << 3] * 12) for step in range(6)],
    }


def write(directory: Path, target: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(all_seeds()[target]):
        (directory / f"seed-{number:03}").write_bytes(seed)
