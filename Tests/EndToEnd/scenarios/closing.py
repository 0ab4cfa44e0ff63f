"""How connections end: after each step both ends are in the state that ss shows, by the daemon of either side."""

from harness.endings import endpoint_of_nobody
from harness.suite import BOTH_FAMILIES, scenario
from harness.waiting import throughout
from harness.world import World, endpoint

_REAL_ROUND_TRIP = 0.005


@scenario(BOTH_FAMILIES)
def the_client_closes_first_and_keeps_the_time_wait(world: World) -> None:
    pair = world.join().watch().connect()
    world.expect(pair, client="ESTABLISHED", server="ESTABLISHED")
    world.expect_verdict(pair, closed_first=None, close_kind=None, roles="observed", provenance="wire")
    pair.close("client")
    world.expect(pair, client="FIN_WAIT_2", server="CLOSE_WAIT")
    world.expect_verdict(pair, closed_first="client", close_kind=None)
    pair.close("server")
    world.expect(pair, client="TIME_WAIT", server="CLOSED")
    world.expect_verdict(pair, closed_first="client", close_kind="fin", time_wait_side="client")


@scenario(BOTH_FAMILIES)
def the_server_closes_first_and_keeps_the_time_wait(world: World) -> None:
    pair = world.join().watch().connect()
    pair.close("server")
    world.expect(pair, client="CLOSE_WAIT", server="FIN_WAIT_2")
    pair.close("client")
    world.expect(pair, client="CLOSED", server="TIME_WAIT")
    world.expect_verdict(pair, closed_first="server", close_kind="fin", time_wait_side="server")


@scenario(BOTH_FAMILIES)
def both_close_at_once_and_both_keep_a_time_wait(world: World) -> None:
    wire = world.join(delay=_REAL_ROUND_TRIP).wire
    assert wire is not None
    pair = world.watch().connect()
    world.expect(pair, client="ESTABLISHED", server="ESTABLISHED")
    # On a busy machine the second might close only when the first FIN has arrived.
    with wire.holding("client", "server"):
        pair.close("client")
        pair.close("server")
    world.expect(pair, client="TIME_WAIT", server="TIME_WAIT")
    world.expect_verdict(pair, closed_first="simultaneous", close_kind="fin", time_wait_side="both")


@scenario(BOTH_FAMILIES)
def every_state_of_rfc_9293_is_told_while_the_wire_stands_still(world: World) -> None:
    wire = world.join(delay=_REAL_ROUND_TRIP).wire
    assert wire is not None
    world.watch()
    listener = world.listen()
    with wire.holding("server"):
        with wire.holding("client"):
            pair = world.start_connecting(endpoint(listener.getsockname()))
            world.expect(pair, client="SYN_SENT", server="CLOSED", own_ends_only=True)
        world.expect(pair, client="SYN_SENT", server="SYN_RECEIVED", own_ends_only=True)
    world.accept(listener, pair)
    world.expect(pair, client="ESTABLISHED", server="ESTABLISHED")
    with wire.holding("server"):
        with wire.holding("client"):
            pair.close("client")
            world.expect(pair, client="FIN_WAIT_1", server="ESTABLISHED", own_ends_only=True)
        world.expect(pair, client="FIN_WAIT_1", server="CLOSE_WAIT", own_ends_only=True)
    world.expect(pair, client="FIN_WAIT_2", server="CLOSE_WAIT")
    with wire.holding("client"):
        pair.close("server")
        world.expect(pair, client="TIME_WAIT", server="LAST_ACK", own_ends_only=True)
    world.expect(pair, client="TIME_WAIT", server="CLOSED")
    world.expect_verdict(pair, closed_first="client", close_kind="fin", time_wait_side="client")


@scenario(BOTH_FAMILIES)
def crossed_fins_are_closing_until_they_are_acknowledged(world: World) -> None:
    wire = world.join(delay=_REAL_ROUND_TRIP).wire
    assert wire is not None
    pair = world.watch().connect()
    world.expect(pair, client="ESTABLISHED", server="ESTABLISHED")
    with wire.holding("server"):
        with wire.holding("client"):
            pair.close("client")
            pair.close("server")
            world.expect(pair, client="FIN_WAIT_1", server="FIN_WAIT_1", own_ends_only=True)
        world.expect(pair, client="FIN_WAIT_1", server="CLOSING", own_ends_only=True)
    world.expect(pair, client="TIME_WAIT", server="TIME_WAIT")
    world.expect_verdict(pair, closed_first="simultaneous", close_kind="fin", time_wait_side="both")


@scenario(BOTH_FAMILIES)
def a_reset_by_the_client_leaves_nothing_behind(world: World) -> None:
    pair = world.join().watch().connect()
    world.expect(pair, client="ESTABLISHED", server="ESTABLISHED")
    pair.reset("client")
    world.expect(pair, client="CLOSED", server="CLOSED")
    world.expect_verdict(pair, closed_first="client", close_kind="rst", time_wait_side=None)


@scenario(BOTH_FAMILIES)
def a_reset_by_the_server_leaves_nothing_behind(world: World) -> None:
    pair = world.join().watch().connect()
    pair.reset("server")
    world.expect(pair, client="CLOSED", server="CLOSED")
    world.expect_verdict(pair, closed_first="server", close_kind="rst", time_wait_side=None)


@scenario(BOTH_FAMILIES)
def closing_with_unread_data_resets_and_leaves_no_time_wait(world: World) -> None:
    pair = world.join().watch().connect()
    pair.socket("client").sendall(b"never read")
    world.expect(pair, client="ESTABLISHED", server="ESTABLISHED")
    pair.close("server")
    world.expect(pair, client="CLOSED", server="CLOSED")
    world.expect_verdict(pair, closed_first="server", close_kind="rst", time_wait_side=None, client_bytes=10)


@scenario(BOTH_FAMILIES)
def a_refused_connection_was_closed_first_by_nobody(world: World) -> None:
    pair = world.join().watch().start_connecting(endpoint_of_nobody(world))
    world.expect(pair, client="CLOSED", server="CLOSED")
    world.expect_verdict(pair, closed_first=None, close_kind="refused", time_wait_side=None, conn_state="REJ")


@scenario(BOTH_FAMILIES)
def after_a_half_close_the_other_side_goes_on_sending(world: World) -> None:
    pair = world.join().watch().connect()
    pair.socket("client").sendall(b"request")
    pair.socket("client").shutdown(1)
    world.expect(pair, client="FIN_WAIT_2", server="CLOSE_WAIT")
    pair.socket("server").recv(100)
    pair.socket("server").sendall(b"a late answer")
    assert pair.socket("client").recv(100) == b"a late answer"
    world.expect(pair, client="FIN_WAIT_2", server="CLOSE_WAIT")
    world.expect_verdict(pair, closed_first="client", close_kind=None, client_bytes=7, server_bytes=13)
    pair.close("server")
    world.expect(pair, client="TIME_WAIT", server="CLOSED")
    world.expect_verdict(pair, closed_first="client", close_kind="fin", time_wait_side="client")


@scenario(BOTH_FAMILIES)
def a_server_that_does_not_close_holds_close_wait(world: World) -> None:
    world.join()
    pair = world.watch().connect()
    pair.close("client")
    world.expect(pair, client="FIN_WAIT_2", server="CLOSE_WAIT")


@scenario(BOTH_FAMILIES)
def an_orphan_in_fin_wait_2_gives_up_silently(world: World) -> None:
    world.join()
    world.client.set_sysctl("net.ipv4.tcp_fin_timeout", 2)
    pair = world.watch().connect()
    pair.close("client")
    world.expect(pair, client="FIN_WAIT_2", server="CLOSE_WAIT")
    # The client's orphan gives up silently. The server holds on.
    world.expect(pair, client="CLOSED", server="CLOSE_WAIT", own_ends_only=True, within=10)
    throughout(lambda: world.expect(pair, client="CLOSED", server="CLOSE_WAIT", own_ends_only=True), seconds=1)


@scenario(BOTH_FAMILIES)
def a_new_connection_over_a_time_wait_is_a_second_one(world: World) -> None:
    world.join().watch()
    listener = world.listen()
    first = world.connect(listener)
    world.expect(first, client="ESTABLISHED", server="ESTABLISHED")
    first.close("server")
    world.expect(first, client="CLOSE_WAIT", server="FIN_WAIT_2")
    first.close("client")
    world.expect(first, client="CLOSED", server="TIME_WAIT")
    second = world.connect(listener, client_port=first.client_end.port)
    world.expect(second, client="ESTABLISHED", server="ESTABLISHED")
    for daemon in world.daemons.values():
        listed = daemon.connections(service=first.server_end)
        kinds = [entry["close_kind"] for entry in listed]
        assert kinds == [None, "fin"], f"the {daemon.namespace.name}'s daemon lists, newest first, {kinds}"


@scenario(BOTH_FAMILIES, waits_for_minutes=True)
def a_time_wait_is_gone_when_the_kernel_lets_it_go(world: World) -> None:
    pair = world.join().watch().connect()
    pair.close_in_turn("client", "server")
    world.expect(pair, client="TIME_WAIT", server="CLOSED")
    throughout(lambda: world.expect(pair, client="TIME_WAIT", server="CLOSED"), seconds=55, every=1)
    world.expect(pair, client="CLOSED", server="CLOSED", within=10)
    world.expect_verdict(pair, closed_first="client", close_kind="fin", time_wait_side="client")
