import ConnectionTracking
import PacketDecoding
import Testing

@testable import Monitoring

/// A host of 10.9.0.1 and fd00::1 that was told that 10.0.0.0/8 is local too.
@Suite struct OwnListenersTests {
  struct Case: CustomTestStringConvertible {
    var listener: String
    var end: String
    var isOwn: Bool

    init(_ listener: String, _ end: String, _ isOwn: Bool) {
      self.listener = listener
      self.end = end
      self.isOwn = isOwn
    }

    var testDescription: String { "\(listener) \(isOwn ? "is" : "is not") reached at \(end)" }
  }

  @Test(arguments: [
    Case("127.0.0.1:11060", "127.0.0.1:11060", true),
    Case("127.0.0.1:11060", "127.0.0.1:11061", false),
    Case("127.0.0.1:11060", "127.0.0.2:11060", false),
    Case("127.0.0.1:11060", "10.9.0.1:11060", false),
    Case("127.0.0.1:11060", "[::1]:11060", false),
    Case("10.9.0.1:11061", "10.9.0.1:11061", true),
    Case("10.9.0.1:11061", "127.0.0.1:11061", false),
    Case("0.0.0.0:11061", "10.9.0.1:11061", true),
    Case("0.0.0.0:11061", "127.0.0.1:11061", true),
    Case("0.0.0.0:11061", "10.9.0.2:11061", false),
    Case("0.0.0.0:11061", "[fd00::1]:11061", false),
    Case("[::]:11061", "[fd00::1]:11061", true),
    Case("[::]:11061", "[::1]:11061", true),
    Case("[::]:11061", "10.9.0.1:11061", true),
    Case("[::]:11061", "[fd00::2]:11061", false),
  ])
  func isReached(_ known: Case) throws {
    let listeners = OwnListeners([try #require(Endpoint(known.listener))])
    let addresses = Set(try ["10.9.0.1", "fd00::1"].map { try #require(IPAddress($0)) })
    let network = try #require(CIDR(address: IPAddress(ipv4: 0x0A00_0000), prefixLength: 8))
    let local = LocalAddresses(addresses: addresses, networks: [network])
    #expect(listeners.answer(at: try #require(Endpoint(known.end)), local) == known.isOwn)
  }
}
