/// Who asks whom, of a SYN between IPv4 addresses: in two words, as whole endpoints would be made and handed on in six.
@usableFromInline
package struct RequestEnds: Sendable, BitwiseCopyable {
  /// The client's in the lower halves.
  @usableFromInline let addresses: UInt64
  @usableFromInline let ports: UInt32

  /// - Parameter ends: of IPv4; their sender is the client.
  @inlinable @inline(__always)
  package init(_ ends: SegmentEnds) {
    let (words, ports) = (ends.words, ends.ports)
    addresses = ends.senderIsSecond ? words << 32 | words >> 32 : words
    self.ports = ends.senderIsSecond ? ports << 16 | ports >> 16 : ports
  }

  @inlinable @inline(__always)
  package var client: Endpoint {
    let address = IPAddress(ipv4: UInt32(truncatingIfNeeded: addresses))
    return Endpoint(address: address, port: UInt16(truncatingIfNeeded: ports))
  }

  /// Whether the server is the same.
  @inlinable @inline(__always)
  package func haveServer(of other: RequestEnds) -> Bool {
    (addresses ^ other.addresses) >> 32 == 0 && (ports ^ other.ports) >> 16 == 0
  }

  @inlinable @inline(__always)
  package var server: Endpoint {
    let address = IPAddress(ipv4: UInt32(truncatingIfNeeded: addresses >> 32))
    return Endpoint(address: address, port: UInt16(truncatingIfNeeded: ports >> 16))
  }
}
