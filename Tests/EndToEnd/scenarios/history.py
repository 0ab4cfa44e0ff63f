"""What was: written down each minute, and still there after whatever happens to the daemon and its disk.

The daemon's wall clock runs sixty times as fast here (faketime), so that each second is a minute of its history."""

import calendar
import csv
import functools
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path
from typing import Any

from harness import endings
from harness.browser import Browser
from harness.daemon import LISTEN, Daemon
from harness.load import request_http, serve_http
from harness.program import tcpstated
from harness.suite import Skip, scenario
from harness.waiting import eventually, interrupted
from harness.world import World

_MINUTE = 60


def _watch(world: World, directory: Path, more: str = "", hurried: bool = True) -> Daemon:
    environment = {}
    if hurried:
        library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
        if library is None:
            raise Skip("libfaketime is not here (Debian has it in the package faketime)")
        # Ticks come by the other clock, which goes on as it does.
        environment = {"LD_PRELOAD": str(library), "FAKETIME": "+0 x60", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    world.watch("server", configuration=f"state_directory: {directory}\n{more}", environment=environment)
    return world.daemons["server"]


def _directory(world: World) -> Path:
    directory = world.scratch / "state"
    directory.mkdir()
    return directory


def _rows(directory: Path, statement: str) -> list[Any]:
    """As any other program would read it, whether the daemon runs or not."""
    connection = sqlite3.connect(f"file:{directory / 'history.sqlite'}?mode=ro", uri=True)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def _minutes(directory: Path) -> list[int]:
    return [minute for (minute,) in _rows(directory, "SELECT minute FROM host_minute ORDER BY minute")]


def _assert_written(directory: Path, count: int) -> list[int]:
    try:
        minutes = _minutes(directory)
    except sqlite3.OperationalError as error:
        raise AssertionError(str(error)) from error
    assert len(minutes) >= count, f"{len(minutes)} of {count} minutes are written"
    return minutes


def _status(daemon: Daemon) -> dict[str, Any]:
    return daemon.status()["history"]


def _assert_state(daemon: Daemon, state: str) -> dict[str, Any]:
    status = _status(daemon)
    assert status["state"] == state, status
    return status


@scenario()
def what_was_is_told_after_a_restart(world: World) -> None:
    world.join()
    directory = _directory(world)
    daemon = _watch(world, directory)
    request_http(world, serve_http(world), 400, "disabled", server_first=True)
    eventually(lambda: _assert_written(directory, 4), within=20)
    eventually(lambda: _assert_fired(daemon), within=20)
    assert daemon.terminate()[0] == 0
    assert [path.stat().st_mode & 0o777 for path in directory.glob("history.sqlite*")] == [0o600]
    daemon.start()
    # Its clock is that of the machine again, and what was lies in the future.
    since, until = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + hours * 3600)) for hours in (-1, 3))
    told = daemon.json("/api/v1/history", what="host", since=since, until=until)
    assert max(sample["time_wait"]["server"] for sample in told["samples"]) >= 400, told
    assert sum(sample["closed_first"]["server"] for sample in told["samples"]) >= 399, told
    assert told["problem"] is None and told["step_seconds"] == _MINUTE
    [service] = daemon.json("/api/v1/history", what="services", since=since, until=until)["services"]
    assert service["service"] == "10.77.0.2:8080" and service["close_cause"].keys() <= {"client_asked", "probe"}, service
    series = daemon.json("/api/v1/history", what="services", service=service["service"], since=since, until=until, step="5m")
    assert series["step_seconds"] == 300 and max(s["time_wait"]["server"] for s in series["samples"]) >= 400
    alerts = daemon.json("/api/v1/history", what="alerts", since=since, until=until)["alerts"]
    assert [alert["name"] for alert in alerts] == ["time-wait"] and alerts[0]["evidence"]["services"], alerts
    assert "time-wait" in json.dumps(daemon.json("/api/v1/history", what="findings", since=since, until=until))
    _assert_command_tells(world, daemon, directory, ["--since", since, "--until", until])


def _assert_fired(daemon: Daemon) -> None:
    assert any(alert["state"] == "firing" for alert in daemon.alerts())


def _assert_command_tells(world: World, daemon: Daemon, directory: Path, when: list[str]) -> None:
    def ask(*arguments: str) -> str:
        result = tcpstated(world, "history", *when, *arguments)
        assert result.returncode == 0, result.stderr
        return result.stdout

    text = ask()
    assert "TIME_WAIT HERE" in text and "server 100 %" in text, text
    rows = list(csv.DictReader(io.StringIO(ask("--format", "csv"))))
    assert max(int(row["time_wait.server"]) for row in rows) >= 400, rows
    assert "10.77.0.2:8080" in ask("--what", "services")
    lines = [json.loads(line) for line in ask("--service", "10.77.0.2:8080", "--format", "jsonl").splitlines()]
    assert lines and all("time_wait" in line for line in lines)
    assert "400 TIME_WAIT" in ask("--what", "alerts")
    assert "client-asks-for-close" in ask("--what", "findings")
    # Without a daemon the file tells the same.
    assert daemon.terminate()[0] == 0
    result = tcpstated(world, "history", "--since", "3h")
    assert result.returncode == 1 and "--file" in result.stderr, result.stderr
    file = str(directory / "history.sqlite")
    assert "10.77.0.2:8080" in ask("--file", file, "--what", "services")
    body = json.loads(ask("--file", file, "--format", "json"))
    assert max(sample["time_wait"]["server"] for sample in body["samples"]) >= 400
    wrong = tcpstated(world, "history", "--file", str(directory / "nothing"))
    assert wrong.returncode == 1 and "No such file" in wrong.stderr, wrong.stderr


@scenario()
def no_minute_but_the_last_is_lost_when_the_daemon_is_killed(world: World) -> None:
    world.join()
    directory = _directory(world)
    daemon = _watch(world, directory)
    server = serve_http(world)
    chance = random.Random(7)
    kept: list[int] = []
    for _ in range(5):
        request_http(world, server, 50, "disabled", server_first=True)
        written = eventually(lambda: _assert_written(directory, len(kept) + 2), within=20)
        told = daemon.json("/api/v1/history", span="24h", step="1m")["samples"]
        over = [calendar.timegm(time.strptime(sample["time"][:19], "%Y-%m-%dT%H:%M:%S")) // _MINUTE for sample in told[:-1]]
        # At any moment of a minute, and of its being written.
        interrupted.wait(chance.random())
        daemon.terminate(signal.SIGKILL)
        found = _minutes(directory)
        # The minute that it was killed in is in no file, what was over before is.
        assert set(written) | set(over) <= set(found), "what was written is gone"
        assert _rows(directory, "PRAGMA integrity_check") == [("ok",)]
        kept = found
        daemon.start()
    assert "damaged" not in daemon.log_text()
    assert _rows(directory, "SELECT count(*) FROM service_minute WHERE service = '10.77.0.2:8080'")[0][0] >= 5


@scenario()
def a_full_disk_stops_the_history_and_not_the_daemon(world: World) -> None:
    world.join()
    directory = _directory(world)
    _mount(world, directory, "768k")
    daemon = _watch(world, directory)
    eventually(lambda: _assert_written(directory, 2), within=20)
    filler = directory / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    status = eventually(functools.partial(_assert_state, daemon, "failing"), within=60)
    assert "full" in status["problem"], status
    eventually(lambda: _assert(_status(daemon)["waiting_minutes"] >= 4), within=30)
    assert 'tcpstated_history_failing 1' in daemon.get("/metrics").body
    assert "full" in (daemon.json("/api/v1/history", span="3h")["problem"] or "")
    # It goes on.
    pair = world.connect()
    world.expect(pair, client="ESTABLISHED", server="ESTABLISHED")
    waiting = len(daemon.json("/api/v1/history", span="3h")["samples"])
    assert daemon.log_text().count("cannot write") == 1 + daemon.log_text().count("alerts.json"), daemon.log_text()
    filler.unlink()
    eventually(functools.partial(_assert_state, daemon, "ok"), within=30)
    eventually(lambda: daemon.assert_logged("writes .*history.sqlite again"))
    eventually(lambda: _assert_written(directory, waiting - 1), within=20)
    assert daemon.terminate()[0] == 0
    assert _rows(directory, "PRAGMA integrity_check") == [("ok",)]


@scenario()
def a_disk_that_hangs_under_the_history_stops_neither_capture_nor_the_end(world: World) -> None:
    if shutil.which("strace") is None:
        raise Skip("strace is not installed")
    world.join()
    directory = _directory(world)
    daemon = _watch(world, directory)
    eventually(lambda: _assert_written(directory, 2), within=20)
    hanging = _hang(world, daemon, directory / "history.sqlite-wal")
    status = eventually(functools.partial(_assert_state, daemon, "failing"), within=60)
    assert "does not answer" in status["problem"] and status["waiting_minutes"] >= 2, status
    # Asked for the past it refuses, in its time; it goes on, and knows the last minutes by itself.
    assert daemon.get("/api/v1/history?span=3h").status == 503
    assert "tcpstated_history_failing 1" in daemon.get("/metrics").body
    assert daemon.json("/api/v1/history", span="1m")["samples"]
    before = daemon.status()["connections"]
    played = endings.play(world)
    assert daemon.status()["connections"] - before == played
    pair = world.connect()
    world.expect(pair, client="ESTABLISHED", server="ESTABLISHED")
    eventually(lambda: _assert(_status(daemon)["lost_minutes"] >= 1), within=30)
    assert daemon.log_text().count("does not answer") == 1, daemon.log_text()
    # The disk comes back.
    hanging.kill()
    hanging.wait()
    eventually(functools.partial(_assert_state, daemon, "ok"), within=30)
    eventually(lambda: daemon.assert_logged("history.sqlite: the disk answers again"))
    # And goes for good.
    hanging = _hang(world, daemon, directory / "history.sqlite-wal")
    eventually(functools.partial(_assert_state, daemon, "failing"), within=60)
    daemon.send(signal.SIGTERM)
    eventually(lambda: daemon.assert_logged("notice: stopped"), within=2)
    # What is traced is not gone for its parent before the tracer has seen it.
    hanging.kill()
    assert daemon.terminate()[0] == 0
    assert _rows(directory, "PRAGMA integrity_check") == [("ok",)]


def _hang(world: World, daemon: Daemon, file: Path) -> subprocess.Popen[bytes]:
    """Whoever writes the file waits, as for a server of files that is gone, until the tracer ends."""
    assert daemon.process is not None
    command = ["strace", "-f", "-q", "-o", "/dev/null", "-p", str(daemon.process.pid), "-P", str(file)]
    command += ["-e", "trace=pwrite64", "-e", f"inject=pwrite64:delay_enter={3600 * 10**6}"]
    tracer = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    # Asked politely it waits for who waits.
    world.cleanup.callback(tracer.wait)
    world.cleanup.callback(tracer.kill)
    return tracer


def _mount(world: World, directory: Path, size: str, *options: str) -> None:
    flags = ",".join([f"size={size}", "mode=700", *options])
    if subprocess.run(["mount", "-t", "tmpfs", "-o", flags, "none", directory], capture_output=True).returncode != 0:
        raise Skip("no file system can be mounted here")
    world.cleanup.callback(subprocess.run, ["umount", "-l", directory])


@scenario()
def a_directory_that_cannot_be_written_is_said_and_tried_again(world: World) -> None:
    world.join()
    directory = _directory(world)
    _mount(world, directory, "4m", "ro")
    daemon = _watch(world, directory)
    eventually(functools.partial(_assert_state, daemon, "failing"), within=20)
    daemon.assert_logged("cannot write .*history.sqlite: Read-only file system; the daemon goes on")
    subprocess.run(["mount", "-o", "remount,rw", directory], check=True)
    eventually(functools.partial(_assert_state, daemon, "ok"), within=20)
    eventually(lambda: _assert_written(directory, 2), within=20)


@scenario()
def a_damaged_history_is_moved_aside(world: World) -> None:
    world.join()
    directory = _directory(world)
    (directory / "history.sqlite").write_bytes(os.urandom(20_000))
    daemon = _watch(world, directory)
    eventually(lambda: daemon.assert_logged("history is damaged; it is now .*history.sqlite.damaged"))
    eventually(lambda: _assert_written(directory, 2), within=20)
    assert (directory / "history.sqlite.damaged").stat().st_size == 20_000
    _assert_state(daemon, "ok")


@scenario()
def without_a_place_for_a_file_the_history_is_of_this_run(world: World) -> None:
    world.join().watch("server")
    daemon = world.daemons["server"]
    assert _status(daemon)["state"] == "memory"
    eventually(lambda: _assert(len(daemon.json("/api/v1/history")["samples"]) >= 2))
    assert daemon.json("/api/v1/history", step="1m")["problem"] is None


@scenario()
def the_page_shows_a_day_that_the_daemon_has_not_seen(world: World) -> None:
    world.join()
    directory = _directory(world)
    daemon = _watch(world, directory, hurried=False)
    eventually(functools.partial(_assert_state, daemon, "ok"))
    eventually(lambda: _assert_written(directory, 0))
    daemon.terminate(signal.SIGKILL)
    connection = sqlite3.connect(directory / "history.sqlite")
    now = int(time.time()) // _MINUTE
    for minute in range(now - 1300, now):
        values = (minute, 60, 500, 0, 0, 0, 777 if minute == now - 1200 else 7, 0, 0, 0, 0, 0, 0)
        connection.execute("INSERT OR REPLACE INTO host_minute VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", values)
    connection.commit()
    connection.close()
    daemon.start()
    browser = Browser(world.server, world.scratch / "profile")
    world.cleanup.callback(browser.close)
    browser.open("http://%s:%d/" % LISTEN)
    browser.evaluate("(byId('chart-span').value = '86400', byId('chart-span').dispatchEvent(new Event('change')))")
    browser.until("chart.samples.length > 1290")
    assert browser.evaluate("Math.max(...chart.samples.map(({server}) => server))") == 777
    assert not browser.complaints, browser.complaints


def _assert(condition: object) -> None:
    assert condition
