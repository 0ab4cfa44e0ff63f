/// What there is to know of a cause or a finding, whatever the connection.
package struct Explanation: Sendable {
  package enum Kind: String, Sendable {
    case cause, finding
  }

  package var id: String
  package var kind: Kind
  package var sentence: String
  /// How it shows.
  package var sign: String
  package var advice: String

  /// Causes in the order in which they are tried, then findings.
  package static var all: [Explanation] {
    CloseCause.allCases.map(\.explanation) + Finding.Identifier.allCases.map(\.explanation)
  }

  /// - Parameter id: `-` and `_` are the same.
  package init?(id: String) {
    func plain(_ id: String) -> String { String(id.map { $0 == "_" ? "-" : $0 }) }
    guard let explanation = Self.all.first(where: { plain($0.id) == plain(id.lowercased()) }) else { return nil }
    self = explanation
  }

  init(id: String, kind: Kind, sentence: String, sign: String, advice: String) {
    self.id = id
    self.kind = kind
    self.sentence = sentence
    self.sign = sign
    self.advice = advice
  }
}
