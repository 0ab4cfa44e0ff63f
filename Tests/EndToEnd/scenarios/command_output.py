"""What the commands print, on a terminal and for other programs."""

import csv
import functools
import io
import json

from harness.load import request_http, serve_http
from harness.program import tcpstated
from harness.suite import scenario
from harness.terminal import Terminal
from harness.waiting import eventually
from harness.world import World

_LISTS = ("services", "connections", "peers", "destinations", "alerts", "findings", "history")


@scenario()
def every_list_can_be_read_by_other_programs(world: World) -> None:
    world.join().watch("server")
    empty = {command: _columns(world, command) for command in _LISTS}
    request_http(world, serve_http(world), 400, "disabled", server_first=True)
    eventually(lambda: _assert(world.daemons["server"].alerts()), within=20)
    for command in _LISTS:
        # Each time it is asked there may be more.
        eventually(functools.partial(_assert_same_in_all_formats, world, command), within=5)
        assert _columns(world, command) == empty[command], f"{command}: other columns than before"
    assert tcpstated(world, "status", "--format", "csv").returncode == 64


def _columns(world: World, command: str) -> list[str]:
    return next(csv.reader(io.StringIO(_output(world, command, "--format", "csv"))))


def _assert_same_in_all_formats(world: World, command: str) -> None:
    body = json.loads(_output(world, command, "--format", "json"))
    name = {"history": "samples"}.get(command, command)
    lines = [json.loads(line) for line in _output(world, command, "--format", "jsonl").splitlines()]
    rows = list(csv.reader(io.StringIO(_output(world, command, "--format", "csv"))))
    assert bool(lines) == bool(body[name]), f"{command}: {len(lines)} lines, {len(body[name])} in JSON"
    assert len({len(row) for row in rows}) <= 1, f"{command}: lines of different length"
    assert len(rows) == len(lines) + 1, f"{command}: {len(rows)} lines of CSV for {len(lines)} of JSON"
    assert _output(world, command, "--format", "table").splitlines(), command


@scenario()
def colours_are_for_terminals_and_for_who_wants_them(world: World) -> None:
    world.join().watch("server")
    request_http(world, serve_http(world), 30, "disabled", server_first=True)
    assert "\x1b" not in _output(world, "connections")
    for colours in (True, False):
        terminal = Terminal(world.server, [world.binary, "connections"], width=160, colours=colours)
        world.cleanup.callback(terminal.close)
        screen = eventually(lambda terminal=terminal: _assert_shown(terminal))
        assert "10.77.0.2:8080" in screen
        assert (b"\x1b[33m" in terminal.written) == colours, terminal.written[:300]


def _assert_shown(terminal: Terminal) -> str:
    screen = terminal.read()
    assert "TIME_WAIT" in screen and terminal.process.poll() == 0, screen
    return screen


@scenario()
def a_watched_list_changes_in_its_place(world: World) -> None:
    world.join().watch("server")
    command = [world.binary, "services", "--watch", "0.3"]
    terminal = Terminal(world.server, command, width=120)
    world.cleanup.callback(terminal.close)
    _assert_next(terminal, "CONNECTIONS")
    request_http(world, serve_http(world), 30, "disabled", server_first=True)
    _assert_next(terminal, "10.77.0.2:8080")
    daemon = world.daemons["server"]
    daemon.terminate()
    _assert_next(terminal, "no daemon answers")
    daemon.start()
    _assert_next(terminal, "10.77.0.2:8080")
    # Cleared once; from then on each picture is written over the one before.
    assert terminal.written.count(b"\x1b[2J") == 1


def _assert_next(terminal: Terminal, words: str) -> None:
    """In a picture that begins after now."""
    terminal.read()
    begun = len(terminal.written)

    def check() -> None:
        terminal.read()
        pictures = terminal.written[begun:].split(b"\x1b[H")[1:]
        assert any(words.encode() in picture for picture in pictures), pictures[-1:]

    eventually(check, within=15)


def _output(world: World, *arguments: str) -> str:
    result = tcpstated(world, *arguments)
    assert result.returncode == 0, f"{arguments}: {result.stderr}"
    return result.stdout


def _assert(condition: object) -> None:
    assert condition
