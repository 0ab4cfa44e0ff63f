"""A server that alerts are sent to, which can be as bad as servers are."""

import http.server
import json
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .namespaces import Namespace


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: bytes
    #: What it was answered; 0 for nothing.
    status: int

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def json(self) -> Any:
        return json.loads(self.body)


class _Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, held: socket.socket, receiver: "Receiver") -> None:
        super().__init__(("", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = held
        self.receiver = receiver

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no fault here."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def do_POST(self) -> None:
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        mode = receiver.mode
        status = {"hang": 0}.get(mode) if mode == "hang" else int(mode) if mode.isdigit() else 200
        if mode == "hang":
            receiver.note(Request(self.path, headers, body, 0))
            receiver.released.wait(60)
            self.close_connection = True
            return
        if mode == "slow":
            time.sleep(3)
        self.send_response(status or 200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
        self.wfile.flush()
        receiver.note(Request(self.path, headers, body, status or 200))

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


class Receiver:
    """Answers what `mode` says: `ok`, `slow`, `hang`, or a status. It listens between `open` and `refuse`."""

    def __init__(self, namespace: Namespace, address: str, tls: ssl.SSLContext | None = None) -> None:
        self._namespace = namespace
        self._tls = tls
        self._lock = threading.Lock()
        self._requests: list[Request] = []
        self._listener: _Listener | None = None
        self.released = threading.Event()
        self.mode = "ok"
        # The port is ours from here on: nobody else is given one that is bound, by one that does not listen either.
        self._held = namespace.socket(socket.AF_INET)
        self._held.bind((address, 0))
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.address, self.port = self._held.getsockname()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://{self.address}:{self.port}"

    def open(self) -> "Receiver":
        held = self._namespace.socket(socket.AF_INET)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind((self.address, self.port))
        held.listen(64)
        if self._tls:
            held = self._tls.wrap_socket(held, server_side=True, do_handshake_on_connect=False)
        self._listener = _Listener(held, self)
        threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def refuse(self) -> None:
        """Connections are reset from here on."""
        if self._listener:
            self._listener.shutdown()
            self._listener.server_close()
            self._listener = None

    def close(self) -> None:
        self.released.set()
        self.refuse()
        self._held.close()

    def note(self, request: Request) -> None:
        with self._lock:
            self._requests.append(request)

    @property
    def requests(self) -> list[Request]:
        with self._lock:
            return list(self._requests)

    @property
    def taken(self) -> list[Request]:
        """Those that were answered with a good word."""
        return [request for request in self.requests if 200 <= request.status < 300]

    def assert_each_once(self) -> None:
        counts = Counter(request.id for request in self.taken)
        assert all(count == 1 for count in counts.values()), counts
