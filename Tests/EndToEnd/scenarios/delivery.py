"""Alerts on their way to servers: each notification once, whatever the server does, and never in the way of capture."""

import base64
import datetime
import hashlib
import hmac
import json
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

from harness import savefile
from harness.daemon import Daemon
from harness.namespaces import stop
from harness.program import assert_fails, tcpstated
from harness.receiver import Receiver, Request
from harness.suite import Skip, scenario
from harness.waiting import eventually
from harness.world import Pair, World

_OPEN = 3
#: Fires while so many connections are open to a service.
_RULE = f"""
alerts:
  - name: open
    metric: established
    by: service
    raise: {_OPEN}
    clear: {_OPEN}
    for: 0s
    keep_firing_for: 0s
    severity: warning
"""
_SECRET = "f2b1c7-this-is-secret-91aa"


def _receiver(world: World, side: str = "server", tls: ssl.SSLContext | None = None) -> Receiver:
    receiver = Receiver(world.namespace(side), "127.0.0.1" if side == "server" else world.address(side), tls)
    world.cleanup.callback(receiver.close)
    return receiver


def _watch(world: World, deliver: str, ready: bool = True) -> Daemon:
    state = world.scratch / "state"
    state.mkdir(exist_ok=True)
    settings = f"state_directory: {state}\nhttp:\n  socket: {_socket(world)}\ndeliver:\n{deliver}{_RULE}"
    world.watch("server", configuration=settings, ready=ready)
    return world.daemons["server"]


def _socket(world: World) -> Path:
    return world.scratch / "http.sock"


def _webhook(url: str, **others: object) -> str:
    more = "".join(f"      {key}: {value}\n" for key, value in others.items())
    return f"  webhooks:\n    - name: pager\n      url: {url}\n{more}"


def _fire(world: World) -> list[Pair]:
    listener = world.listen()
    return [world.connect(listener) for _ in range(_OPEN)]


def _clear(pairs: list[Pair]) -> None:
    for pair in pairs:
        pair.close("client")
        pair.close("server")


def _delivery(world: World) -> dict[str, Any]:
    deliveries = world.daemons["server"].status()["deliveries"]
    assert len(deliveries) == 1, deliveries
    return deliveries[0]


def _assert_taken(receiver: Receiver, *events: str) -> list[Request]:
    told = [request.json()["event"] for request in receiver.taken]
    assert told == list(events), (told, [request.status for request in receiver.requests])
    receiver.assert_each_once()
    return receiver.taken


@scenario()
def a_webhook_is_told_of_each_turn_once_and_signed(world: World) -> None:
    world.join()
    receiver = _receiver(world).open()
    key = world.write("key", "0123456789abcdef\n")
    headers = world.write("headers", f"# who we are\nAuthorization: Bearer {_SECRET}\n")
    for file in (key, headers):
        file.chmod(0o600)
    _watch(world, _webhook(f"{receiver.url}/hook?to=me", hmac_key_file=key, headers_file=headers))
    pairs = _fire(world)
    fired = eventually(lambda: _assert_taken(receiver, "fired"), within=10)[0]
    _clear(pairs)
    over = eventually(lambda: _assert_taken(receiver, "fired", "resolved"), within=10)[1]
    (alert,) = world.daemons["server"].alerts()
    for request, number, state in ((fired, 1, "firing"), (over, 2, "resolved")):
        document = request.json()
        assert request.path == "/hook?to=me", request.path
        assert request.headers["authorization"] == f"Bearer {_SECRET}"
        assert request.headers["content-type"] == "application/json"
        assert request.id == document["id"] == f"{alert['id']}.{number}", request.id
        assert document["alert"]["state"] == state and document["host"], document
        _assert_signed(request, b"0123456789abcdef")
    evidence = fired.json()["alert"]["evidence"]
    assert len(evidence["samples"]) == _OPEN and evidence["services"], evidence
    assert _delivery(world) == {
        "kind": "webhook", "name": "pager", "waiting": 0, "delivered": 2, "failed": 0, "dropped": 0, "last_error": None,
    }  # fmt: skip


def _assert_signed(request: Request, key: bytes) -> None:
    sent = request.headers["webhook-timestamp"]
    assert abs(int(sent) - time.time()) < 60, sent
    code = hmac.digest(key, f"{request.id}.{sent}.".encode() + request.body, hashlib.sha256)
    assert request.headers["webhook-signature"] == "v1," + base64.b64encode(code).decode()


@scenario(waits_for_minutes=True)
def a_bad_server_gets_each_notification_once_and_capture_loses_nothing(world: World) -> None:
    world.join()
    receiver = _receiver(world)
    daemon = _watch(world, _webhook(receiver.url))
    pairs = _fire(world)
    eventually(lambda: _assert_failed(world, "refused"), within=10)
    receiver.mode = "hang"
    receiver.open()
    eventually(lambda: _assert_asked(receiver, 0), within=30)
    eventually(lambda: _assert_failed(world, "no answer within 10 s"), within=20)
    receiver.mode = "500"
    eventually(lambda: _assert_asked(receiver, 500), within=30)
    # It cleared while nobody took anything: both turns wait.
    _clear(pairs)
    receiver.mode = "slow"
    eventually(lambda: _assert_taken(receiver, "fired", "resolved"), within=60)
    receiver.mode = "ok"
    _clear(_fired_again(world, receiver))
    eventually(lambda: _assert_taken(receiver, "fired", "resolved", "fired", "resolved"), within=30)
    assert len({request.id for request in receiver.taken}) == 4
    status = daemon.status()
    assert status["connections"] == 2 * _OPEN, f"{status['connections']} connections"
    assert all(interface["dropped"] == 0 for interface in status["interfaces"]), status["interfaces"]
    delivery = _delivery(world)
    assert delivery["delivered"] == 4 and delivery["failed"] >= 3 and delivery["dropped"] == 0, delivery
    daemon.assert_logged("webhook pager .* takes no alerts: .*refused")
    daemon.assert_logged("webhook pager .* takes alerts again")


def _fired_again(world: World, receiver: Receiver) -> list[Pair]:
    pairs = _fire(world)
    eventually(lambda: _assert_taken(receiver, "fired", "resolved", "fired"), within=30)
    return pairs


def _assert_failed(world: World, reason: str) -> None:
    delivery = _delivery(world)
    assert delivery["failed"] > 0 and reason in (delivery["last_error"] or ""), delivery


def _assert_asked(receiver: Receiver, status: int) -> None:
    assert status in [request.status for request in receiver.requests], receiver.requests


@scenario()
def what_a_server_refuses_is_not_sent_again(world: World) -> None:
    world.join()
    receiver = _receiver(world).open()
    receiver.mode = "403"
    _watch(world, _webhook(receiver.url))
    pairs = _fire(world)
    eventually(lambda: _assert_dropped(world, 1), within=10)
    receiver.mode = "ok"
    _clear(pairs)
    eventually(lambda: _assert_taken(receiver, "resolved"), within=10)
    assert [request.status for request in receiver.requests] == [403, 200]


def _assert_dropped(world: World, count: int) -> None:
    delivery = _delivery(world)
    assert delivery["dropped"] == count and delivery["waiting"] == 0, delivery


@scenario()
def a_restart_neither_repeats_nor_forgets_a_notification(world: World) -> None:
    world.join()
    receiver = _receiver(world)
    deliver = _webhook(receiver.url)
    daemon = _watch(world, deliver)
    pairs = _fire(world)
    eventually(lambda: _assert_failed(world, "refused"), within=10)
    eventually(lambda: _assert_kept(world, 1))
    daemon.terminate(signal.SIGKILL)
    receiver.open()
    daemon = _watch(world, deliver)
    eventually(lambda: _assert_taken(receiver, "fired"), within=15)
    eventually(lambda: _assert_kept(world, 0))
    daemon.terminate(signal.SIGKILL)
    daemon = _watch(world, deliver)
    eventually(lambda: _assert_firing(daemon))
    _clear(pairs)
    fired, over = eventually(lambda: _assert_taken(receiver, "fired", "resolved"), within=15)
    assert fired.id.split(".")[0] == over.id.split(".")[0], (fired.id, over.id)


def _assert_kept(world: World, count: int) -> None:
    path = world.scratch / "state" / "deliveries.json"
    assert path.exists(), "nothing is kept yet"
    book = json.loads(path.read_text())["webhooks"]["pager"]
    assert len(book["waiting"]) == count and book["told"], book


def _assert_written(world: World, alert: str) -> None:
    path = world.scratch / "state" / "alerts.json"
    assert path.exists() and alert in path.read_text(), f"{alert} is not written yet"


def _assert_firing(daemon: Daemon) -> dict[str, Any]:
    firing = [alert for alert in daemon.alerts() if alert["state"] == "firing"]
    assert len(firing) == 1, daemon.alerts()
    return firing[0]


@scenario()
def the_deliveries_own_connections_are_in_no_figure(world: World) -> None:
    world.join()
    near, far = _receiver(world).open(), _receiver(world, "client").open()
    hooks = "".join(f"    - {{name: {name}, url: '{hook.url}'}}\n" for name, hook in (("near", near), ("far", far)))
    daemon = _watch(world, f"  webhooks:\n{hooks}" + "kernel:\n  interval: 1s\n")
    for round in range(1, 4):
        _clear(_fired(world, near, 2 * round - 1))
        for receiver in (near, far):
            eventually(lambda: _assert_count(receiver, 2 * round), within=10)
    readings = daemon.status()["kernel"]

    def read_again() -> dict[str, Any]:
        status = daemon.status()
        assert status["kernel"]["age_seconds"] < 0.8 and status["uptime_seconds"] > 5, status["kernel"]
        return status

    status = eventually(read_again, within=10)
    ports = {near.port, far.port}
    listed = [entry for entry in daemon.connections() if entry["server_port"] in ports]
    assert not listed, listed
    assert status["connections"] == 3 * _OPEN, status["connections"]
    waits = [line for line in _time_waits(world) if line.split()[4].rsplit(":", 1)[1] in map(str, ports)]
    assert waits, "the kernel holds no TIME_WAIT of the deliveries: the test shows nothing"
    kernel = status["kernel"]
    assert kernel["adopted"] == readings["adopted"] == 0 and kernel["drift"] == 0, kernel
    host = status["local_time_wait"]
    assert host["host"] == host["kernel"], (host, waits)


def _fired(world: World, receiver: Receiver, count: int) -> list[Pair]:
    pairs = _fire(world)
    eventually(lambda: _assert_count(receiver, count), within=10)
    return pairs


def _assert_count(receiver: Receiver, count: int) -> None:
    assert len(receiver.taken) == count, [request.json()["event"] for request in receiver.taken]


def _time_waits(world: World) -> list[str]:
    return world.server.run("ss", "-Htan", "state", "all").stdout.splitlines()


@scenario()
def what_a_capture_fires_is_delivered_when_asked_for(world: World) -> None:
    world.join()
    receiver = _receiver(world).open()
    capture = savefile.write(world.scratch / "day.pcap", 400)
    rule = "alerts: [{name: waits, metric: time_wait, side: any, raise: 300, for: 0s}]\n"
    settings = f"deliver:\n{_webhook(receiver.url)}{rule}"
    options = ["--read", capture, "--local", "10.77.0.2/32", "--fast"]
    world.watch("server", arguments=options, configuration=settings)
    daemon = world.daemons["server"]
    _assert_firing(daemon)
    assert not daemon.status()["deliveries"] and not receiver.requests, receiver.requests
    daemon.terminate()
    world.watch("server", arguments=[*options, "--deliver"], configuration=settings)
    (fired,) = eventually(lambda: _assert_taken(receiver, "fired"), within=10)
    assert fired.json()["alert"]["fired_at"].startswith("2023-11-14"), fired.json()["alert"]["fired_at"]


@scenario()
def tls_is_verified_with_the_given_authority(world: World) -> None:
    world.join()
    good, other = _authority(world, "good"), _authority(world, "other")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*_certificate(world, "good", "IP:127.0.0.1,DNS:localhost"))
    receiver = _receiver(world, tls=context).open()
    daemon = _watch(world, _webhook(receiver.url, ca_file=other))
    pairs = _fire(world)
    eventually(lambda: _assert_failed(world, "TLS: its certificate is not trusted"), within=10)
    assert not receiver.requests, "it was told something before it was trusted"
    daemon.terminate()
    named = receiver.url.replace("127.0.0.1", "localhost")
    daemon = _watch(world, _webhook(named, ca_file=good))
    # It is stopped at once: what was taken is not sent again.
    eventually(lambda: _assert_taken(receiver, "fired"), within=10)
    daemon.terminate()
    _clear(pairs)
    daemon = _watch(world, _webhook(receiver.url, ca_file=good))
    eventually(lambda: _assert_taken(receiver, "fired", "resolved"), within=10)


@scenario()
def a_certificate_of_another_host_is_refused(world: World) -> None:
    world.join()
    authority = _authority(world, "good")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*_certificate(world, "good", "DNS:elsewhere.example"))
    receiver = _receiver(world, tls=context).open()
    _watch(world, _webhook(receiver.url, ca_file=authority))
    _fire(world)
    eventually(lambda: _assert_failed(world, "TLS: its certificate is for another host"), within=10)
    assert not receiver.requests


def _authority(world: World, name: str) -> Path:
    _openssl(world, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")  # fmt: skip
    return world.scratch / f"{name}.pem"


def _certificate(world: World, authority: str, names: str) -> tuple[Path, Path]:
    world.write("san", f"subjectAltName={names}\n")
    _openssl(world, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=receiver",
             "-keyout", "receiver.key", "-out", "receiver.csr")  # fmt: skip
    _openssl(world, "x509", "-req", "-in", "receiver.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
             "-CAcreateserial", "-days", "2", "-extfile", "san", "-out", "receiver.pem")  # fmt: skip
    return world.scratch / "receiver.pem", world.scratch / "receiver.key"


def _openssl(world: World, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=world.scratch, check=True, capture_output=True, timeout=60)


@scenario()
def secrets_are_shown_nowhere(world: World) -> None:
    world.join()
    receiver = _receiver(world).open()
    receiver.mode = "500"
    secrets = {
        "headers": f"Authorization: Bearer {_SECRET}-1\n",
        "key": f"{_SECRET}-2\n",
        "url": f"{receiver.url}/{_SECRET}-3\n",
    }
    for name, content in secrets.items():
        world.write(name, content).chmod(0o600)
    hook = (
        f"  webhooks:\n    - name: pager\n      url_file: {world.scratch}/url\n"
        f"      headers_file: {world.scratch}/headers\n      hmac_key_file: credential:key\n"
    )
    configuration = f"log:\n  level: trace\ndeliver:\n{hook}{_RULE}"
    world.watch("server", configuration=configuration, environment={"CREDENTIALS_DIRECTORY": str(world.scratch)})
    daemon = world.daemons["server"]
    _fire(world)
    eventually(lambda: _assert_failed(world, "HTTP 500"), within=10)
    (request, *_) = receiver.requests
    assert request.path == f"/{_SECRET}-3" and request.headers["authorization"].endswith(f"{_SECRET}-1")
    _assert_signed(request, f"{_SECRET}-2".encode())
    explained = tcpstated(world, "check-config", "--explain", world.scratch / "server.yaml")
    assert explained.returncode == 0 and "credential:key" in explained.stdout, explained
    told = [daemon.get(path).body for path in ("/api/v1/status", "/api/v1/alerts", "/metrics", "/api/v1/findings")]
    told += [daemon.log_text(), explained.stdout, explained.stderr, tcpstated(world, "status").stdout]
    for text in told:
        assert _SECRET not in text, text
    daemon.terminate()


@scenario()
def what_is_no_secret_is_not_taken_for_one(world: World) -> None:
    world.join()
    for name, content, mode, said in (
        ("open", "abc", 0o644, "everybody may read it"),
        ("empty", "\n", 0o600, "is empty"),
        ("bad", "whsec_!!", 0o600, "no base64"),
    ):
        path = world.write(name, content)
        path.chmod(mode)
        _assert_not_started(world, _webhook("http://127.0.0.1:9", hmac_key_file=path), said)
    headers = world.write("headers", f"{_SECRET} without a colon\n")
    headers.chmod(0o600)
    _assert_not_started(world, _webhook("http://127.0.0.1:9", headers_file=headers), "line 1: needs")
    _assert_not_started(world, _webhook("http://127.0.0.1:9", hmac_key_file="credential:none"), "LoadCredential=none")
    _assert_not_started(world, _webhook("https://127.0.0.1:9", ca_file=headers), "cannot read certificates")


def _assert_not_started(world: World, deliver: str, said: str) -> None:
    path = world.write("bad.yaml", f"deliver:\n{deliver}{_RULE}")
    result = tcpstated(world, "run", "--listen", "127.0.0.1:0", "--config", path)
    assert_fails(result, said)
    assert _SECRET not in result.stderr, result.stderr


@scenario()
def a_silence_holds_back_what_is_delivered_when_it_ends(world: World) -> None:
    world.join()
    receiver = _receiver(world).open()
    daemon = _watch(world, _webhook(receiver.url))
    url = f"unix:{_socket(world)}"
    added = tcpstated(world, "silence", "add", "--url", url, "--for", "1h", "--comment", "a release", "rule~op*")
    assert added.returncode == 0 and "No alert" in added.stdout, added
    (silence,) = daemon.json("/api/v1/silences")["silences"]
    assert silence["matchers"] == ["rule~op*"] and silence["comment"] == "a release", silence
    pairs = _fire(world)
    alert = eventually(lambda: _assert_firing(daemon), within=10)
    assert alert["silenced_by"] == silence["id"], alert
    # Kept, and firing on, over a restart, as soon as it has been written.
    eventually(lambda: _assert_written(world, alert["id"]))
    daemon.terminate(signal.SIGKILL)
    daemon = _watch(world, _webhook(receiver.url))
    assert _assert_firing(daemon)["silenced_by"] == silence["id"]
    listed = tcpstated(world, "silence", "list", "--url", url).stdout
    assert silence["id"] in listed and "a release" in listed, listed
    assert "firing, silenced" in tcpstated(world, "alerts", "--url", url).stdout
    status = tcpstated(world, "status", "--url", url)
    assert status.returncode == 3 and silence["id"] in status.stdout, status.stdout
    assert not receiver.requests, receiver.requests
    ended = tcpstated(world, "silence", "expire", "--url", url, silence["id"])
    assert ended.returncode == 0, ended
    (fired,) = eventually(lambda: _assert_taken(receiver, "fired"), within=10)
    assert fired.json()["alert"]["id"] == alert["id"]
    assert_fails(tcpstated(world, "silence", "expire", "--url", url, silence["id"]), "no silence of this id")
    # One that begins while it fires: that it is over is told all the same, to those who know of it.
    again = tcpstated(world, "silence", "add", "--url", url, "--for", "2s", "service=10.77.0.2", "severity!=critical")
    assert again.returncode == 0 and "1 alert that is" in again.stdout, again
    _clear(pairs)
    eventually(lambda: _assert_taken(receiver, "fired", "resolved"), within=10)
    eventually(lambda: _assert_no_silence(daemon), within=10)


@scenario(waits_for_minutes=True, thorough=True)
def alertmanager_gets_repeats_and_resolves_the_alert(world: World) -> None:
    if shutil.which("prometheus-alertmanager") is None:
        raise Skip("Alertmanager is not here (Debian has it in the package prometheus-alertmanager)")
    world.join()
    told = _receiver(world).open()
    manager = _alertmanager(world, told)
    daemon = _watch(world, f"  alertmanager:\n    urls: ['http://{manager}']\n    interval: 1s\n")
    pairs = _fire(world)
    first = eventually(lambda: _managed(world, manager), within=15)
    (alert,) = daemon.alerts()
    wanted = {"alertname": "open", "severity": "warning", "metric": "established", "side": "local"}
    assert wanted.items() <= first["labels"].items(), first["labels"]
    assert first["labels"]["service"] == f"10.77.0.2:{pairs[0].server_end.port}" and first["labels"]["instance"]
    assert first["annotations"]["summary"] == alert["summary"], first["annotations"]
    assert first["startsAt"][:19] == alert["fired_at"][:19] and first["generatorURL"] == "http://127.0.0.1:11060/"
    # Said again for longer than it would last, it is the same, and ends later.
    eventually(lambda: _assert_later(world, manager, first), within=20)
    _clear(pairs)
    eventually(lambda: _assert_states(told, "firing", "resolved"), within=20)
    # One that ends because nobody says it any more.
    _fire(world)
    eventually(lambda: _assert_states(told, "firing", "resolved", "firing"), within=20)
    daemon.terminate(signal.SIGKILL)
    eventually(lambda: _assert_states(told, "firing", "resolved", "firing", "resolved"), within=20)


def _alertmanager(world: World, told: Receiver) -> str:
    settings = world.write(
        "alertmanager.yml",
        "route: {receiver: hook, group_by: [service], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}\n"
        f"receivers: [{{name: hook, webhook_configs: [{{url: '{told.url}/told', send_resolved: true}}]}}]\n",
    )
    with world.server.socket(socket.AF_INET) as held:
        held.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{held.getsockname()[1]}"
    (world.scratch / "alertmanager").mkdir()
    process = subprocess.Popen(
        world.server.command(
            ["prometheus-alertmanager", f"--config.file={settings}", f"--storage.path={world.scratch}/alertmanager",
             f"--web.listen-address={address}", "--cluster.listen-address="]  # fmt: skip
        ),
        stdout=(world.scratch / "alertmanager.log").open("wb"),
        stderr=subprocess.STDOUT,
    )
    world.cleanup.callback(lambda: stop(process))
    eventually(lambda: _asked(world, address), within=20)
    return address


def _asked(world: World, address: str) -> list[dict[str, Any]]:
    program = f"import urllib.request as u; print(u.urlopen('http://{address}/api/v2/alerts').read().decode())"
    result = world.server.run("/usr/bin/python3", "-c", program)
    assert result.returncode == 0, result.stderr[-300:]
    return json.loads(result.stdout)


def _managed(world: World, address: str) -> dict[str, Any]:
    alerts = _asked(world, address)
    assert len(alerts) == 1, alerts
    return alerts[0]


def _assert_later(world: World, address: str, first: dict[str, Any]) -> None:
    now = _managed(world, address)
    assert now["fingerprint"] == first["fingerprint"] and now["startsAt"] == first["startsAt"], (now, first)
    ended, ends = (datetime.datetime.fromisoformat(each["endsAt"][:19]) for each in (first, now))
    assert (ends - ended).total_seconds() >= 6, (first["endsAt"], now["endsAt"])


def _assert_states(told: Receiver, *states: str) -> None:
    """What Alertmanager made of it."""
    made = [request.json()["status"] for request in told.requests]
    assert made == list(states), made


def _assert_no_silence(daemon: Daemon) -> None:
    assert not daemon.json("/api/v1/silences")["silences"]


@scenario()
def silences_are_changed_over_the_unix_socket_alone(world: World) -> None:
    world.join()
    state = world.scratch / "state"
    state.mkdir()
    world.watch("server", configuration=f"state_directory: {state}\nhttp:\n  socket: {_socket(world)}\n")
    daemon = world.daemons["server"]
    refused = daemon.request("POST", "/api/v1/silences?match=rule%3Da&for=60")
    assert refused.status == 403 and "Unix socket" in refused.body, refused
    other = daemon.request("PUT", "/api/v1/silences")
    assert other.status == 405 and other.headers["allow"] == "GET, HEAD, POST, DELETE", other
    url = f"unix:{_socket(world)}"
    for matcher, said in (("colour=red", "colour"), ("service=nginx", "needs an address"), ("rule", "needs =, !=")):
        wrong = tcpstated(world, "silence", "add", "--url", url, "--for", "1h", matcher)
        assert wrong.returncode == 64 and said in wrong.stderr, wrong
    for _ in range(100):
        assert tcpstated(world, "silence", "add", "--url", url, "--for", "1h", "rule=a").returncode == 0
    full = tcpstated(world, "silence", "add", "--url", url, "--for", "1h", "rule=a")
    assert_fails(full, "there are 100 silences already")
    samples = daemon.get("/metrics").body
    assert "\ntcpstated_silences 100\n" in samples
