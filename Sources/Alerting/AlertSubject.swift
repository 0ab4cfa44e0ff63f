import PacketDecoding

/// The thing that one instance of a rule is about.
enum AlertSubject: Hashable, Sendable {
  case host
  case service(Endpoint)
  case peer(IPAddress)
  case unit(String)

  /// What sets this instance apart from others of its rule.
  var labels: [Label] {
    switch self {
    case .host: []
    case .service(let service): [Label(name: "service", value: AddressText.text(service))]
    case .peer(let address): [Label(name: "peer", value: AddressText.text(address))]
    case .unit(let name): [Label(name: "unit", value: name)]
    }
  }
}
