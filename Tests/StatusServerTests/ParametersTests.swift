import ConnectionTracking
import Monitoring
import PacketDecoding
import Testing

@testable import StatusServer

/// A query of the listing: what it asks for, or what is wrong with it.
@Suite struct ParametersTests {
  private func read(_ query: String) throws(Parameters.Fault) -> ConnectionQuery {
    try ConnectionQuery(Parameters(query[...], allowed: ConnectionQuery.parameterNames))
  }

  @Test(
    arguments: [
      ("", ""), ("&&", ""), ("state=open", "state open"), ("state=TIME_WAIT", "state time-wait"),
      ("state=time-wait&side=Local", "state time-wait side local"), ("side=server", "state all side server"),
      ("service=10.0.0.1:80", "server 10.0.0.1:80"), ("service=%5B%3A%3A1%5D%3A80", "server [::1]:80"),
      ("peer=10.0.0.0/8", "client 10.0.0.0/8"), ("filter=port+80", "port 80"), ("filter=port%2080", "port 80"),
      ("peer=10.0.0.9&state=closed&filter=port+1+or+port+2", "state closed and client 10.0.0.9 and (port 1 or port 2)"),
    ] as [(String, String)]
  )
  func selects(_ query: String, _ expression: String) throws {
    #expect(try read(query).filter == ConnectionFilter(parsing: expression))
  }

  @Test(arguments: [("", 100), ("limit=1", 1), ("limit=10000", 10_000)] as [(String, Int)])
  func limits(_ query: String, _ limit: Int) throws {
    #expect(try read(query).limit == limit)
  }

  @Test(arguments: [("", nil), ("cursor=1f", 31), ("cursor=ffffffffffffffff", UInt64.max)] as [(String, UInt64?)])
  func continues(_ query: String, _ serial: UInt64?) throws {
    #expect(try read(query).before == serial)
  }

  @Test(
    arguments: [
      ("", nil, false, 100), ("id=1f", 31, false, 100), ("segments=true", nil, true, 100),
      ("segments=false&limit=5000", nil, false, 5000), ("segments=true&limit=5000", nil, true, 1000),
      ("id=a&segments=true", 10, true, 100),
    ] as [(String, UInt64?, Bool, Int)]
  )
  func asksForOneOrWithSegments(_ query: String, _ only: UInt64?, _ includesSegments: Bool, _ limit: Int) throws {
    let read = try read(query)
    #expect(read.only == only && read.includesSegments == includesSegments && read.limit == limit)
  }

  @Test(
    arguments: [
      // Unknown, doubled, not encoded.
      ("colour=red", "unknown parameter 'colour'"), ("State=open", "unknown parameter 'State'"),
      ("=1", "unknown parameter ''"), ("limit=1&limit=1", "'limit' is given twice"),
      ("filter=%zz", "parameter 'filter' is not percent-encoded"), ("filter=%4", "parameter 'filter' is not"),
      ("filter=%ff", "parameter 'filter' is not percent-encoded UTF-8"), ("%ff=1", "the name of a parameter"),
      // Values of another type.
      ("limit=0", "'limit' must be a whole number from 1 to 10000, not '0'"), ("limit=10001", "'limit'"),
      ("limit=-1", "'limit'"), ("limit=%2B1", "'limit'"), ("limit=", "'limit'"), ("limit=1e3", "'limit'"),
      ("limit=99999999999999999999", "'limit'"), ("cursor=", "'cursor'"), ("cursor=zz", "'cursor'"),
      ("cursor=1F", "'cursor'"), ("cursor=%00", "'cursor'"), ("cursor=10000000000000000", "'cursor'"),
      ("id=1F", "'id'"), ("id=", "'id'"), ("segments=yes", "'segments' must be true or false, not 'yes'"),
      ("state=sleeping", "'state' must be open, closed, all or a state such as time-wait, not 'sleeping'"),
      ("state=open+or+port+1", "'state'"), ("side=left", "'side' must be client, server, local, remote or transit"),
      ("service=everywhere", "'service'"), ("service=10.0.0.1:65536", "'service'"), ("peer=10.0.0.1+or+all", "'peer'"),
      ("service=10.0.0.1)+or+(port+80", "'service'"), ("filter=port", "'filter'"), ("filter=)", "'filter'"),
    ] as [(String, String)]
  )
  func refuses(_ query: String, _ naming: String) throws {
    let fault = #expect(throws: Parameters.Fault.self) { try read(query) }
    let detail = try #require(fault?.detail)
    #expect(detail.contains(naming), "\(detail)")
  }

  @Test func whatIsWrongIsToldInShort() throws {
    let fault = #expect(throws: Parameters.Fault.self) { try read(String(repeating: "x", count: 10_000)) }
    #expect(try #require(fault).detail.count < 200)
  }
}
