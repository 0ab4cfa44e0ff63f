"""What leaves the host on its own: closed connections as JSON lines and IPFIX, metrics by remote write."""

import json
import signal
import socket
import ssl
import struct
import subprocess
import threading
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from harness import endings, prometheus
from harness.capture import Capture
from harness.collectors import Nfacctd, Nfcapd, dissect, need, values
from harness.daemon import Daemon, client_of, server_of
from harness.namespaces import stop
from harness.suite import scenario
from harness.waiting import eventually
from harness.world import World

#: Of what `endings.play` makes for each family.
_CLOSED = 7
_NFCAPD, _NFACCTD, _TCP = 4739, 4740, 4741
#: IANA keeps it for examples (RFC 5612).
_ENTERPRISE = 32473


def _lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _ends(connections: Iterable[dict[str, Any]]) -> Counter[Any]:
    return Counter((client_of(entry), server_of(entry)) for entry in connections)


def _sent(world: World, kind: str) -> list[dict[str, Any]]:
    return [entry for entry in world.daemons["server"].status()["exports"] if entry["kind"] == kind]


class _Reader:
    """A Unix socket that somebody reads, line by line or datagram by datagram."""

    def __init__(self, path: Path, kind: socket.SocketKind) -> None:
        self.path = path
        self.text = b""
        self._open: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX, kind)
        self._listener.bind(str(path))
        if kind == socket.SOCK_STREAM:
            self._listener.listen()
        threading.Thread(target=self._accept if kind == socket.SOCK_STREAM else self._receive, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._read, args=[connection], daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        while part := connection.recv(65536):
            self.text += part

    def _receive(self) -> None:
        while part := self._listener.recv(65536):
            self.text += part + b"\n"

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines(keepends=True) if line.endswith(b"\n")]

    def close(self) -> None:
        for held in [self._listener, *self._open]:
            try:
                held.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            held.close()
        self.path.unlink()


@scenario()
def closed_connections_are_written_once_each_as_lines(world: World) -> None:
    file, stream, datagrams = (world.scratch / name for name in ("c.jsonl", "stream", "datagrams"))
    first = _Reader(stream, socket.SOCK_STREAM)
    second = _Reader(datagrams, socket.SOCK_DGRAM)
    world.join().watch(
        "server",
        configuration=f"""
export:
  json:
    - {{file: {file}}}
    - {{socket: {stream}}}
    - {{socket: {datagrams}, type: datagram, filter: conn-state SF}}
    - {{stdout: true, filter: port 1}}
""",
    )
    daemon = world.daemons["server"]
    endings.play(world)
    listed = [entry for entry in daemon.connections() if entry["close_kind"]]
    assert len(listed) == 2 * _CLOSED
    # What is decided at once is there soon; at the end, the rest.
    eventually(lambda: _assert_some(_lines(file)), within=10)
    code, seconds = daemon.terminate()
    assert code == 0 and seconds < 8, (code, seconds)
    for lines in (lambda: _lines(file), first.lines):
        eventually(lambda lines=lines: _assert_all_written(lines(), listed))
        for entry in lines():
            assert entry["close_cause"] and not entry["cause_pending"], entry
    chosen = [entry for entry in listed if entry["conn_state"] == "SF"]
    eventually(lambda: _assert_all_written(second.lines(), chosen))
    assert '"client_address"' not in daemon.log_text(), "standard output has what the filter leaves out"
    first.close()
    second.close()


def _assert_all_written(written: list[dict[str, Any]], listed: list[dict[str, Any]]) -> None:
    assert listed and _ends(written) == _ends(listed), _ends(written) ^ _ends(listed)


def _assert_some(found: object) -> None:
    assert found


@scenario()
def a_moved_file_and_a_reader_that_comes_back_lose_nothing(world: World) -> None:
    file, away, stream = (world.scratch / name for name in ("c.jsonl", "c.jsonl.old", "stream"))
    reader = _Reader(stream, socket.SOCK_STREAM)
    world.join().watch("server", configuration=f"export: {{json: [{{file: {file}}}, {{socket: {stream}}}]}}")
    daemon = world.daemons["server"]
    seen: list[dict[str, Any]] = []
    for turn in range(3):
        nobody = endings.endpoint_of_nobody(world)
        for _ in range(5):
            world.start_connecting(nobody)
        eventually(lambda: _assert_count(_lines(file), 5), within=10)
        eventually(lambda: _assert_count(seen + reader.lines(), 5 * turn + 5), within=60)
        seen += reader.lines()
        reader.close()
        reader = _Reader(stream, socket.SOCK_STREAM)
        # As logrotate does it, with a signal and without.
        file.rename(away if turn else file.with_suffix(".first"))
        if turn:
            daemon.send(signal.SIGHUP)
    daemon.terminate()
    reader.close()
    assert all(count == 1 for count in _ends(seen).values())


def _assert_count(found: list[Any], count: int) -> None:
    assert len(found) == count, f"{len(found)} of {count}"


@scenario()
def a_collector_over_tcp_that_comes_back_gets_templates_first(world: World) -> None:
    listener = world.server.socket(socket.AF_INET)
    world.cleanup.callback(listener.close)
    listener.bind(("127.0.0.1", _TCP))
    listener.listen()
    listener.settimeout(40)
    world.join().watch("server", configuration=f"export: {{ipfix: [{{collector: '127.0.0.1:{_TCP}', transport: tcp}}]}}")
    for turn in range(3):
        refused = [world.start_connecting(endings.endpoint_of_nobody(world)) for _ in range(5)]
        session, _ = listener.accept()
        session.settimeout(40)
        octets = b""
        while any(struct.pack("!H", pair.client_end.port) not in octets for pair in refused):
            part = session.recv(65536)
            assert part, "the daemon closed the session"
            octets += part
        # IPFIX, nothing sent before in this session, and a set of templates.
        assert octets[:2] == b"\0\x0a" and octets[8:12] == bytes(4) and octets[16:18] == b"\0\2", octets[:18]
        session.close()
        eventually(lambda: _assert_equal([_sent(world, "ipfix")[0][name] for name in ("sent", "dropped")], [5 * turn + 5, 0]))


@scenario(thorough=True)
def collectors_of_ipfix_read_what_the_lines_say(world: World) -> None:
    file = world.scratch / "c.jsonl"
    world.join()
    nfcapd, nfacctd = Nfcapd(world, _NFCAPD), Nfacctd(world, _NFACCTD, *_custom_primitives())
    _swallow(world, _TCP)
    sniffed = Capture(world, "server", "ipfix.pcap", interface="lo")
    truth = Capture(world, "server", "truth.pcap")
    world.watch(
        "server",
        configuration=f"""
export:
  json: [{{file: {file}}}]
  ipfix:
    - {{collector: "127.0.0.1:{_NFCAPD}", enterprise_number: {_ENTERPRISE}}}
    - {{collector: "127.0.0.1:{_NFACCTD}", enterprise_number: {_ENTERPRISE}, flows: uniflow, template_interval: 1s}}
    - {{collector: "127.0.0.1:{_TCP}", enterprise_number: {_ENTERPRISE}, transport: tcp}}
""",
    )
    daemon = world.daemons["server"]
    endings.play(world)
    # Its own connection to the collector is in no figure.
    eventually(lambda: _assert_some([entry for entry in _sent(world, "ipfix") if entry["sent"]]), within=10)
    assert not [entry for entry in daemon.connections() if server_of(entry).port == _TCP]
    flags = _flags(world, truth.finish())
    assert daemon.terminate()[0] == 0
    lines = _lines(file)
    assert len(lines) == 2 * _CLOSED
    wanted = sorted(_flow(entry, flags, way) for entry in lines for way in _ways(entry))
    eventually(lambda: _assert_equal(sorted(map(_pmacct_flow, nfacctd.flows())), wanted), within=20)
    causes = sorted(_verdict(entry) for entry in lines for _ in _ways(entry))
    told = sorted((flow["closed_first"], flow["close_kind"], flow["close_cause"]) for flow in nfacctd.flows())
    assert told == causes, (told, causes)
    _assert_equal(sorted(map(_nfdump_flow, nfcapd.finish())), sorted(_biflow(entry, flags) for entry in lines))
    messages = dissect(world, sniffed.finish(), _NFCAPD, _NFACCTD, _TCP)
    ports = Counter(values(messages, "cflow.srcport"))
    for entry in lines:
        # Once as a biflow to each of two collectors, once as a flow of its own direction.
        assert ports[str(entry["client_port"])] >= 3, (entry, ports)


def _custom_primitives() -> tuple[str, str]:
    """Elements of our own, told to pmacct."""
    names = {"closed_first": 1, "close_kind": 2, "close_cause": 3}
    lines = [f"name={name} field_type={_ENTERPRISE}:{number} len=vlen semantics=str\n" for name, number in names.items()]
    return "".join(lines), "".join(f", {name}" for name in names)


def _swallow(world: World, port: int) -> None:
    """A collector over TCP that takes everything."""
    listener = world.server.socket(socket.AF_INET)
    world.cleanup.callback(listener.close)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()

    def serve() -> None:
        connection, _ = listener.accept()
        while connection.recv(65536):
            pass
        connection.close()

    threading.Thread(target=serve, daemon=True).start()


def _ways(entry: dict[str, Any]) -> list[str]:
    return ["client", "server"] if entry["server_packets"] else ["client"]


def _flags(world: World, capture: Path) -> dict[tuple[str, int, str, int], int]:
    """All control bits that one end sent the other, by tshark."""
    fields = ["ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "tcp.flags"]
    options = [part for name in fields for part in ("-e", name)]
    told = world.server.run("tshark", "-n", "-r", capture, "-Y", "tcp", "-T", "fields", *options, timeout=60)
    flags: dict[tuple[str, int, str, int], int] = {}
    for line in told.stdout.splitlines():
        v4, v6, port, to4, to6, to_port, bits = line.split("\t")
        key = (v4 or v6, int(port), to4 or to6, int(to_port))
        flags[key] = flags.get(key, 0) | int(bits, 16)
    return flags


def _key(entry: dict[str, Any], way: str) -> tuple[str, int, str, int]:
    other = "server" if way == "client" else "client"
    return (entry[f"{way}_address"], entry[f"{way}_port"], entry[f"{other}_address"], entry[f"{other}_port"])


def _milliseconds(text: str) -> int:
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return round((moment - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds() * 1_000_000) // 1000


def _flow(entry: dict[str, Any], flags: dict[Any, int], way: str) -> tuple[Any, ...]:
    key = _key(entry, way)
    times = _milliseconds(entry["start"]), _milliseconds(entry["end"])
    return (*key, flags[key], entry[f"{way}_packets"], entry[f"{way}_bytes"], *times)


def _pmacct_flow(flow: dict[str, Any]) -> tuple[Any, ...]:
    ends = (flow["ip_src"], flow["port_src"], flow["ip_dst"], flow["port_dst"])
    times = (_milliseconds(flow[name].replace(" ", "T")[:23] + "Z") for name in ("timestamp_start", "timestamp_end"))
    return (*ends, int(flow["tcp_flags"]), flow["packets"], flow["bytes"], *times)


def _verdict(entry: dict[str, Any]) -> tuple[str, str, str]:
    return (entry["closed_first"] or "", entry["close_kind"], entry["close_cause"])


def _biflow(entry: dict[str, Any], flags: dict[Any, int]) -> tuple[Any, ...]:
    client = _flow(entry, flags, "client")
    return (*client, entry["server_packets"], entry["server_bytes"])


#: As nfdump prints them, the most significant first.
_NFDUMP_FLAGS = "CEUAPRSF"


def _nfdump_flow(flow: dict[str, Any]) -> tuple[Any, ...]:
    ends = (flow.get("src4_addr") or flow["src6_addr"], flow["src_port"], flow.get("dst4_addr") or flow["dst6_addr"])
    bits = sum(1 << 7 - place for place, letter in enumerate(_NFDUMP_FLAGS) if flow["tcp_flags"][place] == letter)
    times = (_milliseconds(flow[name] + "Z") for name in ("first", "last"))
    back = (flow.get("out_packets", 0), flow.get("out_bytes", 0))
    return (*ends, flow["dst_port"], bits, flow["in_packets"], flow["in_bytes"], *times, *back)


def _assert_equal(found: list[Any], wanted: list[Any]) -> None:
    missing, surplus = [item for item in wanted if item not in found], [item for item in found if item not in wanted]
    assert found == wanted, f"missing: {missing}; surplus: {surplus}"


# Remote write.

_PROMETHEUS, _VICTORIA, _STUB = 9090, 8428, 9443


def _run(world: World, *command: str | Path) -> None:
    with (world.scratch / f"{Path(command[0]).name}.log").open("wb") as log:
        process = subprocess.Popen(
            world.server.command(list(command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=world.scratch
        )
    world.cleanup.callback(stop, process)


def _ask(daemon: Daemon, port: int, path: str) -> Any:
    try:
        answer = daemon.request("GET", path, address=("127.0.0.1", port))
    except OSError as error:
        raise AssertionError(f"{port}: {error}") from error
    assert answer.status == 200, f"{path}: {answer.status} {answer.body}"
    return answer.json()["data"]


def _series(daemon: Daemon, port: int) -> set[Any]:
    found = _ask(daemon, port, "/api/v1/series?" + urlencode({"match[]": '{instance="web-1"}'}))
    return {frozenset(entry.items()) for entry in found}


def _scraped(daemon: Daemon) -> set[Any]:
    samples = prometheus.parse(daemon.get("/metrics").body)
    more = {("instance", "web-1"), ("zone", "a")}
    return {frozenset({*labels, ("__name__", name), *more}) for name, by in samples.items() for labels in by}


@scenario(thorough=True)
def servers_take_by_remote_write_what_a_scrape_would_read(world: World) -> None:
    configuration = world.write("prometheus.yml", "{}\n")
    _run(
        world,
        need("prometheus", "prometheus"),
        f"--config.file={configuration}",
        f"--storage.tsdb.path={world.scratch / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{_PROMETHEUS}",
        "--web.enable-remote-write-receiver",
    )
    _run(
        world,
        need("victoria-metrics", "victoria-metrics"),
        f"-storageDataPath={world.scratch / 'victoria'}",
        f"-httpListenAddr=127.0.0.1:{_VICTORIA}",
    )
    targets = "".join(
        f'    - {{url: "http://127.0.0.1:{port}/api/v1/write", interval: 1s, labels: {{instance: web-1, zone: a}}}}\n'
        for port in (_PROMETHEUS, _VICTORIA)
    )
    world.join().watch("server", configuration=f"export:\n  remote_write:\n{targets}")
    daemon = world.daemons["server"]
    eventually(lambda: _assert_count([entry for entry in _sent(world, "remote_write") if entry["sent"] > 2], 2), within=40)
    ports = {server_of(entry).port for entry in daemon.connections()}
    assert not ports & {_PROMETHEUS, _VICTORIA}, "its own connections are in its figures"
    endings.play(world)
    for port in (_PROMETHEUS, _VICTORIA):
        # VictoriaMetrics shows what is new after a while.
        eventually(lambda port=port: _assert_same(_scraped(daemon), _series(daemon, port)), within=60)
    query = "/api/v1/query?" + urlencode({"query": 'count({instance="web-1"})'})
    _assert_some(_ask(daemon, _PROMETHEUS, query)["result"])
    assert daemon.terminate()[0] == 0
    # Marked as gone, none is shown for five minutes more.
    for port in (_PROMETHEUS, _VICTORIA):
        eventually(lambda port=port: _assert_equal(_ask(daemon, port, query)["result"], []), within=20)


def _assert_same(scraped: set[Any], written: set[Any]) -> None:
    missing = scraped - written
    assert not missing, f"not written: {[dict(entry) for entry in list(missing)[:5]]}"
    assert all(dict(entry)["__name__"].startswith("tcpstated_") for entry in written)


class _Stub(BaseHTTPRequestHandler):
    """Answers with what is on the list, then with 204."""

    protocol_version = "HTTP/1.1"
    answers: list[int] = []
    requests: list[dict[str, str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.requests.append({name.lower(): value for name, value in self.headers.items()} | {"path": self.path})
        self.send_response(self.answers.pop(0) if self.answers else 204)
        self.send_header("Retry-After", "0")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def _serve_tls(world: World) -> Path:
    """A server whose certificate nobody knows but who has the file."""
    certificate, key = world.scratch / "certificate.pem", world.scratch / "key.pem"
    made = world.server.run(
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=stub",
        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with world.server.entered():
        server = ThreadingHTTPServer(("127.0.0.1", _STUB), _Stub)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    world.cleanup.callback(server.server_close)
    world.cleanup.callback(server.shutdown)
    return certificate


@scenario()
def remote_write_tries_again_gives_up_and_trusts_whom_it_should(world: World) -> None:
    _Stub.answers, _Stub.requests = [503, 429, 400], []
    certificate = _serve_tls(world)
    token = world.write("token", "s3cret\n")
    token.chmod(0o600)
    url = f"https://127.0.0.1:{_STUB}"
    world.join().watch(
        "server",
        configuration=f"""
export:
  remote_write:
    - {{url: "{url}/good?a=b", interval: 1s, bearer_token_file: {token}, ca_file: {certificate}}}
    - {{url: "{url}/bad", interval: 1s, username: me, password_file: {token}}}
""",
    )
    eventually(lambda: _assert_some(_sent(world, "remote_write")[0]["sent"] >= 2), within=30)
    good, bad = _sent(world, "remote_write")
    assert good["failures"] == 3 and good["dropped"] == 1 and good["last_error"] is None, good
    eventually(lambda: _assert_some(_sent(world, "remote_write")[1]["failures"]), within=10)
    bad = _sent(world, "remote_write")[1]
    assert bad["sent"] == 0 and bad["last_error"] == "TLS: its certificate is not trusted", bad
    assert {request["path"] for request in _Stub.requests} == {"/good?a=b"}
    for request in _Stub.requests:
        assert request["authorization"] == "Bearer s3cret" and request["content-encoding"] == "snappy", request
        assert request["x-prometheus-remote-write-version"] == "0.1.0", request
    assert "s3cret" not in world.daemons["server"].log_text()
    told = prometheus.parse(world.daemons["server"].get("/metrics").body)
    output = f"127.0.0.1:{_STUB}"
    assert prometheus.value(told, "tcpstated_export_sent_total", kind="remote_write", output=output) >= 2
