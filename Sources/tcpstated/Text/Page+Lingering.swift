/// What waits too long, and what did not get through at once.
extension Page {
  /// `answered late 3, refused 4, unanswered 5`, and what was sent again; nothing when all went through.
  static func handshakes(_ counts: Handshakes?) -> [String] {
    // Refusals alone are told elsewhere.
    guard let counts, counts != Handshakes(refused: counts.refused) else { return [] }
    let outcomes = [
      (counts.answeredLate, "answered late"), (counts.refused, "refused"), (counts.unreachable, "unreachable (ICMP)"),
      (counts.unanswered, "unanswered"),
    ]
    let repeats = [
      (counts.synRepeats, "SYN"), (counts.synAckRepeats, "SYN-ACK"),
      (counts.synAckRepeatsAfterAck, "SYN-ACK after the ACK"),
    ]
    let words = outcomes.filter { $0.0 > 0 }.map { "\($0.1) \(Figure.count($0.0))" }
    let sent = repeats.filter { $0.0 > 0 }.map { "\($0.1) \(Figure.count($0.0))" }
    let lines = [words.joined(separator: ", "), sent.isEmpty ? "" : "sent again: \(sent.joined(separator: ", "))"]
    return lines.filter { !$0.isEmpty }
  }

  static func lingeringTable(_ lines: some Collection<LingeringLine>) -> TextTable {
    let knowsOwners = lines.contains { $0.owner != nil }
    var table = TextTable(
      [
        .left("WAITS IN"), .left("END"), .left("SERVICE"), .right("CONNECTIONS"), .right("LONGEST"),
      ] + (knowsOwners ? [.left("OWNER")] : [])
    )
    for line in lines {
      let end = line.side.map { "\(line.end) (\($0))" } ?? line.end
      table.add(
        [
          .init(line.state, .yellow), .init(end), .init(line.service), .init(line.count),
          .init(Figure.span(seconds: line.longestSeconds)),
        ] + (knowsOwners ? [TextTable.Cell(line.owner ?? "-")] : [])
      )
    }
    return table
  }
}
