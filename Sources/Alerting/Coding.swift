package import CloseDiagnosis
package import ConnectionTracking
package import PacketDecoding
package import StateAccounting

// How what alerts are made of is written down between two runs of the daemon: addresses as text, moments as nanoseconds.

extension Phase: Codable {}
extension ClosedFirst: Codable {}

extension IPAddress: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let address = IPAddress(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no address")
    }
    self = address
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(AddressText.text(self))
  }
}

extension Endpoint: Codable {
  private enum Key: String, CodingKey {
    case address, port
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    self.init(
      address: try container.decode(IPAddress.self, forKey: .address),
      port: try container.decode(UInt16.self, forKey: .port)
    )
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(address, forKey: .address)
    try container.encode(port, forKey: .port)
  }
}

extension Timestamp: Codable {
  package init(from decoder: any Decoder) throws {
    self.init(nanoseconds: try decoder.singleValueContainer().decode(Int64.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }
}

extension Seconds: Codable {
  package init(from decoder: any Decoder) throws {
    self.init(nanoseconds: try decoder.singleValueContainer().decode(Int64.self))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(nanoseconds)
  }
}

extension Counts: Codable {
  package init(from decoder: any Decoder) throws {
    self.init()
    let counts = try decoder.singleValueContainer().decode([Int].self)
    for (key, count) in zip(Key.allCases, counts) { self[key] = count }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(Key.allCases.map { self[$0] })
  }
}

extension CauseCounts: Codable {
  package init(from decoder: any Decoder) throws {
    self.init()
    for (name, count) in try decoder.singleValueContainer().decode([String: Int].self) {
      if let cause = CloseCause(name: name) { self[cause] = count }
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    let named = CloseCause.allCases.filter { self[$0] > 0 }.map { ($0.name, self[$0]) }
    try container.encode(Dictionary(named) { first, _ in first })
  }
}
