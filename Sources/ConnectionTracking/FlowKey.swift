package import PacketDecoding

/// One of the two ends by the order of their addresses, which both directions agree on. (A `Role` is known only later.)
package enum End: UInt8, Sendable, BitwiseCopyable {
  case first
  case second

  @inlinable @inline(__always)
  package var other: End { self == .first ? .second : .first }

  @inline(__always)
  var index: Int { self == .first ? 0 : 1 }
}

/// What tells one connection from another: two endpoints in a canonical order, the tunnel they are in, and the network
/// namespace.
package struct FlowKey: Hashable, Sendable, BitwiseCopyable {
  package let first: Endpoint
  package let second: Endpoint
  /// The network namespace that it was seen in: another one may use the same addresses.
  package let namespace: UInt8
  package let scope: UInt32

  /// The key of a segment between the two, in either direction, and which end `source` is.
  static func between(
    _ source: Endpoint,
    _ destination: Endpoint,
    scope: UInt32,
    namespace: UInt8 = 0
  ) -> (key: FlowKey, source: End) {
    source.orders(before: destination)
      ? (FlowKey(first: source, second: destination, scope: scope, namespace: namespace), .first)
      : (FlowKey(first: destination, second: source, scope: scope, namespace: namespace), .second)
  }

  @inline(__always)
  init(first: Endpoint, second: Endpoint, scope: UInt32, namespace: UInt8 = 0) {
    self.first = first
    self.second = second
    self.scope = scope
    self.namespace = namespace
  }

  @inline(__always)
  package func endpoint(_ end: End) -> Endpoint { end == .first ? first : second }

  func socketName(of end: End) -> SocketName {
    SocketName(local: endpoint(end), remote: endpoint(end.other), namespace: namespace)
  }
}

/// A keyed hash of flow keys: senders choose addresses and ports, so an unkeyed one could be made to collide.
struct FlowHasher: Sendable, BitwiseCopyable {
  private let keys: (UInt64, UInt64, UInt64)

  init(seed: (UInt64, UInt64, UInt64)) {
    keys = seed
  }

  /// With keys of this run's own.
  init() { self.init(seed: Self.newKeys) }

  fileprivate static var newKeys: (UInt64, UInt64, UInt64) {
    var generator = SystemRandomNumberGenerator()
    return (generator.next(), generator.next() | 1, generator.next() | 1)
  }

  @inline(__always)
  func callAsFunction(_ key: FlowKey) -> UInt64 {
    guard key.isWide else {
      return self(narrow: Flow.words(key.first, key.second), Flow.ports(key.first, key.second))
    }
    // Without the namespace: few connections are alike but for it, and their keys are compared.
    return Self.fold((hash(key.first) &+ hash(key.second)) ^ UInt64(key.scope), keys.2)
  }

  /// Of a key that is not wide, as it stands in the hot line.
  @inline(__always)
  func callAsFunction(narrow words: UInt64, _ ports: UInt32) -> UInt64 {
    Self.fold(Self.fold(words ^ keys.0, UInt64(ports) ^ keys.1), keys.2)
  }

  @inline(__always)
  private func hash(_ endpoint: Endpoint) -> UInt64 {
    let narrow = Self.fold(endpoint.address.low ^ keys.0, UInt64(endpoint.port) ^ keys.1)
    return endpoint.address.isIPv4 ? narrow : Self.fold(endpoint.address.high ^ keys.1, narrow ^ keys.2)
  }

  @inline(__always)
  private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 { a.folded(by: b) }
}

/// The same for single endpoints, with keys of its own.
@usableFromInline
package struct EndpointHasher: Sendable, BitwiseCopyable {
  @usableFromInline let keys: (UInt64, UInt64, UInt64)

  package init() { keys = FlowHasher.newKeys }

  /// Of the two halves of an address and a port, and the number of something these belong to. (Words, for it is compiled
  /// into other modules.)
  @inlinable @inline(__always)
  package func callAsFunction(high: UInt64, low: UInt64, port: UInt16, salt: UInt32) -> UInt64 {
    let narrow = (low ^ keys.0).folded(by: UInt64(port) ^ keys.1)
    let wide = high == 0 ? narrow : (high ^ keys.1).folded(by: narrow ^ keys.2)
    return (wide ^ UInt64(salt)).folded(by: keys.2)
  }
}

extension UInt64 {
  /// Both halves of the 128-bit product, each bit of the result depending on most of the input.
  @inlinable @inline(__always)
  func folded(by other: UInt64) -> UInt64 {
    let product = multipliedFullWidth(by: other)
    return product.high ^ product.low
  }
}
