import Foundation
import Testing

@testable import tcpstated

/// Owners have a column where anybody is known.
@Suite struct OwnerTextTests {
  @Test func connectionsSayWhoHoldsThem() throws {
    let json = """
      {"time": "2026-11-21T01:12:00.000000Z", "next_cursor": null, "connections": [
       {"client_address": "10.1.2.3", "client_port": 40000, "server_address": "10.100.219.9", "server_port": 8081, "start": null,
        "end": null, "client_state": "CLOSED", "server_state": "TIME_WAIT", "closed_first": "server", "close_kind": "fin",
        "owner": {"unit": "nginx.service", "pid": 321, "command": "nginx", "attribution": "exact"}},
       {"client_address": "10.1.2.4", "client_port": 40001, "server_address": "10.100.219.9", "server_port": 8081, "start": null,
        "end": null, "client_state": "CLOSED", "server_state": "TIME_WAIT", "closed_first": "server", "close_kind": "fin",
        "owner": {"unit": null, "pid": null, "command": null, "attribution": "none"}}]}
      """
    var page = Page()
    page.add(try StatusTextTests.decode(ConnectionsDocument.self, json))
    #expect(
      page.lines.joined(separator: "\n") == """
        CLIENT STATE  SERVER STATE  CLIENT          SERVER             CLOSED FIRST  KIND  CAUSE  TIME_WAIT  AGE  OWNER
        CLOSED        TIME_WAIT     10.1.2.3:40000  10.100.219.9:8081  server        fin   -              -    -  nginx.service: nginx[321]
        CLOSED        TIME_WAIT     10.1.2.4:40001  10.100.219.9:8081  server        fin   -              -    -  -
        """
    )
  }

  @Test func statusListsOwnersAndServicesName() throws {
    let json = """
      {"packets": 0, "tcp_packets": 0, "connections": 0, "open": 0, "undecoded": {}, "anomalies": {}, "states": {"client": {},
       "server": {}}, "closed_first": {}, "close_kind": {}, "time_wait": {"client": 0, "server": 0, "peak_client": 0,
       "peak_server": 0}, "services": [{"address": "10.100.219.9", "port": 8081, "connections": 7, "open": 1, "owner":
       "nginx.service", "time_wait": {"client": 0, "server": 5}, "closed_first": {"server": 6}}], "owners": [{"unit":
       "nginx.service", "connections": 7, "open": 1, "time_wait": 5}, {"unit": null, "connections": 2, "open": 2, "time_wait": 0}]}
      """
    var page = Page()
    page.add(try StatusTextTests.decode(StatusDocument.self, json))
    let text = page.lines.joined(separator: "\n")
    #expect(
      text.contains(
        """
        SERVICE            CONNECTIONS  OPEN  CLOSED FIRST  SERVER TIME_WAIT  CLIENT TIME_WAIT  MAINLY WHY  OWNER
        10.100.219.9:8081            7     1  server 100 %                 5                 0  -           nginx.service

        OWNER          OPEN  TIME_WAIT
        nginx.service     1          5
        (not known)       2          0
        """
      )
    )
  }
}
