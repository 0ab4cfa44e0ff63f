"""What leaves a host, in octets: for sizes of a fleet."""

import socket
import statistics
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from . import endings, prometheus
from .daemon import Daemon
from .waiting import eventually
from .world import World

_IPFIX, _WRITE = 4739, 9090


class _Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sizes: list[int] = []

    def do_POST(self) -> None:
        # The head, and what comes before it in TCP and IP, is less than 400 octets.
        self.sizes.append(len(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def _series(daemon: Daemon) -> int:
    return sum(len(by_labels) for by_labels in prometheus.parse(daemon.get("/metrics").body).values())


def _services(daemon: Daemon) -> int:
    return len(daemon.json("/api/v1/services")["services"])


def _settled(count: int) -> float:
    """Of requests that come after now."""
    seen = len(_Sink.sizes)

    def enough() -> None:
        assert len(_Sink.sizes) >= seen + count

    eventually(enough, within=60)
    return statistics.median(_Sink.sizes[seen + 1 :])


def measure(world: World) -> None:
    """Prints them."""
    with world.server.entered():
        server = HTTPServer(("127.0.0.1", _WRITE), _Sink)
        collector = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        collector.bind(("127.0.0.1", _IPFIX))
        collector.settimeout(1)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    lines = world.scratch / "c.jsonl"
    world.join().watch(
        "server",
        configuration=f"""
export:
  json: [{{file: {lines}}}]
  ipfix: [{{collector: "127.0.0.1:{_IPFIX}", enterprise_number: 32473, template_interval: 1h}}]
  remote_write: [{{url: "http://127.0.0.1:{_WRITE}/api/v1/write", interval: 1s}}]
""",
    )
    daemon = world.daemons["server"]
    idle = _series(daemon), _services(daemon), _settled(4)
    for _ in range(5):
        endings.play(world)
    busy = _series(daemon), _services(daemon), _settled(4)
    daemon.terminate()
    written = lines.read_bytes().splitlines(keepends=True)
    messages = list(_datagrams(collector))
    data = [message for message in messages if int.from_bytes(message[16:18], "big") >= 256]
    collector.close()
    server.shutdown()
    server.server_close()
    services = busy[1] - idle[1]
    print(f"series: {idle[0]} without a service, {(busy[0] - idle[0]) / services:.1f} more for each of {services}")
    for what, (series, _, size) in (("without a service", idle), ("with them", busy)):
        print(f"remote write {what}: {size:.0f} octets a request, {size / series:.1f} a sample")
    print(f"JSON: {len(written)} lines, {sum(map(len, written)) / len(written):.0f} octets each")
    octets = sum(len(message) for message in data)
    print(
        f"IPFIX: {len(data)} messages with {octets} octets, {octets / len(written):.0f} a connection (biflow, own elements); "
        f"templates: {sum(map(len, messages)) - octets}"
    )


def _datagrams(collector: socket.socket) -> "list[bytes]":
    found: list[bytes] = []
    while True:
        try:
            found.append(collector.recv(65536))
        except TimeoutError:
            return found
