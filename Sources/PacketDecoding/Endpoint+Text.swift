extension Endpoint: CustomStringConvertible {
  /// `192.0.2.1:80` or `[2001:db8::1]:80` (RFC 3986, 3.2.2).
  @usableFromInline package var description: String {
    address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
  }

  /// Reads what `description` writes, and nothing looser.
  package init?(_ text: some StringProtocol) {
    var scanner = TextScanner(text)
    guard let address = scanner.takeHost(), scanner.take(":"), let port = scanner.takeDecimal(atMost: 65535),
      scanner.isAtEnd
    else { return nil }
    self.init(address: address, port: UInt16(truncatingIfNeeded: port))
  }
}

extension TextScanner {
  fileprivate mutating func takeHost() -> IPAddress? {
    guard take("[") else { return takeIPv4().map(IPAddress.init(ipv4:)) }
    guard let address = takeIPv6(), take("]") else { return nil }
    return address
  }
}
