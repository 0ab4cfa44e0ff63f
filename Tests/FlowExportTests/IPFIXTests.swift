import ConnectionTracking
import Monitoring
import PacketDecoding
import Testing

@testable import FlowExport

@Suite("IPFIX messages") struct IPFIXTests {
  private static let enterprise: UInt32 = 32_473

  private static func encoder(_ change: (inout IPFIXEncoder.Options) -> Void = { _ in }) -> IPFIXEncoder {
    var options = IPFIXEncoder.Options()
    change(&options)
    return IPFIXEncoder(options)
  }

  /// What a new collector knows after the templates.
  private static func learn(_ encoder: inout IPFIXEncoder) throws -> [UInt64: [InformationElement]] {
    try encoder.templates(at: Fixtures.time).reduce(into: [:]) { known, message in
      known = try ParsedMessage(message.octets, knowing: known).templates
    }
  }

  @Test func header() throws {
    var encoder = Self.encoder { $0.observationDomain = 0x0A0B_0C0D }
    let message = try #require(encoder.templates(at: Fixtures.time).first).octets
    let time = UInt32(1_767_323_045)
    let octets =
      [0, 10, UInt8(message.count >> 8), UInt8(message.count & 255)]
      + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: time >> UInt32($0)) } + [0, 0, 0, 0, 0x0A, 0x0B, 0x0C, 0x0D]
    #expect(Array(message.prefix(16)) == octets)
  }

  @Test func templatesOfFourKinds() throws {
    var biflows = Self.encoder()
    let both = try Self.learn(&biflows)
    #expect(both.keys.sorted() == [256, 257])
    #expect(both[256]?.contains(.sourceIPv4Address) == true && both[257]?.contains(.sourceIPv6Address) == true)
    #expect(both[256]?.contains(.octetDeltaCount.reversed) == true)
    var uniflows = Self.encoder { $0.exportsBiflows = false }
    let single = try Self.learn(&uniflows)
    #expect(single.keys.sorted() == [258, 259])
    #expect(single.values.joined().allSatisfy { $0.enterprise != 29_305 && $0.number != 239 })
  }

  @Test func fieldSpecifierOfAReverseElement() throws {
    var encoder = Self.encoder()
    let octets = try #require(encoder.templates(at: Fixtures.time).first).octets
    // octetDeltaCount with the enterprise bit, 8 octets, 29305.
    let specifier: [UInt8] = [0x80, 0x01, 0x00, 0x08, 0x00, 0x00, 0x72, 0x79]
    #expect(octets.indices.contains { Array(octets[$0...].prefix(8)) == specifier })
  }

  @Test func biflow() throws {
    var encoder = Self.encoder { $0.enterprise = Self.enterprise }
    let known = try Self.learn(&encoder)
    let messages = encoder.messages(for: [try Fixtures.record()], at: Fixtures.time)
    #expect(messages.map(\.connections) == [1])
    let parsed = try ParsedMessage(messages[0].octets, knowing: known)
    #expect(parsed.length == UInt64(messages[0].octets.count))
    let expected: [(InformationElement, UInt64)] = [
      (.sourceIPv4Address, 0x0A01_0203), (.destinationIPv4Address, 0x0A64_DB09), (.sourceTransportPort, 40_001),
      (.destinationTransportPort, 8081), (.protocolIdentifier, 6), (.flowStartMilliseconds, 1_767_323_045_678),
      (.flowEndMilliseconds, 1_767_323_047_178), (.flowEndReason, 3), (.biflowDirection, 1),
      (.octetDeltaCount, 0x0102_0304_0506), (.octetDeltaCount.reversed, 300), (.packetDeltaCount, 6),
      (.packetDeltaCount.reversed, 5), (.tcpControlBits, 0x1B), (.tcpControlBits.reversed, 0x13),
      (.initialTCPFlags, 0x02), (.unionTCPFlags, 0x19), (.reverseInitialTCPFlags, 0x12), (.reverseUnionTCPFlags, 0x11),
      (OwnElement.retransmits.element(of: Self.enterprise), 0),
      (OwnElement.reverseRetransmits.element(of: Self.enterprise), 2),
    ]
    for (element, value) in expected { #expect(try parsed.number(element) == value, "\(element)") }
    #expect(try parsed.text(OwnElement.closedFirst.element(of: Self.enterprise)) == "server")
    #expect(try parsed.text(OwnElement.closeKind.element(of: Self.enterprise)) == "fin")
    #expect(try parsed.text(OwnElement.closeCause.element(of: Self.enterprise)) == "")
    #expect(try parsed.text(OwnElement.timeWaitSide.element(of: Self.enterprise)) == "server")
  }

  @Test func uniflows() throws {
    var encoder = Self.encoder { $0.exportsBiflows = false }
    let known = try Self.learn(&encoder)
    let messages = encoder.messages(for: [try Fixtures.record()], at: Fixtures.time)
    let parsed = try ParsedMessage(messages[0].octets, knowing: known)
    #expect(parsed.records.count == 2 && messages[0].connections == 1)
    #expect(try parsed.number(.sourceTransportPort) == 40_001)
    #expect(try parsed.number(.sourceTransportPort, of: 1) == 8081)
    #expect(try parsed.number(.octetDeltaCount, of: 1) == 300)
    #expect(try parsed.number(.initialTCPFlags, of: 1) == 0x12)
  }

  @Test("A connection that nobody answered has no flow back") func unanswered() throws {
    var encoder = Self.encoder { $0.exportsBiflows = false }
    let known = try Self.learn(&encoder)
    var record = try Fixtures.record()
    record.serverCounters = EndCounters()
    let messages = encoder.messages(for: [record], at: Fixtures.time)
    #expect(try ParsedMessage(messages[0].octets, knowing: known).records.count == 1)
  }

  @Test func ipv6() throws {
    var encoder = Self.encoder()
    let known = try Self.learn(&encoder)
    let record = try Fixtures.record(client: "2001:db8::1", server: "2001:db8::2")
    let parsed = try ParsedMessage(encoder.messages(for: [record], at: Fixtures.time)[0].octets, knowing: known)
    #expect(parsed.records.map(\.template) == [257])
    #expect(try parsed.value(.sourceIPv6Address) == [0x20, 0x01, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [1])
  }

  @Test("A set for each run of one family") func mixed() throws {
    var encoder = Self.encoder()
    let known = try Self.learn(&encoder)
    let four = try Fixtures.record()
    let six = try Fixtures.record(client: "2001:db8::1", server: "2001:db8::2")
    let messages = encoder.messages(for: [four, four, six, four], at: Fixtures.time)
    let parsed = try ParsedMessage(messages[0].octets, knowing: known)
    #expect(parsed.records.map(\.template) == [256, 256, 257, 256])
  }

  @Test(arguments: [576, 1400, 9000, 65_507]) func sizes(_ limit: Int) throws {
    var encoder = Self.encoder {
      $0.messageSize = limit
      $0.enterprise = Self.enterprise
    }
    var known: [UInt64: [InformationElement]] = [:]
    var count: UInt64 = 0
    for message in encoder.templates(at: Fixtures.time) {
      #expect(message.octets.count <= limit)
      let parsed = try ParsedMessage(message.octets, knowing: known)
      #expect(parsed.sequence == count)
      known = parsed.templates
      count += UInt64(parsed.records.count)
    }
    let records = try (1...1000).map { number in
      try number % 3 == 0 ? Fixtures.record(number, client: "::2", server: "::3") : Fixtures.record(number)
    }
    let messages = encoder.messages(for: records, at: Fixtures.time)
    #expect(messages.reduce(0) { $0 + $1.connections } == 1000)
    for message in messages {
      #expect(message.octets.count <= limit && message.octets.count % 4 == 0)
      let parsed = try ParsedMessage(message.octets, knowing: known)
      #expect(parsed.sequence == count, "the sequence is of data records, not of messages")
      count += UInt64(parsed.records.count)
    }
    #expect(count == 1000 + UInt64(OwnElement.allCases.count))
    #expect(encoder.sequence == UInt32(count))
  }

  @Test("What our own elements are (RFC 5610)") func typeInformation() throws {
    var encoder = Self.encoder { $0.enterprise = Self.enterprise }
    var known: [UInt64: [InformationElement]] = [:]
    var told: [UInt64: (String, UInt64)] = [:]
    for message in encoder.templates(at: Fixtures.time) {
      let parsed = try ParsedMessage(message.octets, knowing: known)
      known = parsed.templates
      for index in parsed.records.indices {
        #expect(try parsed.number(.privateEnterpriseNumber, of: index) == 32_473)
        let number = try parsed.number(.informationElementId, of: index)
        let type = try parsed.number(.informationElementDataType, of: index)
        told[number] = (try parsed.text(.informationElementName, of: index), type)
      }
    }
    #expect(told.count == OwnElement.allCases.count)
    #expect(told[3]?.0 == "tcpCloseCause" && told[3]?.1 == 13 && told[5]?.1 == 4)
  }

  @Test("Without a number of somebody's there are no elements of our own") func noEnterprise() throws {
    var encoder = Self.encoder()
    let enterprises = Set(try Self.learn(&encoder).values.joined().compactMap(\.enterprise))
    #expect(enterprises == [29_305, 6871])
  }

  @Test("Without a packet there is no flow") func kernelOnly() throws {
    var encoder = Self.encoder()
    _ = try Self.learn(&encoder)
    var record = try Fixtures.record()
    (record.start, record.end) = (nil, nil)
    let messages = encoder.messages(for: [record, record], at: Fixtures.time)
    #expect(messages.reduce(0) { $0 + $1.connections } == 2 && messages.allSatisfy { $0.octets.isEmpty })
    let both = encoder.messages(for: [record, try Fixtures.record(), record], at: Fixtures.time)
    #expect(both.reduce(0) { $0 + $1.connections } == 3)
    #expect(encoder.sequence == 1)
  }

  @Test(arguments: [
    (CloseKind.fin, false, UInt64(3)), (.rst, false, 3), (.refused, false, 3), (.reused, false, 3),
    (.expired, false, 1),
    (.expired, true, 5),
  ])
  func endReasons(_ kind: CloseKind, _ evicted: Bool, _ reason: UInt64) throws {
    var encoder = Self.encoder()
    let known = try Self.learn(&encoder)
    var record = try Fixtures.record()
    (record.closeKind, record.evicted) = (kind, evicted)
    let parsed = try ParsedMessage(encoder.messages(for: [record], at: Fixtures.time)[0].octets, knowing: known)
    #expect(try parsed.number(.flowEndReason) == reason)
  }

  @Test func longTextsAreCutBetweenCharacters() {
    var out = OctetWriter()
    out.put(String(repeating: "é", count: 300))
    #expect(out.octets.count == Int(out.octets[0]) + 1)
    #expect(String(validating: out.octets.dropFirst(), as: UTF8.self) != nil)
  }
}
