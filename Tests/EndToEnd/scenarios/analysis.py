"""Capture files: what analyze says of them, beside what the daemon said of the same packets live."""

import gzip
import json
import struct
import subprocess
from pathlib import Path
from typing import Any

from harness import endings, savefile
from harness.capture import Capture
from harness.load import request_http, serve_http
from harness.namespaces import stop
from harness.program import analyze, assert_fails, tcpstated, tcpstated_without_privileges
from harness.suite import scenario
from harness.waiting import eventually
from harness.world import ADDRESSES, INTERFACE, IPV4, World

_FILE_HEADER = 24
_PACKET_HEADER = 16
_NO_PACKETS = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
_TOTALS = (
    "packets",
    "tcp_packets",
    "connections",
    "open",
    "states",
    "closed_first",
    "close_kind",
    "time_wait",
    "undecoded",
    "anomalies",
    "first",
    "last",
)


def _local_addresses(side: str) -> list[str]:
    return [part for address in ADDRESSES[side].values() for part in ("--local", address)]


def _capture_of_everything(world: World, name: str = "everything.pcap") -> Path:
    """A file with connections that end in every way, made without a daemon."""
    capture = Capture(world.join(), "server", name)
    endings.play(world)
    return capture.finish()


def _packet_offsets(capture: bytes) -> list[int]:
    """Where each packet's header starts."""
    offsets, offset = [], _FILE_HEADER
    while offset < len(capture):
        offsets.append(offset)
        (length,) = struct.unpack_from("<I", capture, offset + 8)
        offset += _PACKET_HEADER + length
    return offsets


@scenario()
def analyze_says_of_a_capture_what_the_daemon_said_live(world: World) -> None:
    world.join().watch(arguments=["--interface", INTERFACE])
    capture = Capture(world, "server", "beside.pcap")
    world.family = IPV4
    request_http(world, serve_http(world), 40, reuse="disabled")
    played = endings.play(world)
    connections = played + 40

    def assert_complete() -> dict[str, Any]:
        status = world.daemons["server"].status()
        assert status["connections"] == connections, f"{status['connections']} of {connections} connections"
        return status

    eventually(assert_complete)
    path = capture.finish()
    report = analyze(world, *_local_addresses("server"), path)
    assert report["truncated"] is False

    def assert_same() -> None:
        status = world.daemons["server"].status()
        # Packets that are no TCP reach the two by different filters, and each socket stamps its own time.
        apart = ("packets", "first", "last")
        live, offline = ({key: told[key] for key in _TOTALS if key not in apart} for told in (status, report))
        assert live == offline, f"live {live}\nanalyze {offline}"

    eventually(assert_same)


_RULE_WITHOUT_DELAY = """
alerts:
  - name: time-wait
    metric: time_wait
    side: local
    by: host
    raise: 300
    for: 0s
"""


@scenario()
def a_capture_is_replayed_as_if_it_were_live(world: World) -> None:
    capture = Capture(world.join(), "server", "day.pcap")
    server = serve_http(world)
    request_http(world, server, 400, reuse="disabled", server_first=True)
    path = capture.finish()
    report = analyze(world, *_local_addresses("server"), path)
    options = ["--read", path, "--fast", *_local_addresses("server")]

    # Deliveries are off: the alert is there for those who ask.
    daemon = world.watch("server", arguments=options, configuration=_RULE_WITHOUT_DELAY).daemons["server"]
    status = daemon.status()
    live, offline = ({key: told[key] for key in _TOTALS} for told in (status, report))
    assert live == offline, f"replayed {live}\nanalyze {offline}"
    (alert,) = daemon.alerts()
    assert alert["state"] == "firing" and alert["value"] >= 300, alert
    assert report["first"] < alert["fired_at"] <= report["last"], alert
    assert str(server) in alert["summary"], alert
    assert "threshold 300" not in daemon.log_text(), daemon.log_text()
    code, seconds = daemon.terminate()
    assert code == 0 and seconds < 2, f"exit {code} after {seconds:.1f} s"

    world.watch("server", arguments=[*options, "--deliver"], configuration=_RULE_WITHOUT_DELAY)
    world.daemons["server"].assert_logged(r"threshold 300.*" + str(server))


@scenario()
def before_the_first_packet_a_replay_knows_no_time(world: World) -> None:
    daemon = world.watch("server", arguments=["--read", world.write("silence.pcap", _NO_PACKETS)]).daemons["server"]
    for path in ("status", "connections", "services", "alerts"):
        assert daemon.json(f"/api/v1/{path}")["time"] is None, path
    for command in ("status", "connections"):
        result = tcpstated(world, command)
        assert result.returncode == 0 and "1970" not in result.stdout, result


@scenario()
def what_is_no_capture_cannot_be_replayed(world: World) -> None:
    garbage = world.write("garbage.pcap", b"no capture at all")
    assert_fails(tcpstated(world, "run", "--read", garbage), str(garbage))
    assert_fails(tcpstated(world, "run", "--read", "missing.pcap"), "missing.pcap")


@scenario()
def the_lines_of_jsonl_add_up_to_the_report(world: World) -> None:
    path = _capture_of_everything(world)
    report = analyze(world, path)
    result = tcpstated(world, "analyze", "--format", "jsonl", path)
    assert result.returncode == 0, result.stderr
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(lines) == report["connections"]
    for field in ("closed_first", "close_kind"):
        for value, number in report[field].items():
            wanted = None if value == "none" else value
            found = sum(line[field] == wanted for line in lines)
            assert found == number, f"{field} {value}: {found} lines, {number} in the report"
    assert sum(line["client_packets"] + line["server_packets"] for line in lines) == report["tcp_packets"]
    assert [line["start"] for line in lines] == sorted(line["start"] for line in lines)


@scenario()
def the_same_capture_by_pipe_and_compressed_gives_the_same_report(world: World) -> None:
    path = _capture_of_everything(world)
    content = path.read_bytes()
    packed = world.write("packed.pcap.gz", gzip.compress(content))
    plain = analyze(world, path)
    assert analyze(world, packed) == plain
    assert analyze(world, "-", stdin=content) == plain


@scenario()
def what_follows_the_compressed_data_is_told_and_ignored(world: World) -> None:
    path = _capture_of_everything(world)
    packed = world.write("packed.pcap.gz", gzip.compress(path.read_bytes()) + b"and a signature")
    result = tcpstated(world, "analyze", "--format", "json", packed)
    assert result.returncode == 0 and json.loads(result.stdout) == analyze(world, path), result
    (warning,) = result.stderr.strip().splitlines()
    assert str(packed) in warning and "after the compressed data" in warning, warning


@scenario()
def a_running_tcpdump_can_be_piped_into_analyze(world: World) -> None:
    world.join()
    analysis = subprocess.Popen(
        world.server.command([world.binary, "analyze", "--format", "json", "-"]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    world.cleanup.callback(stop, analysis)
    capture = Capture(world, "server", "pipe", stream=analysis.stdin)
    connections = endings.play(world)
    capture.finish()
    output, _ = analysis.communicate(timeout=60)
    report = json.loads(output)
    assert analysis.returncode == 0
    assert report["connections"] == connections and report["truncated"] is False, report


@scenario()
def two_files_make_one_timeline_whatever_their_order(world: World) -> None:
    content = _capture_of_everything(world).read_bytes()
    offsets = _packet_offsets(content)
    middle = offsets[len(offsets) // 2]
    early = world.write("early.pcap", content[:middle])
    late = world.write("late.pcap", content[:_FILE_HEADER] + content[middle:])
    whole = analyze(world, world.write("whole.pcap", content))
    assert analyze(world, late, early) == whole


@scenario()
def a_capture_cut_in_the_middle_is_reported_up_to_the_cut(world: World) -> None:
    content = _capture_of_everything(world).read_bytes()
    offsets = _packet_offsets(content)
    last_whole = len(offsets) // 2
    damage = offsets[last_whole]
    cut = world.write("cut.pcap", content[: damage + _PACKET_HEADER + 5])
    result = tcpstated(world, "analyze", "--format", "json", cut)
    assert result.returncode == 0, result.stderr
    report = json.loads(result.stdout)
    assert report["truncated"] is True
    assert report["packets"] == last_whole, f"{report['packets']} packets of {last_whole} before the damage"
    warning = result.stderr.strip().splitlines()
    assert len(warning) == 1 and str(cut) in warning[0], f"no single warning that names the file: {warning}"
    assert str(damage) in warning[0], f"the warning does not name offset {damage}: {warning}"


@scenario()
def what_is_no_capture_is_refused_in_one_line(world: World) -> None:
    text = world.write("notes.txt", "this is no capture, however long it may be\n" * 10)
    assert_fails(tcpstated(world, "analyze", text), "notes.txt")
    empty = world.write("empty.pcap", b"")
    assert_fails(tcpstated(world, "analyze", empty), "empty.pcap")
    assert_fails(tcpstated(world, "analyze", world.scratch / "missing.pcap"), "missing.pcap")
    assert_fails(tcpstated(world, "analyze", world.scratch), str(world.scratch))
    assert_fails(tcpstated(world, "analyze", "-", stdin=b""), "standard input")
    secret = world.write("secret.pcap", b"")
    secret.chmod(0)
    assert_fails(tcpstated_without_privileges(world, "analyze", secret), "secret.pcap", "ermission denied")


@scenario()
def a_capture_without_packets_has_no_connections(world: World) -> None:
    report = analyze(world, world.write("silence.pcap", _NO_PACKETS))
    assert (report["packets"], report["connections"], report["truncated"]) == (0, 0, False), report
    assert report["first"] is None and report["last"] is None and report["time"] is None, report


@scenario()
def the_report_goes_where_output_says(world: World) -> None:
    path = _capture_of_everything(world)
    output = world.scratch / "report.json"
    result = tcpstated(world, "analyze", "--format", "json", "--output", output, path)
    assert (result.returncode, result.stdout) == (0, ""), result
    assert json.loads(output.read_text()) == analyze(world, path)
    nowhere = world.scratch / "missing" / "report.json"
    assert_fails(tcpstated(world, "analyze", "--output", nowhere, path), str(nowhere))


@scenario()
def the_text_report_names_who_closed_first(world: World) -> None:
    path = _capture_of_everything(world)
    result = tcpstated(world, "analyze", path)
    assert result.returncode == 0 and not result.stderr, result.stderr
    text = result.stdout.lower()
    for word in ("closed first", "client", "server", "simultaneous", "time_wait"):
        assert word in text.replace("time-wait", "time_wait"), f"the report does not say {word!r}:\n{result.stdout}"
    assert "\x1b" not in result.stdout, "colours without a terminal"


@scenario()
def several_cores_say_what_one_says(world: World) -> None:
    whole = _capture_of_everything(world)
    octets = whole.read_bytes()
    damaged = world.write("damaged.pcap", octets[:-7])
    middle = _packet_offsets(octets)[len(_packet_offsets(octets)) // 2]
    halves = [
        world.write("second.pcap", octets[:_FILE_HEADER] + octets[middle:]),
        world.write("first.pcap", octets[:middle]),
    ]
    local = _local_addresses("server")
    for files in ([whole], [damaged], halves, [*halves, damaged]):
        for options in (["json"], ["jsonl"], ["text"], ["html"], ["json", "--filter", "closed-first server"]):
            words = ["analyze", "--format", *options, *local, *files]
            one = tcpstated(world, *words)
            for jobs in (2, 4):
                several = tcpstated(world, *words, "--jobs", str(jobs))
                assert several.returncode == 0, several.stderr
                assert (several.stdout, several.stderr) == (one.stdout, one.stderr), (files, options, jobs)


@scenario()
def several_cores_say_what_one_says_of_more_than_a_block(world: World) -> None:
    calm = savefile.write(world.scratch / "calm.pcap", 2_500)
    path = savefile.disturb(calm, world.scratch / "disturbed.pcap", seconds=300)
    for options in (["json", "--local", "10.77.1.0/24"], ["jsonl"], ["text", "--bpf", "src port 8080 or port 10100"]):
        words = ["analyze", "--format", *options, path]
        one = tcpstated(world, *words)
        assert one.returncode == 0 and one.stdout, one.stderr
        for jobs in (2, 5):
            several = tcpstated(world, *words, "--jobs", str(jobs))
            assert several.returncode == 0, several.stderr
            assert (several.stdout, several.stderr) == (one.stdout, one.stderr), (options, jobs)


@scenario()
def several_cores_read_once_what_cannot_be_read_again(world: World) -> None:
    # Of a flood the first frames show that several gain nothing, and one begins again at the start.
    flood = savefile.flood(world.scratch / "flood.pcap", 250_000)
    assert analyze(world, "--jobs", "4", flood)["connections"] == 250_000
    assert analyze(world, "--jobs", "4", "/dev/stdin", stdin=flood.read_bytes())["connections"] == 250_000
