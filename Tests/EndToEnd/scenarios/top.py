"""`tcpstated top` on a terminal, and without one."""

import signal

from harness.load import request_http, serve_http
from harness.namespaces import stop
from harness.suite import scenario
from harness.terminal import Terminal
from harness.waiting import eventually, throughout
from harness.world import World


def _top(world: World, *arguments: str) -> Terminal:
    terminal = Terminal(world.server, [world.binary, "top", "--interval", "0.3", *arguments])
    world.cleanup.callback(terminal.close)
    return terminal


@scenario()
def top_follows_what_happens_and_opens_a_service(world: World) -> None:
    world.join().watch("server")
    terminal = _top(world)
    terminal.shows("SERVICES  (0)")
    request_http(world, serve_http(world), 30, "disabled", server_first=True)
    screen = terminal.shows("10.77.0.2:8080")
    assert all(len(row) <= 80 for row in screen.split("\n")), screen
    terminal.shows("this host 30")
    # Two clears at most for the first picture: from then on only what changes is written.
    assert terminal.clears <= 2, terminal.clears
    terminal.press("\r")
    terminal.shows("CONNECTIONS dst 10.77.0.2:8080")
    terminal.shows("10.77.0.1:")
    terminal.press("\r")
    terminal.shows("Community ID")
    terminal.press("\x1b")
    terminal.shows("CONNECTIONS dst")
    terminal.press("/")
    terminal.shows("Filter: dst 10.77.0.2:8080_")
    terminal.press(" and state established\r")
    terminal.shows("established  (0)")
    clears = terminal.clears
    terminal.resize(132, 40)
    eventually(lambda: _assert(terminal.read() and terminal.clears > clears and "Enter open" in terminal.rows.get(40, "")))
    terminal.press("q")
    assert terminal.process.wait(10) == 0
    _assert_given_back(terminal)


@scenario()
def top_stands_still_when_frozen_and_says_when_the_daemon_has_gone(world: World) -> None:
    world.join().watch("server")
    terminal = _top(world)
    terminal.shows("SERVICES  (0)")
    terminal.press("f")
    terminal.shows("FROZEN")
    written = len(terminal.written)
    throughout(lambda: _assert(terminal.read() and len(terminal.written) == written), seconds=1.5)
    terminal.press("f")
    world.daemons["server"].terminate()
    terminal.shows("no daemon answers")
    world.daemons["server"].start()
    terminal.shows("TIME_WAIT    servers 0")
    terminal.process.send_signal(signal.SIGTERM)
    terminal.process.wait(10)
    _assert_given_back(terminal)


@scenario()
def top_without_a_terminal_prints_once(world: World) -> None:
    world.join().watch("server")
    result = world.server.run(world.binary, "top")
    assert result.returncode == 0 and "TIME_WAIT" in result.stdout, result
    assert "\x1b" not in result.stdout, result.stdout
    stop(world.daemons["server"].process)
    result = world.server.run(world.binary, "top")
    assert result.returncode == 1 and result.stderr.count("\n") == 1, result


@scenario()
def top_on_a_terminal_without_a_screen_prints_once(world: World) -> None:
    world.join().watch("server")
    terminal = Terminal(world.server, [world.binary, "top"], kind="dumb")
    world.cleanup.callback(terminal.close)
    assert terminal.process.wait(10) == 0
    terminal.read()
    assert b"TIME_WAIT" in terminal.written and b"\x1b" not in terminal.written, terminal.written


def _assert_given_back(terminal: Terminal) -> None:
    """The screen and the keys are as they were before."""
    terminal.read()
    assert not terminal.is_alternate
    assert terminal.written.rstrip().endswith(b"\x1b[?25h\x1b[?1049l"), terminal.written[-80:]
    assert terminal.attributes == terminal.before


def _assert(condition: object) -> None:
    assert condition
