import Testing

@testable import tcpstated

/// Connections with what opened, moved and closed them.
@Suite struct SegmentTextTests {
  private static func connection(_ members: String) -> String {
    """
    {"client_address": "10.0.0.1", "client_port": 40000, "server_address": "2001:db8::1", "server_port": 443,
     "client_state": "CLOSED", "server_state": "TIME_WAIT", \(members)}
    """
  }

  private static func segment(
    _ time: String,
    _ sender: String,
    _ flags: String,
    _ states: [String],
    bytes: Int = 0,
    again: Bool = false
  ) -> String {
    """
    {"time": "2026-11-21T20:00:\(time)Z", "sender": "\(sender)", "flags": ["\(flags)"], "payload_bytes": \(bytes),
     "retransmission": \(again), "client_state_before": "CLOSED", "server_state_before": "CLOSED",
     "client_state": "\(states[0])", "server_state": "\(states[1])"}
    """
  }

  private static let syn = segment("00.000000", "client", "SYN", ["SYN_SENT", "LISTEN"])
  private static let fin = segment("09.000000", "server", "FIN", ["CLOSE_WAIT", "FIN_WAIT_1"])

  private func text(_ connection: String) throws -> String {
    let json = #"{"time": null, "next_cursor": null, "connections": [\#(connection)]}"#
    var page = Page()
    page.addWithSegments(try StatusTextTests.decode(ConnectionsDocument.self, json))
    return page.lines.joined(separator: "\n")
  }

  @Test func showsWhoSentWhatWhen() throws {
    let segments = [
      Self.segment("00.999999", "client", "SYN", ["SYN_SENT", "LISTEN"]),
      Self.segment("02.000020", "client", "SYN", ["SYN_SENT", "LISTEN"], again: true),
      Self.segment("02.000041", "client", "ACK", ["ESTABLISHED", "ESTABLISHED"], bytes: 78),
      Self.segment("12.500000", "server", "RST", ["CLOSED", "CLOSED"]),
    ]
    let whole = Self.connection(
      """
      "start": "2026-11-21T20:00:00.999999Z", "close_kind": "rst", "closed_first": "server", "close_cause": "drain",
      "segments_complete": true, "segments": [\(segments.joined(separator: ","))]
      """
    )
    #expect(
      try text(whole) == """
        10.0.0.1:40000 > [2001:db8::1]:443, rst, server first, drain
          first packet at 2026-11-21T20:00:00.999999Z
            SECONDS  CLIENT STATE  SERVER STATE  SEGMENT
           0.000000  SYN_SENT      LISTEN        > SYN
           1.000021  SYN_SENT      LISTEN        > SYN, again
           1.000042  ESTABLISHED   ESTABLISHED   > ACK, 78 bytes
          11.500001  CLOSED        CLOSED        < RST
                now  CLOSED        TIME_WAIT
        """
    )
  }

  /// What is not known is said.
  @Test(
    arguments: [
      (syn + "," + fin, ["0.000000", "(times are not kept for so long)", "9.000000", "now"]),
      (fin, ["(times are not kept for so long)", "9.000000", "now"]),
      (syn, ["0.000000", "(times are not kept for so long)", "now"]),
      ("", ["(times are not kept for so long)", "now"]),
    ] as [(String, [String])]
  )
  func saysWhatIsForgotten(_ segments: String, _ rows: [String]) throws {
    let text = try text(
      Self.connection(
        #""start": "2026-11-21T20:00:00.000000Z", "segments_complete": false, "segments": [\#(segments)]"#
      )
    )
    let lines = text.split(separator: "\n").dropFirst(3)
    #expect(lines.count == rows.count)
    for (line, row) in zip(lines, rows) { #expect(line.contains(row)) }
  }

  @Test func saysWhatIsKnownFromTheKernelAlone() throws {
    let text = try text(Self.connection(#""start": null, "segments": [], "segments_complete": true"#))
    #expect(text.contains("open") && text.contains("known from the kernel's table alone"))
  }
}
