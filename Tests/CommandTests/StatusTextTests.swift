import Foundation
import Testing

@testable import tcpstated

/// What the daemon answers, and what a reader sees.
@Suite struct StatusTextTests {
  static let status = """
    {"version": "1.2.3", "host": "web-1", "uptime_seconds": 100800, "time": "2026-11-21T01:12:00.000000Z", "workers": 1,
     "packets": 1234567, "tcp_packets": 1200000, "connections": 1000, "open": 25, "first": "2026-11-20T21:00:00.000000Z",
     "last": "2026-11-21T01:12:00.000000Z", "truncated": false, "undecoded": {}, "anomalies": {},
     "states": {"client": {"ESTABLISHED": 25, "TIME_WAIT": 40}, "server": {"ESTABLISHED": 23, "TIME_WAIT": 312, "FIN_WAIT_2": 2}},
     "closed_first": {"client": 150, "server": 800, "simultaneous": 0, "none": 50},
     "close_kind": {"fin": 900, "rst": 50, "refused": 10, "expired": 15, "reused": 0},
     "close_cause": {"client_asked": 640, "no_pool": 160},
     "findings": [{"id": "keep-alive-mismatch", "severity": "warning", "summary": "The server is first.", "evidence": {}, "advice": "Let it not be."}],
     "time_wait": {"client": 40, "server": 312, "peak_client": 80, "peak_server": 1500}, "exchanges": null,
     "services": [{"address": "10.100.219.9", "port": 8081, "connections": 900, "open": 20, "time_wait": {"client": 0, "server": 312},
       "closed_first": {"client": 10, "server": 800, "simultaneous": 0, "none": 90}, "close_kind": {}, "close_cause": {"client_asked": 640, "no_pool": 160}},
      {"address": "2001:db8::1", "port": 443, "connections": 100, "open": 5, "time_wait": {"client": 40, "server": 0},
       "closed_first": {"client": 0, "server": 0, "simultaneous": 0, "none": 100}}],
     "interfaces": [{"name": "eth0", "received": 1234000, "dropped": 0, "filter": "all TCP segments", "tier": "full", "capturing": true},
      {"name": "lo", "received": 900, "dropped": 100, "filter": "", "tier": "control", "capturing": true},
      {"name": "tun0", "received": 0, "dropped": 0, "filter": "", "tier": "full", "capturing": false}],
     "table": {"capacity": 200000, "used": 402, "half_open": 0, "evicted": 0},
     "local_time_wait": {"host": 312, "kernel": 310}, "kernel": {"drift": 2, "age_seconds": 3.2, "tcp_max_tw_buckets": 131072},
     "alerts": [{"id": "time-wait/host", "name": "time-wait", "state": "firing", "severity": "warning", "labels": {}, "value": 312,
       "raise": 300, "clear": 240, "since": "2026-11-21T01:00:00.000000Z", "fired_at": null, "resolved_at": null,
       "summary": "312 TIME_WAIT on this host, 100 % of them at 10.100.219.9:8081", "evidence": {}}]}
    """

  static func decode<Document: Decodable>(_ type: Document.Type, _ json: String) throws -> Document {
    try JSONDecoder.ofTheAPI.decode(type, from: Data(json.utf8))
  }

  @Test func showsTheStatusOnOneScreen() throws {
    var page = Page()
    page.add(try Self.decode(StatusDocument.self, Self.status))
    #expect(
      page.lines.joined(separator: "\n") == """
        tcpstated 1.2.3 on web-1, up 1 d 4 h

        TIME_WAIT     servers 312 (peak 1,500), clients 40 (peak 80)
                      of this host 312; the kernel counts 310 of at most 131,072, 3 s ago
        Connections   1,000 seen, 25 open; 402 of 200,000 in the table
        Closed first  server 800 (84.2 %), client 150 (15.8 %), simultaneous 0 (0 %), nobody 25
        Ended by      fin 900, rst 50, refused 10, expired 15
        Why           client_asked 640 (80 %), no_pool 160 (20 %)
        Packets       1,234,567, 1,200,000 of them TCP
        Interfaces    eth0: 1,234,000 received, 0 dropped
                      lo: 900 received, 100 dropped (10 %), control only
                      tun0: not capturing (down or gone)

        STATE        CLIENTS  SERVERS
        ESTABLISHED       25       23
        FIN_WAIT_2         0        2
        TIME_WAIT         40      312

        SERVICE            CONNECTIONS  OPEN  CLOSED FIRST   SERVER TIME_WAIT  CLIENT TIME_WAIT  MAINLY WHY
        10.100.219.9:8081          900    20  server 98.8 %               312                 0  client_asked 80 %
        [2001:db8::1]:443          100     5  -                             0                40  -

        warning  keep-alive-mismatch
          The server is first.
          Let it not be.

        ALERT      STATE   SEVERITY  VALUE  RAISE  FOR
        time-wait  firing  warning     312    300  12 min
          312 TIME_WAIT on this host, 100 % of them at 10.100.219.9:8081
        """
    )
  }

  @Test func showsAQuietDaemon() throws {
    let json = """
      {"packets": 0, "tcp_packets": 0, "connections": 0, "open": 0, "undecoded": {}, "anomalies": {}, "states": {"client": {},
       "server": {}}, "closed_first": {"client": 0, "server": 0, "simultaneous": 0, "none": 0}, "close_kind": {}, "time_wait":
       {"client": 0, "server": 0, "peak_client": 0, "peak_server": 0}, "services": []}
      """
    var page = Page()
    page.add(try Self.decode(StatusDocument.self, json))
    #expect(
      page.lines.joined(separator: "\n") == """
        tcpstated

        TIME_WAIT     servers 0 (peak 0), clients 0 (peak 0)
        Connections   0 seen, 0 open
        Closed first  server 0, client 0, simultaneous 0
        Ended by      none yet
        Packets       0, 0 of them TCP

        No alerts.
        """
    )
  }

  @Test func listsConnectionsWithBothEnds() throws {
    let json = """
      {"time": "2026-11-21T01:12:00.000000Z", "next_cursor": null, "connections": [
       {"client_address": "10.1.2.3", "client_port": 40000, "server_address": "10.100.219.9", "server_port": 8081,
        "start": "2026-11-21T01:11:30.500000Z", "end": "2026-11-21T01:11:40.000000Z", "client_state": "CLOSED",
        "server_state": "TIME_WAIT", "closed_first": "server", "close_kind": "fin", "cause_pending": true,
        "time_wait_remaining_seconds": 39.2},
       {"client_address": "2001:db8::7", "client_port": 50000, "server_address": "::1", "server_port": 80, "start": null,
        "end": null, "client_state": "ESTABLISHED", "server_state": "ESTABLISHED", "closed_first": null, "close_kind": null}]}
      """
    var page = Page()
    page.add(try Self.decode(ConnectionsDocument.self, json))
    #expect(
      page.lines.joined(separator: "\n") == """
        CLIENT STATE  SERVER STATE  CLIENT               SERVER             CLOSED FIRST  KIND  CAUSE      TIME_WAIT   AGE
        CLOSED        TIME_WAIT     10.1.2.3:40000       10.100.219.9:8081  server        fin   (pending)       40 s  29 s
        ESTABLISHED   ESTABLISHED   [2001:db8::7]:50000  [::1]:80           -             -     -                  -     -
        """
    )
  }

  static func peer(_ address: String, connections: Int, newPorts: Int, recent: [UInt16]) -> PeerLine {
    PeerLine(
      address: address,
      service: "10.100.219.9:8081",
      connections: connections,
      open: 1,
      timeWait: EndPair(client: 0, server: connections),
      closedFirst: ["server": connections],
      recentPorts: recent,
      newPorts: newPorts
    )
  }

  @Test func saysWhichClientsTakeANewPortEachTime() {
    var page = Page()
    page.add(
      Page.peersTable([
        Self.peer("10.1.2.3", connections: 1200, newPorts: 1200, recent: [40_006, 40_004, 40_002, 40_000]),
        Self.peer("10.1.2.4", connections: 3, newPorts: 1, recent: [5000, 5000]),
        Self.peer("10.1.2.5", connections: 10, newPorts: 4, recent: [5000]),
        Self.peer("10.1.2.6", connections: 1, newPorts: 1, recent: [6000]),
      ])
    )
    #expect(
      page.lines.joined(separator: "\n") == """
        CLIENT    SERVICE            CONNECTIONS  OPEN  TIME_WAIT  CLOSED FIRST  SOURCE PORTS
        10.1.2.3  10.100.219.9:8081        1,200     1      1,200  server 100 %  a new one each time: 40006 40004 40002
        10.1.2.4  10.100.219.9:8081            3     1          3  server 100 %  the same each time: 5000 5000
        10.1.2.5  10.100.219.9:8081           10     1         10  server 100 %  a new one 4 times: 5000
        10.1.2.6  10.100.219.9:8081            1     1          1  server 100 %  6000
        """
    )
  }

  @Test func putsFiringAlertsFirst() throws {
    let json = """
      {"alerts": [
       {"id": "1", "name": "close-wait", "state": "resolved", "severity": "info", "value": 3, "raise": 10,
        "since": "2026-11-21T01:00:00Z", "resolved_at": "2026-11-21T01:00:30Z", "summary": ""},
       {"id": "2", "name": "half-open", "state": "pending", "severity": "critical", "value": 4.5, "raise": 4,
        "since": "2026-11-21T01:11:59.000000Z", "summary": "half open"},
       {"id": "3", "name": "time-wait", "state": "firing", "severity": "warning", "value": 301, "raise": 300,
        "since": "2026-11-21T01:00:00.000000Z", "summary": "too many"}]}
      """
    var page = Page()
    page.addAlerts(try Self.decode(AlertsDocument.self, json).alerts, time: "2026-11-21T01:12:00.000000Z")
    #expect(
      page.lines.joined(separator: "\n") == """
        ALERT       STATE     SEVERITY  VALUE  RAISE  FOR
        time-wait   firing    warning     301    300  12 min
          too many
        half-open   pending   critical    4.5      4  1 s
          half open
        close-wait  resolved  info          3     10  30 s
        """
    )
  }
}
