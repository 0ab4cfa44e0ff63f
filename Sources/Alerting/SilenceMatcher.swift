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
    value = String(rest.dropFirst(relation.rawValue.count))
    (self.key, self.relation) = (key, relation)
    guard !value.isEmpty, value.utf8.count <= Self.valueLimit else {
      throw SilenceFault("\(Self.quoted(text)) needs a value of at most \(Self.valueLimit) octets")
    }
    if !relation.isPattern, let expected, !isValue { throw SilenceFault("\(Self.quoted(text)): needs \(expected)") }
  }

  private static let example = "service=10.0.0.1:8081"
  private static let valueLimit = 256

  private static func quoted(_ text: some StringProtocol) -> String {
    "\"\(SafeText.escape(String(text.prefix(80))))\""
  }

  /// What a plain value must be; nil where any text will do.
  private var expected: String? {
    switch key {
    case .rule, .unit: nil
    case .severity: Severity.allCases.map(\.rawValue).joined(separator: ", ")
    case .side: AlertRule.Side.allCases.map(\.rawValue).joined(separator: ", ")
    case .service, .destination: "an address and a port, or one of them: 10.0.0.1:8081, 10.0.0.0/8, :8081"
    case .peer: "an address or a network: 10.0.0.1, 10.1.0.0/16"
    }
  }

  private var isValue: Bool {
    switch key {
    case .rule, .unit: true
    case .severity: Severity(rawValue: value) != nil
    case .side: AlertRule.Side(rawValue: value) != nil
    case .service, .destination: ServicePattern(value) != nil
    case .peer: CIDR(value) != nil
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
    switch (key, alert.subject) {
    case (.service, .service(let end)), (.destination, .destination(let end)):
      return ServicePattern(value)?.matches(end) ?? false
    case (.peer, .peer(let address)): return CIDR(value)?.contains(address) ?? false
    case (.service, _), (.destination, _), (.peer, _): return false
    case (.rule, _), (.severity, _), (.side, _), (.unit, _): return text(in: alert) == value
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
