import ConnectionTracking
import Foundation
import Monitoring
import PacketCapture
import Testing

@testable import tcpstated

/// What waits in memory and what waits in a file come out in one order.
@Suite struct HeldConnectionsTests {
  private static let size = MemoryLayout<ConnectionView>.stride

  /// Connections whose starts are out of order, as the engine lets them go.
  private static func views(_ count: Int) throws -> [ConnectionView] {
    var analysis = Analysis(Analysis.Options(keepsConnections: true))
    let scratch = try Scratch()
    var frames: [(second: UInt32, octets: [UInt8])] = []
    for number in 0..<count {
      let client = Frames.End(address: 0x0A01_0000 + UInt32(number * 7919 % count), port: UInt16(1024 + number % 3))
      frames += Frames.refused(client, AnalyzeTests.server, second: 1000 + UInt32(number / 10))
    }
    var timeline = try Timeline(paths: [try scratch.write("trace.pcap", CaptureText.pcap(frames))])
    try timeline.read(into: &analysis)
    var views = analysis.takeEnded().map(\.connection)
    analysis.forEachTracked { views.append($0) }
    return views.enumerated().sorted { $0.offset * 31 % 97 < $1.offset * 31 % 97 }.map(\.element)
  }

  private static func ordered(_ views: [ConnectionView], memory: Int) throws -> [UInt64] {
    var held = HeldConnections(memory: memory)
    for view in views { try held.add(view) }
    var serials: [UInt64] = []
    try held.forEach { serials.append($0.detail.serial) }
    return serials
  }

  @Test(arguments: [1, 2, 7, 100, 2499, 2500, 2501, 10_000])
  func orderIsTheSameWhereverTheyWait(_ bound: Int) throws {
    let views = try Self.views(2500)
    #expect(views.count == 2500)
    let expected = views.sorted { $0.comesBefore($1) }.map(\.detail.serial)
    #expect(try Self.ordered(views, memory: bound * Self.size) == expected)
  }

  @Test func noneIsNone() throws {
    #expect(try Self.ordered([], memory: 1).isEmpty)
  }

  /// A run longer than what is read of it at once.
  @Test func longRunsAreReadInParts() throws {
    let views = try Self.views(5000)
    let expected = views.sorted { $0.comesBefore($1) }.map(\.detail.serial)
    #expect(try Self.ordered(views, memory: 2000 * Self.size) == expected)
  }
}
