import ConnectionTracking
import PacketDecoding
import Testing

@testable import Monitoring

/// A host of 10.9.0.1 that has opened a connection from port 40000 to 10.0.0.9:443.
@Suite struct OwnConnectionsTests {
  private let remote = Endpoint(address: IPAddress(ipv4: 0x0A00_0009), port: 443)
  private let local = LocalAddresses(addresses: [IPAddress(ipv4: 0x0A09_0001)], networks: [])

  @Test(arguments: [
    ("10.9.0.1:40000", "10.0.0.9:443", true), ("10.0.0.9:443", "10.9.0.1:40000", true),
    ("127.0.0.1:40000", "10.0.0.9:443", true), ("10.9.0.1:40000", "10.0.0.9:444", false),
    ("10.9.0.1:40064", "10.0.0.9:443", false), ("10.9.0.2:40000", "10.0.0.9:443", false),
    ("10.9.0.1:443", "10.0.0.9:40000", false), ("10.9.0.1:40000", "10.0.0.8:443", false),
  ])
  func isOwn(_ a: String, _ b: String, _ isOwn: Bool) throws {
    var own = OwnConnections()
    own.begin(OwnConnection(port: 40000, remote: remote))
    #expect(own.include(try #require(Endpoint(a)), try #require(Endpoint(b)), local) == isOwn)
  }

  @Test func itsLastPacketsAreOwnToo() {
    let own = Endpoint(address: IPAddress(ipv4: 0x0A09_0001), port: 40000)
    let connection = OwnConnection(port: 40000, remote: remote)
    var connections = OwnConnections()
    connections.begin(connection)
    connections.forget(at: Instant(nanoseconds: .max / 2))
    #expect(connections.include(own, remote, local), "it is open")
    connections.end(connection, at: Instant(nanoseconds: 0))
    connections.forget(at: Instant(nanoseconds: 119_000_000_000))
    #expect(connections.include(own, remote, local), "TIME_WAIT")
    connections.forget(at: Instant(nanoseconds: 120_000_000_000))
    #expect(connections.isEmpty && !connections.include(own, remote, local))
  }

  @Test func thoseThatEndedAreBounded() {
    var connections = OwnConnections()
    for port in 1...2000 as ClosedRange<UInt16> {
      connections.begin(OwnConnection(port: port, remote: remote))
      connections.end(OwnConnection(port: port, remote: remote), at: Instant(nanoseconds: Int64(port)))
    }
    let ports = (1...2000 as ClosedRange<UInt16>).filter { port in
      connections.include(Endpoint(address: IPAddress(ipv4: 0x0A09_0001), port: port), remote, local)
    }
    #expect(ports == Array(1489...2000))
  }
}
