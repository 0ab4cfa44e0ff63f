import ConnectionTracking
import PacketDecoding
import Testing

@testable import Daemon

@Suite struct ListenersTests {
  private static func listeners() throws -> Listeners {
    var listeners = Listeners()
    for (text, owner) in [
      ("10.0.0.1:80", 1), ("0.0.0.0:80", 2), ("[::]:443", 3), ("0.0.0.0:8443", 4), ("[::]:8443", 5),
      // SO_REUSEPORT: by two units, and by two processes of one.
      ("0.0.0.0:9000", 1), ("0.0.0.0:9000", 2), ("0.0.0.0:9000", 1), ("0.0.0.0:9001", 6), ("0.0.0.0:9001", 6),
      ("0.0.0.0:9002", 0),
    ] as [(String, UInt16)] {
      listeners.add(try #require(Endpoint(text)), owner: owner)
    }
    return listeners
  }

  @Test(
    "A server's end is of the one whose listener takes it",
    arguments: [
      ("10.0.0.1:80", Ownership(owner: 1, attribution: .listener)),
      ("10.0.0.2:80", Ownership(owner: 2, attribution: .listener)),
      ("10.0.0.1:443", Ownership(owner: 3, attribution: .listener)),
      ("[fd00::1]:443", Ownership(owner: 3, attribution: .listener)),
      ("10.0.0.1:8443", Ownership(owner: 4, attribution: .listener)),
      ("[fd00::1]:8443", Ownership(owner: 5, attribution: .listener)),
      ("[fd00::1]:80", .unknown),
      ("10.0.0.1:9000", Ownership(owner: 0, attribution: .ambiguous)),
      ("10.0.0.1:9001", Ownership(owner: 6, attribution: .listener)),
      ("10.0.0.1:9002", .unknown),
      ("10.0.0.1:81", .unknown),
    ]
  )
  func ownership(of local: String, ownership: Ownership) throws {
    let local = try #require(Endpoint(local))
    #expect(try Self.listeners().ownership(ofServer: local, as: .listener) == ownership)
  }
}
