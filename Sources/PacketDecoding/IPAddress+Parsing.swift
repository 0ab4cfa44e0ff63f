extension IPAddress {
  /// An address as in RFC 4291, 2.2, or a dotted quad of four decimal numbers without leading zeros (which some take
  /// for octal). No zone, no prefix length, no spaces.
  package init?(_ text: some StringProtocol) {
    var scanner = TextScanner(text)
    guard let address = scanner.takeAddress(), scanner.isAtEnd else { return nil }
    self = address
  }
}

/// The 16-bit groups on one side of a `::`.
private struct IPv6Groups {
  var bits: UInt128 = 0
  var count = 0
  /// A dotted quad can only be the end of an address.
  var endsInQuad = false

  mutating func append(_ group: UInt16) {
    bits = bits << 16 | UInt128(group)
    count += 1
  }

  mutating func append(quad: UInt32) {
    append(UInt16(truncatingIfNeeded: quad >> 16))
    append(UInt16(truncatingIfNeeded: quad))
    endsInQuad = true
  }
}

extension TextScanner {
  mutating func takeAddress() -> IPAddress? {
    takeIPv4().map(IPAddress.init(ipv4:)) ?? takeIPv6()
  }

  /// Takes nothing if no complete dotted quad comes next.
  mutating func takeIPv4() -> UInt32? {
    var attempt = self
    guard var address = attempt.takeDecimal(atMost: 255) else { return nil }
    for _ in 1..<4 {
      guard attempt.take("."), let octet = attempt.takeDecimal(atMost: 255) else { return nil }
      address = address << 8 | octet
    }
    self = attempt
    return address
  }

  mutating func takeIPv6() -> IPAddress? {
    guard let front = begins(with: "::") ? IPv6Groups() : takeGroups() else { return nil }
    guard take("::") else { return front.count == 8 ? IPAddress(bits: front.bits) : nil }
    guard !front.endsInQuad, let back = isAtHexDigit ? takeGroups() : IPv6Groups() else { return nil }
    // The `::` stands for one group at the least.
    guard front.count + back.count < 8 else { return nil }
    return IPAddress(bits: front.bits << (16 * (8 - front.count)) | back.bits)
  }

  /// Groups with single colons between them; nil when a colon is not followed by a group.
  private mutating func takeGroups() -> IPv6Groups? {
    var groups = IPv6Groups()
    while groups.count < 8 {
      if let quad = takeIPv4() {
        groups.append(quad: quad)
        return groups
      }
      guard let group = takeHexGroup() else { return nil }
      groups.append(group)
      guard !begins(with: "::") && take(":") else { return groups }
    }
    return nil
  }
}

extension IPAddress {
  fileprivate init(bits: UInt128) {
    self.init(high: UInt64(truncatingIfNeeded: bits >> 64), low: UInt64(truncatingIfNeeded: bits))
  }
}
