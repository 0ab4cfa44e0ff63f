extension Page {
  /// A line a connection, as ss shows sockets, with both ends.
  mutating func add(_ listing: ConnectionsDocument) {
    let knowsOwners = listing.connections.contains { $0.owner?.text != nil }
    var table = TextTable(
      [
        .left("CLIENT STATE"), .left("SERVER STATE"), .left("CLIENT"), .left("SERVER"), .left("CLOSED FIRST"),
        .left("KIND"), .left("CAUSE"), .right("TIME_WAIT"), .right("AGE"),
      ] + (knowsOwners ? [.left("OWNER")] : [])
    )
    for connection in listing.connections {
      let owner = knowsOwners ? [TextTable.Cell(connection.owner?.text ?? "-")] : []
      table.add(Self.row(connection, time: listing.time) + owner)
    }
    add(table)
  }

  private static func row(_ connection: ConnectionLine, time: String?) -> [TextTable.Cell] {
    let age = APITime.seconds(from: connection.start, to: time)
    return [
      state(connection.clientState), state(connection.serverState), .init(connection.client),
      .init(connection.server), .init(connection.closedFirst ?? "-"),
      .init(connection.closeKind ?? "-"), .init(connection.cause ?? "-"),
      .init(connection.timeWaitRemainingSeconds.map { Figure.span(seconds: $0.rounded(.up)) } ?? "-"),
      .init(age.map { Figure.span(seconds: $0) } ?? "-"),
    ]
  }

  private static func state(_ name: String) -> TextTable.Cell {
    .init(name, name == "TIME_WAIT" ? .yellow : name == "ESTABLISHED" ? .green : .plain)
  }
}
