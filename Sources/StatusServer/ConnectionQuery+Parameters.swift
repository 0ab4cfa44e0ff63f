internal import Engine

extension ConnectionQuery {
  static let parameterNames = ["state", "side", "service", "peer", "filter", "limit", "cursor"]

  /// The parameters are words of the filter language, so that both mean the same.
  init(_ parameters: Parameters) throws(Parameters.Fault) {
    var filter = ConnectionFilter.all
    if let state = parameters["state"] {
      let side = parameters["side"].map { " side \($0)" } ?? ""
      filter = .and(filter, try Self.read("state \(state)\(side)", parameter: "state"))
    } else if let side = parameters["side"] {
      filter = .and(filter, try Self.read("state all side \(side)", parameter: "side"))
    }
    for (name, word) in [("service", "server"), ("peer", "client")] {
      if let value = parameters[name] { filter = .and(filter, try Self.read("\(word) \(value)", parameter: name)) }
    }
    if let text = parameters["filter"] { filter = .and(filter, try Self.read(text, parameter: "filter")) }
    let limit = try parameters.integer("limit", in: 1...10_000, default: 100)
    self.init(filter: filter, limit: limit, before: try Self.cursor(parameters["cursor"]))
  }

  private static func read(_ text: String, parameter: String) throws(Parameters.Fault) -> ConnectionFilter {
    do {
      return try ConnectionFilter(parsing: text)
    } catch {
      throw Parameters.Fault(detail: "parameter '\(parameter)': \(error)")
    }
  }

  private static func cursor(_ text: String?) throws(Parameters.Fault) -> UInt64? {
    guard let text else { return nil }
    guard let serial = UInt64(text, radix: 16) else {
      throw Parameters.Fault(detail: "parameter 'cursor' must be the next_cursor of the page before")
    }
    return serial
  }
}
