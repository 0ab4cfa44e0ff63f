import ConnectionTracking
import PacketDecoding
import Testing

@testable import Monitoring

@Suite struct ListingTests {
  @Test func newestComesFirst() {
    var traffic = Traffic()
    for port in UInt16(1)...50 { traffic.open(Traffic.client(port)) }
    #expect(traffic.ports() == Array((1...50).reversed()))
  }

  /// In the table or among those that ended.
  @Test func oneIsFoundByItsSerial() throws {
    var traffic = Traffic(segmentLog: 1000)
    for port in UInt16(1)...50 { traffic.open(Traffic.client(port)) }
    for port in UInt16(1)...10 { traffic.reset(Traffic.client(port)) }
    traffic.pass(seconds: 100)
    let records = traffic.list().records
    #expect(records.count == 50)
    for record in records {
      #expect(record.sequence == nil)
      var query = ConnectionQuery(limit: 10_000)
      query.only = record.serial
      #expect(traffic.list(query).records.map(\.serial) == [record.serial])
      query.includesSegments = true
      let sequence = try #require(traffic.list(query).records.first?.sequence)
      #expect(sequence.isComplete)
      #expect(sequence.segments.count == (record.client.port <= 10 ? 4 : 3))
      query.only = record.serial + 1000
      #expect(traffic.list(query).records.isEmpty)
    }
  }

  @Test(arguments: [1, 7, 49, 50, 51, 100])
  func pagesHoldEveryConnectionOnce(_ limit: Int) {
    var traffic = Traffic()
    for port in UInt16(1)...50 { traffic.open(Traffic.client(port)) }
    var (ports, cursor, pages) = ([UInt16](), UInt64?.none, 0)
    repeat {
      let page = traffic.list(ConnectionQuery(limit: limit, before: cursor))
      #expect(page.records.count <= limit)
      ports += page.records.map(\.client.port)
      cursor = page.next
      pages += 1
    } while cursor != nil && pages < 100
    #expect(ports == Array((1...50).reversed()))
    #expect(pages == (50 + limit - 1) / limit)
  }

  /// Between two pages some end, some go, and others come.
  @Test func pagesHoldWhatStaysOnceWhileOthersComeAndGo() {
    var traffic = Traffic()
    for port in UInt16(1)...60 { traffic.open(Traffic.client(port)) }
    var (ports, cursor) = ([UInt16](), UInt64?.none)
    var next: UInt16 = 1000
    repeat {
      let page = traffic.list(ConnectionQuery(limit: 7, before: cursor))
      ports += page.records.map(\.client.port)
      cursor = page.next
      for port in stride(from: UInt16(3), through: 60, by: 3) { traffic.reset(Traffic.client(port)) }
      for _ in 0..<5 {
        traffic.open(Traffic.client(next))
        next += 1
      }
      traffic.pass(seconds: 10)
    } while cursor != nil
    let stayed = (UInt16(1)...60).filter { $0 % 3 != 0 }
    #expect(ports.filter { $0 <= 60 && $0 % 3 != 0 } == stayed.reversed())
    #expect(Set(ports).count == ports.count, "one was listed twice")
    #expect(!ports.contains { $0 >= 1000 }, "one that began after the first page")
  }

  /// Within one listing, slice by slice, everything changes its place.
  @Test(arguments: [1, 3, 16, 1000])
  func connectionThatEndsMeanwhileIsListedOnce(_ slice: Int) {
    var traffic = Traffic()
    for port in UInt16(1)...100 { traffic.open(Traffic.client(port)) }
    var listing = traffic.monitor.begin(ConnectionQuery(limit: 1000))
    var (port, fresh) = (UInt16(1), UInt16(1000))
    while !traffic.monitor.advance(&listing, by: slice, at: traffic.now, interfaces: []) {
      // One that was visited and one that was not leave the table for those that ended; new ones take their slots.
      if port <= 50 {
        traffic.reset(Traffic.client(port))
        traffic.reset(Traffic.client(101 - port))
      }
      port += 1
      if port % 8 == 0 { traffic.pass(seconds: 12) }
      traffic.open(Traffic.client(fresh))
      fresh += 1
    }
    #expect(listing.page.records.map(\.client.port) == Array((1...100).reversed()))
  }

  @Test func whatEndedIsListedAsLongAsItIsKept() {
    var traffic = Traffic(retention: .within(Seconds(300), count: 50_000))
    traffic.open(Traffic.client(1))
    traffic.reset(Traffic.client(1))
    traffic.pass(seconds: 200)
    traffic.open(Traffic.client(2))
    #expect(traffic.ports() == [2, 1])
    for _ in 0..<400 { traffic.pass(seconds: 1) }
    #expect(traffic.ports() == [2])
  }

  @Test func noMoreEndedAreKeptThanWanted() {
    var traffic = Traffic(retention: .within(Seconds(3600), count: 20))
    for port in UInt16(1)...500 {
      traffic.open(Traffic.client(port))
      traffic.reset(Traffic.client(port))
      if port % 50 == 0 { traffic.pass(seconds: 5) }
    }
    traffic.pass(seconds: 60)
    #expect(traffic.ports() == Array((481...500).reversed()))
  }

  @Test func filterSelects() throws {
    var traffic = Traffic()
    for port in UInt16(1)...10 { traffic.open(Traffic.client(port)) }
    for port in UInt16(1)...4 { traffic.close(Traffic.client(port)) }
    let query = ConnectionQuery(filter: try ConnectionFilter(parsing: "state time-wait"), limit: 3)
    let page = traffic.list(query)
    #expect(page.records.map(\.client.port) == [4, 3, 2])
    #expect(page.next == page.records.last?.serial)
  }

  /// A slice looks at no more places than it may: that is what keeps capture going.
  @Test func sliceIsBounded() {
    var traffic = Traffic(capacity: 100_000)
    for port in UInt16(1)...5000 { traffic.open(Traffic.client(port)) }
    var listing = traffic.monitor.begin(ConnectionQuery(limit: 10_000))
    var turns = 1
    while !traffic.monitor.advance(&listing, by: 256, at: traffic.now, interfaces: []) { turns += 1 }
    #expect(turns >= 5000 / 256)
    #expect(listing.page.records.count == 5000)
  }
}

/// Against a sort of everything.
@Suite struct NewestRecordsTests {
  @Test(arguments: [1, 2, 3, 10, 99, 100, 101])
  func keepsTheHighestSerials(_ limit: Int) {
    var random = Xorshift(state: 88_172_645_463_325_252)
    for count in [0, 1, 50, 300] {
      let serials = (0..<count).map { _ in UInt64.random(in: 1...200, using: &random) }
      var newest = NewestRecords(limit: limit)
      for serial in serials where newest.wants(serial) {
        newest.add(ConnectionRecord(serial: serial, client: Traffic.client(1), server: Traffic.server))
      }
      #expect(newest.sorted.map(\.serial) == Array(Set(serials).sorted(by: >).prefix(limit)))
    }
  }
}

struct Xorshift: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
