extension [UInt8] {
  /// A struct nlmsghdr.
  mutating func append(headerOf bodyLength: Int, type: UInt16, flags: UInt16, sequence: UInt32) {
    append(integer: UInt32(NetlinkMessages.headerLength + bodyLength))
    append(integer: type)
    append(integer: flags)
    append(integer: sequence)
    append(integer: UInt32(0))
  }

  /// In host byte order, as netlink has it.
  mutating func append(integer: some FixedWidthInteger & BitwiseCopyable) {
    unsafe Swift.withUnsafeBytes(of: integer) { unsafe append(contentsOf: $0) }
  }
}
