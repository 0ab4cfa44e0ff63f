import CloseDiagnosis
import ConnectionTracking
import Monitoring
import PacketDecoding
import Testing

@testable import FlowExport

enum Fixtures {
  /// 2026-01-02T03:04:05.678901Z
  static let time = Timestamp(nanoseconds: 1_767_323_045_678_901_234)

  static func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

  /// A connection that the server closed first.
  static func record(_ serial: UInt64 = 1, client: String = "10.1.2.3", server: String = "10.100.219.9") throws
    -> ConnectionRecord
  {
    var record = ConnectionRecord(
      serial: serial,
      client: Endpoint(address: try address(client), port: 40_001),
      server: Endpoint(address: try address(server), port: 8081)
    )
    record.start = time
    record.end = Timestamp(nanoseconds: time.nanoseconds + 1_500_000_000)
    (record.closedFirst, record.closeKind) = (.server, .fin)
    record.serverHeldTimeWait = true
    record.clientCounters.packets = 6
    record.clientCounters.bytes = 0x0102_0304_0506
    record.clientCounters.initialFlags = .syn
    record.clientCounters.laterFlags = .ack | .psh | .fin
    record.clientCounters.unionFlags = .syn | .ack | .psh | .fin
    record.serverCounters.packets = 5
    record.serverCounters.bytes = 300
    record.serverCounters.retransmits = 2
    record.serverCounters.initialFlags = .syn | .ack
    record.serverCounters.laterFlags = .ack | .fin
    record.serverCounters.unionFlags = .syn | .ack | .fin
    return record
  }
}

/// A message taken apart as a collector does it (RFC 7011), by templates it learned before.
struct ParsedMessage {
  var version: UInt64 = 0
  var length: UInt64 = 0
  var time: UInt64 = 0
  var sequence: UInt64 = 0
  var domain: UInt64 = 0
  var templates: [UInt64: [InformationElement]] = [:]
  var records: [(template: UInt64, values: [[UInt8]])] = []

  private struct Reader {
    var rest: ArraySlice<UInt8>

    mutating func take(_ count: Int) throws -> [UInt8] {
      try #require(rest.count >= count, "it ends too early")
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }

    mutating func number(_ count: Int) throws -> UInt64 { try take(count).reduce(0) { $0 << 8 | UInt64($1) } }
  }

  init(_ octets: [UInt8], knowing known: [UInt64: [InformationElement]] = [:]) throws {
    templates = known
    var reader = Reader(rest: octets[...])
    (version, length, time) = (try reader.number(2), try reader.number(2), try reader.number(4))
    (sequence, domain) = (try reader.number(4), try reader.number(4))
    while !reader.rest.isEmpty {
      let id = try reader.number(2)
      let size = try reader.number(2)
      #expect(size % 4 == 0, "set \(id) is not padded")
      var set = Reader(rest: try reader.take(Int(size) - 4)[...])
      if id == 2 || id == 3 { try readTemplates(&set, hasScope: id == 3) } else { try readRecords(&set, of: id) }
    }
  }

  private mutating func readTemplates(_ set: inout Reader, hasScope: Bool) throws {
    while set.rest.count >= 4 {
      let id = try set.number(2)
      let count = try set.number(2)
      if hasScope { _ = try set.number(2) }
      var elements: [InformationElement] = []
      for _ in 0..<count {
        let number = UInt16(try set.number(2))
        let length = UInt16(try set.number(2))
        let enterprise = number & 0x8000 != 0 ? UInt32(try set.number(4)) : nil
        elements.append(InformationElement(number & 0x7FFF, length, of: enterprise))
      }
      templates[id] = elements
    }
  }

  private mutating func readRecords(_ set: inout Reader, of id: UInt64) throws {
    let elements = try #require(templates[id], "no template \(id)")
    let smallest = elements.reduce(0) { $0 + ($1.length == .max ? 1 : Int($1.length)) }
    // What is left is padding.
    while set.rest.count >= smallest {
      records.append(
        (
          id,
          try elements.map { element in
            try set.take(element.length == .max ? Int(try set.number(1)) : Int(element.length))
          }
        )
      )
    }
    #expect(set.rest.count < 4 && set.rest.allSatisfy { $0 == 0 }, "padding")
  }

  /// Of a record, by its place.
  func value(_ element: InformationElement, of record: Int = 0) throws -> [UInt8] {
    let (template, values) = records[record]
    let index = try #require(templates[template]?.firstIndex(of: element), "\(element)")
    return values[index]
  }

  func number(_ element: InformationElement, of record: Int = 0) throws -> UInt64 {
    try value(element, of: record).reduce(0) { $0 << 8 | UInt64($1) }
  }

  func text(_ element: InformationElement, of record: Int = 0) throws -> String {
    String(decoding: try value(element, of: record), as: UTF8.self)
  }
}
