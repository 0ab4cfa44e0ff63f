package import PacketDecoding

/// The thing that one instance of a rule is about.
package enum AlertSubject: Hashable, Sendable, Codable {
  case host
  case service(Endpoint)
  case destination(Endpoint)
  case peer(IPAddress)
  case unit(String)

  /// What sets this instance apart from others of its rule.
  var labels: [Label] {
    switch self {
    case .host: []
    case .service(let service): [Label(name: "service", value: AddressText.text(service))]
    case .destination(let service): [Label(name: "destination", value: AddressText.text(service))]
    case .peer(let address): [Label(name: "peer", value: AddressText.text(address))]
    case .unit(let name): [Label(name: "unit", value: name)]
    }
  }

  /// The service it is about, if it is about one.
  package var service: Endpoint? {
    switch self {
    case .service(let service), .destination(let service): service
    case .host, .peer, .unit: nil
    }
  }
}

extension AlertSubject: Comparable {
  package static func < (a: AlertSubject, b: AlertSubject) -> Bool {
    if case .unit(let name) = a, case .unit(let other) = b { return name < other }
    return a.order < b.order
  }

  private var order: (UInt64, UInt64, UInt16) {
    switch self {
    case .host: (0, 0, 0)
    case .service(let service), .destination(let service): (service.address.high, service.address.low, service.port)
    case .peer(let address): (address.high, address.low, 0)
    case .unit: (.max, .max, .max)
    }
  }
}
