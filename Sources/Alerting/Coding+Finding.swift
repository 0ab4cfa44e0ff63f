package import CloseDiagnosis
internal import PacketDecoding

// Findings as they are written down with the alert that they belong to.

extension Finding: Codable {
  private enum Key: String, CodingKey {
    case id, severity, summary, advice, evidence, service
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let id = try container.decode(String.self, forKey: .id)
    let severity = try container.decode(String.self, forKey: .severity)
    guard let id = Identifier(rawValue: id), let severity = Severity(rawValue: severity) else {
      throw DecodingError.dataCorruptedError(forKey: .id, in: container, debugDescription: "no finding")
    }
    self.init(
      id,
      severity,
      summary: try container.decode(String.self, forKey: .summary),
      advice: try container.decode(String.self, forKey: .advice),
      evidence: try container.decode([Evidence].self, forKey: .evidence),
      service: try container.decodeIfPresent(Endpoint.self, forKey: .service)
    )
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(id.rawValue, forKey: .id)
    try container.encode(severity.rawValue, forKey: .severity)
    try container.encode(summary, forKey: .summary)
    try container.encode(advice, forKey: .advice)
    try container.encode(evidence, forKey: .evidence)
    try container.encodeIfPresent(service, forKey: .service)
  }
}

extension Finding.Evidence: Codable {
  private enum Key: String, CodingKey {
    case name, text, count, number, list
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let text = try container.decodeIfPresent(String.self, forKey: .text).map(Value.text)
    let count = try container.decodeIfPresent(Int.self, forKey: .count).map(Value.count)
    let number = try container.decodeIfPresent(Double.self, forKey: .number).map(Value.number)
    let list = try container.decodeIfPresent([[Self]].self, forKey: .list).map(Value.list)
    self.init(try container.decode(String.self, forKey: .name), text ?? count ?? number ?? list)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(name, forKey: .name)
    switch value {
    case .text(let text): try container.encode(text, forKey: .text)
    case .count(let count): try container.encode(count, forKey: .count)
    case .number(let number): try container.encode(number, forKey: .number)
    case .list(let list): try container.encode(list, forKey: .list)
    case nil: break
    }
  }
}

// Of what another version of the daemon found, this one may not know each kind.
extension KeyedDecodingContainer {
  func decode(_ type: [Finding].Type, forKey key: Key) throws -> [Finding] {
    try decode([KnownFinding].self, forKey: key).compactMap(\.finding)
  }
}

private struct KnownFinding: Decodable {
  var finding: Finding?

  private enum Key: String, CodingKey {
    case id, severity
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let id = try container.decode(String.self, forKey: .id)
    let severity = try container.decode(String.self, forKey: .severity)
    guard Finding.Identifier(rawValue: id) != nil, Finding.Severity(rawValue: severity) != nil else { return }
    finding = try Finding(from: decoder)
  }
}
