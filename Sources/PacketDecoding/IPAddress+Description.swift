extension IPAddress: CustomStringConvertible {
  /// `192.0.2.1`, or IPv6 in the form of RFC 5952: lower case, no leading zeros, the first longest run of two or more
  /// zero groups as `::`.
  @usableFromInline package var description: String {
    guard !isIPv4 else { return ipv4Text }
    guard let zeros = longestZeroRun else { return groupsText(0..<8) }
    return groupsText(0..<zeros.lowerBound) + "::" + groupsText(zeros.upperBound..<8)
  }

  private var ipv4Text: String {
    "\(low >> 24 & 0xFF).\(low >> 16 & 0xFF).\(low >> 8 & 0xFF).\(low & 0xFF)"
  }

  /// The 16-bit group `index` of eight, as they stand in the text.
  private func group(_ index: Int) -> UInt16 {
    let half = index < 4 ? high : low
    return UInt16(truncatingIfNeeded: half >> (48 - 16 * UInt64(index & 3)))
  }

  private func groupsText(_ range: Range<Int>) -> String {
    var text = ""
    for index in range {
      if index > range.lowerBound { text += ":" }
      text += String(group(index), radix: 16)
    }
    return text
  }

  /// A single zero group is not shortened (RFC 5952, 4.2.2).
  private var longestZeroRun: Range<Int>? {
    var longest = 0..<1
    var start = 0
    for index in 0..<8 {
      if group(index) != 0 {
        start = index + 1
      } else if index + 1 - start > longest.count {
        longest = start..<index + 1
      }
    }
    return longest.count > 1 ? longest : nil
  }
}
