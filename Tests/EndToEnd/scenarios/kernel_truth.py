"""What the kernels of both ends say, and what the daemons say: after each step the same.

States come from sock_diag dumps in both namespaces. Each story is told twice: once with the client as `one`, who acts
first, and once with the server."""

import contextlib
import functools
import socket
from collections.abc import Callable

from harness.churn import churn
from harness.endings import endpoint_of_nobody
from harness.kernel import Endpoint
from harness.suite import BOTH_FAMILIES, scenario
from harness.truth import BOTH_CLOSED, BOTH_ESTABLISHED, OTHER, Story, Truth, connect_again, linger, tell
from harness.world import IPV4, SIDES, World, endpoint

_TCP_LINGER2 = 8
_MEGABYTE = 1 << 20

#: Truth, and the sides of who acts first and who does not.
_TwoSided = Callable[[Truth, str, str], None]

_stories: list[Story] = []


def _story(function: Story) -> Story:
    _stories.append(function)
    return function


def _told_of_both(function: _TwoSided) -> _TwoSided:
    for one in SIDES:
        story = functools.partial(function, one=one, other=OTHER[one])
        _stories.append(functools.update_wrapper(story, function))
        story.__name__ = f"{function.__name__} ({one})"
    return function


def _one_closes(t: Truth, one: str, other: str) -> None:
    t.close(one)
    t.agree({one: "FIN_WAIT_2", other: "CLOSE_WAIT"})


def _one_half_closes(t: Truth, one: str, other: str) -> None:
    t.shut(one)
    t.agree({one: "FIN_WAIT_2", other: "CLOSE_WAIT"})


def _the_other_follows(t: Truth, one: str, other: str) -> None:
    t.close(other)
    t.agree({one: "TIME_WAIT", other: "CLOSED"})


def _one_closes_and_the_other_follows(t: Truth, one: str, other: str) -> None:
    _one_closes(t, one, other)
    _the_other_follows(t, one, other)


# One closes, the other follows.


@_told_of_both
def nothing_was_said(t: Truth, one: str, other: str) -> None:
    t.agree(BOTH_ESTABLISHED)
    _one_closes_and_the_other_follows(t, one, other)


@_told_of_both
def the_other_follows_at_once(t: Truth, one: str, other: str) -> None:
    t.close(one)
    assert t.held(other).recv(1) == b""
    _the_other_follows(t, one, other)


@_told_of_both
def after_data_both_ways(t: Truth, one: str, other: str) -> None:
    t.transfer(one)
    t.transfer(other)
    t.agree(BOTH_ESTABLISHED)
    _one_closes_and_the_other_follows(t, one, other)


@_told_of_both
def after_a_megabyte(t: Truth, one: str, other: str) -> None:
    t.transfer(one, _MEGABYTE)
    _one_closes_and_the_other_follows(t, one, other)


@_told_of_both
def before_the_other_has_read(t: Truth, one: str, other: str) -> None:
    t.send(one)
    _one_closes(t, one, other)
    t.read(other)
    _the_other_follows(t, one, other)


@_told_of_both
def data_and_fin_in_one_segment(t: Truth, one: str, other: str) -> None:
    t.set(one, socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    t.send(one)
    _one_closes(t, one, other)
    t.read(other)
    _the_other_follows(t, one, other)


@_told_of_both
def after_small_segments(t: Truth, one: str, other: str) -> None:
    t.set(one, socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(50):
        t.send(one, 1)
    t.read(other, 50)
    _one_closes_and_the_other_follows(t, one, other)


@_told_of_both
def after_urgent_data(t: Truth, one: str, other: str) -> None:
    t.held(one).send(b"!", socket.MSG_OOB)
    t.send(one, 5)
    t.read(other, 5)
    _one_closes_and_the_other_follows(t, one, other)


@_told_of_both
def one_lingers(t: Truth, one: str, other: str) -> None:
    t.set(one, socket.SOL_SOCKET, socket.SO_LINGER, linger(5))
    t.transfer(one)
    _one_closes_and_the_other_follows(t, one, other)


@_told_of_both
def a_copy_of_the_descriptor_keeps_the_connection(t: Truth, one: str, other: str) -> None:
    copy = t.held(one).dup()
    t.close(one)
    t.agree(BOTH_ESTABLISHED)
    copy.close()
    t.agree({one: "FIN_WAIT_2", other: "CLOSE_WAIT"})
    _the_other_follows(t, one, other)


@_told_of_both
def with_keep_alive_probes(t: Truth, one: str, other: str) -> None:
    for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1)):
        t.set(one, socket.IPPROTO_TCP, option, value)
    t.set(one, socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    t.agree(BOTH_ESTABLISHED)
    _one_closes_and_the_other_follows(t, one, other)


# Half-closed.


@_told_of_both
def one_half_closes_and_holds_while_the_other_closes(t: Truth, one: str, other: str) -> None:
    _one_half_closes(t, one, other)
    _the_other_follows(t, one, other)
    t.close(one)
    t.agree({one: "TIME_WAIT", other: "CLOSED"})


@_told_of_both
def a_half_closed_end_is_answered(t: Truth, one: str, other: str) -> None:
    _one_half_closes(t, one, other)
    t.transfer(other)
    t.agree({one: "FIN_WAIT_2", other: "CLOSE_WAIT"})
    _the_other_follows(t, one, other)


@_told_of_both
def both_half_close(t: Truth, one: str, other: str) -> None:
    _one_half_closes(t, one, other)
    t.shut(other)
    t.agree({one: "TIME_WAIT", other: "CLOSED"})


@_told_of_both
def one_shuts_both_directions(t: Truth, one: str, other: str) -> None:
    t.shut(one, socket.SHUT_RDWR)
    t.agree({one: "FIN_WAIT_2", other: "CLOSE_WAIT"})
    _the_other_follows(t, one, other)


@_told_of_both
def reading_alone_is_shut_without_a_packet(t: Truth, one: str, other: str) -> None:
    t.shut(one, socket.SHUT_RD)
    t.agree(BOTH_ESTABLISHED)
    _one_closes_and_the_other_follows(t, one, other)


@_told_of_both
def the_last_answer_and_fin_reach_a_half_closed_end_together(t: Truth, one: str, other: str) -> None:
    _one_half_closes(t, one, other)
    t.set(other, socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    t.send(other)
    _the_other_follows(t, one, other)
    t.read(one)


@_told_of_both
def one_half_closes_then_closes(t: Truth, one: str, other: str) -> None:
    _one_half_closes(t, one, other)
    _one_closes_and_the_other_follows(t, one, other)


# Resets.


@_told_of_both
def one_resets(t: Truth, one: str, other: str) -> None:
    t.agree(BOTH_ESTABLISHED)
    t.reset(one)
    t.agree(BOTH_CLOSED)


@_told_of_both
def one_closes_with_data_unread(t: Truth, one: str, other: str) -> None:
    t.send(other)
    t.agree(BOTH_ESTABLISHED)
    t.held(one).recv(1, socket.MSG_PEEK)
    t.close(one)
    t.agree(BOTH_CLOSED)


@_told_of_both
def the_other_resets_after_the_fin(t: Truth, one: str, other: str) -> None:
    _one_closes(t, one, other)
    t.reset(other)
    t.agree(BOTH_CLOSED)


@_told_of_both
def one_half_closes_then_resets(t: Truth, one: str, other: str) -> None:
    _one_half_closes(t, one, other)
    t.reset(one)
    t.agree(BOTH_CLOSED)


@_told_of_both
def late_data_kills_a_fin_wait_2_that_nobody_holds(t: Truth, one: str, other: str) -> None:
    _one_closes(t, one, other)
    t.send(other)
    t.agree(BOTH_CLOSED)


@_told_of_both
def data_with_the_fin_kills_a_fin_wait_2_that_nobody_holds(t: Truth, one: str, other: str) -> None:
    _one_closes(t, one, other)
    t.set(other, socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    t.send(other)
    t.close(other)
    t.agree(BOTH_CLOSED)


@_told_of_both
def closing_with_a_negative_linger2_resets_in_fin_wait_2(t: Truth, one: str, other: str) -> None:
    t.set(one, socket.IPPROTO_TCP, _TCP_LINGER2, -1)
    t.close(one)
    t.agree(BOTH_CLOSED)


# Listeners.


@_story
def a_listener_that_goes_resets_what_it_has_not_accepted(t: Truth) -> None:
    t.reset("client")
    waiting = t.world.listen()
    t.pair = t.world.start_connecting(endpoint(waiting.getsockname()))
    t.agree(BOTH_ESTABLISHED)
    waiting.close()
    t.agree(BOTH_CLOSED)


@_story
def a_connection_that_is_not_accepted_waits_in_close_wait(t: Truth) -> None:
    t.reset("client")
    waiting = t.world.listen()
    t.pair = t.world.start_connecting(endpoint(waiting.getsockname()))
    t.agree(BOTH_ESTABLISHED)
    _one_closes(t, "client", "server")
    accepted, _ = waiting.accept()
    accepted.close()
    t.agree({"client": "TIME_WAIT", "server": "CLOSED"})


@_story
def nobody_listens(t: Truth) -> None:
    t.reset("client")
    t.pair = t.world.start_connecting(endpoint_of_nobody(t.world))
    t.agree(BOTH_CLOSED)


@_told_of_both
def a_new_connection_takes_the_place_of_a_time_wait(t: Truth, one: str, other: str) -> None:
    _one_closes_and_the_other_follows(t, one, other)
    second = connect_again(t)
    second.agree(BOTH_ESTABLISHED)
    _one_closes_and_the_other_follows(second, other, one)


@_story
def a_mapped_socket_talks_ipv4(t: Truth) -> None:
    if t.world.family != IPV4:
        return
    t.reset("client")
    client = t.world.client.socket(socket.AF_INET6)
    with contextlib.closing(client):
        client.bind((f"::ffff:{t.world.address('client')}", 0))
        client.connect((f"::ffff:{t.world.address('server')}", t.listener.getsockname()[1]))
        t.pair.client, t.pair.client_end = client, Endpoint(t.world.address("client"), client.getsockname()[1])
        t.pair.server, _ = t.listener.accept()
        t.agree(BOTH_ESTABLISHED)
        _one_closes_and_the_other_follows(t, "client", "server")


@scenario(BOTH_FAMILIES)
def both_kernels_and_both_daemons_tell_the_same_after_each_step(world: World) -> None:
    tell(world.join().watch(), _stories)


# Silent endings, of which only the kernel's table tells.


def _an_orphan_with_a_time_of_its_own_gives_up(t: Truth) -> None:
    t.set("client", socket.IPPROTO_TCP, _TCP_LINGER2, 3)
    _one_closes(t, "client", "server")
    t.agree({"client": "CLOSED", "server": "CLOSE_WAIT"}, own_ends_only=True, within=10)


def _a_held_half_close_becomes_an_orphan_and_gives_up(t: Truth) -> None:
    _one_half_closes(t, "client", "server")
    t.set("client", socket.IPPROTO_TCP, _TCP_LINGER2, 4)
    _one_closes(t, "client", "server")
    t.agree({"client": "CLOSED", "server": "CLOSE_WAIT"}, own_ends_only=True, within=15)


@scenario(BOTH_FAMILIES, waits_for_minutes=True)
def silent_endings_are_noticed_within_a_reading(world: World) -> None:
    world.join().watch(configuration="kernel:\n  interval: 2s\n")
    stories = [_an_orphan_with_a_time_of_its_own_gives_up, _a_held_half_close_becomes_an_orphan_and_gives_up]
    tell(world, stories)


@scenario(BOTH_FAMILIES, waits_for_minutes=True, alone=True)
def through_churn_and_a_restart_the_daemon_counts_what_the_kernel_counts(world: World) -> None:
    for sample in churn(world.join().watch(), connections=4000, seconds=66, samples=30):
        sample.check()
