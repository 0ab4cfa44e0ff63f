/// The two ends of a segment in an order that both directions of a connection agree on, and which of them sent it.
///
/// What nearly all segments have fits in a few words, which are also what connections are told apart by: only those are
/// written and read for it. Whole endpoints are made of them when somebody asks.
@usableFromInline
package struct SegmentEnds: Sendable, BitwiseCopyable {
  /// The lower 32 bits of both addresses, the second's in the upper half.
  @usableFromInline package var words: UInt64
  /// The same of the ports.
  @usableFromInline package var ports: UInt32
  @usableFromInline package var senderIsSecond: Bool
  /// Both addresses are of IPv4: `words` has them whole.
  @usableFromInline package var areIPv4: Bool
  /// Of others; for IPv4 they mean nothing.
  @usableFromInline let addresses: (first: IPAddress, second: IPAddress)

  package init(source: Endpoint, destination: Endpoint) {
    senderIsSecond = !source.orders(before: destination)
    let (first, second) = senderIsSecond ? (destination, source) : (source, destination)
    words = UInt64(UInt32(truncatingIfNeeded: first.address.low)) | second.address.low << 32
    ports = UInt32(first.port) | UInt32(second.port) << 16
    areIPv4 = first.address.isIPv4 && second.address.isIPv4
    let nothing = IPAddress(high: 0, low: 0)
    addresses = areIPv4 ? (nothing, nothing) : (first.address, second.address)
  }

  /// Nobody's.
  package static var none: SegmentEnds {
    let nobody = Endpoint(address: IPAddress(high: 0, low: 0), port: 0)
    return SegmentEnds(source: nobody, destination: nobody)
  }

  /// Those of a segment between IPv4 addresses, as they stand in its headers.
  ///
  /// - Parameters:
  ///   - newAddresses: the source in the upper half.
  ///   - newPorts: the same.
  @inlinable @inline(__always)
  mutating func setIPv4(_ newAddresses: UInt64, _ newPorts: UInt32) {
    let otherAddresses = newAddresses << 32 | newAddresses >> 32
    let otherPorts = newPorts << 16 | newPorts >> 16
    // The first stands in the lower half: what is in order is the larger one the other way round.
    words = max(newAddresses, otherAddresses)
    senderIsSecond = newAddresses > otherAddresses
    ports = senderIsSecond ? newPorts : otherPorts
    areIPv4 = true
    if _slowPath(newAddresses == otherAddresses) {
      senderIsSecond = newPorts > otherPorts
      ports = max(newPorts, otherPorts)
    }
  }

  @inlinable @inline(__always)
  package var first: Endpoint {
    let address = areIPv4 ? IPAddress(ipv4: UInt32(truncatingIfNeeded: words)) : addresses.first
    return Endpoint(address: address, port: UInt16(truncatingIfNeeded: ports))
  }

  @inlinable @inline(__always)
  package var second: Endpoint {
    let address = areIPv4 ? IPAddress(ipv4: UInt32(truncatingIfNeeded: words >> 32)) : addresses.second
    return Endpoint(address: address, port: UInt16(truncatingIfNeeded: ports >> 16))
  }

  @inlinable @inline(__always) package var source: Endpoint { senderIsSecond ? second : first }
  @inlinable @inline(__always) package var destination: Endpoint { senderIsSecond ? first : second }
}

extension SegmentEnds: CustomStringConvertible {
  /// Without what means nothing.
  @usableFromInline package var description: String { "\(source) to \(destination)" }
}

extension Endpoint {
  /// A total order of endpoints, the same for both directions of a connection.
  @inlinable
  package func orders(before other: Endpoint) -> Bool {
    if address.low != other.address.low { return address.low < other.address.low }
    if address.high != other.address.high { return address.high < other.address.high }
    return port <= other.port
  }
}
