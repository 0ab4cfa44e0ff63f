import PacketDecoding

/// One condition of a silence: `service=10.0.0.1:8081`, `unit~nginx*`, `severity!=critical`.
package struct SilenceMatcher: Sendable, Equatable {
  package enum Key: String, CaseIterable, Sendable {
    case rule, severity, side, service, destination, peer, unit
  }

  package enum Relation: String, CaseIterable, Sendable {
    case equal = "="
    case unequal = "!="
    /// A pattern with `*`.
    case like = "~"
    case unlike = "!~"

    var isNegative: Bool { self == .unequal || self == .unlike }
    var isPattern: Bool { self == .like || self == .unlike }
  }

  package let key: Key
  package let relation: Relation
  package let value: String
  /// Of a plain value, read once: matchers are held against each alert once a second.
  private let pattern: Pattern

  private enum Pattern: Sendable, Equatable {
    case text
    case service(ServicePattern)
    case peer(CIDR)
  }

  package var text: String { key.rawValue + relation.rawValue + value }

  /// - Throws: what is wrong with it, as a sentence.
  package init(parsing text: String) throws(SilenceFault) {
    let name = text.prefix { !"=!~".contains($0) }
    let rest = text[name.endIndex...]
    // The longer ones first.
    let relation = Relation.allCases.filter { rest.hasPrefix($0.rawValue) }.max {
      $0.rawValue.count < $1.rawValue.count
    }
    guard let relation else { throw SilenceFault("\(Self.quoted(text)) needs =, !=, ~ or !~, such as \(Self.example)") }
    guard let key = Key(rawValue: String(name)) else {
      let known = Key.allCases.map(\.rawValue).joined(separator: ", ")
      throw SilenceFault("\(Self.quoted(name)) is nothing that alerts are chosen by: there is \(known)")
    }
    let value = String(rest.dropFirst(relation.rawValue.count))
    guard !value.isEmpty, value.utf8.count <= Self.valueLimit else {
      throw SilenceFault("\(Self.quoted(text)) needs a value of at most \(Self.valueLimit) octets")
    }
    (self.key, self.relation, self.value) = (key, relation, value)
    guard let pattern = relation.isPattern ? .text : Self.pattern(key, value) else {
      throw SilenceFault("\(Self.quoted(text)): needs \(Self.expected(key))")
    }
    self.pattern = pattern
  }

  private static let example = "service=10.0.0.1:8081"
  private static let valueLimit = 256

  private static func quoted(_ text: some StringProtocol) -> String {
    "\"\(SafeText.escape(String(text.prefix(80))))\""
  }

  /// Nil for a value that is none of its key.
  private static func pattern(_ key: Key, _ value: String) -> Pattern? {
    switch key {
    case .rule, .unit: .text
    case .severity: Severity(rawValue: value).map { _ in .text }
    case .side: AlertRule.Side(rawValue: value).map { _ in .text }
    case .service, .destination: ServicePattern(value).map(Pattern.service)
    case .peer: CIDR(value).map(Pattern.peer)
    }
  }

  private static func expected(_ key: Key) -> String {
    switch key {
    case .rule, .unit: "a name"
    case .severity: Severity.allCases.map(\.rawValue).joined(separator: ", ")
    case .side: AlertRule.Side.allCases.map(\.rawValue).joined(separator: ", ")
    case .service, .destination: "an address and a port, or one of them: 10.0.0.1:8081, 10.0.0.0/8, :8081"
    case .peer: "an address or a network: 10.0.0.1, 10.1.0.0/16"
    }
  }
}

extension SilenceMatcher {
  /// What an alert is not about (the service of an alert by host) is unlike anything.
  package func matches(_ alert: AlertStatus) -> Bool {
    isLike(alert) != relation.isNegative
  }

  private func isLike(_ alert: AlertStatus) -> Bool {
    guard !relation.isPattern else { return text(in: alert).map { Glob.matches($0, value) } ?? false }
    switch (pattern, key, alert.subject) {
    case (.service(let pattern), .service, .service(let end)): return pattern.matches(end)
    case (.service(let pattern), .destination, .destination(let end)): return pattern.matches(end)
    case (.peer(let network), _, .peer(let address)): return network.contains(address)
    case (.service, _, _), (.peer, _, _): return false
    case (.text, _, _): return text(in: alert) == value
    }
  }

  private func text(in alert: AlertStatus) -> String? {
    switch key {
    case .rule: alert.name
    case .severity: alert.severity.rawValue
    case .side, .service, .destination, .peer, .unit: alert.labels.first { $0.name == key.rawValue }?.value
    }
  }
}

extension SilenceMatcher: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    do throws(SilenceFault) {
      try self.init(parsing: text)
    } catch {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
