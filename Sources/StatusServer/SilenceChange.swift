package import Alerting
package import PacketDecoding

/// What a client of the Unix socket may change.
package enum SilenceChange: Sendable {
  case add([SilenceMatcher], lasting: Seconds, comment: String)
  case expire(id: String)
}

extension SilenceChange {
  static let parameterNames = ["match", "for", "comment", "id"]

  /// - Throws: what is wrong with the parameters, as a sentence.
  init(method: String, _ parameters: Parameters) throws(Parameters.Fault) {
    if method == "DELETE" {
      try Self.refuse(["match", "for", "comment"], in: parameters)
      guard let id = parameters["id"] else { throw Parameters.Fault("parameter 'id' is missing") }
      self = .expire(id: id)
      return
    }
    try Self.refuse(["id"], in: parameters)
    guard let match = parameters["match"] else { throw Parameters.Fault("parameter 'match' is missing") }
    guard parameters["for"] != nil else { throw Parameters.Fault("parameter 'for' is missing") }
    let seconds = try parameters.integer("for", in: 1...Int(SilenceBook.longest.value), default: 0)
    var matchers: [SilenceMatcher] = []
    for line in match.split(separator: "\n") {
      do throws(SilenceFault) {
        matchers.append(try SilenceMatcher(parsing: String(line)))
      } catch {
        throw Parameters.Fault("parameter 'match': \(error.description)")
      }
    }
    self = .add(matchers, lasting: Seconds(Int64(seconds)), comment: parameters["comment"] ?? "")
  }

  private static func refuse(_ names: [String], in parameters: Parameters) throws(Parameters.Fault) {
    for name in names where parameters[name] != nil {
      throw Parameters.Fault("parameter '\(name)' has no place in this request")
    }
  }
}
