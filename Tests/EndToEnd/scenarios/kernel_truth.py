"""What the kernels of both ends say, and what the daemons say: after each step the same.

States come from sock_diag dumps in both namespaces."""

import contextlib
import socket

from harness.churn import churn
from harness.endings import endpoint_of_nobody
from harness.kernel import Endpoint
from harness.suite import BOTH_FAMILIES, scenario
from harness.truth import Story, Truth, connect_again, linger, tell
from harness.world import IPV4, World, endpoint

_TCP_LINGER2 = 8
_MEGABYTE = 1 << 20
_REAL_ROUND_TRIP = 0.005

_stories: list[Story] = []


def _story(function: Story) -> Story:
    _stories.append(function)
    return function


# One closes, the other follows.


@_story
def client_closes_and_server_follows(t: Truth) -> None:
    t.agree("ESTABLISHED", "ESTABLISHED")
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def server_closes_and_client_follows(t: Truth) -> None:
    t.close("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.close("client")
    t.agree("CLOSED", "TIME_WAIT")


@_story
def client_closes_and_server_follows_at_once(t: Truth) -> None:
    t.close("client")
    assert t.held("server").recv(1) == b""
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def server_closes_and_client_follows_at_once(t: Truth) -> None:
    t.close("server")
    assert t.held("client").recv(1) == b""
    t.close("client")
    t.agree("CLOSED", "TIME_WAIT")


@_story
def client_closes_after_data_both_ways(t: Truth) -> None:
    t.transfer("client")
    t.transfer("server")
    t.agree("ESTABLISHED", "ESTABLISHED")
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def server_closes_after_data_both_ways(t: Truth) -> None:
    t.transfer("client")
    t.transfer("server")
    t.close("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.close("client")
    t.agree("CLOSED", "TIME_WAIT")


@_story
def client_closes_after_a_megabyte_up(t: Truth) -> None:
    t.transfer("client", _MEGABYTE)
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def server_closes_after_a_megabyte_down(t: Truth) -> None:
    t.transfer("server", _MEGABYTE)
    t.close("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.close("client")
    t.agree("CLOSED", "TIME_WAIT")


@_story
def client_closes_before_the_server_has_read(t: Truth) -> None:
    t.send("client")
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.read("server")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def server_closes_before_the_client_has_read(t: Truth) -> None:
    t.send("server")
    t.close("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.read("client")
    t.close("client")
    t.agree("CLOSED", "TIME_WAIT")


@_story
def client_sends_data_and_fin_in_one_segment(t: Truth) -> None:
    t.set("client", socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    t.send("client")
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.read("server")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def server_sends_data_and_fin_in_one_segment(t: Truth) -> None:
    t.set("server", socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    t.send("server")
    t.close("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.read("client")
    t.close("client")
    t.agree("CLOSED", "TIME_WAIT")


@_story
def client_closes_after_small_segments(t: Truth) -> None:
    t.set("client", socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for _ in range(50):
        t.send("client", 1)
    t.read("server", 50)
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def client_closes_after_urgent_data(t: Truth) -> None:
    t.held("client").send(b"!", socket.MSG_OOB)
    t.send("client", 5)
    t.read("server", 5)
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def client_lingers_and_closes(t: Truth) -> None:
    t.set("client", socket.SOL_SOCKET, socket.SO_LINGER, linger(5))
    t.transfer("client")
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def a_copy_of_the_descriptor_keeps_the_connection(t: Truth) -> None:
    copy = t.held("client").dup()
    t.close("client")
    t.agree("ESTABLISHED", "ESTABLISHED")
    copy.close()
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def client_closes_a_connection_with_keep_alive_probes(t: Truth) -> None:
    for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1)):
        t.set("client", socket.IPPROTO_TCP, option, value)
    t.set("client", socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    t.agree("ESTABLISHED", "ESTABLISHED")
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


# Half-closed.


@_story
def client_half_closes_and_holds_while_the_server_closes(t: Truth) -> None:
    t.shut("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")
    t.close("client")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def server_half_closes_and_holds_while_the_client_closes(t: Truth) -> None:
    t.shut("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.close("client")
    t.agree("CLOSED", "TIME_WAIT")


@_story
def server_answers_a_half_closed_client(t: Truth) -> None:
    t.shut("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.transfer("server")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def client_answers_a_half_closed_server(t: Truth) -> None:
    t.shut("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.transfer("client")
    t.close("client")
    t.agree("CLOSED", "TIME_WAIT")


@_story
def both_half_close_client_first(t: Truth) -> None:
    t.shut("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.shut("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def both_half_close_server_first(t: Truth) -> None:
    t.shut("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.shut("client")
    t.agree("CLOSED", "TIME_WAIT")


@_story
def client_shuts_both_directions(t: Truth) -> None:
    t.shut("client", socket.SHUT_RDWR)
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def server_shuts_both_directions(t: Truth) -> None:
    t.shut("server", socket.SHUT_RDWR)
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.close("client")
    t.agree("CLOSED", "TIME_WAIT")


@_story
def reading_alone_is_shut_without_a_packet(t: Truth) -> None:
    t.shut("client", socket.SHUT_RD)
    t.agree("ESTABLISHED", "ESTABLISHED")
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


@_story
def the_last_answer_and_fin_reach_a_half_closed_client_together(t: Truth) -> None:
    t.shut("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.set("server", socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    t.send("server")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")
    t.read("client")


@_story
def client_half_closes_then_closes(t: Truth) -> None:
    t.shut("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")


# Resets.


@_story
def client_resets(t: Truth) -> None:
    t.agree("ESTABLISHED", "ESTABLISHED")
    t.reset("client")
    t.agree("CLOSED", "CLOSED")


@_story
def server_resets(t: Truth) -> None:
    t.agree("ESTABLISHED", "ESTABLISHED")
    t.reset("server")
    t.agree("CLOSED", "CLOSED")


@_story
def client_closes_with_data_unread(t: Truth) -> None:
    t.send("server")
    t.agree("ESTABLISHED", "ESTABLISHED")
    t.held("client").recv(1, socket.MSG_PEEK)
    t.close("client")
    t.agree("CLOSED", "CLOSED")


@_story
def server_closes_with_data_unread(t: Truth) -> None:
    t.send("client")
    t.held("server").recv(1, socket.MSG_PEEK)
    t.close("server")
    t.agree("CLOSED", "CLOSED")


@_story
def server_resets_after_the_clients_fin(t: Truth) -> None:
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.reset("server")
    t.agree("CLOSED", "CLOSED")


@_story
def client_resets_after_the_servers_fin(t: Truth) -> None:
    t.close("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.reset("client")
    t.agree("CLOSED", "CLOSED")


@_story
def client_half_closes_then_resets(t: Truth) -> None:
    t.shut("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.reset("client")
    t.agree("CLOSED", "CLOSED")


@_story
def server_half_closes_then_resets(t: Truth) -> None:
    t.shut("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.reset("server")
    t.agree("CLOSED", "CLOSED")


@_story
def late_data_kills_a_fin_wait_2_that_nobody_holds(t: Truth) -> None:
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.send("server")
    t.agree("CLOSED", "CLOSED")


@_story
def late_data_from_the_client_kills_the_servers_fin_wait_2(t: Truth) -> None:
    t.close("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.send("client")
    t.agree("CLOSED", "CLOSED")


@_story
def data_with_the_fin_kills_a_fin_wait_2_that_nobody_holds(t: Truth) -> None:
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.set("server", socket.IPPROTO_TCP, socket.TCP_CORK, 1)
    t.send("server")
    t.close("server")
    t.agree("CLOSED", "CLOSED")


@_story
def closing_with_a_negative_linger2_resets_in_fin_wait_2(t: Truth) -> None:
    t.set("client", socket.IPPROTO_TCP, _TCP_LINGER2, -1)
    t.close("client")
    t.agree("CLOSED", "CLOSED")


@_story
def a_listener_that_goes_resets_what_it_has_not_accepted(t: Truth) -> None:
    t.reset("client")
    waiting = t.world.listen()
    t.pair = t.world.start_connecting(endpoint(waiting.getsockname()))
    t.agree("ESTABLISHED", "ESTABLISHED")
    waiting.close()
    t.agree("CLOSED", "CLOSED")


@_story
def a_connection_that_is_not_accepted_waits_in_close_wait(t: Truth) -> None:
    t.reset("client")
    waiting = t.world.listen()
    t.pair = t.world.start_connecting(endpoint(waiting.getsockname()))
    t.agree("ESTABLISHED", "ESTABLISHED")
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    accepted, _ = waiting.accept()
    accepted.close()
    t.agree("TIME_WAIT", "CLOSED")


@_story
def nobody_listens(t: Truth) -> None:
    t.reset("client")
    t.pair = t.world.start_connecting(endpoint_of_nobody(t.world))
    t.agree("CLOSED", "CLOSED")


# Over a TIME_WAIT.


@_story
def a_new_connection_takes_the_place_of_the_servers_time_wait(t: Truth) -> None:
    t.close("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    t.close("client")
    t.agree("CLOSED", "TIME_WAIT")
    second = connect_again(t)
    second.agree("ESTABLISHED", "ESTABLISHED")
    second.close("client")
    second.agree("FIN_WAIT_2", "CLOSE_WAIT")
    second.close("server")
    second.agree("TIME_WAIT", "CLOSED")


@_story
def a_new_connection_takes_the_place_of_the_clients_time_wait(t: Truth) -> None:
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.close("server")
    t.agree("TIME_WAIT", "CLOSED")
    second = connect_again(t)
    second.agree("ESTABLISHED", "ESTABLISHED")
    second.close("server")
    second.agree("CLOSE_WAIT", "FIN_WAIT_2")
    second.close("client")
    second.agree("CLOSED", "TIME_WAIT")


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
        t.agree("ESTABLISHED", "ESTABLISHED")
        t.close("client")
        t.agree("FIN_WAIT_2", "CLOSE_WAIT")
        t.close("server")
        t.agree("TIME_WAIT", "CLOSED")


@scenario(BOTH_FAMILIES)
def both_kernels_and_both_daemons_tell_the_same_after_each_step(world: World) -> None:
    tell(world.join().watch(), _stories)


# On a wire that can hold what one side sends: states that last only while a segment travels.

_wire_stories: list[Story] = []


def _wire_story(function: Story) -> Story:
    _wire_stories.append(function)
    return function


@_wire_story
def both_close_at_once(t: Truth) -> None:
    wire = t.world.wire
    assert wire is not None
    t.agree("ESTABLISHED", "ESTABLISHED")
    # Held only until both have closed: on a busy machine the first FIN would arrive before the second is sent.
    with wire.holding("client", "server"):
        t.close("client")
        t.close("server")
    t.agree("TIME_WAIT", "TIME_WAIT", may_be_cut=True)


@_wire_story
def the_clients_fin_is_on_its_way(t: Truth) -> None:
    wire = t.world.wire
    assert wire is not None
    with wire.holding("client"):
        t.close("client")
        t.agree("FIN_WAIT_1", "ESTABLISHED", own_ends_only=True)
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    with wire.holding("server"):
        t.close("server")
        t.agree("FIN_WAIT_2", "LAST_ACK", own_ends_only=True)
    t.agree("TIME_WAIT", "CLOSED", may_be_cut=True)


@_wire_story
def the_answer_to_the_servers_fin_is_on_its_way(t: Truth) -> None:
    wire = t.world.wire
    assert wire is not None
    t.close("server")
    t.agree("CLOSE_WAIT", "FIN_WAIT_2")
    with wire.holding("server"):
        t.close("client")
        t.agree("LAST_ACK", "TIME_WAIT", own_ends_only=True)
    t.agree("CLOSED", "TIME_WAIT", may_be_cut=True)


@_wire_story
def fins_cross_and_one_is_acknowledged_late(t: Truth) -> None:
    wire = t.world.wire
    assert wire is not None
    with wire.holding("client", "server"):
        t.close("client")
        t.close("server")
        t.agree("FIN_WAIT_1", "FIN_WAIT_1", own_ends_only=True)
    t.agree("TIME_WAIT", "TIME_WAIT", may_be_cut=True)


@_wire_story
def a_reset_crosses_a_fin(t: Truth) -> None:
    wire = t.world.wire
    assert wire is not None
    with wire.holding("client", "server"):
        t.close("client")
        t.reset("server")
        t.agree("FIN_WAIT_1", "CLOSED", own_ends_only=True)
    t.agree("CLOSED", "CLOSED")


@scenario(BOTH_FAMILIES)
def while_segments_travel_each_daemon_tells_what_its_own_kernel_does(world: World) -> None:
    # One after the other: what is held on the wire is held for all.
    tell(world.join(delay=_REAL_ROUND_TRIP).watch(), _wire_stories, at_a_time=1)


# Silent endings, of which only the kernel's table tells.


def _an_orphan_with_a_time_of_its_own_gives_up(t: Truth) -> None:
    t.set("client", socket.IPPROTO_TCP, _TCP_LINGER2, 3)
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.agree("CLOSED", "CLOSE_WAIT", own_ends_only=True, within=10)


def _a_held_half_close_becomes_an_orphan_and_gives_up(t: Truth) -> None:
    t.shut("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.set("client", socket.IPPROTO_TCP, _TCP_LINGER2, 4)
    t.close("client")
    t.agree("FIN_WAIT_2", "CLOSE_WAIT")
    t.agree("CLOSED", "CLOSE_WAIT", own_ends_only=True, within=15)


@scenario(BOTH_FAMILIES, waits_for_minutes=True)
def silent_endings_are_noticed_within_a_reading(world: World) -> None:
    world.join().watch(configuration="kernel:\n  interval: 2s\n")
    stories = [_an_orphan_with_a_time_of_its_own_gives_up, _a_held_half_close_becomes_an_orphan_and_gives_up]
    tell(world, stories)


@scenario(BOTH_FAMILIES, waits_for_minutes=True, alone=True)
def through_churn_and_a_restart_the_daemon_counts_what_the_kernel_counts(world: World) -> None:
    for sample in churn(world.join().watch(), connections=4000, seconds=66, samples=30):
        sample.check()
