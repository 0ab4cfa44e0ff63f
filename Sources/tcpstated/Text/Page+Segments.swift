import PacketDecoding

extension Page {
  /// Each connection with what opened, moved and closed it, and the states at both ends after that.
  mutating func addWithSegments(_ listing: ConnectionsDocument) {
    for connection in listing.connections {
      gap()
      add("\(connection.client) > \(connection.server)\(Self.close(of: connection))", .bold)
      guard let start = connection.start else {
        add("  known from the kernel's table alone")
        continue
      }
      add("  first packet at \(start)")
      add(Self.table(of: connection, since: start))
    }
  }

  private static func close(of connection: ConnectionLine) -> String {
    guard let kind = connection.closeKind else { return ", open" }
    let first = connection.closedFirst.map { ", \($0) first" } ?? ""
    return ", \(kind)\(first)\(connection.cause.map { ", \($0)" } ?? "")"
  }

  private static func table(of connection: ConnectionLine, since start: String) -> TextTable {
    var table = TextTable([.right("    SECONDS"), .left("CLIENT STATE"), .left("SERVER STATE"), .left("SEGMENT")])
    func row(_ segment: SegmentLine) -> [TextTable.Cell] {
      [
        .init(elapsed(since: start, to: segment.time)), .init(segment.clientState), .init(segment.serverState),
        .init(segment.text),
      ]
    }
    let segments = connection.segments ?? []
    // The SYN is never forgotten.
    let opening = segments.prefix { $0.time == start }
    for segment in opening { table.add(row(segment)) }
    if connection.segmentsComplete == false { table.add(["", "", "", "(times are not kept for so long)"]) }
    for segment in segments.dropFirst(opening.count) { table.add(row(segment)) }
    table.add(["now", .init(connection.clientState), .init(connection.serverState), ""])
    return table
  }

  /// With the six digits that times of the API have.
  private static func elapsed(since start: String, to time: String) -> String {
    guard let start = Timestamp(start), let time = Timestamp(time) else { return "?" }
    let microseconds = time.nanoseconds / 1000 - start.nanoseconds / 1000
    let fraction = String(microseconds.magnitude % 1_000_000 + 1_000_000).dropFirst()
    return "\(microseconds < 0 ? "-" : "")\(microseconds.magnitude / 1_000_000).\(fraction)"
  }
}

extension SegmentLine {
  /// `> SYN`, `< FIN ACK`, `> PSH ACK, 78 bytes`
  fileprivate var text: String {
    let octets = payloadBytes > 0 ? ", \(Figure.count(payloadBytes, "byte"))" : ""
    return
      "\(sender == "client" ? ">" : "<") \(flags.joined(separator: " "))\(octets)\(retransmission ? ", again" : "")"
  }
}
