import PacketDecoding
import Testing

@testable import ConnectionTracking

@Suite struct LocalAddressesTests {
  private static let many = (0..<40).map { IPAddress(high: $0 % 3, low: $0 * 7 + 1) }

  @Test(arguments: 0...many.count)
  func holdsWhatItWasGiven(_ count: Int) {
    let given = Set(Self.many.prefix(count))
    let addresses = LocalAddresses(addresses: given, networks: [])
    for high in UInt64(0)..<4 {
      for low in UInt64(0)..<300 {
        let address = IPAddress(high: high, low: low)
        #expect(addresses.contains(address) == given.contains(address))
      }
    }
  }
}
