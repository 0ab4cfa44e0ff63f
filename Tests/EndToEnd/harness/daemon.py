"""A running tcpstated in a namespace, and questions to it over HTTP."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from .kernel import Endpoint
from .namespaces import Namespace, stop
from .waiting import PATIENCE, eventually

LISTEN = ("127.0.0.1", 11060)
_START_WITHIN = 15.0


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: str

    def json(self) -> Any:
        return json.loads(self.body)


class _NamespaceConnection(http.client.HTTPConnection):
    """HTTP over a socket that was opened in the daemon's namespace."""

    def __init__(self, namespace: Namespace, address: tuple[str, int]) -> None:
        super().__init__(*address, timeout=20 * PATIENCE)
        self._namespace = namespace

    def connect(self) -> None:
        self.sock = self._namespace.socket(socket.AF_INET)
        self.sock.settimeout(self.timeout)
        self.sock.connect((self.host, self.port))


class Daemon:
    """One `tcpstated run`."""

    def __init__(
        self,
        binary: Path,
        namespace: Namespace,
        log: Path,
        arguments: Sequence[str | Path] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._binary = binary
        self._arguments = arguments
        self._environment = environment
        self.namespace = namespace
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, ready: bool = True) -> "Daemon":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.namespace.command([self._binary, "run", *self._arguments]),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(self._environment or {})},
            )
        if ready:
            eventually(self._assert_ready, within=_START_WITHIN)
        return self

    def _assert_ready(self) -> None:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"the daemon ended with {self.process.returncode}: {self.log_text().strip()[-500:]}")
        try:
            status = self.get("/readyz").status
        except OSError as error:
            raise AssertionError(f"/readyz: {error}") from error
        assert status == 200, f"/readyz says {status}"

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def assert_logged(self, pattern: str) -> None:
        assert re.search(pattern, self.log_text()), f"nothing like {pattern!r} in the log"

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def terminate(self, gentle: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Ends the daemon; its exit code and the seconds it took."""
        assert self.process is not None
        started = time.monotonic()
        code = stop(self.process, gentle)
        return code, time.monotonic() - started

    def close(self) -> None:
        if self.process is not None:
            stop(self.process)

    # Questions.

    def request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        address: tuple[str, int] = LISTEN,
    ) -> Response:
        connection = _NamespaceConnection(self.namespace, address)
        try:
            connection.request(method, path, headers=dict(headers or {}))
            answer = connection.getresponse()
            lowered = {name.lower(): value for name, value in answer.getheaders()}
            return Response(answer.status, lowered, answer.read().decode())
        finally:
            connection.close()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        return self.request("GET", path, headers)

    def json(self, path: str, **query: object) -> Any:
        target = f"{path}?{urlencode(query)}" if query else path
        answer = self.get(target)
        assert answer.status == 200, f"GET {target}: {answer.status} {answer.body[:300]}"
        return answer.json()

    def status(self) -> dict[str, Any]:
        return self.json("/api/v1/status")

    def alerts(self) -> list[dict[str, Any]]:
        return self.json("/api/v1/alerts")["alerts"]

    def connections(self, **query: object) -> list[dict[str, Any]]:
        """The whole listing, page by page."""
        listed: list[dict[str, Any]] = []
        while True:
            page = self.json("/api/v1/connections", **{"limit": 1000, **query})
            listed += page["connections"]
            if page["next_cursor"] is None:
                return listed
            query["cursor"] = page["next_cursor"]

    def connection(self, client: Endpoint, server: Endpoint) -> dict[str, Any]:
        """The newest connection between two end points."""
        for entry in self.connections(service=server):
            if client_of(entry) == client and server_of(entry) == server:
                return entry
        raise AssertionError(f"{self.namespace.name}'s daemon does not list {client} > {server}")


def client_of(connection: Mapping[str, Any]) -> Endpoint:
    return Endpoint(connection["client_address"], connection["client_port"])


def server_of(connection: Mapping[str, Any]) -> Endpoint:
    return Endpoint(connection["server_address"], connection["server_port"])
