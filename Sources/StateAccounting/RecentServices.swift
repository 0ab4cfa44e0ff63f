internal import PacketDecoding

/// Numbers of services that were asked for last, by the lowest bits of their address and port: few have most connections.
struct RecentServices: Sendable {
  private struct Entry: Sendable, BitwiseCopyable {
    var service: Endpoint
    /// 0 for none.
    var number: UInt32
  }

  private static let none = Entry(service: Endpoint(address: IPAddress(high: 0, low: 0), port: 0), number: 0)

  private var entries = InlineArray<16, Entry>(repeating: RecentServices.none)

  /// Nil for one that was not asked for lately.
  // Mutating: for what is not, all entries are copied.
  @inline(__always)
  mutating func number(of service: Endpoint) -> UInt32? { Self.number(of: service, &entries[Self.place(of: service)]) }

  @inline(__always)
  private static func number(of service: Endpoint, _ entry: inout Entry) -> UInt32? {
    entry.number != 0 && entry.service == service ? entry.number : nil
  }

  mutating func note(_ service: Endpoint, _ number: UInt32) {
    entries[Self.place(of: service)] = Entry(service: service, number: number)
  }

  mutating func forget(_ number: UInt32) {
    for place in entries.indices where entries[place].number == number { entries[place] = Self.none }
  }

  @inline(__always)
  private static func place(of service: Endpoint) -> Int {
    Int(truncatingIfNeeded: service.address.low ^ UInt64(service.port)) & 15
  }
}
