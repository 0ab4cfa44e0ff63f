internal import Monitoring

extension ConnectionQuery {
  static let parameterNames = [
    "state", "side", "service", "peer", "owner", "filter", "limit", "cursor", "id", "segments",
  ]

  /// The cursor goes on after them.
  private static let mostWithSegments = 1000

  /// Each parameter is one value of its type; only `filter` is an expression.
  init(_ parameters: Parameters) throws(Parameters.Fault) {
    let state = try parameters.read("state", "open, closed, all or a state such as time-wait") { FilterState($0) }
    let side = try parameters.read("side", "client, server, local, remote or transit") {
      FilterSide(rawValue: $0.lowercased())
    }
    let form = "an address with or without a port, such as 10.0.0.1, 10.0.0.1:80, [::1]:80 or 10.0.0.0/8"
    let service = try parameters.read("service", form) { FilterAddress($0) }
    let peer = try parameters.read("peer", form) { FilterAddress($0) }
    var filter = ConnectionFilter.all
    // A side alone asks for connections that have an end there.
    if state != nil || side != nil { filter = .and(filter, .state(state ?? .all, side: side)) }
    if let service { filter = .and(filter, .term(.end(.server, service))) }
    if let peer { filter = .and(filter, .term(.end(.client, peer))) }
    if let owner = parameters["owner"] { filter = .and(filter, .term(.owner(owner))) }
    if let expression = parameters["filter"] { filter = .and(filter, try Self.filter(expression)) }
    let includesSegments = try parameters.read("segments", "true or false") { Bool($0) } ?? false
    let limit = try parameters.integer("limit", in: 1...10_000, default: 100)
    self.init(
      filter: filter,
      limit: includesSegments ? min(limit, Self.mostWithSegments) : limit,
      before: try parameters.read("cursor", "the next_cursor of the page before") { Cursor.serial($0) }
    )
    self.includesSegments = includesSegments
    only = try parameters.read("id", "the id of a connection") { Cursor.serial($0) }
  }

  private static func filter(_ text: String) throws(Parameters.Fault) -> ConnectionFilter {
    do {
      return try ConnectionFilter(parsing: text)
    } catch {
      throw Parameters.Fault("parameter 'filter': \(error)")
    }
  }
}

/// The place in a listing where the next page begins, as text.
enum Cursor {
  static func text(_ serial: UInt64) -> String { String(serial, radix: 16) }

  /// Nil for what `text` does not write.
  static func serial(_ text: String) -> UInt64? {
    guard let serial = UInt64(text, radix: 16), Self.text(serial) == text else { return nil }
    return serial
  }
}
